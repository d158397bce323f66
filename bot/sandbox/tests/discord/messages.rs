//! Messages by channel: writing, changing, reading, permissions, pings, files.

use firstmate_sandbox::discord::{Discord, Say, Settings};
use serde_json::{Value, json};

use crate::document;
use crate::harness::{APPROVERS, Bot, LIN, LINS_DM, OPS, PLAIN, say, settings, text};

#[tokio::test]
async fn a_message_is_answered_announced_and_numbered() {
    let mut bot = Bot::start().await;
    bot.said("hello").await;
    let answer = bot.post(OPS, json!({"content": "hi", "nonce": "1"})).await.good();
    bot.gateway.event("MESSAGE_CREATE").await;
    let event = bot.gateway.event("MESSAGE_CREATE").await;
    assert_eq!(event["id"], answer["id"]);
    assert_eq!(event["nonce"], "1");
    let second = bot.discord.message(2).unwrap();
    assert_eq!(
        (&second["content"], &second["local"]["number"]),
        (&json!("hi"), &json!(2))
    );
}

#[tokio::test]
async fn what_people_write_is_hidden_without_the_intent_unless_the_bot_is_meant() {
    let mut bot = Bot::start().await;
    bot.said("to nobody").await;
    bot.said("<@1300000000000000001> to the bot").await;
    bot.discord.say(say("lin", "dm", "in private")).await.unwrap();
    let mut contents = Vec::new();
    for _ in 0..3 {
        contents.push(bot.gateway.event("MESSAGE_CREATE").await["content"].clone());
    }
    assert_eq!(contents, ["", "<@1300000000000000001> to the bot", "in private"]);
}

#[tokio::test]
async fn a_direct_message_has_neither_server_nor_member() {
    let mut bot = Bot::start().await;
    bot.discord.say(say("lin", "dm", "hi")).await.unwrap();
    let event = bot.gateway.event("MESSAGE_CREATE").await;
    assert_eq!(event["channel_id"], LINS_DM);
    assert!(event.get("guild_id").is_none() && event.get("member").is_none());
    let dm = bot
        .call("POST", "/users/@me/channels", json!({"recipient_id": LIN}))
        .await
        .good();
    assert_eq!(dm["id"], LINS_DM);
    bot.post(LINS_DM, json!({"content": "hello"})).await.good();
    assert_eq!((bot.seen_by("lin"), bot.seen_by("olga")), (2, 0));
}

#[tokio::test]
async fn a_webhooks_message_says_so() {
    let mut bot = Bot::start().await;
    bot.discord.say(say("hook-x", "ops", "deployed")).await.unwrap();
    bot.discord.say(say("bot-x", "ops", "beep")).await.unwrap();
    let hook = bot.gateway.event("MESSAGE_CREATE").await;
    assert!(hook["webhook_id"].is_string() && hook.get("member").is_none());
    let other = bot.gateway.event("MESSAGE_CREATE").await;
    assert_eq!(other["author"]["bot"], true);
}

#[tokio::test]
async fn a_reply_carries_what_it_replies_to() {
    let bot = Bot::start().await;
    let said = bot.said("why").await;
    let reference = json!({"message_id": said["id"]});
    let reply = bot
        .post(OPS, json!({"content": "because", "message_reference": reference}))
        .await
        .good();
    assert_eq!(
        (&reply["type"], &reply["referenced_message"]["content"]),
        (&json!(19), &json!("why"))
    );
    assert_eq!(
        reply["mentions"][0]["username"], "lin",
        "a reply pings unless it is told not to"
    );
    let unknown = json!({"content": "x", "message_reference": {"message_id": "1"}});
    let refused = bot.post(OPS, unknown).await;
    assert_eq!(refused.refused(), (400, 50035));
    let lenient = json!({"message_id": "1", "fail_if_not_exists": false});
    bot.post(OPS, json!({"content": "x", "message_reference": lenient}))
        .await
        .good();
}

#[tokio::test]
async fn nobody_is_pinged_whom_the_bot_did_not_allow() {
    let bot = Bot::start().await;
    let content = format!("<@{LIN}> <@&{APPROVERS}> @everyone");
    let silent = json!({"content": content, "allowed_mentions": {"parse": []}});
    let message = bot.post(OPS, silent).await.good();
    assert_eq!(
        (&message["mentions"], &message["mention_roles"]),
        (&json!([]), &json!([]))
    );
    let one = json!({"content": content, "allowed_mentions": {"roles": [APPROVERS]}});
    let message = bot.post(OPS, one).await.good();
    assert_eq!(
        (&message["mentions"], &message["mention_roles"]),
        (&json!([]), &json!([APPROVERS]))
    );
    assert_eq!(message["mention_everyone"], false);
}

