//! Discord's limits, checked on every body whether its document is at hand or not. The document
//! does not have all of them: 6,000 characters over all embeds, five rows, unique custom ids,
//! 2,000 characters for bots, 8,000 for a command.

mod commands;
mod components;
mod embeds;
mod forms;

use serde_json::Value;

use super::compose::COMPONENTS_V2;
use super::errors::Wrong;

/// What kind of body a route takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    None,
    /// A message, new or changed.
    Message,
    /// The first answer to an interaction.
    Callback,
    /// A list of commands.
    Commands,
    /// One command.
    Command,
    Thread,
}

/// Everything that is wrong with a body.
pub(crate) fn check(form: Form, body: &Value) -> Vec<Wrong> {
    let mut found = Found::default();
    match form {
        Form::None => {}
        Form::Message => message(&mut found, body, ""),
        Form::Callback => callback(&mut found, body),
        Form::Commands => commands::all(&mut found, body),
        Form::Command => commands::one(&mut found, body, ""),
        Form::Thread => found.length(&body["name"], "/name", 1, 100),
    }
    found.wrong
}

/// The keys of a message body that mean nothing to Discord, which ignores them: a typo there is
/// a setting that never takes effect.
pub(crate) fn unknown_keys(form: Form, body: &Value) -> Vec<String> {
    const KNOWN: &[&str] = &[
        "allowed_mentions",
        "applied_tags",
        "attachments",
        "avatar_url",
        "components",
        "content",
        "embeds",
        "enforce_nonce",
        "flags",
        "message_reference",
        "nonce",
        "poll",
        "sticker_ids",
        "thread_name",
        "tts",
        "username",
    ];
    let message = match form {
        Form::Message => body,
        Form::Callback if matches!(body["type"].as_u64(), Some(4 | 5 | 7)) => &body["data"],
        _ => return Vec::new(),
    };
    let keys = message.as_object().into_iter().flat_map(|object| object.keys());
    keys.filter(|key| !KNOWN.contains(&key.as_str()))
        .cloned()
        .collect()
}

fn message(found: &mut Found, body: &Value, at: &str) {
    found.length(&body["content"], &format!("{at}/content"), 0, 2000);
    found.length(&body["nonce"], &format!("{at}/nonce"), 0, 25);
    embeds::check(found, &body["embeds"], &format!("{at}/embeds"));
    attachments(found, &body["attachments"], &format!("{at}/attachments"));
    mentions(
        found,
        &body["allowed_mentions"],
        &format!("{at}/allowed_mentions"),
    );
    let newer = body["flags"].as_u64().unwrap_or(0) & COMPONENTS_V2 != 0;
    let place = format!("{at}/components");
    if newer {
        components::newer(found, body, at);
    } else {
        components::rows(found, &body["components"], &place);
    }
    components::unique_ids(found, &body["components"], &place);
}

fn attachments(found: &mut Found, attachments: &Value, at: &str) {
    found.count(attachments, at, 0, 10);
    for (index, attachment) in items(attachments) {
        found.length(
            &attachment["description"],
            &format!("{at}/{index}/description"),
            0,
            1024,
        );
    }
}

fn mentions(found: &mut Found, allowed: &Value, at: &str) {
    for kind in ["users", "roles"] {
        found.count(&allowed[kind], &format!("{at}/{kind}"), 0, 100);
        let parsed = items(&allowed["parse"]).any(|(_, it)| it == kind);
        let listed = allowed[kind].as_array().is_some_and(|list| !list.is_empty());
        if parsed && listed {
            let message = format!("parse:[\"{kind}\"] and {kind}: [ids...] are mutually exclusive.");
            found.add(at, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message);
        }
    }
}

fn callback(found: &mut Found, body: &Value) {
    match body["type"].as_u64() {
        Some(4 | 7) => message(found, &body["data"], "/data"),
        Some(1 | 5 | 6) => {}
        Some(8) => choices(found, &body["data"]["choices"], "/data/choices"),
        Some(9) => forms::check(found, &body["data"], "/data"),
        _ => found.add(
            "/type",
            "BASE_TYPE_CHOICES",
            "Value must be one of {1, 4, 5, 6, 7, 8, 9}.".to_owned(),
        ),
    }
}

/// Choices of a command's option, fixed ones and those of completion.
fn choices(found: &mut Found, choices: &Value, at: &str) {
    found.count(choices, at, 0, 25);
    for (index, choice) in items(choices) {
        found.needed(&choice["name"], &format!("{at}/{index}/name"), 1, 100);
        if choice["value"].is_string() {
            found.length(&choice["value"], &format!("{at}/{index}/value"), 1, 100);
        }
        for (locale, name) in choice["name_localizations"].as_object().into_iter().flatten() {
            found.length(name, &format!("{at}/{index}/name_localizations/{locale}"), 1, 100);
        }
    }
}

