//! What happened: the one value behind the API, the gateway and the page. Everything that
//! changes it announces the change to whoever may see it.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

use super::Settings;
use super::channel::{self, Channel};
use super::faults::Faults;
use super::ids::Id;
use super::interaction::{Interaction, Modal};
use super::journal::Entry;
use super::message::{self, Message};
use super::permissions::Bits;
use super::requestlog::RequestLog;
use super::session::{DIRECT_MESSAGES, GUILD_MESSAGES, GUILDS, MESSAGE_CONTENT, Session};
use super::world;
use crate::Clock;

/// The local Discord's whole memory.
pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    /// Where the plain listener is, for links to files.
    pub(crate) base_url: String,
    made: u64,
    pub(crate) channels: BTreeMap<Id, Channel>,
    /// What was granted to and taken from the bot in a channel.
    pub(crate) overwrites: HashMap<Id, (Bits, Bits)>,
    pub(crate) locales: HashMap<Id, String>,
    pub(crate) messages: Vec<Message>,
    by_id: HashMap<Id, usize>,
    pub(crate) files: HashMap<Id, Vec<u8>>,
    pub(crate) commands: Vec<Command>,
    pub(crate) interactions: HashMap<Id, Interaction>,
    pub(crate) tokens: HashMap<String, Id>,
    /// The interactions that something is still expected of.
    pub(crate) open: Vec<Id>,
    pub(crate) modals: HashMap<Id, Modal>,
    pub(crate) nonces: HashMap<(Id, String), (Id, u64)>,
    /// When messages were sent in a channel, for the limit of [`Settings::channel_limit`].
    pub(crate) sent: HashMap<Id, Vec<u64>>,
    pub(crate) sessions: Vec<Session>,
    /// How many gateway connections there have been.
    pub(crate) connections: u64,
    pub(crate) identifies: u64,
    pub(crate) resumes: u64,
    pub(crate) watchers: Vec<Watcher>,
    pub(crate) journal: Vec<Entry>,
    pub(crate) faults: Faults,
    /// How many requests are held up by a fault.
    pub(crate) held: usize,
    pub(crate) faults_seen: Vec<String>,
    pub(crate) requests: RequestLog,
}

/// A registered command.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    pub(crate) id: Id,
    /// `None`: everywhere.
    pub(crate) guild: Option<Id>,
    /// The whole object as Discord gives it back.
    pub(crate) object: Value,
}

/// An open page.
#[derive(Debug)]
pub(crate) struct Watcher {
    pub(crate) person: Id,
    pub(crate) to: UnboundedSender<PageEvent>,
}

/// What a page is told.
#[derive(Clone, Debug)]
pub(crate) struct PageEvent {
    pub(crate) name: &'static str,
    pub(crate) data: Value,
}

impl State {
    pub(crate) fn new(settings: Settings, base_url: String) -> anyhow::Result<Self> {
        let channels = channel::fixed()
            .into_iter()
            .map(|channel| (channel.id, channel))
            .collect();
        let locales = world::PEOPLE
            .iter()
            .map(|person| (person.id, person.locale.to_owned()))
            .collect();
        Ok(Self {
            clock: settings.clock.clone(),
            base_url,
            made: 0,
            channels,
            overwrites: HashMap::new(),
            locales,
            messages: Vec::new(),
            by_id: HashMap::new(),
            files: HashMap::new(),
            commands: Vec::new(),
            interactions: HashMap::new(),
            tokens: HashMap::new(),
            open: Vec::new(),
            modals: HashMap::new(),
            nonces: HashMap::new(),
            sent: HashMap::new(),
            sessions: Vec::new(),
            connections: 0,
            identifies: 0,
            resumes: 0,
            watchers: Vec::new(),
            journal: Vec::new(),
            faults: Faults::default(),
            held: 0,
            faults_seen: Vec::new(),
            requests: RequestLog::new(settings.request_log.as_deref())?,
            settings,
        })
    }

    /// A new id, larger than every one before.
    pub(crate) fn next_id(&mut self) -> Id {
        self.made += 1;
        Id::made_at(self.clock.now_ms(), self.made)
    }

    pub(crate) fn channel(&self, id: Id) -> Option<&Channel> {
        self.channels.get(&id)
    }

    /// A message by id, unless it was deleted.
    pub(crate) fn message(&self, id: Id) -> Option<&Message> {
        self.by_id
            .get(&id)
            .map(|at| &self.messages[*at])
            .filter(|message| !message.deleted)
    }

    pub(crate) fn messages_in(&self, channel: Id) -> impl DoubleEndedIterator<Item = &Message> {
        let there = move |message: &&Message| message.channel == channel && !message.deleted;
        self.messages.iter().filter(there)
    }

    /// The newest message that everyone in a channel sees.
    pub(crate) fn last_message(&self, channel: Id) -> Option<Id> {
        self.messages_in(channel)
            .rev()
            .find(|message| message.only.is_none())
            .map(|message| message.id)
    }

    pub(crate) fn interaction(&self, id: Id) -> Option<&Interaction> {
        self.interactions.get(&id)
    }

    pub(crate) fn locale_of(&self, person: Id) -> &str {
        self.locales.get(&person).map_or("en-US", String::as_str)
    }

    /// Puts a message into its channel, numbered and with a new id.
    pub(crate) fn post(&mut self, mut message: Message) -> Id {
        message.id = self.next_id();
        message.number = self.messages.len() as u64 + 1;
        let id = message.id;
        self.by_id.insert(id, self.messages.len());
        self.journal.push(Entry::Created {
            number: message.number,
        });
        self.messages.push(message);
        self.announce("MESSAGE_CREATE", "message_create", id);
        id
    }

