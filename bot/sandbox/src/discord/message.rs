//! A message as it is kept, and as Discord writes it down.

use serde_json::{Value, json};

use super::channel::Channel;
use super::ids::Id;
use super::interaction::Asked;
use super::mentions::Mentions;
use super::state::State;
use super::{interact, world};
use crate::clock::iso;

pub(crate) const EPHEMERAL: u64 = 1 << 6;
pub(crate) const LOADING: u64 = 1 << 7;
pub(crate) const HAS_THREAD: u64 = 1 << 5;
pub(crate) const SUPPRESS_EMBEDS: u64 = 1 << 2;

/// What a message is, by the numbers that Discord gives the kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MessageKind {
    Plain = 0,
    Reply = 19,
    SlashAnswer = 20,
    MenuAnswer = 23,
}

/// A message in a channel, deleted ones included.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// Counted from 1 in the order of appearance, whatever the channel.
    pub(crate) number: u64,
    pub(crate) id: Id,
    pub(crate) channel: Id,
    pub(crate) author: Id,
    pub(crate) kind: MessageKind,
    pub(crate) content: String,
    pub(crate) embeds: Vec<Value>,
    pub(crate) components: Vec<Value>,
    /// The rows that it had before it was edited, oldest first: somebody may still have them on the screen.
    pub(crate) earlier: Vec<Value>,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) flags: u64,
    pub(crate) created_ms: u64,
    pub(crate) edited_ms: Option<u64>,
    pub(crate) reply_to: Option<Id>,
    pub(crate) mentions: Mentions,
    pub(crate) nonce: Option<Value>,
    pub(crate) tts: bool,
    /// The interaction that this message answers.
    pub(crate) interaction: Option<Id>,
    /// For whom alone it is, when it is ephemeral.
    pub(crate) only: Option<Id>,
    pub(crate) deleted: bool,
}

/// A file of a message. Its bytes are in [`State`].
#[derive(Clone, Debug)]
pub(crate) struct Attachment {
    pub(crate) id: Id,
    pub(crate) filename: String,
    pub(crate) size: usize,
    pub(crate) url: String,
    pub(crate) content_type: String,
    pub(crate) description: Option<String>,
    /// Width and height of a picture.
    pub(crate) pixels: Option<(u32, u32)>,
}

impl Message {
    /// A message with nothing in it yet; [`State::post`] gives it its id and number.
    pub(crate) fn blank(author: Id, channel: Id, now_ms: u64) -> Self {
        Self {
            number: 0,
            id: Id(0),
            channel,
            author,
            kind: MessageKind::Plain,
            content: String::new(),
            embeds: Vec::new(),
            components: Vec::new(),
            earlier: Vec::new(),
            attachments: Vec::new(),
            flags: 0,
            created_ms: now_ms,
            edited_ms: None,
            reply_to: None,
            mentions: Mentions::default(),
            nonce: None,
            tts: false,
            interaction: None,
            only: None,
            deleted: false,
        }
    }

    pub(crate) fn is_ephemeral(&self) -> bool {
        self.flags & EPHEMERAL != 0
    }

    pub(crate) fn is_loading(&self) -> bool {
        self.flags & LOADING != 0
    }

    /// Whether a person (or the bot) finds it in its channel.
    pub(crate) fn is_seen_by(&self, who: Id, channel: &Channel) -> bool {
        !self.deleted && channel.is_open_to(who) && self.only.is_none_or(|only| only == who)
    }
}

/// The message object of REST answers and events.
pub(crate) fn object(state: &State, message: &Message) -> Value {
    let mut object = bare(state, message);
    if let Some(original) = message.reply_to {
        object["referenced_message"] = match state.message(original) {
            Some(original) => bare(state, original),
            None => Value::Null,
        };
    }
    object
}

/// The message without the one that it replies to, since Discord nests them one deep.
fn bare(state: &State, message: &Message) -> Value {
    let mut object = json!({
        "type": message.kind as u8, "id": message.id, "channel_id": message.channel,
        "author": world::user(message.author), "content": message.content,
        "embeds": if message.flags & SUPPRESS_EMBEDS == 0 { json!(message.embeds) } else { json!([]) },
        "components": message.components, "attachments": message.attachments.iter().map(attachment).collect::<Vec<_>>(),
        "flags": message.flags, "timestamp": iso(message.created_ms),
        "edited_timestamp": message.edited_ms.map(iso), "tts": message.tts, "pinned": false,
        "mentions": message.mentions.users.iter().map(|id| world::user(*id)).collect::<Vec<_>>(),
        "mention_roles": message.mentions.roles, "mention_everyone": message.mentions.everyone,
    });
    add_origin(state, message, &mut object);
    if let Some(thread) = state.channel(message.id) {
        object["thread"] = super::channel::object(state, thread);
    }
    if let Some(nonce) = &message.nonce {
        object["nonce"] = nonce.clone();
    }
    object
}

