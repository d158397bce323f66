//! A bot's session on the gateway: what was sent to it, and what it may be sent.

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

use super::world;

pub(crate) const GUILDS: u64 = 1;
pub(crate) const GUILD_MEMBERS: u64 = 1 << 1;
pub(crate) const GUILD_PRESENCES: u64 = 1 << 8;
pub(crate) const GUILD_MESSAGES: u64 = 1 << 9;
pub(crate) const DIRECT_MESSAGES: u64 = 1 << 12;
pub(crate) const MESSAGE_CONTENT: u64 = 1 << 15;
/// The intents that an application must be allowed before it may ask for them.
pub(crate) const PRIVILEGED: u64 = GUILD_MEMBERS | GUILD_PRESENCES | MESSAGE_CONTENT;
/// Every intent that there is.
pub(crate) const KNOWN_INTENTS: u64 = 0x331_ffff;

/// How many events a session can be resumed over.
const HISTORY: usize = 1000;

/// What goes out on a connection.
#[derive(Debug)]
pub(crate) enum Wire {
    Frame(String),
    /// A close frame with this code, or an empty one.
    Close(Option<u16>),
    /// The connection ends without a word.
    Drop,
}

/// One IDENTIFY and everything since.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) intents: u64,
    /// Which shard of how many.
    pub(crate) shard: (u64, u64),
    /// The number of the last event.
    pub(crate) sequence: u64,
    /// The last events with their numbers, oldest first.
    history: std::collections::VecDeque<(u64, String)>,
    /// The connection, while there is one.
    pub(crate) link: Option<UnboundedSender<Wire>>,
    /// Which connection it is, so that an old one that ends late does not end the new one.
    pub(crate) link_number: u64,
    /// How many heartbeats came, and the sequence that the last one named.
    pub(crate) beats: u64,
    pub(crate) seen: u64,
}

impl Session {
    pub(crate) fn new(id: String, intents: u64, shard: (u64, u64)) -> Self {
        let history = std::collections::VecDeque::new();
        Self {
            id,
            intents,
            shard,
            sequence: 0,
            history,
            link: None,
            link_number: 0,
            beats: 0,
            seen: 0,
        }
    }

    pub(crate) fn is_live(&self) -> bool {
        self.link.is_some()
    }

    /// Whether events of the server (or else of direct messages) belong to this shard.
    pub(crate) fn is_for(&self, in_guild: bool) -> bool {
        let (shard, count) = self.shard;
        let mine = if in_guild {
            (world::GUILD.0 >> 22) % count.max(1)
        } else {
            0
        };
        shard == mine
    }

    /// Sends an event, and keeps it for a client that comes back.
    pub(crate) fn dispatch(&mut self, name: &str, data: &Value) {
        self.sequence += 1;
        let frame = json!({"op": 0, "t": name, "s": self.sequence, "d": data}).to_string();
        self.history.push_back((self.sequence, frame.clone()));
        if self.history.len() > HISTORY {
            self.history.pop_front();
        }
        self.send(Wire::Frame(frame));
    }

    /// Sends something that is no event.
    pub(crate) fn send(&mut self, wire: Wire) {
        let gone = self.link.as_ref().is_some_and(|link| link.send(wire).is_err());
        if gone {
            self.link = None;
        }
    }

    /// Sends what came after `sequence` again; false if that is no longer known.
    pub(crate) fn replay(&mut self, sequence: u64) -> bool {
        let oldest = self
            .history
            .front()
            .map_or(self.sequence, |(number, _)| number - 1);
        if sequence > self.sequence || sequence < oldest {
            return false;
        }
        let missed: Vec<String> = self
            .history
            .iter()
            .filter(|(number, _)| *number > sequence)
            .map(|(_, frame)| frame.clone())
            .collect();
        for frame in missed {
            self.send(Wire::Frame(frame));
        }
        true
    }
}
