//! Everything a person can ask of the bot, and the ways to ask it.
//!
//! [`COMMANDS`] feeds registration with Discord, `/help`, the permission check and the reference.
//! A [`Command`] is what any of them, a button, a menu or a message becomes; the ids of buttons
//! carry it whole, so that they work after a restart.

use firstmate_kb::Lang;

use crate::text::label::{self, Label};

/// How long a question may be, in characters: Discord's longest message.
pub const QUESTION_LIMIT: usize = 4000;

/// What a person asks of the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A question to the documents.
    Ask {
        /// In the person's words.
        question: String,
        /// Answered to the person alone.
        private: bool,
        /// Pasted into a box: a log is in English whoever asks, so the answer follows the person.
        pasted: bool,
    },
    /// A box to write a long question in.
    Compose {
        /// Answered to the person alone.
        private: bool,
    },
    /// A message that nobody addressed to the bot, in a channel where it may answer unasked.
    Overhear {
        /// The message.
        question: String,
    },
    /// What there is to ask.
    Help,
    /// The chosen one of several questions, in place of the choice.
    Choose {
        /// Id of the question.
        id: String,
        /// The language of the message that offered it.
        lang: Lang,
    },
    /// A related question, to the person alone.
    Related {
        /// Id of the question.
        id: String,
    },
    /// The whole answer, from its first page, to the person alone.
    Full {
        /// Id of the question.
        id: String,
    },
    /// Another page of the whole answer, in place of the one shown.
    Turn {
        /// Id of the question.
        id: String,
        /// The page, from 0.
        page: usize,
    },
    /// The page on which a section begins, in place of the one shown.
    Jump {
        /// Id of the question.
        id: String,
        /// The section, from 0.
        section: usize,
    },
}

/// How a reply reaches the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// As a message that everybody in the channel sees.
    Public,
    /// As a message that the person alone sees.
    Private,
    /// In place of the message whose button was pressed.
    InPlace,
}

/// Who may use a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everybody.
    Anyone,
    /// Whoever may ask; unset in the configuration: everybody.
    Asker,
}

/// A mistake of the person's, or something they may not do. Its sentence is in `text`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no word in the question.
    EmptyQuestion,
    /// The question is longer than [`QUESTION_LIMIT`].
    LongQuestion,
    /// The documents no longer hold the question of a button.
    QuestionGone,
    /// A button, menu or command that this version does not know.
    UnknownControl,
    /// The person's roles do not allow it.
    NotAllowed,
}

/// A command as Discord registers it.
#[derive(Debug)]
pub struct Spec {
    /// Its name.
    pub name: Label,
    /// What it does.
    pub about: Label,
    /// Whether it is typed or stands in a message's menu.
    pub kind: Kind,
    /// Who may use it.
    pub needs: Role,
    /// Its options.
    pub args: &'static [Arg],
    /// Makes the command out of what was filled in.
    pub parse: fn(&Filled) -> Result<Command, Refusal>,
}

/// Where a command is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Typed after a slash.
    Slash,
    /// In the menu of a message, whose text is its only input.
    MessageMenu,
}

/// An option of a command.
#[derive(Debug)]
pub struct Arg {
    /// Its name.
    pub name: Label,
    /// What it is.
    pub about: Label,
    /// What can be filled in.
    pub kind: ArgKind,
}

/// What can be filled into an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgKind {
    /// Text, completed with titles of questions as it is typed. It must be filled in.
    Question,
    /// True or false; left out: false.
    Flag,
}

/// What a person filled in.
#[derive(Clone, Debug, Default)]
pub struct Filled {
    /// Texts by the name of their option.
    pub texts: Vec<(String, String)>,
    /// Flags by the name of their option.
    pub flags: Vec<(String, bool)>,
    /// The text of the message whose menu was used.
    pub message: Option<String>,
}

const QUESTION: Arg = Arg {
    name: label::QUESTION,
    about: label::QUESTION_ABOUT,
    kind: ArgKind::Question,
};
const PRIVATE: Arg = Arg {
    name: label::PRIVATE,
    about: label::PRIVATE_ABOUT,
    kind: ArgKind::Flag,
};

