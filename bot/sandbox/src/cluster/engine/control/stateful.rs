//! StatefulSets: Pods with numbers, one after the other, each with its claims.

use std::sync::Arc;

use serde_json::{Value, json};

use super::history;
use super::template::{is_available, tell};
use crate::cluster::api::kinds::{CLAIMS, PODS, STATEFUL_SETS};
use crate::cluster::engine::object::{
    controller_reference, is_active, is_finished, is_going, is_managed_by, is_true, items, name, namespace,
    number, text, uid,
};
use crate::cluster::engine::world::{Changes, World};

const CONTROLLER: &str = "statefulset-controller";
const REVISION: &str = "controller-revision-hash";

/// Looks at the StatefulSets of every namespace where something changed.
pub(crate) fn sync(world: &mut World, changes: &Changes) -> anyhow::Result<()> {
    for inside in changes.namespaces(&[STATEFUL_SETS, PODS]) {
        let sets = world.list_in(STATEFUL_SETS, &inside)?;
        if sets.is_empty() {
            continue;
        }
        let pods = world.list_in(PODS, &inside)?;
        for set in sets {
            let owned: Vec<Arc<Value>> = pods
                .iter()
                .filter(|pod| is_managed_by(pod, uid(&set)))
                .cloned()
                .collect();
            let hash = world.template_hash(&set);
            history::note(world, &set, &hash, "controller.kubernetes.io/hash")?;
            Ordered::of(set, owned, &hash).sync(world)?;
        }
    }
    Ok(())
}

/// A StatefulSet, its Pods by their numbers and the revision of its template.
struct Ordered {
    set: Arc<Value>,
    pods: Vec<(i64, Arc<Value>)>,
    revision: String,
}

impl Ordered {
    fn of(set: Arc<Value>, pods: Vec<Arc<Value>>, hash: &str) -> Self {
        let revision = format!("{}-{hash}", name(&set));
        let numbered = |pod: Arc<Value>| Some((ordinal(&set, &pod)?, pod));
        let mut pods: Vec<_> = pods.into_iter().filter_map(numbered).collect();
        pods.sort_by_key(|(number, _)| *number);
        Self { set, pods, revision }
    }

    fn sync(self, world: &mut World) -> anyhow::Result<()> {
        if !is_going(&self.set) {
            self.step(world)?;
        }
        self.write_status(world)
    }

    fn first(&self) -> i64 {
        number(&self.set["spec"]["ordinals"]["start"])
    }

    fn wanted(&self) -> i64 {
        self.set["spec"]["replicas"].as_i64().unwrap_or(1)
    }

    fn parallel(&self) -> bool {
        self.set["spec"]["podManagementPolicy"] == "Parallel"
    }

    fn pod(&self, number: i64) -> Option<&Arc<Value>> {
        self.pods
            .iter()
            .find(|(other, _)| *other == number)
            .map(|(_, pod)| pod)
    }

    /// The next thing to do: one Pod at a time, unless Pods may come in parallel.
    fn step(&self, world: &mut World) -> anyhow::Result<()> {
        let least = number(&self.set["spec"]["minReadySeconds"]);
        for ordinal in self.first()..self.first() + self.wanted() {
            let healthy = match self.pod(ordinal) {
                None => {
                    self.create(world, ordinal)?;
                    false
                }
                Some(pod) if is_finished(pod) && !is_going(pod) => {
                    self.delete(world, pod)?;
                    false
                }
                Some(pod) => is_active(pod) && is_available(world, pod, least),
            };
            if !healthy && !self.parallel() {
                return Ok(());
            }
        }
        if self.shrink(world)? {
            return Ok(());
        }
        self.update(world)
    }

    /// Deletes the Pods above the wanted number, the last first.
    fn shrink(&self, world: &mut World) -> anyhow::Result<bool> {
        let end = self.first() + self.wanted();
        let surplus = self.pods.iter().rev().filter(|(number, _)| *number >= end);
        let mut busy = false;
        for (_, pod) in surplus {
            busy = true;
            if !is_going(pod) {
                self.delete(world, pod)?;
            }
            if !self.parallel() {
                break;
            }
        }
        Ok(busy)
    }

    /// Deletes the last Pod of an old revision once those after it are ready again.
    fn update(&self, world: &mut World) -> anyhow::Result<()> {
        let strategy = &self.set["spec"]["updateStrategy"];
        if strategy["type"] == "OnDelete" {
            return Ok(());
        }
        let partition = number(&strategy["rollingUpdate"]["partition"]);
        for (ordinal, pod) in self.pods.iter().rev() {
            if *ordinal < partition {
                break;
            }
            if pod["metadata"]["labels"][REVISION] != self.revision && !is_going(pod) {
                return self.delete(world, pod);
            }
            if !is_active(pod) || !is_true(pod, "Ready") {
                break;
            }
        }
        Ok(())
    }