    /// Changes a message and tells everyone who sees it.
    pub(crate) fn edit(&mut self, id: Id, change: impl FnOnce(&mut Message)) {
        let Some(at) = self.by_id.get(&id).copied() else {
            return;
        };
        change(&mut self.messages[at]);
        let number = self.messages[at].number;
        self.journal.push(Entry::Edited { number });
        self.announce("MESSAGE_UPDATE", "message_update", id);
    }

    /// Takes a message away.
    pub(crate) fn delete(&mut self, id: Id) {
        let Some(at) = self.by_id.get(&id).copied() else {
            return;
        };
        if self.messages[at].deleted {
            return;
        }
        let seers = self.watchers_of(id);
        self.messages[at].deleted = true;
        let message = self.messages[at].clone();
        self.journal.push(Entry::Deleted {
            number: message.number,
        });
        let mut data = json!({"id": id, "channel_id": message.channel});
        self.tell(&seers, "message_delete", &data);
        if message.is_ephemeral() {
            return;
        }
        let in_guild = self.channel(message.channel).is_some_and(Channel::is_in_guild);
        if in_guild {
            data["guild_id"] = json!(world::GUILD);
        }
        let intent = if in_guild { GUILD_MESSAGES } else { DIRECT_MESSAGES };
        self.dispatch("MESSAGE_DELETE", intent, in_guild, &data);
    }

    fn announce(&mut self, event: &str, page_event: &'static str, id: Id) {
        let Some(message) = self.message(id) else { return };
        let seers = self.watchers_of(id);
        let page = message::page_object(self, message);
        let (message, wire) = (message.clone(), message::event(self, message));
        self.tell(&seers, page_event, &page);
        let Some(channel) = self.channel(message.channel).cloned() else {
            return;
        };
        // An ephemeral message lives between its person and the interaction that made it.
        if message.is_ephemeral() || channel::bot_rights(self, &channel) == 0 {
            return;
        }
        self.dispatch_message(event, &message, &channel, wire);
    }

    fn dispatch_message(&mut self, event: &str, message: &Message, channel: &Channel, full: Value) {
        let mut blank = full.clone();
        message::without_content(&mut blank, self, message);
        let intent = if channel.is_in_guild() {
            GUILD_MESSAGES
        } else {
            DIRECT_MESSAGES
        };
        for session in &mut self.sessions {
            if session.intents & intent == 0 || !session.is_for(channel.is_in_guild()) {
                continue;
            }
            let reads = session.intents & MESSAGE_CONTENT != 0;
            session.dispatch(event, if reads { &full } else { &blank });
        }
    }

    /// Sends an event to every session that asked for `intent` (0: to all).
    pub(crate) fn dispatch(&mut self, event: &str, intent: u64, in_guild: bool, data: &Value) {
        for session in &mut self.sessions {
            if (intent == 0 || session.intents & intent != 0) && session.is_for(in_guild) {
                session.dispatch(event, data);
            }
        }
    }

    /// Opens a thread and tells everyone.
    pub(crate) fn open_thread(&mut self, thread: Channel, from: Option<Id>) {
        let id = thread.id;
        self.channels.insert(id, thread.clone());
        let mut data = channel::object(self, &thread);
        data["newly_created"] = json!(true);
        self.dispatch("THREAD_CREATE", GUILDS, true, &data);
        self.tell_all("channel_create", &channel::page_object(&thread));
        if let Some(at) = from.and_then(|from| self.by_id.get(&from).copied()) {
            // The message shows its thread from now on, which nobody calls an edit.
            self.messages[at].flags |= message::HAS_THREAD;
            self.announce("MESSAGE_UPDATE", "message_update", id);
        }
    }

    fn watchers_of(&self, id: Id) -> Vec<Id> {
        let Some(message) = self.message(id) else {
            return Vec::new();
        };
        let Some(channel) = self.channel(message.channel) else {
            return Vec::new();
        };
        let everyone = self.watchers.iter().map(|watcher| watcher.person);
        everyone
            .filter(|person| message.is_seen_by(*person, channel))
            .collect()
    }

    /// Tells the open pages of some people.
    pub(crate) fn tell(&mut self, people: &[Id], name: &'static str, data: &Value) {
        self.watchers.retain(|watcher| {
            let event = PageEvent {
                name,
                data: data.clone(),
            };
            !people.contains(&watcher.person) || watcher.to.send(event).is_ok()
        });
    }

    /// Tells every open page.
    pub(crate) fn tell_all(&mut self, name: &'static str, data: &Value) {
        self.watchers.retain(|watcher| {
            watcher
                .to
                .send(PageEvent {
                    name,
                    data: data.clone(),
                })
                .is_ok()
        });
    }

    /// Whether a bot is on the gateway.
    pub(crate) fn is_online(&self) -> bool {
        self.sessions.iter().any(Session::is_live)
    }

    /// Tells the pages whether the bot is there.
    pub(crate) fn tell_connection(&mut self) {
        let online = self.is_online();
        self.tell_all("connection", &json!({"online": online}));
    }

    /// Every command as the bot registered it, by name.
    pub(crate) fn command_objects(&self) -> Vec<Value> {
        self.commands
            .iter()
            .map(|command| command.object.clone())
            .collect()
    }
}
