//! What people can do, and what Discord's client would refuse before a bot hears of it.

use firstmate_sandbox::discord::NewThread;
use serde_json::{Value, json};

use crate::harness::{Bot, GUILD, OPS, invoke, say, text};

async fn registered() -> Bot {
    let bot = Bot::start().await;
    bot.register(json!([
        {"name": "ask", "description": "Ask", "options": [
            {"type": 3, "name": "question", "description": "x", "required": true, "max_length": 10},
            {"type": 5, "name": "private", "description": "x"},
            {"type": 4, "name": "page", "description": "x", "min_value": 1, "max_value": 9},
            {"type": 3, "name": "kind", "description": "x", "choices": [{"name": "Node", "value": "node"}]},
            {"type": 6, "name": "who", "description": "x"},
        ]},
        {"name": "node", "description": "x", "options": [
            {"type": 1, "name": "events", "description": "x", "options": [
                {"type": 3, "name": "node", "description": "x", "required": true},
            ]},
        ]},
        {"name": "freeze", "description": "x", "default_member_permissions": "32"},
        {"name": "here", "description": "x", "contexts": [0]},
    ]))
    .await;
    bot
}

async fn refused(bot: &Bot, name: &str, options: Value) -> String {
    bot.discord
        .command(invoke("lin", "ops", name, options))
        .await
        .unwrap_err()
        .message
}

#[tokio::test]
async fn only_what_is_registered_can_be_invoked() {
    let bot = registered().await;
    assert_eq!(
        refused(&bot, "restart", json!([])).await,
        "There is no command `restart` here."
    );
}

#[tokio::test]
async fn options_are_checked_before_anything_is_sent() {
    let bot = registered().await;
    let with = |name: &str, value: Value| json!([{"name": "question", "value": "q"}, {"name": name, "value": value}]);
    let cases = [
        (json!([]), "The option `question` is required."),
        (
            json!([{"name": "question", "value": "x".repeat(11)}]),
            "The value of `question` must be at most 10.",
        ),
        (with("nothing", json!(1)), "There is no option `nothing`."),
        (
            with("private", json!("maybe")),
            "The value of `private` is not true or false.",
        ),
        (with("page", json!(10)), "The value of `page` must be at most 9."),
        (
            with("page", json!("one")),
            "The value of `page` is not a whole number.",
        ),
        (
            with("kind", json!("pod")),
            "The value of `kind` is none of its choices.",
        ),
        (
            with("who", json!("nobody")),
            "The value of `who` is not a member of this server.",
        ),
    ];
    for (options, told) in cases {
        assert_eq!(refused(&bot, "ask", options).await, told);
    }
    assert_eq!(
        refused(&bot, "node", json!([])).await,
        "Choose one of the subcommands."
    );
}

#[tokio::test]
async fn options_arrive_typed_and_resolved() {
    let mut bot = registered().await;
    let options = json!([
        {"name": "question", "value": "why"}, {"name": "private", "value": "true"},
        {"name": "page", "value": "2"}, {"name": "who", "value": "olga"},
    ]);
    bot.discord
        .command(invoke("lin", "ops", "ask", options))
        .await
        .unwrap();
    let data = bot.gateway.event("INTERACTION_CREATE").await["data"].clone();
    assert_eq!(
        data["options"][1],
        json!({"name": "private", "type": 5, "value": true})
    );
    assert_eq!(data["options"][2], json!({"name": "page", "type": 4, "value": 2}));
    let olga = text(&data["options"][3]["value"]);
    assert_eq!(data["resolved"]["users"][olga]["username"], "olga");
}

#[tokio::test]
async fn subcommands_carry_their_options_inside() {
    let mut bot = registered().await;
    let inner = json!([{"name": "node", "value": "node-1"}]);
    let options = json!([{"name": "events", "type": 1, "options": inner}]);
    bot.discord
        .command(invoke("lin", "ops", "node", options))
        .await
        .unwrap();
    let data = bot.gateway.event("INTERACTION_CREATE").await["data"].clone();
    assert_eq!(data["options"][0]["options"][0]["value"], "node-1");
}

#[tokio::test]
async fn a_command_is_where_and_for_whom_it_was_registered() {
    let bot = registered().await;
    let command = async |person: &str, channel: &str, name: &str| {
        bot.discord
            .command(invoke(person, channel, name, json!([])))
            .await
            .map_err(|refused| refused.status)
    };
    assert_eq!(command("lin", "ops", "freeze").await.unwrap_err(), 403);
    assert!(
        command("olga", "ops", "freeze").await.is_ok(),
        "the owner may do everything"
    );
    assert_eq!(command("lin", "dm", "here").await.unwrap_err(), 400);
    assert!(command("lin", "ops", "here").await.is_ok());
    assert_eq!(command("bot-x", "ops", "here").await.unwrap_err(), 400);
}

