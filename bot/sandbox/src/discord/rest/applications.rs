//! The application as it is registered with Discord.

use serde_json::{Value, json};

use super::{Answer, Call};
use crate::discord::errors::ApiError;
use crate::discord::permissions;
use crate::discord::session::{GUILD_MEMBERS, GUILD_PRESENCES, MESSAGE_CONTENT};
use crate::discord::state::State;
use crate::discord::world;

/// The intents, and the flag that says that an application in few servers may use one.
const FLAGS: &[(u64, u64)] = &[
    (GUILD_PRESENCES, 1 << 13),
    (GUILD_MEMBERS, 1 << 15),
    (MESSAGE_CONTENT, 1 << 19),
];

pub(super) fn me(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    Ok(Answer::ok(object(call.state)))
}

/// The flags, by which a bot learns which privileged intents it may use.
pub(crate) fn flags(state: &State) -> u64 {
    let allowed = FLAGS
        .iter()
        .filter(|(intent, _)| state.settings.privileged_intents & intent != 0);
    allowed.map(|(_, flag)| flag).sum()
}

fn object(state: &State) -> Value {
    let install = json!({
        "scopes": ["applications.commands", "bot"], "permissions": permissions::BOT.to_string(),
    });
    json!({
        "id": world::BOT, "name": world::APPLICATION_NAME, "icon": null,
        "description": "Answers questions from the team's own documents", "type": null,
        "bot": world::user(world::BOT), "bot_public": true, "bot_require_code_grant": false,
        "summary": "", "verify_key": "0".repeat(64), "flags": flags(state), "flags_new": flags(state).to_string(),
        "redirect_uris": [], "interactions_endpoint_url": null,
        "role_connections_verification_url": null, "owner": world::user(world::OWNER), "team": null,
        "install_params": install,
        "integration_types_config": {"0": {"oauth2_install_params": install}},
        "approximate_guild_count": 1, "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0, "explicit_content_filter": 0,
        "eligible_oauth2_scopes": ["applications.commands", "bot"],
    })
}
