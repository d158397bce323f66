//! The first answer to an interaction.

use serde_json::json;

use super::{Answer, Call};
use crate::discord::errors::{self, ApiError, Wrong};
use crate::discord::ids::Id;
use crate::discord::interaction::{Answered, Asked, Interaction, Modal};
use crate::discord::journal::Entry;
use crate::discord::message::{self, EPHEMERAL, LOADING};
use crate::discord::{compose, interact, world};

pub(super) fn callback(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let found = call
        .state
        .interaction(call.id(0))
        .filter(|it| it.token == call.text(1))
        .cloned();
    let Some(asked) = found else {
        return Err(errors::unknown_interaction());
    };
    if asked.answered.is_some() {
        return Err(errors::already_acknowledged());
    }
    if !asked.is_waiting() {
        return Err(errors::unknown_interaction());
    }
    let kind = call.body["type"].as_u64().unwrap_or(0);
    if !fits(kind, &asked) {
        let wrong = Wrong::new(
            "/type",
            "INTERACTION_TYPE_INVALID",
            "This answer does not fit the interaction",
        );

        return Err(errors::invalid_form(&[wrong]));
    }
    let answered = carry_out(call, &asked, kind)?;
    if let Some(it) = call.state.interactions.get_mut(&asked.id) {
        it.answered = Some(answered);
    }
    Ok(answer(call, asked.id, kind))
}

/// Which answers fit which interaction.
fn fits(kind: u64, interaction: &Interaction) -> bool {
    match interaction.asked {
        Asked::Autocomplete => kind == 8,
        Asked::Command => matches!(kind, 4 | 5 | 9),
        Asked::Component => matches!(kind, 4..=7 | 9),
        Asked::Modal => matches!(kind, 4 | 5) || (interaction.source.is_some() && matches!(kind, 6 | 7)),
    }
}

fn carry_out(call: &mut Call<'_>, asked: &Interaction, kind: u64) -> Result<Answered, ApiError> {
    match kind {
        4 => reply(call, asked),
        5 => promise(call, asked),
        6 => {
            set_original(call, asked.id, asked.source);
            Ok(Answered::Update)
        }
        7 => update(call, asked),
        8 => Ok(offer(call, asked)),
        _ => Ok(open_form(call, asked)),
    }
}

fn reply(call: &mut Call<'_>, asked: &Interaction) -> Result<Answered, ApiError> {
    let data = &call.body["data"];
    let flags = data["flags"].as_u64().unwrap_or(0) & EPHEMERAL;
    let mut message = interact::blank_answer(call.state, asked, flags);
    compose::write(call.state, &mut message, data, call.uploads)?;
    let id = call.state.post(message);
    set_original(call, asked.id, Some(id));
    Ok(Answered::Message)
}

/// A promise is a message that is still loading. Only whether it is private can be said now.
fn promise(call: &mut Call<'_>, asked: &Interaction) -> Result<Answered, ApiError> {
    let flags = call.body["data"]["flags"].as_u64().unwrap_or(0) & EPHEMERAL;
    let message = interact::blank_answer(call.state, asked, flags | LOADING);
    let id = call.state.post(message);
    set_original(call, asked.id, Some(id));
    Ok(Answered::Message)
}

fn update(call: &mut Call<'_>, asked: &Interaction) -> Result<Answered, ApiError> {
    let source = asked.source.ok_or_else(errors::unknown_message)?;
    compose::edit(call.state, source, &call.body["data"], call.uploads)?;
    set_original(call, asked.id, Some(source));
    Ok(Answered::Update)
}

fn offer(call: &mut Call<'_>, asked: &Interaction) -> Answered {
    let choices = call.body["data"]["choices"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let person = world::by_id(asked.person)
        .map(|person| person.name.to_owned())
        .unwrap_or_default();
    call.state.journal.push(Entry::Choices {
        person,
        choices: choices.clone(),
    });
    if let Some(it) = call.state.interactions.get_mut(&asked.id) {
        it.choices = Some(choices);
    }
    Answered::Choices
}

fn open_form(call: &mut Call<'_>, asked: &Interaction) -> Answered {
    let data = &call.body["data"];
    let text = |key: &str| data[key].as_str().unwrap_or_default().to_owned();
    let modal = Modal {
        id: call.state.next_id(),
        person: asked.person,
        channel: asked.channel,
        custom_id: text("custom_id"),
        title: text("title"),
        components: data["components"].clone(),
        source: asked.source,
        opened_by: asked.id,
    };
    let person = world::by_id(modal.person)
        .map(|person| person.name.to_owned())
        .unwrap_or_default();
    call.state.journal.push(Entry::Modal {
        person,
        modal_id: modal.id.to_string(),
        title: modal.title.clone(),
        components: modal.components.clone(),
    });
    call.state.tell(&[modal.person], "modal", &modal.page_object());
    call.state.modals.insert(modal.id, modal);
    Answered::Modal
}

fn set_original(call: &mut Call<'_>, id: Id, original: Option<Id>) {
    if let Some(it) = call.state.interactions.get_mut(&id) {
        it.original = original;
    }
}

/// Nothing, or with `?with_response=true` what became of it.
fn answer(call: &Call<'_>, id: Id, kind: u64) -> Answer {
    let wanted = call
        .query
        .get("with_response")
        .is_some_and(|it| it == "true" || it == "1");
    let Some(interaction) = call.state.interaction(id).filter(|_| wanted) else {
        return Answer::nothing();
    };
    let original = interaction.original.and_then(|id| call.state.message(id));
    let mut told = json!({"id": id, "type": interaction.asked as u8});
    let mut resource = json!({"type": kind});
    if let Some(original) = original.filter(|_| matches!(kind, 4 | 5 | 7)) {
        told["response_message_id"] = json!(original.id);
        told["response_message_loading"] = json!(original.is_loading());
        told["response_message_ephemeral"] = json!(original.is_ephemeral());
        resource["message"] = message::object(call.state, original);
    }
    Answer::ok(json!({"interaction": told, "resource": resource}))
}
