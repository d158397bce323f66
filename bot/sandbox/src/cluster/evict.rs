//! Evicting a Pod: deleting it only where its disruption budget has room.

use std::sync::Arc;

use serde_json::{Value, json};

use super::api::kinds;
use super::catalog;
use super::problem::Problem;
use super::selector::LabelSelector;
use super::store::{DeleteOptions, Handle, Part};
use super::time;

const VIOLATES: &str = "Cannot evict pod as it would violate the pod's disruption budget.";
const SEVERAL: &str =
    "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";

/// Evicts a Pod, or says why not. As on a real server a refusal after the budget was counted (another uid)
/// leaves it counted.
pub(super) fn evict(
    store: &Handle,
    namespace: &str,
    name: &str,
    options: &DeleteOptions,
    dry_run: bool,
) -> Result<(), Problem> {
    let Some(pods) = catalog::of(kinds::PODS) else {
        return Ok(());
    };
    let pod = store.read(pods, namespace, name)?;
    if !ignores_budgets(&pod) {
        match budgets(store, &pod).as_slice() {
            [] => {}
            [budget] => spend(store, &pod, budget, dry_run)?,
            _ => return Err(Problem::new(500, "", SEVERAL)),
        }
    }
    if dry_run {
        store.remove(pods, namespace, name, options)?;
        return Ok(());
    }
    if let Some(uid) = options
        .uid
        .as_deref()
        .filter(|uid| pod["metadata"]["uid"] != *uid)
    {
        let there = pod["metadata"]["uid"].as_str().unwrap_or_default();
        return Err(Problem::other_uid(kinds::PODS, name, uid, there));
    }
    let now = time::rfc3339(store.time());
    store.edit(pods, namespace, name, Part::Status, |pod| Ok(targeted(pod, &now)))?;
    // The version is the one before the condition was written.
    let options = DeleteOptions {
        resource_version: None,
        ..options.clone()
    };
    store.remove(pods, namespace, name, &options)?;
    Ok(())
}

/// Whether a Pod may go whatever its budget says.
fn ignores_budgets(pod: &Value) -> bool {
    matches!(
        pod["status"]["phase"].as_str(),
        Some("Succeeded" | "Failed" | "Pending")
    ) || pod["metadata"].get("deletionTimestamp").is_some()
}

fn budgets(store: &Handle, pod: &Value) -> Vec<Arc<Value>> {
    let namespace = pod["metadata"]["namespace"].as_str().unwrap_or_default();
    let Some(kind) = catalog::of(kinds::DISRUPTION_BUDGETS) else {
        return Vec::new();
    };
    let labels = &pod["metadata"]["labels"];
    let guards = |budget: &Arc<Value>| {
        let selector = &budget["spec"]["selector"];
        !selector.is_null() && LabelSelector::of_object(selector).matches(labels)
    };
    store
        .list_in(kind, namespace)
        .0
        .into_iter()
        .filter(guards)
        .collect()
}

