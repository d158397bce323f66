//! Channels: the server's text channels, direct messages with the bot, and threads.

use serde_json::{Value, json};

use super::ids::Id;
use super::permissions::{self, Bits};
use super::state::State;
use super::world;
use crate::clock::iso;

/// What a channel is, by the numbers that Discord gives the kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChannelKind {
    Text = 0,
    Direct = 1,
    Thread = 11,
}

/// A place where messages are.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) id: Id,
    pub(crate) kind: ChannelKind,
    pub(crate) name: String,
    /// A thread's text channel.
    pub(crate) parent: Option<Id>,
    /// Who opened the thread, or whose direct messages these are.
    pub(crate) owner: Option<Id>,
    pub(crate) created_ms: u64,
}

impl Channel {
    pub(crate) fn is_in_guild(&self) -> bool {
        self.kind != ChannelKind::Direct
    }

    pub(crate) fn is_thread(&self) -> bool {
        self.kind == ChannelKind::Thread
    }

    /// Whether somebody can look into it at all.
    pub(crate) fn is_open_to(&self, who: Id) -> bool {
        self.is_in_guild() || who == world::BOT || self.owner == Some(who)
    }

    /// The channel whose permissions hold here: a thread has those of its parent.
    pub(crate) fn ruled_by(&self) -> Id {
        self.parent.unwrap_or(self.id)
    }
}

/// The channels that are there from the start.
pub(crate) fn fixed() -> Vec<Channel> {
    let text = world::CHANNELS.iter().map(|(name, id)| Channel {
        id: *id,
        kind: ChannelKind::Text,
        name: (*name).to_owned(),
        parent: None,
        owner: None,
        created_ms: 0,
    });
    let direct = world::PEOPLE
        .iter()
        .filter(|person| person.is_human())
        .map(|person| Channel {
            id: person.dm,
            kind: ChannelKind::Direct,
            name: String::new(),
            parent: None,
            owner: Some(person.id),
            created_ms: 0,
        });
    text.chain(direct).collect()
}

/// What the bot may do in a channel, after what was taken from it there.
pub(crate) fn bot_rights(state: &State, channel: &Channel) -> Bits {
    if channel.kind == ChannelKind::Direct {
        return permissions::DIRECT;
    }
    let mut rights = permissions::BOT | permissions::EVERYONE;
    if let Some((allowed, denied)) = state.overwrites.get(&channel.ruled_by()) {
        rights = (rights & !denied) | allowed;
    }
    // Without View Channel the rest of it means nothing.
    if rights & permissions::VIEW_CHANNEL == 0 {
        return 0;
    }
    rights
}

/// What a person may do in a channel.
pub(crate) fn rights_of(who: Id, channel: &Channel) -> Bits {
    match channel.kind {
        ChannelKind::Direct => permissions::DIRECT,
        _ if who == world::OWNER => permissions::ALL,
        _ => permissions::EVERYONE,
    }
}

/// The channel object of REST answers and events.
pub(crate) fn object(state: &State, channel: &Channel) -> Value {
    let mut object = json!({
        "id": channel.id, "type": channel.kind as u8, "flags": 0,
        "last_message_id": state.last_message(channel.id),
    });
    let more = match channel.kind {
        ChannelKind::Text => text(state, channel),
        ChannelKind::Direct => json!({
            "recipients": channel.owner.map(world::user).into_iter().collect::<Vec<_>>(),
        }),
        ChannelKind::Thread => thread(state, channel),
    };
    merge(&mut object, more);
    object
}

fn text(state: &State, channel: &Channel) -> Value {
    let position = world::CHANNELS.iter().position(|(_, id)| *id == channel.id);
    let overwrites = state.overwrites.get(&channel.id).map(|(allow, deny)| {
        json!({"id": world::BOT_ROLE, "type": 0, "allow": allow.to_string(), "deny": deny.to_string()})
    });
    json!({
        "guild_id": world::GUILD, "name": channel.name, "position": position, "parent_id": null,
        "topic": null, "nsfw": false, "rate_limit_per_user": 0,
        "permission_overwrites": overwrites.into_iter().collect::<Vec<_>>(),
    })
}

fn thread(state: &State, channel: &Channel) -> Value {
    let count = state.messages_in(channel.id).count();
    json!({
        "guild_id": world::GUILD, "name": channel.name, "parent_id": channel.parent,
        "owner_id": channel.owner, "rate_limit_per_user": 0, "message_count": count,
        "member_count": 1, "total_message_sent": count,
        "thread_metadata": {
            "archived": false, "archive_timestamp": iso(channel.created_ms), "locked": false,
            "auto_archive_duration": 4320, "create_timestamp": iso(channel.created_ms),
        },
    })
}

/// The channel as an interaction carries it, with what its person may do in it.
pub(crate) fn for_interaction(state: &State, channel: &Channel, who: Id) -> Value {
    let mut object = object(state, channel);
    object["permissions"] = json!(rights_of(who, channel).to_string());
    object
}

/// The channel as the page lists it.
pub(crate) fn page_object(channel: &Channel) -> Value {
    let name = match channel.kind {
        ChannelKind::Direct => world::APPLICATION_NAME,
        _ => &channel.name,
    };
    json!({"id": channel.id, "name": name, "type": channel.kind as u8, "parent_id": channel.parent})
}

/// Adds the members of one object to another.
pub(crate) fn merge(object: &mut Value, more: Value) {
    if let (Some(object), Value::Object(more)) = (object.as_object_mut(), more) {
        object.extend(more);
    }
}
