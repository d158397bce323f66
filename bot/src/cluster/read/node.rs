//! Nodes, read as `kubectl get nodes -o wide` and `kubectl describe node` do.

use std::collections::BTreeSet;

use k8s_openapi::api::coordination::v1::Lease as ApiLease;
use k8s_openapi::api::core::v1 as api;

use super::{resources, time};
use crate::cluster::snapshot::node::{
    Allocated, Condition, Lease, Node, NodeDetail, NodePod, Ready, System, Taint,
};
use crate::cluster::snapshot::resources::Resources;

const ROLE_PREFIX: &str = "node-role.kubernetes.io/";
const ROLE_LABEL: &str = "kubernetes.io/role";

/// One node.
pub fn node(node: &api::Node) -> Node {
    let meta = &node.metadata;
    let spec = node.spec.as_ref();
    let status = node.status.as_ref();
    let conditions: Vec<_> = conditions(status);
    Node {
        name: meta.name.clone().unwrap_or_default(),
        uid: meta.uid.clone().unwrap_or_default(),
        ready: ready(&conditions),
        unschedulable: spec.and_then(|spec| spec.unschedulable).unwrap_or_default(),
        roles: roles(node),
        created: time::millis(meta.creation_timestamp.as_ref()),
        conditions,
        taints: taints(spec),
        addresses: addresses(status),
        labels: meta.labels.clone().unwrap_or_default(),
        annotations: meta.annotations.clone().unwrap_or_default(),
        capacity: resources::read(status.and_then(|status| status.capacity.as_ref())),
        allocatable: resources::read(status.and_then(|status| status.allocatable.as_ref())),
        system: system(status.and_then(|status| status.node_info.as_ref())),
        pod_cidrs: pod_cidrs(spec),
        provider_id: spec.and_then(|spec| spec.provider_id.clone()),
    }
}

/// One node with its lease and the Pods on it. `None` for what could not be read.
pub fn describe(
    described: &api::Node,
    its_lease: Option<&ApiLease>,
    pods: Option<&[api::Pod]>,
) -> NodeDetail {
    let node = node(described);
    let pods: Option<Vec<&api::Pod>> = pods.map(|pods| pods.iter().filter(|pod| !has_ended(pod)).collect());
    let rows = pods
        .as_ref()
        .map(|pods| pods.iter().map(|pod| node_pod(pod, node.available())).collect());
    let allocated = pods.map(|pods| allocated(&pods, node.available()));
    NodeDetail {
        node,
        lease: its_lease.map(lease),
        pods: rows,
        allocated,
    }
}

/// A node's heartbeat.
pub fn lease(lease: &ApiLease) -> Lease {
    let Some(spec) = &lease.spec else {
        return Lease::default();
    };
    Lease {
        holder: spec.holder_identity.clone().unwrap_or_default(),
        acquired: time::micro(spec.acquire_time.as_ref()),
        renewed: time::micro(spec.renew_time.as_ref()),
        seconds: spec.lease_duration_seconds.map(i64::from),
    }
}

/// True for a Pod that has ended: it holds nothing of its node any more.
fn has_ended(pod: &api::Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    matches!(phase, Some("Succeeded" | "Failed"))
}

/// The last condition of the kind counts, should there be several.
fn ready(conditions: &[Condition]) -> Ready {
    let condition = conditions.iter().rfind(|condition| condition.kind == "Ready");
    match condition.map(|condition| condition.status.as_str()) {
        None => Ready::NotSaid,
        Some("True") => Ready::Yes,
        Some("False") => Ready::No,
        Some(_) => Ready::NotHeard,
    }
}

fn roles(node: &api::Node) -> Vec<String> {
    let labels = node.metadata.labels.iter().flatten();
    let roles: BTreeSet<&str> = labels
        .filter_map(|(key, value)| match key.strip_prefix(ROLE_PREFIX) {
            Some(role) => Some(role),
            None => (key == ROLE_LABEL).then_some(value.as_str()),
        })
        .filter(|role| !role.is_empty())
        .collect();
    roles.into_iter().map(str::to_owned).collect()
}

