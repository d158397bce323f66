//! What a person filled into a command, held against what the bot registered, as Discord's
//! client does before it sends anything.

use serde_json::{Map, Value, json};

use super::ids::Id;
use super::refused::Refused;
use super::state::State;
use super::{channel, world};

const SUBCOMMAND: u64 = 1;
const SUBCOMMAND_GROUP: u64 = 2;
const STRING: u64 = 3;
const INTEGER: u64 = 4;
const BOOLEAN: u64 = 5;
const USER: u64 = 6;
const CHANNEL: u64 = 7;
const ROLE: u64 = 8;
const MENTIONABLE: u64 = 9;
const NUMBER: u64 = 10;
const ATTACHMENT: u64 = 11;

/// The options as the bot gets them.
#[derive(Debug, Default)]
pub(crate) struct Filled {
    pub(crate) options: Vec<Value>,
    /// The people, roles and channels that the values name.
    pub(crate) resolved: Map<String, Value>,
}

/// Checks `given` against the `wanted` options of a command. While a person still types
/// (`typing`), required ones may be missing and the value being typed may be anything.
pub(crate) fn fill(state: &State, wanted: &Value, given: &[Value], typing: bool) -> Result<Filled, Refused> {
    let mut filled = Filled::default();
    let wanted = wanted.as_array().map_or(&[][..], Vec::as_slice);
    for option in given {
        let name = option["name"].as_str().unwrap_or_default();
        let Some(spec) = wanted.iter().find(|spec| spec["name"] == name) else {
            return Err(Refused::bad(format!("There is no option `{name}`.")));
        };
        let option = one(state, spec, option, typing, &mut filled.resolved)?;
        filled.options.push(option);
    }
    let missing = wanted.iter().find(|spec| is_required(spec) && !has(given, spec));
    match missing {
        Some(spec) if !typing => Err(Refused::bad(format!(
            "The option `{}` is required.",
            spec["name"].as_str().unwrap_or_default()
        ))),
        _ => needs_subcommand(wanted, filled),
    }
}

fn is_required(spec: &Value) -> bool {
    spec["required"] == true
}

fn has(given: &[Value], spec: &Value) -> bool {
    given.iter().any(|option| option["name"] == spec["name"])
}

/// A command with subcommands cannot be invoked by itself.
fn needs_subcommand(wanted: &[Value], filled: Filled) -> Result<Filled, Refused> {
    let nested = wanted
        .iter()
        .any(|spec| matches!(spec["type"].as_u64(), Some(SUBCOMMAND | SUBCOMMAND_GROUP)));
    if nested && filled.options.len() != 1 {
        return Err(Refused::bad("Choose one of the subcommands."));
    }
    Ok(filled)
}

fn one(
    state: &State,
    spec: &Value,
    given: &Value,
    typing: bool,
    resolved: &mut Map<String, Value>,
) -> Result<Value, Refused> {
    let kind = spec["type"].as_u64().unwrap_or(STRING);
    let name = spec["name"].as_str().unwrap_or_default();
    if given["type"].as_u64().is_some_and(|given| given != kind) {
        return Err(Refused::bad(format!("The option `{name}` is of type {kind}.")));
    }
    if matches!(kind, SUBCOMMAND | SUBCOMMAND_GROUP) {
        let inner = given["options"].as_array().cloned().unwrap_or_default();
        let inner = fill(state, &spec["options"], &inner, typing)?;
        for (key, found) in inner.resolved {
            channel::merge(resolved.entry(key).or_insert_with(|| json!({})), found);
        }
        return Ok(json!({"name": name, "type": kind, "options": inner.options}));
    }
    if typing && given["focused"] == true {
        let text = given["value"]
            .as_str()
            .map_or_else(|| given["value"].to_string(), ToOwned::to_owned);
        return Ok(json!({"name": name, "type": kind, "value": text, "focused": true}));
    }
    let value = value(state, kind, &given["value"], resolved)
        .ok_or_else(|| Refused::bad(format!("The value of `{name}` is not {}.", what(kind))))?;
    within(spec, name, kind, &value)?;
    Ok(json!({"name": name, "type": kind, "value": value}))
}

fn what(kind: u64) -> &'static str {
    match kind {
        INTEGER => "a whole number",
        BOOLEAN => "true or false",
        USER => "a member of this server",
        CHANNEL => "a channel of this server",
        ROLE => "a role of this server",
        MENTIONABLE => "a member or role of this server",
        NUMBER => "a number",
        ATTACHMENT => "a file",
        _ => "text",
    }
}

