//! The scheduler: puts Pods on nodes that have room and let them in, or says why there is none.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::about;
use crate::cluster::api::kinds::{NODES, PODS};
use crate::cluster::engine::amount::{milli, units};
use crate::cluster::engine::object::{
    has_all, is_active, is_finished, is_going, items, name, namespace, number, put_condition, satisfies,
    text, uid, workload,
};
use crate::cluster::engine::record::{Note, Source};
use crate::cluster::engine::world::{Changes, World};

/// How often a Pod without a place is tried again although nothing changed.
const TRY_AGAIN: u64 = 300_000;
const INSTANCE: &str = "default-scheduler-control-plane-1";

/// The scheduler and what it knows of Pods without a place.
#[derive(Debug, Default)]
pub(crate) struct Scheduler {
    waiting: BTreeMap<String, Waiting>,
}

#[derive(Debug)]
struct Waiting {
    message: String,
    next: u64,
}

impl Scheduler {
    pub(crate) fn sync(&mut self, world: &mut World, changes: &Changes) -> anyhow::Result<()> {
        if !changes.concern(&[PODS, NODES]) {
            return Ok(());
        }
        let pods = world.list(PODS)?;
        let mut unplaced: Vec<&Arc<Value>> = pods.iter().filter(|pod| needs_place(pod)).collect();
        if unplaced.is_empty() {
            self.waiting.clear();
            return Ok(());
        }
        unplaced.sort_by_key(|pod| {
            let born = text(&pod["metadata"]["creationTimestamp"]);
            (
                -number(&pod["spec"]["priority"]),
                born.to_owned(),
                name(pod).to_owned(),
            )
        });
        let nodes = world.list(NODES)?;
        let mut places: Vec<Place> = nodes.iter().map(|node| Place::of(node, &pods)).collect();
        for pod in unplaced {
            self.place(world, pod, &mut places)?;
        }
        Ok(())
    }

    fn place(&mut self, world: &mut World, pod: &Value, places: &mut [Place]) -> anyhow::Result<()> {
        let need = Need::of(pod);
        let mut reasons: Vec<(String, bool)> = Vec::new();
        let mut fitting = Vec::new();
        for (number, place) in places.iter().enumerate() {
            match place.refuse(&need, pod) {
                None => fitting.push(number),
                Some(mut why) => reasons.append(&mut why),
            }
        }
        let same = workload(pod);
        let best = fitting
            .into_iter()
            .min_by_key(|number| places[*number].load(namespace(pod), same));
        match best {
            Some(best) => {
                places[best].take(&need, pod);
                self.waiting.remove(uid(pod));
                bind(world, pod, places[best].name())
            }
            None => self.refuse(world, pod, &explain(places.len(), &reasons)),
        }
    }

    fn refuse(&mut self, world: &mut World, pod: &Value, message: &str) -> anyhow::Result<()> {
        let known = self.waiting.get(uid(pod));
        if known.is_some_and(|known| known.message == message && world.now < known.next) {
            return Ok(());
        }
        let next = world.now + TRY_AGAIN;
        self.waiting.insert(
            uid(pod).to_owned(),
            Waiting {
                message: message.to_owned(),
                next,
            },
        );
        world.look_again(next, PODS, namespace(pod));
        tell(
            world,
            pod,
            ("FailedScheduling", "Scheduling"),
            message.to_owned(),
            true,
        )?;
        let mut conditions = items(&pod["status"]["conditions"]).to_vec();
        let condition = json!({
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": message,
            "lastProbeTime": null,
            "observedGeneration": pod["metadata"]["generation"],
        });
        put_condition(&mut conditions, condition, world.now);
        let patch = json!({"status": {"conditions": conditions}});
        world.patch_quietly(PODS, (namespace(pod), name(pod)), "status", &patch)?;
        Ok(())
    }
}

fn needs_place(pod: &Value) -> bool {
    pod["spec"]["nodeName"].is_null() && !is_going(pod) && !is_finished(pod)
}

