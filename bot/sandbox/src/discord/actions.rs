//! What the control API and the Rust API do beyond what people do: time, faults, permissions,
//! and waiting.

use std::sync::Arc;

use serde_json::{Value, json};

use super::core::Core;
use super::faults::Fault;
use super::interaction;
use super::people::{self, Invoke};
use super::permissions;
use super::refused::Refused;
use super::session::{Session, Wire};
use super::state::State;

/// The locales that people on this Discord can have.
const LOCALES: &[&str] = &[
    "zh-CN", "zh-TW", "en-US", "en-GB", "ja", "de", "fr", "es-ES", "ko", "ru",
];

pub(crate) fn set_locale(state: &mut State, person: &str, locale: &str) -> Result<(), Refused> {
    let person = people::human(person)?;
    if !LOCALES.contains(&locale) {
        return Err(Refused::bad(format!("There is no locale `{locale}`.")));
    }
    state.locales.insert(person.id, locale.to_owned());
    state.tell(&[person.id], "locale", &json!({"locale": locale}));
    Ok(())
}

/// Grants a permission to the bot in a channel, or takes it away there.
pub(crate) fn permit(state: &mut State, channel: &str, permission: &str, allow: bool) -> Result<(), Refused> {
    let bits = permissions::named(permission)
        .ok_or_else(|| Refused::bad(format!("There is no permission `{permission}`.")))?;
    let found = state
        .channels
        .values()
        .find(|it| it.name == channel || it.id.to_string() == channel);
    let Some(found) = found.filter(|it| it.is_in_guild()).cloned() else {
        return Err(Refused::missing(format!("There is no channel `{channel}`.")));
    };
    let (allowed, denied) = state.overwrites.entry(found.ruled_by()).or_default();
    if allow {
        (*allowed, *denied) = (*allowed | bits, *denied & !bits);
    } else {
        (*allowed, *denied) = (*allowed & !bits, *denied | bits);
    }
    let object = state
        .channel(found.ruled_by())
        .map(|channel| super::channel::object(state, channel));
    if let Some(object) = object {
        state.dispatch("CHANNEL_UPDATE", super::session::GUILDS, true, &object);
    }
    Ok(())
}

/// Switches a trouble on, or does it at once.
pub(crate) fn fault(state: &mut State, fault: &Fault) {
    match fault {
        Fault::Status {
            status,
            requests,
            processed,
            retry_after_ms,
        } => {
            state
                .faults
                .set_status(*status, *processed, *retry_after_ms, *requests);
        }
        Fault::Slow { ms, requests } => state.faults.set_slow(*ms, *requests),
        Fault::Unparsable { requests } => state.faults.set_unparsable(requests.unwrap_or(1)),
        Fault::Off => state.faults = super::faults::Faults::default(),
        Fault::Drop => cut(state, || Wire::Drop),
        Fault::Close { code } => close(state, *code),
        Fault::Op7 => send(state, &json!({"op": 7, "s": null, "t": null, "d": null})),
        Fault::Op9 { resumable } => {
            send(state, &json!({"op": 9, "s": null, "t": null, "d": resumable}));
            if !resumable {
                state.sessions.clear();
                state.tell_connection();
            }
        }
    }
    let active = json!(state.faults.active());
    state.tell_all("faults", &active);
}

/// Ends every connection of bots and pages.
pub(crate) fn disconnect(state: &mut State) {
    cut(state, || Wire::Drop);
    state.watchers.clear();
}

fn close(state: &mut State, code: Option<u16>) {
    cut(state, || Wire::Close(code));
    // After these Discord does not know the session any more.
    if matches!(code, Some(4007 | 4009)) {
        state.sessions.clear();
    }
}

fn cut(state: &mut State, wire: impl Fn() -> Wire) {
    for session in state.sessions.iter_mut().filter(|session| session.is_live()) {
        session.send(wire());
        session.link = None;
    }
    state.tell_connection();
}

fn send(state: &mut State, payload: &Value) {
    for session in &mut state.sessions {
        session.send(Wire::Frame(payload.to_string()));
    }
}

/// Moves the time, and ends at once what it is then too late for.
pub(crate) fn advance(core: &Core, ms: u64) {
    core.clock.advance(ms);
    core.with(interaction::expire);
}

/// Asks the bot for choices and waits for them.
pub(crate) async fn autocomplete(core: &Arc<Core>, invoke: &Invoke) -> Result<Vec<Value>, Refused> {
    let id = core.with(|state| people::autocomplete(state, invoke))?;
    let choices = core.wait_for(|state| {
        let interaction = state.interaction(id)?;
        if interaction.failed {
            Some(None)
        } else {
            interaction.choices.clone().map(Some)
        }
    });
    let late = || Refused::new(504, "The bot offered no choices in time.");
    choices.await.ok_or_else(late)
}

/// Whether the bot has taken in every event so far: each connected session is asked for a
/// heartbeat, and has answered with the last event's number while no request was in flight.
/// False if nobody is connected, or stays so.
pub(crate) async fn barrier(core: &Arc<Core>) -> bool {
    let asked: Vec<(String, u64, u64, u64)> = core.with(|state| {
        let live = state.sessions.iter_mut().filter(|session| session.is_live());
        let asked = live.map(|session| {
            session.send(Wire::Frame(
                json!({"op": 1, "s": null, "t": null, "d": null}).to_string(),
            ));
            (
                session.id.clone(),
                session.link_number,
                session.sequence,
                session.beats,
            )
        });
        asked.collect()
    });
    if asked.is_empty() {
        return false;
    }
    core.wait_for(|state| {
        for (id, link, sequence, beats) in &asked {
            let session = state.sessions.iter().find(|session| session.id == *id);
            // A client that connected anew meanwhile never saw what it was asked.
            let Some(session) = session.filter(|session| session.is_live() && session.link_number == *link)
            else {
                return Some(false);
            };
            if session.beats <= *beats || session.seen < *sequence {
                return None;
            }
        }
        (core.in_flight() == 0).then_some(true)
    })
    .await
}

/// Returns when nothing is going on: the bot has taken in every event, no request is in flight,
/// and nothing happened while that was found out. False if nobody is connected.
pub(crate) async fn quiet(core: &Arc<Core>) -> bool {
    let moment = |state: &State| {
        let sent: u64 = state.sessions.iter().map(|session| session.sequence).sum();
        (sent, state.requests.lines.len(), state.journal.len())
    };
    loop {
        let before = core.look(moment);
        if !barrier(core).await {
            return false;
        }
        // The tasks that the events started get their turn before we look again.
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
        if barrier(core).await && core.look(moment) == before {
            return true;
        }
    }
}

/// Whether any bot is connected.
pub(crate) fn is_online(state: &State) -> bool {
    state.sessions.iter().any(Session::is_live)
}
