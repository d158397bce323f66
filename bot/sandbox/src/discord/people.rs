//! What persons do: say, invoke, click, fill in. Discord's client would refuse what is refused
//! here, before the bot hears of it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::channel::{self, Channel, ChannelKind};
use super::errors::ApiError;
use super::ids::Id;
use super::interact;
use super::interaction::{Asked, Interaction};
use super::mentions::{Allowed, mentioned};
use super::message::{self, Message, MessageKind};
use super::options;
use super::permissions::Bits;
use super::refused::Refused;
use super::state::State;
use super::upload::{self, Upload};
use super::world::{self, Person};

/// A message that somebody writes.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Say {
    /// By name or id.
    pub person: String,
    /// By name or id; `dm` is the person's channel with the bot.
    pub channel: String,
    /// The text. A mention of the bot is `<@BOTID>`.
    #[serde(default)]
    pub content: String,
    /// The id of the message that is replied to.
    pub reply_to: Option<String>,
    /// Files.
    #[serde(default)]
    pub attachments: Vec<NewFile>,
}

/// A file that somebody attaches.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct NewFile {
    /// Its name.
    pub filename: String,
    /// Its bytes in base64.
    pub data: String,
}

/// A command that somebody invokes, or whose options somebody is filling in.
#[derive(Clone, Debug, Deserialize)]
pub struct Invoke {
    /// By name or id.
    pub person: String,
    /// By name or id; `dm` is the person's channel with the bot.
    pub channel: String,
    /// The command's name as it was registered.
    pub name: String,
    /// 1 slash command, 2 user menu, 3 message menu.
    #[serde(rename = "type", default = "slash")]
    pub kind: u64,
    /// `{name, type?, value}` each, or `{name, type: 1, options}` for a subcommand; one carries
    /// `focused: true` while it is being completed.
    #[serde(default)]
    pub options: Vec<Value>,
    /// What a menu was opened on.
    pub target_id: Option<String>,
}

fn slash() -> u64 {
    1
}

/// A button or a select menu that somebody uses.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Click {
    /// By name or id.
    pub person: String,
    /// The message that has the component.
    pub message_id: String,
    /// The component.
    pub custom_id: String,
    /// What was chosen in a select menu.
    #[serde(default)]
    pub values: Vec<String>,
}

/// A form that somebody sends off.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Submit {
    /// By name or id.
    pub person: String,
    /// As the `modal` event or the journal named it.
    pub modal_id: String,
    /// The texts by custom id.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
}

/// A thread that somebody opens, on a message or by itself.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct NewThread {
    /// By name or id.
    pub person: String,
    /// The message it is on.
    pub message_id: Option<String>,
    /// The channel it is in, when it is on no message.
    pub channel: Option<String>,
    /// Its name.
    pub name: String,
}

fn not_attached(error: ApiError) -> Refused {
    let refused = Refused::bad(error.message);
    match error.status {
        413 => refused.known_as("too-large"),
        _ => refused,
    }
}

/// How long a person's message can be.
const LONGEST: usize = 2000;

pub(crate) fn say(state: &mut State, say: &Say) -> Result<Value, Refused> {
    let person = person(&say.person)?;
    let channel = channel(state, person, &say.channel)?;
    let mut message = Message::blank(person.id, channel.id, state.clock.now_ms());
    message.content = say.content.trim().to_owned();
    if message.content.encode_utf16().count() > LONGEST {
        return Err(Refused::bad("A message can have 2000 characters at most.").known_as("too-long"));
    }
    if let Some(original) = &say.reply_to {
        message.reply_to = Some(reply_target(state, person, &channel, original)?);
        message.kind = MessageKind::Reply;
    }
    let files = say
        .attachments
        .iter()
        .zip(0..)
        .map(decode)
        .collect::<Result<Vec<_>, _>>()?;
    message.attachments =
        upload::attach(state, channel.id, &[], &Value::Null, &files).map_err(not_attached)?;
    if message.content.is_empty() && message.attachments.is_empty() {
        return Err(Refused::bad("An empty message cannot be sent."));
    }
    let replied = message
        .reply_to
        .and_then(|id| state.message(id))
        .map(|original| original.author);
    let rights = channel::rights_of(person.id, &channel);
    message.mentions = mentioned(&message.content, &Allowed::ALL, rights, replied);
    let id = state.post(message);
    let message = state
        .message(id)
        .ok_or_else(|| Refused::missing("The message is gone.").known_as("gone"))?;
    Ok(message::page_object(state, message))
}

