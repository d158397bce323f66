//! The control API as the page uses it, and the page itself.

use futures::StreamExt as _;
use serde_json::{Value, json};

use crate::harness::{Bot, OPS, within};

/// The next event of a page, as name and data.
async fn next(
    stream: &mut (impl futures::Stream<Item = reqwest::Result<impl AsRef<[u8]>>> + Unpin),
) -> (String, Value) {
    let mut text = String::new();
    while !text.contains("\n\n") {
        let chunk = within(stream.next()).await.unwrap().unwrap();
        text.push_str(std::str::from_utf8(chunk.as_ref()).unwrap());
    }
    let line = |key: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(key))
            .unwrap()
            .trim()
    };
    (
        line("event:").to_owned(),
        serde_json::from_str(line("data:")).unwrap(),
    )
}

#[tokio::test]
async fn a_page_sees_what_its_person_sees() {
    let bot = Bot::start().await;
    bot.register(json!([{"name": "ask", "description": "Ask"}])).await;
    bot.said("hi").await;
    let (status, state) = bot.local("state?person=olga", Value::Null).await;
    assert_eq!((status, &state["me"]["username"]), (200, &json!("olga")));
    let names: Vec<&Value> = state["channels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    assert_eq!(names, ["ops", "ask", "random", "First Mate"]);
    assert_eq!(
        (&state["commands"][0]["name"], &state["messages"][0]["content"]),
        (&json!("ask"), &json!("hi"))
    );
    assert_eq!(bot.local("state?person=nobody", Value::Null).await.0, 404);
}

#[tokio::test]
async fn events_reach_the_page_as_they_happen() {
    let bot = Bot::start().await;
    let url = format!("{}/local/events?person=lin", bot.discord.plain_url());
    let response = bot.http().get(url).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut events = response.bytes_stream();
    assert_eq!(
        next(&mut events).await,
        ("connection".to_owned(), json!({"online": true}))
    );
    bot.post(OPS, json!({"content": "hello"})).await.good();
    let (name, message) = next(&mut events).await;
    assert_eq!(
        (name.as_str(), &message["content"]),
        ("message_create", &json!("hello"))
    );
    bot.local("fault", json!({"kind": "status", "status": 503, "requests": 1}))
        .await;
    assert_eq!(
        next(&mut events).await,
        (
            "faults".to_owned(),
            json!([{"kind": "status", "status": 503, "left": 1}])
        )
    );
}

#[tokio::test]
async fn a_page_says_clicks_and_is_refused_in_words() {
    let bot = Bot::start().await;
    let file = json!([{"filename": "pod.log", "data": "bGluZQo="}]);
    let body = json!({"person": "lin", "channel": "ops", "content": "see", "attachments": file});
    let (status, message) = bot.local("say", body).await;
    assert_eq!((status, &message["attachments"][0]["size"]), (200, &json!(5)));
    let reply = json!({"person": "lin", "channel": "ops", "content": "re", "reply_to": message["id"]});
    assert_eq!(
        bot.local("say", reply).await.1["referenced_message"]["content"],
        "see"
    );
    let command = json!({"person": "lin", "channel": "ops", "name": "ask"});
    let refused = bot.local("command", command).await;
    assert_eq!(
        refused,
        (400, json!({"error": "There is no command `ask` here."}))
    );
    let long = json!({"person": "lin", "channel": "ops", "content": "a".repeat(2001)});
    assert_eq!(bot.local("say", long).await.1["code"], "too-long");
    let malformed = bot.local("say", json!({"person": "lin"})).await;
    assert_eq!(malformed.0, 400);
}

#[tokio::test]
async fn pages_from_elsewhere_are_kept_out() {
    let bot = Bot::start().await;
    let url = format!("{}/local/state", bot.discord.plain_url());
    let get = |name: &'static str, value: &'static str| bot.http().get(&url).header(name, value).send();
    assert_eq!(get("Host", "evil.example").await.unwrap().status(), 403);
    assert_eq!(get("Origin", "http://evil.example").await.unwrap().status(), 403);
    let own = bot
        .http()
        .get(&url)
        .header("Origin", bot.discord.plain_url())
        .send()
        .await
        .unwrap();
    assert_eq!(own.status(), 200);
}

#[tokio::test]
async fn the_page_and_its_files_carry_the_policy() {
    let bot = Bot::start().await;
    for (path, kind) in [
        ("", "text/html"),
        ("style.css", "text/css"),
        ("page.js", "text/javascript"),
    ] {
        let response = bot
            .http()
            .get(format!("{}{path}", bot.discord.page_url()))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert!(
            response.headers()["content-type"]
                .to_str()
                .unwrap()
                .starts_with(kind),
            "{path}"
        );
        let policy = &response.headers()["content-security-policy"];
        assert_eq!(policy, "default-src 'self'; img-src 'self' data: blob:");
    }
}

#[tokio::test]
async fn the_clock_is_moved_from_the_page() {
    let mut bot = Bot::start().await;
    bot.asked().await;
    let (_, now) = bot.local("clock", json!({"advance_ms": 3000})).await;
    assert_eq!(now["now"], firstmate_sandbox::START_MS + 3000);
    assert_eq!(bot.discord.pending(), 0, "the interaction failed at once");
}