fn bind(world: &mut World, pod: &Value, node: &str) -> anyhow::Result<()> {
    let key = (namespace(pod), name(pod));
    let bound = world.patch(PODS, key, "", &json!({"spec": {"nodeName": node}}))?;
    let mut conditions = items(&bound["status"]["conditions"]).to_vec();
    let condition = json!({
        "type": "PodScheduled",
        "status": "True",
        "lastProbeTime": null,
        "observedGeneration": pod["metadata"]["generation"],
    });
    put_condition(&mut conditions, condition, world.now);
    world.patch(
        PODS,
        key,
        "status",
        &json!({"status": {"conditions": conditions}}),
    )?;
    let message = format!("Successfully assigned {}/{} to {node}", namespace(pod), name(pod));
    tell(world, pod, ("Scheduled", "Binding"), message, false)
}

fn tell(
    world: &mut World,
    pod: &Value,
    (reason, action): (&'static str, &'static str),
    message: String,
    warning: bool,
) -> anyhow::Result<()> {
    let from = Source::Newer("default-scheduler", INSTANCE.to_owned(), action);
    world.tell(Note {
        about: about(pod),
        warning,
        reason,
        message,
        from,
    })
}

/// The scheduler's sentence about a Pod that fits nowhere.
fn explain(nodes: usize, reasons: &[(String, bool)]) -> String {
    if nodes == 0 {
        return "no nodes available to schedule pods".to_owned();
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (reason, _) in reasons {
        *counts.entry(reason).or_default() += 1;
    }
    let mut listed: Vec<String> = counts
        .iter()
        .map(|(reason, count)| format!("{count} {reason}"))
        .collect();
    listed.sort();
    let hopeless = nodes.min(reasons.iter().filter(|(_, hopeless)| *hopeless).count());
    let mut help = Vec::new();
    if nodes > hopeless {
        help.push(format!(
            "{} No preemption victims found for incoming pod",
            nodes - hopeless
        ));
    }
    if hopeless > 0 {
        help.push(format!("{hopeless} Preemption is not helpful for scheduling"));
    }
    help.sort();
    let (listed, help) = (listed.join(", "), help.join(", "));
    format!("0/{nodes} nodes are available: {listed}. preemption: 0/{nodes} nodes are available: {help}.")
}

/// What a Pod asks for: thousandths of processors and bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Need {
    cpu: i64,
    memory: i64,
}

impl Need {
    /// The containers together, or the largest of those that run before.
    pub(crate) fn of(pod: &Value) -> Self {
        let mut sum = Self::default();
        for container in items(&pod["spec"]["containers"]) {
            let one = Self::of_container(container);
            sum = Self {
                cpu: sum.cpu + one.cpu,
                memory: sum.memory + one.memory,
            };
        }
        for container in items(&pod["spec"]["initContainers"]) {
            let one = Self::of_container(container);
            sum = Self {
                cpu: sum.cpu.max(one.cpu),
                memory: sum.memory.max(one.memory),
            };
        }
        sum
    }

    fn of_container(container: &Value) -> Self {
        let resources = &container["resources"];
        let asked = |what: &str| match text(&resources["requests"][what]) {
            "" => text(&resources["limits"][what]),
            asked => asked,
        };
        Self {
            cpu: milli(asked("cpu")),
            memory: units(asked("memory")),
        }
    }
}

/// A node and what is on it.
struct Place {
    node: Arc<Value>,
    total: Need,
    used: Need,
    pods: i64,
    most_pods: i64,
    here: BTreeMap<(String, String), i64>,
    ports: Vec<i64>,
}

impl Place {
    fn of(node: &Arc<Value>, pods: &[Arc<Value>]) -> Self {
        let has = &node["status"]["allocatable"];
        let mut place = Self {
            node: Arc::clone(node),
            total: Need {
                cpu: milli(text(&has["cpu"])),
                memory: units(text(&has["memory"])),
            },
            used: Need::default(),
            pods: 0,
            most_pods: units(text(&has["pods"])),
            here: BTreeMap::new(),
            ports: Vec::new(),
        };
        for pod in pods
            .iter()
            .filter(|pod| pod["spec"]["nodeName"] == node["metadata"]["name"] && !is_finished(pod))
        {
            place.take(&Need::of(pod), pod);
        }
        place
    }

