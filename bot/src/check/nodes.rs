//! `/nodes`, `/node describe` and `/node events`.

use super::report::{Report, View};
use super::table::{Table, one_line, prose, wrapped};
use super::{PodFilter, Sort, What};
use crate::clock::Millis;
use crate::cluster::NotRead;
use crate::cluster::read::event;
use crate::cluster::read::time::age;
use crate::cluster::reads::Partly;
use crate::cluster::snapshot::event::Event;
use crate::cluster::snapshot::node::{Allocated, Condition, Lease, Node, NodeDetail, Ready, Reboots};
use crate::cluster::snapshot::resources::Share;
use crate::redact::redact;
use crate::remedy::action::Action;
use crate::reply::{Button, File, Tone};
use crate::text::check as say;
use crate::text::label;

/// How many rows a reply shows before it refers to the file.
pub(super) const ROWS: usize = 15;
/// How many unusual nodes are explained.
const EXPLAINED: usize = 5;
/// For how long, in milliseconds, a node that was rebooted is told of.
const LATELY: Millis = 24 * 3_600_000;
/// After so long without a renewal, in milliseconds, the control plane would have said that a node is not ready.
const STALE: Millis = 300_000;
/// How many events a description shows.
const LAST_EVENTS: usize = 4;

pub(super) async fn list(view: &View<'_>) -> Result<Report, NotRead> {
    let now = view.now();
    let (nodes, events) = tokio::join!(view.reader.nodes(), view.reader.reboots());
    let (mut nodes, mut missing) = (nodes?, Vec::new());
    let events = Partly::<()>::part(&mut missing, events).unwrap_or_default();
    let reboots = event::reboots(events, &nodes, now.saturating_sub(LATELY));
    let rebooted = |node: &Node| reboots.get(&node.name);
    nodes.sort_by_cached_key(|node| (rank(node, rebooted(node)), node.name.clone()));
    let is_unusual = |node: &&Node| !node.is_fine() || rebooted(node).is_some();
    let unusual: Vec<&Node> = nodes.iter().filter(is_unusual).collect();
    let mut parts: Vec<String> = unusual
        .iter()
        .take(EXPLAINED)
        .map(|node| explained(view, node, rebooted(node)))
        .collect();
    let mut table = Table::new(&["NAME", "STATUS", "AGE", "VERSION"]);
    for node in &nodes {
        table.row([
            node.name.clone(),
            node.short_status(),
            age(node.created, now),
            node.system.kubelet.clone(),
        ]);
    }
    parts.push(table.block(ROWS));
    let (more, files) = rest(view, &table, "nodes.txt");
    parts.extend(more);
    let mut buttons = Vec::new();
    if let Some(worst) = unusual.first() {
        buttons.push(view.named_button(
            &say::describe_button(view.lang, &worst.name),
            What::NodeDescribe {
                node: worst.name.clone(),
            },
        ));
        buttons.push(view.named_button(
            &say::events_button(view.lang, &worst.name),
            What::NodeEvents {
                node: worst.name.clone(),
            },
        ));
        buttons.extend(view.request_button(turned(worst)));
    }
    buttons.push(view.button(label::TOP_NODES_BUTTON, What::TopNodes { sort: Sort::Cpu }));
    Ok(Report {
        title: say::nodes_title(view.lang).to_owned(),
        newest: reboots.values().map(|reboots| reboots.last).max(),
        summary: say::nodes_summary(view.lang, &nodes, |node| rebooted(node).is_some()),
        tone: if unusual.is_empty() && !nodes.is_empty() {
            Tone::Good
        } else {
            Tone::Unsure
        },
        parts,
        files,
        buttons,
        missing,
        ..Report::default()
    })
}

/// The action that turns round whether the node takes new Pods.
fn turned(node: &Node) -> Action {
    let name = node.name.clone();
    match node.unschedulable {
        true => Action::Uncordon { node: name },
        false => Action::Cordon { node: name },
    }
}

/// What is worst first: not ready, then under pressure, then cordoned, then rebooted lately, then the others.
fn rank(node: &Node, reboots: Option<&Reboots>) -> u8 {
    match node {
        node if node.ready != Ready::Yes => 0,
        node if node.unusual().next().is_some() => 1,
        node if node.unschedulable => 2,
        _ if reboots.is_some() => 3,
        _ => 4,
    }
}

fn explained(view: &View<'_>, node: &Node, reboots: Option<&Reboots>) -> String {
    let now = view.now();
    let conditions = node.unusual().map(|condition| {
        prose(&say::condition(
            view.lang,
            condition,
            &age(condition.since, now),
            &condition.message,
        ))
    });
    let cordoned = node.unschedulable.then(|| say::cordoned(view.lang).to_owned());
    let rebooted = reboots.map(|it| say::rebooted(view.lang, it.times, &age(Some(it.last), now)));
    let words: Vec<String> = conditions.chain(cordoned).chain(rebooted).collect();
    format!("**{}** {}", one_line(&node.name), say::listed(view.lang, &words))
}

