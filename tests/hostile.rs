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