fn decode((file, index): (&NewFile, u64)) -> Result<Upload, Refused> {
    let bytes = STANDARD.decode(&file.data);
    let bytes = bytes.map_err(|_| Refused::bad(format!("The data of `{}` is not base64.", file.filename)))?;
    Ok(Upload {
        index,
        filename: file.filename.clone(),
        content_type: None,
        bytes,
    })
}

fn reply_target(state: &State, person: &Person, channel: &Channel, id: &str) -> Result<Id, Refused> {
    let original = seen(state, person, id)?;
    if original.channel != channel.id || original.is_ephemeral() {
        return Err(Refused::bad("This message cannot be replied to here."));
    }
    Ok(original.id)
}

/// Invokes a command and returns the interaction's id.
pub(crate) fn command(state: &mut State, invoke: &Invoke) -> Result<Id, Refused> {
    let mut invoke = invoke.clone();
    let channel = channel(state, human(&invoke.person)?, &invoke.channel)?;
    keep_files(state, channel.id, &mut invoke.options)?;
    let interaction = invocation(state, &invoke, Asked::Command)?;
    Ok(interact::begin(state, interaction))
}

/// Keeps the files that options carry as `{filename, data}`, as Discord's client uploads them first, and puts what
/// Discord says of each in its place.
fn keep_files(state: &mut State, channel: Id, options: &mut [Value]) -> Result<(), Refused> {
    for option in options {
        if let Some(inner) = option["options"].as_array_mut() {
            keep_files(state, channel, inner)?;
        }
        let Ok(file) = serde_json::from_value::<NewFile>(option["value"].clone()) else {
            continue;
        };
        let upload = decode((&file, 0))?;
        let kept = upload::attach(state, channel, &[], &Value::Null, &[upload]).map_err(not_attached)?;
        option["value"] = kept.first().map_or(Value::Null, message::attachment);
    }
    Ok(())
}

/// Asks the bot to complete the focused option.
pub(crate) fn autocomplete(state: &mut State, invoke: &Invoke) -> Result<Id, Refused> {
    if !has_focus(&invoke.options) {
        return Err(Refused::bad("One option must carry `focused`."));
    }
    let interaction = invocation(state, invoke, Asked::Autocomplete)?;
    Ok(interact::begin(state, interaction))
}

fn has_focus(options: &[Value]) -> bool {
    options.iter().any(|option| {
        option["focused"] == true || option["options"].as_array().is_some_and(|inner| has_focus(inner))
    })
}

fn invocation(state: &State, invoke: &Invoke, asked: Asked) -> Result<Interaction, Refused> {
    let person = human(&invoke.person)?;
    let channel = channel(state, person, &invoke.channel)?;
    let command = available(state, person, &channel, invoke)?;
    let mut data = json!({
        "id": command["id"], "name": command["name"], "type": invoke.kind,
    });
    if let Some(guild) = command.get("guild_id") {
        data["guild_id"] = guild.clone();
    }
    let resolved = if invoke.kind == 1 {
        let filled = options::fill(
            state,
            &command["options"],
            &invoke.options,
            asked == Asked::Autocomplete,
        )?;
        if !filled.options.is_empty() {
            data["options"] = json!(filled.options);
        }
        filled.resolved
    } else {
        let (target, resolved) = target(state, person, &channel, invoke)?;
        data["target_id"] = json!(target);
        resolved
    };
    if !resolved.is_empty() {
        data["resolved"] = Value::Object(resolved);
    }
    let name = full_name(&invoke.name, &invoke.options);
    Ok(Interaction::new(asked, &name, person.id, channel.id, data))
}

