//! Registering commands: what is registered here is what people can invoke, and no more.

use serde_json::{Value, json};

use super::{Answer, Call};
use crate::discord::errors::{self, ApiError, Wrong};
use crate::discord::ids::Id;
use crate::discord::state::Command;
use crate::discord::world;

/// How many commands of each kind there can be: slash, user menu, message menu.
const MOST: [usize; 3] = [100, 15, 15];

pub(super) fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let guild = scope(call)?;
    Ok(Answer::ok(json!(objects(call, guild))))
}

/// Replaces all commands. One that keeps its name and kind keeps its id.
pub(super) fn replace(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let guild = scope(call)?;
    let wanted: Vec<Value> = call.body.as_array().cloned().unwrap_or_default();
    let mut new: Vec<Command> = Vec::new();
    for (index, body) in wanted.iter().enumerate() {
        let command = made(call, guild, body);
        if new.iter().any(|other| same(&other.object, &command.object)) {
            let message = "Application command names must be unique";
            let wrong = Wrong::new(
                format!("/{index}"),
                "APPLICATION_COMMANDS_DUPLICATE_NAME",
                message,
            );
            return Err(errors::invalid_form(&[wrong]));
        }
        new.push(command);
    }
    not_too_many(&new)?;
    call.state.commands.retain(|command| command.guild != guild);
    call.state.commands.extend(new);
    announce(call);
    Ok(Answer::ok(json!(objects(call, guild))))
}

/// Creates a command, or replaces the one of the same name and kind.
pub(super) fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let guild = scope(call)?;
    let command = made(call, guild, call.body);
    let object = command.object.clone();
    let (there, others): (Vec<Command>, Vec<Command>) = call
        .state
        .commands
        .iter()
        .cloned()
        .partition(|it| it.id == command.id);
    let mut after = others;
    after.push(command);
    let in_scope: Vec<Command> = after.iter().filter(|it| it.guild == guild).cloned().collect();
    not_too_many(&in_scope)?;
    call.state.commands = after;
    announce(call);
    Ok(if there.is_empty() {
        Answer::created(object)
    } else {
        Answer::ok(object)
    })
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let at = place(call)?;
    Ok(Answer::ok(call.state.commands[at].object.clone()))
}

pub(super) fn change(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let at = place(call)?;
    let version = call.state.next_id();
    let object = &mut call.state.commands[at].object;
    if let Some(new) = call.body.as_object() {
        for (key, value) in new {
            object[key] = value.clone();
        }
    }
    object["version"] = json!(version);
    let object = object.clone();
    announce(call);
    Ok(Answer::ok(object))
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let at = place(call)?;
    call.state.commands.remove(at);
    announce(call);
    Ok(Answer::nothing())
}

/// The server that the path names, or none for the commands that are everywhere.
fn scope(call: &Call<'_>) -> Result<Option<Id>, ApiError> {
    if call.id(0) != world::BOT {
        return Err(errors::unknown_application());
    }
    if !call.path.contains("{guild_id}") {
        return Ok(None);
    }
    if call.id(1) == world::GUILD {
        Ok(Some(world::GUILD))
    } else {
        Err(errors::no_access())
    }
}

fn place(call: &Call<'_>) -> Result<usize, ApiError> {
    let guild = scope(call)?;
    let id = call.id(if guild.is_some() { 2 } else { 1 });
    let commands = &call.state.commands;
    let place = commands
        .iter()
        .position(|command| command.id == id && command.guild == guild);
    place.ok_or_else(errors::unknown_command)
}

fn same(one: &Value, other: &Value) -> bool {
    one["name"] == other["name"] && one["type"] == other["type"]
}

/// The command as Discord gives it back.
fn made(call: &mut Call<'_>, guild: Option<Id>, body: &Value) -> Command {
    let version = call.state.next_id();
    let mut object = json!({
        "type": 1, "description": "", "default_member_permissions": null, "nsfw": false,
        "integration_types": [0], "contexts": null, "options": [],
        "name_localizations": null, "description_localizations": null,
    });
    for (key, value) in body.as_object().into_iter().flatten() {
        if !value.is_null() {
            object[key] = clean(value);
        }
    }
    let known = call
        .state
        .commands
        .iter()
        .find(|it| it.guild == guild && same(&it.object, &object));
    let id = known.map_or(version, |known| known.id);
    object["id"] = json!(id);
    object["application_id"] = json!(world::BOT);
    object["version"] = json!(version);
    object["dm_permission"] = json!(object["contexts"].is_null() || allows(&object["contexts"], 1));
    if let Some(guild) = guild {
        object["guild_id"] = json!(guild);
    }
    if let Some(bits) = object["default_member_permissions"].as_u64() {
        object["default_member_permissions"] = json!(bits.to_string());
    }
    Command { id, guild, object }
}

fn allows(contexts: &Value, context: u64) -> bool {
    contexts
        .as_array()
        .is_some_and(|list| list.iter().any(|it| it.as_u64() == Some(context)))
}

/// Options without their nulls.
fn clean(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(clean).collect(),
        Value::Object(object) => {
            let kept = object.iter().filter(|(_, it)| !it.is_null());
            Value::Object(kept.map(|(key, it)| (key.clone(), clean(it))).collect())
        }
        other => other.clone(),
    }
}

fn objects(call: &Call<'_>, guild: Option<Id>) -> Vec<Value> {
    let there = call
        .state
        .commands
        .iter()
        .filter(|command| command.guild == guild);
    there.map(|command| command.object.clone()).collect()
}

fn not_too_many(commands: &[Command]) -> Result<(), ApiError> {
    for (kind, most) in (1..).zip(MOST) {
        let of_kind = commands.iter().filter(|it| it.object["type"] == kind);
        if of_kind.count() > most {
            let message = format!("Maximum number of application commands reached ({most}).");
            return Err(ApiError::new(400, 30032, &message));
        }
    }
    Ok(())
}

fn announce(call: &mut Call<'_>) {
    let commands = json!(call.state.command_objects());
    call.state.tell_all("commands", &commands);
}
