//! `/pod logs`.

use super::report::{Report, View};
use super::table::{COLUMNS, middle_cut, plain, wrapped};
use super::{Check, FOLLOW_PAUSE, Logs, What, means, pods};
use crate::cluster::NotRead;
use crate::cluster::snapshot::pod::{ContainerKind, PodDetail, State};
use crate::command::Command;
use crate::limits;
use crate::redact::redact;
use crate::reply::{Again, Button, File, Tone};
use crate::text::check as say;
use crate::text::label;

/// How much of a log a card shows, in characters.
const ROOM: usize = 2400;

pub(super) async fn show(view: &View<'_>, wanted: &Logs) -> Result<Report, NotRead> {
    let which = |pod| {
        What::PodLogs(Logs {
            pod,
            ..wanted.clone()
        })
    };
    let (namespace, name) = match pods::find(view, &wanted.pod, &which).await? {
        Ok(found) => found,
        Err(report) => return Ok(report),
    };
    let detail = view.reader.pod(&namespace, &name).await?;
    let container = container(&detail, wanted);
    let path = format!("{namespace}/{name}");
    let title = say::log_title(view.lang, &path, &container, wanted.previous);
    if let Some(none) = no_log(&detail, &container, wanted) {
        return Ok(Report {
            title,
            summary: say::no_log(view.lang, &container, &none),
            buttons: buttons(view, &detail, &container, wanted),
            ..Report::default()
        });
    }
    let request = Logs {
        pod: name.clone(),
        ..wanted.clone()
    };
    let (text, is_cut) = view.reader.log(&namespace, &container, &request).await?;
    let lines = lines(&text, wanted);
    let text = lines.join("\n");
    let mut parts = Vec::new();
    let mut files = Vec::new();
    let shown = end_of(&lines);
    if !shown.is_empty() {
        parts.push(wrapped(&shown));
    }
    if shown.len() < text.len() {
        let file = format!("{}.log", middle_cut(&name, 60));
        parts.push(say::log_cut(view.lang, &file));
        files.push(File::text(&file, &text));
    }
    if is_cut {
        parts.push(say::log_too_long(view.lang).to_owned());
    }
    let again = again(view, wanted);
    if again.is_some() {
        let seconds = u64::from(wanted.follow) * FOLLOW_PAUSE / 1000;
        parts.push(say::following(view.lang, seconds));
    }
    Ok(Report {
        title,
        summary: say::log_summary(view.lang, lines.len(), wanted),
        tone: Tone::Plain,
        parts,
        files,
        buttons: buttons(view, &detail, &container, wanted),
        again,
        ..Report::default()
    })
}

/// Why a container has no such log.
#[derive(Debug, PartialEq, Eq)]
pub enum NoLog {
    /// The Pod has no container of this name, but these.
    NoContainer(Vec<String>),
    /// It has run once and only once so far.
    NoPrevious,
    /// It has not started yet, for this reason; may be empty.
    NotStarted(String),
}

/// Why there is nothing to be read, which the API server would say in the kubelet's words.
fn no_log(detail: &PodDetail, container: &str, wanted: &Logs) -> Option<NoLog> {
    let Some(this) = detail.containers.iter().find(|it| it.name == container) else {
        let names = detail.containers.iter().map(|it| it.name.clone());
        return Some(NoLog::NoContainer(names.collect()));
    };
    match &this.state {
        _ if this.last.is_some() => None,
        Some(State::Waiting { reason, .. }) => Some(NoLog::NotStarted(reason.clone())),
        Some(_) if wanted.previous => Some(NoLog::NoPrevious),
        _ => None,
    }
}

/// The container that is meant: the one that was named, else one that is not well, else the first.
fn container(detail: &PodDetail, wanted: &Logs) -> String {
    let named = wanted.container.as_deref().map(|written| {
        let known = detail.containers.iter().find(|it| means(written, &it.name));
        known.map_or_else(|| written.to_owned(), |it| it.name.clone())
    });
    let is_sick = |state: &Option<State>| {
        matches!(state, Some(State::Waiting { reason, .. }) if reason != "PodInitializing")
            || matches!(state, Some(State::Ended(exit)) if exit.code != 0)
    };
    let sick = || detail.containers.iter().find(|it| is_sick(&it.state));
    let first = || detail.containers.iter().find(|it| it.kind == ContainerKind::App);
    named
        .or_else(|| sick().or_else(first).map(|it| it.name.clone()))
        .unwrap_or_default()
}

/// The wanted lines, without secrets. Those are taken out of the whole text: some go over several lines.
fn lines(text: &str, wanted: &Logs) -> Vec<String> {
    let clean = redact(text);
    let wanted_text = wanted.grep.as_ref().map(|text| text.to_lowercase());
    let holds = |line: &String| {
        wanted_text
            .as_ref()
            .is_none_or(|text| line.to_lowercase().contains(text))
    };
    let lines: Vec<String> = clean.lines().map(plain).filter(holds).collect();
    let most = wanted.lines as usize;
    lines[lines.len().saturating_sub(most)..].to_vec()
}

/// The last lines that fit a card, as the end of the whole text.
fn end_of(lines: &[String]) -> String {
    let mut room = ROOM;
    let mut first = lines.len();
    for line in lines.iter().rev() {
        // A wrapped line takes a line break for each piece.
        let cost = limits::length(line) + 2 + limits::length(line) / COLUMNS;
        if cost > room {
            break;
        }
        room -= cost;
        first -= 1;
    }
    if first == lines.len() && !lines.is_empty() {
        return limits::clamp(&lines[lines.len() - 1], ROOM);
    }
    lines[first..].join("\n")
}

/// The next reading of a log that is followed.
fn again(view: &View<'_>, wanted: &Logs) -> Option<Again> {
    let follow = wanted.follow.checked_sub(1)?;
    let what = What::PodLogs(Logs {
        follow,
        ..wanted.clone()
    });
    Some(Again {
        command: Command::Check(Check::new(what, Some(&view.reader.cluster.name))),
        at: view.now() + FOLLOW_PAUSE,
    })
}

/// The same log anew, the other containers' logs, and what leads on from the Pod.
fn buttons(view: &View<'_>, detail: &PodDetail, container: &str, wanted: &Logs) -> Vec<Button> {
    let pod = format!("{}/{}", detail.pod.namespace, detail.pod.name);
    let of = |container: &str, previous: bool| {
        What::PodLogs(Logs {
            container: Some(container.to_owned()),
            previous,
            ..Logs::of(pod.clone())
        })
    };
    let this = detail.containers.iter().find(|it| it.name == container);
    let mut buttons = Vec::new();
    if let Some(this) = this {
        let previous = wanted.previous && this.last.is_some();
        buttons.push(view.button(label::AGAIN_BUTTON, of(container, previous)));
    }
    if this.is_some_and(|it| it.restarts > 0) && !wanted.previous {
        buttons.push(view.button(label::PREVIOUS_LOGS_BUTTON, of(container, true)));
    }
    let others = detail.containers.iter().filter(|it| it.name != container).take(2);
    buttons.extend(others.map(|it| {
        let words = say::log_button(view.lang, &it.name);
        view.named_button(&words, of(&it.name, false))
    }));
    buttons.push(view.button(label::DESCRIBE_BUTTON, What::PodDescribe { pod: pod.clone() }));
    buttons.push(view.button(label::EVENTS_BUTTON, What::PodEvents { pod }));
    buttons.truncate(5);
    buttons
}
