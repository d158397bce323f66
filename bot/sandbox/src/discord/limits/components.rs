//! Buttons and select menus, in rows and in the newer layout.

use std::collections::HashSet;

use serde_json::Value;

use super::{Found, characters, items};

const ROW: u64 = 1;
const BUTTON: u64 = 2;
const TEXT_SELECT: u64 = 3;
const TEXT_DISPLAY: u64 = 10;
const LINK: u64 = 5;
const PREMIUM: u64 = 6;

/// Rows as they have always been: five of them, each with five buttons or one menu.
pub(super) fn rows(found: &mut Found, rows: &Value, at: &str) {
    found.count(rows, at, 0, 5);
    for (index, row) in items(rows) {
        let at = format!("{at}/{index}");
        if row["type"].as_u64() != Some(ROW) {
            let message = "Value of field \"type\" must be one of (1,).".to_owned();
            found.add(&format!("{at}/type"), "UNION_TYPE_CHOICES", message);
            continue;
        }
        self::row(found, row, &at);
    }
}

fn row(found: &mut Found, row: &Value, at: &str) {
    let inner = format!("{at}/components");
    let has_menu = items(&row["components"]).any(|(_, it)| it["type"].as_u64() != Some(BUTTON));
    found.count(&row["components"], &inner, 1, if has_menu { 1 } else { 5 });
    for (index, component) in items(&row["components"]) {
        one(found, component, &format!("{inner}/{index}"));
    }
}

fn one(found: &mut Found, component: &Value, at: &str) {
    match component["type"].as_u64() {
        Some(BUTTON) => button(found, component, at),
        Some(TEXT_SELECT..=8) if component["type"] != 4 => menu(found, component, at),
        _ => found.add(
            &format!("{at}/type"),
            "UNION_TYPE_CHOICES",
            "No such component here.".to_owned(),
        ),
    }
}

fn button(found: &mut Found, button: &Value, at: &str) {
    found.length(&button["label"], &format!("{at}/label"), 0, 80);
    let (id, url) = (button["custom_id"].is_string(), button["url"].is_string());
    let style = button["style"].as_u64().unwrap_or(0);
    if id && url {
        let message = "A custom id and url cannot both be specified".to_owned();
        found.add(at, "COMPONENT_CUSTOM_ID_AND_URL", message);
    } else if style == LINK {
        found.needed(&button["url"], &format!("{at}/url"), 1, 512);
    } else if style != PREMIUM {
        found.needed(&button["custom_id"], &format!("{at}/custom_id"), 1, 100);
    }
    let shows = !button["emoji"].is_null() || button["label"].as_str().is_some_and(|label| !label.is_empty());
    if !shows && style != PREMIUM {
        let message = "A button needs a label or an emoji".to_owned();
        found.add(&format!("{at}/label"), "BUTTON_COMPONENT_INVALID_LABEL", message);
    }
}

fn menu(found: &mut Found, menu: &Value, at: &str) {
    found.needed(&menu["custom_id"], &format!("{at}/custom_id"), 1, 100);
    found.length(&menu["placeholder"], &format!("{at}/placeholder"), 0, 150);
    for (key, least) in [("min_values", 0), ("max_values", 1)] {
        if menu[key]
            .as_u64()
            .is_some_and(|value| !(least..=25).contains(&value))
        {
            let message = format!("int value should be between {least} and 25.");
            found.add(&format!("{at}/{key}"), "NUMBER_TYPE_MAX", message);
        }
    }
    if menu["type"].as_u64() != Some(TEXT_SELECT) {
        return;
    }
    let options = format!("{at}/options");
    found.count(&menu["options"], &options, 1, 25);
    let mut values = HashSet::new();
    for (index, option) in items(&menu["options"]) {
        found.needed(&option["label"], &format!("{options}/{index}/label"), 1, 100);
        found.needed(&option["value"], &format!("{options}/{index}/value"), 1, 100);
        found.length(
            &option["description"],
            &format!("{options}/{index}/description"),
            0,
            100,
        );
        if !values.insert(option["value"].to_string()) {
            let message = "The specified option value is already used".to_owned();
            found.add(
                &format!("{options}/{index}/value"),
                "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
                message,
            );
        }
    }
}

/// The newer layout: 40 components in all, 4,000 characters of text, and nothing beside it.
pub(super) fn newer(found: &mut Found, body: &Value, at: &str) {
    for key in ["content", "embeds", "poll", "sticker_ids"] {
        let used = match &body[key] {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(list) => !list.is_empty(),
            _ => true,
        };
        if used {
            let message =
                format!("The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2");
            found.add(
                &format!("{at}/{key}"),
                "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                message,
            );
        }
    }
    let place = format!("{at}/components");
    let all = flat(&body["components"]);
    if all.len() > 40 {
        found.add(
            &place,
            "BASE_TYPE_BAD_LENGTH",
            "Must be between 1 and 40 in length.".to_owned(),
        );
    }
    let texts = all.iter().filter(|it| it["type"].as_u64() == Some(TEXT_DISPLAY));
    let text: usize = texts
        .filter_map(|it| it["content"].as_str())
        .map(characters)
        .sum();
    if text > 4000 {
        found.add(
            &place,
            "BASE_TYPE_MAX_LENGTH",
            "Total text must be 4000 or fewer in length.".to_owned(),
        );
    }
    for (index, row) in items(&body["components"]).filter(|(_, it)| it["type"].as_u64() == Some(ROW)) {
        self::row(found, row, &format!("{place}/{index}"));
    }
}

/// Custom ids are unique in their message.
pub(super) fn unique_ids(found: &mut Found, components: &Value, at: &str) {
    let mut seen = HashSet::new();
    let all = flat(components);
    let ids = all.iter().filter_map(|component| component["custom_id"].as_str());
    let duplicated = ids.filter(|id| !seen.insert(*id)).count() > 0;
    if duplicated {
        let message = "Component custom id cannot be duplicated".to_owned();
        found.add(at, "COMPONENT_CUSTOM_ID_DUPLICATED", message);
    }
}

fn flat(components: &Value) -> Vec<&Value> {
    let mut all = Vec::new();
    for (_, component) in items(components) {
        all.push(component);
        all.extend(flat(&component["components"]));
        all.extend(component.get("accessory"));
        all.extend(component.get("component"));
    }
    all
}
