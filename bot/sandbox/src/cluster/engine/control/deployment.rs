//! Deployments: a ReplicaSet for each revision, rolled over within the bounds of the strategy.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::about;
use crate::cluster::api::kinds::{DEPLOYMENTS, PODS, REPLICA_SETS};
use crate::cluster::engine::object::{
    condition, controller_reference, is_finished, is_going, is_managed_by, name, namespace, number, scaled,
    text, uid,
};
use crate::cluster::engine::record::{Note, Source};
use crate::cluster::engine::world::{Changes, World};

const REVISION: &str = "deployment.kubernetes.io/revision";
const HISTORY: &str = "deployment.kubernetes.io/revision-history";
const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
const MOST: &str = "deployment.kubernetes.io/max-replicas";
const APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// What a Deployment with no deadline has as its deadline.
const NO_DEADLINE: i64 = 2_147_483_647;

/// Looks at the Deployments of every namespace where something changed.
pub(crate) fn sync(world: &mut World, changes: &Changes) -> anyhow::Result<()> {
    let touched = changes.namespaces(&[DEPLOYMENTS, REPLICA_SETS]);
    for inside in changes.namespaces(&[DEPLOYMENTS, REPLICA_SETS, PODS]) {
        let mut deployments = world.list_in(DEPLOYMENTS, &inside)?;
        if !touched.contains(&inside) {
            // Only with this strategy a rollout waits for Pods to go.
            deployments.retain(|deployment| deployment["spec"]["strategy"]["type"] == "Recreate");
        }
        if deployments.is_empty() {
            continue;
        }
        let sets = world.list_in(REPLICA_SETS, &inside)?;
        for deployment in deployments {
            let hash = world.template_hash(&deployment);
            Rollout::of(deployment, &sets, hash).sync(world)?;
        }
    }
    Ok(())
}

/// A Deployment and its ReplicaSets, oldest first.
pub(super) struct Rollout {
    pub(super) deployment: Arc<Value>,
    pub(super) sets: Vec<Set>,
    hash: String,
}

#[derive(Clone)]
pub(super) struct Set {
    pub(super) object: Arc<Value>,
    pub(super) wanted: i64,
    pub(super) there: i64,
    pub(super) ready: i64,
    pub(super) available: i64,
    is_new: bool,
}

impl Set {
    fn of(object: &Arc<Value>, hash: &str) -> Self {
        let status = &object["status"];
        Self {
            wanted: number(&object["spec"]["replicas"]),
            there: number(&status["replicas"]),
            ready: number(&status["readyReplicas"]),
            available: number(&status["availableReplicas"]),
            is_new: object["metadata"]["labels"]["pod-template-hash"] == hash,
            object: Arc::clone(object),
        }
    }

    fn revision(&self) -> i64 {
        text(&self.object["metadata"]["annotations"][REVISION])
            .parse()
            .unwrap_or_default()
    }
}

impl Rollout {
    fn of(deployment: Arc<Value>, sets: &[Arc<Value>], hash: String) -> Self {
        let owned = sets
            .iter()
            .filter(|set| is_managed_by(set, uid(&deployment)) && !is_going(set));
        let mut sets: Vec<Set> = owned.map(|set| Set::of(set, &hash)).collect();
        sets.sort_by_key(|set| {
            let born = text(&set.object["metadata"]["creationTimestamp"]).to_owned();
            (born, set.revision())
        });
        Self {
            deployment,
            sets,
            hash,
        }
    }

    fn sync(mut self, world: &mut World) -> anyhow::Result<()> {
        if is_going(&self.deployment) {
            return self.write_status(world, false);
        }
        self.note_pause(world)?;
        let paused = self.deployment["spec"]["paused"] == true;
        if !paused && !self.was_scaled() {
            if self.recreates() && self.clear_away(world)? {
                return self.write_status(world, true);
            }
            if self.new_set().is_none() {
                return self.create_set(world);
            }
            self.sync_revision(world)?;
            let moved = self.roll(world)?;
            if !moved && self.is_complete() {
                self.forget_old_sets(world)?;
            }
            return self.write_status(world, true);
        }
        self.sync_revision(world)?;
        self.scale(world)?;
        self.write_status(world, false)
    }

