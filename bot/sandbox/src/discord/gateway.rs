//! The gateway: HELLO, IDENTIFY or RESUME, heartbeats, and then events.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State as FromApp;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::Instant;

use super::core::Core;
use super::rest;
use super::session::{GUILD_MEMBERS, GUILDS, KNOWN_INTENTS, PRIVILEGED, Session, Wire};
use super::state::State;
use super::{channel, world};

/// The largest payload that a client may send.
const LARGEST: usize = 4096;
/// How much a client may send in a minute, heartbeats not counted.
const SENDS_A_MINUTE: u64 = 120;

/// How long a client may take to answer a close frame.
const GOODBYE: Duration = Duration::from_secs(1);

mod close {
    pub(super) const UNKNOWN_OPCODE: u16 = 4001;
    pub(super) const DECODE_ERROR: u16 = 4002;
    pub(super) const NOT_AUTHENTICATED: u16 = 4003;
    pub(super) const AUTHENTICATION_FAILED: u16 = 4004;
    pub(super) const ALREADY_AUTHENTICATED: u16 = 4005;
    pub(super) const RATE_LIMITED: u16 = 4008;
    pub(super) const SESSION_TIMED_OUT: u16 = 4009;
    pub(super) const INVALID_SHARD: u16 = 4010;
    pub(super) const INVALID_INTENTS: u16 = 4013;
    pub(super) const DISALLOWED_INTENTS: u16 = 4014;
}

/// Answers `GET /gw`.
pub(crate) async fn serve(FromApp(core): FromApp<Arc<Core>>, upgrade: WebSocketUpgrade) -> Response {
    core.with(|state| state.requests.add("GET", "/gw", "nobody", 101));
    upgrade.on_upgrade(move |socket| run(core, socket))
}

/// One connection.
struct Connection {
    core: Arc<Core>,
    link: UnboundedSender<Wire>,
    /// Number of this connection and the session it carries, once there is one.
    number: u64,
    session: Option<String>,
    /// When the client sent something, in real time.
    sends: Vec<Instant>,
}

async fn run(core: Arc<Core>, mut socket: WebSocket) {
    let (link, mut outgoing) = unbounded_channel();
    let interval = core.look(|state| state.settings.heartbeat_interval_ms);
    let number = core.with(|state| {
        state.connections += 1;
        state.connections
    });
    let mut connection = Connection {
        core,
        link,
        number,
        session: None,
        sends: Vec::new(),
    };
    connection.frame(&json!({"op": 10, "s": null, "t": null, "d": {"heartbeat_interval": interval}}));
    connection.pump(&mut socket, &mut outgoing, interval).await;
    connection.end();
}

impl Connection {
    /// Moves frames in both directions until one side has enough.
    async fn pump(
        &mut self,
        socket: &mut WebSocket,
        outgoing: &mut UnboundedReceiver<Wire>,
        interval_ms: u64,
    ) {
        // A client that misses a heartbeat and half is gone, whatever its TCP connection says.
        let patience = Duration::from_millis(interval_ms + interval_ms / 2 + 1000);
        let mut last_beat = Instant::now();
        loop {
            tokio::select! {
                biased;
                wire = outgoing.recv() => match wire {
                    Some(Wire::Frame(frame)) => {
                        if socket.send(Message::Text(frame.into())).await.is_err() {
                            return;
                        }
                    }
                    Some(Wire::Close(code)) => return close(socket, code).await,
                    Some(Wire::Drop) | None => return,
                },
                message = socket.recv() => match message {
                    Some(Ok(Message::Text(text))) => {
                        if self.take(text.as_str()) {
                            last_beat = Instant::now();
                        }
                    }
                    Some(Ok(Message::Close(frame))) => return self.closed(frame.as_ref()),
                    Some(Ok(Message::Binary(_))) => self.close(close::DECODE_ERROR),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return,
                },
                () = tokio::time::sleep_until(last_beat + patience) => {
                    self.forget_session();
                    return close(socket, Some(close::SESSION_TIMED_OUT)).await;
                }
            }
        }
    }

