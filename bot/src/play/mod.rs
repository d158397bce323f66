//! Plays transcripts: `tests/chats/*.chat`, and `firstmate sandbox --play`.
//!
//! [`parse`] reads a file, [`stage`] has the bot and the local Discord, and the player here does what
//! the steps say and writes down what the people see.

pub mod ground;
pub mod parse;
mod print;
pub mod stage;

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, anyhow, bail, ensure};
use base64::Engine as _;
use firstmate_sandbox::discord::{self, Click, Entry, Invoke, NewFile, NewThread, Say, Submit};
use serde_json::{Value, json};

use crate::command::COMMANDS;
use crate::text::label::{CONTROLS, Label};
use parse::{Action, ClusterFault, Fault, Filling, Item, Play, Step, Where};
use print::{About, items, text_of};
use stage::{Stage, id_of};

/// What stands for the end of a name that the cluster made.
const SUFFIX: &str = "<suffix>";
/// The channel of a transcript.
const CHANNEL: &str = "ops";

/// A step that could not be done.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {error:#}")]
pub struct Impossible {
    /// The step's line, from 1.
    pub line: usize,
    /// Why.
    pub error: anyhow::Error,
}

/// Plays a transcript on a stage whose bot is ready, and returns it with the replies that happened.
///
/// # Errors
/// At the first step that cannot be done or does not come to an end.
pub async fn play(stage: &mut Stage, play: &Play, folder: &Path) -> Result<String, Impossible> {
    let mut player = Player {
        folder,
        read: 0,
        written: stage.writes().len(),
        unanswered: BTreeSet::new(),
        thread: None,
        stage,
    };
    player.read = player.stage.discord.journal_since(0).len();
    let mut lines = Vec::new();
    for item in &play.items {
        match item {
            Item::Plain(line) => lines.push(line.clone()),
            Item::Step(step) => {
                let replies = player.step(&with_names(step, &lines)).await;
                lines.extend(step.source.iter().cloned());
                lines.extend(replies.map_err(|error| Impossible {
                    line: step.line,
                    error,
                })?);
            }
        }
    }
    Ok(lines.join("\n") + "\n")
}

/// The step with the names that were last shown in place of `web-<suffix>`.
fn with_names(step: &Step, shown: &[String]) -> Step {
    let mut step = step.clone();
    if let Action::Slash { options, .. } = &mut step.action {
        for option in options {
            option.value = with_suffix(&option.value, shown);
        }
    }
    step
}

fn with_suffix(text: &str, shown: &[String]) -> String {
    let Some((before, after)) = text.split_once(SUFFIX) else {
        return text.to_owned();
    };
    let begin = before.rsplit('/').next().unwrap_or(before);
    let is_part = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
    let names = shown
        .iter()
        .rev()
        .flat_map(|line| line.split(|it| !is_part(it)).map(str::to_owned));
    let name = names.into_iter().find(|name| {
        let suffix = name.strip_prefix(begin);
        suffix.is_some_and(|suffix| suffix.chars().any(|it| it.is_ascii_digit()))
    });
    match name {
        Some(name) => format!("{}{name}{after}", &before[..before.len() - begin.len()]),
        None => text.to_owned(),
    }
}

/// The transcript as it was written, with the replies in it.
pub fn written(play: &Play) -> String {
    let mut lines = Vec::new();
    for item in &play.items {
        match item {
            Item::Plain(line) => lines.push(line.clone()),
            Item::Step(step) => lines.extend(step.source.iter().chain(&step.expected).cloned()),
        }
    }
    lines.join("\n") + "\n"
}

/// Settings for the bot from the head of a transcript, each text laid over the ones before it.
pub fn settings(play: &Play) -> Vec<String> {
    let head = &play.head;
    let language = head
        .channel_language
        .iter()
        .map(|language| format!("[channels.ops]\nlanguage = \"{language}\"\n"));
    let docs = head
        .docs
        .iter()
        .map(|docs| format!("[[knowledge.folders]]\npath = {docs:?}\n"));
    let docs: String = docs.collect();
    language.chain([docs, head.config.clone()]).collect()
}

