//! What a check says, and in which form: the summary first, then what fits a phone, then how it was read.

use firstmate_kb::Lang;

use super::{Check, What};
use crate::app::App;
use crate::clock::Millis;
use crate::cluster::{NotRead, Reader, Who, Why};
use crate::command::Command;
use crate::remedy::Change;
use crate::remedy::action::Action;
use crate::reply::{Again, Button, Card, File, Reply, Tone};
use crate::text::check as say;
use crate::text::label::Label;

/// So far apart, in milliseconds, clocks still agree: those of two machines always differ a little.
pub const AGREED: Millis = 60_000;

/// What a check works with.
pub struct View<'a> {
    /// The bot.
    pub app: &'a App,
    /// The language of the reply.
    pub lang: Lang,
    /// The cluster, as the person who asks.
    pub reader: Reader<'a>,
}

/// What a check says.
#[derive(Debug, Default)]
pub struct Report {
    /// What it is about.
    pub title: String,
    /// The one sentence to read if no other.
    pub summary: String,
    /// Good or bad.
    pub tone: Tone,
    /// Paragraphs and code blocks.
    pub parts: Vec<String>,
    /// The latest time that was read: if it lies ahead, the clocks disagree.
    pub newest: Option<Millis>,
    /// Whether it is a list without anything in it.
    pub is_empty: bool,
    /// What could not be read.
    pub missing: Vec<NotRead>,
    /// All of it, where the parts show a piece.
    pub files: Vec<File>,
    /// What leads on.
    pub buttons: Vec<Button>,
    /// What takes its place after a while.
    pub again: Option<Again>,
}

impl View<'_> {
    /// The present.
    pub fn now(&self) -> Millis {
        self.app.clock.now()
    }

    /// A button that leads on to another check of the same cluster.
    pub fn button(&self, label: Label, what: What) -> Button {
        self.named_button(label.of(self.lang), what)
    }

    /// Buttons that ask for a change of a node, for whoever may ask for one here.
    pub fn request_button(&self, action: Action) -> Option<Button> {
        if self.app.config.people.is_empty() {
            return None;
        }
        let words = crate::text::change::request_button(self.lang, &action);
        let cluster = Some(self.reader.cluster.name.clone());
        let change = Change::AskReason { action, cluster };
        Some(Button::run(words, Command::Change(change)))
    }

    /// The same, with words of the cluster's on it.
    pub fn named_button(&self, words: &str, what: What) -> Button {
        let check = Check::new(what, Some(&self.reader.cluster.name));
        Button::run(words, Command::Check(check))
    }

    /// The reply.
    pub fn reply(&self, report: Report, is_private: bool) -> Reply {
        let mut parts = report.parts;
        let ahead = report
            .newest
            .map(|newest| newest.saturating_sub(self.now()))
            .filter(|ahead| *ahead > AGREED);
        parts.extend(ahead.map(|ahead| say::clocks_differ(self.lang, ahead)));
        let not_checked = report.missing.iter().map(|not| say::not_checked(self.lang, not));
        let not_checked: Vec<String> = not_checked.collect();
        if !not_checked.is_empty() {
            parts.push(not_checked.join("\n"));
        }
        // What was not read is not known to be fine.
        let tone = match report.tone {
            Tone::Good if !report.missing.is_empty() => Tone::Unsure,
            tone => tone,
        };
        let card = Card {
            title: report.title,
            url: None,
            body: parts.join("\n"),
            footer: self.footer(),
            tone,
        };
        Reply {
            text: report.summary,
            card: Some(card),
            buttons: unique(report.buttons),
            files: report.files,
            again: report.again,
            private: is_private,
            ..Reply::default()
        }
    }

    /// The reply where not even the first thing could be read.
    pub fn unread(&self, not: &NotRead, is_private: bool) -> Reply {
        if not.why == Why::NotFound {
            // It was read, and is not there.
            return Reply {
                text: say::not_checked(self.lang, not),
                private: is_private,
                ..Reply::default()
            };
        }
        let card = Card {
            footer: self.footer(),
            body: say::not_checked(self.lang, not),
            tone: Tone::Unsure,
            ..Card::default()
        };
        Reply {
            text: say::nothing_read(self.lang).to_owned(),
            card: Some(card),
            private: is_private,
            ..Reply::default()
        }
    }

    fn footer(&self) -> String {
        let user = match self.reader.who {
            Who::Bot => None,
            Who::Person { user, .. } => Some(user.as_str()),
        };
        say::footer(self.lang, &self.reader.cluster.name, user, self.now())
    }
}

/// Two buttons of a message may not carry the same id.
fn unique(buttons: Vec<Button>) -> Vec<Button> {
    let mut kept: Vec<Button> = Vec::new();
    for button in buttons {
        if !kept.iter().any(|other| other.press == button.press) {
            kept.push(button);
        }
    }
    kept
}
