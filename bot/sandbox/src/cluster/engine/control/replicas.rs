//! ReplicaSets: as many Pods as wanted.

use std::sync::Arc;

use serde_json::{Value, json};

use super::template::{create, delete, is_available, pod_of};
use crate::cluster::api::kinds::{PODS, REPLICA_SETS};
use crate::cluster::engine::object::{
    has_all, is_active, is_going, is_managed_by, is_true, items, name, number, text, uid,
};
use crate::cluster::engine::world::{Changes, World};

const CONTROLLER: &str = "replicaset-controller";

/// Looks at the ReplicaSets of every namespace where something changed.
pub(crate) fn sync(world: &mut World, changes: &Changes) -> anyhow::Result<()> {
    for inside in changes.namespaces(&[REPLICA_SETS, PODS]) {
        let sets = world.list_in(REPLICA_SETS, &inside)?;
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
            sync_set(world, &set, owned)?;
        }
    }
    Ok(())
}

fn sync_set(world: &mut World, set: &Value, mut pods: Vec<Arc<Value>>) -> anyhow::Result<()> {
    let wanted = usize::try_from(set["spec"]["replicas"].as_i64().unwrap_or(1)).unwrap_or_default();
    pods.retain(|pod| is_active(pod));
    if !is_going(set) {
        for _ in pods.len()..wanted {
            let pod = pod_of(world, set);
            pods.push(create(world, set, pod, CONTROLLER)?);
        }
        if pods.len() > wanted {
            pods.sort_by_cached_key(|pod| worth(pod));
            for pod in pods.drain(..pods.len() - wanted) {
                delete(world, set, &pod, CONTROLLER)?;
            }
        }
    }
    write_status(world, set, &pods)
}

/// What is deleted first comes first: not yet placed, not running, not ready, restarted often, young.
fn worth(pod: &Value) -> (bool, bool, bool, i64, std::cmp::Reverse<String>, String) {
    let statuses = items(&pod["status"]["containerStatuses"]);
    let restarts: i64 = statuses
        .iter()
        .map(|status| number(&status["restartCount"]))
        .sum();
    (
        pod["spec"]["nodeName"].is_string(),
        pod["status"]["phase"] == "Running",
        is_true(pod, "Ready"),
        -restarts,
        std::cmp::Reverse(text(&pod["metadata"]["creationTimestamp"]).to_owned()),
        name(pod).to_owned(),
    )
}

fn write_status(world: &mut World, set: &Value, pods: &[Arc<Value>]) -> anyhow::Result<()> {
    let least = number(&set["spec"]["minReadySeconds"]);
    let available = pods.iter().filter(|pod| is_available(world, pod, least)).count();
    let labels = set["spec"]["template"]["metadata"]["labels"].as_object();
    let labelled =
        |pod: &&Arc<Value>| labels.is_none_or(|wanted| has_all(wanted, &pod["metadata"]["labels"]));
    let mut status = json!({
        "replicas": pods.len(),
        "observedGeneration": set["metadata"]["generation"],
    });
    let counts = [
        ("fullyLabeledReplicas", pods.iter().filter(labelled).count()),
        (
            "readyReplicas",
            pods.iter().filter(|pod| is_true(pod, "Ready")).count(),
        ),
        ("availableReplicas", available),
    ];
    for (field, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        status[field] = json!(count);
    }
    for kept in ["conditions", "terminatingReplicas"] {
        if !set["status"][kept].is_null() {
            status[kept] = set["status"][kept].clone();
        }
    }
    world.put_status(REPLICA_SETS, set, status)?;
    Ok(())
}
