//! The gateway: sessions, resuming, intents, and everything that can go wrong with it.

use firstmate_sandbox::discord::{Discord, Fault, Settings};
use serde_json::json;

use crate::harness::{Bot, Gateway, MESSAGE_CONTENT, OPS, PLAIN, discord, invoke, settings, within};

#[tokio::test]
async fn a_session_begins_with_ready_and_the_server() {
    let discord = discord().await;
    let mut gateway = Gateway::connect(&discord).await;
    gateway.identify("Bot sandbox", PLAIN).await;
    let ready = gateway.event("READY").await;
    assert_eq!(ready["guilds"][0]["unavailable"], true);
    assert!(ready["resume_gateway_url"].is_string());
    let guild = gateway.event("GUILD_CREATE").await;
    assert_eq!(
        guild["members"].as_array().unwrap().len(),
        1,
        "only the bot without the members intent"
    );
    assert_eq!(guild["channels"].as_array().unwrap().len(), 3);
    assert_eq!(discord.identifies(), 1);
}

#[tokio::test]
async fn who_may_not_come_in_is_told_why() {
    let discord = Discord::start(Settings {
        privileged_intents: 0,
        ..settings()
    })
    .await
    .unwrap();
    let refusals = [
        (json!({"op": 2, "d": {"token": "Bot wrong", "intents": 1}}), 4004),
        (
            json!({"op": 2, "d": {"token": "Bot sandbox", "intents": PLAIN | MESSAGE_CONTENT}}),
            4014,
        ),
        (
            json!({"op": 2, "d": {"token": "Bot sandbox", "intents": 1_u64 << 60}}),
            4013,
        ),
        (
            json!({"op": 2, "d": {"token": "Bot sandbox", "intents": 1, "shard": [1, 1]}}),
            4010,
        ),
        (json!({"op": 8, "d": {}}), 4003),
        (json!({"op": 99}), 4001),
        (json!("nonsense"), 4002),
    ];
    for (payload, code) in refusals {
        let mut gateway = Gateway::connect(&discord).await;
        gateway.send(payload).await;
        assert_eq!(gateway.closed().await, code);
    }
    assert_eq!(discord.identifies(), 0);
}

#[tokio::test]
async fn the_content_intent_shows_what_people_write() {
    let mut bot = Bot::on(discord().await, PLAIN | MESSAGE_CONTENT).await;
    bot.said("to nobody").await;
    assert_eq!(bot.gateway.event("MESSAGE_CREATE").await["content"], "to nobody");
}

#[tokio::test]
async fn what_was_missed_is_replayed_in_order() {
    let mut bot = Bot::start().await;
    bot.discord.fault(Fault::Drop).await;
    assert_eq!(bot.gateway.closed().await, "dropped");
    assert!(!bot.discord.is_online());
    bot.said("one").await;
    bot.said("two").await;
    let (session, sequence) = (bot.gateway.session.clone(), bot.gateway.sequence);
    bot.gateway = Gateway::connect(&bot.discord).await;
    bot.gateway.resume(&session, sequence).await;
    let first = bot.gateway.event("MESSAGE_CREATE").await;
    let second = bot.gateway.event("MESSAGE_CREATE").await;
    assert!(first["id"].as_str() < second["id"].as_str());
    bot.gateway.event("RESUMED").await;
    assert_eq!((bot.discord.resumes(), bot.discord.is_online()), (1, true));
}

#[tokio::test]
async fn a_session_that_is_gone_cannot_be_resumed() {
    let mut bot = Bot::start().await;
    bot.discord.fault(Fault::Close { code: Some(4009) }).await;
    assert_eq!(bot.gateway.closed().await, 4009);
    let session = bot.gateway.session.clone();
    bot.gateway = Gateway::connect(&bot.discord).await;
    bot.gateway.resume(&session, 1).await;
    assert_eq!(
        bot.gateway.next().await,
        json!({"op": 9, "s": null, "t": null, "d": false})
    );
}

