//! Pods, read as `kubectl get pods -o wide` does, and why they are not fine.

use k8s_openapi::api::core::v1 as api;

use super::pod_status::{self, ContainerFacts, Ended, Facts, Printed};
use super::{pod_detail, resources, time};
use crate::cluster::snapshot::pod::{Exit, Pod, Trouble};

/// The Pod less what its containers are given and where it may run: that is most of it, and no list needs it.
pub fn slim(mut pod: api::Pod) -> api::Pod {
    pod.metadata.managed_fields = None;
    pod.metadata.annotations = None;
    if let Some(spec) = &mut pod.spec {
        spec.volumes = None;
        spec.tolerations = None;
        spec.affinity = None;
        let init = spec.init_containers.iter_mut().flatten();
        for container in init.chain(&mut spec.containers) {
            container.env = None;
            container.env_from = None;
            container.volume_mounts = None;
        }
    }
    pod
}

/// One Pod.
pub fn pod(pod: &api::Pod) -> Pod {
    let meta = &pod.metadata;
    let status = pod.status.as_ref();
    let facts = facts(pod);
    let printed = Printed::of(&facts);
    let text = |field: Option<&String>| field.filter(|text| !text.is_empty()).cloned();
    Pod {
        namespace: meta.namespace.clone().unwrap_or_default(),
        name: meta.name.clone().unwrap_or_default(),
        uid: meta.uid.clone().unwrap_or_default(),
        is_ready: pod_status::is_ready(&facts, &printed),
        verdict: pod_status::verdict(&facts, &printed),
        status: printed.status,
        phase: facts.phase.to_owned(),
        ready: printed.ready,
        containers: printed.total,
        restarts: printed.restarts,
        last_restart: printed.last_restart,
        created: facts.created,
        deleted: facts.deleted,
        node: text(pod.spec.as_ref().and_then(|spec| spec.node_name.as_ref())),
        ip: text(status.and_then(|status| status.pod_ip.as_ref())),
        owner: owner(meta),
        qos: status
            .and_then(|status| status.qos_class.clone())
            .unwrap_or_default(),
        labels: meta.labels.clone().unwrap_or_default(),
        troubles: troubles(pod),
    }
}

/// What made an object: kind and name.
pub fn owner(meta: &k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta) -> Option<(String, String)> {
    let mut owners = meta.owner_references.iter().flatten();
    let owner = owners.find(|owner| owner.controller == Some(true))?;
    Some((owner.kind.clone(), owner.name.clone()))
}

/// What the Pod's state depends on.
pub fn facts(pod: &api::Pod) -> Facts<'_> {
    let spec = pod.spec.as_ref();
    let status = pod.status.as_ref();
    let init: Vec<_> = spec
        .iter()
        .flat_map(|spec| spec.init_containers.iter().flatten())
        .collect();
    let is_sidecar = |name: &str| {
        init.iter()
            .rfind(|container| container.name == name)
            .is_some_and(|container| resources::is_sidecar(container))
    };
    let sidecars = init
        .iter()
        .filter(|container| resources::is_sidecar(container))
        .count();
    let ready = condition(pod, "Ready");
    let scheduled = condition(pod, "PodScheduled");
    let is_gated = |condition: &&api::PodCondition| {
        condition.type_ == "PodScheduled" && is_reason(condition, "SchedulingGated")
    };
    Facts {
        phase: text(status.and_then(|status| status.phase.as_ref())),
        reason: text(status.and_then(|status| status.reason.as_ref())),
        gated: conditions(pod).any(|condition| is_gated(&condition)),
        unschedulable: scheduled
            .is_some_and(|condition| condition.status == "False" && !is_gated(&condition)),
        initialized: condition(pod, "Initialized").is_some_and(is_true),
        ready: ready.map(|_| conditions(pod).any(|one| one.type_ == "Ready" && is_true(one))),
        ready_since: ready.and_then(|ready| time::millis(ready.last_transition_time.as_ref())),
        created: time::millis(pod.metadata.creation_timestamp.as_ref()),
        deleted: time::millis(pod.metadata.deletion_timestamp.as_ref()),
        is_deleted: pod.metadata.deletion_timestamp.is_some(),
        init_containers: init.len(),
        containers: spec.map_or(0, |spec| spec.containers.len()) + sidecars,
        init: statuses(status.and_then(|status| status.init_container_statuses.as_ref()))
            .map(|status| container(status, is_sidecar(&status.name)))
            .collect(),
        app: statuses(status.and_then(|status| status.container_statuses.as_ref()))
            .map(|status| container(status, false))
            .collect(),
    }
}

/// How a container ended.
pub fn exit(ended: &api::ContainerStateTerminated) -> Exit {
    Exit {
        reason: ended.reason.clone().unwrap_or_default(),
        code: ended.exit_code,
        signal: ended.signal.filter(|signal| *signal > 0),
        message: ended.message.clone().unwrap_or_default(),
        started: time::millis(ended.started_at.as_ref()),
        finished: time::millis(ended.finished_at.as_ref()),
    }
}

fn text(text: Option<&String>) -> &str {
    text.map_or("", String::as_str)
}

fn statuses(statuses: Option<&Vec<api::ContainerStatus>>) -> impl Iterator<Item = &api::ContainerStatus> {
    statuses.into_iter().flatten()
}

fn conditions(pod: &api::Pod) -> impl Iterator<Item = &api::PodCondition> {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    conditions.into_iter().flatten()
}