/// A command's name with its group and subcommand, as Discord names it to people.
fn full_name(name: &str, options: &[Value]) -> String {
    let is_part = |option: &&Value| option["type"] == 1 || option["type"] == 2;
    let part = options.iter().find(is_part);
    let Some((part, inner)) = part.and_then(|part| Some((part["name"].as_str()?, &part["options"]))) else {
        return name.to_owned();
    };
    let below = inner.as_array().map_or(&[] as &[Value], Vec::as_slice);
    format!("{name} {}", full_name(part, below))
}

/// The command, if it is registered, belongs here, and this person may use it.
fn available(state: &State, person: &Person, channel: &Channel, invoke: &Invoke) -> Result<Value, Refused> {
    let fits = |object: &Value| object["name"] == invoke.name.as_str() && object["type"] == invoke.kind;
    let found = state
        .commands
        .iter()
        .find(|command| fits(&command.object) && (command.guild.is_none() || channel.is_in_guild()));
    let Some(found) = found else {
        return Err(Refused::bad(format!(
            "There is no command `{}` here.",
            invoke.name
        )));
    };
    let context = if channel.is_in_guild() { 0 } else { 1 };
    let contexts = found.object["contexts"].as_array();
    if contexts.is_some_and(|contexts| !contexts.iter().any(|it| it.as_u64() == Some(context))) {
        return Err(Refused::bad(format!(
            "The command `{}` cannot be used here.",
            invoke.name
        )));
    }
    let needed = found.object["default_member_permissions"]
        .as_str()
        .and_then(|bits| bits.parse::<Bits>().ok());
    let needed = needed.filter(|_| channel.is_in_guild());
    let rights = channel::rights_of(person.id, channel);
    // "0" is nobody but administrators, which here is the owner.
    if needed.is_some_and(|bits| rights & bits != bits || (bits == 0 && person.id != world::OWNER)) {
        return Err(Refused::new(403, "You may not use this command."));
    }
    Ok(found.object.clone())
}

/// What a context menu was opened on.
fn target(
    state: &State,
    person: &Person,
    channel: &Channel,
    invoke: &Invoke,
) -> Result<(Id, Map<String, Value>), Refused> {
    let mut resolved = Map::new();
    let given = invoke.target_id.as_deref().unwrap_or_default();
    if invoke.kind == 2 {
        let id = world::find(given)
            .map(|it| it.id)
            .or_else(|| given.parse().ok().filter(|id| *id == world::BOT));
        let id = id.ok_or_else(|| Refused::missing("There is no such person."))?;
        options::resolve_person(id, &mut resolved);
        return Ok((id, resolved));
    }
    let message = seen(state, person, given)?;
    if message.channel != channel.id {
        return Err(Refused::bad("The message is in another channel."));
    }
    let mut messages = Map::new();
    messages.insert(message.id.to_string(), message::object(state, message));
    resolved.insert("messages".to_owned(), Value::Object(messages));
    Ok((message.id, resolved))
}

/// Uses a component and returns the interaction's id.
pub(crate) fn component(state: &mut State, click: &Click) -> Result<Id, Refused> {
    let person = human(&click.person)?;
    let message = seen(state, person, &click.message_id)?;
    // Also one that is no longer there: a client shows the old message until it hears of the edit.
    let component = super::components::find(&message.components, &click.custom_id)
        .or_else(|| super::components::find(&message.earlier, &click.custom_id))
        .ok_or_else(|| Refused::bad("The message has no such component."))?;
    let (kind, values) = super::components::choose(component, &click.values)?;
    let mut data = json!({"custom_id": click.custom_id, "component_type": kind, "id": component["id"]});
    if let Some((values, resolved)) = values {
        data["values"] = json!(values);
        data["resolved"] = Value::Object(resolved);
    }
    let (channel, source) = (message.channel, message.id);
    let mut interaction = Interaction::new(Asked::Component, &click.custom_id, person.id, channel, data);
    interaction.source = Some(source);
    Ok(interact::begin(state, interaction))
}

