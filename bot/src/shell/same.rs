//! Which commands of kubectl are which of the bot's: one row each, beside `COMMANDS`.
//!
//! A row may name a check or an action that this version does not have: as soon as `COMMANDS` has it, documents
//! lead to it. Which flags are honoured is not said here but by the options that the bot's command has.

use super::kubectl::{Call, Flag};
use crate::command::{COMMANDS, Names, Role, Spec};

/// A command of kubectl, and the bot's that does the same.
#[derive(Debug)]
pub struct Same {
    /// The verb.
    pub verb: &'static str,
    /// The kinds that it is about; empty: the verb says it.
    pub kinds: &'static [&'static str],
    /// The option that takes the object, and what there is to choose from; `None`: it is about all of them.
    pub object: Option<(&'static str, Names)>,
    /// What the bot does.
    pub runs: Runs,
    /// Flags without which it is another command, with their value.
    pub only: &'static [(&'static str, &'static str)],
    /// Flags that change nothing about what is read or done here.
    pub idle: &'static [&'static str],
}

/// What the bot does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// The check of this name.
    Check(&'static str),
    /// A request for the action of this name.
    Request(&'static str),
}

/// Flags that only say how it is printed or for how long kubectl waits for an answer.
pub const IDLE: [&str; 2] = ["--no-headers", "--request-timeout"];

/// How a flag of kubectl is filled into an option of the bot's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum As {
    /// As it stands.
    Text,
    /// True.
    Flag,
    /// A number.
    Number,
    /// A duration, in minutes.
    Minutes,
}

/// The options that flags of kubectl stand for.
pub const OPTIONS: &[(&str, &str, As)] = &[
    ("--selector", "label", As::Text),
    ("--container", "container", As::Text),
    ("--previous", "previous", As::Flag),
    ("--tail", "lines", As::Number),
    ("--since", "since", As::Minutes),
    ("--sort-by", "sort", As::Text),
    ("--replicas", "replicas", As::Number),
    ("--to-revision", "revision", As::Number),
    ("--grace-period", "grace", As::Number),
];

const NODE: Option<(&str, Names)> = Some(("node", Names::Node));
const POD: Option<(&str, Names)> = Some(("pod", Names::Pod));
const WORKLOAD: Option<(&str, Names)> = Some(("workload", Names::Workload));
const WORKLOADS: &[&str] = &["deployment", "statefulset", "daemonset"];

const fn read(
    verb: &'static str,
    kinds: &'static [&'static str],
    object: Object,
    check: &'static str,
) -> Same {
    Same {
        verb,
        kinds,
        object,
        runs: Runs::Check(check),
        only: &[],
        idle: &[],
    }
}

const fn change(
    verb: &'static str,
    kinds: &'static [&'static str],
    object: Object,
    action: &'static str,
) -> Same {
    Same {
        runs: Runs::Request(action),
        ..read(verb, kinds, object, "")
    }
}

type Object = Option<(&'static str, Names)>;

/// Every pair that there is.
pub const SAME: &[Same] = &[
    read("get", &["node"], None, "nodes"),
    read("get", &["node"], NODE, "node-describe"),
    read("describe", &["node"], NODE, "node-describe"),
    read("events", &["node"], NODE, "node-events"),
    read("top node", &[], None, "top-nodes"),
    read("top pod", &[], None, "top-pods"),
    read("get", &["pod"], None, "pods"),
    read("get", &["pod"], POD, "pod-describe"),
    read("describe", &["pod"], POD, "pod-describe"),
    read("events", &["pod"], POD, "pod-events"),
    read("logs", &["", "pod"], POD, "pod-logs"),
    read("get", WORKLOADS, None, "workloads"),
    read("get", WORKLOADS, WORKLOAD, "rollout"),
    Same {
        idle: &["--timeout", "--watch"],
        ..read("rollout status", WORKLOADS, WORKLOAD, "rollout")
    },
    read("rollout history", WORKLOADS, WORKLOAD, "rollout"),
    read("get", &["service"], None, "services"),
    Same {
        only: &[("--types", "Warning")],
        ..read("events", &[""], None, "events")
    },
    Same {
        only: &[("--field-selector", "type=Warning")],
        ..read("get", &["event"], None, "events")
    },
    Same {
        only: &[("--field-selector", "type!=Normal")],
        ..read("get", &["event"], None, "events")
    },
    change("cordon", &[], NODE, "cordon"),
    change("uncordon", &[], NODE, "uncordon"),
    change("drain", &[], NODE, "drain"),
    change("rollout restart", WORKLOADS, WORKLOAD, "restart"),
    change("rollout undo", WORKLOADS, WORKLOAD, "undo"),
    change("scale", WORKLOADS, WORKLOAD, "scale"),
    change("delete", &["pod"], POD, "delete-pod"),
];

impl Same {
    /// The row of a call, if any.
    pub fn of(call: &Call) -> Option<&'static Self> {
        SAME.iter().find(|row| row.fits(call))
    }

    fn fits(&self, call: &Call) -> bool {
        let has_kind = self.kinds.is_empty() || self.kinds.contains(&call.kind.as_str());
        let is_only = |(name, value): &(&str, &str)| {
            let flag = call.flag(name);
            flag.is_some_and(|flag| flag.value.as_deref() == Some(*value))
        };
        self.verb == call.verb
            && has_kind
            && self.object.is_some() != call.names.is_empty()
            && self.only.iter().all(is_only)
    }

    /// Whether a flag says nothing that the bot does not do anyway.
    pub fn is_idle(&self, flag: &Flag) -> bool {
        let is_listed = IDLE.contains(&flag.name.as_str()) || self.idle.contains(&flag.name.as_str());
        is_listed || self.only.iter().any(|(name, _)| *name == flag.name)
    }

    /// The bot's command; `None` where this version has none.
    pub fn spec(&self) -> Option<&'static Spec> {
        COMMANDS.iter().find(|spec| match self.runs {
            Runs::Check(name) => spec.check == Some(name),
            Runs::Request(name) => spec.needs == Role::Request(name),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remedy::action::ACTIONS;

    #[test]
    fn every_check_and_every_action_has_its_row() {
        // What changed lately, and the bot's own state: kubectl shows neither.
        let only_here = ["changes", "status"];
        for check in crate::check::names() {
            let has_row = SAME.iter().any(|row| row.runs == Runs::Check(leak(&check)));
            assert!(has_row != only_here.contains(&check.as_str()), "{check}");
        }
        for action in ACTIONS {
            assert!(
                SAME.iter().any(|row| row.runs == Runs::Request(action)),
                "{action}"
            );
        }
    }

    fn leak(name: &str) -> &'static str {
        let of_row = SAME.iter().find_map(|row| match row.runs {
            Runs::Check(check) if check == name => Some(check),
            _ => None,
        });
        of_row.unwrap_or("")
    }
}
