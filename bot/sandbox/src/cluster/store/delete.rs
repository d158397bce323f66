//! Deleting objects, what hangs on them, and what keeps them a while.

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::api::kinds;
use super::super::catalog::{self, Kind};
use super::super::problem::Problem;
use super::super::time;
use super::defaults;
use super::state::{Key, State};
use super::write::Write;

const FOREGROUND: &str = "foregroundDeletion";

/// What becomes of the objects that name the deleted one as their owner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Propagation {
    /// They are deleted after it.
    #[default]
    Background,
    /// They are deleted before it.
    Foreground,
    /// They stay.
    Orphan,
}

/// How to delete.
#[derive(Clone, Debug, Default)]
pub struct DeleteOptions {
    /// Seconds that a Pod gets; its own where it is not said.
    pub grace: Option<i64>,
    /// The uid that the object has to have.
    pub uid: Option<String>,
    /// The resource version that it has to have.
    pub resource_version: Option<String>,
    /// What becomes of its dependents.
    pub propagation: Propagation,
}

/// What a deletion did.
#[derive(Clone, Debug)]
pub struct Deleted {
    /// The object in its last state, or as it is marked now.
    pub object: Arc<Value>,
    /// Whether it went without having to be marked first.
    pub gone: bool,
}

impl Write {
    /// Deletes an object, or marks it where something has to happen before.
    pub(super) fn delete(
        self,
        state: &mut State,
        (namespace, name): (&str, &str),
        options: &DeleteOptions,
    ) -> Result<Deleted, Problem> {
        let kind = self.kind;
        let Some(object) = state.get(kind, namespace, name).cloned() else {
            return Err(Problem::not_found(kind.resource, name));
        };
        check(kind, name, &object, options)?;
        let object = self.unprotected(state, object);
        let grace = self.grace(&object, options.grace);
        let waits = grace > 0
            || !finalizers(&object).is_empty()
            || kind.resource == kinds::NAMESPACES
            || options.propagation == Propagation::Foreground;
        let marked = self.marked(&object, grace, options.propagation);
        if self.dry_run {
            let object = marked
                .filter(|_| waits || kind.resource == kinds::PODS)
                .map_or(object, Arc::new);
            return Ok(Deleted { object, gone: !waits });
        }
        if options.propagation == Propagation::Orphan {
            orphan(state, uid(&object));
        }
        if !waits {
            let last = marked
                .filter(|_| kind.resource == kinds::PODS)
                .map_or(object, Arc::new);
            let object = self.remove(state, namespace, last);
            return Ok(Deleted { object, gone: true });
        }
        let object = marked.map_or(object, |marked| state.put(kind, marked));
        if kind.resource == kinds::NAMESPACES {
            self.empty_namespace(state, name);
        }
        if options.propagation == Propagation::Foreground {
            self.delete_dependents(state, uid(&object), Propagation::Foreground);
        }
        self.finish(state, namespace, name);
        Ok(Deleted { object, gone: false })
    }

    /// The object without the finalizer that keeps what is in use, where it is not.
    fn unprotected(self, state: &State, object: Arc<Value>) -> Arc<Value> {
        let finalizer = match self.kind.resource.plural {
            "persistentvolumeclaims" if !is_claimed(state, &object) => defaults::CLAIM_PROTECTION,
            "persistentvolumes" if object["status"]["phase"] != "Bound" => defaults::VOLUME_PROTECTION,
            _ => return object,
        };
        let mut object = Value::clone(&object);
        let metadata = &mut object["metadata"];
        if let Some(all) = metadata["finalizers"].as_array_mut() {
            all.retain(|it| it != finalizer);
            if all.is_empty() {
                metadata.as_object_mut().and_then(|it| it.remove("finalizers"));
            }
        }
        Arc::new(object)
    }

    /// Seconds until the object may go. Only Pods that run somewhere get any.
    fn grace(self, object: &Value, asked: Option<i64>) -> i64 {
        let runs = self.kind.resource == kinds::PODS
            && object["spec"]["nodeName"]
                .as_str()
                .is_some_and(|it| !it.is_empty())
            && !matches!(object["status"]["phase"].as_str(), Some("Succeeded" | "Failed"));
        if !runs {
            return 0;
        }
        let own = object["spec"]["terminationGracePeriodSeconds"]
            .as_i64()
            .unwrap_or(30);
        let grace = asked.unwrap_or(own).max(0);
        // A Pod that is on its way gets no more time than it had.
        match object["metadata"]["deletionGracePeriodSeconds"].as_i64() {
            Some(left) => grace.min(left),
            None => grace,
        }
    }