    /// One payload of the client's. True if it was a heartbeat.
    fn take(&mut self, text: &str) -> bool {
        let payload: Value = serde_json::from_str(text).unwrap_or(Value::Null);
        let Some(op) = payload["op"].as_u64() else {
            self.close(close::DECODE_ERROR);
            return false;
        };
        if text.len() > LARGEST {
            self.close(close::DECODE_ERROR);
            return false;
        }
        if op == 1 {
            self.heartbeat(payload["d"].as_u64());
            return true;
        }
        if !self.within_limit() {
            self.close(close::RATE_LIMITED);
            return false;
        }
        match op {
            2 => self.identify(&payload["d"]),
            6 => self.resume(&payload["d"]),
            3 | 4 | 8 if self.session.is_none() => self.close(close::NOT_AUTHENTICATED),
            3 | 4 => {}
            8 => self.send_members(&payload["d"]),
            _ => self.close(close::UNKNOWN_OPCODE),
        }
        false
    }

    fn within_limit(&mut self) -> bool {
        let now = Instant::now();
        self.sends.retain(|at| *at + Duration::from_secs(60) > now);
        self.sends.push(now);
        self.sends.len() as u64 <= SENDS_A_MINUTE
    }

    fn heartbeat(&mut self, sequence: Option<u64>) {
        self.frame(&json!({"op": 11, "s": null, "t": null, "d": null}));
        let Some(id) = self.session.clone() else { return };
        self.core.with(|state| {
            if let Some(session) = state.sessions.iter_mut().find(|session| session.id == id) {
                session.beats += 1;
                session.seen = sequence.unwrap_or(0);
            }
        });
    }

    fn identify(&mut self, data: &Value) {
        if self.has_session() {
            return self.close(close::ALREADY_AUTHENTICATED);
        }
        let intents = data["intents"].as_u64();
        let shard = (
            data["shard"][0].as_u64().unwrap_or(0),
            data["shard"][1].as_u64().unwrap_or(1),
        );
        let allowed = self.core.look(|state| state.settings.privileged_intents);
        let refused = if !self.knows_token(&data["token"]) {
            Some(close::AUTHENTICATION_FAILED)
        } else if shard.0 >= shard.1 {
            Some(close::INVALID_SHARD)
        } else if intents.is_none_or(|intents| intents & !KNOWN_INTENTS != 0) {
            Some(close::INVALID_INTENTS)
        } else if intents.is_some_and(|intents| intents & PRIVILEGED & !allowed != 0) {
            Some(close::DISALLOWED_INTENTS)
        } else {
            None
        };
        if let Some(code) = refused {
            return self.close(code);
        }
        let intents = intents.unwrap_or(0);
        let (link, number) = (self.link.clone(), self.number);
        self.session = Some(self.core.with(|state| open(state, intents, shard, link, number)));
    }

    fn resume(&mut self, data: &Value) {
        if !self.knows_token(&data["token"]) {
            return self.close(close::AUTHENTICATION_FAILED);
        }
        let id = data["session_id"].as_str().unwrap_or_default().to_owned();
        let sequence = data["seq"].as_u64().unwrap_or(0);
        let (link, number) = (self.link.clone(), self.number);
        let resumed = self.core.with(|state| resume(state, &id, sequence, link, number));
        if resumed {
            self.session = Some(id);
        } else {
            self.frame(&json!({"op": 9, "s": null, "t": null, "d": false}));
        }
    }

    /// Whether there is a session here that has not been called invalid.
    fn has_session(&self) -> bool {
        let Some(id) = &self.session else { return false };
        self.core
            .look(|state| state.sessions.iter().any(|session| session.id == *id))
    }

    /// Clients write the token with or without `Bot`.
    fn knows_token(&self, token: &Value) -> bool {
        let token = token.as_str().unwrap_or_default();
        token.strip_prefix("Bot ").unwrap_or(token) == self.core.token
    }

    /// All members, for a client that asks for them by op 8.
    fn send_members(&mut self, data: &Value) {
        let Some(id) = self.session.clone() else { return };
        let mut chunk = json!({
            "guild_id": world::GUILD, "members": world::members(), "chunk_index": 0, "chunk_count": 1,
        });
        if !data["nonce"].is_null() {
            chunk["nonce"] = data["nonce"].clone();
        }
        self.core.with(|state| {
            if let Some(session) = state.sessions.iter_mut().find(|session| session.id == id) {
                session.dispatch("GUILD_MEMBERS_CHUNK", &chunk);
            }
        });
    }

    fn frame(&self, payload: &Value) {
        // The receiver lives as long as this connection.
        let _ = self.link.send(Wire::Frame(payload.to_string()));
    }

    fn close(&self, code: u16) {
        let _ = self.link.send(Wire::Close(Some(code)));
    }

