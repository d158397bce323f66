//! Pods and the templates of Pods.

use serde_json::{Value, json};

use super::super::random::Random;
use super::{child, default, has, items};

const NOT_READY: &str = "node.kubernetes.io/not-ready";
const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// A Pod: as its template, and what only Pods get.
pub(super) fn pod(pod: &mut Value) {
    let spec = child(pod, "spec");
    for list in ["containers", "initContainers"] {
        for container in items(spec, list) {
            request_what_is_limited(container);
        }
    }
    template_spec(spec);
    default(spec, "enableServiceLinks", true);
}

/// The template in a workload's specification.
pub(super) fn template(spec: &mut Value) {
    let template = child(spec, "template");
    default(template, "metadata", json!({}));
    // Older kubectls write a time that is null into the template that a rollback brings back. With it the
    // template would be a new one, and a real server keeps no null there.
    if let Some(metadata) = template["metadata"].as_object_mut() {
        metadata.retain(|_, value| !value.is_null());
    }
    template_spec(child(template, "spec"));
}

fn template_spec(spec: &mut Value) {
    default(spec, "restartPolicy", "Always");
    default(spec, "dnsPolicy", "ClusterFirst");
    default(spec, "terminationGracePeriodSeconds", 30);
    default(spec, "securityContext", json!({}));
    default(spec, "schedulerName", "default-scheduler");
    same_account(spec);
    let host_network = spec.get("hostNetwork") == Some(&Value::Bool(true));
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        for it in items(spec, list) {
            container(it, host_network);
        }
    }
    for it in items(spec, "volumes") {
        volume(it);
    }
}

/// The two names of the field hold the same.
fn same_account(spec: &mut Value) {
    if !has(spec, "serviceAccountName") && has(spec, "serviceAccount") {
        spec["serviceAccountName"] = spec["serviceAccount"].clone();
    }
    if has(spec, "serviceAccountName") {
        spec["serviceAccount"] = spec["serviceAccountName"].clone();
    }
}

fn container(container: &mut Value, host_network: bool) {
    let image = container.get("image").and_then(Value::as_str).unwrap_or_default();
    let pull = if is_latest(image) {
        "Always"
    } else {
        "IfNotPresent"
    };
    default(container, "imagePullPolicy", pull);
    default(container, "terminationMessagePath", "/dev/termination-log");
    default(container, "terminationMessagePolicy", "File");
    default(container, "resources", json!({}));
    for port in items(container, "ports") {
        default(port, "protocol", "TCP");
        if host_network {
            let number = port["containerPort"].clone();
            default(port, "hostPort", number);
        }
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if has(container, probe) {
            self::probe(&mut container[probe]);
        }
    }
    for hook in ["postStart", "preStop"] {
        if let Some(get) = container.pointer_mut(&format!("/lifecycle/{hook}/httpGet")) {
            http_get(get);
        }
    }
    for variable in items(container, "env") {
        if let Some(field) = variable.pointer_mut("/valueFrom/fieldRef") {
            default(field, "apiVersion", "v1");
        }
    }
}

fn probe(probe: &mut Value) {
    default(probe, "timeoutSeconds", 1);
    default(probe, "periodSeconds", 10);
    default(probe, "successThreshold", 1);
    default(probe, "failureThreshold", 3);
    if let Some(get) = probe.get_mut("httpGet") {
        http_get(get);
    }
    if let Some(call) = probe.get_mut("grpc") {
        default(call, "service", "");
    }
}

fn http_get(get: &mut Value) {
    default(get, "path", "/");
    default(get, "scheme", "HTTP");
}

fn volume(volume: &mut Value) {
    let has_source = volume
        .as_object()
        .is_some_and(|it| it.keys().any(|key| key != "name"));
    if !has_source {
        default(volume, "emptyDir", json!({}));
    }
    for source in ["configMap", "secret", "downwardAPI", "projected"] {
        if let Some(source) = volume.get_mut(source) {
            default(source, "defaultMode", 420);
        }
    }
    if let Some(path) = volume.get_mut("hostPath") {
        default(path, "type", "");
    }
    if let Some(projected) = volume.get_mut("projected") {
        for source in items(projected, "sources") {
            if let Some(token) = source.get_mut("serviceAccountToken") {
                default(token, "expirationSeconds", 3600);
            }
        }
    }
}