    /// The object with the mark of its deletion, where it has none that is as early.
    fn marked(self, object: &Value, grace: i64, propagation: Propagation) -> Option<Value> {
        let is_marked = object["metadata"].get("deletionTimestamp").is_some();
        let left = object["metadata"]["deletionGracePeriodSeconds"].as_i64();
        if is_marked && left.is_none_or(|left| left <= grace) {
            return None;
        }
        let mut object = object.clone();
        let metadata = &mut object["metadata"];
        let until = self.now_ms + u64::try_from(grace).unwrap_or(0) * 1000;
        metadata["deletionTimestamp"] = json!(time::rfc3339(until));
        metadata["deletionGracePeriodSeconds"] = json!(grace);
        if let Some(generation) = metadata["generation"].as_i64().filter(|_| !is_marked) {
            metadata["generation"] = json!(generation + 1);
        }
        if self.kind.resource == kinds::NAMESPACES {
            metadata
                .as_object_mut()
                .and_then(|it| it.remove("deletionGracePeriodSeconds"));
            object["status"]["phase"] = json!("Terminating");
        } else if propagation == Propagation::Foreground {
            let mut all = finalizers(&object);
            all.push(FOREGROUND.to_owned());
            object["metadata"]["finalizers"] = json!(all);
        }
        Some(object)
    }

    fn remove(self, state: &mut State, namespace: &str, last: Arc<Value>) -> Arc<Value> {
        let object = state.remove(self.kind, &last).unwrap_or(last);
        self.release_claims(state, namespace, &object);
        self.delete_dependents(state, uid(&object), Propagation::Background);
        self.release_owners(state, &object);
        self.release_namespace(state, namespace);
        object
    }

    /// Removes an object that was marked and that nothing keeps any longer.
    pub(super) fn finish(self, state: &mut State, namespace: &str, name: &str) {
        let Some(object) = state.get(self.kind, namespace, name).cloned() else {
            return;
        };
        let metadata = &object["metadata"];
        let is_due = metadata.get("deletionTimestamp").is_some()
            && metadata["deletionGracePeriodSeconds"].as_i64().unwrap_or(0) == 0;
        if !is_due || self.kind.resource == kinds::NAMESPACES {
            return;
        }
        let kept_by: Vec<String> = finalizers(&object);
        let waits_for_dependents = kept_by == [FOREGROUND] && !state.dependents(uid(&object)).is_empty();
        if waits_for_dependents || kept_by.iter().any(|it| it != FOREGROUND) {
            return;
        }
        self.remove(state, namespace, object);
    }

    /// Deletes whose only owner is gone; others lose the reference.
    fn delete_dependents(self, state: &mut State, owner: &str, propagation: Propagation) {
        for key in state.dependents(owner) {
            let Some((kind, object)) = state.at(&key) else {
                continue;
            };
            if has_other_owner(state, object, owner) && propagation == Propagation::Background {
                let object = Value::clone(object);
                drop_reference(state, kind, object, owner);
                continue;
            }
            let options = DeleteOptions {
                propagation,
                ..DeleteOptions::default()
            };
            // It was there a line ago, and no precondition is named.
            let _ = Write { kind, ..self }.delete(state, (&key.namespace, &key.name), &options);
        }
    }

    /// An owner that waits for its dependents goes with the last of them.
    fn release_owners(self, state: &mut State, object: &Value) {
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
        for owner in object["metadata"]["ownerReferences"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let text = |field: &str| owner[field].as_str().unwrap_or_default();
            if let Some(kind) = catalog::by_object(text("apiVersion"), text("kind")) {
                let namespace = if kind.resource.namespaced { namespace } else { "" };
                Write { kind, ..self }.finish(state, namespace, text("name"));
            }
        }
    }

    /// A claim that is being deleted goes with the last Pod that uses it.
    fn release_claims(self, state: &mut State, namespace: &str, pod: &Value) {
        let Some(kind) = catalog::of(kinds::CLAIMS).filter(|_| self.kind.resource == kinds::PODS) else {
            return;
        };
        for name in claims(pod) {
            let claim = state.get(kind, namespace, name);
            if claim.is_some_and(|it| it["metadata"].get("deletionTimestamp").is_some()) {
                // Whether it is still used, or kept by something else, is looked at there.
                let _ = Write { kind, ..self }.delete(state, (namespace, name), &DeleteOptions::default());
            }
        }
    }

