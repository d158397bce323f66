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
    /// Menus below the buttons, one a row.
    pub menus: Vec<Menu>,
    /// Files below it.
    pub files: Vec<File>,
    /// Whether only the person who asked sees it.
    pub private: bool,
    /// What takes its place after a while.
    pub again: Option<Again>,
    /// The roles that are told of it, when it is posted: the only mentions that the bot ever makes.
    pub notify: Vec<u64>,
    /// A message of its own that is posted in the channel beside it.
    pub post: Option<Box<Post>>,
    /// What only the person who asked is told beside it.
    pub aside: Option<String>,
}

/// A message that everybody in the channel sees, beside a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// What it says.
    pub reply: Reply,
    /// Which message it is, so that a second attempt posts nothing new.
    pub nonce: String,
    /// What the person who asked is told if it cannot be posted.
    pub failed: String,
}

/// A box that a person fills in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Its custom id.
    pub id: String,
    /// What stands on top of it.
    pub title: String,
    /// What is filled in, at most five.
    pub fields: Vec<Field>,
}

/// A text in a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in what comes back.
    pub name: &'static str,
    /// What stands above it.
    pub label: String,
    /// What stands in it already.
    pub value: String,
    /// What stands in it while it is empty.
    pub hint: String,
    /// Whether it has several lines.
    pub long: bool,
    /// Whether it must be filled in.
    pub required: bool,
    /// So many characters at most.
    pub most: usize,
}

impl Field {
    /// A text of one line.
    pub fn line(name: &'static str, label: &str) -> Self {
        Self {
            name,
            label: label.to_owned(),
            value: String::new(),
            hint: String::new(),
            long: false,
            required: true,
            most: limits::INPUT,
        }
    }

    /// A text of several lines.
    pub fn long(name: &'static str, label: &str) -> Self {
        Self {
            long: true,
            ..Self::line(name, label)
        }
    }
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

    /// A picture, and what is said of it to those who cannot see it. The first one of a reply stands in its
    /// card.
    pub fn picture(name: &str, png: Vec<u8>, about: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            bytes: png,
            about: about.into(),
        }
    }

    /// Whether it is shown as a picture.
    pub fn is_picture(&self) -> bool {
        self.bytes.starts_with(b"\x89PNG\r\n\x1a\n")
    }

    /// The file in at most `room` bytes: a text ends at the end of a line, a picture is all or nothing.
    fn fit(mut self, room: usize) -> Option<Self> {
        self.name = file_name(&self.name);
        self.about = limits::clamp(&self.about, limits::FILE_ABOUT);
        if self.bytes.len() > room {
            if self.is_picture() {
                return None;
            }
            let end = room.saturating_sub(CUT_OFF.len());
            let line = self.bytes[..end].iter().rposition(|byte| *byte == b'\n');
            self.bytes.truncate(line.map_or(0, |at| at + 1));
            self.bytes.extend_from_slice(CUT_OFF.as_bytes());
        }
        (self.bytes.len() <= room).then_some(self)
    }
}

/// The last line of a text file that was too long.
const CUT_OFF: &str = "…\n";

/// The name as Discord keeps it: what it would change is changed here, or a card would not find its picture.
fn file_name(name: &str) -> String {
    let kept = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    let safe: String = name
        .chars()
        .map(|letter| if kept(letter) { letter } else { '_' })
        .collect();
    let start = safe.len().saturating_sub(limits::FILE_NAME);
    let safe = safe[start..].trim_start_matches('.');
    if safe.is_empty() {
        "file".to_owned()
    } else {
        safe.to_owned()
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
        self.menus.truncate(limits::ROWS - 1);
        let rows = limits::ROWS - self.menus.len();
        self.buttons.truncate(rows * limits::BUTTONS_A_ROW);
        for button in &mut self.buttons {
            button.label = limits::clamp(&button.label, limits::BUTTON);
        }
        self.menus.iter_mut().for_each(Menu::fit);
        self.files = fit_files(self.files);
        self
    }
}

/// As many files as fit one message. Pictures come first: they are small, and half of one is none.
fn fit_files(mut files: Vec<File>) -> Vec<File> {
    files.sort_by_key(|file| !file.is_picture());
    let mut room = limits::FILE_BYTES;
    let mut kept = Vec::new();
    for file in files {
        if kept.len() < limits::FILES
            && let Some(file) = file.fit(room)
        {
            room -= file.bytes.len();
            kept.push(file);
        }
    }
    kept
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

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

    fn fitted(files: Vec<File>) -> Vec<File> {
        let reply = Reply {
            files,
            ..Reply::default()
        };
        reply.fit().files
    }

    #[test]
    fn a_file_keeps_its_name_as_discord_would() {
        let name = |name: &str| fitted(vec![File::text(name, "x")])[0].name.clone();
        assert_eq!(name("events.txt"), "events.txt");
        assert_eq!(name("../etc/pass wd"), "_etc_pass_wd");
        assert_eq!(name("日志.txt"), "__.txt");
        assert_eq!(name(""), "file");
        assert_eq!(name(&format!("{}.txt", "a".repeat(300))).len(), limits::FILE_NAME);
    }

    #[test]
    fn a_text_that_is_too_long_ends_at_a_line() {
        let line = "I0101 00:00:00 a line of a log\n";
        let long = line.repeat(limits::FILE_BYTES / line.len() + 100);
        let kept = fitted(vec![File::text("pod.log", &long)]);
        let text = std::str::from_utf8(&kept[0].bytes).unwrap();
        assert!(text.len() <= limits::FILE_BYTES && text.len() > limits::FILE_BYTES - 100);
        assert!(text.ends_with(&format!("{line}…\n")));
    }

    #[test]
    fn pictures_come_first_and_are_whole_or_left_out() {
        let picture = |bytes: usize| [SIGNATURE, &vec![0; bytes]].concat();
        let kept = fitted(vec![
            File::text("a.txt", &"x\n".repeat(limits::FILE_BYTES)),
            File::picture("top.png", picture(1000), "about"),
            File::picture("huge.png", picture(limits::FILE_BYTES), "about"),
        ]);
        let names: Vec<&str> = kept.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["top.png", "a.txt"]);
        let total: usize = kept.iter().map(|file| file.bytes.len()).sum();
        assert!(total <= limits::FILE_BYTES);
    }

    #[test]
    fn buttons_and_menus_share_the_rows_of_a_message() {
        let menu = || Menu {
            placeholder: "x".repeat(200),
            id: "jump:1".to_owned(),
            options: vec![("x".to_owned(), "x".to_owned()); 30],
        };
        let buttons = vec![Button::run("x", Command::Help); 40];
        for (menus, left) in [(0, 25), (2, 15), (7, 5)] {
            let reply = Reply {
                buttons: buttons.clone(),
                menus: (0..menus).map(|_| menu()).collect(),
                ..Reply::default()
            };
            let fitted = reply.fit();
            assert_eq!(fitted.buttons.len(), left);
            assert!(
                fitted
                    .menus
                    .iter()
                    .all(|menu| menu.options.len() == limits::CHOICES)
            );
        }
    }

    #[test]
    fn no_more_files_than_a_message_takes() {
        let many = (0..30).map(|at| File::text(&format!("{at}.txt"), "x")).collect();
        assert_eq!(fitted(many).len(), limits::FILES);
    }
}
