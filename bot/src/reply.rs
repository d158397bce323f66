//! What the bot says, before any platform is thought of: text, card, buttons, and who may see it.
//!
//! Whatever a reply is made of, [`Reply::fit`] brings it within Discord's limits.

use crate::clock::Millis;
use crate::command::Command;
use crate::limits;

/// One reply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// What stands in the message itself, which is also shown to people who switched cards off.
    pub text: String,
    /// The framed part.
    pub card: Option<Card>,
    /// Buttons, in rows of five.
    pub buttons: Vec<Button>,
    /// A menu below the buttons.
    pub menu: Option<Menu>,
    /// Files below it.
    pub files: Vec<File>,
    /// Whether only the person who asked sees it.
    pub private: bool,
    /// What takes its place after a while.
    pub again: Option<Again>,
}

/// A command whose reply takes the place of another after a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    /// The command.
    pub command: Command,
    /// When.
    pub at: Millis,
}

/// A file that comes with a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// What a person who cannot see it is told.
    pub about: String,
}

/// The framed part of a reply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// Its title.
    pub title: String,
    /// Where the title leads.
    pub url: Option<String>,
    /// Its text, in Discord's Markdown.
    pub body: String,
    /// The small print.
    pub footer: String,
    /// Its colour.
    pub tone: Tone,
}

/// What the colour of a card says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Neither good nor bad.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// To be looked at.
    Unsure,
}

/// A button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// The word on it.
    pub label: String,
    /// What it does.
    pub press: Press,
    /// Whether it stands out.
    pub primary: bool,
    /// Whether it can be pressed.
    pub enabled: bool,
}

/// What pressing a button does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Press {
    /// Runs a command as the one who presses.
    Run(Command),
    /// Opens a page.
    Open(String),
}

/// A menu to choose one of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Menu {
    /// What stands in it before something is chosen.
    pub placeholder: String,
    /// Its custom id.
    pub id: String,
    /// What can be chosen: label and value, at most [`limits::CHOICES`].
    pub options: Vec<(String, String)>,
}

impl File {
    /// A text file.
    pub fn text(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            bytes: text.as_bytes().to_vec(),
            about: String::new(),
        }
    }
}

impl Reply {
    /// A sentence that only the person who asked sees.
    pub fn private(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            private: true,
            ..Self::default()
        }
    }

    /// A sentence.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// The same reply, within every limit of Discord.
    pub fn fit(mut self) -> Self {
        self.text = limits::clamp(&self.text, limits::CONTENT);
        if let Some(card) = &mut self.card {
            card.fit();
        }
        self.buttons.truncate(4 * limits::BUTTONS_A_ROW);
        for button in &mut self.buttons {
            button.label = limits::clamp(&button.label, limits::BUTTON);
        }
        if let Some(menu) = &mut self.menu {
            menu.fit();
        }
        self
    }
}

impl Card {
    fn fit(&mut self) {
        self.title = limits::clamp(&self.title, limits::TITLE);
        self.body = limits::clamp(&self.body, limits::DESCRIPTION);
        // With the two above at their longest, all of a card stays below the 6000 of a message.
        self.footer = limits::clamp(&self.footer, limits::FOOTER / 2);
        self.url = self.url.take().filter(|url| limits::length(url) <= limits::URL);
    }
}

impl Menu {
    fn fit(&mut self) {
        self.placeholder = limits::clamp(&self.placeholder, limits::PLACEHOLDER);
        self.options.truncate(limits::CHOICES);
        for (label, _) in &mut self.options {
            *label = limits::clamp(label, limits::CHOICE);
        }
    }
}

impl Button {
    /// A button that runs `command`.
    pub fn run(label: impl Into<String>, command: Command) -> Self {
        Self {
            label: label.into(),
            press: Press::Run(command),
            primary: false,
            enabled: true,
        }
    }

    /// A button that opens `url`.
    pub fn open(label: impl Into<String>, url: String) -> Self {
        Self {
            label: label.into(),
            press: Press::Open(url),
            primary: false,
            enabled: true,
        }
    }

    /// The button, standing out.
    pub fn primary(self) -> Self {
        Self {
            primary: true,
            ..self
        }
    }

    /// The button, to be pressed only if `enabled`.
    pub fn enabled(self, enabled: bool) -> Self {
        Self { enabled, ..self }
    }
}
