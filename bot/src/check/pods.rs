//! `/pods`, `/pod describe` and `/pod events`.

use super::nodes::{ROWS, event_block, event_file, event_parts, event_table, newest, rest_of};
use super::report::{Report, View};
use super::table::{Table, one_line, prose};
use super::{Logs, PodFilter, What};
use crate::cluster::read::time::age;
use crate::cluster::reads::{Found, LISTED};
use crate::cluster::request;
use crate::cluster::snapshot::pod::{Container, Pod, PodDetail, State};
use crate::cluster::{NotRead, Why};
use crate::limits;
use crate::redact::redact;
use crate::reply::{Button, File, Tone};
use crate::text::check as say;
use crate::text::label;

/// How many Pods that are not well are explained.
const EXPLAINED: usize = 6;
/// How much is told of one trouble in a list, in characters.
const TROUBLE: usize = 160;
/// How many events a description shows.
const LAST_EVENTS: usize = 5;
/// How many buttons to Pods a list has.
const POD_BUTTONS: usize = 3;

pub(super) async fn list(view: &View<'_>, filter: &PodFilter) -> Result<Report, NotRead> {
    let now = view.now();
    let filter = PodFilter {
        node: match &filter.node {
            Some(node) => Some(view.reader.find_node(node).await?),
            None => None,
        },
        ..filter.clone()
    };
    let everywhere = PodFilter {
        unhealthy: filter.unhealthy,
        ..PodFilter::default()
    };
    if filter == everywhere {
        return list_all(view, &filter).await;
    }
    let mut pods = view.reader.pods(&filter).await?;
    let all = pods.len();
    let mut missing = Vec::new();
    if let Some(node) = filter.node.as_deref().filter(|_| all == 0) {
        match view.reader.has_node(node).await {
            Err(not) if not.why != Why::NotFound => missing.push(not),
            other => other?,
        }
    }
    let sick = pods.iter().filter(|pod| pod.is_unhealthy(now)).count();
    if filter.unhealthy {
        pods.retain(|pod| pod.is_unhealthy(now));
    }
    pods.sort_by(|a, b| {
        let order = |pod: &Pod| (pod.badness(now), pod.namespace.clone(), pod.name.clone());
        order(a).cmp(&order(b))
    });
    let listed = Listed {
        left_out: 0,
        missing,
        pods,
        all,
        sick,
    };
    Ok(show(view, &filter, listed))
}

/// Pods to show, the worst first.
struct Listed {
    pods: Vec<Pod>,
    /// How many there are, whether or not they are to be shown.
    all: usize,
    /// How many of those are unhealthy.
    sick: usize,
    /// How many are to be shown, but are too many.
    left_out: usize,
    missing: Vec<NotRead>,
}

/// Of the whole cluster only the first are read one by one: those that are explained.
async fn list_all(view: &View<'_>, filter: &PodFilter) -> Result<Report, NotRead> {
    let now = view.now();
    let asked = view.reader.all_pods(|rows| {
        let shown = rows.sick_first(now, filter.unhealthy, LISTED);
        (shown, rows.len(), rows.sick(now))
    });
    let (rows, all, sick) = asked.await?;
    let wanted = if filter.unhealthy { sick } else { all };
    let left_out = wanted - rows.len();
    let mut pods: Vec<Pod> = rows.into_iter().map(Pod::from).collect();
    let first = pods
        .iter()
        .take_while(|pod| pod.is_unhealthy(now))
        .take(EXPLAINED);
    let read = first.map(|pod| view.reader.pod(&pod.namespace, &pod.name));
    let read = futures::future::join_all(read).await;
    let mut missing = Vec::new();
    for (pod, read) in pods.iter_mut().zip(read) {
        match read {
            Ok(detail) => *pod = detail.pod,
            // It went in between.
            Err(not) if not.why == Why::NotFound => {}
            Err(not) => missing.push(not),
        }
    }
    let listed = Listed {
        pods,
        all,
        sick,
        left_out,
        missing,
    };
    Ok(show(view, filter, listed))
}

fn show(view: &View<'_>, filter: &PodFilter, listed: Listed) -> Report {
    let Listed { pods, all, sick, .. } = &listed;
    let now = view.now();
    let sick_ones = || pods.iter().filter(|pod| pod.is_unhealthy(now));
    let in_one_namespace = filter.namespace.is_some();
    let mut parts: Vec<String> = sick_ones()
        .take(EXPLAINED)
        .filter_map(|pod| explained(view, pod, in_one_namespace))
        .collect();
    let table = table(pods, in_one_namespace, now);
    if !table.is_empty() {
        parts.push(table.block(ROWS));
    }
    let (more, files) = rest_of(view, &table, listed.left_out, "pods.txt");
    parts.extend(more);
    let buttons = sick_ones().take(POD_BUTTONS).map(|pod| {
        let words = say::describe_button(view.lang, &pod.name);
        view.named_button(&words, What::PodDescribe { pod: path(pod) })
    });
    let mut buttons: Vec<Button> = buttons.collect();
    if !filter.unhealthy && *sick > 0 && filter.label.is_none() {
        let unhealthy = PodFilter {
            unhealthy: true,
            ..filter.clone()
        };
        buttons.push(view.button(label::UNHEALTHY_BUTTON, What::Pods(unhealthy)));
    }
    Report {
        title: say::pods_title(view.lang, filter),
        summary: say::pods_summary(view.lang, *all, *sick),
        is_empty: *all == 0,
        tone: if *sick == 0 { Tone::Good } else { Tone::Unsure },
        parts,
        missing: listed.missing,
        files,
        buttons,
        ..Report::default()
    }
}

