//! Troubles with the REST API, and the log of requests.

use firstmate_sandbox::discord::{Discord, Fault, Settings};
use serde_json::json;

use crate::harness::{Bot, OPS, PLAIN, settings, within};

fn status(status: u16, requests: u32, processed: bool) -> Fault {
    Fault::Status {
        status,
        requests: Some(requests),
        processed,
        retry_after_ms: None,
    }
}

#[tokio::test]
async fn requests_fail_as_often_as_told() {
    let bot = Bot::start().await;
    bot.discord.fault(status(503, 2, false)).await;
    for expected in [503, 503, 200] {
        assert_eq!(bot.post(OPS, json!({"content": "x"})).await.status, expected);
    }
    assert_eq!(bot.seen_by("lin"), 1);
}

#[tokio::test]
async fn a_rate_limit_says_how_long_to_wait() {
    let bot = Bot::start().await;
    bot.discord.fault(status(429, 1, false)).await;
    let answer = bot.post(OPS, json!({"content": "x"})).await;
    assert_eq!(
        (answer.status, &answer.headers["retry-after"]),
        (429, &"1".parse().unwrap())
    );
    assert_eq!(answer.body["retry_after"], 1.0);
    let good = bot.post(OPS, json!({"content": "x"})).await;
    assert!(good.headers.contains_key("x-ratelimit-bucket"));
}

#[tokio::test]
async fn an_answer_can_be_lost_after_the_message_was_posted() {
    let bot = Bot::start().await;
    bot.discord.fault(status(502, 1, true)).await;
    let body = json!({"content": "x", "nonce": "n", "enforce_nonce": true});
    assert_eq!(bot.post(OPS, body.clone()).await.status, 502);
    bot.post(OPS, body).await.good();
    assert_eq!(bot.seen_by("lin"), 1, "the nonce makes the retry harmless");
}

#[tokio::test]
async fn a_slow_answer_comes_too_late_by_the_clock() {
    let mut bot = Bot::start().await;
    let it = bot.asked().await;
    bot.discord
        .fault(Fault::Slow {
            ms: 4000,
            requests: Some(1),
        })
        .await;
    let answer = bot.answer(&it, json!({"type": 5}));
    let moved = async {
        bot.discord
            .until(|discord| (discord.held() == 1).then_some(()))
            .await;
        assert_eq!(bot.discord.in_flight(), 0, "it waits for the clock, not for work");
        bot.discord.advance(4000);
    };
    let (answer, ()) = within(async { tokio::join!(answer, moved) }).await;
    assert_eq!(answer.refused(), (404, 10062));
}

#[tokio::test]
async fn off_is_off() {
    let bot = Bot::start().await;
    bot.discord
        .fault(Fault::Status {
            status: 500,
            requests: None,
            processed: false,
            retry_after_ms: None,
        })
        .await;
    assert_eq!(bot.post(OPS, json!({"content": "x"})).await.status, 500);
    bot.discord.fault(Fault::Off).await;
    bot.post(OPS, json!({"content": "x"})).await.good();
}

#[tokio::test]
async fn requests_are_logged_without_tokens() {
    let file = std::env::temp_dir().join(format!("firstmate-requests-{}.jsonl", std::process::id()));
    let discord = Discord::start(Settings {
        request_log: Some(file.clone()),
        ..settings()
    })
    .await
    .unwrap();
    let mut bot = Bot::on(discord, PLAIN).await;
    let it = bot.asked().await;
    bot.answer(&it, json!({"type": 5})).await.good();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let last: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let path = format!(
        "/api/v10/interactions/{}/<token>/callback",
        it["id"].as_str().unwrap()
    );
    let expected =
        json!({"service": "discord", "method": "POST", "path": path, "as": "interaction", "status": 204});
    assert_eq!(last, expected);
    assert_eq!(bot.discord.requests().len(), text.lines().count());
}
