//! Files that come with replies: pictures in cards, texts below them, and none of them twice.

use std::sync::Arc;

use firstmate::play::stage::Stage;
use firstmate_sandbox::cluster::{self, Cluster};
use firstmate_sandbox::discord::{Fault, Invoke};
use serde_json::{Value, json};

use crate::harness::{self, close, local, play, unready};

/// A stage with a cluster.
async fn on_a_cluster() -> (Stage, Arc<Cluster>) {
    let local = local();
    let clock = local.clock.clone();
    let mut stage = unready(local, "").await;
    let ground = tokio::task::spawn_blocking(move || harness::cluster("first-run", None, clock));
    let ground = Arc::new(ground.await.unwrap());
    stage.stand_on(Arc::clone(&ground) as _);
    stage.start_bot().await.unwrap();
    (stage, ground)
}

/// The newest message that olga sees.
fn newest(stage: &Stage) -> Value {
    stage
        .discord
        .messages_seen_by("olga")
        .unwrap()
        .last()
        .unwrap()
        .clone()
}

fn names(message: &Value) -> Vec<&str> {
    let files = message["attachments"].as_array().unwrap();
    files
        .iter()
        .map(|file| file["filename"].as_str().unwrap())
        .collect()
}

/// Asks for a node while the cluster is slow, and loses the first two answers to the edit that brings it:
/// Discord did what they asked, and the bot cannot know.
async fn describe_with_lost_answers(stage: &mut Stage, ground: &Cluster, node: &str) {
    ground.fault(cluster::Fault::Slow {
        ms: 1_000,
        resource: None,
        requests: None,
    });
    let sub = json!({ "name": "node", "type": 3, "value": node });
    let asked = Invoke {
        person: "olga".to_owned(),
        channel: "ops".to_owned(),
        name: "node".to_owned(),
        kind: 1,
        options: vec![json!({ "name": "describe", "type": 1, "options": [sub] })],
        target_id: None,
    };
    stage.discord.command(asked).await.unwrap();
    while ground.held() == 0 {
        tokio::task::yield_now().await;
    }
    let lost = Fault::Status {
        status: 502,
        requests: Some(2),
        processed: true,
        retry_after_ms: None,
    };
    stage.discord.fault(lost).await;
    ground.fault(cluster::Fault::Off);
    stage.advance(1_000);
    stage.quiet().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_once_though_answers_are_lost() {
    let (mut stage, ground) = on_a_cluster().await;
    describe_with_lost_answers(&mut stage, &ground, "node-4").await;
    let message = newest(&stage);
    assert_eq!(names(&message), ["node-4.txt"]);
    let file = &message["attachments"][0];
    let text = stage.discord.file(file["id"].as_str().unwrap()).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.contains("kubernetes.io/hostname            node-4"),
        "{text}"
    );
    assert_eq!(file["content_type"], "text/plain; charset=utf-8");
    assert_eq!(file["size"], text.len());
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chart_stands_in_its_card() {
    let (mut stage, _) = on_a_cluster().await;
    play(&mut stage, "olga: /top nodes").await;
    let message = newest(&stage);
    assert_eq!(names(&message), ["top-nodes.png"]);
    let file = &message["attachments"][0];
    assert_eq!(message["embeds"][0]["image"]["url"], file["url"]);
    assert_eq!(
        (&file["width"], &file["content_type"]),
        (&json!(800), &json!("image/png"))
    );
    let about = file["description"].as_str().unwrap();
    assert!(about.ends_with("5 bars"), "{about}");
    let png = stage.discord.file(file["id"].as_str().unwrap()).unwrap();
    assert_eq!(file["size"], png.len());
    close(stage).await;
}
