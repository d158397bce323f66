//! Interactions: the two windows, the kinds of answers, who sees what.

use firstmate_sandbox::discord::{Click, Entry, Submit};
use serde_json::{Value, json};

use crate::harness::{Bot, GUILD, LIN, OPS, callback, hook, invoke, text};

fn row() -> Value {
    json!([{"type": 1, "components": [
        {"type": 2, "style": 1, "label": "Go", "custom_id": "go"},
        {"type": 2, "style": 2, "label": "No", "custom_id": "no", "disabled": true},
    ]}])
}

fn click(person: &str, message: &Value, custom_id: &str) -> Click {
    let message_id = text(&message["id"]).to_owned();
    Click {
        person: person.into(),
        message_id,
        custom_id: custom_id.into(),
        values: vec![],
    }
}

#[tokio::test]
async fn an_interaction_has_what_clients_cannot_do_without() {
    let mut bot = Bot::start().await;
    let it = bot.asked().await;
    assert_eq!(
        (&it["type"], &it["version"], &it["context"]),
        (&json!(2), &json!(1), &json!(0))
    );
    assert_eq!((&it["guild_id"], &it["channel_id"]), (&json!(GUILD), &json!(OPS)));
    assert_eq!(
        (&it["member"]["user"]["id"], &it["locale"]),
        (&json!(LIN), &json!("zh-CN"))
    );
    assert_eq!(it["attachment_size_limit"], 10_485_760);
    for key in [
        "token",
        "app_permissions",
        "entitlements",
        "authorizing_integration_owners",
        "guild_locale",
    ] {
        assert!(!it[key].is_null(), "{key}");
    }
}

#[tokio::test]
async fn a_direct_interaction_has_a_user_and_no_server() {
    let mut bot = Bot::start().await;
    bot.register(json!([{"name": "ask", "description": "Ask"}])).await;
    bot.discord
        .command(invoke("lin", "dm", "ask", json!([])))
        .await
        .unwrap();
    let it = bot.gateway.event("INTERACTION_CREATE").await;
    assert_eq!((&it["user"]["id"], &it["context"]), (&json!(LIN), &json!(1)));
    assert!(it.get("member").is_none() && it.get("guild_id").is_none());
}

#[tokio::test]
async fn a_reply_is_public_and_names_its_interaction() {
    let mut bot = Bot::start().await;
    let it = bot.asked().await;
    let answer = bot
        .answer(&it, json!({"type": 4, "data": {"content": "hi"}}))
        .await;
    assert_eq!((answer.status, answer.body), (204, Value::Null));
    let message = bot.gateway.event("MESSAGE_CREATE").await;
    assert_eq!(
        (&message["type"], &message["interaction_metadata"]["id"]),
        (&json!(20), &it["id"])
    );
    assert_eq!(
        bot.discord.message(1).unwrap()["interaction_metadata"]["name"],
        "ask"
    );
    assert_eq!(
        bot.original("GET", &it, Value::Null).await.good()["content"],
        "hi"
    );
}

#[tokio::test]
async fn the_answer_can_be_asked_for() {
    let mut bot = Bot::start().await;
    let it = bot.asked().await;
    let path = format!("{}?with_response=true", callback(&it));
    let answer = bot
        .call("POST", &path, json!({"type": 4, "data": {"content": "hi"}}))
        .await
        .good();
    assert_eq!(answer["resource"]["message"]["content"], "hi");
}

#[tokio::test]
async fn after_three_seconds_it_is_too_late() {
    let mut bot = Bot::start().await;
    let it = bot.asked().await;
    bot.discord.advance(3000);
    let late = bot.answer(&it, json!({"type": 5})).await;
    assert_eq!(late.refused(), (404, 10062));
    let failed = Entry::Failed {
        person: "lin".into(),
        reason: "no answer in time".into(),
        number: None,
    };
    assert_eq!(bot.discord.journal_since(0), [failed]);
    assert_eq!(
        bot.follow_up(&it, json!({"content": "x"})).await.refused(),
        (404, 10015)
    );
}

