//! Reads a transcript: `.chat`, the form that `docs/CONTRIBUTING.md` explains.

/// A transcript, read and understood before anything of it happens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Play {
    /// What holds for the whole of it.
    pub head: Head,
    /// The file's lines in order.
    pub items: Vec<Item>,
}

/// What holds for a whole transcript.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The folders of documents beside the bundled ones, relative to the file.
    pub docs: Vec<String>,
    /// The language of the channels: `zh` or `en`.
    pub channel_language: Option<String>,
    /// Settings laid over those of the sandbox, as TOML.
    pub config: String,
    /// What is there in the cluster and what happens; without one there is no cluster.
    pub scenario: Option<String>,
    /// What varies the names in it.
    pub seed: Option<u64>,
    /// Whether it plays on the sandbox's cluster alone.
    pub is_sandbox_only: bool,
}

/// A line that stays as it is, or a step with the replies to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A comment, an empty line, a line of the head.
    Plain(String),
    /// Something happens.
    Step(Step),
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The line it begins on, from 1.
    pub line: usize,
    /// Its lines as written.
    pub source: Vec<String>,
    /// What happens.
    pub action: Action,
    /// The replies written below it.
    pub expected: Vec<String>,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Somebody writes a message.
    Say {
        who: String,
        place: Where,
        text: String,
        files: Vec<String>,
        /// The message that it replies to.
        re: Option<u64>,
    },
    /// Somebody runs a slash command.
    Slash {
        who: String,
        place: Where,
        words: Vec<String>,
        options: Vec<Filling>,
    },
    /// Somebody presses a button.
    Click {
        who: String,
        label: String,
        on: Option<u64>,
    },
    /// Somebody chooses in a select menu.
    Select {
        who: String,
        menu: String,
        values: Vec<String>,
    },
    /// Somebody fills in the open modal.
    Fill {
        who: String,
        fields: Vec<(String, String)>,
    },
    /// Somebody uses a message's menu.
    Menu { who: String, label: String, on: u64 },
    /// A thread is opened on a message.
    Thread { name: String, on: u64 },
    /// A person's Discord is set to a language.
    Locale { who: String, locale: String },
    /// Time goes by, in milliseconds.
    Clock(u64),
    /// The bot stops in order and starts anew.
    Restart,
    /// The bot is gone at once and starts anew.
    Kill,
    /// Something goes wrong with Discord from now on.
    Fault(Fault),
    /// Something goes wrong with the cluster from now on.
    ClusterFault(ClusterFault),
    /// Somebody else changes the cluster.
    Patch {
        object: String,
        patch: serde_json::Value,
    },
    /// Somebody else changes the cluster with the real kubectl.
    Kubectl(Vec<String>),
}

/// Where somebody writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Where {
    /// The channel of the transcript.
    #[default]
    Here,
    /// The direct message with the bot.
    Direct,
    /// The thread opened last.
    Thread,
    /// Another channel, by name.
    Channel(String),
}

/// An option of a slash command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filling {
    /// Its name.
    pub name: String,
    /// What is filled in.
    pub value: String,
    /// Whether the list that completion offers is asked for, instead of running the command.
    pub completes: bool,
}

/// What can go wrong with Discord.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Requests are answered with this status; all, or so many.
    Status(u16, Option<u32>),
    /// Requests are answered this many milliseconds late.
    Slow(u64, Option<u32>),
    /// The gateway's connection breaks.
    Drop,
    /// The gateway closes, with a code or without.
    Close(Option<u16>),
    /// The gateway asks to reconnect.
    Reconnect,
    /// The gateway declares the session invalid.
    Invalid,
    /// The gateway sends an event that no client can read.
    Unparsable,
    /// All is well again.
    Off,
}

/// What goes wrong with the cluster, for which kind, and for how many requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterFault {
    /// What.
    pub trouble: Trouble,
    /// For requests of which kind; all without one.
    pub resource: Option<String>,
    /// For how many requests; all without a number.
    pub requests: Option<u32>,
}

impl ClusterFault {
    /// All is well again.
    pub const fn off() -> Self {
        Self {
            trouble: Trouble::Off,
            resource: None,
            requests: None,
        }
    }
}

