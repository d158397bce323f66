//! INTERACTION_CREATE: what a bot is told when a person acts, with every field that clients
//! cannot do without.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::channel::{self, Channel};
use super::ids::Id;
use super::interaction::{Asked, Interaction};
use super::message::{self, Message};
use super::state::State;
use super::world;

/// The largest file that an answer may carry, which interactions name.
pub(crate) const ATTACHMENT_LIMIT: usize = 10 * 1024 * 1024;

/// Sends a new interaction to the bot and returns its id.
pub(crate) fn begin(state: &mut State, mut interaction: Interaction) -> Id {
    let id = state.next_id();
    interaction.id = id;
    interaction.token = token(id);
    interaction.created_ms = state.clock.now_ms();
    let mut body = body(state, &interaction);
    if state.faults.for_interaction() {
        spoil(&mut body);
        let faults = json!(state.faults.active());
        state.tell_all("faults", &faults);
    }
    let in_guild = state
        .channel(interaction.channel)
        .is_some_and(Channel::is_in_guild);
    state.open.push(id);
    state.tokens.insert(interaction.token.clone(), id);
    state.interactions.insert(id, interaction);
    state.dispatch("INTERACTION_CREATE", 0, in_guild, &body);
    id
}

/// A token as long as Discord's. It is a secret of nobody's: the sandbox is for one machine.
fn token(id: Id) -> String {
    let words = format!(
        "interaction:{id}:{}",
        "the-local-discord-keeps-no-secrets".repeat(4)
    );
    URL_SAFE_NO_PAD.encode(words)
}

/// Takes out a field without which serenity cannot read the event.
fn spoil(body: &mut Value) {
    if let Some(body) = body.as_object_mut() {
        body.remove("attachment_size_limit");
    }
}

fn body(state: &State, interaction: &Interaction) -> Value {
    let mut body = json!({
        "id": interaction.id, "application_id": world::BOT, "type": interaction.asked as u8,
        "token": interaction.token, "version": 1, "data": interaction.data,
        "channel_id": interaction.channel, "locale": state.locale_of(interaction.person),
        "entitlements": [], "attachment_size_limit": ATTACHMENT_LIMIT,
    });
    if let Some(channel) = state.channel(interaction.channel) {
        channel::merge(&mut body, place(state, interaction, channel));
    }
    if let Some(message) = interaction.source.and_then(|id| state.message(id)) {
        body["message"] = message::object(state, message);
    }
    body
}

/// Where it happened, and who the person is there.
fn place(state: &State, interaction: &Interaction, channel: &Channel) -> Value {
    let mut place = json!({
        "channel": channel::for_interaction(state, channel, interaction.person),
        "app_permissions": channel::bot_rights(state, channel).to_string(),
        "authorizing_integration_owners": owners(channel),
        "context": if channel.is_in_guild() { 0 } else { 1 },
    });
    if !channel.is_in_guild() {
        place["user"] = world::user(interaction.person);
        return place;
    }
    let mut member = world::partial_member(interaction.person);
    member["user"] = world::user(interaction.person);
    member["permissions"] = json!(channel::rights_of(interaction.person, channel).to_string());
    place["member"] = member;
    place["guild_id"] = json!(world::GUILD);
    place["guild"] = json!({"id": world::GUILD, "locale": world::GUILD_LOCALE, "features": []});
    place["guild_locale"] = json!(world::GUILD_LOCALE);
    place
}

/// Who installed the application: the server, or in direct messages "0".
fn owners(channel: &Channel) -> Value {
    if channel.is_in_guild() {
        json!({"0": world::GUILD})
    } else {
        json!({"0": "0"})
    }
}

/// `interaction_metadata` of a message that answers an interaction.
pub(crate) fn metadata(state: &State, interaction: &Interaction) -> Value {
    let owners = state
        .channel(interaction.channel)
        .map_or_else(|| json!({}), owners);
    let kind = if interaction.asked == Asked::Autocomplete {
        Asked::Command
    } else {
        interaction.asked
    };
    let mut metadata = json!({
        "id": interaction.id, "type": kind as u8, "user": world::user(interaction.person),
        "authorizing_integration_owners": owners,
    });
    match interaction.asked {
        Asked::Component => metadata["interacted_message_id"] = json!(interaction.source),
        Asked::Modal => {
            let opener = interaction.opened_by.and_then(|id| state.interaction(id));
            metadata["triggering_interaction_metadata"] = match opener {
                Some(opener) => self::metadata(state, opener),
                None => json!({}),
            };
        }
        Asked::Command | Asked::Autocomplete => {
            if let Some(target) = target_message(interaction) {
                metadata["target_message_id"] = target;
            }
        }
    }
    metadata
}

/// The message that a context menu was opened on.
fn target_message(interaction: &Interaction) -> Option<Value> {
    let on_message = interaction.data["type"] == 3;
    on_message.then(|| interaction.data["target_id"].clone())
}

/// What a reply to this interaction is called.
pub(crate) fn answer_kind(interaction: &Interaction) -> message::MessageKind {
    match (interaction.asked, interaction.data["type"].as_u64()) {
        (Asked::Command, Some(2 | 3)) => message::MessageKind::MenuAnswer,
        (Asked::Command, _) => message::MessageKind::SlashAnswer,
        _ => message::MessageKind::Plain,
    }
}

/// An empty message by the bot that answers this interaction.
pub(crate) fn blank_answer(state: &State, interaction: &Interaction, flags: u64) -> Message {
    let mut answer = Message::blank(world::BOT, interaction.channel, state.clock.now_ms());
    answer.kind = answer_kind(interaction);
    answer.interaction = Some(interaction.id);
    answer.flags = flags;
    answer.only = answer.is_ephemeral().then_some(interaction.person);
    answer
}
