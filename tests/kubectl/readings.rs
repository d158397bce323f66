//! What the bot reads, in the columns of the kubectl command that shows the same.

use firstmate::check::PodFilter;
use firstmate::clock::Millis;
use firstmate::cluster::read::{event, time};
use firstmate::cluster::snapshot::event::Event;
use firstmate::cluster::snapshot::node::{Allocated, Condition, Node, NodeDetail, NodePod};
use firstmate::cluster::snapshot::pod::Pod;
use firstmate::cluster::snapshot::resources::amount_words;
use firstmate::cluster::snapshot::service::Service;
use firstmate::cluster::snapshot::usage::{NodeUsage, PodUsage, SortBy, Used, percent_words};
use firstmate::cluster::snapshot::workload::{Kind, Workload};
use firstmate::cluster::{NotRead, Reader, Why};

use super::output::{self, Cells};
use super::{Line, Part, Row, Said};

/// Everything that is compared.
pub(super) const NAMES: [&str; 16] = [
    "describe node: head",
    "describe node: Taints",
    "describe node: Conditions",
    "describe node: Non-terminated Pods",
    "describe node: Allocated resources",
    "events --for node",
    "events -A --types=Warning",
    "get nodes -o wide",
    "get pods -A -o wide",
    "get services -A -o wide",
    "get deployments -A",
    "get statefulsets -A",
    "get daemonsets -A",
    "rollout status",
    "top node",
    "top pod -A",
];

/// How kubectl is told to sort figures, and the bot.
const SORTS: [(&str, SortBy); 3] = [
    ("", SortBy::Name),
    ("--sort-by=cpu", SortBy::Cpu),
    ("--sort-by=memory", SortBy::Memory),
];

/// Every command, with the bot's reading of the same made now.
pub(super) async fn lines(bot: &Reader<'_>) -> Vec<Line> {
    let nodes = bot.nodes().await.unwrap();
    let mut lines = Vec::new();
    for node in &nodes {
        let name = &node.name;
        let read = bot.node(name).await.unwrap();
        assert_eq!(read.missing, [], "{name}");
        lines.push(described(name, &read.value.0));
        let events = bot.events_about("Node", "", name).await.unwrap();
        let arguments = format!("events --for node/{name} -A");
        let keys = events.iter().map(|event| format!("{:?}", event.at())).collect();
        let rows = events.into_iter().map(event_row).collect();
        lines.push(sorted(
            line(&arguments, "events --for node", output::tables, rows),
            keys,
        ));
    }
    lines.push(warnings(bot).await);
    lines.push(got("get nodes -o wide", nodes.iter().map(node).collect()));
    let pods = bot.pods(&PodFilter::default()).await.unwrap();
    lines.push(got("get pods -A -o wide", pods.into_iter().map(pod).collect()));
    let services = bot.services(None).await.unwrap().value;
    lines.push(got(
        "get services -A -o wide",
        services.iter().map(service).collect(),
    ));
    lines.extend(workloads(&bot.workloads(None).await.unwrap().value));
    for (option, sort) in SORTS {
        lines.extend(figures(bot, option, sort).await);
    }
    lines
}

/// The warnings of the cluster. The bot shows those that say the same of several objects as one row; each of them
/// is compared, and that the rows speak of all of them.
async fn warnings(bot: &Reader<'_>) -> Line {
    let warnings = bot.warnings(None).await.unwrap();
    assert!(!warnings.is_page);
    let merged = event::merged(warnings.events.clone());
    let groups = event::grouped(&merged);
    let count = |events: &mut dyn Iterator<Item = &Event>| events.map(|event| event.count).sum::<i64>();
    let all = count(&mut warnings.events.iter());
    assert_eq!(count(&mut groups.iter().map(|group| &group.example)), all);
    let keys = warnings.events.iter().map(|event| format!("{:?}", event.at()));
    let keys = keys.collect();
    let arguments = "events -A --types=Warning";
    if warnings.events.is_empty() {
        let rows = vec![vec![("SENTENCE", word("No events found."))]];
        return line(arguments, arguments, output::sentence, rows);
    }
    let rows = warnings.events.into_iter().map(event_row).collect();
    sorted(line(arguments, arguments, output::tables, rows), keys)
}