    pub(super) fn wanted(&self) -> i64 {
        self.deployment["spec"]["replicas"].as_i64().unwrap_or(1)
    }

    fn strategy(&self) -> &Value {
        &self.deployment["spec"]["strategy"]
    }

    fn recreates(&self) -> bool {
        self.strategy()["type"] == "Recreate"
    }

    fn surge(&self) -> i64 {
        if self.recreates() {
            return 0;
        }
        scaled(&self.strategy()["rollingUpdate"]["maxSurge"], self.wanted(), true)
    }

    /// How many may be missing; one where the strategy would allow no step at all.
    pub(super) fn unavailable(&self) -> i64 {
        if self.recreates() {
            return 0;
        }
        let missing = scaled(
            &self.strategy()["rollingUpdate"]["maxUnavailable"],
            self.wanted(),
            false,
        );
        let stuck = missing == 0 && self.surge() == 0;
        if stuck { 1 } else { missing.min(self.wanted()) }
    }

    pub(super) fn deadline(&self) -> Option<i64> {
        let seconds = self.deployment["spec"]["progressDeadlineSeconds"].as_i64();
        seconds.filter(|seconds| *seconds != NO_DEADLINE)
    }

    pub(super) fn new_set(&self) -> Option<usize> {
        self.sets.iter().position(|set| set.is_new)
    }

    pub(super) fn sum(&self, what: impl Fn(&Set) -> i64) -> i64 {
        self.sets.iter().map(what).sum()
    }

    /// A set with Pods was made for another number of replicas: somebody scaled.
    fn was_scaled(&self) -> bool {
        let wanted = self.wanted().to_string();
        let active = self.sets.iter().filter(|set| set.wanted > 0);
        let mut noted = active.map(|set| text(&set.object["metadata"]["annotations"][DESIRED]));
        noted.any(|desired| !desired.is_empty() && desired != wanted)
    }

    fn create_set(&mut self, world: &mut World) -> anyhow::Result<()> {
        let set_name = format!("{}-{}", name(&self.deployment), self.hash);
        let replicas = if self.recreates() {
            self.wanted()
        } else {
            self.room_for_new(0)
        };
        let created = world.create(REPLICA_SETS, self.set_object(&set_name, replicas))?;
        if replicas > 0 {
            self.tell_scaled(world, &set_name, 0, replicas)?;
        }
        let revision = created["metadata"]["annotations"][REVISION].clone();
        self.annotate(world, &revision)?;
        self.sets.push(Set::of(&created, &self.hash));
        let message = format!("Created new replica set {set_name:?}");
        self.progress(world, "True", "NewReplicaSetCreated", message)
    }

    /// With the strategy Recreate the new Pods come when the old ones are gone. Says whether there are any.
    fn clear_away(&mut self, world: &mut World) -> anyhow::Result<bool> {
        let mut busy = false;
        for place in 0..self.sets.len() {
            if !self.sets[place].is_new && self.sets[place].wanted > 0 {
                self.resize(world, place, 0)?;
                busy = true;
            }
        }
        let pods = world.list_in(PODS, namespace(&self.deployment))?;
        let old: Vec<&Set> = self.sets.iter().filter(|set| !set.is_new).collect();
        let is_old = |pod: &Value| old.iter().any(|set| is_managed_by(pod, uid(&set.object)));
        Ok(busy || pods.iter().any(|pod| is_old(pod) && !is_finished(pod)))
    }

    /// How many replicas the new set may have now.
    fn room_for_new(&self, has: i64) -> i64 {
        let room = self.wanted() + self.surge() - self.sum(|set| set.wanted);
        has + room.min(self.wanted() - has).max(0)
    }

