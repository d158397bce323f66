//! Who and what is always there: one server, its roles, channels and people. Ids are fixed so
//! that two runs are alike.

use serde_json::{Value, json};

use super::ids::Id;
use super::permissions::{self, Bits};

/// The application's id, which is also its bot user's.
pub(crate) const BOT: Id = Id(1_300_000_000_000_000_001);
/// The one server, and the id of its role @everyone.
pub(crate) const GUILD: Id = Id(1_300_000_000_000_000_002);
/// Who the server belongs to (olga), and who may therefore do everything in it.
pub(crate) const OWNER: Id = PEOPLE[1].id;
/// The role that Discord made for the bot when it was invited.
pub(crate) const BOT_ROLE: Id = Id(1_300_000_000_000_000_104);

pub(crate) const APPLICATION_NAME: &str = "First Mate";
pub(crate) const GUILD_NAME: &str = "harbour";
pub(crate) const GUILD_LOCALE: &str = "zh-CN";

/// When everyone joined.
pub(crate) const JOINED: &str = "2025-12-01T08:00:00.000000+00:00";

/// What somebody who writes messages is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Human,
    Bot,
    Webhook,
}

/// Somebody who is always there.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) name: &'static str,
    pub(crate) id: Id,
    pub(crate) kind: Kind,
    /// The Discord language that this person starts with.
    pub(crate) locale: &'static str,
    pub(crate) roles: &'static [&'static str],
    /// Their channel with the bot.
    pub(crate) dm: Id,
}

/// Everyone but First Mate itself.
pub(crate) const PEOPLE: &[Person] = &[
    person("lin", 1, Kind::Human, "zh-CN", &["crew"]),
    person("olga", 2, Kind::Human, "en-US", &["crew", "operators"]),
    person("ming", 3, Kind::Human, "zh-CN", &["crew", "approvers"]),
    person("wei", 4, Kind::Human, "zh-TW", &["crew", "approvers"]),
    person("guest", 5, Kind::Human, "en-US", &[]),
    person("bot-x", 6, Kind::Bot, "en-US", &[]),
    person("hook-x", 7, Kind::Webhook, "en-US", &[]),
];

const fn person(
    name: &'static str,
    number: u64,
    kind: Kind,
    locale: &'static str,
    roles: &'static [&'static str],
) -> Person {
    let id = Id(1_300_000_000_000_000_200 + number);
    Person {
        name,
        id,
        kind,
        locale,
        roles,
        dm: Id(1_300_000_000_000_000_400 + number),
    }
}

/// A role of the server.
#[derive(Debug)]
pub(crate) struct Role {
    pub(crate) name: &'static str,
    pub(crate) id: Id,
    pub(crate) position: u64,
    pub(crate) permissions: Bits,
    pub(crate) mentionable: bool,
}

/// The server's roles, @everyone first.
pub(crate) const ROLES: &[Role] = &[
    Role {
        name: "@everyone",
        id: GUILD,
        position: 0,
        permissions: permissions::EVERYONE,
        mentionable: false,
    },
    role("crew", 101, 1),
    role("operators", 102, 2),
    role("approvers", 103, 3),
    Role {
        name: APPLICATION_NAME,
        id: BOT_ROLE,
        position: 4,
        permissions: permissions::BOT,
        mentionable: false,
    },
];

const fn role(name: &'static str, number: u64, position: u64) -> Role {
    let id = Id(1_300_000_000_000_000_000 + number);
    Role {
        name,
        id,
        position,
        permissions: 0,
        mentionable: true,
    }
}

/// The server's text channels by name, the first being where people are when they come in.
pub(crate) const CHANNELS: &[(&str, Id)] = &[
    ("ops", Id(1_300_000_000_000_000_301)),
    ("ask", Id(1_300_000_000_000_000_302)),
    ("random", Id(1_300_000_000_000_000_303)),
];

/// Somebody by name or id.
pub(crate) fn find(who: &str) -> Option<&'static Person> {
    PEOPLE
        .iter()
        .find(|person| person.name == who || person.id.to_string() == who)
}

/// Somebody by id.
pub(crate) fn by_id(id: Id) -> Option<&'static Person> {
    PEOPLE.iter().find(|person| person.id == id)
}

