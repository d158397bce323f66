//! What the bot may do in a channel.

use serenity::all::{Channel, ChannelId, Http, Permissions, UserId};

use super::outgoing::{patiently, plain};
use crate::app::Trouble;

/// What the bot needs in every channel where it answers, with the names that Discord's client shows.
pub const NEEDED: &[(Permissions, &str)] = &[
    (Permissions::VIEW_CHANNEL, "View Channel"),
    (Permissions::SEND_MESSAGES, "Send Messages"),
    (Permissions::SEND_MESSAGES_IN_THREADS, "Send Messages in Threads"),
    (Permissions::EMBED_LINKS, "Embed Links"),
    (Permissions::ATTACH_FILES, "Attach Files"),
    (Permissions::READ_MESSAGE_HISTORY, "Read Message History"),
];

/// All of [`NEEDED`], as the invite link carries it.
pub fn needed() -> u64 {
    NEEDED
        .iter()
        .fold(Permissions::empty(), |all, (permission, _)| all | *permission)
        .bits()
}

/// Looks whether `me` may do what is needed in `channel`.
///
/// # Errors
/// Why not.
pub async fn missing_in(http: &Http, me: UserId, channel: u64) -> Result<(), Trouble> {
    let reached = patiently(|| http.get_channel(ChannelId::new(channel)))
        .await
        .map_err(unreachable)?;
    let Channel::Guild(channel) = reached else {
        return Err(Trouble::NotAChannel);
    };
    let guild = patiently(|| http.get_guild(channel.guild_id))
        .await
        .map_err(unreachable)?;
    let member = patiently(|| http.get_member(channel.guild_id, me))
        .await
        .map_err(unreachable)?;
    let has = guild.user_permissions_in(&channel, &member);
    let missing: Vec<_> = NEEDED
        .iter()
        .filter(|(needed, _)| !has.contains(*needed))
        .map(|(_, name)| *name)
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Trouble::Missing(missing))
    }
}

fn unreachable(error: serenity::Error) -> Trouble {
    Trouble::Unreachable(plain(&error))
}