/// What was found to be wrong so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    wrong: Vec<Wrong>,
}

impl Found {
    fn add(&mut self, at: &str, code: &'static str, message: String) {
        self.wrong.push(Wrong::new(at, code, message));
    }

    /// A text that may be absent, but not shorter or longer than this.
    fn length(&mut self, value: &Value, at: &str, least: usize, most: usize) {
        let Some(text) = value.as_str() else { return };
        let length = characters(text);
        if length > most {
            self.add(
                at,
                "BASE_TYPE_MAX_LENGTH",
                format!("Must be {most} or fewer in length."),
            );
        } else if length < least {
            self.add(
                at,
                "BASE_TYPE_MIN_LENGTH",
                format!("Must be {least} or more in length."),
            );
        }
    }

    /// A text that must be there.
    fn needed(&mut self, value: &Value, at: &str, least: usize, most: usize) {
        if value.as_str().is_none_or(|text| text.trim().is_empty()) {
            self.add(at, "BASE_TYPE_REQUIRED", "This field is required".to_owned());
            return;
        }
        self.length(value, at, least, most);
    }

    /// A list that may be absent, but not shorter or longer than this.
    fn count(&mut self, value: &Value, at: &str, least: usize, most: usize) {
        let Some(list) = value.as_array() else { return };
        if !(least..=most).contains(&list.len()) {
            let message = format!("Must be between {least} and {most} in length.");
            self.add(at, "BASE_TYPE_BAD_LENGTH", message);
        }
    }
}

