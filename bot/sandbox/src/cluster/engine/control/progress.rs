//! How far a Deployment is: its counts, and whether its rollout is done, goes on, is late or rests.

use serde_json::{Value, json};

use super::deployment::Rollout;
use crate::cluster::api::kinds::DEPLOYMENTS;
use crate::cluster::engine::object::{condition, items, name, namespace, number, put_condition, text, time};
use crate::cluster::engine::world::{World, without_zeros};
use crate::cluster::time::rfc3339;

impl Rollout {
    pub(super) fn is_complete(&self) -> bool {
        let status = &self.deployment["status"];
        let all = ["updatedReplicas", "replicas", "availableReplicas"];
        all.iter().all(|count| number(&status[count]) == self.wanted())
            && status["observedGeneration"] == self.deployment["metadata"]["generation"]
    }

    /// While a Deployment is paused its progress is unknown.
    pub(super) fn note_pause(&mut self, world: &mut World) -> anyhow::Result<()> {
        let Some(progressing) = condition(&self.deployment, "Progressing") else {
            return Ok(());
        };
        let reason = text(&progressing["reason"]);
        let paused = self.deployment["spec"]["paused"] == true;
        if self.deadline().is_none() || reason == "ProgressDeadlineExceeded" {
            return Ok(());
        }
        if paused && reason != "DeploymentPaused" {
            return self.progress(
                world,
                "Unknown",
                "DeploymentPaused",
                "Deployment is paused".to_owned(),
            );
        }
        if !paused && reason == "DeploymentPaused" {
            return self.progress(
                world,
                "Unknown",
                "DeploymentResumed",
                "Deployment is resumed".to_owned(),
            );
        }
        Ok(())
    }

    pub(super) fn progress(
        &mut self,
        world: &mut World,
        status: &str,
        reason: &str,
        message: String,
    ) -> anyhow::Result<()> {
        let mut conditions = items(&self.deployment["status"]["conditions"]).to_vec();
        put(
            &mut conditions,
            "Progressing",
            (status, reason, message),
            world.now,
        );
        let key = (namespace(&self.deployment), name(&self.deployment));
        let patch = json!({"status": {"conditions": conditions}});
        self.deployment = world.patch(DEPLOYMENTS, key, "status", &patch)?;
        Ok(())
    }

    pub(super) fn write_status(&self, world: &mut World, rolling: bool) -> anyhow::Result<()> {
        let available = self.sum(|set| set.available);
        let mut conditions = items(&self.deployment["status"]["conditions"]).to_vec();
        let enough = available >= self.wanted() - self.unavailable();
        let (status, reason, not) = match enough {
            true => ("True", "MinimumReplicasAvailable", "has"),
            false => ("False", "MinimumReplicasUnavailable", "does not have"),
        };
        let message = format!("Deployment {not} minimum availability.");
        put(&mut conditions, "Available", (status, reason, message), world.now);
        let mut status = without_zeros(json!({
            "replicas": self.sum(|set| set.there),
            "updatedReplicas": self.new_set().map_or(0, |place| self.sets[place].there),
            "readyReplicas": self.sum(|set| set.ready),
            "availableReplicas": available,
            "unavailableReplicas": (self.sum(|set| set.wanted) - available).max(0),
            "observedGeneration": self.deployment["metadata"]["generation"],
        }));
        for kept in ["collisionCount", "terminatingReplicas"] {
            if !self.deployment["status"][kept].is_null() {
                status[kept] = self.deployment["status"][kept].clone();
            }
        }
        if rolling && self.deadline().is_some() {
            self.judge(world, &status, &mut conditions);
        }
        status["conditions"] = Value::Array(conditions);
        world.put_status(DEPLOYMENTS, &self.deployment, status)?;
        Ok(())
    }

    /// Whether the rollout is done, goes on or has taken too long.
    fn judge(&self, world: &mut World, new: &Value, conditions: &mut Vec<Value>) {
        let old = &self.deployment["status"];
        let reason = condition(&self.deployment, "Progressing").map_or("", |found| text(&found["reason"]));
        let count = |status: &Value, field: &str| number(&status[field]);
        if reason == "NewReplicaSetAvailable" && count(new, "replicas") == count(new, "updatedReplicas") {
            return;
        }
        let set = self.new_set().map_or("", |place| name(&self.sets[place].object));
        let all = ["updatedReplicas", "replicas", "availableReplicas"];
        let complete = all.iter().all(|field| count(new, field) == self.wanted());
        let old_ones = |status: &Value| count(status, "replicas") - count(status, "updatedReplicas");
        let more = |field: &str| count(new, field) > count(old, field);
        let moves = ["updatedReplicas", "readyReplicas", "availableReplicas"]
            .into_iter()
            .any(more);
        if complete {
            let message = format!("ReplicaSet {set:?} has successfully progressed.");
            put(
                conditions,
                "Progressing",
                ("True", "NewReplicaSetAvailable", message),
                world.now,
            );
        } else if moves || old_ones(new) < old_ones(old) {
            let message = format!("ReplicaSet {set:?} is progressing.");
            // This one is renewed at every step, also where its reason stays.
            conditions.retain(|old| old["type"] != "Progressing" || old["status"] == "True");
            let kept = conditions.iter().find(|old| old["type"] == "Progressing");
            let since = kept.map(|old| old["lastTransitionTime"].clone());
            conditions.retain(|old| old["type"] != "Progressing");
            put(
                conditions,
                "Progressing",
                ("True", "ReplicaSetUpdated", message),
                world.now,
            );
            if let (Some(since), Some(last)) = (since, conditions.last_mut()) {
                last["lastTransitionTime"] = since;
            }
        } else if self.is_late(world, conditions) {
            let message = format!("ReplicaSet {set:?} has timed out progressing.");
            put(
                conditions,
                "Progressing",
                ("False", "ProgressDeadlineExceeded", message),
                world.now,
            );
        }
    }

    /// Whether nothing moved for longer than the deadline. Looks again when it passes.
    fn is_late(&self, world: &mut World, conditions: &[Value]) -> bool {
        let Some(progressing) = conditions.iter().find(|old| old["type"] == "Progressing") else {
            return false;
        };
        match text(&progressing["reason"]) {
            "NewReplicaSetAvailable" => return false,
            "ProgressDeadlineExceeded" => return true,
            _ => {}
        }
        let (Some(moved), Some(seconds)) = (time(&progressing["lastUpdateTime"]), self.deadline()) else {
            return false;
        };
        let due = moved + u64::try_from(seconds).unwrap_or_default() * 1000;
        if due < world.now {
            return true;
        }
        world.look_again(due + 1000, DEPLOYMENTS, namespace(&self.deployment));
        false
    }
}

/// Sets a condition of a Deployment as its controller does: an equal one keeps its place and its times, any
/// other is put at the end.
fn put(conditions: &mut Vec<Value>, kind: &str, (status, reason, message): (&str, &str, String), now: u64) {
    let same = |old: &Value| old["type"] == kind && old["status"] == status && old["reason"] == reason;
    if conditions.iter().any(same) {
        return;
    }
    let mut one = Vec::new();
    one.extend(conditions.iter().find(|old| old["type"] == kind).cloned());
    conditions.retain(|old| old["type"] != kind);
    let stamp = rfc3339(now);
    let new = json!({"type": kind, "status": status, "reason": reason, "message": message, "lastUpdateTime": stamp});
    put_condition(&mut one, new, now);
    conditions.append(&mut one);
}
