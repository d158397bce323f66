//! Driving Pods away from nodes whose taints they do not tolerate, or no longer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::schedule::is_for;
use crate::cluster::api::kinds::{NODES, PODS};
use crate::cluster::engine::object::{is_active, items, name, namespace, put_condition, uid};
use crate::cluster::engine::record::{Note, Source};
use crate::cluster::engine::world::{Changes, World};

const NAME: &str = "taint-eviction-controller";

/// The Pods that have to go, and when.
#[derive(Debug, Default)]
pub(crate) struct Evictions {
    due: BTreeMap<String, Due>,
}

#[derive(Debug)]
struct Due {
    at: u64,
    namespace: String,
    name: String,
}

impl Evictions {
    pub(crate) fn sync(&mut self, world: &mut World, changes: &Changes) -> anyhow::Result<()> {
        if !changes.concern(&[NODES, PODS]) {
            return Ok(());
        }
        let mut tainted: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for node in world.list(NODES)? {
            let drives = |taint: &&Value| taint["effect"] == "NoExecute";
            let taints: Vec<Value> = items(&node["spec"]["taints"])
                .iter()
                .filter(drives)
                .cloned()
                .collect();
            if !taints.is_empty() {
                tainted.insert(name(&node).to_owned(), taints);
            }
        }
        if tainted.is_empty() && self.due.is_empty() {
            return Ok(());
        }
        self.plan(world, &tainted)?;
        self.carry_out(world)
    }

    fn plan(&mut self, world: &mut World, tainted: &BTreeMap<String, Vec<Value>>) -> anyhow::Result<()> {
        let pods = world.list(PODS)?;
        let mut driven = BTreeSet::new();
        for pod in pods.iter().filter(|pod| is_active(pod)) {
            let node = pod["spec"]["nodeName"].as_str().unwrap_or_default();
            let Some(wait) = tainted.get(node).and_then(|taints| tolerated_for(pod, taints)) else {
                continue;
            };
            driven.insert(uid(pod).to_owned());
            let at = world.now + wait;
            let due = Due {
                at,
                namespace: namespace(pod).to_owned(),
                name: name(pod).to_owned(),
            };
            let planned = self.due.entry(uid(pod).to_owned()).or_insert(due);
            world.look_again(planned.at, PODS, namespace(pod));
        }
        let is_there = |gone: &str| pods.iter().any(|pod| uid(pod) == gone && is_active(pod));
        let spared: Vec<String> = self
            .due
            .keys()
            .filter(|pod| !driven.contains(*pod))
            .cloned()
            .collect();
        for pod in spared {
            let Some(due) = self.due.remove(&pod).filter(|_| is_there(&pod)) else {
                continue;
            };
            tell(world, &due, "Cancelling deletion of Pod")?;
        }
        Ok(())
    }

    fn carry_out(&mut self, world: &mut World) -> anyhow::Result<()> {
        let now = world.now;
        let ripe: Vec<String> = self
            .due
            .iter()
            .filter(|(_, due)| due.at <= now)
            .map(|(pod, _)| pod.clone())
            .collect();
        for pod in ripe {
            let Some(due) = self.due.remove(&pod) else {
                continue;
            };
            if let Some(pod) = world.get(PODS, &due.namespace, &due.name)? {
                tell(world, &due, "Marking for deletion Pod")?;
                evict(world, &pod)?;
            }
        }
        Ok(())
    }
}

fn evict(world: &mut World, pod: &Arc<Value>) -> anyhow::Result<()> {
    let mut conditions = items(&pod["status"]["conditions"]).to_vec();
    let condition = json!({
        "type": "DisruptionTarget",
        "status": "True",
        "reason": "DeletionByTaintManager",
        "message": "Taint manager: deleting due to NoExecute taint",
        "lastProbeTime": null,
        "observedGeneration": pod["metadata"]["generation"],
    });
    put_condition(&mut conditions, condition, world.now);
    let key = (namespace(pod), name(pod));
    world.patch(
        PODS,
        key,
        "status",
        &json!({"status": {"conditions": conditions}}),
    )?;
    world.delete(PODS, key, None)
}

fn tell(world: &mut World, due: &Due, what: &str) -> anyhow::Result<()> {
    let about = json!({"apiVersion": "v1", "kind": "Pod", "namespace": due.namespace, "name": due.name});
    let message = format!("{what} {}/{}", due.namespace, due.name);
    let from = Source::Controller(NAME);
    world.tell(Note {
        about,
        warning: false,
        reason: "TaintManagerEviction",
        message,
        from,
    })
}

/// For how long (ms) a Pod may stay in spite of these taints; nothing where it may stay forever.
fn tolerated_for(pod: &Value, taints: &[Value]) -> Option<u64> {
    let mut shortest = None;
    for taint in taints {
        let fitting = items(&pod["spec"]["tolerations"])
            .iter()
            .filter(|toleration| is_for(toleration, taint));
        let fitting: Vec<&Value> = fitting.collect();
        if fitting.is_empty() {
            return Some(0);
        }
        let seconds = fitting
            .iter()
            .filter_map(|toleration| toleration["tolerationSeconds"].as_u64())
            .min();
        shortest = shortest
            .into_iter()
            .chain(seconds.map(|seconds| seconds * 1000))
            .min();
    }
    shortest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tolerations_say_how_long_a_pod_may_stay() {
        let taint = [json!({"key": "node.kubernetes.io/unreachable", "effect": "NoExecute"})];
        let pod = |tolerations: Value| json!({"spec": {"tolerations": tolerations}});
        let toleration =
            json!({"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute"});
        assert_eq!(tolerated_for(&pod(json!([])), &taint), Some(0));
        assert_eq!(tolerated_for(&pod(json!([toleration])), &taint), None);
        let mut short = toleration;
        short["tolerationSeconds"] = json!(300);
        assert_eq!(tolerated_for(&pod(json!([short])), &taint), Some(300_000));
    }
}
