//! What can be done with an interaction's token after the first answer.

use super::{Answer, Call};
use crate::discord::errors::{self, ApiError};
use crate::discord::ids::Id;
use crate::discord::interaction::{Answered, Interaction};
use crate::discord::message::{self, EPHEMERAL};
use crate::discord::{compose, interact, world};

/// A follow-up. The first one after a promise is what was promised, on Discord too.
pub(super) fn follow_up(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let interaction = interaction(call)?;
    let promised = interaction.promised(call.state).map(|message| message.id);
    if let Some(promised) = promised {
        compose::edit(call.state, promised, call.body, call.uploads)?;
        return answer(call, promised);
    }
    let flags = call.body["flags"].as_u64().unwrap_or(0) & EPHEMERAL;
    let mut message = interact::blank_answer(call.state, &interaction, flags);
    message.kind = message::MessageKind::Plain;
    compose::write(call.state, &mut message, call.body, call.uploads)?;
    let id = call.state.post(message);
    answer(call, id)
}

pub(super) fn get_original(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let id = original(call)?;
    answer(call, id)
}

pub(super) fn change_original(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let id = original(call)?;
    compose::edit(call.state, id, call.body, call.uploads)?;
    answer(call, id)
}

pub(super) fn delete_original(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let id = original(call)?;
    call.state.delete(id);
    Ok(Answer::nothing())
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let id = own(call)?;
    answer(call, id)
}

pub(super) fn change(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let id = own(call)?;
    compose::edit(call.state, id, call.body, call.uploads)?;
    answer(call, id)
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let id = own(call)?;
    call.state.delete(id);
    Ok(Answer::nothing())
}

/// The interaction whose token the path carries. Before the first answer there is no such
/// webhook, and after a quarter of an hour its token is void.
fn interaction(call: &Call<'_>) -> Result<Interaction, ApiError> {
    if call.id(0) != world::BOT {
        return Err(errors::unknown_webhook());
    }
    let found = call
        .state
        .tokens
        .get(call.text(1))
        .and_then(|id| call.state.interaction(*id));
    let found = found.ok_or_else(errors::expired_token)?;
    if !found.token_is_good(call.state.clock.now_ms()) {
        return Err(errors::expired_token());
    }
    match found.answered {
        None | Some(Answered::Choices) => Err(errors::unknown_webhook()),
        Some(_) => Ok(found.clone()),
    }
}

fn original(call: &Call<'_>) -> Result<Id, ApiError> {
    let interaction = interaction(call)?;
    let message = interaction.original.and_then(|id| call.state.message(id));
    message
        .map(|message| message.id)
        .ok_or_else(errors::unknown_message)
}

/// The message that the path names, if this interaction may touch it.
fn own(call: &Call<'_>) -> Result<Id, ApiError> {
    let interaction = interaction(call)?;
    let message = call.state.message(call.id(2));
    let own = |id: Id, of: Option<Id>| of == Some(interaction.id) || interaction.original == Some(id);
    let message = message.filter(|message| own(message.id, message.interaction));
    message
        .map(|message| message.id)
        .ok_or_else(errors::unknown_message)
}

fn answer(call: &Call<'_>, id: Id) -> Result<Answer, ApiError> {
    let message = call.state.message(id).ok_or_else(errors::unknown_message)?;
    Ok(Answer::ok(message::object(call.state, message)))
}
