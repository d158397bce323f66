//! PodDisruptionBudgets: how many Pods may be taken away now.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::template::tell;
use crate::cluster::api::Resource;
use crate::cluster::api::kinds::{DEPLOYMENTS, DISRUPTION_BUDGETS, PODS, REPLICA_SETS, STATEFUL_SETS};
use crate::cluster::engine::object::{
    controller, is_active, is_true, items, name, namespace, number, put_condition, scaled, selects, text,
};
use crate::cluster::engine::world::{Changes, World};

/// Looks at the budgets of every namespace where something changed.
pub(crate) fn sync(world: &mut World, changes: &Changes) -> anyhow::Result<()> {
    let kinds = [DISRUPTION_BUDGETS, PODS, REPLICA_SETS, STATEFUL_SETS, DEPLOYMENTS];
    for inside in changes.namespaces(&kinds) {
        let budgets = world.list_in(DISRUPTION_BUDGETS, &inside)?;
        if budgets.is_empty() {
            continue;
        }
        let pods = world.list_in(PODS, &inside)?;
        for budget in budgets {
            let selector = &budget["spec"]["selector"];
            let chosen = pods
                .iter()
                .filter(|pod| selects(selector, &pod["metadata"]["labels"]));
            let chosen: Vec<Arc<Value>> = chosen.cloned().collect();
            sync_budget(world, &budget, &chosen)?;
        }
    }
    Ok(())
}

fn sync_budget(world: &mut World, budget: &Value, pods: &[Arc<Value>]) -> anyhow::Result<()> {
    let disrupted = still_disrupted(budget, pods);
    let is_healthy =
        |pod: &&Arc<Value>| is_active(pod) && is_true(pod, "Ready") && !disrupted.contains_key(name(pod));
    let healthy = i64::try_from(pods.iter().filter(is_healthy).count()).unwrap_or_default();
    let (expected, desired) = expectations(world, budget, pods)?;
    let allowed = if expected > 0 {
        (healthy - desired).max(0)
    } else {
        0
    };
    if pods.is_empty() && budget["status"]["observedGeneration"].is_null() {
        tell(
            world,
            budget,
            "NoPods",
            "No matching pods found".to_owned(),
            "controllermanager",
        )?;
    }
    let (status, reason) = if allowed > 0 {
        ("True", "SufficientPods")
    } else {
        ("False", "InsufficientPods")
    };
    let generation = &budget["metadata"]["generation"];
    let mut conditions = items(&budget["status"]["conditions"]).to_vec();
    let condition = json!({
        "type": "DisruptionAllowed",
        "status": status,
        "reason": reason,
        "message": "",
        "observedGeneration": generation,
    });
    put_condition(&mut conditions, condition, world.now);
    let mut status = json!({
        "conditions": conditions,
        "currentHealthy": healthy,
        "desiredHealthy": desired,
        "disruptionsAllowed": allowed,
        "expectedPods": expected,
        "observedGeneration": generation,
    });
    if !disrupted.is_empty() {
        status["disruptedPods"] = Value::Object(disrupted);
    }
    world.put_status(DISRUPTION_BUDGETS, budget, status)?;
    Ok(())
}

/// The Pods that were evicted and are not yet marked for deletion.
fn still_disrupted(budget: &Value, pods: &[Arc<Value>]) -> Map<String, Value> {
    let noted = budget["status"]["disruptedPods"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    let waits = |pod_name: &str| pods.iter().any(|pod| name(pod) == pod_name && is_active(pod));
    noted
        .into_iter()
        .filter(|(pod_name, _)| waits(pod_name))
        .collect()
}

/// How many Pods there should be, and how many have to stay healthy.
fn expectations(world: &World, budget: &Value, pods: &[Arc<Value>]) -> anyhow::Result<(i64, i64)> {
    let spec = &budget["spec"];
    let there = i64::try_from(pods.len()).unwrap_or_default();
    if !spec["maxUnavailable"].is_null() {
        let expected = expected_by_owners(world, pods)?;
        return Ok((
            expected,
            (expected - scaled(&spec["maxUnavailable"], expected, true)).max(0),
        ));
    }
    if spec["minAvailable"].is_string() {
        let expected = expected_by_owners(world, pods)?;
        return Ok((expected, scaled(&spec["minAvailable"], expected, true)));
    }
    Ok((there, spec["minAvailable"].as_i64().unwrap_or(1)))
}

/// The replicas that the owners of the Pods ask for, each owner once.
fn expected_by_owners(world: &World, pods: &[Arc<Value>]) -> anyhow::Result<i64> {
    let mut seen = BTreeSet::new();
    let mut expected = 0;
    for pod in pods {
        let Some(owner) = controller(pod) else {
            continue;
        };
        let Some((kind, owner)) = top_owner(world, namespace(pod), owner)? else {
            continue;
        };
        if seen.insert((kind, name(&owner).to_owned())) {
            expected += number(&owner["spec"]["replicas"]);
        }
    }
    Ok(expected)
}

fn top_owner(
    world: &World,
    inside: &str,
    owner: &Value,
) -> anyhow::Result<Option<(&'static str, Arc<Value>)>> {
    let owner_name = text(&owner["name"]);
    let found = |of: Resource, named: &str| world.get(of, inside, named);
    match text(&owner["kind"]) {
        "StatefulSet" => Ok(found(STATEFUL_SETS, owner_name)?.map(|set| ("StatefulSet", set))),
        "ReplicaSet" => {
            let Some(set) = found(REPLICA_SETS, owner_name)? else {
                return Ok(None);
            };
            match controller(&set).filter(|owner| owner["kind"] == "Deployment") {
                Some(above) => {
                    let deployment = found(DEPLOYMENTS, text(&above["name"]))?;
                    Ok(deployment.map(|deployment| ("Deployment", deployment)))
                }
                None => Ok(Some(("ReplicaSet", set))),
            }
        }
        _ => Ok(None),
    }
}
