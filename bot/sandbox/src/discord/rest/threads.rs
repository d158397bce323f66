//! Threads.

use serde_json::{Value, json};

use super::channels::{needs, visible};
use super::{Answer, Call, guilds};
use crate::discord::channel::{self, Channel, ChannelKind};
use crate::discord::errors::{self, ApiError};
use crate::discord::ids::Id;
use crate::discord::{permissions, world};

pub(super) fn open_alone(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let parent = visible(call, 0)?;
    let id = call.state.next_id();
    open(call, &parent, id, None)
}

/// A thread on a message has the message's id.
pub(super) fn open_on(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let parent = visible(call, 0)?;
    let message = call
        .state
        .message(call.id(1))
        .filter(|it| it.channel == parent.id && !it.is_ephemeral());
    let id = message.map(|it| it.id).ok_or_else(errors::unknown_message)?;
    if call.state.channel(id).is_some() {
        return Err(errors::thread_exists());
    }
    open(call, &parent, id, Some(id))
}

fn open(call: &mut Call<'_>, parent: &Channel, id: Id, on: Option<Id>) -> Result<Answer, ApiError> {
    needs(call, parent, permissions::CREATE_PUBLIC_THREADS)?;
    if parent.kind != ChannelKind::Text {
        return Err(ApiError::new(
            400,
            50024,
            "Cannot execute action on this channel type",
        ));
    }
    let thread = Channel {
        id,
        kind: ChannelKind::Thread,
        name: call.body["name"].as_str().unwrap_or_default().to_owned(),
        parent: Some(parent.id),
        owner: Some(world::BOT),
        created_ms: call.state.clock.now_ms(),
    };
    call.state.open_thread(thread.clone(), on);
    Ok(Answer::created(channel::object(call.state, &thread)))
}

pub(super) fn active(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    guilds::known(call)?;
    let state = &*call.state;
    let threads = state.channels.values().filter(|channel| channel.is_thread());
    let objects: Vec<Value> = threads.map(|thread| channel::object(state, thread)).collect();
    Ok(Answer::ok(
        json!({"threads": objects, "members": [], "has_more": false}),
    ))
}
