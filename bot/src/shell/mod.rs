//! The commands of documents, and what the bot can do for each: run the same check, open a request for the same
//! change, or say why a person must type it.
//!
//! `line` reads the shell, `kubectl` its command line, `same` is the list of which is which. [`class`] puts the
//! three together; it reads nothing and knows no cluster. `needs` says what a cluster must serve for a command.

mod fill;
pub mod kubectl;
pub mod line;
pub mod needs;
pub mod same;
#[cfg(test)]
mod tests;

use crate::command::{Command, Filled, Names, Role, Spec};
use crate::remedy::Change;

use kubectl::{Call, Wrong};
use line::{Line, Unclosed};

/// What the bot can do for a command.
#[derive(Clone, Debug)]
pub enum Class {
    /// The same read, by a check.
    Live(Deed),
    /// The same change, by a request.
    Change(Deed),
    /// A person must type it.
    ByHand(Reason),
}

/// Why a person must type a command. The sentences are in `text`.
#[derive(Clone, Debug)]
pub enum Reason {
    /// It needs a shell on the node.
    NodeShell,
    /// It runs in a container, or leads into one.
    PodShell,
    /// It runs a program of this name in a shell.
    Program(String),
    /// It is several commands in one.
    Script,
    /// The bot has no such check.
    NoCheck,
    /// The bot has no such action.
    NoAction,
    /// The bot has the same, but not with these flags, pipes or names.
    NotHonoured {
        /// What has the same.
        by: &'static Spec,
        /// What it does not honour, as written.
        parts: Vec<String>,
    },
    /// kubectl would not take it.
    Wrong(Wrong),
    /// A quote in it is never closed.
    Unclosed(char),
}

/// A command of the bot's that does the same, as far as it is filled in.
#[derive(Clone, Debug)]
pub struct Deed {
    /// The bot's command.
    pub spec: &'static Spec,
    /// What a person has to fill in first.
    pub hole: Option<Hole>,
    /// The command, as written.
    pub text: String,
    filled: Filled,
}

/// A placeholder that stands for one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hole {
    /// What there is to choose from.
    pub names: Names,
    /// Only in this namespace.
    pub within: Option<String>,
    /// The placeholder, as written.
    pub written: String,
    /// The placeholder of the object's namespace, as written.
    pub namespace: Option<String>,
    option: &'static str,
}

/// What stands in the place of a name that is not known yet. No object is called so, and no hash is written so.
pub const HOLE: &str = "~hole";

/// Programs that work on the node they are typed on.
const NODE_TOOLS: [&str; 63] = [
    "apt",
    "apt-get",
    "chattr",
    "chronyc",
    "chroot",
    "conntrack",
    "containerd",
    "crictl",
    "ctr",
    "date",
    "df",
    "dmesg",
    "dnf",
    "docker",
    "du",
    "e2fsck",
    "ethtool",
    "fdisk",
    "findmnt",
    "free",
    "fstrim",
    "fuser",
    "hostnamectl",
    "htop",
    "iostat",
    "ip",
    "ipset",
    "iptables",
    "ipvsadm",
    "iotop",
    "journalctl",
    "kubeadm",
    "kubelet",
    "last",
    "lsblk",
    "lscpu",
    "lsmod",
    "lsof",
    "modprobe",
    "mount",
    "mpstat",
    "nerdctl",
    "nft",
    "nsenter",
    "pidstat",
    "ps",
    "reboot",
    "sar",
    "shutdown",
    "smartctl",
    "ss",
    "swapoff",
    "sysctl",
    "systemctl",
    "systemd-cgtop",
    "tcpdump",
    "timedatectl",
    "top",
    "umount",
    "uptime",
    "vmstat",
    "wg",
    "yum",
];

/// Words before a program that say only as whom, for how long or how often it runs.
const BEFORE: [&str; 6] = ["sudo", "time", "timeout", "watch", "nohup", "env"];

/// What the bot can do for a command.
pub fn class(text: &str) -> Class {
    class_of(text, true)
}

fn class_of(text: &str, is_outermost: bool) -> Class {
    let line = match Line::read(text) {
        Ok(line) => line,
        Err(Unclosed(quote)) => return Class::ByHand(Reason::Unclosed(quote)),
    };
    let Some((first, piped)) = line.stages.split_first() else {
        return Class::ByHand(Reason::Script);
    };
    let words = program(&first.words);
    let name = words
        .first()
        .map_or("", |word| word.rsplit('/').next().unwrap_or(word));
    if line.is_script {
        let is_node = line
            .stages
            .iter()
            .any(|stage| is_node_tool(program(&stage.words)));
        return Class::ByHand(if is_node {
            Reason::NodeShell
        } else {
            Reason::Script
        });
    }
    // Only what is typed as it stands is the same: `sudo` and `watch` are more.
    match name {
        "" if is_outermost => inner(text),
        "" => Class::ByHand(Reason::Script),
        "kubectl" if words.len() == first.words.len() => match Call::read(&words[1..]) {
            Ok(call) => fill::class(&call, first, piped),
            Err(wrong) => Class::ByHand(Reason::Wrong(wrong)),
        },
        _ if is_node_tool(words) => Class::ByHand(Reason::NodeShell),
        name => Class::ByHand(Reason::Program(name.to_owned())),
    }
}

