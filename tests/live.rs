//! Documents that change while the bot runs, and buttons that outlive them.

use std::path::Path;

use firstmate::play::stage::Stage;
use serde_json::json;
use sqlx::{Connection as _, Executor as _, SqliteConnection};

use crate::harness::{close, local, play};

/// A document with one question.
const PROBE: &str =
    "# Why does my readiness probe fail?\n\nLook at the port first.\n\n## Port\n\nIt is 8080.\n";

async fn stage_with(docs: &Path) -> Stage {
    let settings = format!(
        "[knowledge]\nbundled = false\n[[knowledge.folders]]\npath = {:?}\n",
        docs.display().to_string()
    );
    let mut stage = Stage::open(local(), docs, &[settings]).await.unwrap();
    stage.start_bot().await.unwrap();
    stage
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_document_is_answered_from_without_a_restart() {
    let docs = tempfile::tempdir().unwrap();
    let file = docs.path().join("probe.md");
    std::fs::write(&file, PROBE).unwrap();
    let mut stage = stage_with(docs.path()).await;
    let asked = "olga: @bot why does my readiness probe fail\n";
    assert!(play(&mut stage, asked).await.contains("It is 8080."));

    std::fs::write(
        &file,
        "# Why does my readiness probe fail?\n\nLook at the port first.\n\n## Port\n\nIt is 9090 now.\n",
    )
    .unwrap();
    let seen = play(&mut stage, &format!("@clock +5s\n{asked}")).await;
    assert!(seen.contains("It is 9090 now."), "{seen}");

    // A broken edit keeps what was good, and says so.
    std::fs::write(&file, b"# Why does my readiness probe fail?\n\n\xff\xfe\n").unwrap();
    let seen = play(&mut stage, &format!("@clock +5s\n{asked}")).await;
    assert!(seen.contains("It is 9090 now."), "{seen}");
    let warned = stage.warnings().join("\n");
    assert!(warned.contains("probe.md:3: is not valid UTF-8"), "{warned}");
    assert!(warned.contains("the last good version stays in use"), "{warned}");
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_whose_question_is_gone_says_so_and_leaves_the_message_alone() {
    let docs = tempfile::tempdir().unwrap();
    let file = docs.path().join("probe.md");
    std::fs::write(&file, PROBE).unwrap();
    let mut stage = stage_with(docs.path()).await;
    play(&mut stage, "olga: @bot why does my readiness probe fail\n").await;
    std::fs::write(
        &file,
        "# How do I rotate the logs of a container?\n\nBy size.\n\n## Size\n\nIt is 10 MiB.\n",
    )
    .unwrap();
    let seen = play(&mut stage, "@clock +5s\nolga: click \"Full answer\"\n").await;
    expect_test::expect![[r#"
        @clock +5s
        olga: click "Full answer"
          bot (only olga)> That question is no longer in the documents. Ask again to see what is there now.
    "#]]
    .assert_eq(&seen);
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_control_of_another_version_says_so() {
    let mut stage = crate::harness::stage("").await;
    let rows = json!([{ "type": 1, "components": [
        { "type": 2, "style": 1, "label": "Old", "custom_id": "explain:pod:9" },
    ] }]);
    let channel = stage.discord.snapshot("lin").unwrap()["channels"][0]["id"].clone();
    let url = format!(
        "{}/api/v10/channels/{}/messages",
        stage.discord.plain_url(),
        channel.as_str().unwrap()
    );
    let posted = reqwest::Client::new()
        .post(url)
        .header("Authorization", format!("Bot {}", stage.discord.token()))
        .json(&json!({ "content": "from long ago", "components": rows }));
    assert!(posted.send().await.unwrap().status().is_success());
    let seen = play(&mut stage, "lin: click \"Old\"\nolga: click \"Old\"\n").await;
    expect_test::expect![[r#"
        lin: click "Old"
          bot (only lin)> 这个按钮属于其他版本的大副，已经失效。请重新提问。
        olga: click "Old"
          bot (only olga)> This control is from another version of First Mate and does nothing now. Ask again.
    "#]]
    .assert_eq(&seen);
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_lost_a_table_is_told_and_logged() {
    let mut stage = crate::harness::stage("").await;
    let url = stage.app().unwrap().config.store.url.reveal().to_owned();
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    other.execute("DROP TABLE asked").await.unwrap();
    let seen = play(&mut stage, "lin: /kb gaps\nolga: /kb gaps\n").await;
    expect_test::expect![[r#"
        lin: /kb gaps
          bot (only lin)> 变更申请的存储暂时无法读写，因此没有执行任何操作。请管理员查看日志，恢复后再试。
        olga: /kb gaps
          bot (only olga)> What is kept about requests cannot be read or written now, so nothing was done. An admin finds why in the log; try again then.
    "#]].assert_eq(&seen);
    let logged = stage.errors().join("\n");
    assert!(logged.contains("asked"), "{logged}");
    stage.stop_bot().await.unwrap();
}
