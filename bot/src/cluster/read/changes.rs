//! What changed since a time, from what objects and Events remember.
//!
//! Events are forgotten after an hour, and a cluster remembers no more of scaling, rollbacks and
//! uncordoned nodes than they say.

use std::cmp::Reverse;
use std::collections::HashMap;

use k8s_openapi::api::apps::v1 as api;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::node_changes::{self, Listed};
use super::{event, rollout, time};
use crate::clock::Millis;
use crate::cluster::snapshot::change::{Change, Object, What};
use crate::cluster::snapshot::event::Event;
use crate::cluster::snapshot::workload::{Kind, Revision, earlier};

/// Within what time of each other two things count as one.
pub(super) const TOGETHER: Millis = 60_000;

/// For how long a rollout explains that ReplicaSets are scaled.
const ROLLOUT: Millis = 10 * 60_000;

/// What was read of the cluster. Empty for what could not be read.
#[derive(Debug, Default)]
pub struct Seen {
    /// Deployments.
    pub deployments: Vec<Owner>,
    /// Their revisions, which ReplicaSets keep.
    pub replica_sets: Revisions,
    /// StatefulSets.
    pub stateful_sets: Vec<Owner>,
    /// DaemonSets.
    pub daemon_sets: Vec<Owner>,
    /// Revisions of StatefulSets and DaemonSets.
    pub revisions: Revisions,
    /// Nodes.
    pub nodes: Vec<Listed>,
    /// Events of all of them.
    pub events: Vec<core::Event>,
}

/// What is kept of a workload: a cluster may have tens of thousands.
#[derive(Clone, Debug)]
pub struct Owner {
    namespace: String,
    name: String,
    uid: String,
    created: Option<Millis>,
    /// When its template and its number of Pods were last written, and under which name.
    template: Option<Written>,
    replicas: Option<Written>,
}

/// What is kept of revisions, by the uid of the workload that controls them.
#[derive(Clone, Debug, Default)]
pub struct Revisions(HashMap<String, Vec<Revision>>);

/// When something was written, and under which name.
pub(super) type Written = (Millis, String);

impl Owner {
    /// What is kept of the workload with this metadata.
    pub fn of(meta: &ObjectMeta) -> Self {
        Self {
            namespace: meta.namespace.clone().unwrap_or_default(),
            name: meta.name.clone().unwrap_or_default(),
            uid: meta.uid.clone().unwrap_or_default(),
            created: time::millis(meta.creation_timestamp.as_ref()),
            template: written(meta, &["spec", "template"]),
            replicas: written(meta, &["spec", "replicas"]),
        }
    }

    fn object(&self, kind: Kind) -> Object {
        Object {
            kind,
            namespace: self.namespace.clone(),
            name: self.name.clone(),
        }
    }

    fn is_as_old_as(&self, created: Millis) -> bool {
        self.created.is_some_and(|own| own.abs_diff(created) <= TOGETHER)
    }
}

impl Revisions {
    /// Takes a ReplicaSet.
    pub fn take_set(&mut self, set: &api::ReplicaSet) {
        self.take(&set.metadata, || rollout::of_set(set));
    }

    /// Takes a ControllerRevision.
    pub fn take_kept(&mut self, kept: &api::ControllerRevision) {
        self.take(&kept.metadata, || rollout::of_kept(kept));
    }

    fn take(&mut self, meta: &ObjectMeta, revision: impl FnOnce() -> Revision) {
        let mut owners = meta.owner_references.iter().flatten();
        if let Some(owner) = owners.find(|owner| owner.controller == Some(true)) {
            self.0.entry(owner.uid.clone()).or_default().push(revision());
        }
    }

    /// Those of a workload, newest first.
    fn of(&self, owner: &Owner) -> Vec<Revision> {
        let mut revisions = self.0.get(&owner.uid).cloned().unwrap_or_default();
        rollout::sort(&mut revisions);
        revisions
    }
}

