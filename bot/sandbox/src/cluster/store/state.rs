//! The objects themselves: by kind, namespace and name, with what is looked up by something else,
//! and the latest changes of each kind.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use serde_json::{Value, json};

use super::super::api::kinds;
use super::super::catalog::{CATALOG, Kind};
use super::defaults::Addresses;
use super::random::Random;

/// How many changes of a kind a watch can go back.
const LOG: usize = 10_000;

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It was created.
    Added,
    /// It was changed.
    Modified,
    /// It is gone; the object is its last state.
    Deleted,
}

/// One change, as a watch tells it.
#[derive(Clone, Debug)]
pub struct Change {
    /// The resource version that the cluster had with it.
    pub version: u64,
    /// What happened.
    pub what: What,
    /// The object after it.
    pub object: Arc<Value>,
    /// The object before it.
    pub before: Option<Arc<Value>>,
}

/// Where an object is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) group: &'static str,
    pub(super) plural: &'static str,
    pub(super) namespace: String,
    pub(super) name: String,
}

/// The objects of one kind.
#[derive(Debug)]
pub(super) struct Shelf {
    pub(super) kind: &'static Kind,
    pub(super) objects: BTreeMap<String, BTreeMap<String, Arc<Value>>>,
    log: VecDeque<Change>,
    /// The version of the last change that the log has forgotten.
    forgotten: u64,
}

/// Everything that a cluster remembers.
#[derive(Debug)]
pub(super) struct State {
    shelves: BTreeMap<(&'static str, &'static str), Shelf>,
    version: u64,
    pub(super) time: Option<u64>,
    pub(super) random: Random,
    pub(super) addresses: Addresses,
    /// Who names an owner, by the owner's uid.
    dependents: BTreeMap<String, BTreeSet<Key>>,
    /// Which Pods are on a node: namespace and name.
    pods: BTreeMap<String, BTreeSet<(String, String)>>,
}

impl State {
    pub(super) fn new(seed: u64) -> Self {
        let kept = CATALOG
            .iter()
            .filter(|kind| !kind.review && kind.kept_as.is_none());
        let shelves = kept.map(|kind| ((kind.resource.group, kind.resource.plural), Shelf::new(kind)));
        Self {
            shelves: shelves.collect(),
            version: 0,
            time: None,
            random: Random::new(seed),
            addresses: Addresses::default(),
            dependents: BTreeMap::new(),
            pods: BTreeMap::new(),
        }
    }

    /// The version of the latest change.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn shelf(&self, kind: &Kind) -> Option<&Shelf> {
        let it = kind.shelf();
        self.shelves.get(&(it.group, it.plural))
    }

    pub(super) fn shelves(&self) -> impl Iterator<Item = &Shelf> {
        self.shelves.values()
    }

    pub(super) fn get(&self, kind: &Kind, namespace: &str, name: &str) -> Option<&Arc<Value>> {
        self.shelf(kind)?.objects.get(namespace)?.get(name)
    }

    /// The object at a key, with its kind.
    pub(super) fn at(&self, key: &Key) -> Option<(&'static Kind, &Arc<Value>)> {
        let shelf = self.shelves.get(&(key.group, key.plural))?;
        Some((shelf.kind, shelf.objects.get(&key.namespace)?.get(&key.name)?))
    }

    /// The Pods on a node.
    pub(super) fn pods_on(&self, node: &str) -> Vec<Arc<Value>> {
        let Some(shelf) = self.shelves.get(&("", kinds::PODS.plural)) else {
            return Vec::new();
        };
        let names = self.pods.get(node).into_iter().flatten();
        names
            .filter_map(|(namespace, name)| shelf.objects.get(namespace)?.get(name))
            .cloned()
            .collect()
    }

    /// Who names `uid` as an owner.
    pub(super) fn dependents(&self, uid: &str) -> Vec<Key> {
        self.dependents.get(uid).into_iter().flatten().cloned().collect()
    }

    /// Stores an object under a new version.
    pub(super) fn put(&mut self, kind: &'static Kind, mut object: Value) -> Arc<Value> {
        self.version += 1;
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        let object = Arc::new(object);
        let key = key(kind, &object);
        let before = self.insert(&key, &object);
        let what = before.as_ref().map_or(What::Added, |_| What::Modified);
        self.reindex(kind, &key, before.as_deref(), Some(&object));
        self.log(kind, what, Arc::clone(&object), before);
        object
    }

    /// Takes an object away; returns its last state, which is `last` under a new version.
    pub(super) fn remove(&mut self, kind: &'static Kind, last: &Value) -> Option<Arc<Value>> {
        let (namespace, name) = (text(last, "namespace"), text(last, "name"));
        let it = kind.shelf();
        let shelf = self.shelves.get_mut(&(it.group, it.plural))?;
        let names = shelf.objects.get_mut(namespace)?;
        let before = names.remove(name)?;
        if names.is_empty() {
            shelf.objects.remove(namespace);
        }
        self.version += 1;
        let mut last = last.clone();
        last["metadata"]["resourceVersion"] = json!(self.version.to_string());
        let last = Arc::new(last);
        self.reindex(kind, &key(kind, &last), Some(&before), None);
        self.log(kind, What::Deleted, Arc::clone(&last), Some(before));
        Some(last)
    }

    fn insert(&mut self, key: &Key, object: &Arc<Value>) -> Option<Arc<Value>> {
        let shelf = self.shelves.get_mut(&(key.group, key.plural))?;
        let names = shelf.objects.entry(key.namespace.clone()).or_default();
        names.insert(key.name.clone(), Arc::clone(object))
    }

    fn log(&mut self, kind: &Kind, what: What, object: Arc<Value>, before: Option<Arc<Value>>) {
        let version = self.version;
        let it = kind.shelf();
        if let Some(shelf) = self.shelves.get_mut(&(it.group, it.plural)) {
            shelf.remember(Change {
                version,
                what,
                object,
                before,
            });
        }
    }

    fn reindex(&mut self, kind: &Kind, key: &Key, before: Option<&Value>, after: Option<&Value>) {
        let (old, new) = (owners(before), owners(after));
        for uid in old.iter().filter(|uid| !new.contains(uid)) {
            if let Some(keys) = self.dependents.get_mut(*uid) {
                keys.remove(key);
                if keys.is_empty() {
                    self.dependents.remove(*uid);
                }
            }
        }
        for uid in new.iter().filter(|uid| !old.contains(uid)) {
            self.dependents
                .entry((*uid).to_owned())
                .or_default()
                .insert(key.clone());
        }
        if kind.resource == kinds::PODS {
            self.reindex_pod(key, node(before), node(after));
        }
        if kind.resource == kinds::SERVICES {
            before.inspect(|it| self.addresses.free(it));
            after.inspect(|it| self.addresses.keep(it));
        }
    }

    fn reindex_pod(&mut self, key: &Key, old: &str, new: &str) {
        if old == new {
            return;
        }
        let pod = (key.namespace.clone(), key.name.clone());
        if let Some(pods) = self.pods.get_mut(old) {
            pods.remove(&pod);
        }
        if !new.is_empty() {
            self.pods.entry(new.to_owned()).or_default().insert(pod);
        }
    }
}

