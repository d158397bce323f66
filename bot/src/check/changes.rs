//! `/changes`: what changed lately.

use super::nodes::ROWS;
use super::report::{Report, View};
use super::table::one_line;
use super::{Order, What};
use crate::clock::Millis;
use crate::cluster::NotRead;
use crate::cluster::changes::request_of;
use crate::cluster::read::time::age;
use crate::cluster::snapshot::change::{Change, What as Changed};
use crate::redact::redact;
use crate::remedy::action::Action;
use crate::remedy::approval::{Request, State};
use crate::reply::{Button, File, Tone};
use crate::store::Find;
use crate::text::check as say;
use crate::text::label;

/// An hour, in milliseconds.
const HOUR: u64 = 3_600_000;
/// How far apart, in milliseconds, what a request did and what the cluster noted of it may be.
const TOGETHER: Millis = 60_000;
/// How many requests are looked at.
const REQUESTS: usize = 200;
/// How many workloads get buttons.
const ROLLOUTS: usize = 3;

pub(super) async fn list(view: &View<'_>, namespace: Option<&str>, hours: u8) -> Result<Report, NotRead> {
    let now = view.now();
    let since = now.saturating_sub(u64::from(hours) * HOUR);
    let read = view.reader.changes(namespace, since).await?;
    let changes = read.value;
    let requests = requests(view, &changes).await;
    let line = |change: &Change| {
        let request = requests.iter().find(|request| did(request, change));
        let words = redact(&say::change(view.lang, change, request)).into_owned();
        let when = age(Some(change.at), now);
        format!("`{when}` {}", one_line(&words))
    };
    let lines: Vec<String> = changes.iter().map(line).collect();
    let mut parts: Vec<String> = lines.iter().take(ROWS).cloned().collect();
    let mut files = Vec::new();
    if lines.len() > ROWS {
        parts.push(say::more_rows(view.lang, lines.len() - ROWS, "changes.txt"));
        files.push(File::text("changes.txt", &lines.join("\n")));
    }
    Ok(Report {
        title: say::changes_title(view.lang, namespace),
        summary: say::changes_summary(view.lang, changes.len(), hours, read.missing.is_empty()),
        is_empty: changes.is_empty(),
        newest: changes.iter().map(|change| change.at).max(),
        tone: Tone::Plain,
        parts,
        files,
        buttons: buttons(view, namespace, &changes),
        missing: read.missing,
        ..Report::default()
    })
}

/// The requests of this cluster that were carried out, the newest first, where one of them may have made a change.
/// Without an answer of the store the change is shown all the same.
async fn requests(view: &View<'_>, changes: &[Change]) -> Vec<Request> {
    if !changes.iter().any(|change| action(change).is_some()) {
        return Vec::new();
    }
    let find = Find {
        cluster: Some(view.reader.cluster.name.clone()),
        states: vec![State::Done],
        limit: REQUESTS,
        ..Find::default()
    };
    let found = view.app.store.find(&find).await;
    found.unwrap_or_else(|error| {
        tracing::error!("the store failed: {error:#}");
        Vec::new()
    })
}

/// The action that makes such a change.
fn action(change: &Change) -> Option<Action> {
    match &change.what {
        Changed::Cordoned { node } => Some(Action::Cordon { node: node.clone() }),
        Changed::Uncordoned { node } => Some(Action::Uncordon { node: node.clone() }),
        _ => None,
    }
}

/// Whether the change is what the request did: by the number that the cluster noted, or else by the time.
fn did(request: &Request, change: &Change) -> bool {
    let is_then = |at: Millis| at.abs_diff(change.at) <= TOGETHER;
    let is_its_own = match change.by.as_deref().and_then(request_of) {
        Some(id) => id == request.id,
        None => request.call.as_ref().is_some_and(|call| is_then(call.at)),
    };
    is_its_own && action(change).is_some_and(|action| action == *request.action())
}

/// To what changed last, and to the warnings that may come of it.
fn buttons(view: &View<'_>, namespace: Option<&str>, changes: &[Change]) -> Vec<Button> {
    let mut workloads = Vec::new();
    for change in changes {
        if let Changed::Created(object) | Changed::RolledOut { object, .. } | Changed::Scaled { object, .. } =
            &change.what
            && !workloads.contains(&object)
        {
            workloads.push(object);
        }
    }
    let rollouts = workloads.into_iter().take(ROLLOUTS).map(|object| {
        let kind = object.kind.word().to_lowercase();
        view.named_button(
            &say::rollout_button(view.lang, &object.name),
            What::Rollout {
                workload: format!("{}/{kind}/{}", object.namespace, object.name),
            },
        )
    });
    let mut buttons: Vec<Button> = rollouts.collect();
    buttons.push(view.button(
        label::WARNINGS_BUTTON,
        What::Events {
            namespace: namespace.map(str::to_owned),
            order: Order::Newest,
        },
    ));
    buttons
}