/// What changed since then, newest first.
pub fn since(seen: &Seen, since: Millis) -> Vec<Change> {
    let events = event::events(&seen.events);
    let mut changes = Vec::new();
    of_deployments(seen, &events, since, &mut changes);
    of_sets(seen, since, &mut changes);
    changes.extend(events.iter().filter_map(autoscaled));
    node_changes::of_nodes(&seen.nodes, &events, since, &mut changes);
    changes.retain(|change| change.at >= since);
    changes.sort_by_key(|change| Reverse(change.at));
    changes
}

/// When a field was last written, and under which name, by the records that the server keeps of it.
/// The path is that of the field, such as `["spec", "unschedulable"]`.
pub(super) fn written(meta: &ObjectMeta, path: &[&str]) -> Option<Written> {
    let entries = meta.managed_fields.iter().flatten();
    let of_field = entries.filter(|entry| {
        let mut fields = entry.fields_v1.as_ref().map(|fields| &fields.0);
        for name in path {
            fields = fields.and_then(|fields| fields.get(format!("f:{name}")));
        }
        fields.is_some()
    });
    let times = of_field.filter_map(|entry| {
        let at = time::millis(entry.time.as_ref())?;
        Some((at, entry.manager.clone().unwrap_or_default()))
    });
    times.max()
}

/// The name under which something was written at about this time.
fn writer(written: Option<&Written>, at: Millis) -> Option<String> {
    let (written, manager) = written?;
    (written.abs_diff(at) <= TOGETHER && !manager.is_empty()).then(|| manager.clone())
}

fn of_deployments(seen: &Seen, events: &[Event], since: Millis, changes: &mut Vec<Change>) {
    let mut scalings: HashMap<(&str, &str), Vec<Scaling<'_>>> = HashMap::new();
    for event in events {
        if let Some(scaling) = Scaling::read(event) {
            let of = (event.object.namespace.as_str(), event.object.name.as_str());
            scalings.entry(of).or_default().push(scaling);
        }
    }
    for owner in &seen.deployments {
        let of = (owner.namespace.as_str(), owner.name.as_str());
        let deployed = Deployed {
            owner,
            revisions: seen.replica_sets.of(owner),
            scalings: scalings.get(&of).map_or(&[][..], Vec::as_slice),
        };
        changes.extend(deployed.rollouts(since));
        changes.extend(deployed.scalings());
    }
}

/// A Deployment with its revisions and what its controller said about scaling them.
struct Deployed<'a> {
    owner: &'a Owner,
    revisions: Vec<Revision>,
    scalings: &'a [Scaling<'a>],
}

/// What the deployment controller says when it scales a ReplicaSet.
struct Scaling<'a> {
    set: &'a str,
    from: Option<i64>,
    to: i64,
    first: Millis,
    last: Millis,
}

impl<'a> Scaling<'a> {
    /// `Scaled up replica set web-5d4 from 1 to 3`; before 1.28 without `from 1`.
    fn read(event: &'a Event) -> Option<Self> {
        if event.reason != "ScalingReplicaSet" || event.object.kind != "Deployment" {
            return None;
        }
        let rest = event.message.strip_prefix("Scaled ")?;
        let rest = rest.strip_prefix("up ").or_else(|| rest.strip_prefix("down "))?;
        let words: Vec<&str> = rest.strip_prefix("replica set ")?.split(' ').collect();
        let (set, from, to) = match words.as_slice() {
            [set, "from", from, "to", to] => (set, Some(from.parse().ok()?), to),
            [set, "to", to] => (set, None, to),
            _ => return None,
        };
        let last = event.at()?;
        Some(Self {
            set,
            from,
            to: to.parse().ok()?,
            first: event.first.unwrap_or(last),
            last,
        })
    }
}