#[tokio::test]
async fn the_gateway_closes_as_it_is_told() {
    for (code, told) in [
        (Some(4000), json!(4000)),
        (Some(1001), json!(1001)),
        (None, json!("without a code")),
    ] {
        let mut bot = Bot::start().await;
        bot.discord.fault(Fault::Close { code }).await;
        assert_eq!(bot.gateway.closed().await, told);
    }
}

#[tokio::test]
async fn clients_are_asked_to_come_back() {
    let mut bot = Bot::start().await;
    bot.discord.fault(Fault::Op7).await;
    assert_eq!(bot.gateway.next().await["op"], 7);
    bot.discord.fault(Fault::Op9 { resumable: true }).await;
    assert_eq!(
        bot.gateway.next().await,
        json!({"op": 9, "s": null, "t": null, "d": true})
    );
    bot.discord.fault(Fault::Op9 { resumable: false }).await;
    assert_eq!(bot.gateway.next().await["d"], false);
    bot.gateway.identify("Bot sandbox", PLAIN).await;
    bot.gateway.event("READY").await;
}

#[tokio::test]
async fn an_unreadable_interaction_lacks_a_field() {
    let mut bot = Bot::start().await;
    bot.discord.fault(Fault::Unparsable { requests: None }).await;
    assert!(bot.asked().await.get("attachment_size_limit").is_none());
    bot.discord
        .command(invoke("lin", "ops", "ask", json!([])))
        .await
        .unwrap();
    let next = bot.gateway.event("INTERACTION_CREATE").await;
    assert!(next.get("attachment_size_limit").is_some());
}

#[tokio::test]
async fn a_client_that_sends_no_heartbeats_is_dropped() {
    let discord = Discord::start(Settings {
        heartbeat_interval_ms: 20,
        ..settings()
    })
    .await
    .unwrap();
    let mut gateway = Gateway::connect(&discord).await;
    gateway.identify("sandbox", PLAIN).await;
    assert_eq!(gateway.closed().await, 4009);
}

#[tokio::test]
async fn the_barrier_is_passed_when_the_client_has_taken_everything_in() {
    let mut bot = Bot::start().await;
    bot.said("one").await;
    let barrier = tokio::spawn({
        let discord = bot.discord.clone();
        async move { discord.barrier().await }
    });
    bot.gateway.event("MESSAGE_CREATE").await;
    assert_eq!(bot.gateway.next().await["op"], 1);
    assert!(within(barrier).await.unwrap());
    drop(bot.gateway);
    within(bot.discord.until(|discord| (!discord.is_online()).then_some(()))).await;
    assert!(!bot.discord.barrier().await, "nobody is connected");
}

#[tokio::test]
async fn a_client_that_says_goodbye_gives_its_session_up() {
    let mut bot = Bot::start().await;
    bot.gateway
        .send(json!({"op": 3, "d": {"since": null, "activities": [], "status": "online", "afk": false}}))
        .await;
    bot.gateway.close(1000).await;
    let session = bot.gateway.session.clone();
    within(bot.discord.until(|discord| (!discord.is_online()).then_some(()))).await;
    bot.gateway = Gateway::connect(&bot.discord).await;
    bot.gateway.resume(&session, 1).await;
    assert_eq!(bot.gateway.next().await["op"], 9);
    bot.post(OPS, json!({"content": "REST works without a gateway"}))
        .await
        .good();
}

#[tokio::test]
async fn a_server_that_is_switched_off_ends_every_connection() {
    let mut bot = Bot::start().await;
    let settings = Settings {
        listen: bot.discord.plain_url()[7..].parse().unwrap(),
        ..settings()
    };
    bot.discord = discord().await;
    assert_eq!(bot.gateway.closed().await, "dropped");
    let again = Discord::start(settings).await.unwrap();
    let mut gateway = Gateway::connect(&again).await;
    gateway.resume(&bot.gateway.session, 1).await;
    assert_eq!(gateway.next().await["op"], 9, "it knows nobody");
}