/// No tag and no digest, or the tag `latest`.
fn is_latest(image: &str) -> bool {
    let last = image.rsplit('/').next().unwrap_or(image);
    !last.contains('@') && last.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

fn request_what_is_limited(container: &mut Value) {
    let limits = container
        .pointer("/resources/limits")
        .and_then(Value::as_object)
        .cloned();
    for (name, amount) in limits.unwrap_or_default() {
        let requests = child(child(container, "resources"), "requests");
        default(requests, &name, amount);
    }
}

/// What admission adds to a Pod that is created.
pub(super) fn admit(pod: &mut Value, random: &mut Random) {
    let is_mirror = pod
        .pointer("/metadata/annotations/kubernetes.io~1config.mirror")
        .is_some();
    let spec = child(pod, "spec");
    if !is_mirror {
        account(spec, random);
    }
    default(spec, "priority", 0);
    default(spec, "preemptionPolicy", "PreemptLowerPriority");
    tolerate(spec);
    let class = quality(spec);
    let status = child(pod, "status");
    default(status, "phase", "Pending");
    default(status, "qosClass", class);
}

fn account(spec: &mut Value, random: &mut Random) {
    default(spec, "serviceAccountName", "default");
    same_account(spec);
    if spec.get("automountServiceAccountToken") == Some(&Value::Bool(false)) || mounts_token(spec) {
        return;
    }
    let name = format!("kube-api-access-{}", random.suffix(5));
    default(spec, "volumes", json!([]));
    if let Some(volumes) = spec["volumes"].as_array_mut() {
        volumes.push(token_volume(&name));
    }
    for list in ["containers", "initContainers"] {
        for container in items(spec, list) {
            default(container, "volumeMounts", json!([]));
            if let Some(mounts) = container["volumeMounts"].as_array_mut() {
                mounts.push(json!({"name": name, "readOnly": true, "mountPath": TOKEN_PATH}));
            }
        }
    }
}

/// Whether a Pod that comes from elsewhere brought its token volume.
fn mounts_token(spec: &mut Value) -> bool {
    let mut volumes = items(spec, "volumes");
    volumes.any(|it| {
        it["name"]
            .as_str()
            .is_some_and(|name| name.starts_with("kube-api-access-"))
    })
}

fn token_volume(name: &str) -> Value {
    json!({"name": name, "projected": {"defaultMode": 420, "sources": [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [
            {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}},
        ]}},
    ]}})
}

/// Pods stay five minutes on a node that is not ready or not reachable.
fn tolerate(spec: &mut Value) {
    default(spec, "tolerations", json!([]));
    let Some(list) = spec["tolerations"].as_array_mut() else {
        return;
    };
    for key in [NOT_READY, UNREACHABLE] {
        let covers = |it: &Value| {
            let effect = it["effect"].as_str().unwrap_or_default();
            let named = it["key"].as_str().unwrap_or_default();
            (named == key || named.is_empty()) && (effect == "NoExecute" || effect.is_empty())
        };
        if !list.iter().any(covers) {
            list.push(
                json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}),
            );
        }
    }
}

/// How early a Pod is evicted: by what its containers request and are limited to.
fn quality(spec: &Value) -> &'static str {
    let of = |list: &str| {
        spec.get(list)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let containers: Vec<Value> = [of("containers"), of("initContainers")].concat();
    let amount = |it: &Value, which: &str, what: &str| {
        let amount = it.pointer(&format!("/resources/{which}/{what}"));
        amount
            .filter(|it| it.as_str() != Some("0") && it.as_i64() != Some(0))
            .cloned()
    };
    let kinds = ["cpu", "memory"];
    let says_nothing = |it: &Value| {
        let mut pairs = ["requests", "limits"]
            .into_iter()
            .flat_map(|which| kinds.map(|kind| (which, kind)));
        pairs.all(|(which, kind)| amount(it, which, kind).is_none())
    };
    let is_exact = |it: &Value| {
        kinds.iter().all(|kind| {
            let limit = amount(it, "limits", kind);
            limit.is_some() && limit == amount(it, "requests", kind)
        })
    };
    if containers.iter().all(says_nothing) {
        return "BestEffort";
    }
    if containers.iter().all(is_exact) {
        return "Guaranteed";
    }
    "Burstable"
}
