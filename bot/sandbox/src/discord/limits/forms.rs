//! Forms (modals).

use serde_json::Value;

use super::{Found, components, items};

const LABEL: u64 = 18;

pub(super) fn check(found: &mut Found, form: &Value, at: &str) {
    found.needed(&form["title"], &format!("{at}/title"), 1, 45);
    found.needed(&form["custom_id"], &format!("{at}/custom_id"), 1, 100);
    let rows = format!("{at}/components");
    found.count(&form["components"], &rows, 1, 5);
    for (index, row) in items(&form["components"]) {
        let at = format!("{rows}/{index}");
        if row["type"].as_u64() == Some(LABEL) {
            found.needed(&row["label"], &format!("{at}/label"), 1, 45);
            continue;
        }
        found.count(&row["components"], &format!("{at}/components"), 1, 1);
        for (index, text) in items(&row["components"]) {
            input(found, text, &format!("{at}/components/{index}"));
        }
    }
    components::unique_ids(found, &form["components"], &rows);
}

fn input(found: &mut Found, input: &Value, at: &str) {
    if input["type"].as_u64() != Some(4) {
        found.add(
            &format!("{at}/type"),
            "UNION_TYPE_CHOICES",
            "A form takes text inputs only.".to_owned(),
        );
    }
    found.needed(&input["custom_id"], &format!("{at}/custom_id"), 1, 100);
    found.needed(&input["label"], &format!("{at}/label"), 1, 45);
    found.length(&input["placeholder"], &format!("{at}/placeholder"), 0, 100);
    found.length(&input["value"], &format!("{at}/value"), 0, 4000);
    for (key, least) in [("min_length", 0), ("max_length", 1)] {
        if input[key]
            .as_u64()
            .is_some_and(|length| !(least..=4000).contains(&length))
        {
            let message = format!("int value should be between {least} and 4000.");
            found.add(&format!("{at}/{key}"), "NUMBER_TYPE_MAX", message);
        }
    }
}