fn conditions(status: Option<&api::NodeStatus>) -> Vec<Condition> {
    let conditions = status.and_then(|status| status.conditions.as_ref());
    let conditions = conditions.into_iter().flatten();
    conditions
        .map(|condition| Condition {
            kind: condition.type_.clone(),
            status: condition.status.clone(),
            reason: condition.reason.clone().unwrap_or_default(),
            message: condition.message.clone().unwrap_or_default(),
            heartbeat: time::millis(condition.last_heartbeat_time.as_ref()),
            since: time::millis(condition.last_transition_time.as_ref()),
        })
        .collect()
}

fn taints(spec: Option<&api::NodeSpec>) -> Vec<Taint> {
    let taints = spec.and_then(|spec| spec.taints.as_ref());
    let mut taints: Vec<Taint> = taints
        .into_iter()
        .flatten()
        .map(|taint| Taint {
            key: taint.key.clone(),
            value: taint.value.clone().unwrap_or_default(),
            effect: taint.effect.clone(),
            since: time::millis(taint.time_added.as_ref()),
        })
        .collect();
    taints.sort_by(|one, other| (&one.effect, &one.key).cmp(&(&other.effect, &other.key)));
    taints
}

fn addresses(status: Option<&api::NodeStatus>) -> Vec<(String, String)> {
    let addresses = status.and_then(|status| status.addresses.as_ref());
    let addresses = addresses.into_iter().flatten();
    addresses
        .map(|address| (address.type_.clone(), address.address.clone()))
        .collect()
}

fn system(info: Option<&api::NodeSystemInfo>) -> System {
    let Some(info) = info else {
        return System::default();
    };
    System {
        machine_id: info.machine_id.clone(),
        system_uuid: info.system_uuid.clone(),
        boot_id: info.boot_id.clone(),
        kernel: info.kernel_version.clone(),
        os_image: info.os_image.clone(),
        os: info.operating_system.clone(),
        architecture: info.architecture.clone(),
        runtime: info.container_runtime_version.clone(),
        kubelet: info.kubelet_version.clone(),
        swap: info.swap.as_ref().and_then(|swap| swap.capacity),
    }
}

fn pod_cidrs(spec: Option<&api::NodeSpec>) -> Vec<String> {
    let Some(spec) = spec else { return Vec::new() };
    let several = spec.pod_cidrs.clone().unwrap_or_default();
    if several.is_empty() {
        spec.pod_cidr.clone().into_iter().collect()
    } else {
        several
    }
}

fn node_pod(pod: &api::Pod, available: &Resources) -> NodePod {
    let requests = resources::effective_requests(pod);
    let limits = resources::effective_limits(pod);
    NodePod {
        namespace: pod.metadata.namespace.clone().unwrap_or_default(),
        name: pod.metadata.name.clone().unwrap_or_default(),
        cpu_requests: available.share("cpu", requests.get("cpu")),
        cpu_limits: available.share("cpu", limits.get("cpu")),
        memory_requests: available.share("memory", requests.get("memory")),
        memory_limits: available.share("memory", limits.get("memory")),
        created: time::millis(pod.metadata.creation_timestamp.as_ref()),
    }
}

fn allocated(pods: &[&api::Pod], available: &Resources) -> Vec<Allocated> {
    let (mut requests, mut limits) = (Resources::default(), Resources::default());
    for pod in pods {
        requests.add(&resources::requests(pod));
        limits.add(&resources::limits(pod));
    }
    let row = |name: &str, with_percent: bool| Allocated {
        resource: name.to_owned(),
        requests: available.share(name, requests.get(name)),
        limits: available.share(name, limits.get(name)),
        with_percent,
    };
    let standard = ["cpu", "memory", "ephemeral-storage"];
    let names = || available.0.keys().map(String::as_str);
    let is_huge = |name: &&str| name.starts_with("hugepages-");
    let is_other = |name: &&str| !standard.contains(name) && !is_huge(name) && *name != "pods";
    let mut rows: Vec<_> = standard.iter().map(|name| row(name, true)).collect();
    rows.extend(names().filter(is_huge).map(|name| row(name, true)));
    rows.extend(names().filter(is_other).map(|name| row(name, false)));
    rows
}