struct Player<'a> {
    stage: &'a mut Stage,
    folder: &'a Path,
    /// How much of the journal was written down.
    read: usize,
    /// How many writes to the cluster were written down.
    written: usize,
    /// Numbers of replies that were promised and are still to come.
    unanswered: BTreeSet<u64>,
    /// Id and name of the thread opened last.
    thread: Option<(String, String)>,
}

impl Player<'_> {
    async fn step(&mut self, step: &Step) -> anyhow::Result<Vec<String>> {
        self.act(&step.action).await?;
        self.stage.quiet().await?;
        let lines = self.happened()?;
        let is_setting = matches!(
            step.action,
            Action::Locale { .. }
                | Action::Clock(_)
                | Action::Restart
                | Action::Kill
                | Action::Fault(_)
                | Action::ClusterFault(_)
                | Action::Patch { .. }
                | Action::Kubectl(_)
                | Action::Thread { .. }
        );
        // That nobody answers is worth a line only where somebody might have.
        Ok(if lines.is_empty() && !is_setting {
            vec!["  (nothing)".to_owned()]
        } else {
            lines
        })
    }

    async fn act(&mut self, action: &Action) -> anyhow::Result<()> {
        match action {
            Action::Say {
                who,
                place,
                text,
                files,
                re,
            } => self.say(who, place, text, files, *re).await,
            Action::Slash {
                who,
                place,
                words,
                options,
            } => self.slash(who, place, words, options).await,
            Action::Click { who, label, on } => self.click(who, label, *on).await,
            Action::Select { who, menu, values } => self.select(who, menu, values).await,
            Action::Fill { who, fields } => self.fill(who, fields).await,
            Action::Menu { who, label, on } => self.menu(who, label, *on).await,
            Action::Thread { name, on } => self.open_thread(name, *on).await,
            Action::Locale { who, locale } => Ok(self.stage.discord.set_locale(who, locale).await?),
            Action::Clock(by) => {
                self.stage.advance(*by);
                Ok(())
            }
            Action::Restart => {
                self.stage.stop_bot().await?;
                self.stage.start_bot().await
            }
            Action::Kill => {
                self.stage.kill_bot();
                self.stage.start_bot().await
            }
            Action::Fault(fault) => {
                self.stage.discord.fault(fault_of(*fault)).await;
                if let (Fault::Off, Some(ground)) = (fault, self.stage.ground()) {
                    ground.fault(&ClusterFault::off())?;
                }
                Ok(())
            }
            Action::ClusterFault(fault) => self.stage.needed_ground()?.fault(fault),
            Action::Patch { object, patch } => self.stage.needed_ground()?.patch(object, patch),
            Action::Kubectl(arguments) => self.stage.kubectl(arguments),
        }
    }

    async fn say(
        &mut self,
        who: &str,
        place: &Where,
        text: &str,
        files: &[String],
        re: Option<u64>,
    ) -> anyhow::Result<()> {
        let original = re.map(|number| {
            self.stage
                .discord
                .message(number)
                .context("there is no such message")
        });
        let mention = format!("<@{}>", self.stage.discord.bot_id());
        let attachments = files
            .iter()
            .map(|file| self.attach(file))
            .collect::<anyhow::Result<_>>()?;
        let say = Say {
            person: who.to_owned(),
            channel: self.channel(place)?,
            content: text.replace("@bot", &mention),
            reply_to: original.transpose()?.map(|message| id_of(&message)),
            attachments,
        };
        self.stage.discord.say(say).await?;
        Ok(())
    }

    fn attach(&self, file: &str) -> anyhow::Result<NewFile> {
        let path = self.folder.join(file);
        let bytes = std::fs::read(&path).with_context(|| format!("read {}", path.display()))?;
        let filename = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        Ok(NewFile {
            filename,
            data: base64::engine::general_purpose::STANDARD.encode(&bytes),
        })
    }

    async fn slash(
        &mut self,
        who: &str,
        place: &Where,
        words: &[String],
        options: &[Filling],
    ) -> anyhow::Result<()> {
        let words = base_words(words);
        let (name, below) = words.split_first().context("a command needs a name")?;
        let commands = self.stage.discord.commands();
        let known = commands
            .iter()
            .find(|known| text_of(known, "name") == *name && known["type"] != 3);
        let spec = below.iter().fold(known, |spec, word| {
            spec.and_then(|spec| items(&spec["options"]).find(|option| text_of(option, "name") == *word))
        });
        let filled = options.iter().map(|option| self.filled(spec, option));
        let mut filled: Vec<Value> = filled.collect::<anyhow::Result<_>>()?;
        for word in below.iter().rev() {
            filled = vec![json!({ "name": word, "type": 1, "options": filled })];
        }
        let invoke = Invoke {
            person: who.to_owned(),
            channel: self.channel(place)?,
            name: (*name).to_owned(),
            kind: 1,
            options: filled,
            target_id: None,
        };
        match options.iter().any(|option| option.completes) {
            true => self.stage.discord.autocomplete(invoke).await.map(drop)?,
            false => self.stage.discord.command(invoke).await.map(drop)?,
        }
        Ok(())
    }

    fn filled(&self, spec: Option<&Value>, option: &Filling) -> anyhow::Result<Value> {
        let mut filled = filled(spec, option)?;
        if filled["type"] == 11 {
            let NewFile { filename, data } = self.attach(&option.value)?;
            filled["value"] = json!({ "filename": filename, "data": data });
        }
        Ok(filled)
    }

    async fn click(&mut self, who: &str, label: &str, on: Option<u64>) -> anyhow::Result<()> {
        let (message, button) = self.control(who, on, |control| {
            control["type"] == 2 && same_label(text_of(control, "label"), label)
        })?;
        ensure!(
            button["style"] != 5,
            "`{label}` is a link: it opens {}",
            button["url"]
        );
        self.press(who, &message, &button, Vec::new()).await
    }

    async fn select(&mut self, who: &str, name: &str, values: &[String]) -> anyhow::Result<()> {
        let (message, menu) = self.control(who, None, |control| {
            control["type"] == 3 && same_label(text_of(control, "placeholder"), name)
        })?;
        let chosen = values.iter().map(|label| {
            let option = items(&menu["options"]).find(|option| text_of(option, "label") == label);
            option
                .map(|option| text_of(option, "value").to_owned())
                .ok_or_else(|| anyhow!("`{name}` has no `{label}`"))
        });
        let chosen = chosen.collect::<anyhow::Result<Vec<_>>>()?;
        self.press(who, &message, &menu, chosen).await
    }

    async fn press(
        &mut self,
        who: &str,
        message: &Value,
        control: &Value,
        values: Vec<String>,
    ) -> anyhow::Result<()> {
        let click = Click {
            person: who.to_owned(),
            message_id: id_of(message),
            custom_id: text_of(control, "custom_id").to_owned(),
            values,
        };
        self.stage.discord.component(click).await?;
        Ok(())
    }

    async fn fill(&mut self, who: &str, fields: &[(String, String)]) -> anyhow::Result<()> {
        let journal = self.stage.discord.journal_since(0);
        let open = journal.into_iter().rev().find_map(|entry| match entry {
            Entry::Modal {
                person,
                modal_id,
                components,
                ..
            } if person == who => Some((modal_id, components)),
            _ => None,
        });
        let (modal_id, components) = open.with_context(|| format!("no box is open before {who}"))?;
        let mut values = std::collections::BTreeMap::new();
        for (label, value) in fields {
            let field = print::fields(&components).find(|field| same_label(text_of(field, "label"), label));
            let field = field.with_context(|| format!("the box has no field `{label}`"))?;
            values.insert(text_of(field, "custom_id").to_owned(), value.clone());
        }
        self.stage
            .discord
            .modal(Submit {
                person: who.to_owned(),
                modal_id,
                values,
            })
            .await?;
        Ok(())
    }

    async fn menu(&mut self, who: &str, label: &str, on: u64) -> anyhow::Result<()> {
        let message = self
            .stage
            .discord
            .message(on)
            .with_context(|| format!("there is no message {on}"))?;
        let label = CONTROLS
            .iter()
            .find(|known| is_one_of(known, label))
            .map_or(label, |known| known.en);
        let invoke = Invoke {
            person: who.to_owned(),
            channel: text_of(&message, "channel_id").to_owned(),
            name: label.to_owned(),
            kind: 3,
            options: Vec::new(),
            target_id: Some(id_of(&message)),
        };
        self.stage.discord.command(invoke).await?;
        Ok(())
    }

    async fn open_thread(&mut self, name: &str, on: u64) -> anyhow::Result<()> {
        let message = self
            .stage
            .discord
            .message(on)
            .with_context(|| format!("there is no message {on}"))?;
        let new = NewThread {
            person: "lin".to_owned(),
            message_id: Some(id_of(&message)),
            channel: None,
            name: name.to_owned(),
        };
        let thread = self.stage.discord.open_thread(new).await?;
        self.thread = Some((id_of(&thread), name.to_owned()));
        Ok(())
    }

    fn channel(&self, place: &Where) -> anyhow::Result<String> {
        Ok(match place {
            Where::Here => CHANNEL.to_owned(),
            Where::Direct => "dm".to_owned(),
            Where::Channel(name) => name.clone(),
            Where::Thread => self.thread.clone().context("no thread was opened")?.0,
        })
    }

    /// The newest control that `who` sees, or saw before the message was edited, and that fits, with its message; or
    /// the one on a message.
    fn control(
        &self,
        who: &str,
        on: Option<u64>,
        fits: impl Fn(&Value) -> bool,
    ) -> anyhow::Result<(Value, Value)> {
        let seen = self.stage.discord.messages_seen_by(who)?;
        let asked = seen
            .into_iter()
            .rev()
            .filter(|message| on.is_none_or(|number| message["local"]["number"] == number));
        for message in asked {
            let now = print::fields(&message["components"]).find(|control| fits(control));
            let earlier = || print::fields(&message["local"]["earlier"]).filter(|control| fits(control));
            let control = now.cloned().or_else(|| earlier().last().cloned());
            if let Some(control) = control {
                return Ok((message, control));
            }
        }
        bail!("{who} sees nothing of that label")
    }

    /// What became visible since it was last asked: new messages, then edits, then the rest.
    fn happened(&mut self) -> anyhow::Result<Vec<String>> {
        let entries = self.stage.discord.journal_since(self.read);
        self.read += entries.len();
        let mut created = BTreeSet::new();
        let (mut edited, mut deleted, mut others) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        for entry in entries {
            match entry {
                Entry::Created { number } => drop(created.insert(number)),
                Entry::Edited { number } => drop(edited.insert(number)),
                Entry::Deleted { number } => drop(deleted.insert(number)),
                Entry::Modal {
                    title, components, ..
                } => others.push(print::modal(&title, &components)),
                Entry::Choices { choices, .. } => {
                    let names: Vec<String> = choices
                        .iter()
                        .map(|choice| text_of(choice, "name").to_owned())
                        .collect();
                    others.push(print::choices(&names));
                }
                Entry::Failed { reason, .. } => others.push(format!("  {{failed: {reason}}}")),
            }
        }
        let mut lines = Vec::new();
        for number in &created {
            lines.extend(self.write(*number, About::default())?);
        }
        for number in edited
            .difference(&created)
            .filter(|number| !deleted.contains(number))
        {
            lines.extend(self.write(
                *number,
                About {
                    edited: Some(*number),
                    ..About::default()
                },
            )?);
        }
        for number in deleted.difference(&created) {
            lines.extend(self.write(
                *number,
                About {
                    deleted: Some(*number),
                    ..About::default()
                },
            )?);
        }
        lines.extend(others);
        let writes = self.stage.writes();
        lines.extend(
            writes[self.written..]
                .iter()
                .map(|write| format!("  cluster> {write}")),
        );
        self.written = writes.len();
        Ok(lines)
    }

    fn write(&mut self, number: u64, about: About) -> anyhow::Result<Vec<String>> {
        let message = self
            .stage
            .discord
            .message(number)
            .with_context(|| format!("there is no message {number}"))?;
        if text_of(&message["author"], "id") != self.stage.discord.bot_id().to_string() {
            return Ok(Vec::new());
        }
        let is_pending = message["local"]["pending"] == true;
        if is_pending {
            self.unanswered.insert(number);
        }
        // A promised reply that comes is new to whoever waited for it.
        let was_promised = !is_pending && self.unanswered.remove(&number);
        let channel = text_of(&message, "channel_id");
        let answers = text_of(&message["message_reference"], "message_id");
        let about = About {
            only: message["local"]["only"].as_str().map(str::to_owned),
            direct: self.is_direct(channel),
            thread: self
                .thread
                .as_ref()
                .filter(|(id, _)| id == channel)
                .map(|(_, name)| name.clone()),
            answers: self.number_of(answers),
            edited: about.edited.filter(|_| !was_promised),
            ..about
        };
        let content = |id: &str| self.stage.discord.file(id);
        Ok(print::message(&message, &about, content))
    }

    fn is_direct(&self, channel: &str) -> bool {
        let people = parse::PEOPLE
            .iter()
            .filter_map(|who| self.stage.discord.snapshot(who).ok());
        people.into_iter().any(|seen| {
            items(&seen["channels"]).any(|known| text_of(known, "id") == channel && known["type"] == 1)
        })
    }

    fn number_of(&self, id: &str) -> Option<u64> {
        let mut numbers = 1_u64..;
        numbers
            .by_ref()
            .map_while(|number| self.stage.discord.message(number))
            .find_map(|message| {
                (!id.is_empty() && text_of(&message, "id") == id)
                    .then(|| message["local"]["number"].as_u64())
                    .flatten()
            })
    }
}

