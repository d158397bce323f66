//! Everything that a person sees, in one object.

use serde_json::{Value, json};

use super::channel;
use super::message;
use super::state::State;
use super::world::{self, Kind, Person};

/// How many messages are shown at most.
const MOST: usize = 500;

/// What `GET /local/state` answers.
pub(crate) fn state(state: &State, person: &Person) -> Value {
    let people: Vec<Value> = world::PEOPLE
        .iter()
        .map(|person| person_object(state, person))
        .collect();
    let channels = state
        .channels
        .values()
        .filter(|channel| channel.is_open_to(person.id));
    let faults = state.faults.active();
    let roles: Vec<Value> = world::ROLES
        .iter()
        .map(|role| json!({"id": role.id, "name": role.name}))
        .collect();
    json!({
        "me": world::user(person.id), "people": people, "bot": world::user(world::BOT),
        "application": {"id": world::BOT, "name": world::APPLICATION_NAME},
        "guild": {"id": world::GUILD, "name": world::GUILD_NAME, "roles": roles}, "roles": world::roles(),
        "channels": channels.map(channel::page_object).collect::<Vec<_>>(),
        "messages": messages_seen_by(state, person, MOST),
        "commands": state.command_objects(), "faults": faults, "now": state.clock.now_ms(),
        "online": state.is_online(), "modals": modals(state, person),
    })
}

fn person_object(state: &State, person: &Person) -> Value {
    json!({
        "id": person.id, "name": person.name, "locale": state.locale_of(person.id),
        "roles": person.roles, "bot": person.kind != Kind::Human,
    })
}

/// The last messages that a person sees, in all channels, oldest first.
pub(crate) fn messages_seen_by(state: &State, person: &Person, most: usize) -> Vec<Value> {
    let seen: Vec<&message::Message> = state
        .messages
        .iter()
        .filter(|it| {
            state
                .channel(it.channel)
                .is_some_and(|channel| it.is_seen_by(person.id, channel))
        })
        .collect();
    let first = seen.len().saturating_sub(most);
    seen[first..]
        .iter()
        .map(|it| message::page_object(state, it))
        .collect()
}

/// The forms that are open before a person, for a page that was loaded anew.
fn modals(state: &State, person: &Person) -> Vec<Value> {
    let mine = state.modals.values().filter(|modal| modal.person == person.id);
    mine.map(super::interaction::Modal::page_object).collect()
}
