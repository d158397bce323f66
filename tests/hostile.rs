//! Text that means harm: it pings nobody, and no reply breaks a limit of Discord's.

use crate::harness::{close, play, stage};

const SAID: &str = r#"guest: @bot @everyone @here <@&1300000000000000103> <@1300000000000000202> why does my Pod restart
guest: /ask question:"@everyone <@&1300000000000000103> DNS lookups in a Pod fail"
guest: /ask question:"<@1300000000000000202> what is the weather"
guest: menu "Ask First Mate" on 1
guest (dm): @here ```bash
  | rm -rf /
  | a node keeps restarting
"#;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_said_pings_anybody() {
    let mut stage = stage("").await;
    play(&mut stage, SAID).await;
    let bot = stage.discord.bot_id().to_string();
    let seen = stage.discord.messages_seen_by("guest").unwrap();
    let replies: Vec<_> = seen
        .iter()
        .filter(|message| message["author"]["id"] == bot.as_str())
        .collect();
    assert_eq!(replies.len(), 5);
    for reply in replies {
        assert_eq!(reply["mentions"], serde_json::json!([]), "{reply}");
        assert_eq!(reply["mention_roles"], serde_json::json!([]), "{reply}");
        assert_eq!(reply["mention_everyone"], false, "{reply}");
    }
    close(stage).await;
}

const HARM: &str =
    "@everyone <@&1300000000000000103> ``` \\u001b[31mred\\u001b[0m \\u202egnp.exe [here](https://x.example)";

/// Objects whose free text means harm: an event, an image, labels, a Pod that cannot be placed.
fn hostile_objects() -> String {
    let long = "x".repeat(10_000);
    format!(
        r#"{{"apiVersion":"v1","kind":"Event","metadata":{{"name":"harm","namespace":"shop"}},"type":"Warning","reason":"```Harm","message":"{HARM} {long}","count":1,"involvedObject":{{"kind":"Node","name":"node-4"}},"firstTimestamp":"2026-01-01T00:00:00Z","lastTimestamp":"2026-01-01T00:00:00Z","source":{{"component":"@here"}}}}
---
{{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"harm","namespace":"shop","annotations":{{"kubernetes.io/change-cause":"{HARM}"}}}},"spec":{{"replicas":1,"selector":{{"matchLabels":{{"app":"harm"}}}},"template":{{"metadata":{{"labels":{{"app":"harm"}}}},"spec":{{"containers":[{{"name":"harm","image":"x.example/```@everyone"}}],"nodeSelector":{{"nowhere":"true"}}}}}}}}}}
"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_a_cluster_pings_anybody_or_breaks_out() {
    let (mut stage, cluster) = crate::rights::stage("").await;
    cluster.apply(&hostile_objects()).unwrap();
    let mut lines = crate::rights::commands(&cluster);
    lines.extend([
        "lin: /rollout workload:shop/harm".to_owned(),
        "lin: /events namespace:shop".to_owned(),
        "lin: /pod logs pod:shop/recommend-<suffix> previous:true share:true".to_owned(),
    ]);
    play(&mut stage, &lines.join("\n")).await;
    let bot = stage.discord.bot_id().to_string();
    let seen = stage.discord.messages_seen_by("lin").unwrap();
    let replies = seen
        .iter()
        .filter(|message| message["author"]["id"] == bot.as_str());
    let mut saw_harm = false;
    for reply in replies {
        assert_eq!(reply["mentions"], serde_json::json!([]), "{reply}");
        assert_eq!(reply["mention_everyone"], false, "{reply}");
        let embed = reply["embeds"][0]["description"].as_str().unwrap_or_default();
        let text = format!("{}\n{embed}", reply["content"].as_str().unwrap_or_default());
        let is_unseen = |it: char| it == '\u{1b}' || ('\u{202a}'..='\u{202e}').contains(&it);
        assert!(!text.contains(is_unseen), "{text:?}");
        check_code(&text);
        saw_harm |= text.contains("gnp.exe") || text.contains("ˋˋˋ");
    }
    assert!(saw_harm, "this test looks at nothing");
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_any_legal_character_and_length_leads_to_its_checks() {
    let (mut stage, cluster) = crate::rights::stage("").await;
    let longest = "a.b-c0.".repeat(36) + "9";
    assert_eq!(longest.len(), 253);
    for name in ["0", "0.a-b.c9", &longest] {
        let pod = serde_json::json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": { "name": name, "namespace": "shop" },
            "spec": { "containers": [{ "name": "app", "image": "web:1" }], "nodeSelector": { "nowhere": "true" } },
        });
        cluster.apply(&pod.to_string()).unwrap();
        let lines =
            format!("lin: /pod describe pod:shop/{name}\nlin: click \"Events\"\nlin: click \"Describe\"\n");
        let happened = play(&mut stage, &lines).await;
        assert!(!happened.contains("There is no"), "{happened}");
        assert_eq!(happened.matches("read as lin").count(), 3, "{happened}");
    }
    close(stage).await;
}

/// Every code block is closed, and no line in one is wider than a phone.
fn check_code(text: &str) {
    let mut in_code = false;
    for line in text.lines() {
        if line.starts_with("```") {
            in_code = !in_code;
            continue;
        }
        let width: usize = line.chars().map(|it| if it.is_ascii() { 1 } else { 2 }).sum();
        let ellipses = line.matches('…').count() + line.matches('ˋ').count();
        assert!(!in_code || width - ellipses <= 40, "{line}");
        assert!(!line.contains("```"), "{line}");
    }
    assert!(!in_code, "{text}");
}