    fn name(&self) -> &str {
        name(&self.node)
    }

    fn take(&mut self, need: &Need, pod: &Value) {
        self.used.cpu += need.cpu;
        self.used.memory += need.memory;
        self.pods += 1;
        self.ports.extend(host_ports(pod));
        if is_active(pod) {
            let key = (namespace(pod).to_owned(), workload(pod).to_owned());
            *self.here.entry(key).or_default() += 1;
        }
    }

    /// How much speaks against this node: others of the same workload, then what is asked for already.
    fn load(&self, inside: &str, same: &str) -> (i64, i64) {
        let key = (inside.to_owned(), same.to_owned());
        let alike = self.here.get(&key).copied().unwrap_or_default();
        let share = |used: i64, total: i64| used * 1000 / total.max(1);
        let load = share(self.used.cpu, self.total.cpu) + share(self.used.memory, self.total.memory);
        (alike, load)
    }

    /// Why the Pod cannot come here, and whether no preemption could help.
    fn refuse(&self, need: &Need, pod: &Value) -> Option<Vec<(String, bool)>> {
        let hopeless = |reason: &str| Some(vec![(reason.to_owned(), true)]);
        let spec = &pod["spec"];
        let tolerated = |key: &str| tolerates(spec, &json!({"key": key, "effect": "NoSchedule"}));
        if self.node["spec"]["unschedulable"] == true && !tolerated("node.kubernetes.io/unschedulable") {
            return hopeless("node(s) were unschedulable");
        }
        if has_untolerated_taint(spec, &self.node) {
            return hopeless("node(s) had untolerated taint(s)");
        }
        if !is_chosen(spec, &self.node) {
            return hopeless("node(s) didn't match Pod's node affinity/selector");
        }
        if host_ports(pod).iter().any(|port| self.ports.contains(port)) {
            let reason = "node(s) didn't have free ports for the requested pod ports";
            return Some(vec![(reason.to_owned(), false)]);
        }
        self.lacks(need)
    }

    fn lacks(&self, need: &Need) -> Option<Vec<(String, bool)>> {
        let mut lacking = Vec::new();
        if self.pods >= self.most_pods {
            lacking.push(("Too many pods".to_owned(), false));
        }
        let amounts = [
            ("cpu", need.cpu, self.used.cpu, self.total.cpu),
            ("memory", need.memory, self.used.memory, self.total.memory),
        ];
        for (what, asked, used, total) in amounts {
            if asked > 0 && asked > total - used {
                lacking.push((format!("Insufficient {what}"), asked > total));
            }
        }
        (!lacking.is_empty()).then_some(lacking)
    }
}

fn host_ports(pod: &Value) -> Vec<i64> {
    let containers = items(&pod["spec"]["containers"]).iter();
    let ports = containers.flat_map(|container| items(&container["ports"]));
    ports.filter_map(|port| port["hostPort"].as_i64()).collect()
}

/// Whether the Pods of a DaemonSet with this template belong on a node.
pub(super) fn fits_daemon(spec: &Value, node: &Value) -> bool {
    is_chosen(spec, node) && !has_untolerated_taint(spec, node)
}

fn has_untolerated_taint(spec: &Value, node: &Value) -> bool {
    let hard = |taint: &&Value| taint["effect"] != "PreferNoSchedule";
    items(&node["spec"]["taints"])
        .iter()
        .filter(hard)
        .any(|taint| !tolerates(spec, taint))
}

/// Whether a Pod with this spec tolerates a taint, however long.
pub(super) fn tolerates(spec: &Value, taint: &Value) -> bool {
    items(&spec["tolerations"])
        .iter()
        .any(|toleration| is_for(toleration, taint))
}