fn table(pods: &[Pod], in_one_namespace: bool, now: u64) -> Table {
    let mut table = Table::new(&["NAME", "READY", "STATUS", "RESTARTS", "AGE"]);
    for pod in pods {
        table.row([
            called(pod, in_one_namespace),
            pod.ready_words(),
            pod.status.clone(),
            pod.restart_words(now),
            age(pod.created, now),
        ]);
    }
    table
}

/// How a list calls a Pod.
fn called(pod: &Pod, in_one_namespace: bool) -> String {
    match in_one_namespace {
        true => pod.name.clone(),
        false => path(pod),
    }
}

fn path(pod: &Pod) -> String {
    format!("{}/{}", pod.namespace, pod.name)
}

/// A Pod that is not well, and why.
fn explained(view: &View<'_>, pod: &Pod, in_one_namespace: bool) -> Option<String> {
    let trouble = pod.troubles.first()?;
    let words = limits::clamp(&prose(&say::trouble(view.lang, trouble, view.now())), TROUBLE);
    Some(format!(
        "**{}** {words}",
        one_line(&called(pod, in_one_namespace))
    ))
}

/// The Pod that is meant, or what to say instead: `which` of several the check is of.
pub(super) async fn find(
    view: &View<'_>,
    written: &str,
    which: &(dyn Fn(String) -> What + Sync),
) -> Result<Result<(String, String), Report>, NotRead> {
    Ok(match view.reader.find_pod(written).await? {
        Found::One(namespace, name) => Ok((namespace, name)),
        Found::None => {
            return Err(NotRead {
                right: request::GET_POD,
                namespace: String::new(),
                name: written.to_owned(),
                why: Why::NotFound,
            });
        }
        Found::Several(pods) => Err(Report {
            title: say::which_title(view.lang, written),
            summary: say::which(view.lang, written),
            buttons: pods
                .into_iter()
                .take(ROWS)
                .map(|pod| view.named_button(&pod.clone(), which(pod)))
                .collect(),
            ..Report::default()
        }),
    })
}

pub(super) async fn describe(view: &View<'_>, written: &str) -> Result<Report, NotRead> {
    let (namespace, name) = match find(view, written, &|pod| What::PodDescribe { pod }).await? {
        Ok(found) => found,
        Err(report) => return Ok(report),
    };
    let (pod, events) = tokio::join!(
        view.reader.pod(&namespace, &name),
        view.reader.events_about("Pod", &namespace, &name)
    );
    let detail = pod?;
    let mut missing = Vec::new();
    let mut events = events.map_err(|not| missing.push(not)).unwrap_or_default();
    let pod = &detail.pod;
    crate::cluster::read::event::of_this_one(&mut events, &name, &pod.uid, pod.created);
    let now = view.now();
    let mut parts: Vec<String> = pod
        .troubles
        .iter()
        .map(|trouble| format!("- {}", prose(&say::trouble(view.lang, trouble, now))))
        .collect();
    parts.push(say::pod_facts(view.lang, &detail));
    parts.push(containers(&detail, now));
    parts.extend(
        detail
            .containers
            .iter()
            .filter_map(|container| probes(view, container)),
    );
    if !events.is_empty() {
        parts.push(format!("**{}**", say::last_events(view.lang)));
        parts.push(event_block(view, &events, LAST_EVENTS));
    }
    let file = format!("{}.txt", super::table::middle_cut(&name, 60));
    Ok(Report {
        title: format!("{namespace}/{name}"),
        summary: say::pod_summary(view.lang, pod, now),
        newest: newest(&events).max(pod.created).max(pod.last_restart),
        tone: if pod.is_unhealthy(now) {
            Tone::Unsure
        } else {
            Tone::Good
        },
        parts,
        missing,
        files: vec![File::text(&file, &whole(view, &detail, &events))],
        buttons: pod_buttons(view, &detail),
        ..Report::default()
    })
}

fn containers(detail: &PodDetail, now: u64) -> String {
    let mut table = Table::new(&["CONTAINER", "STATE", "RESTARTS", "SINCE"]);
    for container in &detail.containers {
        let (state, since) = match &container.state {
            None => ("-".to_owned(), None),
            Some(State::Waiting { reason, .. }) if !reason.is_empty() => (reason.clone(), None),
            Some(State::Running { since }) => ("Running".to_owned(), *since),
            Some(State::Ended(exit)) if !exit.reason.is_empty() => (exit.reason.clone(), exit.finished),
            Some(other) => (other.word().to_owned(), None),
        };
        let since = since.map_or_else(|| "-".to_owned(), |since| age(Some(since), now));
        table.row([
            container.name.clone(),
            state,
            container.restarts.to_string(),
            since,
        ]);
    }
    table.block(ROWS)
}

