//! A cluster in short, in the words of kubectl.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::cluster::api::{Api as _, kinds};
use crate::cluster::engine::object::{is_going, is_true, items, name, namespace, number, text};
use crate::cluster::store::Handle;

/// Nodes, Pods, workloads, Services and events.
pub(super) fn summary(store: &Handle) -> String {
    [
        nodes(store),
        pods(store),
        workloads(store),
        services(store),
        events(store),
    ]
    .join("\n")
}

/// Every node with what is unusual about it.
pub(super) fn nodes(store: &Handle) -> String {
    let mut shown = String::new();
    for node in store.list(kinds::NODES).unwrap() {
        let ready = items(&node["status"]["conditions"])
            .iter()
            .find(|it| it["type"] == "Ready");
        let mut words = match ready.map(|ready| text(&ready["status"])) {
            Some("True") => "Ready".to_owned(),
            _ => "NotReady".to_owned(),
        };
        if node["spec"]["unschedulable"] == true {
            words.push_str(",SchedulingDisabled");
        }
        let pressed = ["MemoryPressure", "DiskPressure", "PIDPressure"]
            .into_iter()
            .filter(|it| is_true(&node, it));
        let taints = items(&node["spec"]["taints"]).iter();
        let taints = taints.map(|taint| format!("{}:{}", text(&taint["key"]), text(&taint["effect"])));
        let unusual: Vec<String> = pressed.map(str::to_owned).chain(taints).collect();
        let _ = writeln!(shown, "{} {words} {}", name(&node), unusual.join(" "));
    }
    trimmed(&shown)
}

/// Every Pod: ready containers, the word of its status, restarts, its node.
pub(super) fn pods(store: &Handle) -> String {
    let mut shown = String::new();
    for pod in store.list(kinds::PODS).unwrap() {
        let statuses = items(&pod["status"]["containerStatuses"]);
        let ready = statuses.iter().filter(|status| status["ready"] == true).count();
        let restarts: i64 = statuses
            .iter()
            .map(|status| number(&status["restartCount"]))
            .sum();
        let total = items(&pod["spec"]["containers"]).len();
        let node = pod["spec"]["nodeName"].as_str().unwrap_or("<none>");
        let (whose, word) = (format!("{}/{}", namespace(&pod), name(&pod)), word(&pod));
        let _ = writeln!(shown, "{whose} {ready}/{total} {word} {restarts} {node}");
    }
    shown
}

/// The status of a Pod in the word that kubectl prints.
fn word(pod: &Value) -> String {
    if is_going(pod) {
        return "Terminating".to_owned();
    }
    let reason = text(&pod["status"]["reason"]);
    let mut word = if reason.is_empty() {
        text(&pod["status"]["phase"])
    } else {
        reason
    }
    .to_owned();
    for status in items(&pod["status"]["initContainerStatuses"]) {
        if status["state"]["terminated"]["exitCode"] != 0 {
            return format!("Init:{}", text(&status["state"]["waiting"]["reason"]));
        }
    }
    for status in items(&pod["status"]["containerStatuses"]).iter().rev() {
        for state in ["waiting", "terminated"] {
            let reason = text(&status["state"][state]["reason"]);
            if !reason.is_empty() {
                reason.clone_into(&mut word);
            }
        }
    }
    word
}

/// Every workload with its counts, and how rollouts stand.
pub(super) fn workloads(store: &Handle) -> String {
    let mut shown = String::new();
    for deployment in store.list(kinds::DEPLOYMENTS).unwrap() {
        shown.push_str(&rollout(&deployment));
    }
    for set in store.list(kinds::STATEFUL_SETS).unwrap() {
        let (ready, wanted) = (&set["status"]["readyReplicas"], &set["spec"]["replicas"]);
        let _ = writeln!(
            shown,
            "statefulset {} {}/{}",
            whose(&set),
            number(ready),
            number(wanted)
        );
    }
    for set in store.list(kinds::DAEMON_SETS).unwrap() {
        let (ready, wanted) = (
            &set["status"]["numberReady"],
            &set["status"]["desiredNumberScheduled"],
        );
        let _ = writeln!(
            shown,
            "daemonset {} {}/{}",
            whose(&set),
            number(ready),
            number(wanted)
        );
    }
    for budget in store.list(kinds::DISRUPTION_BUDGETS).unwrap() {
        let (allowed, healthy) = (
            &budget["status"]["disruptionsAllowed"],
            &budget["status"]["currentHealthy"],
        );
        let (allowed, healthy) = (number(allowed), number(healthy));
        let _ = writeln!(
            shown,
            "budget {} allows {allowed}, healthy {healthy}",
            whose(&budget)
        );
    }
    shown
}

/// Ready, up to date, available, unavailable of wanted; and the conditions.
fn rollout(deployment: &Value) -> String {
    let status = &deployment["status"];
    let conditions = items(&status["conditions"]).iter().map(|it| {
        let (kind, status, reason) = (text(&it["type"]), text(&it["status"]), text(&it["reason"]));
        format!("{kind}={status}({reason})")
    });
    let conditions: Vec<String> = conditions.collect();
    let counts = [
        "readyReplicas",
        "updatedReplicas",
        "availableReplicas",
        "unavailableReplicas",
    ];
    let counts = counts.map(|count| number(&status[count]).to_string()).join(" ");
    let wanted = number(&deployment["spec"]["replicas"]);
    format!(
        "deployment {} {counts}/{wanted} {}\n",
        whose(deployment),
        conditions.join(" ")
    )
}

fn whose(object: &Value) -> String {
    format!("{}/{}", namespace(object), name(object))
}

/// Every Service with how many of its endpoints are ready.
pub(super) fn services(store: &Handle) -> String {
    let mut shown = String::new();
    for slice in store.list(kinds::ENDPOINT_SLICES).unwrap() {
        let service = text(&slice["metadata"]["labels"]["kubernetes.io/service-name"]);
        let endpoints = items(&slice["endpoints"]);
        let ready = endpoints
            .iter()
            .filter(|endpoint| endpoint["conditions"]["ready"] == true)
            .count();
        let ports = items(&slice["ports"])
            .iter()
            .map(|port| format!("{}:{}", text(&port["name"]), number(&port["port"])));
        let ports: Vec<String> = ports.collect();
        let _ = writeln!(
            shown,
            "service {}/{service} {ready}/{} {}",
            namespace(&slice),
            endpoints.len(),
            ports.join(",")
        );
    }
    trimmed(&shown)
}

/// How often each kind of event was told, by kind of object.
pub(super) fn events(store: &Handle) -> String {
    let mut counts: BTreeMap<(String, String, String), (usize, i64)> = BTreeMap::new();
    for event in store.list(kinds::EVENTS).unwrap() {
        let key = (
            text(&event["involvedObject"]["kind"]).to_owned(),
            text(&event["type"]).to_owned(),
            text(&event["reason"]).to_owned(),
        );
        let told = event["count"]
            .as_i64()
            .or(event["series"]["count"].as_i64())
            .unwrap_or(1);
        let entry = counts.entry(key).or_default();
        *entry = (entry.0 + 1, entry.1 + told);
    }
    let lines = counts
        .into_iter()
        .map(|((kind, kind_of, reason), (events, told))| {
            format!("event {kind} {kind_of} {reason}: {events} told {told}\n")
        });
    lines.collect()
}

fn trimmed(text: &str) -> String {
    text.lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}