#[tokio::test]
async fn an_interaction_is_acknowledged_once() {
    let mut bot = Bot::start().await;
    let it = bot.asked().await;
    bot.answer(&it, json!({"type": 5})).await.good();
    assert_eq!(bot.answer(&it, json!({"type": 5})).await.refused(), (400, 40060));
    let stranger = json!({"id": it["id"], "token": "wrong"});
    assert_eq!(
        bot.answer(&stranger, json!({"type": 5})).await.refused(),
        (404, 10062)
    );
}

#[tokio::test]
async fn after_a_quarter_of_an_hour_the_token_is_void() {
    let mut bot = Bot::start().await;
    let it = bot.asked().await;
    bot.answer(&it, json!({"type": 5})).await.good();
    bot.discord.advance(15 * 60_000 - 1);
    bot.original("PATCH", &it, json!({"content": "just in time"}))
        .await
        .good();
    bot.discord.advance(1);
    let late = bot.original("PATCH", &it, json!({"content": "late"})).await;
    assert_eq!(late.refused(), (401, 50027));
    assert_eq!(
        bot.follow_up(&it, json!({"content": "late"})).await.refused(),
        (401, 50027)
    );
}

#[tokio::test]
async fn a_promise_that_is_never_kept_fails_in_the_end() {
    let mut bot = Bot::start().await;
    let it = bot.asked().await;
    bot.answer(&it, json!({"type": 5})).await.good();
    assert_eq!(bot.discord.pending(), 1);
    bot.discord.advance(15 * 60_000);
    assert_eq!(bot.discord.pending(), 0);
    assert!(matches!(
        bot.discord.journal_since(1).as_slice(),
        [Entry::Failed { .. }]
    ));
}

#[tokio::test]
async fn a_promise_decides_whether_the_answer_is_private() {
    let mut bot = Bot::start().await;
    let it = bot.asked().await;
    bot.answer(&it, json!({"type": 5, "data": {"flags": 64}}))
        .await
        .good();
    let pending = bot.discord.message(1).unwrap();
    assert_eq!(
        (&pending["flags"], &pending["local"]["pending"]),
        (&json!(64 | 128), &json!(true))
    );
    bot.original("PATCH", &it, json!({"content": "psst"}))
        .await
        .good();
    let kept = bot.discord.message(1).unwrap();
    assert_eq!(
        (&kept["local"]["only"], &kept["local"]["pending"]),
        (&json!("lin"), &json!(false))
    );
    assert_eq!((bot.seen_by("lin"), bot.seen_by("ming")), (1, 0));
    let path = format!("/channels/{OPS}/messages/{}", text(&kept["id"]));
    assert_eq!(
        bot.get(&path).await.refused(),
        (404, 10008),
        "it is found by its token only"
    );
}

#[tokio::test]
async fn a_follow_up_after_a_promise_is_what_was_promised() {
    let mut bot = Bot::start().await;
    let it = bot.asked().await;
    bot.answer(&it, json!({"type": 5})).await.good();
    let first = bot
        .follow_up(&it, json!({"content": "one", "flags": 64}))
        .await
        .good();
    let second = bot
        .follow_up(&it, json!({"content": "two", "flags": 64}))
        .await
        .good();
    assert_eq!(
        (bot.content(1), bot.content(2)),
        ("one".to_owned(), "two".to_owned())
    );
    assert_eq!((&first["flags"], &second["flags"]), (&json!(0), &json!(64)));
    let path = format!("{}/messages/{}", hook(&it), text(&second["id"]));
    bot.call("PATCH", &path, json!({"content": "two!"})).await.good();
    bot.call("DELETE", &path, Value::Null).await.good();
    bot.original("DELETE", &it, Value::Null).await.good();
    assert_eq!(bot.seen_by("lin"), 0);
    assert_eq!(
        bot.original("GET", &it, Value::Null).await.refused(),
        (404, 10008)
    );
}