/// A setting has the class of the command whose output is set, but nobody sees that output.
fn inner(text: &str) -> Class {
    let inside = text.split_once("$(").and_then(|(_, rest)| rest.rsplit_once(')'));
    match inside.map(|(inside, _)| class_of(inside, false)) {
        Some(Class::ByHand(reason)) => Class::ByHand(reason),
        _ => Class::ByHand(Reason::Script),
    }
}

/// What keeps a shell or kubectl from taking a command, in each of its parts.
pub fn faults(text: &str) -> Vec<Reason> {
    let line = match Line::read(text) {
        Ok(line) => line,
        Err(Unclosed(quote)) => return vec![Reason::Unclosed(quote)],
    };
    let calls = line.stages.iter().map(|stage| {
        let keywords = stage
            .words
            .iter()
            .take_while(|word| KEYWORDS.contains(&word.as_str()));
        program(&stage.words[keywords.count()..])
    });
    let calls = calls.filter(|words| words.first().is_some_and(|word| word == "kubectl"));
    calls
        .filter_map(|words| Call::read(&words[1..]).err().map(Reason::Wrong))
        .collect()
}

/// Words of the shell that a command may follow.
const KEYWORDS: [&str; 9] = ["do", "then", "else", "if", "while", "until", "!", "{", "("];

/// The words from the program on.
fn program(words: &[String]) -> &[String] {
    let is_setting = |word: &str| {
        let name = word.split_once('=').map(|(name, _)| name);
        name.is_some_and(|name| {
            name.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
    };
    let mut rest = words;
    let mut is_before = false;
    while let Some((first, others)) = rest.split_first() {
        let is_word_before = BEFORE.contains(&first.as_str());
        let is_number = first.starts_with(|it: char| it.is_ascii_digit());
        if !(is_word_before || is_setting(first) || is_before && (is_number || first.starts_with('-'))) {
            break;
        }
        is_before |= is_word_before;
        rest = others;
    }
    rest
}

fn is_node_tool(words: &[String]) -> bool {
    let name = words
        .first()
        .map_or("", |word| word.rsplit('/').next().unwrap_or(word));
    NODE_TOOLS.contains(&name)
}

impl Class {
    /// Its name, as `firstmate ask --json` prints it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Live(_) => "live",
            Self::Change(_) => "change",
            Self::ByHand(_) => "by_hand",
        }
    }

    /// Why a person must type it.
    pub const fn reason(&self) -> Option<&Reason> {
        match self {
            Self::ByHand(reason) => Some(reason),
            Self::Live(_) | Self::Change(_) => None,
        }
    }

    /// What does the same.
    pub const fn deed(&self) -> Option<&Deed> {
        match self {
            Self::Live(deed) | Self::Change(deed) => Some(deed),
            Self::ByHand(_) => None,
        }
    }
}

impl Deed {
    /// The bot's command, where nothing is left to fill in.
    pub fn command(&self, cluster: Option<&str>) -> Option<Command> {
        match self.hole {
            None => self.made(self.filled.clone(), cluster),
            Some(_) => None,
        }
    }

    /// The bot's command on the object of this name.
    pub fn on(&self, name: &str, cluster: Option<&str>) -> Option<Command> {
        let mut filled = self.filled.clone();
        if let Some(hole) = &self.hole {
            filled.texts.push((hole.option.to_owned(), name.to_owned()));
        }
        self.made(filled, cluster)
    }

    fn made(&self, mut filled: Filled, cluster: Option<&str>) -> Option<Command> {
        let cluster = cluster.map(|name| ("cluster".to_owned(), name.to_owned()));
        filled.texts.extend(cluster);
        match (self.spec.parse)(&filled).ok()? {
            // A button asks for the reason first.
            Command::Change(Change::Request { action, cluster, .. }) => {
                Some(Command::Change(Change::AskReason { action, cluster }))
            }
            command => Some(command),
        }
    }

    /// Who may use it.
    pub const fn needs(&self) -> Role {
        self.spec.needs
    }

    /// The command with an object filled in, as it would be typed.
    pub fn text_on(&self, name: &str) -> String {
        let Some(hole) = &self.hole else {
            return self.text.clone();
        };
        let (namespace, bare) = name.split_once('/').unwrap_or(("", name));
        let text = self.text.replace(&hole.written, bare);
        match &hole.namespace {
            Some(written) if !namespace.is_empty() => text.replace(written, namespace),
            _ => text,
        }
    }
}