fn probes(view: &View<'_>, container: &Container) -> Option<String> {
    let probes = [
        ("liveness", &container.liveness),
        ("readiness", &container.readiness),
        ("startup", &container.startup),
    ];
    let words: Vec<String> = probes
        .iter()
        .filter_map(|(kind, probe)| Some(format!("{kind} `{}`", one_line(probe.as_deref()?))))
        .collect();
    (!words.is_empty()).then(|| say::probes(view.lang, &container.name, &words.join(", ")))
}

/// Everything that was read, for a wide screen.
fn whole(view: &View<'_>, detail: &PodDetail, events: &[crate::cluster::snapshot::event::Event]) -> String {
    let mut containers = Table::new(&["CONTAINER", "IMAGE", "REQUESTS", "LIMITS", "PORTS", "ENV"]);
    for container in &detail.containers {
        containers.row([
            container.name.clone(),
            container.image.clone(),
            say::resources(&container.requests),
            say::resources(&container.limits),
            container.ports.join(","),
            container.env.join(","),
        ]);
    }
    let mut conditions = Table::new(&["CONDITION", "STATUS", "SINCE", "REASON", "MESSAGE"]);
    for condition in &detail.conditions {
        conditions.row([
            condition.kind.clone(),
            condition.status.clone(),
            age(condition.since, view.now()),
            condition.reason.clone(),
            redact(&condition.message).into_owned(),
        ]);
    }
    let mut volumes = Table::new(&["VOLUME", "KIND", "OF"]);
    for volume in &detail.volumes {
        volumes.row([volume.name.clone(), volume.kind.clone(), volume.of.clone()]);
    }
    let mut labels = Table::new(&["LABEL", "VALUE"]);
    for (name, value) in &detail.pod.labels {
        labels.row([name.clone(), value.clone()]);
    }
    let tables = [labels, containers, conditions, volumes, event_table(events, view)];
    let mut text: Vec<String> = tables.iter().map(Table::text).collect();
    text.push(detail.tolerations.join("\n"));
    text.join("\n")
}

pub(super) async fn events(view: &View<'_>, written: &str) -> Result<Report, NotRead> {
    let (namespace, name) = match find(view, written, &|pod| What::PodEvents { pod }).await? {
        Ok(found) => found,
        Err(report) => return Ok(report),
    };
    let (pod, events) = tokio::join!(
        view.reader.pod(&namespace, &name),
        view.reader.events_about("Pod", &namespace, &name)
    );
    let mut events = events?;
    let mut missing = Vec::new();
    let pod = match pod {
        // A Pod that is gone has events all the same.
        Err(not) if not.why == Why::NotFound && !events.is_empty() => None,
        Err(not) if not.why == Why::NotFound => return Err(not),
        other => other.map_err(|not| missing.push(not)).ok(),
    };
    if let Some(detail) = &pod {
        let (uid, created) = (&detail.pod.uid, detail.pod.created);
        crate::cluster::read::event::of_this_one(&mut events, &name, uid, created);
    }
    let warnings = events.iter().filter(|event| event.is_warning()).count();
    let is_gone = pod.is_none() && missing.is_empty();
    Ok(Report {
        title: say::events_title(view.lang, &format!("{namespace}/{name}")),
        summary: say::events_summary(view.lang, events.len(), warnings, is_gone),
        tone: if warnings == 0 { Tone::Plain } else { Tone::Unsure },
        parts: event_parts(view, &events),
        newest: newest(&events),
        missing,
        files: event_file(view, &events),
        buttons: pod.map(|detail| pod_buttons(view, &detail)).unwrap_or_default(),
        ..Report::default()
    })
}

/// From a Pod to its events, its logs, the logs before its last restart, and its node.
pub(super) fn pod_buttons(view: &View<'_>, detail: &PodDetail) -> Vec<Button> {
    let pod = path(&detail.pod);
    let logs = Logs::of(pod.clone());
    let mut buttons = vec![
        view.button(label::DESCRIBE_BUTTON, What::PodDescribe { pod: pod.clone() }),
        view.button(label::EVENTS_BUTTON, What::PodEvents { pod }),
        view.button(label::LOGS_BUTTON, What::PodLogs(logs.clone())),
    ];
    if detail.pod.restarts > 0 {
        let previous = Logs {
            previous: true,
            ..logs
        };
        buttons.push(view.button(label::PREVIOUS_LOGS_BUTTON, What::PodLogs(previous)));
    }
    if let Some(node) = &detail.pod.node {
        let words = say::describe_button(view.lang, node);
        buttons.push(view.named_button(&words, What::NodeDescribe { node: node.clone() }));
    }
    buttons
}