/// The length of a text. Discord counts no more than this for any text.
fn characters(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The members of a list with their places.
fn items(value: &Value) -> impl Iterator<Item = (usize, &Value)> {
    value.as_array().into_iter().flatten().enumerate()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use serde_json::json;

    use super::*;

    #[track_caller]
    pub(super) fn check_form(form: Form, body: &Value, expected: Expect) {
        let lines = check(form, body)
            .into_iter()
            .map(|it| format!("{}: {}\n", it.at, it.message));
        expected.assert_eq(&lines.collect::<String>());
    }

    fn long(length: usize) -> String {
        "x".repeat(length)
    }

    #[test]
    fn content_has_2000_characters() {
        check_form(Form::Message, &json!({"content": long(2000)}), expect![""]);
        check_form(
            Form::Message,
            &json!({"content": long(2001)}),
            expect![[r#"
            /content: Must be 2000 or fewer in length.
        "#]],
        );
    }

    #[test]
    fn all_embeds_together_have_6000_characters() {
        let embed = |length| json!({"description": long(length)});
        check_form(
            Form::Message,
            &json!({"embeds": [embed(3000), embed(3000)]}),
            expect![""],
        );
        check_form(
            Form::Message,
            &json!({"embeds": [embed(3000), embed(3001)]}),
            expect![[r#"
            /embeds: Embed size exceeds maximum size of 6000
        "#]],
        );
    }

    #[test]
    fn each_part_of_an_embed_has_its_limit() {
        let field = json!({"name": long(257), "value": ""});
        let embed = json!({"title": long(257), "fields": [field], "footer": {"text": long(2049)}});
        check_form(
            Form::Message,
            &json!({"embeds": [embed]}),
            expect![[r#"
            /embeds/0/title: Must be 256 or fewer in length.
            /embeds/0/footer/text: Must be 2048 or fewer in length.
            /embeds/0/fields/0/name: Must be 256 or fewer in length.
            /embeds/0/fields/0/value: This field is required
        "#]],
        );
    }

    #[test]
    fn a_message_has_five_rows_of_five_buttons_with_ids_of_their_own() {
        let button = |id: &str| json!({"type": 2, "style": 1, "label": "x", "custom_id": id});
        let row = |buttons: Vec<Value>| json!({"type": 1, "components": buttons});
        let rows: Vec<Value> = (0..6).map(|n| row(vec![button(&n.to_string())])).collect();
        check_form(
            Form::Message,
            &json!({"components": rows}),
            expect![[r#"
            /components: Must be between 0 and 5 in length.
        "#]],
        );
        let six: Vec<Value> = (0..6).map(|_| button("same")).collect();
        check_form(
            Form::Message,
            &json!({"components": [row(six)]}),
            expect![[r#"
            /components/0/components: Must be between 1 and 5 in length.
            /components: Component custom id cannot be duplicated
        "#]],
        );
    }

    #[test]
    fn a_button_has_a_custom_id_or_an_address() {
        let row = |button: Value| json!({"components": [{"type": 1, "components": [button]}]});
        let both = json!({"type": 2, "style": 1, "label": "x", "custom_id": "a", "url": "https://a.b"});
        check_form(
            Form::Message,
            &row(both),
            expect![[r#"
            /components/0/components/0: A custom id and url cannot both be specified
        "#]],
        );
        let none = json!({"type": 2, "style": 5, "label": long(81)});
        check_form(
            Form::Message,
            &row(none),
            expect![[r#"
            /components/0/components/0/label: Must be 80 or fewer in length.
            /components/0/components/0/url: This field is required
        "#]],
        );
    }

    #[test]
    fn a_select_menu_has_25_options() {
        let options: Vec<Value> = (0..26)
            .map(|n| json!({"label": "x", "value": n.to_string()}))
            .collect();
        let menu = json!({"type": 3, "custom_id": long(101), "options": options});
        check_form(
            Form::Message,
            &json!({"components": [{"type": 1, "components": [menu]}]}),
            expect![[r#"
            /components/0/components/0/custom_id: Must be 100 or fewer in length.
            /components/0/components/0/options: Must be between 1 and 25 in length.
        "#]],
        );
    }

    #[test]
    fn newer_components_exclude_content_and_embeds() {
        let text = json!({"type": 10, "content": long(4001)});
        let body = json!({"flags": 1 << 15, "content": "x", "components": [text]});
        check_form(
            Form::Message,
            &body,
            expect![[r#"
            /content: The 'content' field cannot be used when using MessageFlags.IS_COMPONENTS_V2
            /components: Total text must be 4000 or fewer in length.
        "#]],
        );
    }

    #[test]
    fn completion_offers_25_choices_of_100_characters() {
        let choices: Vec<Value> = (0..26).map(|_| json!({"name": "x", "value": "x"})).collect();
        check_form(
            Form::Callback,
            &json!({"type": 8, "data": {"choices": choices}}),
            expect![[r#"
            /data/choices: Must be between 0 and 25 in length.
        "#]],
        );
        let choice = json!({"name": long(101), "value": long(101)});
        check_form(
            Form::Callback,
            &json!({"type": 8, "data": {"choices": [choice]}}),
            expect![[r#"
            /data/choices/0/name: Must be 100 or fewer in length.
            /data/choices/0/value: Must be 100 or fewer in length.
        "#]],
        );
    }

    #[test]
    fn a_form_has_a_short_title_and_labels() {
        let input =
            json!({"type": 4, "style": 1, "custom_id": "a", "label": long(46), "placeholder": long(101)});
        let data =
            json!({"title": long(46), "custom_id": "f", "components": [{"type": 1, "components": [input]}]});
        check_form(
            Form::Callback,
            &json!({"type": 9, "data": data}),
            expect![[r#"
            /data/title: Must be 45 or fewer in length.
            /data/components/0/components/0/label: Must be 45 or fewer in length.
            /data/components/0/components/0/placeholder: Must be 100 or fewer in length.
        "#]],
        );
    }

    #[test]
    fn command_names_are_lower_case_and_described() {
        let command = json!({"name": "Ask", "description": "", "name_localizations": {"zh": "问"}});
        check_form(
            Form::Command,
            &command,
            expect![[r#"
            /name: Command name is invalid
            /description: This field is required
            /name_localizations/zh: Unknown locale
        "#]],
        );
        let menu = json!({"name": "Ask First Mate", "type": 3, "name_localizations": {"zh-CN": "问大副"}});
        check_form(Form::Command, &menu, expect![""]);
    }

    #[test]
    fn a_command_has_8000_characters_in_all() {
        let option = |n: usize| {
            let choices: Vec<Value> = (0..25)
                .map(|m| json!({"name": long(90), "value": m.to_string() + &long(90)}))
                .collect();
            json!({"type": 3, "name": format!("o{n}"), "description": "x", "choices": choices})
        };
        let command = json!({"name": "big", "description": "x", "options": [option(1), option(2)]});
        check_form(
            Form::Commands,
            &json!([command]),
            expect![[r#"
            /0: Command exceeds maximum size (8000)
        "#]],
        );
    }

    #[test]
    fn required_options_come_first() {
        let options = json!([
            {"type": 3, "name": "a", "description": "x"},
            {"type": 3, "name": "b", "description": "x", "required": true, "autocomplete": true, "choices": [{"name": "c", "value": "c"}]},
        ]);
        check_form(
            Form::Command,
            &json!({"name": "x", "description": "x", "options": options}),
            expect![[r#"
            /options/1/choices: Choices and autocomplete are mutually exclusive
            /options/1: Required options must be placed before non-required options
        "#]],
        );
    }

    #[test]
    fn keys_that_mean_nothing_are_named() {
        let body = json!({"content": "x", "embed": {}, "allowedMentions": {}});
        let mut keys = unknown_keys(Form::Message, &body);
        // In which order an object keeps its keys is up to the features of the build.
        keys.sort();
        assert_eq!(keys, ["allowedMentions", "embed"]);
    }
}