    fn set_object(&self, set_name: &str, replicas: i64) -> Value {
        let spec = &self.deployment["spec"];
        let mut template = spec["template"].clone();
        template["metadata"]["labels"]["pod-template-hash"] = json!(self.hash);
        let mut selector = spec["selector"].clone();
        selector["matchLabels"]["pod-template-hash"] = json!(self.hash);
        let mut annotations = self.own_annotations();
        annotations.insert(REVISION.to_owned(), json!(self.next_revision().to_string()));
        annotations.insert(DESIRED.to_owned(), json!(self.wanted().to_string()));
        annotations.insert(MOST.to_owned(), json!((self.wanted() + self.surge()).to_string()));
        let mut set = json!({
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": set_name,
                "namespace": namespace(&self.deployment),
                "labels": template["metadata"]["labels"],
                "annotations": annotations,
                "ownerReferences": [controller_reference(&self.deployment)],
            },
            "spec": {"replicas": replicas, "selector": selector, "template": template},
        });
        if number(&spec["minReadySeconds"]) > 0 {
            set["spec"]["minReadySeconds"] = spec["minReadySeconds"].clone();
        }
        set
    }

    /// The annotations that a ReplicaSet takes over.
    fn own_annotations(&self) -> Map<String, Value> {
        let kept_back = [REVISION, HISTORY, DESIRED, MOST, APPLIED];
        let annotations = self.deployment["metadata"]["annotations"].as_object();
        let all = annotations.into_iter().flatten();
        all.filter(|(key, _)| !kept_back.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    fn next_revision(&self) -> i64 {
        let old = self.sets.iter().filter(|set| !set.is_new);
        old.map(Set::revision).max().unwrap_or_default() + 1
    }

    /// The new set has the highest revision, also where somebody went back to it.
    fn sync_revision(&mut self, world: &mut World) -> anyhow::Result<()> {
        let Some(place) = self.new_set() else {
            return Ok(());
        };
        let (set, next) = (self.sets[place].clone(), self.next_revision());
        let mut annotations = self.own_annotations();
        let old = &set.object["metadata"]["annotations"];
        if set.revision() < next {
            let passed = match text(&old[HISTORY]) {
                "" => set.revision().to_string(),
                history => format!("{history},{}", set.revision()),
            };
            annotations.insert(HISTORY.to_owned(), json!(passed));
            annotations.insert(REVISION.to_owned(), json!(next.to_string()));
        }
        annotations.retain(|key, value| old[key.as_str()] != *value);
        if !annotations.is_empty() {
            let key = (namespace(&set.object), name(&set.object));
            let patched = world.patch(
                REPLICA_SETS,
                key,
                "",
                &json!({"metadata": {"annotations": annotations}}),
            )?;
            self.sets[place] = Set::of(&patched, &self.hash);
        }
        let revision = self.sets[place].object["metadata"]["annotations"][REVISION].clone();
        self.annotate(world, &revision)?;
        if self.deadline().is_some() && condition(&self.deployment, "Progressing").is_none() {
            let message = format!("Found new replica set {:?}", name(&set.object));
            self.progress(world, "True", "FoundNewReplicaSet", message)?;
        }
        Ok(())
    }

    fn annotate(&mut self, world: &mut World, revision: &Value) -> anyhow::Result<()> {
        if &self.deployment["metadata"]["annotations"][REVISION] == revision {
            return Ok(());
        }
        let patch = json!({"metadata": {"annotations": {REVISION: revision}}});
        let key = (namespace(&self.deployment), name(&self.deployment));
        self.deployment = world.patch(DEPLOYMENTS, key, "status", &patch)?;
        Ok(())
    }

    /// One step of the rollout. Says whether there was one.
    fn roll(&mut self, world: &mut World) -> anyhow::Result<bool> {
        let Some(new) = self.new_set() else {
            return Ok(false);
        };
        let (has, wanted) = (self.sets[new].wanted, self.wanted());
        let next = if has > wanted || self.recreates() {
            wanted
        } else {
            self.room_for_new(has)
        };
        if next != has {
            self.resize(world, new, next)?;
            return Ok(true);
        }
        self.shrink_old(world, new)
    }

    /// Takes Pods from old sets: first those that are not available anyway, then as many as may be missing.
    fn shrink_old(&mut self, world: &mut World, new: usize) -> anyhow::Result<bool> {
        let least = self.wanted() - self.unavailable();
        let new_missing = self.sets[new].wanted - self.sets[new].available;
        let mut unhealthy = self.sum(|set| set.wanted) - least - new_missing;
        if unhealthy <= 0 {
            return Ok(false);
        }
        let mut moved = false;
        for place in 0..self.sets.len() {
            let set = &self.sets[place];
            let take = unhealthy.min(set.wanted - set.available);
            if !set.is_new && take > 0 {
                self.resize(world, place, self.sets[place].wanted - take)?;
                (unhealthy, moved) = (unhealthy - take, true);
            }
        }
        let mut surplus = self.sum(|set| set.available) - least;
        for place in 0..self.sets.len() {
            let take = surplus.min(self.sets[place].wanted);
            if !self.sets[place].is_new && take > 0 {
                self.resize(world, place, self.sets[place].wanted - take)?;
                (surplus, moved) = (surplus - take, true);
            }
        }
        Ok(moved)
    }

    /// Brings the sets to a number of replicas that somebody asked for, in proportion while a rollout runs.
    fn scale(&mut self, world: &mut World) -> anyhow::Result<()> {
        let active: Vec<usize> = (0..self.sets.len())
            .filter(|place| self.sets[*place].wanted > 0)
            .collect();
        let newest = self.new_set().or_else(|| self.sets.len().checked_sub(1));
        if active.len() <= 1 {
            let only = active.first().copied().or(newest);
            return only.map_or(Ok(()), |place| self.resize(world, place, self.wanted()));
        }
        let total = self.sum(|set| set.wanted);
        let allowed = if self.wanted() > 0 {
            self.wanted() + self.surge()
        } else {
            0
        };
        let mut left = allowed - total;
        let largest = active
            .iter()
            .copied()
            .max_by_key(|place| self.sets[*place].wanted);
        let mut sizes = BTreeMap::new();
        for place in active {
            let share = (self.sets[place].wanted * allowed + total / 2) / total - self.sets[place].wanted;
            let share = if left > 0 {
                share.clamp(0, left)
            } else {
                share.clamp(left, 0)
            };
            left -= share;
            sizes.insert(place, self.sets[place].wanted + share);
        }
        for (place, size) in sizes {
            let rest = if Some(place) == largest { left } else { 0 };
            self.resize(world, place, (size + rest).max(0))?;
        }
        Ok(())
    }

    fn resize(&mut self, world: &mut World, place: usize, replicas: i64) -> anyhow::Result<()> {
        let set = self.sets[place].clone();
        let noted = json!({
            DESIRED: self.wanted().to_string(),
            MOST: (self.wanted() + self.surge()).to_string(),
        });
        let annotations = &set.object["metadata"]["annotations"];
        if set.wanted == replicas && annotations[DESIRED] == noted[DESIRED] {
            return Ok(());
        }
        let patch = json!({"metadata": {"annotations": noted}, "spec": {"replicas": replicas}});
        let key = (namespace(&set.object), name(&set.object));
        let patched = world.patch(REPLICA_SETS, key, "", &patch)?;
        self.sets[place] = Set::of(&patched, &self.hash);
        if set.wanted == replicas {
            return Ok(());
        }
        self.tell_scaled(world, name(&set.object), set.wanted, replicas)
    }

    fn tell_scaled(&self, world: &mut World, set: &str, from: i64, to: i64) -> anyhow::Result<()> {
        let way = if from < to { "up" } else { "down" };
        world.tell(Note {
            about: about(&self.deployment),
            warning: false,
            reason: "ScalingReplicaSet",
            message: format!("Scaled {way} replica set {set} from {from} to {to}"),
            from: Source::Controller("deployment-controller"),
        })
    }

    fn forget_old_sets(&mut self, world: &mut World) -> anyhow::Result<()> {
        let limit = self.deployment["spec"]["revisionHistoryLimit"]
            .as_u64()
            .unwrap_or(10);
        let empty = |set: &&Set| !set.is_new && set.wanted == 0 && set.there == 0;
        let mut old: Vec<&Set> = self.sets.iter().filter(empty).collect();
        old.sort_by_key(|set| set.revision());
        let surplus = old
            .len()
            .saturating_sub(usize::try_from(limit).unwrap_or(usize::MAX));
        for set in &old[..surplus] {
            world.delete(REPLICA_SETS, (namespace(&set.object), name(&set.object)), None)?;
        }
        Ok(())
    }
}
