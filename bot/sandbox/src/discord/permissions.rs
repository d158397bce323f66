//! Permission bits, and what the fixed roles may do.

/// A set of permissions, as the bits that Discord numbers them by.
pub(crate) type Bits = u64;

pub(crate) const ADD_REACTIONS: Bits = 1 << 6;
pub(crate) const VIEW_CHANNEL: Bits = 1 << 10;
pub(crate) const SEND_MESSAGES: Bits = 1 << 11;
pub(crate) const MANAGE_MESSAGES: Bits = 1 << 13;
pub(crate) const EMBED_LINKS: Bits = 1 << 14;
pub(crate) const ATTACH_FILES: Bits = 1 << 15;
pub(crate) const READ_MESSAGE_HISTORY: Bits = 1 << 16;
pub(crate) const MENTION_EVERYONE: Bits = 1 << 17;
pub(crate) const USE_APPLICATION_COMMANDS: Bits = 1 << 31;
pub(crate) const CREATE_PUBLIC_THREADS: Bits = 1 << 35;
pub(crate) const SEND_MESSAGES_IN_THREADS: Bits = 1 << 38;

/// What the bot's own role allows: what the guide asks an admin for, and no more.
pub(crate) const BOT: Bits = VIEW_CHANNEL
    | SEND_MESSAGES
    | SEND_MESSAGES_IN_THREADS
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | USE_APPLICATION_COMMANDS;

/// What everyone in the server may do.
pub(crate) const EVERYONE: Bits = BOT | ADD_REACTIONS | CREATE_PUBLIC_THREADS;

/// What the owner of the server may do.
pub(crate) const ALL: Bits = (1 << 53) - 1;

/// What a direct message allows both sides.
pub(crate) const DIRECT: Bits = BOT | ADD_REACTIONS | MENTION_EVERYONE;

/// The permissions that a test can take from the bot by name, as the Discord client names them.
const NAMES: &[(&str, Bits)] = &[
    ("View Channel", VIEW_CHANNEL),
    ("Send Messages", SEND_MESSAGES),
    ("Send Messages in Threads", SEND_MESSAGES_IN_THREADS),
    ("Embed Links", EMBED_LINKS),
    ("Attach Files", ATTACH_FILES),
    ("Read Message History", READ_MESSAGE_HISTORY),
    ("Mention Everyone", MENTION_EVERYONE),
    ("Manage Messages", MANAGE_MESSAGES),
    ("Create Public Threads", CREATE_PUBLIC_THREADS),
    ("Use Application Commands", USE_APPLICATION_COMMANDS),
    ("Add Reactions", ADD_REACTIONS),
];

/// A permission by its name: `Send Messages`, `SEND_MESSAGES` and `send-messages` are one.
pub(crate) fn named(name: &str) -> Option<Bits> {
    let plain = |text: &str| text.to_lowercase().replace(['_', '-', ' '], "");
    NAMES
        .iter()
        .find(|(known, _)| plain(known) == plain(name))
        .map(|(_, bits)| *bits)
}
