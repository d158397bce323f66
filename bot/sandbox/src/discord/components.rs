//! Buttons, select menus and forms from the person's side.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::options::resolve_person;
use super::refused::Refused;
use super::world;

const BUTTON: u64 = 2;
const TEXT_SELECT: u64 = 3;
const USER_SELECT: u64 = 5;
const ROLE_SELECT: u64 = 6;
const MENTIONABLE_SELECT: u64 = 7;
const CHANNEL_SELECT: u64 = 8;

/// The component with a custom id, however deep it lies.
pub(crate) fn find<'c>(components: &'c [Value], custom_id: &str) -> Option<&'c Value> {
    components.iter().find_map(|component| {
        if component["custom_id"] == custom_id {
            return Some(component);
        }
        let inner = component["components"]
            .as_array()
            .and_then(|inner| find(inner, custom_id));
        inner.or_else(|| find(std::slice::from_ref(component.get("accessory")?), custom_id))
    })
}

type Chosen = (Vec<String>, Map<String, Value>);

/// The component's kind and, for a select menu, what was chosen in it.
pub(crate) fn choose(component: &Value, values: &[String]) -> Result<(u64, Option<Chosen>), Refused> {
    let kind = component["type"].as_u64().unwrap_or(0);
    if component["disabled"] == true {
        return Err(Refused::bad("This component is disabled."));
    }
    if kind == BUTTON {
        return Ok((kind, None));
    }
    let least = component["min_values"].as_u64().unwrap_or(1);
    let most = component["max_values"].as_u64().unwrap_or(1);
    if !(least..=most).contains(&(values.len() as u64)) {
        return Err(Refused::bad(format!("Choose {least} to {most} values.")));
    }
    let mut resolved = Map::new();
    for value in values {
        if !offers(component, kind, value, &mut resolved) {
            return Err(Refused::bad(format!("The menu does not offer `{value}`.")));
        }
    }
    Ok((kind, Some((values.to_vec(), resolved))))
}

fn offers(component: &Value, kind: u64, value: &str, resolved: &mut Map<String, Value>) -> bool {
    let person = world::find(value).filter(|person| person.id.to_string() == value);
    let role = world::roles().into_iter().find(|role| role["id"] == value);
    match kind {
        TEXT_SELECT => {
            let options = component["options"].as_array();
            options.is_some_and(|options| options.iter().any(|option| option["value"] == value))
        }
        USER_SELECT | MENTIONABLE_SELECT if person.is_some() => person
            .inspect(|person| resolve_person(person.id, resolved))
            .is_some(),
        ROLE_SELECT | MENTIONABLE_SELECT => {
            let Some(role) = role else { return false };
            resolved.entry("roles").or_insert_with(|| json!({}))[value] = role;
            true
        }
        CHANNEL_SELECT => world::CHANNELS.iter().any(|(_, id)| id.to_string() == value),
        _ => false,
    }
}

/// A form's rows with the texts filled in, as the bot gets them.
pub(crate) fn fill(components: &Value, values: &BTreeMap<String, String>) -> Result<Vec<Value>, Refused> {
    let mut rows = Vec::new();
    let mut number = 0_u64;
    for row in components.as_array().into_iter().flatten() {
        number += 1;
        let row_number = number;
        let mut inputs = Vec::new();
        for input in inputs_of(row) {
            number += 1;
            inputs.push(filled(input, values, number)?);
        }
        let row_kind = row["type"].as_u64().unwrap_or(1);
        rows.push(match row_kind {
            // The newer form holds one input in a label.
            18 => json!({"type": 18, "id": row_number, "component": inputs.into_iter().next()}),
            _ => json!({"type": 1, "id": row_number, "components": inputs}),
        });
    }
    Ok(rows)
}

fn inputs_of(row: &Value) -> Vec<&Value> {
    match row.get("component") {
        Some(input) => vec![input],
        None => row["components"].as_array().into_iter().flatten().collect(),
    }
}

fn filled(input: &Value, values: &BTreeMap<String, String>, number: u64) -> Result<Value, Refused> {
    let custom_id = input["custom_id"].as_str().unwrap_or_default();
    let label = input["label"].as_str().unwrap_or(custom_id);
    let preset = input["value"].as_str().unwrap_or_default();
    let text = values.get(custom_id).map_or(preset, String::as_str);
    let length = text.encode_utf16().count() as u64;
    let required = input["required"].as_bool().unwrap_or(true);
    if required && length == 0 {
        return Err(Refused::bad(format!("`{label}` is required.")));
    }
    let least = input["min_length"].as_u64().unwrap_or(0);
    let most = input["max_length"].as_u64().unwrap_or(4000);
    if length > most || (length < least && length > 0) {
        return Err(Refused::bad(format!(
            "`{label}` must have {least} to {most} characters."
        )));
    }
    Ok(json!({"type": 4, "id": number, "custom_id": custom_id, "value": text}))
}