/// Adds where the message came from: a webhook, an interaction, the message it replies to.
fn add_origin(state: &State, message: &Message, object: &mut Value) {
    if world::by_id(message.author).is_some_and(|author| author.kind == world::Kind::Webhook) {
        object["webhook_id"] = json!(message.author);
    }
    if let Some(interaction) = message.interaction.and_then(|id| state.interaction(id)) {
        object["webhook_id"] = json!(world::BOT);
        object["application_id"] = json!(world::BOT);
        object["interaction_metadata"] = interact::metadata(state, interaction);
        if interaction.asked == Asked::Command {
            object["interaction"] = json!({
                "id": interaction.id, "type": 2, "name": interaction.name,
                "user": world::user(interaction.person),
            });
        }
    }
    if let Some(original) = message.reply_to {
        let mut reference = json!({"type": 0, "channel_id": message.channel, "message_id": original});
        if state.channel(message.channel).is_some_and(Channel::is_in_guild) {
            reference["guild_id"] = json!(world::GUILD);
        }
        object["message_reference"] = reference;
    }
}

pub(crate) fn attachment(file: &Attachment) -> Value {
    let mut object = json!({
        "id": file.id, "filename": file.filename, "size": file.size, "url": file.url,
        "proxy_url": file.url, "content_type": file.content_type,
    });
    if let Some(description) = &file.description {
        object["description"] = json!(description);
    }
    if let Some((width, height)) = file.pixels {
        object["width"] = json!(width);
        object["height"] = json!(height);
    }
    object
}

/// The message as the page and the transcripts get it, with what only the local Discord knows.
pub(crate) fn page_object(state: &State, message: &Message) -> Value {
    let mut object = object(state, message);
    let only = message.only.and_then(world::by_id).map(|person| person.name);
    if let Some(interaction) = message.interaction.and_then(|id| state.interaction(id)) {
        // Only commands have a name that a person knows.
        if interaction.asked == Asked::Command {
            object["interaction_metadata"]["name"] = json!(interaction.name);
        }
    }
    object["local"] = json!({
        "number": message.number, "only": only, "pending": message.is_loading(), "deleted": message.deleted,
        "earlier": message.earlier,
    });
    object
}

/// The message as a gateway event: with the server and the author's membership.
pub(crate) fn event(state: &State, message: &Message) -> Value {
    let mut object = object(state, message);
    let Some(channel) = state.channel(message.channel) else {
        return object;
    };
    object["channel_type"] = json!(channel.kind as u8);
    if channel.is_in_guild() {
        object["guild_id"] = json!(world::GUILD);
        if world::member(message.author).is_some() && object.get("webhook_id").is_none() {
            object["member"] = world::partial_member(message.author);
        }
        add_members_to_mentions(&mut object);
    }
    object
}

fn add_members_to_mentions(object: &mut Value) {
    let Some(mentions) = object["mentions"].as_array_mut() else {
        return;
    };
    for user in mentions {
        if let Some(id) = super::ids::id_in(&user["id"]) {
            user["member"] = world::partial_member(id);
        }
    }
}

/// The message for a bot without the message-content intent: nothing that a person wrote, unless
/// it mentions the bot, is a direct message or is the bot's own. The message that is replied to
/// is judged by itself.
pub(crate) fn without_content(object: &mut Value, state: &State, message: &Message) {
    let in_guild = state.channel(message.channel).is_some_and(Channel::is_in_guild);
    let open = !in_guild || message.author == world::BOT || message.mentions.users.contains(&world::BOT);
    if !open {
        object["content"] = json!("");
        for key in ["embeds", "components", "attachments"] {
            object[key] = json!([]);
        }
    }
    let original = message.reply_to.and_then(|id| state.message(id));
    if let Some(original) = original
        && let Some(object) = object.get_mut("referenced_message")
    {
        without_content(object, state, original);
    }
}

/// The message as REST answers it: without what an application that may not have the intent for
/// content would not be told.
pub(crate) fn readable_object(state: &State, message: &Message) -> Value {
    let mut object = object(state, message);
    if state.settings.privileged_intents & super::session::MESSAGE_CONTENT == 0 {
        without_content(&mut object, state, message);
    }
    object
}