/// What can go wrong with the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Requests are answered with this status.
    Status(u16),
    /// Requests are answered this many milliseconds late.
    Slow(u64),
    /// Connections break without an answer.
    Drop,
    /// Answers break off.
    Cut,
    /// Objects are full of unknown and absurd fields.
    Absurd,
    /// All is well again.
    Off,
}

/// A line that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct Unreadable {
    /// The line, from 1.
    pub line: usize,
    /// Why.
    pub what: String,
}

/// The people who can appear.
pub const PEOPLE: [&str; 7] = ["lin", "olga", "ming", "wei", "guest", "bot-x", "hook-x"];

/// Reads a transcript.
///
/// # Errors
/// At the first line that cannot be read.
pub fn parse(text: &str) -> Result<Play, Unreadable> {
    let mut reader = Reader {
        play: Play::default(),
        in_config: false,
    };
    for (at, line) in text.lines().enumerate() {
        reader
            .line(line)
            .map_err(|what| Unreadable { line: at + 1, what })?;
        if let Some(Item::Step(step)) = reader.play.items.last_mut()
            && step.line == 0
        {
            step.line = at + 1;
        }
    }
    // A message of several lines is complete only when the next step begins.
    Ok(reader.play)
}

struct Reader {
    play: Play,
    in_config: bool,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), String> {
        let is_indented = line.starts_with("  ");
        if self.in_config && (is_indented || line.trim().is_empty()) {
            self.play.head.config.push_str(line.trim_start());
            self.play.head.config.push('\n');
            self.plain(line);
            return Ok(());
        }
        self.in_config = false;
        if is_indented && !line.trim().is_empty() {
            return self.indented(line);
        }
        if line.trim().is_empty() || line.starts_with('#') {
            self.plain(line);
            return Ok(());
        }
        if let Some(rest) = line.strip_prefix('@') {
            let action = at_line(rest)?;
            self.step(line, action);
            return Ok(());
        }
        let (key, value) = line
            .split_once(':')
            .ok_or("neither a step nor a line of the head")?;
        let (who, place) = who_and_where(key.trim())?;
        match PEOPLE.contains(&who) {
            true => {
                let action = person_line(who, place, value.trim())?;
                self.step(line, action);
            }
            false => self.head(key.trim(), value.trim(), line)?,
        }
        Ok(())
    }

    fn indented(&mut self, line: &str) -> Result<(), String> {
        let Some(Item::Step(step)) = self.play.items.last_mut() else {
            return Err("a reply without a step above it".to_owned());
        };
        let bare = line.trim_start();
        match (&mut step.action, bare.strip_prefix('|')) {
            (Action::Say { text, .. }, Some(more)) if step.expected.is_empty() => {
                text.push('\n');
                text.push_str(more.strip_prefix(' ').unwrap_or(more));
                step.source.push(line.to_owned());
            }
            _ => step.expected.push(line.to_owned()),
        }
        Ok(())
    }

    fn head(&mut self, key: &str, value: &str, line: &str) -> Result<(), String> {
        if self.play.items.iter().any(|item| matches!(item, Item::Step(_))) {
            return Err(format!("`{key}` is nobody who can appear, and the head is over"));
        }
        let head = &mut self.play.head;
        match key {
            "scenario" => head.scenario = Some(value.to_owned()),
            "seed" => head.seed = Some(value.parse().map_err(|_| "the seed is a number")?),
            // What follows the word says why.
            "engine" => head.is_sandbox_only = value.starts_with("sandbox"),
            "docs" => head.docs.extend(value.split_whitespace().map(str::to_owned)),
            "channel-language" if ["zh", "en"].contains(&value) => {
                head.channel_language = Some(value.to_owned())
            }
            "channel-language" => return Err("the channel's language is zh or en".to_owned()),
            "config" => {
                self.in_config = true;
                head.config.push_str(value);
                head.config.push('\n');
            }
            _ => return Err(format!("`{key}` is neither a person nor a key of the head")),
        }
        self.plain(line);
        Ok(())
    }

    fn plain(&mut self, line: &str) {
        self.play.items.push(Item::Plain(line.to_owned()));
    }

    fn step(&mut self, line: &str, action: Action) {
        let step = Step {
            line: 0,
            source: vec![line.to_owned()],
            action,
            expected: Vec::new(),
        };
        self.play.items.push(Item::Step(step));
    }
}

