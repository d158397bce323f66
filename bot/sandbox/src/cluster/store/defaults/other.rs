//! The kinds with little to fill in, and the first status of every kind.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::super::super::api::kinds;
use super::super::super::catalog::Kind;
use super::{child, default, has, items};

/// What keeps a claim while Pods use it.
pub(in super::super) const CLAIM_PROTECTION: &str = "kubernetes.io/pvc-protection";
/// What keeps a volume while a claim has it.
pub(in super::super) const VOLUME_PROTECTION: &str = "kubernetes.io/pv-protection";

/// The times of conditions are written even where they are not known.
pub(super) fn conditions(kind: &Kind, object: &mut Value) {
    let first = match kind.resource {
        it if it == kinds::PODS => "lastProbeTime",
        it if it == kinds::NODES => "lastHeartbeatTime",
        it if it == kinds::DEPLOYMENTS => "lastUpdateTime",
        it if it.group == "apps" || it.group == "autoscaling" => "lastTransitionTime",
        it if it.plural == "jobs" => "lastProbeTime",
        _ => return,
    };
    let Some(status) = object.get_mut("status") else {
        return;
    };
    for condition in items(status, "conditions") {
        default(condition, first, Value::Null);
        default(condition, "lastTransitionTime", Value::Null);
    }
}

/// Fills in what is not there.
pub(super) fn fill(kind: &Kind, object: &mut Value) {
    match kind.shelf() {
        it if it == kinds::NAMESPACES => namespace(object),
        it if it == kinds::SECRETS => secret(object),
        it if it == kinds::EVENTS => event(object),
        it if it == kinds::NETWORK_POLICIES => network_policy(object),
        it if it == kinds::AUTOSCALERS => autoscaler(object),
        it if it == kinds::ENDPOINT_SLICES => endpoint_slice(object),
        it if it == kinds::CLAIMS => default(child(object, "spec"), "volumeMode", "Filesystem"),
        it if it == kinds::ROLE_BINDINGS || it == kinds::CLUSTER_ROLE_BINDINGS => binding(object),
        it if it == kinds::NODES => node(object),
        _ => match kind.resource.plural {
            "storageclasses" => storage_class(object),
            "persistentvolumes" => persistent_volume(object),
            "priorityclasses" => default(object, "preemptionPolicy", "PreemptLowerPriority"),
            _ => {}
        },
    }
}

/// The status of an object that nobody has looked after yet.
pub(super) fn first_status(kind: &Kind, object: &mut Value) {
    let status = match kind.resource {
        it if it == kinds::REPLICA_SETS => json!({"replicas": 0}),
        it if it == kinds::STATEFUL_SETS => json!({"replicas": 0, "availableReplicas": 0}),
        it if it == kinds::DAEMON_SETS => json!({
            "currentNumberScheduled": 0, "desiredNumberScheduled": 0, "numberMisscheduled": 0, "numberReady": 0,
        }),
        it if it == kinds::DISRUPTION_BUDGETS => json!({
            "currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0,
        }),
        it if it == kinds::AUTOSCALERS => json!({"desiredReplicas": 0, "currentMetrics": null}),
        it if it == kinds::INGRESSES => json!({"loadBalancer": {}}),
        it if it == kinds::NAMESPACES => json!({"phase": "Active"}),
        it if it == kinds::CLAIMS => json!({"phase": "Pending"}),
        _ if kind.resource.plural == "persistentvolumes" => json!({"phase": "Pending"}),
        _ if kind.status => json!({}),
        _ => return,
    };
    default(object, "status", status);
}

fn namespace(object: &mut Value) {
    let name = object["metadata"]["name"].clone();
    let labels = child(child(object, "metadata"), "labels");
    default(labels, "kubernetes.io/metadata.name", name);
    default(child(object, "spec"), "finalizers", json!(["kubernetes"]));
}

/// What is written in clear is stored as bytes.
fn secret(object: &mut Value) {
    default(object, "type", "Opaque");
    let Some(Value::Object(clear)) = object.as_object_mut().and_then(|it| it.remove("stringData")) else {
        return;
    };
    let data = child(object, "data");
    for (key, text) in clear {
        let bytes = text.as_str().unwrap_or_default();
        data[&key] = json!(BASE64_STANDARD.encode(bytes));
    }
}