fn filled(spec: Option<&Value>, option: &Filling) -> anyhow::Result<Value> {
    let name = base_option(&option.name);
    let known = spec.and_then(|spec| items(&spec["options"]).find(|known| text_of(known, "name") == name));
    let kind = known.map_or(3, |known| known["type"].as_u64().unwrap_or(3));
    let value = match kind {
        5 => json!(
            option
                .value
                .parse::<bool>()
                .with_context(|| format!("`{name}` is true or false"))?
        ),
        4 | 10 => option
            .value
            .parse::<serde_json::Number>()
            .map(Value::Number)
            .with_context(|| format!("`{name}` is a number"))?,
        _ => json!(option.value),
    };
    let mut filled = json!({ "name": name, "type": kind, "value": value });
    if option.completes {
        filled["focused"] = json!(true);
    }
    Ok(filled)
}

/// A command's words as they were registered, whichever language they were written in.
fn base_words(words: &[String]) -> Vec<&str> {
    let spec = COMMANDS.iter().find(|spec| match (spec.group, words) {
        (None, [name]) => is_one_of(&spec.name, name),
        (Some(group), [word, name]) => is_one_of(&group.name, word) && is_one_of(&spec.name, name),
        _ => false,
    });
    match spec {
        Some(spec) => spec
            .group
            .iter()
            .map(|group| group.name.en)
            .chain([spec.name.en])
            .collect(),
        None => words.iter().map(String::as_str).collect(),
    }
}

