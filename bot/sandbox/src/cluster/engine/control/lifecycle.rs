//! Nodes: known or new, heard of or silent, and the taints that follow from their conditions.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::about;
use crate::cluster::api::kinds::{LEASES, NODES, PODS};
use crate::cluster::engine::object::{
    condition, is_finished, is_true, items, name, namespace, put_condition, text, time, uid,
};
use crate::cluster::engine::record::{Note, Source};
use crate::cluster::engine::world::{Changes, World};
use crate::cluster::time::rfc3339;

/// A node may be silent for so long, and a new one a little longer.
const GRACE: u64 = 50_000;
const START_GRACE: u64 = 60_000;
/// How often the controller looks at all nodes.
const PERIOD: u64 = 5000;

const NAME: &str = "node-controller";
const SILENT: &str = "Kubelet stopped posting node status.";
const CONDITIONS: [&str; 4] = ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"];

/// What the controller knows of the nodes.
#[derive(Debug, Default)]
pub(crate) struct Lifecycle {
    known: BTreeMap<String, Known>,
}

#[derive(Debug)]
struct Known {
    uid: String,
    since: u64,
    /// The Ready condition that the taints for running Pods follow, and from when on.
    ready: String,
    taint_from: u64,
}

impl Lifecycle {
    pub(crate) fn sync(&mut self, world: &mut World, changes: &Changes) -> anyhow::Result<()> {
        if !changes.concern(&[NODES]) {
            return Ok(());
        }
        let nodes = world.list(NODES)?;
        self.forget_gone(world, &nodes)?;
        for node in &nodes {
            self.register(world, node)?;
            let node = self.watch(world, node)?;
            taint_for_scheduling(world, &node)?;
            self.taint_for_running(world, &node)?;
        }
        Ok(())
    }

    fn register(&mut self, world: &mut World, node: &Value) -> anyhow::Result<()> {
        let node_name = name(node);
        if self
            .known
            .get(node_name)
            .is_some_and(|known| known.uid == uid(node))
        {
            return Ok(());
        }
        let ready = ready_status(node).to_owned();
        let known = Known {
            uid: uid(node).to_owned(),
            since: world.now,
            ready,
            taint_from: world.now,
        };
        self.known.insert(node_name.to_owned(), known);
        tell_of(
            world,
            node,
            "RegisteredNode",
            format!("Node {node_name} event: Registered Node {node_name} in Controller"),
        )
    }

    /// Nodes that are no more; what was on them goes with them.
    fn forget_gone(&mut self, world: &mut World, nodes: &[Arc<Value>]) -> anyhow::Result<()> {
        let is_there = |gone: &&String| !nodes.iter().any(|node| name(node) == gone.as_str());
        let gone: Vec<String> = self.known.keys().filter(is_there).cloned().collect();
        for node_name in gone {
            let known = self.known.remove(&node_name);
            let uid = known.map(|known| known.uid).unwrap_or_default();
            let node =
                json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": node_name, "uid": uid}});
            let message = format!("Node {node_name} event: Removing Node {node_name} from Controller");
            tell_of(world, &node, "RemovingNode", message)?;
            for pod in world.list(PODS)? {
                if pod["spec"]["nodeName"] == node_name.as_str() {
                    world.delete(PODS, (namespace(&pod), name(&pod)), Some(0))?;
                }
            }
        }
        Ok(())
    }

    /// Marks a node of which nothing was heard for too long.
    fn watch(&self, world: &mut World, node: &Arc<Value>) -> anyhow::Result<Arc<Value>> {
        let node_name = name(node);
        if world.beats(node_name) || ready_status(node) == "Unknown" {
            return Ok(Arc::clone(node));
        }
        let started = self.known.get(node_name).map_or(0, |known| known.since);
        let lease = world.get(LEASES, "kube-node-lease", node_name)?;
        let renewed = lease.and_then(|lease| time(&lease["spec"]["renewTime"]));
        let beaten = condition(node, "Ready").and_then(|ready| time(&ready["lastHeartbeatTime"]));
        let heard = renewed.max(beaten);
        let due = heard.map_or(started + START_GRACE, |heard| heard + GRACE);
        if world.now <= due {
            world.look_again(due - due % PERIOD + PERIOD, NODES, "");
            return Ok(Arc::clone(node));
        }
        let was_ready = is_true(node, "Ready");
        let marked = mark_unknown(world, node)?;
        taint_for_scheduling(world, &marked)?;
        if was_ready {
            let message = format!("Node {node_name} status is now: NodeNotReady");
            tell_of(world, &marked, "NodeNotReady", message)?;
            mark_pods(world, node_name)?;
        }
        Ok(world.get(NODES, "", node_name)?.unwrap_or(marked))
    }

    /// The taints that drive Pods away: at once where the controller itself saw the silence, with its next
    /// look at all nodes where the kubelet said so.
    fn taint_for_running(&mut self, world: &mut World, node: &Value) -> anyhow::Result<()> {
        let Some(known) = self.known.get_mut(name(node)) else {
            return Ok(());
        };
        let ready = ready_status(node);
        if known.ready != ready {
            ready.clone_into(&mut known.ready);
            let next = world.now - world.now % PERIOD + PERIOD;
            known.taint_from = if ready == "Unknown" { world.now } else { next };
        }
        if world.now < known.taint_from {
            world.look_again(known.taint_from, NODES, "");
            return Ok(());
        }
        // A node that has just come is given time to become ready.
        let is_new = world.now < known.since + START_GRACE;
        let wanted = match ready {
            "False" if !is_new => Some("node.kubernetes.io/not-ready"),
            "Unknown" => Some("node.kubernetes.io/unreachable"),
            _ => None,
        };
        let owned = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
        write_taints(world, node, "NoExecute", &owned, wanted.as_slice())
    }
}