fn event(object: &mut Value) {
    for field in ["eventTime", "firstTimestamp", "lastTimestamp"] {
        default(object, field, Value::Null);
    }
    default(object, "source", json!({}));
    default(object, "reportingComponent", "");
    default(object, "reportingInstance", "");
}

fn network_policy(object: &mut Value) {
    let spec = child(object, "spec");
    if !has(spec, "policyTypes") {
        let both = has(spec, "egress");
        spec["policyTypes"] = if both {
            json!(["Ingress", "Egress"])
        } else {
            json!(["Ingress"])
        };
    }
    default(spec, "podSelector", json!({}));
    for direction in ["ingress", "egress"] {
        for rule in items(spec, direction) {
            for port in items(rule, "ports") {
                default(port, "protocol", "TCP");
            }
        }
    }
}

fn autoscaler(object: &mut Value) {
    let spec = child(object, "spec");
    default(spec, "minReplicas", 1);
    let target = json!({"type": "Utilization", "averageUtilization": 80});
    default(
        spec,
        "metrics",
        json!([{"type": "Resource", "resource": {"name": "cpu", "target": target}}]),
    );
}

fn endpoint_slice(object: &mut Value) {
    default(object, "endpoints", Value::Null);
    for endpoint in items(object, "endpoints") {
        default(endpoint, "conditions", json!({}));
    }
    for port in items(object, "ports") {
        default(port, "name", "");
        default(port, "protocol", "TCP");
    }
}

fn binding(object: &mut Value) {
    const GROUP: &str = "rbac.authorization.k8s.io";
    default(child(object, "roleRef"), "apiGroup", GROUP);
    for subject in items(object, "subjects") {
        if subject["kind"] != "ServiceAccount" {
            default(subject, "apiGroup", GROUP);
        }
    }
}

/// What a node always says of its machine, if only that it is not known.
const NODE_INFO: &[&str] = &[
    "machineID",
    "systemUUID",
    "bootID",
    "kernelVersion",
    "osImage",
    "containerRuntimeVersion",
    "kubeletVersion",
    "kubeProxyVersion",
    "operatingSystem",
    "architecture",
];

fn node(object: &mut Value) {
    let spec = child(object, "spec");
    if has(spec, "podCIDR") {
        let range = json!([spec["podCIDR"]]);
        default(spec, "podCIDRs", range);
    }
    let status = child(object, "status");
    default(
        child(child(status, "daemonEndpoints"), "kubeletEndpoint"),
        "Port",
        0,
    );
    let info = child(status, "nodeInfo");
    for field in NODE_INFO {
        default(info, field, "");
    }
    if has(status, "capacity") {
        let capacity = status["capacity"].clone();
        default(status, "allocatable", capacity);
    }
}

fn storage_class(object: &mut Value) {
    default(object, "reclaimPolicy", "Delete");
    default(object, "volumeBindingMode", "Immediate");
}

fn persistent_volume(object: &mut Value) {
    let spec = child(object, "spec");
    default(spec, "persistentVolumeReclaimPolicy", "Retain");
    default(spec, "volumeMode", "Filesystem");
    if let Some(path) = spec.get_mut("hostPath") {
        default(path, "type", "");
    }
}

/// Volumes and claims stay as long as they are used.
pub(super) fn protect(kind: &Kind, object: &mut Value) {
    let finalizer = match kind.resource.plural {
        "persistentvolumeclaims" => CLAIM_PROTECTION,
        "persistentvolumes" => VOLUME_PROTECTION,
        _ => return,
    };
    let metadata = child(object, "metadata");
    default(metadata, "finalizers", json!([]));
    if let Some(all) = metadata["finalizers"].as_array_mut()
        && !all.iter().any(|it| it == finalizer)
    {
        all.push(json!(finalizer));
    }
}

/// A node that does not say that it is ready gets no Pods yet.
pub(super) fn taint_new(node: &mut Value) {
    let conditions = node["status"]["conditions"].as_array().into_iter().flatten();
    if conditions
        .into_iter()
        .any(|it| it["type"] == "Ready" && it["status"] == "True")
    {
        return;
    }
    let taint = json!({"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"});
    let spec = child(node, "spec");
    default(spec, "taints", json!([]));
    if let Some(taints) = spec["taints"].as_array_mut()
        && !taints.contains(&taint)
    {
        taints.push(taint);
    }
}
