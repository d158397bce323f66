//! Who asks, and where.

use firstmate_kb::Lang;

use crate::text::label::Label;

/// The person who runs a command.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Their id.
    pub id: u64,
    /// Their name on Discord, for people to read: nothing is decided by it.
    pub name: String,
    /// The language in which they are answered privately.
    pub locale: Lang,
    /// Whether they read traditional characters.
    pub traditional: bool,
    /// The ids of their roles in the server; none in a direct message.
    pub roles: Vec<u64>,
    /// Where they are.
    pub place: Place,
    /// Whether they pressed a button of a message that they alone see. What it leads to is then theirs alone, too.
    pub alone: bool,
}

/// Where something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The server; `None` in a direct message.
    pub guild: Option<u64>,
    /// The channel or thread.
    pub channel: u64,
    /// The channel that the thread belongs to.
    pub parent: Option<u64>,
}

impl Caller {
    /// Whether they have one of these roles.
    pub fn has_one_of(&self, roles: &[u64]) -> bool {
        roles.iter().any(|role| self.roles.contains(role))
    }

    /// A label as Discord shows it to this person.
    pub fn label(&self, label: Label) -> &'static str {
        if self.traditional {
            label.tw
        } else {
            label.of(self.locale)
        }
    }
}

/// The language and the script that a Discord locale reads.
pub fn of_locale(locale: &str) -> (Lang, bool) {
    match locale {
        "zh-CN" => (Lang::Zh, false),
        "zh-TW" | "zh-HK" => (Lang::Zh, true),
        _ => (Lang::En, false),
    }
}