impl Shelf {
    fn new(kind: &'static Kind) -> Self {
        Self {
            kind,
            objects: BTreeMap::new(),
            log: VecDeque::new(),
            forgotten: 0,
        }
    }

    /// The objects of a namespace, or of all where it is empty, by namespace and name.
    pub(super) fn list(&self, namespace: &str) -> Vec<Arc<Value>> {
        if namespace.is_empty() {
            return self
                .objects
                .values()
                .flat_map(BTreeMap::values)
                .cloned()
                .collect();
        }
        self.list_of(namespace).cloned().collect()
    }

    /// The objects of a namespace, or of all where it is empty, behind the one with this namespace and name.
    pub(super) fn behind<'a>(
        &'a self,
        namespace: &'a str,
        (last_namespace, last): (&'a str, &'a str),
    ) -> impl Iterator<Item = &'a Arc<Value>> {
        let start = if namespace.is_empty() {
            last_namespace
        } else {
            namespace
        };
        let spaces = self
            .objects
            .range::<str, _>((Bound::Included(start), Bound::Unbounded));
        let spaces = spaces.take_while(move |(space, _)| namespace.is_empty() || *space == namespace);
        spaces.flat_map(move |(space, names)| {
            let goes_on = !last.is_empty() && *space == last_namespace;
            let low = if goes_on {
                Bound::Excluded(last)
            } else {
                Bound::Unbounded
            };
            names
                .range::<str, _>((low, Bound::Unbounded))
                .map(|(_, object)| object)
        })
    }

    /// The objects of one namespace.
    pub(super) fn list_of(&self, namespace: &str) -> impl Iterator<Item = &Arc<Value>> {
        self.objects.get(namespace).into_iter().flat_map(BTreeMap::values)
    }

    /// What happened after `version`; `None` if that is forgotten.
    pub(super) fn since(&self, version: u64) -> Option<Vec<Change>> {
        if version < self.forgotten {
            return None;
        }
        let start = self.log.partition_point(|change| change.version <= version);
        Some(self.log.range(start..).cloned().collect())
    }

    /// The oldest version that a watch can start at.
    pub(super) fn oldest(&self) -> u64 {
        self.forgotten
    }

    fn remember(&mut self, change: Change) {
        if self.log.len() >= LOG
            && let Some(oldest) = self.log.pop_front()
        {
            self.forgotten = oldest.version;
        }
        self.log.push_back(change);
    }
}

/// Where an object belongs.
pub(super) fn key(kind: &Kind, object: &Value) -> Key {
    let shelf = kind.shelf();
    Key {
        group: shelf.group,
        plural: shelf.plural,
        namespace: text(object, "namespace").to_owned(),
        name: text(object, "name").to_owned(),
    }
}

fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object["metadata"][field].as_str().unwrap_or_default()
}

fn owners(object: Option<&Value>) -> Vec<&str> {
    let owners = object.and_then(|it| it["metadata"]["ownerReferences"].as_array());
    let owners = owners.into_iter().flatten();
    owners.filter_map(|owner| owner["uid"].as_str()).collect()
}

fn node(object: Option<&Value>) -> &str {
    object
        .and_then(|it| it["spec"]["nodeName"].as_str())
        .unwrap_or_default()
}
