//! From a call of kubectl to a command of the bot's: each flag is filled into the option that it stands for, and
//! what fits into none is named.

use super::kubectl::{Call, Flag};
use super::line::{Stage, is_placeholder};
use super::same::{As, OPTIONS, Runs, Same};
use super::{Class, Deed, HOLE, Hole, Reason};
use crate::command::{Command, Filled, Names, Spec};

/// What the bot can do for a call.
pub(super) fn class(call: &Call, stage: &Stage, piped: &[Stage]) -> Class {
    let is_on_node = call.verb == "debug" && call.kind == "node";
    let missing = match call {
        _ if is_on_node => Reason::NodeShell,
        _ if call.is_inside() => Reason::PodShell,
        _ if call.is_read() => Reason::NoCheck,
        _ => Reason::NoAction,
    };
    let found = Same::of(call).and_then(|row| Some((row, row.spec()?)));
    let Some((row, spec)) = found else {
        return Class::ByHand(missing);
    };
    let mut filling = Filling::new(row, spec);
    filling.object(call);
    call.flags.iter().for_each(|flag| filling.flag(call, flag));
    filling.left.extend(stage.redirects.iter().cloned());
    piped.iter().for_each(|stage| filling.pipe(stage));
    filling.class(stage)
}

struct Filling {
    row: &'static Same,
    spec: &'static Spec,
    filled: Filled,
    hole: Option<Hole>,
    /// What the bot's command does not honour.
    left: Vec<String>,
    /// What was filled in beside the object: the id of a button may have no room for it.
    taken: Vec<String>,
}

impl Filling {
    fn new(row: &'static Same, spec: &'static Spec) -> Self {
        Self {
            row,
            spec,
            filled: Filled::default(),
            hole: None,
            left: Vec::new(),
            taken: Vec::new(),
        }
    }

    fn takes(&self, option: &str) -> bool {
        self.spec.args.iter().any(|arg| arg.name.en == option)
    }

    fn text(&mut self, option: &str, text: &str) {
        self.filled.texts.push((option.to_owned(), text.to_owned()));
    }

    /// The object, with its namespace where it has one.
    fn object(&mut self, call: &Call) {
        let namespace = call.flag("--namespace").and_then(|flag| flag.value.as_deref());
        let Some((option, names)) = self.row.object else {
            return self.namespace(call);
        };
        let Some((name, more)) = call.names.split_first() else {
            return;
        };
        self.more(more);
        let namespace = namespace.filter(|_| names != Names::Node);
        if is_placeholder(name) {
            self.hole = Some(Hole {
                names,
                within: namespace.filter(|it| !is_placeholder(it)).map(str::to_owned),
                written: name.clone(),
                namespace: namespace.filter(|it| is_placeholder(it)).map(str::to_owned),
                option,
            });
            return;
        }
        let namespace = namespace.filter(|it| !is_placeholder(it));
        let kind = call.kind.as_str();
        let whole = match (namespace, names) {
            (Some(namespace), Names::Workload) => format!("{namespace}/{kind}/{name}"),
            (Some(namespace), _) => format!("{namespace}/{name}"),
            (None, _) => name.clone(),
        };
        // A name with a placeholder in it is none that could be chosen.
        match crate::check::is_name(&whole) {
            true => self.text(option, &whole),
            false => self.left.push(name.clone()),
        }
    }

    /// Behind the first object: of a log its container, of all else another object.
    fn more(&mut self, names: &[String]) {
        match names {
            [container] if self.takes("container") => self.container(container, container),
            more => self.left.extend(more.iter().cloned()),
        }
    }

    fn container(&mut self, container: &str, written: &str) {
        // Left out, the bot chooses the one that is not well.
        if !is_placeholder(container) {
            self.text("container", container);
            self.taken.push(written.to_owned());
        }
    }

    fn namespace(&mut self, call: &Call) {
        let flag = call.flag("--namespace");
        let Some((flag, namespace)) = flag.and_then(|flag| Some((flag, flag.value.as_deref()?))) else {
            return;
        };
        if !self.takes("namespace") {
            return;
        }
        match is_placeholder(namespace) {
            true => self.open("namespace", Names::Namespace, namespace, &flag.written),
            false => self.text("namespace", namespace),
        }
    }

    /// One thing can be left to choose, not two.
    fn open(&mut self, option: &'static str, names: Names, written: &str, flag: &str) {
        if self.hole.is_some() {
            self.left.push(flag.to_owned());
            return;
        }
        self.hole = Some(Hole {
            names,
            within: None,
            written: written.to_owned(),
            namespace: None,
            option,
        });
    }

