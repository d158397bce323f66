//! The one server.

use serde_json::{Value, json};

use super::{Answer, Call};
use crate::discord::channel::{self, ChannelKind};
use crate::discord::errors::{self, ApiError};
use crate::discord::world;

pub(super) fn get(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    known(call)?;
    let mut guild = world::guild();
    if call.query.get("with_counts").is_some_and(|with| with == "true") {
        let count = world::members().len();
        channel::merge(
            &mut guild,
            json!({"approximate_member_count": count, "approximate_presence_count": count}),
        );
    }
    Ok(Answer::ok(guild))
}

pub(super) fn channels(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    known(call)?;
    let state = &*call.state;
    let text = state
        .channels
        .values()
        .filter(|channel| channel.kind == ChannelKind::Text);
    let objects: Vec<Value> = text.map(|it| channel::object(state, it)).collect();
    Ok(Answer::ok(json!(objects)))
}

pub(super) fn roles(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    known(call)?;
    Ok(Answer::ok(json!(world::roles())))
}

pub(super) fn member(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    known(call)?;
    let id = if call.text(1) == "@me" {
        world::BOT
    } else {
        call.id(1)
    };
    world::member(id)
        .map(Answer::ok)
        .ok_or_else(errors::unknown_member)
}

/// Refuses every server but the one.
pub(super) fn known(call: &Call<'_>) -> Result<(), ApiError> {
    if call.id(0) == world::GUILD {
        Ok(())
    } else {
        Err(errors::unknown_guild())
    }
}