/// Every command, in the order `/help` shows them.
pub const COMMANDS: &[Spec] = &[
    Spec {
        name: label::ASK,
        about: label::ASK_ABOUT,
        kind: Kind::Slash,
        needs: Role::Asker,
        args: &[QUESTION, PRIVATE],
        parse: |filled| {
            ask(
                filled.text(label::QUESTION).unwrap_or_default(),
                filled.flag(label::PRIVATE),
            )
        },
    },
    Spec {
        name: label::PASTE,
        about: label::PASTE_ABOUT,
        kind: Kind::Slash,
        needs: Role::Asker,
        args: &[PRIVATE],
        parse: |filled| {
            Ok(Command::Compose {
                private: filled.flag(label::PRIVATE),
            })
        },
    },
    Spec {
        name: label::ASK_MENU,
        about: label::ASK_MENU_ABOUT,
        kind: Kind::MessageMenu,
        needs: Role::Asker,
        args: &[],
        parse: |filled| ask(filled.message.as_deref().unwrap_or_default(), false),
    },
    Spec {
        name: label::HELP,
        about: label::HELP_ABOUT,
        kind: Kind::Slash,
        needs: Role::Anyone,
        args: &[],
        parse: |_| Ok(Command::Help),
    },
];

/// A question by message, menu, option or box.
///
/// # Errors
/// If there is no word in it, or too many.
pub fn ask(question: &str, private: bool) -> Result<Command, Refusal> {
    // White space that is also a control character, as a tab between columns, keeps words apart.
    let spaced = question
        .chars()
        .map(|it| if it.is_whitespace() && it != '\n' { ' ' } else { it });
    let question: String = spaced
        .filter(|it| *it == '\n' || !crate::text::is_unseen(*it))
        .collect();
    let question = question.trim();
    if !question.chars().any(char::is_alphanumeric) {
        return Err(Refusal::EmptyQuestion);
    }
    if question.chars().count() > QUESTION_LIMIT {
        return Err(Refusal::LongQuestion);
    }
    Ok(Command::Ask {
        question: question.to_owned(),
        private,
        pasted: false,
    })
}

impl Command {
    /// Who may run it, by whatever way.
    pub const fn needs(&self) -> Role {
        match self {
            Self::Help => Role::Anyone,
            Self::Ask { .. }
            | Self::Compose { .. }
            | Self::Overhear { .. }
            | Self::Choose { .. }
            | Self::Related { .. }
            | Self::Full { .. }
            | Self::Turn { .. }
            | Self::Jump { .. } => Role::Asker,
        }
    }

    /// How its reply reaches the person.
    pub const fn delivery(&self) -> Delivery {
        match self {
            Self::Ask { private: false, .. } | Self::Compose { private: false } | Self::Overhear { .. } => {
                Delivery::Public
            }
            Self::Ask { private: true, .. }
            | Self::Compose { private: true }
            | Self::Help
            | Self::Related { .. }
            | Self::Full { .. } => Delivery::Private,
            Self::Choose { .. } | Self::Turn { .. } | Self::Jump { .. } => Delivery::InPlace,
        }
    }

    /// The id of the button, menu or box that runs this command. Only those that can be on one have it;
    /// a menu's id ends before the value that is chosen.
    pub fn control_id(&self) -> String {
        match self {
            Self::Choose { id, lang } => format!("choose:{id}:{}", code(*lang)),
            Self::Related { id } => format!("related:{id}"),
            Self::Full { id } => format!("full:{id}"),
            Self::Turn { id, page } => format!("turn:{id}:{page}"),
            Self::Jump { id, .. } => format!("jump:{id}"),
            Self::Compose { private } => format!("compose:{private}"),
            Self::Ask { .. } | Self::Overhear { .. } | Self::Help => String::new(),
        }
    }

    /// The command of the button with this id, or of the menu with this id and what was chosen in it.
    ///
    /// # Errors
    /// If this version made no such id.
    pub fn from_control(id: &str, chosen: Option<&str>) -> Result<Self, Refusal> {
        let parts: Vec<&str> = id.split(':').collect();
        let command = match (parts.as_slice(), chosen) {
            (["choose", id, lang], None) => Self::Choose {
                id: known_id(id)?,
                lang: lang_of(lang)?,
            },
            (["related", id], None) => Self::Related { id: known_id(id)? },
            (["full", id], None) => Self::Full { id: known_id(id)? },
            (["turn", id, page], None) => Self::Turn {
                id: known_id(id)?,
                page: number(page)?,
            },
            (["jump", id], Some(section)) => Self::Jump {
                id: known_id(id)?,
                section: number(section)?,
            },
            _ => return Err(Refusal::UnknownControl),
        };
        Ok(command)
    }