#[tokio::test]
async fn the_same_enforced_nonce_posts_nothing_twice() {
    let bot = Bot::start().await;
    let body = json!({"content": "once", "nonce": "n1", "enforce_nonce": true});
    let first = bot.post(OPS, body.clone()).await.good();
    let second = bot.post(OPS, body.clone()).await.good();
    assert_eq!(first["id"], second["id"]);
    assert_eq!(bot.seen_by("lin"), 1);
    bot.discord.advance(6 * 60_000);
    bot.post(OPS, body).await.good();
    assert_eq!(bot.seen_by("lin"), 2, "a nonce is remembered for minutes only");
}

#[tokio::test]
async fn messages_are_changed_and_deleted_by_their_author_only() {
    let mut bot = Bot::start().await;
    let said = bot.said("mine").await;
    let theirs = format!("/channels/{OPS}/messages/{}", text(&said["id"]));
    assert_eq!(
        bot.call("PATCH", &theirs, json!({"content": "x"}))
            .await
            .refused(),
        (403, 50005)
    );
    assert_eq!(
        bot.call("DELETE", &theirs, Value::Null).await.refused(),
        (403, 50013)
    );
    let own = bot.post(OPS, json!({"content": "a"})).await.good();
    let path = format!("/channels/{OPS}/messages/{}", text(&own["id"]));
    let changed = bot.call("PATCH", &path, json!({"content": "b"})).await.good();
    assert!(changed["edited_timestamp"].is_string());
    assert_eq!(bot.gateway.event("MESSAGE_UPDATE").await["content"], "b");
    bot.call("DELETE", &path, Value::Null).await.good();
    assert_eq!(bot.gateway.event("MESSAGE_DELETE").await["id"], own["id"]);
    assert_eq!(bot.get(&path).await.refused(), (404, 10008));
    assert_eq!(bot.discord.message(2).unwrap()["local"]["deleted"], true);
}

