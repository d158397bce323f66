//! An interaction from the moment a person acts until its token runs out.

use serde_json::{Value, json};

use super::ids::Id;
use super::journal::Entry;
use super::message::Message;
use super::state::State;
use super::world;

/// How long a bot has for its first answer.
pub(crate) const FIRST_ANSWER_MS: u64 = 3_000;
/// How long the token works.
pub(crate) const TOKEN_MS: u64 = 15 * 60_000;

/// What a person did, by the numbers that Discord gives the kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Command = 2,
    Component = 3,
    Autocomplete = 4,
    Modal = 5,
}

/// The first answer that a bot gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answered {
    /// With a message (type 4), or one promised for later (type 5).
    Message,
    /// By changing the clicked message now (type 7) or later (type 6).
    Update,
    /// With a form (type 9).
    Modal,
    /// With choices for completion (type 8).
    Choices,
}

/// One act of a person that the bot is told of.
#[derive(Clone, Debug)]
pub(crate) struct Interaction {
    pub(crate) id: Id,
    pub(crate) token: String,
    pub(crate) asked: Asked,
    /// The command's name, or the component's or form's custom id.
    pub(crate) name: String,
    pub(crate) person: Id,
    pub(crate) channel: Id,
    pub(crate) created_ms: u64,
    /// What Discord calls `data`.
    pub(crate) data: Value,
    /// The message whose component was clicked, also for the form that the click opened.
    pub(crate) source: Option<Id>,
    /// The interaction that was answered with the form submitted here.
    pub(crate) opened_by: Option<Id>,
    pub(crate) answered: Option<Answered>,
    /// The person was told that it failed.
    pub(crate) failed: bool,
    /// The message that `@original` means.
    pub(crate) original: Option<Id>,
    pub(crate) choices: Option<Vec<Value>>,
}

/// An open form.
#[derive(Clone, Debug)]
pub(crate) struct Modal {
    pub(crate) id: Id,
    pub(crate) person: Id,
    pub(crate) channel: Id,
    pub(crate) custom_id: String,
    pub(crate) title: String,
    pub(crate) components: Value,
    pub(crate) source: Option<Id>,
    pub(crate) opened_by: Id,
}

impl Modal {
    /// The form as its person's page gets it.
    pub(crate) fn page_object(&self) -> Value {
        json!({
            "id": self.id, "channel_id": self.channel, "title": self.title,
            "custom_id": self.custom_id, "components": self.components,
        })
    }
}

impl Interaction {
    /// An interaction that no bot has heard of yet.
    pub(crate) fn new(asked: Asked, name: &str, person: Id, channel: Id, data: Value) -> Self {
        Self {
            id: Id(0),
            token: String::new(),
            asked,
            name: name.to_owned(),
            person,
            channel,
            created_ms: 0,
            data,
            source: None,
            opened_by: None,
            answered: None,
            failed: false,
            original: None,
            choices: None,
        }
    }

    /// Whether the first answer can still be given.
    pub(crate) fn is_waiting(&self) -> bool {
        self.answered.is_none() && !self.failed
    }

    /// When something has to have happened, if anything is still to happen.
    fn deadline(&self, state: &State) -> Option<u64> {
        if self.failed {
            return None;
        }
        match self.answered {
            None => Some(self.created_ms + FIRST_ANSWER_MS),
            Some(_) if self.promised(state).is_some() => Some(self.created_ms + TOKEN_MS),
            Some(_) => None,
        }
    }

    /// The message that was promised and not yet written.
    pub(crate) fn promised<'s>(&self, state: &'s State) -> Option<&'s Message> {
        let original = state.message(self.original?)?;
        Some(original).filter(|original| original.is_loading())
    }

    pub(crate) fn token_is_good(&self, now_ms: u64) -> bool {
        now_ms < self.created_ms + TOKEN_MS
    }
}

/// The next moment at which an interaction fails unless something is done.
pub(crate) fn next_deadline(state: &State) -> Option<u64> {
    state
        .open
        .iter()
        .filter_map(|id| state.interaction(*id)?.deadline(state))
        .min()
}

/// Tells the people whose interactions got no answer in time.
pub(crate) fn expire(state: &mut State) {
    let now = state.clock.now_ms();
    let mut late = Vec::new();
    let mut open = std::mem::take(&mut state.open);
    open.retain(|id| {
        let deadline = state
            .interaction(*id)
            .and_then(|interaction| interaction.deadline(state));
        if deadline.is_some_and(|deadline| deadline <= now) {
            late.push(*id);
        }
        deadline.is_some_and(|deadline| deadline > now)
    });
    state.open = open;
    for id in late {
        fail(state, id, "no answer in time");
    }
}

/// Ends an interaction badly.
pub(crate) fn fail(state: &mut State, id: Id, reason: &str) {
    let Some(interaction) = state.interactions.get_mut(&id) else {
        return;
    };
    interaction.failed = true;
    let (person, channel, source) = (interaction.person, interaction.channel, interaction.source);
    let quiet = interaction.asked == Asked::Autocomplete;
    if quiet {
        return;
    }
    let mut data = json!({"interaction_id": id, "channel_id": channel, "reason": reason});
    if let Some(source) = source {
        data["message_id"] = json!(source);
    }
    state.tell(&[person], "interaction_failed", &data);
    let number = source
        .and_then(|id| state.message(id))
        .map(|message| message.number);
    let person = world::by_id(person)
        .map(|person| person.name.to_owned())
        .unwrap_or_default();
    state.journal.push(Entry::Failed {
        person,
        reason: reason.to_owned(),
        number,
    });
}
