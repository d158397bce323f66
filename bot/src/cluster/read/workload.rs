//! Deployments, StatefulSets and DaemonSets, read as `kubectl get` and `kubectl rollout status` do.

use k8s_openapi::api::apps::v1 as api;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::time;
use crate::cluster::snapshot::workload::{Images, Kind, Stage, Workload};

/// One Deployment.
pub fn deployment(deployment: &api::Deployment) -> Workload {
    let spec = &deployment.spec;
    let status = deployment.status.clone().unwrap_or_default();
    let count = |count: Option<i32>| i64::from(count.unwrap_or_default());
    Workload {
        desired: i64::from(spec.replicas.unwrap_or(1)),
        current: count(status.replicas),
        ready: count(status.ready_replicas),
        updated: count(status.updated_replicas),
        available: count(status.available_replicas),
        images: images(&spec.template),
        selector: spec.selector.match_labels.clone().unwrap_or_default(),
        paused: spec.paused.unwrap_or_default(),
        stage: deployment_stage(deployment, &status),
        ..named(Kind::Deployment, &deployment.metadata)
    }
}

/// One StatefulSet.
pub fn stateful_set(set: &api::StatefulSet) -> Workload {
    let spec = &set.spec;
    let status = set.status.clone().unwrap_or_default();
    let count = |count: Option<i32>| i64::from(count.unwrap_or_default());
    Workload {
        desired: i64::from(spec.replicas.unwrap_or(1)),
        current: i64::from(status.replicas),
        ready: count(status.ready_replicas),
        updated: count(status.updated_replicas),
        available: count(status.available_replicas),
        images: images(&spec.template),
        selector: spec.selector.match_labels.clone().unwrap_or_default(),
        stage: stateful_set_stage(set, &status),
        ..named(Kind::StatefulSet, &set.metadata)
    }
}

/// One DaemonSet.
pub fn daemon_set(set: &api::DaemonSet) -> Workload {
    let status = set.status.clone().unwrap_or_default();
    let count = |count: Option<i32>| i64::from(count.unwrap_or_default());
    Workload {
        desired: i64::from(status.desired_number_scheduled),
        current: i64::from(status.current_number_scheduled),
        ready: i64::from(status.number_ready),
        updated: count(status.updated_number_scheduled),
        available: count(status.number_available),
        images: images(&set.spec.template),
        selector: set.spec.selector.match_labels.clone().unwrap_or_default(),
        stage: daemon_set_stage(set, &status),
        ..named(Kind::DaemonSet, &set.metadata)
    }
}

/// The images of a template, by container; init containers among them.
pub fn images(template: &PodTemplateSpec) -> Images {
    let spec = template.spec.iter();
    let containers = spec.flat_map(|spec| {
        spec.containers
            .iter()
            .chain(spec.init_containers.iter().flatten())
    });
    containers
        .map(|container| {
            let image = container.image.clone().unwrap_or_default();
            (container.name.clone(), image)
        })
        .collect()
}

/// The first number below which the Pods of a StatefulSet keep their revision.
pub fn partition(set: &api::StatefulSet) -> Option<i64> {
    let strategy = set.spec.update_strategy.as_ref()?;
    strategy.rolling_update.as_ref()?.partition.map(i64::from)
}

fn named(kind: Kind, meta: &ObjectMeta) -> Workload {
    Workload {
        kind,
        namespace: meta.namespace.clone().unwrap_or_default(),
        name: meta.name.clone().unwrap_or_default(),
        uid: meta.uid.clone().unwrap_or_default(),
        created: time::millis(meta.creation_timestamp.as_ref()),
        ..Workload::default()
    }
}

fn deployment_stage(deployment: &api::Deployment, status: &api::DeploymentStatus) -> Stage {
    let generation = deployment.metadata.generation.unwrap_or_default();
    if generation > status.observed_generation.unwrap_or_default() {
        return Stage::NotObserved;
    }
    let mut conditions = status.conditions.iter().flatten();
    let progressing = conditions.find(|condition| condition.type_.as_deref() == Some("Progressing"));
    let reason = progressing.and_then(|condition| condition.reason.as_deref());
    if reason == Some("ProgressDeadlineExceeded") {
        return Stage::DeadlineExceeded;
    }
    let updated = i64::from(status.updated_replicas.unwrap_or_default());
    let current = i64::from(status.replicas.unwrap_or_default());
    let available = i64::from(status.available_replicas.unwrap_or_default());
    match deployment.spec.replicas.map(i64::from) {
        Some(of) if updated < of => return Stage::Updating { updated, of },
        _ => {}
    }
    if current > updated {
        let old = current - updated;
        return Stage::OldPending { old };
    }
    if available < updated {
        return Stage::BecomingAvailable {
            available,
            of: updated,
        };
    }
    Stage::Done { at: None }
}

fn daemon_set_stage(set: &api::DaemonSet, status: &api::DaemonSetStatus) -> Stage {
    let strategy = set.spec.update_strategy.as_ref();
    if strategy.and_then(|strategy| strategy.type_.as_deref()) == Some("OnDelete") {
        return Stage::OnDelete;
    }
    let generation = set.metadata.generation.unwrap_or_default();
    if generation > status.observed_generation.unwrap_or_default() {
        return Stage::NotObserved;
    }
    let of = i64::from(status.desired_number_scheduled);
    let updated = i64::from(status.updated_number_scheduled.unwrap_or_default());
    let available = i64::from(status.number_available.unwrap_or_default());
    if updated < of {
        return Stage::Updating { updated, of };
    }
    if available < of {
        return Stage::BecomingAvailable { available, of };
    }
    Stage::Done { at: None }
}

fn stateful_set_stage(set: &api::StatefulSet, status: &api::StatefulSetStatus) -> Stage {
    let strategy = set.spec.update_strategy.as_ref();
    if strategy.and_then(|strategy| strategy.type_.as_deref()) == Some("OnDelete") {
        return Stage::OnDelete;
    }
    let generation = set.metadata.generation.unwrap_or_default();
    let observed = status.observed_generation.unwrap_or_default();
    if observed == 0 || generation > observed {
        return Stage::NotObserved;
    }
    let desired = set.spec.replicas.map(i64::from);
    let ready = i64::from(status.ready_replicas.unwrap_or_default());
    let updated = i64::from(status.updated_replicas.unwrap_or_default());
    if let Some(desired) = desired.filter(|desired| ready < *desired) {
        let missing = desired - ready;
        return Stage::NotReady { missing };
    }
    if strategy.is_some_and(|strategy| strategy.rolling_update.is_some()) {
        let of = desired.zip(partition(set)).map(|(all, kept)| all - kept);
        return match of.filter(|of| updated < *of) {
            Some(of) => Stage::UpdatingPartition { updated, of },
            None => Stage::PartitionDone { updated },
        };
    }
    let revision = |name: &Option<String>| name.clone().unwrap_or_default();
    if status.update_revision != status.current_revision {
        let revision = revision(&status.update_revision);
        return Stage::ChangingRevision { updated, revision };
    }
    let current = i64::from(status.current_replicas.unwrap_or_default());
    Stage::Done {
        at: Some((current, revision(&status.current_revision))),
    }
}
