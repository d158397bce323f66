//! Pods and nodes with what lists of very many of them need, and nothing else.
//!
//! A whole Pod takes 30 kB of memory; serde skips what is not named here without keeping it. The names
//! are those of the API.

use std::borrow::Cow;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope};
use serde::{Deserialize, Deserializer};

use super::pod_status::{ContainerFacts, Ended, Facts};
use super::time;

/// A Pod, as far as a row of [`super::rows`] needs it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct TinyPod {
    /// Namespace, name, version and times; nothing else is kept.
    #[serde(default, deserialize_with = "tiny_meta")]
    pub metadata: ObjectMeta,
    #[serde(default)]
    spec: Spec,
    #[serde(default)]
    status: Status,
}

/// A node, as far as completion and a list need it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct TinyNode {
    /// Name, version and times; nothing else is kept.
    #[serde(default, deserialize_with = "tiny_meta")]
    pub metadata: ObjectMeta,
    #[serde(default)]
    spec: NodeSpec,
    #[serde(default)]
    status: NodeStatus,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    node_name: Option<String>,
    containers: Option<Vec<Empty>>,
    init_containers: Option<Vec<InitContainer>>,
}

/// Something that is counted only.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct Empty {}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct InitContainer {
    name: String,
    restart_policy: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    phase: Option<String>,
    reason: Option<String>,
    conditions: Option<Vec<Condition>>,
    container_statuses: Option<Vec<ContainerStatus>>,
    init_container_statuses: Option<Vec<ContainerStatus>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Condition {
    #[serde(rename = "type")]
    kind: String,
    status: String,
    reason: Option<String>,
    last_transition_time: Option<Time>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ContainerStatus {
    name: String,
    ready: bool,
    started: Option<bool>,
    restart_count: i32,
    state: Option<State>,
    last_state: Option<State>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct State {
    running: Option<Empty>,
    waiting: Option<Waiting>,
    terminated: Option<Terminated>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Waiting {
    reason: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Terminated {
    exit_code: i32,
    signal: Option<i32>,
    reason: Option<String>,
    finished_at: Option<Time>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct NodeSpec {
    unschedulable: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct NodeStatus {
    conditions: Option<Vec<Condition>>,
    node_info: Option<NodeInfo>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct NodeInfo {
    #[serde(rename = "bootID")]
    boot_id: String,
    kubelet_version: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Meta {
    name: Option<String>,
    namespace: Option<String>,
    uid: Option<String>,
    resource_version: Option<String>,
    creation_timestamp: Option<Time>,
    deletion_timestamp: Option<Time>,
}

fn tiny_meta<'de, D: Deserializer<'de>>(from: D) -> Result<ObjectMeta, D::Error> {
    let meta = Meta::deserialize(from)?;
    Ok(ObjectMeta {
        name: meta.name,
        namespace: meta.namespace,
        uid: meta.uid,
        resource_version: meta.resource_version,
        creation_timestamp: meta.creation_timestamp,
        deletion_timestamp: meta.deletion_timestamp,
        ..ObjectMeta::default()
    })
}

impl TinyPod {
    /// The node it runs on, once it has one.
    pub fn node(&self) -> Option<&str> {
        self.spec.node_name.as_deref().filter(|name| !name.is_empty())
    }

    /// What the Pod's state depends on.
    pub fn facts(&self) -> Facts<'_> {
        let init: Vec<&InitContainer> = self.spec.init_containers.iter().flatten().collect();
        let is_sidecar = |container: &InitContainer| container.restart_policy.as_deref() == Some("Always");
        let sidecars = init.iter().filter(|container| is_sidecar(container)).count();
        let named = |name: &str| init.iter().rfind(|container| container.name == name);
        let ready = self.condition("Ready");
        let mut conditions = self.status.conditions.iter().flatten();
        Facts {
            phase: self.status.phase.as_deref().unwrap_or_default(),
            reason: self.status.reason.as_deref().unwrap_or_default(),
            gated: conditions.any(|condition| condition.kind == "PodScheduled" && condition.is_gate()),
            unschedulable: self
                .condition("PodScheduled")
                .is_some_and(|condition| condition.status == "False" && !condition.is_gate()),
            initialized: self.condition("Initialized").is_some_and(Condition::is_true),
            ready: ready.map(|_| self.is_any("Ready")),
            ready_since: ready.and_then(|ready| time::millis(ready.last_transition_time.as_ref())),
            created: time::millis(self.metadata.creation_timestamp.as_ref()),
            deleted: time::millis(self.metadata.deletion_timestamp.as_ref()),
            is_deleted: self.metadata.deletion_timestamp.is_some(),
            init_containers: init.len(),
            containers: self.spec.containers.as_ref().map_or(0, Vec::len) + sidecars,
            init: facts_of(self.status.init_container_statuses.as_ref(), |name| {
                named(name).is_some_and(|container| is_sidecar(container))
            }),
            app: facts_of(self.status.container_statuses.as_ref(), |_| false),
        }
    }

    fn condition(&self, kind: &str) -> Option<&Condition> {
        let mut conditions = self.status.conditions.iter().flatten();
        conditions.find(|condition| condition.kind == kind)
    }

    fn is_any(&self, kind: &str) -> bool {
        let mut conditions = self.status.conditions.iter().flatten();
        conditions.any(|condition| condition.kind == kind && condition.is_true())
    }
}

impl TinyNode {
    /// True if no new Pod is placed on it.
    pub fn is_cordoned(&self) -> bool {
        self.spec.unschedulable.unwrap_or_default()
    }

    /// What the condition `Ready` says: `True`, `False` or `Unknown`; `None` if it is not there.
    pub fn ready(&self) -> Option<&str> {
        let mut conditions = self.status.conditions.iter().flatten();
        conditions
            .rfind(|condition| condition.kind == "Ready")
            .map(|condition| condition.status.as_str())
    }

    /// The word in kubectl's STATUS column.
    pub fn status(&self) -> String {
        let ready = match self.ready() {
            None => "Unknown",
            Some("True") => "Ready",
            Some(_) => "NotReady",
        };
        let cordoned = if self.is_cordoned() {
            ",SchedulingDisabled"
        } else {
            ""
        };
        format!("{ready}{cordoned}")
    }

    /// The kubelet's version, and what the last boot made anew.
    pub fn kubelet_and_boot(&self) -> Option<(&str, &str)> {
        let info = self.status.node_info.as_ref()?;
        Some((&info.kubelet_version, &info.boot_id))
    }
}

impl Condition {
    fn is_true(&self) -> bool {
        self.status == "True"
    }

    fn is_gate(&self) -> bool {
        self.reason.as_deref() == Some("SchedulingGated")
    }
}

fn facts_of(
    statuses: Option<&Vec<ContainerStatus>>,
    is_sidecar: impl Fn(&str) -> bool,
) -> Vec<ContainerFacts<'_>> {
    let statuses = statuses.into_iter().flatten();
    statuses
        .map(|status| {
            let state = status.state.as_ref();
            let waiting = state.and_then(|state| state.waiting.as_ref());
            let ended = state.and_then(|state| state.terminated.as_ref());
            let last = status
                .last_state
                .as_ref()
                .and_then(|state| state.terminated.as_ref());
            ContainerFacts {
                is_sidecar: is_sidecar(&status.name),
                ready: status.ready,
                started: status.started.unwrap_or_default(),
                restarts: i64::from(status.restart_count),
                running: state.is_some_and(|state| state.running.is_some()),
                waiting: waiting.map(|waiting| waiting.reason.as_deref().unwrap_or_default()),
                ended: ended.map(|ended| Ended {
                    reason: ended.reason.as_deref().unwrap_or_default(),
                    code: ended.exit_code,
                    signal: ended.signal.unwrap_or_default(),
                }),
                last_finished: last.and_then(|last| time::millis(last.finished_at.as_ref())),
            }
        })
        .collect()
}

impl kube::Resource for TinyPod {
    type DynamicType = ();
    type Scope = NamespaceResourceScope;

    fn kind(_: &()) -> Cow<'_, str> {
        "Pod".into()
    }

    fn group(_: &()) -> Cow<'_, str> {
        "".into()
    }

    fn version(_: &()) -> Cow<'_, str> {
        "v1".into()
    }

    fn plural(_: &()) -> Cow<'_, str> {
        "pods".into()
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

impl kube::Resource for TinyNode {
    type DynamicType = ();
    type Scope = ClusterResourceScope;

    fn kind(_: &()) -> Cow<'_, str> {
        "Node".into()
    }

    fn group(_: &()) -> Cow<'_, str> {
        "".into()
    }

    fn version(_: &()) -> Cow<'_, str> {
        "v1".into()
    }

    fn plural(_: &()) -> Cow<'_, str> {
        "nodes".into()
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}