/// `lin`, `lin (dm)`, `lin (thread)`, `lin (#ask)`.
fn who_and_where(key: &str) -> Result<(&str, Where), String> {
    let Some((who, place)) = key.split_once(" (") else {
        return Ok((key, Where::Here));
    };
    let place = place.strip_suffix(')').ok_or("a bracket is not closed")?;
    let place = match place {
        "dm" => Where::Direct,
        "thread" => Where::Thread,
        _ => Where::Channel(
            place
                .strip_prefix('#')
                .ok_or("in brackets stand dm, thread or #channel")?
                .to_owned(),
        ),
    };
    Ok((who, place))
}

fn person_line(who: &str, place: Where, text: &str) -> Result<Action, String> {
    let who = who.to_owned();
    if let Some(command) = text.strip_prefix('/') {
        return slash(who, place, command);
    }
    let mut words = Words::new(text);
    match words.peek_plain() {
        Some("click") if text.contains('"') => {
            words.next();
            let label = words.quoted()?;
            Ok(Action::Click {
                who,
                label,
                on: words.on()?,
            })
        }
        Some("select") if text.contains('"') => {
            words.next();
            let menu = words.quoted()?;
            let mut values = Vec::new();
            while !words.is_done() {
                values.push(words.quoted()?);
            }
            Ok(Action::Select { who, menu, values })
        }
        Some("menu") if text.contains('"') => {
            words.next();
            let label = words.quoted()?;
            let on = words.on()?.ok_or("say on which message: menu \"…\" on N")?;
            Ok(Action::Menu { who, label, on })
        }
        Some("fill") if text.contains(':') => {
            words.next();
            let mut fields = Vec::new();
            while !words.is_done() {
                let filling = words.filling()?;
                fields.push((filling.name, filling.value));
            }
            Ok(Action::Fill { who, fields })
        }
        _ => say(who, place, text),
    }
}

fn say(who: String, place: Where, text: &str) -> Result<Action, String> {
    let (mut files, mut re) = (Vec::new(), None);
    let mut words = Vec::new();
    for word in text.split(' ') {
        match word.split_once(':') {
            Some(("+file", file)) => files.push(file.to_owned()),
            Some(("+re", number)) => re = Some(number.parse().map_err(|_| "+re:NUMBER")?),
            _ => words.push(word),
        }
    }
    Ok(Action::Say {
        who,
        place,
        text: words.join(" "),
        files,
        re,
    })
}

fn slash(who: String, place: Where, command: &str) -> Result<Action, String> {
    let mut words = Words::new(command);
    let mut names = Vec::new();
    while let Some(word) = words.peek_plain().filter(|word| !word.contains(':')) {
        names.push(word.to_owned());
        words.next();
    }
    if names.is_empty() {
        return Err("a command needs a name".to_owned());
    }
    let mut options = Vec::new();
    while !words.is_done() {
        options.push(words.filling()?);
    }
    Ok(Action::Slash {
        who,
        place,
        words: names,
        options,
    })
}

/// A line that begins with `@`.
fn at_line(rest: &str) -> Result<Action, String> {
    let mut words = Words::new(rest);
    let name = words.next().unwrap_or_default();
    match name.as_str() {
        "locale" => {
            let (who, locale) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            match PEOPLE.contains(&who.as_str()) && !locale.is_empty() {
                true => Ok(Action::Locale { who, locale }),
                false => Err("@locale PERSON LOCALE".to_owned()),
            }
        }
        "clock" => {
            let by = words.next().unwrap_or_default();
            let by = by
                .strip_prefix('+')
                .and_then(duration)
                .ok_or("@clock +11m, with s, m, h or d")?;
            Ok(Action::Clock(by))
        }
        "restart" => Ok(Action::Restart),
        "kill" => Ok(Action::Kill),
        "thread" => {
            let name = words.quoted()?;
            let on = words.on()?.ok_or("@thread \"name\" on N")?;
            Ok(Action::Thread { name, on })
        }
        "fault" => fault(words),
        "patch" => {
            let object = words.next().unwrap_or_default();
            let patch = serde_json::from_str(words.rest);
            let patch = patch.map_err(|error| format!("@patch KIND/NAME JSON: {error}"))?;
            Ok(Action::Patch { object, patch })
        }
        "kubectl" => Ok(Action::Kubectl(
            words.rest.split_whitespace().map(str::to_owned).collect(),
        )),
        _ => Err(format!("`@{name}` is not known")),
    }
}