impl Deployed<'_> {
    /// Templates that are new, or that came back.
    fn rollouts(&self, since: Millis) -> Vec<Change> {
        let mut changes = Vec::new();
        for (at, revision) in self.revisions.iter().enumerate() {
            let earlier = earlier(&self.revisions, revision);
            if let Some(created) = revision.created.filter(|created| *created >= since) {
                let is_first = earlier.is_none() && self.owner.is_as_old_as(created);
                changes.push(self.change(revision, earlier, created, is_first, false));
            } else if let Some(back) = self.came_back(revision).filter(|_| at == 0) {
                changes.push(self.change(revision, earlier, back, false, true));
            }
        }
        changes
    }

    fn change(
        &self,
        revision: &Revision,
        earlier: Option<&Revision>,
        at: Millis,
        is_first: bool,
        is_back: bool,
    ) -> Change {
        let object = self.owner.object(Kind::Deployment);
        let what = if is_first {
            What::Created(object)
        } else {
            rolled_out(object, revision, earlier, is_back)
        };
        Change {
            at,
            what,
            by: writer(self.owner.template.as_ref(), at),
        }
    }

    /// When an old ReplicaSet was brought back: scaled up from nothing while another was scaled.
    fn came_back(&self, revision: &Revision) -> Option<Millis> {
        let own = self
            .scalings
            .iter()
            .filter(|scaling| scaling.set == revision.name);
        let raised = own.filter(|scaling| scaling.from.unwrap_or(0) == 0 && scaling.to > 0);
        raised
            .filter(|scaling| self.is_in_rollout(scaling))
            .map(|scaling| scaling.first)
            .max()
    }

    /// True if another ReplicaSet of the Deployment was scaled at about the same time.
    fn is_in_rollout(&self, scaling: &Scaling<'_>) -> bool {
        self.scalings
            .iter()
            .any(|other| other.set != scaling.set && other.last.abs_diff(scaling.last) <= ROLLOUT)
    }

    /// Scaling that is no part of a rollout or of the beginning.
    fn scalings(&self) -> Vec<Change> {
        let is_beginning = |scaling: &Scaling<'_>| {
            let revision = self.revisions.iter().find(|it| it.name == scaling.set);
            let created = revision.and_then(|it| it.created);
            let is_new = created.is_some_and(|created| scaling.first.abs_diff(created) <= TOGETHER);
            is_new && scaling.from.unwrap_or(0) == 0
        };
        self.scalings
            .iter()
            .filter(|scaling| !is_beginning(scaling) && !self.is_in_rollout(scaling))
            .map(|scaling| Change {
                at: scaling.last,
                what: What::Scaled {
                    object: self.owner.object(Kind::Deployment),
                    from: scaling.from,
                    to: scaling.to,
                },
                by: writer(self.owner.replicas.as_ref(), scaling.last),
            })
            .collect()
    }
}

fn rolled_out(object: Object, revision: &Revision, earlier: Option<&Revision>, is_back: bool) -> What {
    What::RolledOut {
        object,
        revision: revision.number,
        images: earlier
            .map(|earlier| revision.changes_since(earlier))
            .unwrap_or_default(),
        is_back,
        cause: revision.cause.clone(),
    }
}

/// StatefulSets and DaemonSets, whose templates are kept in ControllerRevisions.
fn of_sets(seen: &Seen, since: Millis, changes: &mut Vec<Change>) {
    let stateful = seen.stateful_sets.iter().map(|set| (Kind::StatefulSet, set));
    let daemon = seen.daemon_sets.iter().map(|set| (Kind::DaemonSet, set));
    for (kind, owner) in stateful.chain(daemon) {
        let revisions = seen.revisions.of(owner);
        for revision in &revisions {
            let Some(created) = revision.created.filter(|created| *created >= since) else {
                continue;
            };
            let earlier = earlier(&revisions, revision);
            let object = owner.object(kind);
            let what = if earlier.is_none() && owner.is_as_old_as(created) {
                What::Created(object)
            } else {
                rolled_out(object, revision, earlier, false)
            };
            changes.push(Change {
                at: created,
                what,
                by: writer(owner.template.as_ref(), created),
            });
        }
    }
}

/// `New size: 5; reason: cpu resource utilization (percentage of request) above target`.
fn autoscaled(event: &Event) -> Option<Change> {
    if event.reason != "SuccessfulRescale" {
        return None;
    }
    let (size, reason) = event.message.strip_prefix("New size: ")?.split_once(';')?;
    Some(Change {
        at: event.at()?,
        what: What::Autoscaled {
            namespace: event.object.namespace.clone(),
            name: event.object.name.clone(),
            to: size.parse().ok()?,
            reason: reason
                .trim()
                .strip_prefix("reason: ")
                .unwrap_or(reason)
                .to_owned(),
        },
        by: None,
    })
}
