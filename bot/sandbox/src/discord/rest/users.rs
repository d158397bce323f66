//! The bot itself, other users, and where the gateway is.

use serde_json::json;

use super::{Answer, Call};
use crate::discord::channel;
use crate::discord::errors::{self, ApiError};
use crate::discord::ids::id_in;
use crate::discord::world;

pub(super) fn gateway(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    Ok(Answer::ok(json!({"url": gateway_url(call)})))
}

pub(super) fn gateway_bot(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let remaining = 1000_u64.saturating_sub(call.state.identifies);
    let limit = json!({
        "total": 1000, "remaining": remaining, "reset_after": 86_400_000, "max_concurrency": 1,
    });
    Ok(Answer::ok(
        json!({"url": gateway_url(call), "shards": 1, "session_start_limit": limit}),
    ))
}

/// The gateway is plain even behind the TLS front: clients accept no private authority there.
fn gateway_url(call: &Call<'_>) -> String {
    format!("{}/gw", call.state.base_url.replacen("http", "ws", 1))
}

pub(super) fn me(_: &mut Call<'_>) -> Result<Answer, ApiError> {
    Ok(Answer::ok(me_object()))
}

/// The bot's own user, with what only it sees of itself.
pub(crate) fn me_object() -> serde_json::Value {
    let mut me = world::user(world::BOT);
    channel::merge(
        &mut me,
        json!({"mfa_enabled": true, "locale": "en-US", "verified": true, "email": null}),
    );
    me
}

pub(super) fn my_guilds(_: &mut Call<'_>) -> Result<Answer, ApiError> {
    Ok(Answer::ok(json!([{
        "id": world::GUILD, "name": world::GUILD_NAME, "icon": null, "banner": null, "owner": false,
        "permissions": crate::discord::permissions::BOT.to_string(), "features": [],
    }])))
}

pub(super) fn open_dm(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let person = id_in(&call.body["recipient_id"]).and_then(world::by_id);
    let Some(person) = person else {
        return Err(errors::unknown_user());
    };
    let Some(direct) = call.state.channel(person.dm) else {
        return Err(ApiError::new(403, 50007, "Cannot send messages to this user"));
    };
    Ok(Answer::ok(channel::object(call.state, direct)))
}

pub(super) fn user(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let id = call.id(0);
    if id == world::BOT || world::by_id(id).is_some() {
        return Ok(Answer::ok(world::user(id)));
    }
    Err(errors::unknown_user())
}