fn fault(mut words: Words<'_>) -> Result<Action, String> {
    const FORM: &str = "@fault off | discord (STATUS | slow DUR | drop | close [CODE] | op 7 | op 9 | unparsable) [for N requests] | cluster (STATUS | slow DUR | drop | cut | absurd) [for N requests | for RESOURCE]";
    let service = words.next().unwrap_or_default();
    if service == "off" {
        return Ok(Action::Fault(Fault::Off));
    }
    if service == "cluster" {
        return cluster_fault(words, FORM);
    }
    if service != "discord" {
        return Err(FORM.to_owned());
    }
    let kind = words.next().unwrap_or_default();
    let fault = match kind.as_str() {
        "drop" => Fault::Drop,
        "unparsable" => Fault::Unparsable,
        "close" => Fault::Close(
            words
                .next()
                .map(|code| code.parse().map_err(|_| FORM))
                .transpose()?,
        ),
        "op" => match words.next().as_deref() {
            Some("7") => Fault::Reconnect,
            Some("9") => Fault::Invalid,
            _ => return Err(FORM.to_owned()),
        },
        "slow" => {
            let by = words.next().as_deref().and_then(duration).ok_or(FORM)?;
            Fault::Slow(by, for_requests(&mut words, FORM)?)
        }
        status => Fault::Status(status.parse().map_err(|_| FORM)?, for_requests(&mut words, FORM)?),
    };
    Ok(Action::Fault(fault))
}

fn cluster_fault(mut words: Words<'_>, form: &str) -> Result<Action, String> {
    let trouble = match words.next().unwrap_or_default().as_str() {
        "drop" => Trouble::Drop,
        "cut" => Trouble::Cut,
        "absurd" => Trouble::Absurd,
        "slow" => Trouble::Slow(words.next().as_deref().and_then(duration).ok_or(form)?),
        status => Trouble::Status(status.parse().map_err(|_| form)?),
    };
    let (mut resource, mut requests) = (None, None);
    if words.next().as_deref() == Some("for") {
        let what = words.next().ok_or(form)?;
        match what.parse() {
            Ok(count) => requests = Some(count),
            Err(_) => resource = Some(what),
        }
    }
    Ok(Action::ClusterFault(ClusterFault {
        trouble,
        resource,
        requests,
    }))
}

fn for_requests(words: &mut Words<'_>, form: &str) -> Result<Option<u32>, String> {
    if words.next().as_deref() != Some("for") {
        return Ok(None);
    }
    words
        .next()
        .and_then(|count| count.parse().ok())
        .map(Some)
        .ok_or_else(|| form.to_owned())
}