fn condition<'a>(pod: &'a api::Pod, kind: &str) -> Option<&'a api::PodCondition> {
    conditions(pod).find(|condition| condition.type_ == kind)
}

fn is_true(condition: &api::PodCondition) -> bool {
    condition.status == "True"
}

fn is_reason(condition: &api::PodCondition, reason: &str) -> bool {
    condition.reason.as_deref() == Some(reason)
}

fn container(status: &api::ContainerStatus, is_sidecar: bool) -> ContainerFacts<'_> {
    let state = status.state.as_ref();
    let waiting = state.and_then(|state| state.waiting.as_ref());
    let ended = state.and_then(|state| state.terminated.as_ref());
    ContainerFacts {
        is_sidecar,
        ready: status.ready,
        started: status.started.unwrap_or_default(),
        restarts: i64::from(status.restart_count),
        running: state.is_some_and(|state| state.running.is_some()),
        waiting: waiting.map(|waiting| text(waiting.reason.as_ref())),
        ended: ended.map(|ended| Ended {
            reason: text(ended.reason.as_ref()),
            code: ended.exit_code,
            signal: ended.signal.unwrap_or_default(),
        }),
        last_finished: last_ended(status).and_then(|ended| time::millis(ended.finished_at.as_ref())),
    }
}

fn last_ended(status: &api::ContainerStatus) -> Option<&api::ContainerStateTerminated> {
    status.last_state.as_ref()?.terminated.as_ref()
}

/// Everything that is not as it should be, the Pod's own first, then container by container.
fn troubles(pod: &api::Pod) -> Vec<Trouble> {
    let mut troubles = of_the_pod(pod);
    let Some(status) = &pod.status else {
        return troubles;
    };
    let has_ended = matches!(status.phase.as_deref(), Some("Succeeded"));
    for container in statuses(status.init_container_statuses.as_ref()) {
        of_container(pod, container, true, &mut troubles);
    }
    for container in statuses(status.container_statuses.as_ref()) {
        of_container(pod, container, false, &mut troubles);
    }
    // A restart in the past explains nothing about the present.
    let explains = |trouble: &Trouble| !matches!(trouble, Trouble::Restarted { .. });
    if !has_ended && !troubles.iter().any(explains) {
        troubles.extend(of_conditions(pod));
    }
    troubles
}

fn of_the_pod(pod: &api::Pod) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    let status = pod.status.as_ref();
    let phase = text(status.and_then(|status| status.phase.as_ref()));
    let reason = text(status.and_then(|status| status.reason.as_ref()));
    let message = text(status.and_then(|status| status.message.as_ref()));
    if phase == "Failed" && !(reason.is_empty() && message.is_empty()) || reason == "NodeLost" {
        troubles.push(Trouble::Failed {
            reason: reason.to_owned(),
            message: message.to_owned(),
        });
    }
    if let Some(scheduled) = condition(pod, "PodScheduled").filter(|one| one.status == "False") {
        troubles.push(Trouble::Unschedulable {
            reason: text(scheduled.reason.as_ref()).to_owned(),
            message: text(scheduled.message.as_ref()).to_owned(),
        });
    }
    if pod.metadata.deletion_timestamp.is_some() {
        troubles.push(Trouble::Deleted {
            due: time::millis(pod.metadata.deletion_timestamp.as_ref()),
        });
    }
    troubles
}

fn of_container(pod: &api::Pod, status: &api::ContainerStatus, is_init: bool, troubles: &mut Vec<Trouble>) {
    let facts = container(status, false);
    let name = || status.name.clone();
    let state = status.state.as_ref();
    if let Some(waiting) = state.and_then(|state| state.waiting.as_ref()) {
        let reason = text(waiting.reason.as_ref());
        if !matches!(reason, "" | "ContainerCreating" | "PodInitializing") {
            troubles.push(Trouble::Waiting {
                container: name(),
                is_init,
                reason: reason.to_owned(),
                message: text(waiting.message.as_ref()).to_owned(),
            });
        }
    }
    let ended = state.and_then(|state| state.terminated.as_ref());
    if let Some(ended) = ended.filter(|ended| ended.exit_code != 0) {
        troubles.push(Trouble::Ended {
            container: name(),
            is_init,
            exit: exit(ended),
        });
    }
    if status.restart_count > 0 {
        troubles.push(Trouble::Restarted {
            container: name(),
            is_init,
            restarts: i64::from(status.restart_count),
            exit: last_ended(status).map(exit),
        });
    }
    if facts.running && !status.ready && !is_init {
        troubles.push(Trouble::NotReady {
            container: name(),
            started: status.started.unwrap_or(true),
            probe: readiness_probe(pod, &status.name),
        });
    }
}

fn readiness_probe(pod: &api::Pod, name: &str) -> Option<String> {
    let mut containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    let container = containers.find(|container| container.name == name)?;
    container.readiness_probe.as_ref().map(pod_detail::probe)
}

/// A Pod whose containers are fine may still not be ready: a readiness gate, or a node that is lost.
fn of_conditions(pod: &api::Pod) -> Vec<Trouble> {
    let containers_ready = condition(pod, "ContainersReady").is_some_and(is_true);
    let ready = condition(pod, "Ready").filter(|ready| !is_true(ready));
    ready
        .filter(|_| containers_ready)
        .map(|ready| Trouble::Condition {
            kind: ready.type_.clone(),
            reason: text(ready.reason.as_ref()).to_owned(),
            message: text(ready.message.as_ref()).to_owned(),
        })
        .into_iter()
        .collect()
}
