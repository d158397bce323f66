//! Channels, and what the bot may do in them.

use super::{Answer, Call};
use crate::discord::channel::{self, Channel};
use crate::discord::errors::{self, ApiError};
use crate::discord::permissions::{self, Bits};

pub(super) fn get(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let channel = visible(call, 0)?;
    Ok(Answer::ok(channel::object(call.state, &channel)))
}

pub(super) fn typing(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let channel = visible(call, 0)?;
    needs(call, &channel, right_to_write(&channel))?;
    let data = serde_json::json!({"channel_id": channel.id});
    call.state.tell_all("typing", &data);
    Ok(Answer::nothing())
}

/// The channel that the `n`th parameter names, if the bot can see it.
pub(super) fn visible(call: &Call<'_>, n: usize) -> Result<Channel, ApiError> {
    let channel = call
        .state
        .channel(call.id(n))
        .cloned()
        .ok_or_else(errors::unknown_channel)?;
    if channel::bot_rights(call.state, &channel) & permissions::VIEW_CHANNEL == 0 {
        return Err(errors::no_access());
    }
    Ok(channel)
}

/// Refuses what the bot may not do.
pub(super) fn needs(call: &Call<'_>, channel: &Channel, right: Bits) -> Result<(), ApiError> {
    let rights = channel::bot_rights(call.state, channel);
    if rights & right == right {
        Ok(())
    } else {
        Err(errors::no_permission())
    }
}

/// The permission to write, which in threads is another one.
pub(super) fn right_to_write(channel: &Channel) -> Bits {
    if channel.is_thread() {
        permissions::SEND_MESSAGES_IN_THREADS
    } else {
        permissions::SEND_MESSAGES
    }
}
