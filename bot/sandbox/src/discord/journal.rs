//! Everything that became visible to a person, in order, so that a transcript can be printed.

use serde_json::Value;

/// One thing that a person could see happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A message appeared.
    Created {
        /// Its number, counted from 1.
        number: u64,
    },
    /// A message changed.
    Edited {
        /// Its number.
        number: u64,
    },
    /// A message went away.
    Deleted {
        /// Its number.
        number: u64,
    },
    /// A form opened before one person.
    Modal {
        /// The person's name.
        person: String,
        /// What [`super::Discord::modal`] takes to submit it.
        modal_id: String,
        /// Its title.
        title: String,
        /// Its components as the bot sent them.
        components: Value,
    },
    /// Completion offered choices to one person.
    Choices {
        /// The person's name.
        person: String,
        /// `{name, name_localizations?, value}` each.
        choices: Vec<Value>,
    },
    /// An interaction got no proper answer, and the person was told so.
    Failed {
        /// The person's name.
        person: String,
        /// `no answer in time`, or what was wrong with it.
        reason: String,
        /// The clicked message, if it was a click.
        number: Option<u64>,
    },
}