/// Where to find the rows that a reply does not show.
pub(super) fn rest(view: &View<'_>, table: &Table, file: &str) -> (Option<String>, Vec<File>) {
    if table.len() <= ROWS {
        return (None, Vec::new());
    }
    let more = say::more_rows(view.lang, table.len() - ROWS, file);
    (Some(more), vec![File::text(file, &table.text())])
}

/// The same where so many rows are not even in the table.
pub(super) fn rest_of(
    view: &View<'_>,
    table: &Table,
    left_out: usize,
    file: &str,
) -> (Option<String>, Vec<File>) {
    if left_out == 0 {
        return rest(view, table, file);
    }
    let more = say::more_rows_than_listed(view.lang, table.len().saturating_sub(ROWS), left_out, file);
    (Some(more), vec![File::text(file, &table.text())])
}

pub(super) async fn describe(view: &View<'_>, written: &str) -> Result<Report, NotRead> {
    let name = view.reader.find_node(written).await?;
    let read = view.reader.node(&name).await?;
    let (detail, events) = read.value;
    let now = view.now();
    let node = &detail.node;
    let reboots = reboots_of(node, &events, now);
    let mut parts = Vec::new();
    if !node.is_fine() {
        parts.push(explained(view, node, None));
    }
    parts.push(conditions(view, &node.conditions));
    parts.extend(taints(view, node));
    let lease = detail.lease.as_ref();
    parts.extend(lease.map(|lease| say::lease(view.lang, lease.renewed, now)));
    parts.extend(lease.and_then(|lease| behind(view, node, lease)));
    parts.extend(requests(&detail));
    parts.push(say::system(view.lang, node));
    if !events.is_empty() {
        parts.push(format!("**{}**", say::last_events(view.lang)));
        parts.push(event_block(view, &events, LAST_EVENTS));
    }
    let files = vec![File::text(
        &format!("{}.txt", super::table::middle_cut(&name, 60)),
        &whole(view, &detail, &events),
    )];
    Ok(Report {
        title: say::node_title(view.lang, &name),
        summary: say::node_summary(view.lang, &detail, reboots, now),
        newest: newest(&events).max(lease.and_then(|lease| lease.renewed)),
        tone: match reboots {
            None if node.is_fine() => Tone::Good,
            _ => Tone::Unsure,
        },
        parts,
        missing: read.missing,
        files,
        buttons: node_buttons(view, &name, true)
            .into_iter()
            .chain(view.request_button(turned(node)))
            .collect(),
        ..Report::default()
    })
}

/// The reboots that a node's own events tell of.
pub(super) fn reboots_of(node: &Node, events: &[Event], now: Millis) -> Option<Reboots> {
    let rebooted = events.iter().filter(|event| event.reason == "Rebooted");
    let since = now.saturating_sub(LATELY);
    let mut reboots = event::reboots(rebooted.cloned().collect(), std::slice::from_ref(node), since);
    reboots.remove(&node.name)
}

/// A node that is ready renews its lease every few seconds. If that seems long ago, the bot's clock is ahead.
fn behind(view: &View<'_>, node: &Node, lease: &Lease) -> Option<String> {
    let ago = view.now().saturating_sub(lease.renewed?);
    let is_odd = node.ready == Ready::Yes && ago > STALE;
    is_odd.then(|| say::clock_behind(view.lang, ago))
}

/// When the newest of them happened.
pub(super) fn newest(events: &[Event]) -> Option<Millis> {
    events.iter().filter_map(Event::at).max()
}

fn conditions(view: &View<'_>, conditions: &[Condition]) -> String {
    let mut table = Table::new(&["CONDITION", "STATUS", "SINCE"]);
    for condition in conditions {
        table.row([
            condition.kind.clone(),
            condition.status.clone(),
            age(condition.since, view.now()),
        ]);
    }
    table.block(ROWS)
}

fn taints(view: &View<'_>, node: &Node) -> Option<String> {
    let words: Vec<String> = node
        .taints
        .iter()
        .map(|taint| format!("`{}`", one_line(&taint.words())))
        .collect();
    (!words.is_empty()).then(|| say::taints(view.lang, &words))
}

/// What Pods ask of the node, as `kubectl describe node` sums it up.
fn requests(detail: &NodeDetail) -> Option<String> {
    let allocated = detail.allocated.as_ref()?;
    let mut table = Table::new(&["", "REQUESTS", "LIMITS"]);
    // What nobody asks for is in the file alone.
    let is_shown = |one: &&Allocated| {
        let is_asked = |share: &Share| share.amount.as_ref().is_none_or(|amount| !amount.is_zero());
        ["cpu", "memory"].contains(&one.resource.as_str()) || is_asked(&one.requests) || is_asked(&one.limits)
    };
    for one in allocated.iter().filter(is_shown) {
        table.row(one.words());
    }
    Some(table.block(ROWS))
}

