//! What controllers and kubelets share: the cluster, the time, what changed and when to look again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::dice::{Dice, template_hash};
use super::object::{canonical, name, namespace, number, uid};
use super::record::{Note, Recorder, Writing};
use crate::cluster::api::{Api, Resource, kinds};

/// Nothing happens between these steps (ms). Times of Kubernetes mostly show whole seconds.
const STEP: u64 = 500;

/// A reason to look again later.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wake {
    /// The next step of the scenario.
    Step(usize),
    /// A kubelet has to do something, by the name of its node.
    Kubelet(String),
    /// A kubelet has to do something about a Pod: the node and the uid.
    Pod(String, String),
    /// Controllers look at the objects of this kind in this namespace again.
    Look(&'static str, String),
}

/// The cluster as seen from inside.
pub(crate) struct World {
    api: Box<dyn Api + Send>,
    pub(crate) now: u64,
    pub(crate) dice: Dice,
    recorder: Recorder,
    changes: BTreeSet<(&'static str, String)>,
    wakes: BTreeSet<(u64, Wake)>,
    /// When each event was last written, to let it expire.
    events: BTreeMap<(String, String), u64>,
    names: u64,
    /// The nodes whose kubelets give signs of life now. These are only written when somebody looks.
    beating: BTreeSet<String>,
    /// Hashes of templates by the uid and the generation of what has them.
    hashes: BTreeMap<(String, i64), String>,
}

/// What was written since controllers looked last: kinds and namespaces.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    list: BTreeSet<(&'static str, String)>,
}

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The namespaces in which objects of any of these kinds changed.
    pub(crate) fn namespaces(&self, of: &[Resource]) -> BTreeSet<String> {
        let concerns = |plural: &str| of.iter().any(|kind| kind.plural == plural);
        let hits = self.list.iter().filter(|(plural, _)| concerns(plural));
        hits.map(|(_, namespace)| namespace.clone()).collect()
    }

    /// Whether objects of any of these kinds changed anywhere.
    pub(crate) fn concern(&self, of: &[Resource]) -> bool {
        of.iter()
            .any(|kind| self.list.iter().any(|(plural, _)| *plural == kind.plural))
    }
}

impl World {
    pub(crate) fn new(api: Box<dyn Api + Send>, dice: Dice, now: u64) -> Self {
        Self {
            api,
            now,
            dice,
            recorder: Recorder::default(),
            changes: BTreeSet::new(),
            wakes: BTreeSet::new(),
            events: BTreeMap::new(),
            names: 0,
            beating: BTreeSet::new(),
            hashes: BTreeMap::new(),
        }
    }

    /// Sets the time, also that of the cluster's own stamps.
    pub(crate) fn set_time(&mut self, ms: u64) {
        self.now = ms;
        self.api.set_time(Some(ms));
    }

    /// The present is the cluster's own again.
    pub(crate) fn follow_clock(&self) {
        self.api.set_time(None);
    }

    /// Whether the kubelet of this node is known to give signs of life at this moment.
    pub(crate) fn beats(&self, node: &str) -> bool {
        self.beating.contains(node)
    }

    pub(crate) fn set_beating(&mut self, node: &str, beats: bool) {
        if beats {
            self.beating.insert(node.to_owned());
        } else {
            self.beating.remove(node);
        }
    }

    /// A number that changes with every write of anybody, where the cluster can tell.
    pub(crate) fn revision(&self) -> Option<u64> {
        self.api.revision()
    }

    pub(crate) fn list(&self, of: Resource) -> anyhow::Result<Vec<Arc<Value>>> {
        self.api.list(of)
    }

    pub(crate) fn list_in(&self, of: Resource, inside: &str) -> anyhow::Result<Vec<Arc<Value>>> {
        self.api.list_in(of, inside)
    }

    pub(crate) fn get(&self, of: Resource, inside: &str, name: &str) -> anyhow::Result<Option<Arc<Value>>> {
        self.api.get(of, inside, name)
    }

    pub(crate) fn create(&mut self, of: Resource, object: Value) -> anyhow::Result<Arc<Value>> {
        let created = self.api.create(of, object)?;
        self.changed(of, namespace(&created));
        Ok(created)
    }

    pub(crate) fn patch(
        &mut self,
        of: Resource,
        object: (&str, &str),
        subresource: &str,
        patch: &Value,
    ) -> anyhow::Result<Arc<Value>> {
        let patched = self.api.patch(of, object.0, object.1, subresource, patch)?;
        self.changed(of, object.0);
        Ok(patched)
    }

    /// A patch that no controller needs to hear of: a heartbeat, a count.
    pub(crate) fn patch_quietly(
        &mut self,
        of: Resource,
        object: (&str, &str),
        subresource: &str,
        patch: &Value,
    ) -> anyhow::Result<Arc<Value>> {
        self.api.patch(of, object.0, object.1, subresource, patch)
    }

    pub(crate) fn delete(
        &mut self,
        of: Resource,
        object: (&str, &str),
        grace: Option<i64>,
    ) -> anyhow::Result<()> {
        self.changed(of, object.0);
        self.api.delete(of, object.0, object.1, grace)
    }