/// Whether a toleration is for this taint.
pub(super) fn is_for(toleration: &Value, taint: &Value) -> bool {
    let effect = text(&toleration["effect"]);
    let key = text(&toleration["key"]);
    let equal = || text(&toleration["value"]) == text(&taint["value"]);
    (effect.is_empty() || taint["effect"] == effect)
        && (key.is_empty() || taint["key"] == key)
        && (toleration["operator"] == "Exists" || (!key.is_empty() && equal()))
}

/// Whether `nodeSelector` and the required affinity choose the node.
fn is_chosen(spec: &Value, node: &Value) -> bool {
    let labels = &node["metadata"]["labels"];
    let selected = spec["nodeSelector"]
        .as_object()
        .is_none_or(|wanted| has_all(wanted, labels));
    let required = &spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"];
    let terms = items(&required["nodeSelectorTerms"]);
    let fields = json!({"metadata.name": name(node)});
    let holds = |term: &Value| {
        items(&term["matchExpressions"])
            .iter()
            .all(|rule| satisfies(rule, labels))
            && items(&term["matchFields"])
                .iter()
                .all(|rule| satisfies(rule, &fields))
    };
    selected && (required.is_null() || terms.iter().any(holds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(taints: &Value, unschedulable: bool) -> Arc<Value> {
        Arc::new(json!({
            "metadata": {"name": "node-1", "labels": {"disk": "ssd"}},
            "spec": {"taints": taints, "unschedulable": unschedulable},
            "status": {"allocatable": {"cpu": "2", "memory": "4Gi", "pods": "110"}},
        }))
    }

    fn pod(cpu: &str, memory: &str) -> Value {
        let requests = json!({"requests": {"cpu": cpu, "memory": memory}});
        json!({"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "resources": requests}]}})
    }

    fn sentence(nodes: &[Arc<Value>], pod: &Value) -> String {
        let mut reasons = Vec::new();
        for node in nodes {
            reasons.extend(
                Place::of(node, &[])
                    .refuse(&Need::of(pod), pod)
                    .unwrap_or_default(),
            );
        }
        explain(nodes.len(), &reasons)
    }

    #[test]
    fn a_pod_that_is_too_big_is_refused_in_the_real_words() {
        let nodes = [node(&json!([]), false), node(&json!([]), false)];
        assert_eq!(
            sentence(&nodes, &pod("64", "1Gi")),
            "0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: \
             2 Preemption is not helpful for scheduling."
        );
    }

    #[test]
    fn every_reason_is_counted() {
        let tainted = json!([{"key": "node.kubernetes.io/memory-pressure", "effect": "NoSchedule"}]);
        let full = Arc::new(json!({
            "metadata": {"name": "node-2"},
            "status": {"allocatable": {"cpu": "2", "memory": "4Gi", "pods": "0"}},
        }));
        let nodes = [node(&json!([]), true), node(&tainted, false), full];
        assert_eq!(
            sentence(&nodes, &pod("100m", "1Gi")),
            "0/3 nodes are available: 1 Too many pods, 1 node(s) had untolerated taint(s), \
             1 node(s) were unschedulable. preemption: 0/3 nodes are available: \
             1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling."
        );
        assert_eq!(
            sentence(&[], &pod("1", "1Gi")),
            "no nodes available to schedule pods"
        );
    }

    #[test]
    fn selectors_and_tolerations_open_and_close_nodes() {
        let tainted = node(
            &json!([{"key": "team", "value": "data", "effect": "NoSchedule"}]),
            false,
        );
        let mut guest = pod("1", "1Gi");
        let place = Place::of(&tainted, &[]);
        assert!(place.refuse(&Need::of(&guest), &guest).is_some());
        guest["spec"]["tolerations"] = json!([{"key": "team", "operator": "Equal", "value": "data"}]);
        assert!(place.refuse(&Need::of(&guest), &guest).is_none());
        guest["spec"]["nodeSelector"] = json!({"disk": "hdd"});
        assert!(place.refuse(&Need::of(&guest), &guest).is_some());
    }
}
