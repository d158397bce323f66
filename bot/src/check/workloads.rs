//! `/workloads` and `/rollout`.

use super::nodes::{ROWS, rest};
use super::report::{Report, View};
use super::table::{Table, one_line, prose};
use super::{PodFilter, What};
use crate::cluster::NotRead;
use crate::cluster::Why;
use crate::cluster::read::time::age;
use crate::cluster::reads::Found;
use crate::cluster::request;
use crate::cluster::snapshot::workload::{Revision, Rollout, Workload, earlier};
use crate::limits;
use crate::reply::{Button, Tone};
use crate::text::check as say;
use crate::text::label;

/// How many workloads and Pods are explained.
const EXPLAINED: usize = 6;
/// How much is told of one trouble, in characters.
const TROUBLE: usize = 200;
/// How many revisions a rollout shows.
const REVISIONS: usize = 3;

pub(super) async fn list(view: &View<'_>, namespace: Option<&str>) -> Result<Report, NotRead> {
    let read = view.reader.workloads(namespace).await?;
    let is_whole = read.missing.is_empty();
    let mut workloads = read.value;
    workloads.sort_by(|a, b| {
        let order = |it: &Workload| (it.is_fine(), it.namespace.clone(), it.kind, it.name.clone());
        order(a).cmp(&order(b))
    });
    let name = |it: &Workload| match namespace {
        Some(_) => it.name.clone(),
        None => format!("{}/{}", it.namespace, it.name),
    };
    let sick: Vec<&Workload> = workloads.iter().filter(|it| !it.is_fine()).collect();
    let mut parts: Vec<String> = sick
        .iter()
        .take(EXPLAINED)
        .map(|it| format!("**{}** {}", one_line(&name(it)), say::stage(view.lang, it)))
        .collect();
    let mut table = Table::new(&["NAME", "KIND", "READY", "AGE"]);
    for it in &workloads {
        table.row([
            name(it),
            it.kind.word().to_owned(),
            it.ready_words(),
            age(it.created, view.now()),
        ]);
    }
    if !table.is_empty() {
        parts.push(table.block(ROWS));
    }
    let (more, files) = rest(view, &table, "workloads.txt");
    parts.extend(more);
    let buttons = sick.iter().take(3).map(|it| {
        let words = say::rollout_button(view.lang, &it.name);
        view.named_button(&words, What::Rollout { workload: path(it) })
    });
    Ok(Report {
        title: say::workloads_title(view.lang, namespace),
        summary: say::workloads_summary(view.lang, workloads.len(), sick.len(), is_whole),
        is_empty: workloads.is_empty(),
        tone: if sick.is_empty() && is_whole {
            Tone::Good
        } else {
            Tone::Unsure
        },
        parts,
        files,
        buttons: buttons.collect(),
        missing: read.missing,
        ..Report::default()
    })
}

/// The name by which a button finds it again, whatever else has the same name.
fn path(it: &Workload) -> String {
    format!("{}/{}/{}", it.namespace, it.kind.word().to_lowercase(), it.name)
}

pub(super) async fn rollout(view: &View<'_>, written: &str) -> Result<Report, NotRead> {
    let (namespace, kind_and_name) = match view.reader.find_workload(written).await? {
        Found::One(namespace, name) => (namespace, name),
        Found::None => {
            return Err(NotRead {
                right: request::LIST_DEPLOYMENTS,
                namespace: String::new(),
                name: written.to_owned(),
                why: Why::NotFound,
            });
        }
        Found::Several(all) => {
            let buttons = all.into_iter().take(ROWS);
            return Ok(Report {
                title: say::which_title(view.lang, written),
                summary: say::which_workload(view.lang, written),
                buttons: buttons
                    .map(|workload| view.named_button(&workload.clone(), What::Rollout { workload }))
                    .collect(),
                ..Report::default()
            });
        }
    };
    let read = view.reader.rollout(&namespace, &kind_and_name).await?;
    let rollout = read.value;
    let it = &rollout.workload;
    let mut parts = vec![say::rollout_facts(view.lang, it)];
    parts.extend(rollout.conditions.iter().map(|condition| {
        let words = [condition.reason.as_str(), condition.message.as_str()].join(": ");
        format!(
            "`{}={}` {}",
            one_line(&condition.kind),
            one_line(&condition.status),
            prose(words.trim_matches([':', ' ']))
        )
    }));
    parts.extend(waits(view, &rollout));
    parts.extend(revisions(view, &rollout));
    Ok(Report {
        title: format!("{} {namespace}/{}", it.kind.word(), it.name),
        summary: say::stage(view.lang, it),
        tone: if it.is_fine() { Tone::Good } else { Tone::Unsure },
        parts,
        buttons: buttons(view, &rollout),
        missing: read.missing,
        ..Report::default()
    })
}

/// The Pods that it waits for, and why.
fn waits(view: &View<'_>, rollout: &Rollout) -> Vec<String> {
    if rollout.waits_for.is_empty() {
        return Vec::new();
    }
    let mut parts = vec![format!(
        "**{}**",
        say::waits_for(view.lang, rollout.waits_for.len())
    )];
    parts.extend(rollout.waits_for.iter().take(EXPLAINED).map(|pod| {
        let trouble = pod.troubles.first();
        let words = trouble.map_or_else(
            || pod.status.clone(),
            |trouble| say::trouble(view.lang, trouble, view.now()),
        );
        let words = limits::clamp(&prose(&words), TROUBLE);
        format!("- {}: {words}", one_line(&pod.name))
    }));
    parts
}

/// The last revisions, each with what it changed.
fn revisions(view: &View<'_>, rollout: &Rollout) -> Vec<String> {
    let now = view.now();
    let line = |revision: &Revision| {
        let before = earlier(&rollout.revisions, revision);
        let changes = before
            .map(|before| revision.changes_since(before))
            .unwrap_or_default();
        say::revision(view.lang, revision, &changes, &age(revision.created, now))
    };
    rollout.revisions.iter().take(REVISIONS).map(line).collect()
}

fn buttons(view: &View<'_>, rollout: &Rollout) -> Vec<Button> {
    let it = &rollout.workload;
    let pods = PodFilter {
        namespace: Some(it.namespace.clone()),
        ..PodFilter::default()
    };
    let mut buttons = vec![view.button(label::AGAIN_BUTTON, What::Rollout { workload: path(it) })];
    if let Some(pod) = rollout.waits_for.first() {
        let words = say::describe_button(view.lang, &pod.name);
        let pod = format!("{}/{}", pod.namespace, pod.name);
        buttons.push(view.named_button(&words, What::PodDescribe { pod }));
    }
    buttons.push(view.button(label::PODS_BUTTON, What::Pods(pods)));
    buttons.push(view.button(
        label::WARNINGS_BUTTON,
        What::Events {
            namespace: Some(it.namespace.clone()),
            order: super::Order::Newest,
        },
    ));
    buttons
}