    /// A client that says 1000 or 1001 gives its session up; after anything else it may resume.
    fn closed(&mut self, frame: Option<&CloseFrame>) {
        if frame.is_some_and(|frame| matches!(frame.code, 1000 | 1001)) {
            self.forget_session();
        }
    }

    fn forget_session(&mut self) {
        if let Some(id) = self.session.take() {
            self.core.with(|state| {
                state.sessions.retain(|session| session.id != id);
                state.tell_connection();
            });
        }
    }

    /// The connection is over; its session waits for a RESUME.
    fn end(&self) {
        self.core.with(|state| {
            for session in &mut state.sessions {
                if session.link_number == self.number {
                    session.link = None;
                }
            }
            state.tell_connection();
        });
    }
}

async fn close(socket: &mut WebSocket, code: Option<u16>) {
    let frame = code.map(|code| CloseFrame {
        code,
        reason: "".into(),
    });
    // Whether the client still listens makes no difference.
    let _ = socket.send(Message::Close(frame)).await;
    // What the client sent meanwhile is read, or the frame could be lost with the connection.
    let goodbye = async { while let Some(Ok(_)) = socket.recv().await {} };
    let _ = tokio::time::timeout(GOODBYE, goodbye).await;
}

/// Opens a session: READY, then the server.
fn open(
    state: &mut State,
    intents: u64,
    shard: (u64, u64),
    link: UnboundedSender<Wire>,
    number: u64,
) -> String {
    state.identifies += 1;
    let id = format!("{:032x}", state.next_id().0);
    let mut session = Session::new(id.clone(), intents, shard);
    (session.link, session.link_number) = (Some(link), number);
    session.dispatch("READY", &ready(state, &id, shard));
    if intents & GUILDS != 0 && session.is_for(true) {
        session.dispatch("GUILD_CREATE", &guild_create(state, intents));
    }
    state.sessions.push(session);
    forget_old_sessions(state);
    state.tell_connection();
    id
}

/// Sessions that nobody came back for are forgotten, the oldest first.
fn forget_old_sessions(state: &mut State) {
    let mut spare = state
        .sessions
        .iter()
        .filter(|session| !session.is_live())
        .count()
        .saturating_sub(4);
    state.sessions.retain(|session| {
        let goes = spare > 0 && !session.is_live();
        spare -= usize::from(goes);
        !goes
    });
}

fn resume(state: &mut State, id: &str, sequence: u64, link: UnboundedSender<Wire>, number: u64) -> bool {
    let Some(session) = state.sessions.iter_mut().find(|session| session.id == id) else {
        return false;
    };
    (session.link, session.link_number) = (Some(link), number);
    if !session.replay(sequence) {
        session.link = None;
        return false;
    }
    session.dispatch("RESUMED", &json!({}));
    state.resumes += 1;
    state.tell_connection();
    true
}

fn ready(state: &State, session: &str, shard: (u64, u64)) -> Value {
    json!({
        "v": 10, "user": rest::me_object(), "session_id": session, "session_type": "normal",
        "resume_gateway_url": format!("{}/gw", state.base_url.replacen("http", "ws", 1)),
        "shard": [shard.0, shard.1], "guilds": [{"id": world::GUILD, "unavailable": true}],
        "application": {"id": world::BOT, "flags": rest::application_flags(state)},
        "private_channels": [], "relationships": [], "user_settings": {},
    })
}

fn guild_create(state: &State, intents: u64) -> Value {
    let mut guild = world::guild();
    let (threads, others): (Vec<_>, Vec<_>) = state
        .channels
        .values()
        .filter(|channel| channel.is_in_guild())
        .partition(|channel| channel.is_thread());
    let objects = |channels: Vec<&channel::Channel>| -> Vec<Value> {
        channels
            .into_iter()
            .map(|it| channel::object(state, it))
            .collect()
    };
    let members = world::members();
    // Without the intent for members, a bot is told of nobody but itself.
    let told = if intents & GUILD_MEMBERS == 0 {
        &members[..1]
    } else {
        &members[..]
    };
    channel::merge(
        &mut guild,
        json!({
            "joined_at": world::JOINED, "large": false, "unavailable": false,
            "member_count": members.len(), "members": told, "channels": objects(others),
            "threads": objects(threads), "voice_states": [], "presences": [], "stage_instances": [],
            "guild_scheduled_events": [], "soundboard_sounds": [],
        }),
    );
    guild
}
