//! Messages by channel.

use serde_json::{Value, json};

use super::channels::{needs, right_to_write, visible};
use super::{Answer, Call};
use crate::discord::channel::{self, Channel};
use crate::discord::errors::{self, ApiError, Wrong};
use crate::discord::ids::{Id, id_in};
use crate::discord::message::{self, Message, MessageKind};
use crate::discord::{compose, permissions, world};

/// For how long a nonce that was to be enforced is remembered.
const NONCE_MS: u64 = 5 * 60_000;

pub(super) fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let channel = visible(call, 0)?;
    may_write(call, &channel)?;
    if let Some(already) = sent_before(call) {
        return Ok(Answer::ok(already));
    }
    within_limit(call, channel.id)?;
    let mut message = Message::blank(world::BOT, channel.id, call.state.clock.now_ms());
    message.reply_to = replied(call, &channel)?;
    if message.reply_to.is_some() {
        message.kind = MessageKind::Reply;
    }
    compose::write(call.state, &mut message, call.body, call.uploads)?;
    message.nonce = call.body.get("nonce").filter(|nonce| !nonce.is_null()).cloned();
    let id = call.state.post(message);
    remember_nonce(call, id);
    answer(call, id)
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let id = readable(call)?;
    answer(call, id)
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let channel = visible(call, 0)?;
    if channel::bot_rights(call.state, &channel) & permissions::READ_MESSAGE_HISTORY == 0 {
        return Ok(Answer::ok(json!([])));
    }
    let bound = |key: &str| call.query.get(key).and_then(|id| id.parse::<Id>().ok());
    let limit = call
        .query
        .get("limit")
        .and_then(|limit| limit.parse().ok())
        .unwrap_or(50_usize);
    if !(1..=100).contains(&limit) {
        let wrong = Wrong::new(
            "/limit",
            "NUMBER_TYPE_MAX",
            "int value should be between 1 and 100.",
        );
        return Err(errors::invalid_form(&[wrong]));
    }
    let state = &*call.state;
    let all: Vec<&Message> = state
        .messages_in(channel.id)
        .filter(|it| it.only.is_none())
        .collect();
    let mut page = page(&all, bound("before"), bound("after"), bound("around"), limit);
    page.reverse();
    let objects: Vec<Value> = page
        .into_iter()
        .map(|it| message::readable_object(state, it))
        .collect();
    Ok(Answer::ok(json!(objects)))
}

/// The messages asked for, oldest first.
fn page<'m>(
    all: &[&'m Message],
    before: Option<Id>,
    after: Option<Id>,
    around: Option<Id>,
    limit: usize,
) -> Vec<&'m Message> {
    let (start, end) = match (before, after, around) {
        (_, _, Some(id)) => {
            let at = all.partition_point(|it| it.id < id);
            let start = at.saturating_sub(limit / 2);
            (start, start + limit)
        }
        (Some(id), ..) => {
            let end = all.partition_point(|it| it.id < id);
            (end.saturating_sub(limit), end)
        }
        (None, Some(id), None) => {
            let start = all.partition_point(|it| it.id <= id);
            (start, start + limit)
        }
        _ => (all.len().saturating_sub(limit), all.len()),
    };
    all[start..end.min(all.len())].to_vec()
}

pub(super) fn change(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let id = readable(call)?;
    let author = call.state.message(id).map(|it| it.author);
    if author != Some(world::BOT) {
        return Err(errors::not_the_author());
    }
    compose::edit(call.state, id, call.body, call.uploads)?;
    answer(call, id)
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let id = readable(call)?;
    let author = call.state.message(id).map(|it| it.author);
    if author != Some(world::BOT) {
        let channel = visible(call, 0)?;
        needs(call, &channel, permissions::MANAGE_MESSAGES)?;
    }
    call.state.delete(id);
    Ok(Answer::nothing())
}

/// The message that the path names. Ephemeral ones are found by their interaction's token only.
fn readable(call: &Call<'_>) -> Result<Id, ApiError> {
    let channel = visible(call, 0)?;
    let message = call.state.message(call.id(1));
    let message = message.filter(|it| it.channel == channel.id && !it.is_ephemeral());
    message.map(|it| it.id).ok_or_else(errors::unknown_message)
}

fn may_write(call: &Call<'_>, channel: &Channel) -> Result<(), ApiError> {
    needs(call, channel, right_to_write(channel))?;
    let has = |key: &str| call.body[key].as_array().is_some_and(|list| !list.is_empty());
    if !call.uploads.is_empty() {
        needs(call, channel, permissions::ATTACH_FILES)?;
    }
    if has("embeds") {
        needs(call, channel, permissions::EMBED_LINKS)?;
    }
    Ok(())
}

/// The message that the body replies to.
fn replied(call: &Call<'_>, channel: &Channel) -> Result<Option<Id>, ApiError> {
    let reference = &call.body["message_reference"];
    let Some(id) = id_in(&reference["message_id"]) else {
        return Ok(None);
    };
    let refuse = |code, message: &str| {
        Err(errors::invalid_form(&[Wrong::new(
            "/message_reference",
            code,
            message,
        )]))
    };
    let rights = channel::bot_rights(call.state, channel);
    if rights & permissions::READ_MESSAGE_HISTORY == 0 {
        let code = "REPLIES_CANNOT_REPLY_WITHOUT_READ_MESSAGE_HISTORY";
        return refuse(code, "Cannot reply without permission to read message history");
    }
    let original = call.state.message(id);
    if original.is_some_and(|it| it.channel == channel.id && !it.is_ephemeral()) {
        return Ok(Some(id));
    }
    if reference["fail_if_not_exists"] == false {
        return Ok(None);
    }
    refuse("REPLIES_UNKNOWN_MESSAGE", "Unknown message")
}

/// The message that was sent with the same nonce a moment ago, if it is to be enforced.
fn sent_before(call: &Call<'_>) -> Option<Value> {
    let (id, at) = call.state.nonces.get(&nonce(call)?)?;
    if call.state.clock.now_ms() > at + NONCE_MS {
        return None;
    }
    call.state
        .message(*id)
        .map(|it| message::readable_object(call.state, it))
}

fn remember_nonce(call: &mut Call<'_>, id: Id) {
    if let Some(nonce) = nonce(call) {
        let now = call.state.clock.now_ms();
        call.state.nonces.insert(nonce, (id, now));
    }
}

fn nonce(call: &Call<'_>) -> Option<(Id, String)> {
    let enforced = call.body["enforce_nonce"] == true;
    let nonce = call
        .body
        .get("nonce")
        .filter(|nonce| enforced && !nonce.is_null())?;
    Some((world::BOT, nonce.to_string()))
}

/// Counts the message against [`crate::discord::Settings::channel_limit`].
fn within_limit(call: &mut Call<'_>, channel: Id) -> Result<(), ApiError> {
    let Some((most, within_ms)) = call.state.settings.channel_limit else {
        return Ok(());
    };
    let now = call.state.clock.now_ms();
    let sent = call.state.sent.entry(channel).or_default();
    sent.retain(|at| at + within_ms > now);
    if sent.len() >= most {
        let wait = sent.first().map_or(0, |first| first + within_ms - now);
        return Err(errors::rate_limited(wait.div_ceil(1000) as f64));
    }
    sent.push(now);
    Ok(())
}

fn answer(call: &Call<'_>, id: Id) -> Result<Answer, ApiError> {
    let message = call.state.message(id).ok_or_else(errors::unknown_message)?;
    Ok(Answer::ok(message::readable_object(call.state, message)))
}
