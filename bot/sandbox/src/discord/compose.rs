//! From a request body to a message: what `POST`, `PATCH` and interaction answers share.

use serde_json::{Value, json};

use super::channel;
use super::errors::{self, ApiError};
use super::ids::Id;
use super::mentions::{Allowed, mentioned};
use super::message::{LOADING, Message, SUPPRESS_EMBEDS};
use super::state::State;
use super::upload::{self, Upload};

/// Flag of a message that is made of components alone.
pub(crate) const COMPONENTS_V2: u64 = 1 << 15;
const SUPPRESS_NOTIFICATIONS: u64 = 1 << 12;

/// Fills a new message from a body.
pub(crate) fn write(
    state: &mut State,
    message: &mut Message,
    body: &Value,
    uploads: &[Upload],
) -> Result<(), ApiError> {
    change(state, message, body, uploads)?;
    let asked = body["flags"].as_u64().unwrap_or(0);
    message.flags |= asked & (SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2);
    message.tts = body["tts"].as_bool().unwrap_or(false);
    if is_empty(message) {
        Err(errors::empty_message())
    } else {
        Ok(())
    }
}

/// Changes a message as a body says; what the body leaves out stays.
pub(crate) fn change(
    state: &mut State,
    message: &mut Message,
    body: &Value,
    uploads: &[Upload],
) -> Result<(), ApiError> {
    let files = upload::attach(state, message.channel, &message.attachments, body, uploads)?;
    message.attachments = files;
    if let Some(content) = body.get("content") {
        message.content = content.as_str().unwrap_or_default().trim().to_owned();
    }
    if body.get("components").is_some() {
        message.earlier.append(&mut message.components);
    }
    for (key, list) in [
        ("embeds", &mut message.embeds),
        ("components", &mut message.components),
    ] {
        let Some(new) = body.get(key) else { continue };
        let mut new = without_nulls(new);
        upload::link(&mut new, &message.attachments, &format!("/{key}"))?;
        *list = new.as_array().cloned().unwrap_or_default();
    }
    message.embeds.iter_mut().for_each(finish_embed);
    number(&mut message.components, &mut 0);
    if body.get("content").is_some() || body.get("allowed_mentions").is_some() {
        set_mentions(state, message, body);
    }
    Ok(())
}

/// Changes a message that is there, marks it as edited and tells everyone.
pub(crate) fn edit(state: &mut State, id: Id, body: &Value, uploads: &[Upload]) -> Result<(), ApiError> {
    let mut message = state.message(id).cloned().ok_or_else(errors::unknown_message)?;
    change(state, &mut message, body, uploads)?;
    // A promised message that is written now was never seen otherwise, so it is not "edited".
    if message.flags & LOADING == 0 {
        message.edited_ms = Some(state.clock.now_ms());
    }
    message.flags &= !LOADING;
    if let Some(flags) = body["flags"].as_u64() {
        message.flags = (message.flags & !SUPPRESS_EMBEDS) | (flags & (SUPPRESS_EMBEDS | COMPONENTS_V2));
    }
    if is_empty(&message) {
        return Err(errors::empty_message());
    }
    state.edit(id, |old| *old = message);
    Ok(())
}

fn set_mentions(state: &State, message: &mut Message, body: &Value) {
    let Some(channel) = state.channel(message.channel) else {
        return;
    };
    let rights = channel::bot_rights(state, channel);
    let replied = message
        .reply_to
        .and_then(|id| state.message(id))
        .map(|original| original.author);
    message.mentions = mentioned(&message.content, &Allowed::of(body), rights, replied);
}

fn is_empty(message: &Message) -> bool {
    message.content.is_empty()
        && message.embeds.is_empty()
        && message.attachments.is_empty()
        && message.components.is_empty()
}

/// The value without the members that are null, as Discord gives things back.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(without_nulls).collect(),
        Value::Object(object) => {
            let kept = object.iter().filter(|(_, it)| !it.is_null());
            Value::Object(kept.map(|(key, it)| (key.clone(), without_nulls(it))).collect())
        }
        other => other.clone(),
    }
}

fn finish_embed(embed: &mut Value) {
    if embed["type"].is_null() {
        embed["type"] = json!("rich");
    }
    if let Some(fields) = embed["fields"].as_array_mut() {
        for field in fields {
            let inline = field["inline"].as_bool().unwrap_or(false);
            field["inline"] = json!(inline);
        }
    }
    if embed["fields"].is_null()
        && let Some(embed) = embed.as_object_mut()
    {
        embed.remove("fields");
    }
}

/// Gives components the numbers that Discord gives them, depth first.
fn number(components: &mut [Value], last: &mut u64) {
    for component in components {
        *last += 1;
        if component["id"].as_u64().unwrap_or(0) == 0 {
            component["id"] = json!(*last);
        }
        if matches!(component["type"].as_u64(), Some(3 | 5..=8)) {
            for key in ["min_values", "max_values"] {
                let count = component[key].as_u64().unwrap_or(1);
                component[key] = json!(count);
            }
        }
        for inner in ["components", "accessory"] {
            match component.get_mut(inner) {
                Some(Value::Array(list)) => number(list, last),
                Some(one @ Value::Object(_)) => number(std::slice::from_mut(one), last),
                _ => {}
            }
        }
    }
}