#[tokio::test]
async fn a_click_changes_its_message_now_or_later() {
    let mut bot = Bot::start().await;
    let card = bot
        .post(OPS, json!({"content": "card", "components": row()}))
        .await
        .good();
    bot.discord.component(click("olga", &card, "go")).await.unwrap();
    let it = bot.gateway.event("INTERACTION_CREATE").await;
    assert_eq!(
        (&it["message"]["id"], &it["data"]["component_type"]),
        (&card["id"], &json!(2))
    );
    bot.answer(&it, json!({"type": 7, "data": {"content": "now"}}))
        .await
        .good();
    assert_eq!(bot.content(1), "now");

    bot.discord.component(click("olga", &card, "go")).await.unwrap();
    let it = bot.gateway.event("INTERACTION_CREATE").await;
    bot.answer(&it, json!({"type": 6})).await.good();
    bot.original("PATCH", &it, json!({"content": "later", "components": []}))
        .await
        .good();
    assert_eq!(bot.content(1), "later");
    // Whose client has not heard of the edit yet still has the button, and its click arrives.
    bot.discord.component(click("olga", &card, "go")).await.unwrap();
    let late = bot.gateway.event("INTERACTION_CREATE").await;
    assert_eq!(late["data"]["custom_id"], "go");
    let never = bot
        .discord
        .component(click("olga", &card, "was-never-there"))
        .await
        .unwrap_err();
    assert_eq!(never.message, "The message has no such component.");
}

#[tokio::test]
async fn a_click_is_answered_by_a_private_message_too() {
    let mut bot = Bot::start().await;
    let card = bot
        .post(OPS, json!({"content": "card", "components": row()}))
        .await
        .good();
    bot.discord.component(click("olga", &card, "go")).await.unwrap();
    let it = bot.gateway.event("INTERACTION_CREATE").await;
    bot.answer(&it, json!({"type": 4, "data": {"content": "no", "flags": 64}}))
        .await
        .good();
    let answer = bot.discord.message(2).unwrap();
    let metadata = &answer["interaction_metadata"];
    assert_eq!(
        (&metadata["type"], &metadata["interacted_message_id"]),
        (&json!(3), &card["id"])
    );
    assert_eq!(answer["local"]["only"], "olga");
    let disabled = bot
        .discord
        .component(click("olga", &card, "no"))
        .await
        .unwrap_err();
    assert_eq!(disabled.message, "This component is disabled.");
}

#[tokio::test]
async fn a_menu_takes_only_what_it_offers() {
    let mut bot = Bot::start().await;
    let menu = json!({"type": 3, "custom_id": "pick", "max_values": 2, "options": [
        {"label": "A", "value": "a"}, {"label": "B", "value": "b"},
    ]});
    let body = json!({"content": "x", "components": [{"type": 1, "components": [menu]}]});
    let card = bot.post(OPS, body).await.good();
    let pick = |values: &[&str]| Click {
        values: values.iter().map(|it| (*it).to_owned()).collect(),
        ..click("lin", &card, "pick")
    };
    assert!(bot.discord.component(pick(&["c"])).await.is_err());
    assert!(bot.discord.component(pick(&[])).await.is_err());
    bot.discord.component(pick(&["a", "b"])).await.unwrap();
    let it = bot.gateway.event("INTERACTION_CREATE").await;
    assert_eq!(it["data"]["values"], json!(["a", "b"]));
}