/// What nodes and Pods use. Where it is not measured kubectl says so, and the bot knows it.
async fn figures(bot: &Reader<'_>, option: &str, sort: SortBy) -> [Line; 2] {
    let nodes = match bot.node_usage(sort).await {
        Ok(read) if read.value.iter().any(|usage| usage.sample.is_some()) => Ok(read.value),
        Ok(_) => Err("metrics not available yet"),
        Err(not) => Err(unserved(&not)),
    };
    let pods = match bot.pod_usage(None, sort, bot.clock.now()).await {
        Ok(read) if !read.value.rows.is_empty() => Ok(read.value.rows),
        Ok(read) if read.value.without == 0 => Err("No resources found"),
        Ok(_) => Err("metrics not available yet"),
        Err(not) => Err(unserved(&not)),
    };
    let nodes = nodes.map(|nodes| {
        nodes
            .iter()
            .map(|it| (node_usage(it), key(&it.name, it.used, sort)))
            .unzip()
    });
    let pods = pods.map(|pods| {
        pods.iter()
            .map(|it| (pod_usage(it), key(&it.name, it.used, sort)))
            .unzip()
    });
    [
        shown(&format!("top node {option}"), "top node", nodes),
        shown(&format!("top pod -A {option}"), "top pod -A", pods),
    ]
}

fn shown(arguments: &str, name: &'static str, figures: Result<(Vec<Row>, Vec<String>), &str>) -> Line {
    match figures {
        Ok((rows, keys)) => sorted(line(arguments, name, output::tables, rows), keys),
        Err(words) => {
            let rows = vec![vec![("SENTENCE", word(words))]];
            line(arguments, name, output::sentence, rows)
        }
    }
}

/// What a figure is sorted by; names are all different.
fn key(name: &str, used: Used, sort: SortBy) -> String {
    match sort {
        SortBy::Name => name.to_owned(),
        SortBy::Cpu => format!("{:?}", used.cpu_milli),
        SortBy::Memory => format!("{:?}", used.memory_bytes),
    }
}

fn unserved(not: &NotRead) -> &'static str {
    assert_eq!(not.why, Why::NotServed);
    "Metrics API not available"
}

/// A command that shows one thing.
fn line(arguments: &str, name: &'static str, find: fn(&str) -> Vec<Cells>, bots: Vec<Row>) -> Line {
    Line {
        arguments: arguments.split_whitespace().map(str::to_owned).collect(),
        parts: vec![part(name, find, bots)],
        by_server: false,
    }
}

fn part(name: &'static str, find: fn(&str) -> Vec<Cells>, bots: Vec<Row>) -> Part {
    Part {
        name,
        find,
        bots,
        keys: Vec::new(),
    }
}

/// A command that shows one thing, whose rows are sorted by these keys and not at all where they are equal.
fn sorted(mut line: Line, keys: Vec<String>) -> Line {
    line.parts[0].keys = keys;
    line
}

/// A table that the server makes.
fn got(name: &'static str, bots: Vec<Row>) -> Line {
    Line {
        by_server: true,
        ..line(name, name, output::tables, bots)
    }
}

fn word(text: impl Into<String>) -> Said {
    Said::Word(text.into())
}

fn age(then: Option<Millis>) -> Said {
    Said::At(Box::new(move |now| time::age(then, now)))
}

/// A time as a description prints it.
fn date(time: Option<Millis>) -> Said {
    let shown = time.map(|millis| {
        let time = jiff::Timestamp::from_millisecond(millis as i64).unwrap();
        time.strftime("%a, %d %b %Y %H:%M:%S %z").to_string()
    });
    word(shown.unwrap_or_default())
}

fn described(name: &str, detail: &NodeDetail) -> Line {
    let node = &detail.node;
    let taint = |words: String| -> Row { vec![("Taint", word(words))] };
    let pods = detail.pods.as_ref().unwrap();
    let allocated = detail.allocated.as_ref().unwrap();
    Line {
        parts: vec![
            part("describe node: head", output::description, vec![head(detail)]),
            part(
                "describe node: Taints",
                output::taints,
                node.taints.iter().map(|it| taint(it.words())).collect(),
            ),
            part(
                "describe node: Conditions",
                output::conditions,
                node.conditions.iter().map(condition).collect(),
            ),
            part(
                "describe node: Non-terminated Pods",
                output::pods,
                pods.iter().map(node_pod).collect(),
            ),
            part(
                "describe node: Allocated resources",
                output::allocated,
                allocated.iter().map(resource).collect(),
            ),
        ],
        ..line(&format!("describe node {name}"), "", output::tables, Vec::new())
    }
}