    fn create(&self, world: &mut World, ordinal: i64) -> anyhow::Result<()> {
        let set_name = name(&self.set);
        let pod_name = format!("{set_name}-{ordinal}");
        let template = &self.set["spec"]["template"];
        let mut pod = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": template["metadata"],
            "spec": template["spec"],
        });
        let metadata = &mut pod["metadata"];
        metadata["name"] = json!(pod_name);
        metadata["generateName"] = json!(format!("{set_name}-"));
        metadata["namespace"] = json!(namespace(&self.set));
        metadata["ownerReferences"] = json!([controller_reference(&self.set)]);
        metadata["labels"]["apps.kubernetes.io/pod-index"] = json!(ordinal.to_string());
        metadata["labels"]["statefulset.kubernetes.io/pod-name"] = json!(pod_name);
        metadata["labels"][REVISION] = json!(self.revision);
        pod["spec"]["hostname"] = json!(pod_name);
        pod["spec"]["subdomain"] = self.set["spec"]["serviceName"].clone();
        self.claim(world, &mut pod, &pod_name)?;
        world.create(PODS, pod)?;
        let message = format!("create Pod {pod_name} in StatefulSet {set_name} successful");
        tell(world, &self.set, "SuccessfulCreate", message, CONTROLLER)
    }

    /// Makes the claims of a Pod where they are missing, already bound.
    fn claim(&self, world: &mut World, pod: &mut Value, pod_name: &str) -> anyhow::Result<()> {
        let mut volumes = items(&pod["spec"]["volumes"]).to_vec();
        for template in items(&self.set["spec"]["volumeClaimTemplates"]) {
            let claim = format!("{}-{pod_name}", name(template));
            volumes.retain(|volume| volume["name"] != template["metadata"]["name"]);
            volumes.push(json!({"name": name(template), "persistentVolumeClaim": {"claimName": claim}}));
            let inside = namespace(&self.set);
            if world.get(CLAIMS, inside, &claim)?.is_some() {
                continue;
            }
            let volume = format!("pvc-{}", world.dice.uuid(&["volume", inside, &claim]));
            let mut spec = template["spec"].clone();
            spec["volumeName"] = json!(volume);
            let labels = &self.set["spec"]["selector"]["matchLabels"];
            let metadata = json!({"name": claim, "namespace": inside, "labels": labels});
            let object = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec});
            world.create(CLAIMS, object)?;
            let capacity = &template["spec"]["resources"]["requests"];
            let status = json!({"phase": "Bound", "accessModes": template["spec"]["accessModes"], "capacity": capacity});
            world.patch(CLAIMS, (inside, &claim), "status", &json!({"status": status}))?;
            let set_name = name(&self.set);
            let message = format!("create Claim {claim} Pod {pod_name} in StatefulSet {set_name} success");
            tell(world, &self.set, "SuccessfulCreate", message, CONTROLLER)?;
        }
        if !volumes.is_empty() {
            pod["spec"]["volumes"] = json!(volumes);
        }
        Ok(())
    }

    fn delete(&self, world: &mut World, pod: &Value) -> anyhow::Result<()> {
        world.delete(PODS, (namespace(pod), name(pod)), None)?;
        let message = format!(
            "delete Pod {} in StatefulSet {} successful",
            name(pod),
            name(&self.set)
        );
        tell(world, &self.set, "SuccessfulDelete", message, CONTROLLER)
    }

    fn write_status(&self, world: &mut World) -> anyhow::Result<()> {
        let least = number(&self.set["spec"]["minReadySeconds"]);
        let of_revision = |pod: &Value| pod["metadata"]["labels"][REVISION] == self.revision;
        let mut counts = [0_i64; 4];
        for (_, pod) in &self.pods {
            let ready = is_true(pod, "Ready");
            counts[0] += 1;
            counts[1] += i64::from(ready);
            counts[2] += i64::from(is_available(world, pod, least));
            counts[3] += i64::from(of_revision(pod) && is_active(pod));
        }
        let [replicas, ready, available, updated] = counts;
        let complete = updated == replicas && replicas == self.wanted();
        let old = &self.set["status"];
        let current = match text(&old["currentRevision"]) {
            revision if !complete && !revision.is_empty() => revision,
            _ => self.revision.as_str(),
        };
        let mut status = json!({
            "observedGeneration": self.set["metadata"]["generation"],
            "replicas": replicas,
            "availableReplicas": available,
            "currentRevision": current,
            "updateRevision": self.revision,
            "collisionCount": 0,
        });
        let current_count = if complete || current == self.revision {
            replicas
        } else {
            replicas - updated
        };
        let counts = [
            ("readyReplicas", ready),
            ("currentReplicas", current_count),
            ("updatedReplicas", updated),
        ];
        for (field, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            status[field] = json!(count);
        }
        world.put_status(STATEFUL_SETS, &self.set, status)?;
        Ok(())
    }
}

fn ordinal(set: &Value, pod: &Value) -> Option<i64> {
    name(pod).strip_prefix(name(set))?.strip_prefix('-')?.parse().ok()
}