    /// Makes the status of an object this one, if it is not. Says whether it was another one.
    pub(crate) fn put_status(&mut self, of: Resource, object: &Value, status: Value) -> anyhow::Result<bool> {
        let Some(patch) = difference(&object["status"], &status) else {
            return Ok(false);
        };
        let key = (namespace(object), name(object));
        self.patch(of, key, "status", &json!({"status": patch}))?;
        Ok(true)
    }

    /// Controllers are to look at this kind in this namespace.
    pub(crate) fn changed(&mut self, of: Resource, inside: &str) {
        self.changes.insert((of.plural, inside.to_owned()));
    }

    /// What changed since the last call.
    pub(crate) fn take_changes(&mut self) -> Changes {
        Changes {
            list: std::mem::take(&mut self.changes),
        }
    }

    /// Later, at the next half of a second: what is due at nearly the same time is done together.
    pub(crate) fn wake(&mut self, at: u64, wake: Wake) {
        let at = if at <= self.now {
            self.now
        } else {
            at.next_multiple_of(STEP)
        };
        self.wakes.insert((at, wake));
    }

    /// Controllers look at this kind in this namespace again at that time.
    pub(crate) fn look_again(&mut self, at: u64, of: Resource, inside: &str) {
        self.wake(at, Wake::Look(of.plural, inside.to_owned()));
    }

    /// The time of the next reason to do something.
    pub(crate) fn next_wake(&self) -> Option<u64> {
        self.wakes.first().map(|(at, _)| *at)
    }

    /// The next reason that is due now.
    pub(crate) fn take_wake(&mut self) -> Option<Wake> {
        let due = self.wakes.first().is_some_and(|(at, _)| *at <= self.now);
        let (_, wake) = due.then(|| self.wakes.pop_first()).flatten()?;
        if let Wake::Look(plural, inside) = &wake {
            self.changes.insert((plural, inside.clone()));
        }
        Some(wake)
    }

    /// Tells something about an object.
    pub(crate) fn tell(&mut self, note: Note) -> anyhow::Result<()> {
        match self.recorder.observe(note, self.now) {
            None => Ok(()),
            Some(Writing::Create(event)) => self.write_event(event),
            Some(Writing::Patch(inside, name, patch, whole)) => {
                let there = self.api.get(kinds::EVENTS, &inside, &name)?.is_some();
                if !there {
                    return self.write_event(whole);
                }
                self.api.patch(kinds::EVENTS, &inside, &name, "", &patch)?;
                self.events.insert((inside, name), self.now);
                Ok(())
            }
        }
    }

    fn write_event(&mut self, event: Value) -> anyhow::Result<()> {
        let written = self.api.create(kinds::EVENTS, event)?;
        let key = (namespace(&written).to_owned(), name(&written).to_owned());
        self.events.insert(key, self.now);
        Ok(())
    }

    /// Deletes events that nobody wrote since that time.
    pub(crate) fn expire_events(&mut self, before: u64) -> anyhow::Result<()> {
        let old = self.events.iter().filter(|(_, written)| **written < before);
        let old: Vec<(String, String)> = old.map(|(key, _)| key.clone()).collect();
        for (inside, name) in old {
            if self.api.get(kinds::EVENTS, &inside, &name)?.is_some() {
                self.api.delete(kinds::EVENTS, &inside, &name, None)?;
            }
            self.events.remove(&(inside, name));
        }
        Ok(())
    }

    /// The component on this host starts anew and remembers no event.
    pub(crate) fn forget_events_of(&mut self, host: &str) {
        self.recorder.forget(host);
    }

    /// The hash of the Pod template of a workload.
    pub(crate) fn template_hash(&mut self, workload: &Value) -> String {
        let collisions = number(&workload["status"]["collisionCount"]);
        let key = (
            uid(workload).to_owned(),
            number(&workload["metadata"]["generation"]) * 1000 + collisions,
        );
        let hash = || {
            let mut text = String::new();
            canonical(&workload["spec"]["template"], &mut text);
            template_hash(&format!("{text}{collisions}"))
        };
        self.hashes.entry(key).or_insert_with(hash).clone()
    }

    /// A new ending of a generated name.
    pub(crate) fn new_ending(&mut self, of: &str) -> String {
        self.names += 1;
        self.dice.letters(5, &["name", of, &self.names.to_string()])
    }
}

/// The merge patch of the first level that makes `new` of `old`: whole fields are replaced, and those that
/// are not in `new` removed. Nothing where both are equal.
pub(crate) fn difference(old: &Value, new: &Value) -> Option<Value> {
    let (nothing, mut patch) = (Map::new(), Map::new());
    let old = old.as_object().unwrap_or(&nothing);
    let new = new.as_object().unwrap_or(&nothing);
    for (field, value) in new {
        if old.get(field) != Some(value) {
            patch.insert(field.clone(), value.clone());
        }
    }
    for field in old.keys().filter(|field| !new.contains_key(*field)) {
        patch.insert(field.clone(), Value::Null);
    }
    (!patch.is_empty()).then_some(Value::Object(patch))
}

/// Leaves out what is zero, as the API does with most counts.
pub(crate) fn without_zeros(mut status: Value) -> Value {
    if let Some(fields) = status.as_object_mut() {
        fields.retain(|_, value| *value != json!(0));
    }
    status
}
