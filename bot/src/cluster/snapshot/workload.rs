//! Deployments, StatefulSets and DaemonSets: their figures, where a rollout stands, what it waits for.

use std::collections::BTreeMap;

use super::pod::Pod;
use crate::clock::Millis;

/// A Deployment, StatefulSet or DaemonSet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workload {
    /// Which of the three.
    pub kind: Kind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its uid.
    pub uid: String,
    /// How many Pods there should be.
    pub desired: i64,
    /// How many there are.
    pub current: i64,
    /// How many are ready.
    pub ready: i64,
    /// How many are of the newest template.
    pub updated: i64,
    /// How many have been ready for long enough.
    pub available: i64,
    /// When its object was made.
    pub created: Option<Millis>,
    /// The images of its template, by container.
    pub images: Images,
    /// The labels that its Pods have, as far as it selects by equality.
    pub selector: BTreeMap<String, String>,
    /// True if its rollout is paused.
    pub paused: bool,
    /// Where its rollout stands.
    pub stage: Stage,
}

/// Images by the name of their container.
pub type Images = BTreeMap<String, String>;

/// The kinds of workloads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// `Deployment`.
    #[default]
    Deployment,
    /// `StatefulSet`.
    StatefulSet,
    /// `DaemonSet`.
    DaemonSet,
}

/// Where a rollout stands, by the rules of `kubectl rollout status`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// The controller has not yet seen the newest spec.
    #[default]
    NotObserved,
    /// It took longer than its deadline allows: it has failed, though it may still succeed.
    DeadlineExceeded,
    /// Not all Pods are of the newest template.
    Updating {
        /// How many are.
        updated: i64,
        /// How many should be.
        of: i64,
    },
    /// Pods of earlier templates are still there.
    OldPending {
        /// How many.
        old: i64,
    },
    /// Not all Pods of the newest template are available.
    BecomingAvailable {
        /// How many are.
        available: i64,
        /// How many should be.
        of: i64,
    },
    /// Not all Pods of a StatefulSet are ready.
    NotReady {
        /// How many are missing.
        missing: i64,
    },
    /// Not all Pods above the partition of a StatefulSet are of the newest template.
    UpdatingPartition {
        /// How many are.
        updated: i64,
        /// How many should be.
        of: i64,
    },
    /// All Pods above the partition of a StatefulSet are of the newest template.
    PartitionDone {
        /// How many are.
        updated: i64,
    },
    /// A StatefulSet moves on to another revision.
    ChangingRevision {
        /// How many Pods are at it.
        updated: i64,
        /// Its name.
        revision: String,
    },
    /// Done.
    Done {
        /// How many Pods are at the current revision of a StatefulSet, and its name.
        at: Option<(i64, String)>,
    },
    /// Pods are replaced only when somebody deletes them, so there is no rollout to follow.
    OnDelete,
}

/// A workload's rollout in detail.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rollout {
    /// The workload, with its stage.
    pub workload: Workload,
    /// What its controller says about it.
    pub conditions: Vec<Condition>,
    /// The Pods that it waits for, and why.
    pub waits_for: Vec<Pod>,
    /// How many Pods of earlier revisions are still there.
    pub old_pods: usize,
    /// Its revisions, newest first.
    pub revisions: Vec<Revision>,
    /// How long it may take without progress, in seconds; Deployments only.
    pub deadline_seconds: Option<i64>,
    /// How long a Pod must have been ready to count as available, in seconds.
    pub min_ready_seconds: i64,
    /// Pods of a StatefulSet below this number keep their revision.
    pub partition: i64,
}

/// What a controller says about a workload.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Condition {
    /// Its type: `Progressing`, `Available`, `ReplicaFailure`.
    pub kind: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// Why, in one word.
    pub reason: String,
    /// Why, in a sentence.
    pub message: String,
    /// Since when.
    pub since: Option<Millis>,
}

/// One revision of a workload's template.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Revision {
    /// Its number; `None` if it cannot be read.
    pub number: Option<i64>,
    /// The numbers that it had before it was brought back.
    pub former: Vec<i64>,
    /// The ReplicaSet or ControllerRevision that keeps it.
    pub name: String,
    /// Its images, by container.
    pub images: Images,
    /// When it was first made. A rollback brings an old one back.
    pub created: Option<Millis>,
    /// How many Pods it should have, has, and has ready; for ReplicaSets.
    pub pods: Option<[i64; 3]>,
    /// Why it was made, if somebody noted it.
    pub cause: Option<String>,
}