/// Everything that was read, for a wide screen.
fn whole(view: &View<'_>, detail: &NodeDetail, events: &[Event]) -> String {
    let now = view.now();
    let mut text = String::new();
    let mut pods = Table::new(&[
        "NAMESPACE",
        "POD",
        "CPU REQUESTS",
        "CPU LIMITS",
        "MEMORY REQUESTS",
        "MEMORY LIMITS",
        "AGE",
    ]);
    for pod in detail.pods.iter().flatten() {
        pods.row([
            pod.namespace.clone(),
            pod.name.clone(),
            pod.cpu_requests.words(),
            pod.cpu_limits.words(),
            pod.memory_requests.words(),
            pod.memory_limits.words(),
            age(pod.created, now),
        ]);
    }
    let system = &detail.node.system;
    let mut machine = Table::new(&["MACHINE", "VALUE"]);
    for (name, value) in [
        ("Boot ID", &system.boot_id),
        ("Machine ID", &system.machine_id),
        ("System UUID", &system.system_uuid),
        ("Kernel", &system.kernel),
        ("OS image", &system.os_image),
        ("Container runtime", &system.runtime),
        ("Kubelet", &system.kubelet),
    ] {
        machine.row([name.to_owned(), value.clone()]);
    }
    let mut labels = Table::new(&["LABEL", "VALUE"]);
    for (name, value) in &detail.node.labels {
        labels.row([name.clone(), value.clone()]);
    }
    let mut allocated = Table::new(&["RESOURCE", "REQUESTS", "LIMITS"]);
    for one in detail.allocated.iter().flatten() {
        allocated.row(one.words());
    }
    for table in [machine, labels, allocated, pods, event_table(events, view)] {
        text.push_str(&table.text());
        text.push('\n');
    }
    text
}

pub(super) async fn events(view: &View<'_>, written: &str) -> Result<Report, NotRead> {
    let name = view.reader.find_node(written).await?;
    let read = view.reader.node_events(&name).await?;
    let (node, events) = read.value;
    let warnings = events.iter().filter(|event| event.is_warning()).count();
    Ok(Report {
        title: say::events_title(view.lang, &name),
        summary: say::events_summary(
            view.lang,
            events.len(),
            warnings,
            node.is_none() && read.missing.is_empty(),
        ),
        tone: if warnings == 0 { Tone::Plain } else { Tone::Unsure },
        parts: event_parts(view, &events),
        newest: newest(&events),
        missing: read.missing,
        files: event_file(view, &events),
        buttons: node_buttons(view, &name, false),
        ..Report::default()
    })
}

/// The newest events as far as they fit.
pub(super) fn event_parts(view: &View<'_>, events: &[Event]) -> Vec<String> {
    if events.is_empty() {
        return Vec::new();
    }
    let mut parts = vec![event_block(view, events, ROWS)];
    if events.len() > ROWS {
        parts.push(say::more_rows(view.lang, events.len() - ROWS, "events.txt"));
    }
    parts
}

pub(super) fn event_file(view: &View<'_>, events: &[Event]) -> Vec<File> {
    if events.len() <= ROWS {
        return Vec::new();
    }
    vec![File::text("events.txt", &event_table(events, view).text())]
}

/// Events one below the other, the newest first.
pub(super) fn event_block(view: &View<'_>, events: &[Event], most: usize) -> String {
    let newest = events.iter().rev().take(most);
    let texts = newest.map(|event| event_text(event, view.now(), &[]));
    wrapped(&texts.collect::<String>())
}

/// One event: in a word, of what it is, in a sentence.
pub(super) fn event_text(event: &Event, now: Millis, about: &[String]) -> String {
    let mark = if event.is_warning() { "!" } else { " " };
    let mut text = format!("{mark} {} {}\n", one_line(&event.reason), event.age_words(now));
    let message = one_line(&redact(&event.message));
    let message = Some(&message).filter(|message| !message.is_empty());
    for line in about.iter().chain(message) {
        text.push_str(&format!("  {line}\n"));
    }
    text
}

pub(super) fn event_table(events: &[Event], view: &View<'_>) -> Table {
    let mut table = Table::new(&["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]);
    for event in events {
        table.row([
            event.age_words(view.now()),
            event.kind.clone(),
            event.reason.clone(),
            event.object_words(),
            redact(&event.message).into_owned(),
        ]);
    }
    table
}

fn node_buttons(view: &View<'_>, name: &str, is_description: bool) -> Vec<Button> {
    let node = || name.to_owned();
    let first = if is_description {
        view.button(label::EVENTS_BUTTON, What::NodeEvents { node: node() })
    } else {
        view.button(label::DESCRIBE_BUTTON, What::NodeDescribe { node: node() })
    };
    let pods = PodFilter {
        node: Some(node()),
        ..PodFilter::default()
    };
    vec![
        first,
        view.button(label::PODS_BUTTON, What::Pods(pods)),
        view.button(label::TOP_NODES_BUTTON, What::TopNodes { sort: Sort::Cpu }),
    ]
}