/// `1500ms`, `11m`, `3s`, `2h`, `1d` in milliseconds.
fn duration(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at(text.find(|character: char| !character.is_ascii_digit())?);
    let unit = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// Words separated by spaces, quoted where they have spaces.
struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text.trim() }
    }

    fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    fn peek_plain(&self) -> Option<&'a str> {
        self.rest.split(' ').next().filter(|word| !word.is_empty())
    }

    fn next(&mut self) -> Option<String> {
        let word = self.peek_plain()?;
        self.rest = self.rest[word.len()..].trim_start();
        Some(word.to_owned())
    }

    /// A text in quotes, in which `\"` is a quote and `\n` a line break.
    fn quoted(&mut self) -> Result<String, String> {
        let mut text = String::new();
        let inner = self
            .rest
            .strip_prefix('"')
            .ok_or("a text in quotes is wanted here")?;
        let mut characters = inner.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.rest = inner[at + 1..].trim_start();
                    return Ok(text);
                }
                '\\' => text.push(match characters.next() {
                    Some((_, 'n')) => '\n',
                    Some((_, escaped)) => escaped,
                    None => '\\',
                }),
                _ => text.push(character),
            }
        }
        Err("a quote is not closed".to_owned())
    }

    /// `name:value`, `"long name":value`, `name:"long value"`, each perhaps with `?` at its end.
    fn filling(&mut self) -> Result<Filling, String> {
        let name = if self.rest.starts_with('"') {
            let name = self.quoted()?;
            self.rest = self.rest.strip_prefix(':').ok_or("name:value is wanted here")?;
            name
        } else {
            let (name, rest) = self.rest.split_once(':').ok_or("name:value is wanted here")?;
            self.rest = rest;
            name.to_owned()
        };
        if !self.rest.starts_with('"') {
            let word = self.next().unwrap_or_default();
            let completes = word.ends_with('?');
            return Ok(Filling {
                name,
                value: word.trim_end_matches('?').to_owned(),
                completes,
            });
        }
        let before = self.rest;
        let value = self.quoted()?;
        // The question mark stands right behind the closing quote, not behind a space.
        let used = &before[..before.len() - self.rest.len()];
        let completes = self.rest.starts_with('?') && used.ends_with('"');
        if completes {
            self.rest = self.rest[1..].trim_start();
        }
        Ok(Filling {
            name,
            value,
            completes,
        })
    }

    /// `on 3`, or the end.
    fn on(&mut self) -> Result<Option<u64>, String> {
        if self.is_done() {
            return Ok(None);
        }
        let (on, number) = (self.next(), self.next());
        let number = number
            .and_then(|number| number.parse().ok())
            .filter(|_| on.as_deref() == Some("on"));
        number.map(Some).ok_or_else(|| "`on N` is wanted here".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(line: &str) -> Action {
        match parse(line).unwrap().items.remove(0) {
            Item::Step(step) => step.action,
            Item::Plain(line) => panic!("not a step: {line}"),
        }
    }

    fn lin() -> String {
        "lin".to_owned()
    }

    #[test]
    fn steps_are_read() {
        assert_eq!(
            action("lin (#ask): /ask question:\"how do I \\\"drain\\\"\" private:true"),
            Action::Slash {
                who: lin(),
                place: Where::Channel("ask".to_owned()),
                words: vec!["ask".to_owned()],
                options: vec![
                    Filling {
                        name: "question".to_owned(),
                        value: "how do I \"drain\"".to_owned(),
                        completes: false
                    },
                    Filling {
                        name: "private".to_owned(),
                        value: "true".to_owned(),
                        completes: false
                    },
                ],
            }
        );
        let completes = |line| match action(line) {
            Action::Slash { options, words, .. } => {
                (words.join(" "), options[0].value.clone(), options[0].completes)
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(
            completes("lin: /node events node:no?"),
            ("node events".to_owned(), "no".to_owned(), true)
        );
        assert_eq!(
            completes("lin: /ask question:\"a b\"?"),
            ("ask".to_owned(), "a b".to_owned(), true)
        );
        assert_eq!(
            completes("lin: /ask question:\"a b?\""),
            ("ask".to_owned(), "a b?".to_owned(), false)
        );
        assert_eq!(
            action("lin: click \"Approve\" on 3"),
            Action::Click {
                who: lin(),
                label: "Approve".to_owned(),
                on: Some(3)
            }
        );
        assert_eq!(action("@clock +11m"), Action::Clock(660_000));
        assert_eq!(
            action("@fault discord 429 for 3 requests"),
            Action::Fault(Fault::Status(429, Some(3)))
        );
        assert_eq!(action("@fault discord close"), Action::Fault(Fault::Close(None)));
    }

    #[test]
    fn a_message_goes_on_and_replies_belong_to_it() {
        let play = parse("# c\n\nlin (dm): @bot why\n  | two\n  bot> x\n  bot | y\n").unwrap();
        let Item::Step(step) = &play.items[2] else {
            panic!()
        };
        assert_eq!(step.line, 3);
        assert_eq!(step.expected, ["  bot> x", "  bot | y"]);
        let Action::Say { text, place, .. } = &step.action else {
            panic!()
        };
        assert_eq!((text.as_str(), place), ("@bot why\ntwo", &Where::Direct));
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        for (text, line) in [
            ("lin: hi\nnobody: x", 2),
            ("\n@clock 11m", 2),
            ("  bot> x", 1),
            ("lin: click \"A", 1),
            ("just text", 1),
            ("@fault cluster maybe", 1),
        ] {
            assert_eq!(parse(text).unwrap_err().line, line, "{text}");
        }
    }

    #[test]
    fn the_settings_of_the_head_are_toml() {
        let play = parse("docs: a b\nconfig:\n  [discord]\n  language = \"zh\"\n\nlin: hi\n").unwrap();
        assert_eq!(play.head.docs, ["a", "b"]);
        assert_eq!(play.head.config, "\n[discord]\nlanguage = \"zh\"\n\n");
    }
}