/// The value in the form that the bot gets. Numbers and booleans may come as text, people,
/// roles and channels by their names, since that is how transcripts write them.
fn value(state: &State, kind: u64, given: &Value, resolved: &mut Map<String, Value>) -> Option<Value> {
    let text = given.as_str();
    match kind {
        INTEGER => given
            .as_i64()
            .or_else(|| text?.parse().ok())
            .map(|number| json!(number)),
        NUMBER => given
            .as_f64()
            .or_else(|| text?.parse().ok())
            .map(|number| json!(number)),
        BOOLEAN => given
            .as_bool()
            .or_else(|| text?.parse().ok())
            .map(|value| json!(value)),
        USER => person(text?, resolved),
        ROLE => role(text?, resolved),
        MENTIONABLE => person(text?, resolved).or_else(|| role(text?, resolved)),
        CHANNEL => place(state, text?, resolved),
        ATTACHMENT => file(given, resolved),
        _ => text.map(|text| json!(text)),
    }
}

/// A file that was kept before: the value becomes its id.
fn file(kept: &Value, resolved: &mut Map<String, Value>) -> Option<Value> {
    let id = kept["id"].as_str()?;
    let of_kind = resolved.entry("attachments").or_insert_with(|| json!({}));
    of_kind[id] = kept.clone();
    Some(json!(id))
}

fn person(text: &str, resolved: &mut Map<String, Value>) -> Option<Value> {
    let person = world::find(text)?;
    resolve_person(person.id, resolved);
    Some(json!(person.id))
}

/// Adds a person to what the values name.
pub(crate) fn resolve_person(id: Id, resolved: &mut Map<String, Value>) {
    add(resolved, "users", id, world::user(id));
    let mut member = world::partial_member(id);
    member["permissions"] = json!(super::permissions::EVERYONE.to_string());
    add(resolved, "members", id, member);
}

fn role(text: &str, resolved: &mut Map<String, Value>) -> Option<Value> {
    let role = world::ROLES
        .iter()
        .find(|role| role.name == text || role.id.to_string() == text)?;
    let object = world::roles()
        .into_iter()
        .find(|object| object["id"] == json!(role.id))?;
    add(resolved, "roles", role.id, object);
    Some(json!(role.id))
}

fn place(state: &State, text: &str, resolved: &mut Map<String, Value>) -> Option<Value> {
    let named = |channel: &&channel::Channel| channel.name == text || channel.id.to_string() == text;
    let channel = state
        .channels
        .values()
        .filter(|channel| channel.is_in_guild())
        .find(named)?;
    let object = channel::for_interaction(state, channel, world::BOT);
    add(resolved, "channels", channel.id, object);
    Some(json!(channel.id))
}

fn add(resolved: &mut Map<String, Value>, kind: &str, id: Id, object: Value) {
    let of_kind = resolved.entry(kind).or_insert_with(|| json!({}));
    of_kind[id.to_string()] = object;
}

/// Choices, smallest and largest values, shortest and longest texts.
fn within(spec: &Value, name: &str, kind: u64, value: &Value) -> Result<(), Refused> {
    let choices = spec["choices"].as_array().filter(|choices| !choices.is_empty());
    if let Some(choices) = choices
        && !choices.iter().any(|choice| same(&choice["value"], value))
    {
        return Err(Refused::bad(format!(
            "The value of `{name}` is none of its choices."
        )));
    }
    let size = match kind {
        STRING => value.as_str().map(|text| text.encode_utf16().count() as f64),
        INTEGER | NUMBER => value.as_f64(),
        _ => None,
    };
    let (least, most) = if kind == STRING {
        ("min_length", "max_length")
    } else {
        ("min_value", "max_value")
    };
    let Some(size) = size else { return Ok(()) };
    if spec[least].as_f64().is_some_and(|least| size < least) {
        return Err(Refused::bad(format!(
            "The value of `{name}` must be at least {}.",
            spec[least]
        )));
    }
    let longest = if kind == STRING { Some(6000.0) } else { None };
    if spec[most].as_f64().or(longest).is_some_and(|most| size > most) {
        return Err(Refused::bad(format!(
            "The value of `{name}` must be at most {}.",
            spec[most]
        )));
    }
    Ok(())
}

fn same(one: &Value, other: &Value) -> bool {
    one == other || (one.as_f64().is_some() && one.as_f64() == other.as_f64())
}