#[tokio::test]
async fn a_taken_permission_is_missed() {
    let bot = Bot::start().await;
    let hello = json!({"content": "hi"});
    let embed = json!({"embeds": [{"title": "t"}]});
    bot.discord.permit("ops", "Embed Links", false).await.unwrap();
    assert_eq!(bot.post(OPS, embed).await.refused(), (403, 50013));
    bot.discord.permit("ops", "Send Messages", false).await.unwrap();
    assert_eq!(bot.post(OPS, hello.clone()).await.refused(), (403, 50013));
    bot.discord.permit("ops", "View Channel", false).await.unwrap();
    assert_eq!(bot.post(OPS, hello.clone()).await.refused(), (403, 50001));
    assert_eq!(bot.get(&format!("/channels/{OPS}")).await.refused(), (403, 50001));
    for permission in ["View Channel", "send-messages"] {
        bot.discord.permit("ops", permission, true).await.unwrap();
    }
    bot.post(OPS, hello).await.good();
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_said_and_remembered() {
    let bot = Bot::start().await;
    let answer = bot
        .post(OPS, json!({"embeds": [{"title": "x".repeat(257)}]}))
        .await;
    assert_eq!(answer.refused(), (400, 50035));
    let place = &answer.body["errors"]["embeds"]["0"]["title"]["_errors"][0];
    assert_eq!(place["message"], "Must be 256 or fewer in length.");
    assert_eq!(
        bot.post(OPS, json!({"content": " "})).await.refused(),
        (400, 50006)
    );
    bot.post(OPS, json!({"content": "x", "embed": {}})).await.good();
    assert_eq!(
        bot.discord.faults_seen(),
        [
            format!("POST /channels/{OPS}/messages: /embeds/0/title: Must be 256 or fewer in length."),
            format!(
                "POST /channels/{OPS}/messages: {}",
                json!({"message": "Cannot send an empty message", "code": 50006})
            ),
            format!("POST /channels/{OPS}/messages: Discord ignores `embed`"),
        ]
    );
}

#[tokio::test]
async fn what_is_not_in_the_limits_is_found_by_the_document() {
    let bot = Bot::start().await;
    let button = json!({"type": 2, "style": 99, "label": "x", "custom_id": "a"});
    let body = json!({"content": "x", "components": [{"type": 1, "components": [button]}]});
    let answer = bot.post(OPS, body).await;
    if !document::path().exists() {
        return;
    }
    assert_eq!(answer.refused(), (400, 50035));
    let style = &answer.body["errors"]["components"]["0"]["components"]["0"]["style"]["_errors"];
    assert!(style.is_array(), "the deepest error is told: {}", answer.body);
}

#[tokio::test]
async fn an_application_without_the_intent_reads_no_content_anywhere() {
    let none = Settings {
        privileged_intents: 0,
        ..settings()
    };
    let mut bot = Bot::on(Discord::start(none).await.unwrap(), PLAIN).await;
    let said = bot.said("secret").await;
    let path = format!("/channels/{OPS}/messages/{}", text(&said["id"]));
    assert_eq!(bot.get(&path).await.good()["content"], "");
    let reply = Say {
        reply_to: Some(text(&said["id"]).into()),
        ..say("olga", "ops", "<@1300000000000000001> look")
    };
    bot.discord.say(reply).await.unwrap();
    bot.gateway.event("MESSAGE_CREATE").await;
    let event = bot.gateway.event("MESSAGE_CREATE").await;
    assert_eq!(
        (&event["content"], &event["referenced_message"]["content"]),
        (&json!("<@1300000000000000001> look"), &json!(""))
    );
}

#[tokio::test]
async fn files_are_kept_dropped_and_linked_as_the_body_says() {
    let bot = Bot::start().await;
    let body = json!({
        "embeds": [{"image": {"url": "attachment://a.txt"}}],
        "attachments": [{"id": 1, "filename": "a.txt", "description": "second"}],
    });
    let files: &[(&str, &[u8])] = &[("b.bin", b"first"), ("x.txt", b"second")];
    let path = format!("/channels/{OPS}/messages");
    let message = bot.upload("POST", &path, body, files).await.good();
    assert_eq!(message["attachments"][1]["filename"], "a.txt");
    assert_eq!(
        message["embeds"][0]["image"]["url"],
        message["attachments"][1]["url"]
    );
    let fetched = bot
        .http()
        .get(text(&message["attachments"][1]["url"]))
        .send()
        .await
        .unwrap();
    assert_eq!(fetched.text().await.unwrap(), "second");

    let path = format!("{path}/{}", text(&message["id"]));
    let same = bot.call("PATCH", &path, json!({"content": "c"})).await.good();
    assert_eq!(
        same["attachments"].as_array().unwrap().len(),
        2,
        "files stay unless the body lists them"
    );
    let keep = json!([{"id": same["attachments"][1]["id"]}]);
    let one = bot
        .call("PATCH", &path, json!({"attachments": keep}))
        .await
        .good();
    assert_eq!(one["attachments"][0]["filename"], "a.txt");
    let none = bot.call("PATCH", &path, json!({"attachments": []})).await.good();
    assert_eq!(none["attachments"], json!([]));
}

#[tokio::test]
async fn a_file_that_is_not_there_cannot_be_linked() {
    let bot = Bot::start().await;
    let body = json!({"embeds": [{"image": {"url": "attachment://gone.png"}}]});
    assert_eq!(bot.post(OPS, body).await.refused(), (400, 50035));
}

#[tokio::test]
async fn a_channel_is_read_in_pages_newest_first() {
    let bot = Bot::start().await;
    for n in 1..=5 {
        bot.said(&n.to_string()).await;
    }
    let contents = async |query: &str| -> Vec<String> {
        let page = bot.get(&format!("/channels/{OPS}/messages{query}")).await.good();
        page.as_array()
            .unwrap()
            .iter()
            .map(|it| text(&it["content"]).to_owned())
            .collect()
    };
    assert_eq!(contents("?limit=2").await, ["5", "4"]);
    let third = text(&bot.discord.message(3).unwrap()["id"]).to_owned();
    assert_eq!(contents(&format!("?before={third}")).await, ["2", "1"]);
    assert_eq!(contents(&format!("?after={third}&limit=1")).await, ["4"]);
    assert_eq!(
        contents(&format!("?around={third}&limit=3")).await,
        ["4", "3", "2"]
    );
    assert_eq!(
        bot.get(&format!("/channels/{OPS}/messages?limit=101"))
            .await
            .refused(),
        (400, 50035)
    );
}

#[tokio::test]
async fn strangers_and_unknown_places_are_refused() {
    let bot = Bot::start().await;
    assert_eq!(bot.get("/channels/1").await.refused(), (404, 10003));
    assert_eq!(bot.get("/guilds/1").await.refused(), (404, 10004));
    assert_eq!(bot.get("/users/1").await.refused(), (404, 10013));
    let path = "/users/@me";
    let stranger = bot.request("GET", path).header("Authorization", "Bot wrong");
    assert_eq!(bot.send("GET", path, stranger).await.refused(), (401, 0));
}

#[tokio::test]
async fn an_unknown_route_is_a_fault() {
    let bot = Bot::start().await;
    let url = format!("{}/api/v10/guilds/1/nothing", bot.discord.plain_url());
    assert_eq!(bot.http().get(url).send().await.unwrap().status(), 404);
    assert_eq!(
        bot.discord.faults_seen(),
        ["GET /guilds/1/nothing: no such route"]
    );
}

#[tokio::test]
async fn a_channel_can_have_a_limit_of_messages() {
    let settings = Settings {
        channel_limit: Some((2, 5000)),
        ..settings()
    };
    let discord = Discord::start(settings).await.unwrap();
    let bot = Bot::on(discord, PLAIN).await;
    for _ in 0..2 {
        bot.post(OPS, json!({"content": "x"})).await.good();
    }
    let refused = bot.post(OPS, json!({"content": "x"})).await;
    assert_eq!((refused.status, &refused.body["retry_after"]), (429, &json!(5.0)));
    bot.discord.advance(5000);
    bot.post(OPS, json!({"content": "x"})).await.good();
}
