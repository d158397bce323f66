//! Rollouts: what one waits for, and the revisions that it went through.

use std::cmp::Reverse;

use k8s_openapi::api::apps::v1 as api;
use k8s_openapi::api::core::v1::{Pod, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};

use super::{pod, time, workload};
use crate::cluster::snapshot::pod::Pod as Row;
use crate::cluster::snapshot::workload::{Condition, Images, Revision, Rollout};

const REVISION: &str = "deployment.kubernetes.io/revision";
const FORMER: &str = "deployment.kubernetes.io/revision-history";
const CAUSE: &str = "kubernetes.io/change-cause";
const TEMPLATE_HASH: &str = "pod-template-hash";
const REVISION_HASH: &str = "controller-revision-hash";

/// The rollout of a Deployment. ReplicaSets and Pods may be those of the whole namespace.
pub fn of_deployment(deployment: &api::Deployment, sets: &[api::ReplicaSet], pods: &[Pod]) -> Rollout {
    let own = owned_sets(deployment, sets);
    let newest = newest_set(deployment, &own);
    let of_newest = |pod: &&Pod| newest.is_some_and(|set| is_owned(&pod.metadata, &set.metadata));
    let of_older = |pod: &&Pod| {
        let owners = own
            .iter()
            .filter(|set| newest.is_none_or(|newest| set.metadata.uid != newest.metadata.uid));
        owners.clone().any(|set| is_owned(&pod.metadata, &set.metadata))
    };
    let conditions = deployment
        .status
        .iter()
        .filter_map(|status| status.conditions.as_ref());
    Rollout {
        workload: workload::deployment(deployment),
        conditions: conditions
            .flatten()
            .map(|one| {
                told(
                    [&one.type_, &one.status, &one.reason, &one.message],
                    one.last_transition_time.as_ref(),
                )
            })
            .collect(),
        waits_for: not_ready(pods.iter().filter(of_newest)),
        old_pods: pods.iter().filter(of_older).count(),
        revisions: revisions(&own),
        deadline_seconds: deployment.spec.progress_deadline_seconds.map(i64::from),
        min_ready_seconds: i64::from(deployment.spec.min_ready_seconds.unwrap_or_default()),
        partition: 0,
    }
}

/// The rollout of a StatefulSet. It waits for every Pod that is not ready, also for those of an earlier
/// revision: a broken one stops it.
pub fn of_stateful_set(set: &api::StatefulSet, kept: &[api::ControllerRevision], pods: &[Pod]) -> Rollout {
    let newest = set
        .status
        .as_ref()
        .and_then(|status| status.update_revision.as_deref());
    let own = || pods.iter().filter(|pod| is_owned(&pod.metadata, &set.metadata));
    let conditions = set.status.iter().filter_map(|status| status.conditions.as_ref());
    Rollout {
        workload: workload::stateful_set(set),
        conditions: conditions
            .flatten()
            .map(|one| {
                told(
                    [&one.type_, &one.status, &one.reason, &one.message],
                    one.last_transition_time.as_ref(),
                )
            })
            .collect(),
        waits_for: not_ready(own()),
        old_pods: own()
            .filter(|pod| newest.is_some_and(|newest| hash(pod) != newest))
            .count(),
        revisions: kept_revisions(&set.metadata, kept),
        deadline_seconds: None,
        min_ready_seconds: i64::from(set.spec.min_ready_seconds.unwrap_or_default()),
        partition: workload::partition(set).unwrap_or_default(),
    }
}

/// The rollout of a DaemonSet. It waits for every Pod that is not ready.
pub fn of_daemon_set(set: &api::DaemonSet, kept: &[api::ControllerRevision], pods: &[Pod]) -> Rollout {
    let own = || pods.iter().filter(|pod| is_owned(&pod.metadata, &set.metadata));
    let revisions = kept.iter().filter(|one| is_owned(&one.metadata, &set.metadata));
    let newest = revisions
        .max_by_key(|revision| revision.revision)
        .and_then(|revision| revision.metadata.labels.as_ref()?.get(REVISION_HASH).cloned());
    Rollout {
        workload: workload::daemon_set(set),
        conditions: Vec::new(),
        waits_for: not_ready(own()),
        old_pods: own()
            .filter(|pod| newest.as_ref().is_some_and(|newest| hash(pod) != newest))
            .count(),
        revisions: kept_revisions(&set.metadata, kept),
        deadline_seconds: None,
        min_ready_seconds: i64::from(set.spec.min_ready_seconds.unwrap_or_default()),
        partition: 0,
    }
}

/// The ReplicaSets that a Deployment made, oldest first.
pub fn owned_sets<'a>(deployment: &api::Deployment, sets: &'a [api::ReplicaSet]) -> Vec<&'a api::ReplicaSet> {
    let mut own: Vec<_> = sets
        .iter()
        .filter(|set| is_owned(&set.metadata, &deployment.metadata))
        .collect();
    own.sort_by_key(|set| {
        let created = time::millis(set.metadata.creation_timestamp.as_ref());
        (created, set.metadata.name.clone())
    });
    own
}