/// The status of Ready, `Unknown` where there is none.
fn ready_status(node: &Value) -> &str {
    condition(node, "Ready").map_or("", |ready| text(&ready["status"]))
}

fn tell_of(world: &mut World, node: &Value, reason: &'static str, message: String) -> anyhow::Result<()> {
    let about = json!({"apiVersion": "v1", "kind": "Node", "name": name(node), "uid": uid(node)});
    world.tell(Note {
        about,
        warning: false,
        reason,
        message,
        from: Source::Controller(NAME),
    })
}

fn mark_unknown(world: &mut World, node: &Value) -> anyhow::Result<Arc<Value>> {
    let mut conditions = items(&node["status"]["conditions"]).to_vec();
    for kind in CONDITIONS {
        let old = condition(node, kind);
        let (reason, message) = match old {
            Some(_) => ("NodeStatusUnknown", SILENT),
            None => ("NodeStatusNeverUpdated", "Kubelet never posted node status."),
        };
        let beaten = old.map_or(
            &node["metadata"]["creationTimestamp"],
            |old| &old["lastHeartbeatTime"],
        );
        let unknown = json!({
            "type": kind,
            "status": "Unknown",
            "reason": reason,
            "message": message,
            "lastHeartbeatTime": beaten,
        });
        put_condition(&mut conditions, unknown, world.now);
    }
    world.patch(
        NODES,
        ("", name(node)),
        "status",
        &json!({"status": {"conditions": conditions}}),
    )
}

/// Pods on a silent node are not ready: nobody knows better.
fn mark_pods(world: &mut World, node: &str) -> anyhow::Result<()> {
    let pods = world.list(PODS)?;
    let here = |pod: &&Arc<Value>| pod["spec"]["nodeName"] == node && !is_finished(pod);
    for pod in pods.iter().filter(here) {
        if !is_true(pod, "Ready") {
            continue;
        }
        let mut conditions = items(&pod["status"]["conditions"]).to_vec();
        if let Some(ready) = condition(pod, "Ready") {
            let mut ready = ready.clone();
            ready["status"] = json!("False");
            put_condition(&mut conditions, ready, world.now);
        }
        let patch = json!({"status": {"conditions": conditions}});
        world.patch(PODS, (namespace(pod), name(pod)), "status", &patch)?;
        let message = "Node is not ready".to_owned();
        let (about, from) = (about(pod), Source::Controller(NAME));
        world.tell(Note {
            about,
            warning: true,
            reason: "NodeNotReady",
            message,
            from,
        })?;
    }
    Ok(())
}

/// The taints that keep new Pods away.
fn taint_for_scheduling(world: &mut World, node: &Value) -> anyhow::Result<()> {
    const OWNED: [&str; 6] = [
        "node.kubernetes.io/unschedulable",
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
        "node.kubernetes.io/memory-pressure",
        "node.kubernetes.io/disk-pressure",
        "node.kubernetes.io/pid-pressure",
    ];
    let wanted = [
        node["spec"]["unschedulable"] == true,
        ready_status(node) == "False",
        ready_status(node) == "Unknown",
        is_true(node, "MemoryPressure"),
        is_true(node, "DiskPressure"),
        is_true(node, "PIDPressure"),
    ];
    let wanted: Vec<&str> = OWNED
        .into_iter()
        .zip(wanted)
        .filter(|(_, wanted)| *wanted)
        .map(|(key, _)| key)
        .collect();
    write_taints(world, node, "NoSchedule", &OWNED, &wanted)
}

/// Makes those taints of an effect that the controller owns the wanted ones.
fn write_taints(
    world: &mut World,
    node: &Value,
    effect: &str,
    owned: &[&str],
    wanted: &[&str],
) -> anyhow::Result<()> {
    // The node may have been written since it was read.
    let Some(node) = world.get(NODES, "", name(node))? else {
        return Ok(());
    };
    let old = items(&node["spec"]["taints"]);
    let is_owned = |taint: &Value| taint["effect"] == effect && owned.contains(&text(&taint["key"]));
    let kept = |taint: &&Value| !is_owned(taint) || wanted.contains(&text(&taint["key"]));
    let mut taints: Vec<Value> = old.iter().filter(kept).cloned().collect();
    for key in wanted {
        if !taints
            .iter()
            .any(|taint| taint["effect"] == effect && taint["key"] == *key)
        {
            taints.push(json!({"key": key, "effect": effect, "timeAdded": rfc3339(world.now)}));
        }
    }
    if taints == old {
        return Ok(());
    }
    let taints = if taints.is_empty() {
        Value::Null
    } else {
        json!(taints)
    };
    world.patch(NODES, ("", name(&node)), "", &json!({"spec": {"taints": taints}}))?;
    Ok(())
}