#[tokio::test]
async fn commands_are_listed_replaced_changed_and_removed() {
    let bot = registered().await;
    let path = "/applications/1300000000000000001/commands";
    let all = bot.get(path).await.good();
    let ask = text(&all[0]["id"]).to_owned();
    bot.register(json!([{"name": "ask", "description": "Other"}]))
        .await;
    let all = bot.get(path).await.good();
    assert_eq!(
        (&all[0]["id"], all.as_array().unwrap().len()),
        (&json!(ask), 1),
        "a name keeps its id"
    );
    let one = format!("{path}/{ask}");
    let changed = bot
        .call("PATCH", &one, json!({"description": "New"}))
        .await
        .good();
    assert_eq!(changed["description"], "New");
    let guild = format!("/applications/1300000000000000001/guilds/{GUILD}/commands");
    let created = bot
        .call("POST", &guild, json!({"name": "local", "description": "x"}))
        .await;
    assert_eq!((created.status, &created.body["guild_id"]), (201, &json!(GUILD)));
    let again = bot
        .call("POST", &guild, json!({"name": "local", "description": "y"}))
        .await;
    assert_eq!(again.status, 200);
    bot.call("DELETE", &one, Value::Null).await.good();
    assert_eq!(bot.get(&one).await.refused(), (404, 10063));
    assert_eq!(bot.discord.commands().len(), 1);
}

#[tokio::test]
async fn too_many_or_wrong_commands_are_refused() {
    let bot = Bot::start().await;
    let path = "/applications/1300000000000000001/commands";
    let menus: Vec<Value> = (0..16)
        .map(|n| json!({"name": format!("menu {n}"), "type": 3}))
        .collect();
    assert_eq!(bot.call("PUT", path, json!(menus)).await.refused(), (400, 30032));
    let twice = json!([{"name": "a", "description": "x"}, {"name": "a", "description": "x"}]);
    assert_eq!(bot.call("PUT", path, twice).await.refused(), (400, 50035));
    let wrong = json!([{"name": "Upper Case", "description": "x"}]);
    assert_eq!(bot.call("PUT", path, wrong).await.refused(), (400, 50035));
    assert!(bot.discord.commands().is_empty());
}

#[tokio::test]
async fn threads_have_channels_of_their_own() {
    let mut bot = Bot::start().await;
    let said = bot.said("look at this").await;
    let new = NewThread {
        person: "lin".into(),
        message_id: Some(text(&said["id"]).to_owned()),
        name: "restarts".into(),
        channel: None,
    };
    let thread = bot.discord.open_thread(new.clone()).await.unwrap();
    assert_eq!(thread["id"], said["id"], "a thread on a message has its id");
    let event = bot.gateway.event("THREAD_CREATE").await;
    assert_eq!(
        (&event["parent_id"], &event["name"]),
        (&json!(OPS), &json!("restarts"))
    );
    assert_eq!(
        bot.gateway.event("MESSAGE_UPDATE").await["thread"]["id"],
        said["id"]
    );
    assert!(
        bot.discord.open_thread(new).await.is_err(),
        "a message has one thread"
    );
    bot.discord.say(say("olga", "restarts", "why")).await.unwrap();
    let message = bot.gateway.event("MESSAGE_CREATE").await;
    assert_eq!(
        (&message["channel_id"], &message["channel_type"]),
        (&said["id"], &json!(11))
    );
    bot.post(text(&said["id"]), json!({"content": "because"}))
        .await
        .good();
    let active = bot.get(&format!("/guilds/{GUILD}/threads/active")).await.good();
    assert_eq!(active["threads"][0]["message_count"], 2);
}

#[tokio::test]
async fn the_bot_opens_threads_only_where_it_may() {
    let bot = Bot::start().await;
    let path = format!("/channels/{OPS}/threads");
    let body = json!({"name": "new", "type": 11});
    bot.discord
        .permit("ops", "Create Public Threads", false)
        .await
        .unwrap();
    assert_eq!(
        bot.call("POST", &path, body.clone()).await.refused(),
        (403, 50013)
    );
    bot.discord
        .permit("ops", "Create Public Threads", true)
        .await
        .unwrap();
    assert_eq!(bot.call("POST", &path, body).await.good()["name"], "new");
    let message = bot.post(OPS, json!({"content": "x"})).await.good();
    let path = format!("/channels/{OPS}/messages/{}/threads", text(&message["id"]));
    let thread = bot.call("POST", &path, json!({"name": "on it"})).await.good();
    assert_eq!(thread["id"], message["id"]);
    assert_eq!(
        bot.call("POST", &path, json!({"name": "again"})).await.refused(),
        (400, 160_004)
    );
}

#[tokio::test]
async fn the_locale_of_a_person_travels_with_what_they_do() {
    let mut bot = registered().await;
    bot.discord.set_locale("lin", "en-US").await.unwrap();
    bot.discord
        .command(invoke("lin", "ops", "here", json!([])))
        .await
        .unwrap();
    let it = bot.gateway.event("INTERACTION_CREATE").await;
    assert_eq!(
        (&it["locale"], &it["guild_locale"]),
        (&json!("en-US"), &json!("zh-CN"))
    );
    assert!(bot.discord.set_locale("lin", "xx").await.is_err());
}

#[tokio::test]
async fn the_same_acts_have_the_same_ids() {
    let run = async || {
        let bot = Bot::start().await;
        let first = bot.said("one").await;
        let second = bot.post(OPS, json!({"content": "two"})).await.good();
        (
            first["id"].clone(),
            second["id"].clone(),
            second["timestamp"].clone(),
        )
    };
    assert_eq!(run().await, run().await);
}
