//! DaemonSets: one Pod on every node that lets it run.

use std::sync::Arc;

use serde_json::{Value, json};

use super::history;
use super::schedule::fits_daemon;
use super::template::{create, delete, is_available, pod_of};
use crate::cluster::api::kinds::{DAEMON_SETS, NODES, PODS};
use crate::cluster::engine::object::{
    is_active, is_finished, is_going, is_managed_by, is_true, items, name, namespace, number, scaled, text,
    uid,
};
use crate::cluster::engine::record::{Note, Source};
use crate::cluster::engine::world::{Changes, World};

const CONTROLLER: &str = "daemonset-controller";
const REVISION: &str = "controller-revision-hash";
const GENERATION: &str = "pod-template-generation";

/// Looks at the DaemonSets where something changed; at all of them where nodes did.
pub(crate) fn sync(world: &mut World, changes: &Changes) -> anyhow::Result<()> {
    let touched = changes.namespaces(&[DAEMON_SETS, PODS]);
    let everywhere = changes.concern(&[NODES]);
    if touched.is_empty() && !everywhere {
        return Ok(());
    }
    let mut sets = world.list(DAEMON_SETS)?;
    sets.retain(|set| everywhere || touched.contains(namespace(set)));
    if sets.is_empty() {
        return Ok(());
    }
    let nodes = world.list(NODES)?;
    for set in sets {
        let mut pods = world.list_in(PODS, namespace(&set))?;
        pods.retain(|pod| is_managed_by(pod, uid(&set)));
        let hash = world.template_hash(&set);
        history::note(world, &set, &hash, REVISION)?;
        Daemon { set, pods, hash }.sync(world, &nodes)?;
    }
    Ok(())
}

struct Daemon {
    set: Arc<Value>,
    pods: Vec<Arc<Value>>,
    hash: String,
}

impl Daemon {
    fn sync(mut self, world: &mut World, nodes: &[Arc<Value>]) -> anyhow::Result<()> {
        let template = with_daemon_tolerations(&self.set["spec"]["template"]["spec"]);
        let (homes, others): (Vec<_>, Vec<_>) = nodes.iter().partition(|node| fits_daemon(&template, node));
        if !is_going(&self.set) {
            for node in &homes {
                self.sync_node(world, node, &template)?;
            }
            for node in others {
                self.leave(world, name(node))?;
            }
            self.update(world, homes.len())?;
        }
        self.write_status(world, &homes)
    }

    fn on(&self, node: &str) -> Option<Arc<Value>> {
        let mut here = self.pods.iter().filter(|pod| home(pod) == node);
        here.next().cloned()
    }

    fn sync_node(&mut self, world: &mut World, node: &Value, template: &Value) -> anyhow::Result<()> {
        match self.on(name(node)) {
            None => self.place(world, name(node), template),
            Some(pod) if pod["status"]["phase"] == "Failed" && !is_going(&pod) => {
                let message = format!(
                    "Found failed daemon pod {}/{} on node {}, will try to kill it",
                    namespace(&pod),
                    name(&pod),
                    name(node)
                );
                let about = super::about(&self.set);
                let from = Source::Controller(CONTROLLER);
                world.tell(Note {
                    about,
                    warning: true,
                    reason: "FailedDaemonPod",
                    message,
                    from,
                })?;
                delete(world, &self.set, &pod, CONTROLLER)
            }
            Some(_) => Ok(()),
        }
    }