    fn empty_namespace(self, state: &mut State, namespace: &str) {
        for (kind, key) in contents(state, namespace) {
            // Whatever is still there then goes with the Pods' kubelets and the finalizers' owners.
            let options = DeleteOptions::default();
            let _ = Write { kind, ..self }.delete(state, (namespace, &key.name), &options);
        }
        self.release_namespace(state, namespace);
    }

    /// A namespace that is being deleted goes with the last object in it.
    fn release_namespace(self, state: &mut State, namespace: &str) {
        let Some(kind) = catalog::of(kinds::NAMESPACES) else {
            return;
        };
        let marked = state.get(kind, "", namespace).cloned();
        let marked = marked.filter(|it| it["metadata"].get("deletionTimestamp").is_some());
        if let Some(last) = marked.filter(|_| contents(state, namespace).is_empty()) {
            state.remove(kind, &last);
        }
    }
}

fn check(kind: &Kind, name: &str, object: &Value, options: &DeleteOptions) -> Result<(), Problem> {
    let there = uid(object);
    if let Some(asked) = options.uid.as_deref().filter(|it| *it != there) {
        return Err(Problem::other_uid(kind.resource, name, asked, there));
    }
    let version = object["metadata"]["resourceVersion"].as_str().unwrap_or_default();
    if let Some(asked) = options.resource_version.as_deref().filter(|it| *it != version) {
        let why = format!(
            "the ResourceVersion in the precondition ({asked}) does not match the ResourceVersion in record \
             ({version}). The object might have been modified"
        );
        return Err(Problem::conflict_of_kind(kind.resource, name, &why));
    }
    Ok(())
}

fn uid(object: &Value) -> &str {
    object["metadata"]["uid"].as_str().unwrap_or_default()
}

fn finalizers(object: &Value) -> Vec<String> {
    let list = object["metadata"]["finalizers"].as_array().into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The claims that a Pod uses.
fn claims(pod: &Value) -> impl Iterator<Item = &str> {
    let volumes = pod["spec"]["volumes"].as_array().into_iter().flatten();
    volumes.filter_map(|it| it["persistentVolumeClaim"]["claimName"].as_str())
}

fn is_claimed(state: &State, claim: &Value) -> bool {
    let text = |field: &str| claim["metadata"][field].as_str().unwrap_or_default();
    let pods = catalog::of(kinds::PODS).and_then(|kind| state.shelf(kind));
    let mut pods = pods
        .into_iter()
        .flat_map(|shelf| shelf.list_of(text("namespace")));
    pods.any(|pod| claims(pod).any(|name| name == text("name")))
}

fn contents(state: &State, namespace: &str) -> Vec<(&'static Kind, Key)> {
    let shelves = state.shelves().filter(|shelf| shelf.kind.resource.namespaced);
    let objects = shelves.flat_map(|shelf| shelf.list_of(namespace).map(|object| (shelf.kind, object)));
    objects
        .map(|(kind, object)| (kind, super::state::key(kind, object)))
        .collect()
}

fn has_other_owner(state: &State, object: &Value, owner: &str) -> bool {
    let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
    let owners = object["metadata"]["ownerReferences"]
        .as_array()
        .into_iter()
        .flatten();
    owners.filter(|it| it["uid"] != owner).any(|it| {
        let text = |field: &str| it[field].as_str().unwrap_or_default();
        let Some(kind) = catalog::by_object(text("apiVersion"), text("kind")) else {
            return true;
        };
        let namespace = if kind.resource.namespaced { namespace } else { "" };
        state
            .get(kind, namespace, text("name"))
            .is_some_and(|there| uid(there) == text("uid"))
    })
}

/// The dependents of a deleted object stay, without it.
fn orphan(state: &mut State, owner: &str) {
    for key in state.dependents(owner) {
        if let Some((kind, object)) = state.at(&key) {
            let object = Value::clone(object);
            drop_reference(state, kind, object, owner);
        }
    }
}

fn drop_reference(state: &mut State, kind: &'static Kind, mut object: Value, owner: &str) {
    let metadata = &mut object["metadata"];
    if let Some(owners) = metadata["ownerReferences"].as_array_mut() {
        owners.retain(|it| it["uid"] != owner);
        if owners.is_empty() {
            metadata
                .as_object_mut()
                .and_then(|it| it.remove("ownerReferences"));
        }
    }
    state.put(kind, object);
}