fn no_form() -> Refused {
    Refused::missing("There is no such form.").known_as("form")
}

/// Sends a form off and returns the interaction's id.
pub(crate) fn submit(state: &mut State, submit: &Submit) -> Result<Id, Refused> {
    let person = human(&submit.person)?;
    let id: Id = submit.modal_id.parse().map_err(|_| no_form())?;
    let modal = state
        .modals
        .get(&id)
        .filter(|modal| modal.person == person.id)
        .cloned();
    let modal = modal.ok_or_else(no_form)?;
    let components = super::components::fill(&modal.components, &submit.values)?;
    state.modals.remove(&id);
    let data = json!({"custom_id": modal.custom_id, "components": components});
    let mut interaction = Interaction::new(Asked::Modal, &modal.custom_id, person.id, modal.channel, data);
    interaction.source = modal.source;
    interaction.opened_by = Some(modal.opened_by);
    Ok(interact::begin(state, interaction))
}

pub(crate) fn open_thread(state: &mut State, new: &NewThread) -> Result<Value, Refused> {
    let person = human(&new.person)?;
    let name = new.name.trim();
    if name.is_empty() || name.encode_utf16().count() > 100 {
        return Err(Refused::bad("A thread's name has 1 to 100 characters."));
    }
    let (parent, on) = match (&new.message_id, &new.channel) {
        (Some(id), _) => {
            let message = seen(state, person, id)?;
            if message.is_ephemeral() || state.channel(message.id).is_some() {
                return Err(Refused::bad("No thread can be opened on this message.").known_as("thread"));
            }
            (message.channel, Some(message.id))
        }
        (None, Some(name)) => (channel(state, person, name)?.id, None),
        (None, None) => return Err(Refused::bad("Name a message or a channel.")),
    };
    if state
        .channel(parent)
        .is_none_or(|parent| parent.kind != ChannelKind::Text)
    {
        return Err(Refused::bad("Threads are opened in text channels."));
    }
    let id = on.unwrap_or_else(|| state.next_id());
    let thread = Channel {
        id,
        kind: ChannelKind::Thread,
        name: name.to_owned(),
        parent: Some(parent),
        owner: Some(person.id),
        created_ms: state.clock.now_ms(),
    };
    state.open_thread(thread.clone(), on);
    Ok(channel::page_object(&thread))
}

/// Somebody by name or id.
pub(crate) fn person(who: &str) -> Result<&'static Person, Refused> {
    world::find(who).ok_or_else(|| Refused::missing(format!("There is nobody called `{who}`.")))
}

/// Somebody with a screen.
pub(crate) fn human(who: &str) -> Result<&'static Person, Refused> {
    let person = person(who)?;
    if person.is_human() {
        Ok(person)
    } else {
        Err(Refused::bad("Only people can do this."))
    }
}

/// A channel that a person can see, by name or id. Of threads with one name it is the newest.
pub(crate) fn channel(state: &State, person: &Person, which: &str) -> Result<Channel, Refused> {
    let named = |channel: &&Channel| match which {
        "dm" => channel.id == person.dm,
        _ => channel.name == which || channel.id.to_string() == which,
    };
    let open = state
        .channels
        .values()
        .filter(|channel| channel.is_open_to(person.id));
    let found = open.filter(named).max_by_key(|channel| channel.id);
    found
        .cloned()
        .ok_or_else(|| Refused::missing(format!("There is no channel `{which}`.")))
}

/// A message that a person can see.
fn seen<'s>(state: &'s State, person: &Person, id: &str) -> Result<&'s Message, Refused> {
    let message = id.parse().ok().and_then(|id| state.message(id));
    let visible = message.filter(|message| {
        state
            .channel(message.channel)
            .is_some_and(|channel| message.is_seen_by(person.id, channel))
    });
    visible.ok_or_else(|| Refused::missing("There is no such message.").known_as("gone"))
}