fn head(detail: &NodeDetail) -> Row {
    let (node, system) = (&detail.node, &detail.node.system);
    let lease = detail.lease.as_ref().unwrap();
    let amount = |resources: &firstmate::cluster::snapshot::resources::Resources, name: &str| {
        word(amount_words(resources.get(name).as_ref()))
    };
    vec![
        ("Name", word(&node.name)),
        ("Roles", word(node.role_words())),
        ("CreationTimestamp", date(node.created)),
        ("Unschedulable", word(node.unschedulable.to_string())),
        ("Lease/HolderIdentity", word(&lease.holder)),
        (
            "Addresses/InternalIP",
            word(node.internal_ip().unwrap_or_default()),
        ),
        ("Capacity/cpu", amount(&node.capacity, "cpu")),
        ("Capacity/memory", amount(&node.capacity, "memory")),
        ("Capacity/pods", amount(&node.capacity, "pods")),
        ("Allocatable/cpu", amount(&node.allocatable, "cpu")),
        ("Allocatable/memory", amount(&node.allocatable, "memory")),
        (
            "Allocatable/ephemeral-storage",
            amount(&node.allocatable, "ephemeral-storage"),
        ),
        ("Allocatable/pods", amount(&node.allocatable, "pods")),
        ("System Info/Machine ID", word(&system.machine_id)),
        ("System Info/System UUID", word(&system.system_uuid)),
        ("System Info/Boot ID", word(&system.boot_id)),
        ("System Info/Kernel Version", word(&system.kernel)),
        ("System Info/OS Image", word(&system.os_image)),
        ("System Info/Operating System", word(&system.os)),
        ("System Info/Architecture", word(&system.architecture)),
        ("System Info/Container Runtime Version", word(&system.runtime)),
        ("System Info/Kubelet Version", word(&system.kubelet)),
        ("PodCIDRs", word(node.pod_cidrs.join(","))),
    ]
}

fn condition(condition: &Condition) -> Row {
    vec![
        ("Type", word(&condition.kind)),
        ("Status", word(&condition.status)),
        ("LastHeartbeatTime", date(condition.heartbeat)),
        ("LastTransitionTime", date(condition.since)),
        ("Reason", word(&condition.reason)),
        ("Message", word(&condition.message)),
    ]
}

fn node_pod(pod: &NodePod) -> Row {
    vec![
        ("Namespace", word(&pod.namespace)),
        ("Name", word(&pod.name)),
        ("CPU Requests", word(pod.cpu_requests.words())),
        ("CPU Limits", word(pod.cpu_limits.words())),
        ("Memory Requests", word(pod.memory_requests.words())),
        ("Memory Limits", word(pod.memory_limits.words())),
        ("Age", age(pod.created)),
    ]
}

fn resource(allocated: &Allocated) -> Row {
    let [name, requests, limits] = allocated.words();
    vec![
        ("Resource", word(name)),
        ("Requests", word(requests)),
        ("Limits", word(limits)),
    ]
}

fn event_row(event: Event) -> Row {
    vec![
        ("NAMESPACE", word(&event.namespace)),
        ("TYPE", word(&event.kind)),
        ("REASON", word(&event.reason)),
        ("OBJECT", word(event.object_words())),
        ("MESSAGE", word(&event.message)),
        ("LAST SEEN", Said::At(Box::new(move |now| event.age_words(now)))),
    ]
}