fn base_option(name: &str) -> &str {
    let mut args = COMMANDS.iter().flat_map(|spec| spec.args);
    args.find(|arg| is_one_of(&arg.name, name))
        .map_or(name, |arg| arg.name.en)
}

/// The same control, whichever language each of the two names it in.
fn same_label(shown: &str, wanted: &str) -> bool {
    shown == wanted
        || CONTROLS
            .iter()
            .any(|known| is_one_of(known, shown) && is_one_of(known, wanted))
}

fn is_one_of(label: &Label, text: &str) -> bool {
    [label.en, label.zh, label.tw].contains(&text)
}

fn fault_of(fault: Fault) -> discord::Fault {
    match fault {
        Fault::Status(status, requests) => discord::Fault::Status {
            status,
            requests,
            processed: false,
            retry_after_ms: None,
        },
        Fault::Slow(ms, requests) => discord::Fault::Slow { ms, requests },
        Fault::Drop => discord::Fault::Drop,
        Fault::Close(code) => discord::Fault::Close { code },
        Fault::Reconnect => discord::Fault::Op7,
        Fault::Invalid => discord::Fault::Op9 { resumable: false },
        Fault::Unparsable => discord::Fault::Unparsable { requests: Some(1) },
        Fault::Off => discord::Fault::Off,
    }
}