/// Takes one disruption of the budget, unless the Pod may go without.
fn spend(store: &Handle, pod: &Value, budget: &Value, dry_run: bool) -> Result<(), Problem> {
    let status = |field: &str| budget["status"][field].as_i64().unwrap_or(0);
    if !is_ready(pod) {
        let always = budget["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow";
        let is_healthy = status("currentHealthy") >= status("desiredHealthy") && status("desiredHealthy") > 0;
        if always || is_healthy {
            return Ok(());
        }
    }
    let name = budget["metadata"]["name"].as_str().unwrap_or_default();
    if status("observedGeneration") < budget["metadata"]["generation"].as_i64().unwrap_or(0) {
        let why = format!("The disruption budget {name} is still being processed by the server.");
        return Err(too_many(&why, Some(10)));
    }
    if status("disruptionsAllowed") <= 0 {
        return Err(too_many(&blocked(name, budget), None));
    }
    if dry_run {
        return Ok(());
    }
    count(store, pod, budget)
}

fn is_ready(pod: &Value) -> bool {
    let conditions = pod["status"]["conditions"].as_array().into_iter().flatten();
    conditions
        .into_iter()
        .any(|it| it["type"] == "Ready" && it["status"] == "True")
}

fn blocked(name: &str, budget: &Value) -> String {
    let status = |field: &str| budget["status"][field].as_i64().unwrap_or(0);
    let conditions = budget["status"]["conditions"].as_array().into_iter().flatten();
    let condition = conditions
        .into_iter()
        .find(|it| it["type"] == "DisruptionAllowed");
    let message = condition
        .filter(|it| it["status"] == "False")
        .and_then(|it| it["message"].as_str())
        .filter(|it| !it.is_empty());
    let reason = condition.and_then(|it| it["reason"].as_str()).unwrap_or_default();
    let (has, needs) = (status("currentHealthy"), status("desiredHealthy"));
    match message {
        Some(message) if reason == "SyncFailed" => format!(
            "The disruption budget {name} does not allow evicting pods currently because it failed sync: {message}"
        ),
        _ if has <= needs => {
            format!("The disruption budget {name} needs {needs} healthy pods and has {has} currently")
        }
        Some(message) => {
            format!(
                "The disruption budget {name} does not allow evicting pods currently ({reason}): {message}"
            )
        }
        None => format!("The disruption budget {name} does not allow evicting pods currently"),
    }
}

fn too_many(why: &str, retry_after: Option<u32>) -> Problem {
    let mut details = json!({"causes": [{"reason": "DisruptionBudget", "message": why}]});
    if let Some(seconds) = retry_after {
        details["retryAfterSeconds"] = json!(seconds);
    }
    Problem {
        details: Some(Box::new(details)),
        retry_after,
        ..Problem::new(429, "TooManyRequests", VIOLATES)
    }
}

/// Notes the disruption in the budget's status, until its controller has seen the Pod go.
fn count(store: &Handle, pod: &Value, budget: &Value) -> Result<(), Problem> {
    let Some(kind) = catalog::of(kinds::DISRUPTION_BUDGETS) else {
        return Ok(());
    };
    let text = |of: &Value, field: &str| of["metadata"][field].as_str().unwrap_or_default().to_owned();
    let now = time::rfc3339(store.time());
    let change = |mut budget: Value| {
        let status = &mut budget["status"];
        let left = status["disruptionsAllowed"].as_i64().unwrap_or(0) - 1;
        status["disruptionsAllowed"] = json!(left);
        status["disruptedPods"][text(pod, "name")] = json!(now);
        if left == 0 {
            exhausted(status, &now);
        }
        Ok(budget)
    };
    store.edit(
        kind,
        &text(budget, "namespace"),
        &text(budget, "name"),
        Part::Status,
        change,
    )?;
    Ok(())
}

fn exhausted(status: &mut Value, now: &str) {
    let generation = status["observedGeneration"].clone();
    for condition in status["conditions"].as_array_mut().into_iter().flatten() {
        if condition["type"] == "DisruptionAllowed" {
            if condition["status"] != "False" {
                condition["lastTransitionTime"] = json!(now);
            }
            condition["status"] = json!("False");
            condition["reason"] = json!("InsufficientPods");
            condition["message"] = json!("");
            condition["observedGeneration"] = generation.clone();
        }
    }
}

/// A Pod with the condition that says why it goes.
fn targeted(mut pod: Value, now: &str) -> Value {
    let condition = json!({
        "type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI",
        "message": "Eviction API: evicting", "lastProbeTime": null, "lastTransitionTime": now,
    });
    if !pod["status"]["conditions"].is_array() {
        pod["status"]["conditions"] = json!([]);
    }
    if let Some(conditions) = pod["status"]["conditions"].as_array_mut() {
        match conditions.iter_mut().find(|it| it["type"] == "DisruptionTarget") {
            Some(there) => *there = condition,
            None => conditions.push(condition),
        }
    }
    pod
}