    fn flag(&mut self, call: &Call, flag: &Flag) {
        let value = flag.value.as_deref().unwrap_or_default();
        match flag.name.as_str() {
            "--namespace" | "--all-namespaces" => {}
            "--for" if call.verb == "events" => {}
            _ if self.row.is_idle(flag) => {}
            "--field-selector" => self.fields(value, &flag.written),
            "--container" if self.takes("container") => self.container(value, &flag.written),
            name => {
                let option = OPTIONS.iter().find(|(flag, _, _)| *flag == name);
                let filled = option.is_some_and(|(_, option, how)| self.option(option, *how, flag));
                if filled {
                    self.taken.push(flag.written.clone());
                } else {
                    self.left.push(flag.written.clone());
                }
            }
        }
    }

    /// Fills a flag into an option, if the bot's command has it and takes this value.
    fn option(&mut self, option: &str, how: As, flag: &Flag) -> bool {
        let Some(arg) = self.spec.args.iter().find(|arg| arg.name.en == option) else {
            return false;
        };
        let value = flag.value.as_deref().unwrap_or_default();
        let within = |number: u32| match arg.kind {
            crate::command::ArgKind::Number(from, to) => (from..=to).contains(&number),
            _ => false,
        };
        let is_choice = match arg.kind {
            crate::command::ArgKind::Choice(choices) => choices.iter().any(|(name, _)| *name == value),
            _ => true,
        };
        let name = option.to_owned();
        match how {
            As::Text if is_choice && !value.contains(['<', '$']) => {
                self.filled.texts.push((name, value.to_owned()))
            }
            As::Flag if matches!(value, "" | "true") => self.filled.flags.push((name, true)),
            As::Number | As::Minutes => {
                let number = match how {
                    As::Minutes => minutes(value),
                    _ => value.parse().ok(),
                };
                match number.filter(|number| within(*number)) {
                    Some(number) => self.filled.numbers.push((name, number.into())),
                    None => return false,
                }
            }
            As::Text | As::Flag => return false,
        }
        true
    }

    /// Of the fields of objects the bot knows the node of a Pod.
    fn fields(&mut self, selector: &str, written: &str) {
        let node = selector
            .strip_prefix("spec.nodeName=")
            .filter(|node| !node.contains(','));
        match node {
            Some(node) if self.takes("node") && is_placeholder(node) => match &self.hole {
                // The namespace is the wider of the two, so it is named, and the node is chosen.
                Some(hole) if hole.names == Names::Namespace => {
                    let namespace = format!("-n {}", hole.written);
                    self.left.push(namespace);
                }
                _ => self.open("node", Names::Node, node, written),
            },
            Some(node) if self.takes("node") && crate::check::is_name(node) => self.text("node", node),
            _ => self.left.push(written.to_owned()),
        }
    }

    /// A pipe is honoured where it looks for a plain text, and the bot's command does so too.
    fn pipe(&mut self, stage: &Stage) {
        let is_plain = |text: &str| {
            !text.is_empty() && !text.contains(['.', '*', '[', ']', '^', '$', '\\', '+', '?', '<', '|'])
        };
        let pattern = match stage.words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            // The bot looks without regard to capitals.
            ["grep", "-i", pattern] if is_plain(pattern) => Some(pattern.to_owned()),
            _ => None,
        };
        let written = format!("| {}", stage.text);
        let is_first = self.filled.text(crate::text::label::GREP).is_none();
        match pattern.filter(|_| is_first && self.takes("grep") && stage.redirects.is_empty()) {
            Some(pattern) => {
                self.text("grep", &pattern);
                self.taken.push(written);
            }
            None => self.left.push(written),
        }
    }

    fn class(self, stage: &Stage) -> Class {
        let Self {
            row,
            spec,
            filled,
            hole,
            mut left,
            taken,
        } = self;
        let deed = Deed {
            spec,
            hole,
            text: stage.text.clone(),
            filled,
        };
        if left.is_empty() {
            let made = deed.on(HOLE, None);
            let is_carried = made.is_some_and(|command| {
                let control = command.control_id();
                control.len() <= ROOM && Command::from_control(&control, None) == Ok(command)
            });
            match (is_carried, row.runs) {
                (true, Runs::Check(_)) => return Class::Live(deed),
                (true, Runs::Request(_)) => return Class::Change(deed),
                (false, _) => left = taken,
            }
        }
        Class::ByHand(Reason::NotHonoured {
            by: spec,
            parts: left,
        })
    }
}

/// How long the id of a button may be without the object and the cluster: they need room too.
const ROOM: usize = 72;

/// A duration as kubectl takes it, in whole minutes, if it is some.
fn minutes(text: &str) -> Option<u32> {
    let digits = text.trim_end_matches(|it: char| it.is_ascii_alphabetic());
    let number: u32 = digits.parse().ok()?;
    match &text[digits.len()..] {
        "s" if number.is_multiple_of(60) => Some(number / 60),
        "m" => Some(number),
        "h" => number.checked_mul(60),
        _ => None,
    }
}