    /// Makes the Pod for a node; the scheduler binds it there.
    fn place(&mut self, world: &mut World, node: &str, template: &Value) -> anyhow::Result<()> {
        let mut pod = pod_of(world, &self.set);
        pod["spec"] = template.clone();
        let field = json!({"key": "metadata.name", "operator": "In", "values": [node]});
        let terms = json!([{"matchFields": [field]}]);
        pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] =
            json!({"nodeSelectorTerms": terms});
        pod["metadata"]["labels"][REVISION] = json!(self.hash);
        pod["metadata"]["labels"][GENERATION] = json!(self.generation());
        let created = create(world, &self.set, pod, CONTROLLER)?;
        self.pods.push(created);
        Ok(())
    }

    fn leave(&self, world: &mut World, node: &str) -> anyhow::Result<()> {
        let Some(pod) = self.on(node).filter(|pod| is_active(pod)) else {
            return Ok(());
        };
        delete(world, &self.set, &pod, CONTROLLER)
    }

    fn generation(&self) -> String {
        match text(&self.set["metadata"]["annotations"]["deprecated.daemonset.template.generation"]) {
            "" => number(&self.set["metadata"]["generation"]).max(1).to_string(),
            noted => noted.to_owned(),
        }
    }

    /// Deletes Pods of an old template, as many at a time as may be missing.
    fn update(&self, world: &mut World, homes: usize) -> anyhow::Result<()> {
        let strategy = &self.set["spec"]["updateStrategy"];
        if strategy["type"] == "OnDelete" {
            return Ok(());
        }
        let total = i64::try_from(homes).unwrap_or_default();
        let allowed = scaled(&strategy["rollingUpdate"]["maxUnavailable"], total, true).max(1);
        let is_old = |pod: &&Arc<Value>| pod["metadata"]["labels"][REVISION] != self.hash;
        let is_up = |pod: &&Arc<Value>| is_active(pod) && is_true(pod, "Ready");
        let up = i64::try_from(self.pods.iter().filter(is_up).count()).unwrap_or_default();
        let mut room = allowed - (total - up);
        for pod in self.pods.iter().filter(is_old) {
            let broken = !is_up(&pod);
            if is_going(pod) || is_finished(pod) || (room <= 0 && !broken) {
                continue;
            }
            delete(world, &self.set, pod, CONTROLLER)?;
            room -= i64::from(!broken);
        }
        Ok(())
    }

    fn write_status(&self, world: &mut World, homes: &[&Arc<Value>]) -> anyhow::Result<()> {
        let least = number(&self.set["spec"]["minReadySeconds"]);
        let is_home = |node: &str| homes.iter().any(|home| name(home) == node);
        let mut counts = [0_i64; 5];
        for pod in self.pods.iter().filter(|pod| !is_going(pod)) {
            let at_home = is_home(home(pod));
            counts[0] += i64::from(at_home);
            counts[1] += i64::from(!at_home);
            counts[2] += i64::from(at_home && is_true(pod, "Ready"));
            counts[3] += i64::from(at_home && pod["metadata"]["labels"][REVISION] == self.hash);
            counts[4] += i64::from(at_home && is_available(world, pod, least));
        }
        let [current, misplaced, ready, updated, available] = counts;
        let desired = i64::try_from(homes.len()).unwrap_or_default();
        let mut status = json!({
            "currentNumberScheduled": current,
            "numberMisscheduled": misplaced,
            "desiredNumberScheduled": desired,
            "numberReady": ready,
            "observedGeneration": self.set["metadata"]["generation"],
        });
        let counts = [
            ("updatedNumberScheduled", updated),
            ("numberAvailable", available),
            ("numberUnavailable", desired - available),
        ];
        for (field, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            status[field] = json!(count);
        }
        world.put_status(DAEMON_SETS, &self.set, status)?;
        Ok(())
    }
}

/// The node that a Pod of a DaemonSet is on or meant for.
fn home(pod: &Value) -> &str {
    let bound = text(&pod["spec"]["nodeName"]);
    if !bound.is_empty() {
        return bound;
    }
    let affinity = &pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"];
    text(&affinity["nodeSelectorTerms"][0]["matchFields"][0]["values"][0])
}

/// A Pod of a DaemonSet stays where others are driven away.
fn with_daemon_tolerations(spec: &Value) -> Value {
    let mut spec = spec.clone();
    let mut tolerations = items(&spec["tolerations"]).to_vec();
    let mut kinds = vec![
        ("not-ready", "NoExecute"),
        ("unreachable", "NoExecute"),
        ("disk-pressure", "NoSchedule"),
        ("memory-pressure", "NoSchedule"),
        ("pid-pressure", "NoSchedule"),
        ("unschedulable", "NoSchedule"),
    ];
    if spec["hostNetwork"] == true {
        kinds.push(("network-unavailable", "NoSchedule"));
    }
    for (key, effect) in kinds {
        let key = format!("node.kubernetes.io/{key}");
        tolerations.push(json!({"key": key, "operator": "Exists", "effect": effect}));
    }
    spec["tolerations"] = json!(tolerations);
    spec
}