impl Person {
    /// Whether this is a person with a screen, to whom private replies and forms can go.
    pub(crate) fn is_human(&self) -> bool {
        self.kind == Kind::Human
    }

    /// The ids of this person's roles.
    pub(crate) fn role_ids(&self) -> Vec<Id> {
        let theirs = ROLES.iter().filter(|role| self.roles.contains(&role.name));
        theirs.map(|role| role.id).collect()
    }
}

/// Anyone's user object, the bot's included; strangers are deleted users, as on Discord.
pub(crate) fn user(id: Id) -> Value {
    if id == BOT {
        return user_object(id, APPLICATION_NAME, true);
    }
    match by_id(id) {
        Some(person) => user_object(id, person.name, person.kind != Kind::Human),
        None => user_object(id, "Deleted User", false),
    }
}

fn user_object(id: Id, name: &str, bot: bool) -> Value {
    let mut user = json!({
        "id": id, "username": name, "discriminator": if bot { "0001" } else { "0" },
        "global_name": if bot { Value::Null } else { json!(name) },
        "avatar": null, "avatar_decoration_data": null, "banner": null, "accent_color": null,
        "public_flags": 0, "flags": 0, "primary_guild": null,
    });
    if bot {
        user["bot"] = json!(true);
    }
    user
}

/// A member of the server without its `user`, as messages carry it.
pub(crate) fn partial_member(id: Id) -> Value {
    let roles = match by_id(id) {
        Some(person) => person.role_ids(),
        None => vec![BOT_ROLE],
    };
    json!({
        "roles": roles, "nick": null, "avatar": null, "banner": null, "joined_at": JOINED,
        "premium_since": null, "deaf": false, "mute": false, "flags": 0, "pending": false,
        "communication_disabled_until": null,
    })
}

/// A member of the server; webhooks and strangers are none.
pub(crate) fn member(id: Id) -> Option<Value> {
    let known = id == BOT || by_id(id).is_some_and(|person| person.kind != Kind::Webhook);
    if !known {
        return None;
    }
    let mut member = partial_member(id);
    member["user"] = user(id);
    Some(member)
}

/// All members, the bot first.
pub(crate) fn members() -> Vec<Value> {
    let ids = std::iter::once(BOT).chain(PEOPLE.iter().map(|person| person.id));
    ids.filter_map(member).collect()
}

/// The server's role objects.
pub(crate) fn roles() -> Vec<Value> {
    ROLES.iter().map(role_object).collect()
}

fn role_object(role: &Role) -> Value {
    let mut object = json!({
        "id": role.id, "name": role.name, "permissions": role.permissions.to_string(),
        "position": role.position, "color": 0,
        "colors": {"primary_color": 0, "secondary_color": null, "tertiary_color": null},
        "hoist": false, "managed": role.id == BOT_ROLE, "mentionable": role.mentionable,
        "icon": null, "unicode_emoji": null, "flags": 0,
    });
    if role.id == BOT_ROLE {
        object["tags"] = json!({"bot_id": BOT});
    }
    object
}

/// The server object as `GET /guilds/{id}` gives it.
pub(crate) fn guild() -> Value {
    json!({
        "id": GUILD, "name": GUILD_NAME, "icon": null, "description": null, "home_header": null,
        "splash": null, "discovery_splash": null, "features": [], "banner": null,
        "owner_id": OWNER, "application_id": null, "region": "us-west",
        "afk_channel_id": null, "afk_timeout": 300, "system_channel_id": null,
        "system_channel_flags": 0, "widget_enabled": false, "widget_channel_id": null,
        "verification_level": 1, "roles": roles(), "default_message_notifications": 1,
        "mfa_level": 0, "explicit_content_filter": 0, "max_presences": null, "max_members": 500_000,
        "max_stage_video_channel_users": 50, "max_video_channel_users": 25, "vanity_url_code": null,
        "premium_tier": 0, "premium_subscription_count": 0, "preferred_locale": GUILD_LOCALE,
        "rules_channel_id": null, "safety_alerts_channel_id": null,
        "public_updates_channel_id": null, "premium_progress_bar_enabled": false, "nsfw": false,
        "nsfw_level": 0, "emojis": [], "stickers": [], "incidents_data": null,
    })
}