    /// The command of the box with this id, filled in with `text`.
    ///
    /// # Errors
    /// If this version made no such box, or the text is no question.
    pub fn from_box(id: &str, text: &str) -> Result<Self, Refusal> {
        match id.split_once(':') {
            Some(("compose", private)) => match ask(text, private == "true")? {
                Command::Ask {
                    question, private, ..
                } => Ok(Self::Ask {
                    question,
                    private,
                    pasted: true,
                }),
                other => Ok(other),
            },
            _ => Err(Refusal::UnknownControl),
        }
    }
}

impl Filled {
    fn text(&self, name: Label) -> Option<&str> {
        self.texts
            .iter()
            .find(|(key, _)| key == name.en)
            .map(|(_, text)| text.as_str())
    }

    fn flag(&self, name: Label) -> bool {
        self.flags.iter().any(|(key, value)| key == name.en && *value)
    }
}

fn code(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "en",
        Lang::Zh => "zh",
    }
}

fn lang_of(code: &str) -> Result<Lang, Refusal> {
    match code {
        "en" => Ok(Lang::En),
        "zh" => Ok(Lang::Zh),
        _ => Err(Refusal::UnknownControl),
    }
}

fn known_id(id: &str) -> Result<String, Refusal> {
    let is_id = id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id {
        Ok(id.to_owned())
    } else {
        Err(Refusal::UnknownControl)
    }
}

fn number(text: &str) -> Result<usize, Refusal> {
    text.parse().map_err(|_| Refusal::UnknownControl)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits;

    const ID: &str = "0123456789abcdef";

    #[test]
    fn a_control_carries_its_command_whole() {
        let id = || ID.to_owned();
        let commands = [
            Command::Choose {
                id: id(),
                lang: Lang::Zh,
            },
            Command::Related { id: id() },
            Command::Full { id: id() },
            Command::Turn { id: id(), page: 12 },
        ];
        for command in commands {
            let control = command.control_id();
            assert!(control.len() <= limits::CUSTOM_ID);
            assert_eq!(Command::from_control(&control, None), Ok(command));
        }
        let jump = Command::Jump { id: id(), section: 3 };
        assert_eq!(Command::from_control(&jump.control_id(), Some("3")), Ok(jump));
    }

    #[test]
    fn a_forged_control_is_refused() {
        for id in [
            "",
            "full",
            "full:../../etc",
            "turn:0123456789abcdef:-1",
            "choose:0123456789abcdef:fr",
            "drop:table",
        ] {
            assert_eq!(
                Command::from_control(id, None),
                Err(Refusal::UnknownControl),
                "{id}"
            );
        }
        assert_eq!(Command::from_box("full:1", "why"), Err(Refusal::UnknownControl));
    }

    #[test]
    fn a_question_needs_a_word() {
        for text in ["", "  ", "😀🎉", "？？", "\u{202e}\u{200b}"] {
            assert_eq!(ask(text, false), Err(Refusal::EmptyQuestion), "{text:?}");
        }
        assert_eq!(
            ask(&"长".repeat(QUESTION_LIMIT + 1), false),
            Err(Refusal::LongQuestion)
        );
        assert!(ask(&"长".repeat(QUESTION_LIMIT), false).is_ok());
        let columns = ask("NAME\tREADY\r\nweb-1\t0/1", false);
        let question = "NAME READY \nweb-1 0/1".to_owned();
        assert_eq!(
            columns,
            Ok(Command::Ask {
                question,
                private: false,
                pasted: false
            })
        );
        let question = "why?\nOOMKilled".to_owned();
        assert_eq!(
            ask("\u{202e}why?\nOOM\u{7}Killed ", true),
            Ok(Command::Ask {
                question,
                private: true,
                pasted: false
            })
        );
    }

    #[test]
    fn names_and_descriptions_fit_what_discord_takes() {
        for spec in COMMANDS {
            for name in [spec.name.en, spec.name.zh, spec.name.tw] {
                assert!((1..=32).contains(&name.chars().count()), "{name}");
                let is_typed = name
                    .chars()
                    .all(|character| character.is_alphanumeric() && !character.is_uppercase());
                assert!(spec.kind == Kind::MessageMenu || is_typed, "{name}");
            }
            let options = spec
                .args
                .iter()
                .flat_map(|arg| [arg.about.en, arg.about.zh, arg.about.tw]);
            for about in [spec.about.en, spec.about.zh, spec.about.tw]
                .into_iter()
                .chain(options)
            {
                assert!((1..=100).contains(&about.chars().count()), "{about}");
            }
        }
    }
}