/// The ReplicaSet of a Deployment's present template, as its controller finds it: the oldest with an
/// equal template. Where the server added defaults to one of the two only, the one of its revision.
pub fn newest_set<'a>(
    deployment: &api::Deployment,
    own: &[&'a api::ReplicaSet],
) -> Option<&'a api::ReplicaSet> {
    let wanted = without_hash(&deployment.spec.template);
    let equal = |set: &&&api::ReplicaSet| {
        let template = set.spec.template.as_ref();
        template.is_some_and(|template| without_hash(template) == wanted)
    };
    let revision = annotation(&deployment.metadata, REVISION);
    let same_revision =
        |set: &&&api::ReplicaSet| revision.is_some() && annotation(&set.metadata, REVISION) == revision;
    own.iter()
        .find(equal)
        .or_else(|| own.iter().find(same_revision))
        .copied()
}

/// Revisions of a Deployment by its ReplicaSets, newest first.
pub fn revisions(own: &[&api::ReplicaSet]) -> Vec<Revision> {
    let mut revisions: Vec<Revision> = own.iter().map(|set| of_set(set)).collect();
    sort(&mut revisions);
    revisions
}

/// Revisions of a StatefulSet or DaemonSet, newest first.
pub fn kept_revisions(owner: &ObjectMeta, kept: &[api::ControllerRevision]) -> Vec<Revision> {
    let own = kept.iter().filter(|one| is_owned(&one.metadata, owner));
    let mut revisions: Vec<Revision> = own.map(of_kept).collect();
    sort(&mut revisions);
    revisions
}

/// The revision that a ControllerRevision keeps.
pub(super) fn of_kept(kept: &api::ControllerRevision) -> Revision {
    Revision {
        number: kept.revision,
        former: Vec::new(),
        name: kept.metadata.name.clone().unwrap_or_default(),
        images: images_of_patch(&kept.data.0),
        created: time::millis(kept.metadata.creation_timestamp.as_ref()),
        pods: None,
        cause: annotation(&kept.metadata, CAUSE).map(str::to_owned),
    }
}

/// True if `owner` is the controller of the object.
pub fn is_owned(meta: &ObjectMeta, owner: &ObjectMeta) -> bool {
    let mut owners = meta.owner_references.iter().flatten();
    owners.any(|reference| {
        let same_uid = owner.uid.as_deref() == Some(reference.uid.as_str());
        reference.controller == Some(true) && same_uid && !reference.uid.is_empty()
    })
}

/// The revision that a ReplicaSet keeps.
pub(super) fn of_set(set: &api::ReplicaSet) -> Revision {
    let status = set.status.as_ref();
    let count = |count: Option<i32>| i64::from(count.unwrap_or_default());
    Revision {
        number: annotation(&set.metadata, REVISION).and_then(|number| number.parse().ok()),
        former: former(&set.metadata),
        name: set.metadata.name.clone().unwrap_or_default(),
        images: set
            .spec
            .template
            .as_ref()
            .map(workload::images)
            .unwrap_or_default(),
        created: time::millis(set.metadata.creation_timestamp.as_ref()),
        pods: Some([
            i64::from(set.spec.replicas.unwrap_or(1)),
            status.map_or(0, |status| i64::from(status.replicas)),
            status.map_or(0, |status| count(status.ready_replicas)),
        ]),
        cause: annotation(&set.metadata, CAUSE).map(str::to_owned),
    }
}

/// `1,4`: the numbers that a ReplicaSet had before it was brought back.
fn former(meta: &ObjectMeta) -> Vec<i64> {
    let numbers = annotation(meta, FORMER).unwrap_or_default().split(',');
    numbers.filter_map(|number| number.trim().parse().ok()).collect()
}

/// Newest first.
pub(super) fn sort(revisions: &mut [Revision]) {
    revisions.sort_by_key(|revision| Reverse((revision.number, revision.created)));
}

/// The Pods that are not ready, as rows.
fn not_ready<'a>(pods: impl Iterator<Item = &'a Pod>) -> Vec<Row> {
    let mut rows: Vec<Row> = pods.map(pod::pod).filter(|pod| !pod.is_ready).collect();
    rows.sort_by(|one, other| one.name.cmp(&other.name));
    rows
}

fn hash(pod: &Pod) -> &str {
    let labels = pod.metadata.labels.as_ref();
    labels
        .and_then(|labels| labels.get(REVISION_HASH))
        .map_or("", String::as_str)
}

fn annotation<'a>(meta: &'a ObjectMeta, name: &str) -> Option<&'a str> {
    meta.annotations.as_ref()?.get(name).map(String::as_str)
}

/// A template without the label that the controller adds to tell ReplicaSets apart.
fn without_hash(template: &PodTemplateSpec) -> PodTemplateSpec {
    let mut template = template.clone();
    let meta = template.metadata.get_or_insert_default();
    meta.creation_timestamp = None;
    let labels = meta.labels.get_or_insert_default();
    labels.remove(TEMPLATE_HASH);
    template
}

/// The images in the patch that a ControllerRevision keeps.
fn images_of_patch(patch: &serde_json::Value) -> Images {
    let spec = &patch["spec"]["template"]["spec"];
    let lists = [&spec["containers"], &spec["initContainers"]];
    let containers = lists
        .into_iter()
        .filter_map(serde_json::Value::as_array)
        .flatten();
    containers
        .filter_map(|container| {
            let text = |field: &str| container[field].as_str().map(str::to_owned);
            Some((text("name")?, text("image").unwrap_or_default()))
        })
        .collect()
}

/// A condition by its type, status, reason and message, and the time of its last change.
fn told(texts: [&Option<String>; 4], since: Option<&Time>) -> Condition {
    let [kind, status, reason, message] = texts.map(|text| text.clone().unwrap_or_default());
    Condition {
        kind,
        status,
        reason,
        message,
        since: time::millis(since),
    }
}