/// How the image of one container differs between two revisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageChange {
    /// The container.
    pub container: String,
    /// What it was; `None` for a container that was added.
    pub from: Option<String>,
    /// What it became; `None` for a container that was taken away.
    pub to: Option<String>,
}

impl Kind {
    /// As the API writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
        }
    }

    /// As kubectl writes it in a sentence.
    fn in_sentence(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::StatefulSet => "statefulset",
            Self::DaemonSet => "daemon set",
        }
    }
}

impl Workload {
    /// The word in kubectl's READY column of Deployments and StatefulSets: `2/3`.
    pub fn ready_words(&self) -> String {
        format!("{}/{}", self.ready, self.desired)
    }

    /// True if nothing is left to do: the rollout is done, and all its Pods are ready and available.
    pub fn is_fine(&self) -> bool {
        let is_done = matches!(
            self.stage,
            Stage::Done { .. } | Stage::PartitionDone { .. } | Stage::OnDelete
        );
        is_done && self.ready >= self.desired && self.available >= self.desired
    }

    /// The sentence of `kubectl rollout status`, to be held against it.
    pub fn kubectl_sentence(&self) -> String {
        let (kind, name) = (self.kind.in_sentence(), &self.name);
        let waiting = format!("Waiting for {kind} {name:?} rollout to finish:");
        let pods = if self.kind == Kind::Deployment {
            "replicas"
        } else {
            "pods"
        };
        match &self.stage {
            Stage::NotObserved => format!("Waiting for {kind} spec update to be observed..."),
            Stage::DeadlineExceeded => format!("{kind} {name:?} exceeded its progress deadline"),
            Stage::Updating { updated, of } => {
                format!("{waiting} {updated} out of {of} new {pods} have been updated...")
            }
            Stage::OldPending { old } => {
                format!("{waiting} {old} old replicas are pending termination...")
            }
            Stage::BecomingAvailable { available, of } => {
                format!("{waiting} {available} of {of} updated {pods} are available...")
            }
            Stage::NotReady { missing } => format!("Waiting for {missing} pods to be ready..."),
            Stage::UpdatingPartition { updated, of } => format!(
                "Waiting for partitioned roll out to finish: {updated} out of {of} new pods have been updated..."
            ),
            Stage::PartitionDone { updated } => {
                format!("partitioned roll out complete: {updated} new pods have been updated...")
            }
            Stage::ChangingRevision { updated, revision } => format!(
                "waiting for statefulset rolling update to complete {updated} pods at revision {revision}..."
            ),
            Stage::Done { at: None } => format!("{kind} {name:?} successfully rolled out"),
            Stage::Done {
                at: Some((pods, revision)),
            } => format!("statefulset rolling update complete {pods} pods at revision {revision}..."),
            Stage::OnDelete => "rollout status is only available for RollingUpdate strategy type".to_owned(),
        }
    }
}

impl Revision {
    /// How the images differ from those of an earlier revision.
    pub fn changes_since(&self, earlier: &Self) -> Vec<ImageChange> {
        image_changes(&earlier.images, &self.images)
    }
}

/// The revision that was in force before this one, under whatever number it is kept now.
pub fn earlier<'a>(revisions: &'a [Revision], of: &Revision) -> Option<&'a Revision> {
    let number = of.number?;
    let below = |revision: &Revision| {
        let numbers = revision.former.iter().chain(&revision.number);
        numbers.copied().filter(|own| *own < number).max()
    };
    let others = revisions.iter().filter(|revision| revision.name != of.name);
    let earlier = others.filter_map(|revision| Some((below(revision)?, revision)));
    earlier
        .max_by_key(|(number, _)| *number)
        .map(|(_, revision)| revision)
}

/// How the images differ between one template and the next.
pub fn image_changes(from: &Images, to: &Images) -> Vec<ImageChange> {
    let mut containers: Vec<&String> = from.keys().chain(to.keys()).collect();
    containers.sort();
    containers.dedup();
    containers
        .into_iter()
        .map(|container| ImageChange {
            container: container.clone(),
            from: from.get(container).cloned(),
            to: to.get(container).cloned(),
        })
        .filter(|change| change.from != change.to)
        .collect()
}