fn node(node: &Node) -> Row {
    let kernel = format!("{} ({})", node.system.kernel, node.system.architecture);
    let or_none = |text: Option<&str>| word(text.unwrap_or("<none>"));
    vec![
        ("NAME", word(&node.name)),
        ("STATUS", word(node.status())),
        ("ROLES", word(node.role_words())),
        ("AGE", age(node.created)),
        ("VERSION", word(&node.system.kubelet)),
        ("INTERNAL-IP", or_none(node.internal_ip())),
        ("EXTERNAL-IP", or_none(node.external_ip())),
        ("OS-IMAGE", word(&node.system.os_image)),
        ("KERNEL-VERSION", word(kernel)),
        ("CONTAINER-RUNTIME", word(&node.system.runtime)),
    ]
}

fn pod(pod: Pod) -> Row {
    let or_none = |text: &Option<String>| word(text.as_deref().unwrap_or("<none>"));
    vec![
        ("NAMESPACE", word(&pod.namespace)),
        ("NAME", word(&pod.name)),
        ("READY", word(pod.ready_words())),
        ("STATUS", word(&pod.status)),
        ("AGE", age(pod.created)),
        ("IP", or_none(&pod.ip)),
        ("NODE", or_none(&pod.node)),
        ("RESTARTS", Said::At(Box::new(move |now| pod.restart_words(now)))),
    ]
}

fn service(service: &Service) -> Row {
    vec![
        ("NAMESPACE", word(&service.namespace)),
        ("NAME", word(&service.name)),
        ("TYPE", word(&service.kind)),
        ("CLUSTER-IP", word(&service.cluster_ip)),
        ("EXTERNAL-IP", word(&service.external)),
        ("PORT(S)", word(service.port_words())),
        ("AGE", age(service.created)),
        ("SELECTOR", word(service.selector_words())),
    ]
}

/// The three kinds, each in its table, and where each rollout stands.
fn workloads(all: &[Workload]) -> Vec<Line> {
    let of = |kind: Kind, row: fn(&Workload) -> Row| {
        let own = all.iter().filter(move |it| it.kind == kind);
        own.map(row).collect::<Vec<Row>>()
    };
    let mut lines = vec![
        got("get deployments -A", of(Kind::Deployment, deployment)),
        got("get statefulsets -A", of(Kind::StatefulSet, stateful_set)),
        got("get daemonsets -A", of(Kind::DaemonSet, daemon_set)),
    ];
    for it in all {
        let kind = it.kind.word().to_lowercase();
        let arguments = format!(
            "rollout status {kind}/{} -n {} --watch=false",
            it.name, it.namespace
        );
        let said = vec![vec![("SENTENCE", word(it.kubectl_sentence()))]];
        lines.push(line(&arguments, "rollout status", output::sentence, said));
    }
    lines
}

fn named(it: &Workload) -> Row {
    vec![
        ("NAMESPACE", word(&it.namespace)),
        ("NAME", word(&it.name)),
        ("AGE", age(it.created)),
    ]
}

fn deployment(it: &Workload) -> Row {
    let mut row = named(it);
    row.extend([
        ("READY", word(it.ready_words())),
        ("UP-TO-DATE", word(it.updated.to_string())),
        ("AVAILABLE", word(it.available.to_string())),
    ]);
    row
}

fn stateful_set(it: &Workload) -> Row {
    let mut row = named(it);
    row.push(("READY", word(it.ready_words())));
    row
}

fn daemon_set(it: &Workload) -> Row {
    let mut row = named(it);
    row.extend([
        ("DESIRED", word(it.desired.to_string())),
        ("CURRENT", word(it.current.to_string())),
        ("READY", word(it.ready.to_string())),
        ("UP-TO-DATE", word(it.updated.to_string())),
        ("AVAILABLE", word(it.available.to_string())),
    ]);
    row
}

fn node_usage(usage: &NodeUsage) -> Row {
    vec![
        ("NAME", word(&usage.name)),
        ("CPU(cores)", word(usage.used.cpu_words())),
        ("CPU(%)", word(percent_words(usage.cpu_percent))),
        ("MEMORY(bytes)", word(usage.used.memory_words())),
        ("MEMORY(%)", word(percent_words(usage.memory_percent))),
    ]
}

fn pod_usage(usage: &PodUsage) -> Row {
    vec![
        ("NAMESPACE", word(&usage.namespace)),
        ("NAME", word(&usage.name)),
        ("CPU(cores)", word(usage.used.cpu_words())),
        ("MEMORY(bytes)", word(usage.used.memory_words())),
    ]
}