#[tokio::test]
async fn a_form_goes_to_its_person_and_comes_back_filled() {
    let mut bot = Bot::start().await;
    let it = bot.asked().await;
    let input = json!({"type": 4, "style": 1, "custom_id": "why", "label": "Why", "min_length": 3});
    let form = json!({"title": "Form", "custom_id": "f", "components": [{"type": 1, "components": [input]}]});
    bot.answer(&it, json!({"type": 9, "data": form})).await.good();
    let [Entry::Modal { person, modal_id, .. }] = &bot.discord.journal_since(0)[..] else {
        unreachable!("no form was opened");
    };
    assert_eq!(person, "lin");
    let submit = |person: &str, text: &str| Submit {
        person: person.into(),
        modal_id: modal_id.clone(),
        values: [("why".to_owned(), text.to_owned())].into(),
    };
    assert_eq!(
        bot.discord
            .modal(submit("ming", "because"))
            .await
            .unwrap_err()
            .status,
        404
    );
    assert_eq!(
        bot.discord.modal(submit("lin", "")).await.unwrap_err().message,
        "`Why` is required."
    );
    assert!(bot.discord.modal(submit("lin", "no")).await.is_err());
    bot.discord.modal(submit("lin", "because")).await.unwrap();
    let it = bot.gateway.event("INTERACTION_CREATE").await;
    assert_eq!(it["data"]["components"][0]["components"][0]["value"], "because");
    bot.answer(&it, json!({"type": 4, "data": {"content": "thanks"}}))
        .await
        .good();
    let metadata = &bot.discord.message(1).unwrap()["interaction_metadata"];
    assert_eq!(metadata["triggering_interaction_metadata"]["type"], 2);
}

#[tokio::test]
async fn an_answer_must_fit_the_interaction() {
    let mut bot = Bot::start().await;
    let it = bot.asked().await;
    for kind in [6, 7, 8] {
        let data = json!({"content": "x", "choices": []});
        let answer = bot.answer(&it, json!({"type": kind, "data": data})).await;
        assert_eq!(answer.refused(), (400, 50035), "type {kind}");
    }
}

#[tokio::test]
async fn completion_waits_for_the_bot_and_not_for_ever() {
    let mut bot = Bot::start().await;
    let option = json!({"name": "q", "description": "x", "type": 3, "autocomplete": true, "required": true});
    bot.register(json!([{"name": "ask", "description": "Ask", "options": [option]}]))
        .await;
    let typing = invoke(
        "lin",
        "ops",
        "ask",
        json!([{"name": "q", "value": "n", "focused": true}]),
    );
    let discord = bot.discord.clone();
    let waiting = tokio::spawn({
        let typing = typing.clone();
        async move { discord.autocomplete(typing).await }
    });
    let it = bot.gateway.event("INTERACTION_CREATE").await;
    assert_eq!(
        (&it["type"], &it["data"]["options"][0]["focused"]),
        (&json!(4), &json!(true))
    );
    bot.answer(
        &it,
        json!({"type": 8, "data": {"choices": [{"name": "N", "value": "n"}]}}),
    )
    .await
    .good();
    assert_eq!(
        waiting.await.unwrap().unwrap(),
        [json!({"name": "N", "value": "n"})]
    );

    let discord = bot.discord.clone();
    let waiting = tokio::spawn(async move { discord.autocomplete(typing).await });
    bot.gateway.event("INTERACTION_CREATE").await;
    bot.discord.advance(3000);
    assert_eq!(waiting.await.unwrap().unwrap_err().status, 504);
}

#[tokio::test]
async fn a_context_menu_shows_the_bot_what_it_was_opened_on() {
    let mut bot = Bot::start().await;
    bot.register(json!([{"name": "Ask First Mate", "type": 3}])).await;
    let said = bot.said("why does it restart").await;
    let mut menu = invoke("olga", "ops", "Ask First Mate", json!([]));
    (menu.kind, menu.target_id) = (3, Some(text(&said["id"]).to_owned()));
    bot.discord.command(menu).await.unwrap();
    let it = bot.gateway.event("INTERACTION_CREATE").await;
    let target = text(&it["data"]["target_id"]);
    assert_eq!(
        it["data"]["resolved"]["messages"][target]["content"],
        "why does it restart"
    );
    bot.answer(&it, json!({"type": 4, "data": {"content": "x"}}))
        .await
        .good();
    let answer = bot.discord.message(2).unwrap();
    assert_eq!(
        (
            &answer["type"],
            &answer["interaction_metadata"]["target_message_id"]
        ),
        (&json!(23), &said["id"])
    );
}
