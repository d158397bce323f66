//! What the cluster remembers. A [`Handle`] reads and writes it as somebody; the rules of a real server hold
//! for each write: versions, generations, defaults, graceful deletion, owners, finalizers.
//!
//! Read `state` (where the objects are), then `write` and `delete` (what becomes of a request).

mod check;
mod defaults;
mod delete;
mod random;
mod state;
mod write;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use serde_json::Value;
use tokio::sync::watch;

use super::api::{Api, Resource};
use super::catalog::{self, Kind};
use super::patch;
use super::problem::Problem;
use crate::Clock;

pub(super) use self::check::shape;
pub use self::delete::{DeleteOptions, Deleted, Propagation};
pub use self::random::Random;
use self::state::State;
pub use self::state::{Change, What};
pub use self::write::Part;
use self::write::Write;

/// The store, as one user of it. Clones and handles of other users are the same store.
#[derive(Clone)]
pub struct Handle {
    shared: Arc<Shared>,
    user: Arc<str>,
    trusted: bool,
    dry_run: bool,
}

struct Shared {
    clock: Clock,
    state: Mutex<State>,
    /// The version of the latest change, for those who wait for one.
    version: watch::Sender<u64>,
}

/// Which objects a page is to have.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Their namespace; empty for all.
    pub namespace: String,
    /// The namespace and the name behind which the page begins; empty for the first.
    pub after: (String, String),
    /// How many at most.
    pub limit: usize,
}

/// Some objects.
#[derive(Clone, Debug)]
pub struct Page {
    /// The objects.
    pub objects: Vec<Arc<Value>>,
    /// How many objects, fitting or not, are behind them.
    pub left: usize,
    /// The version they were read at.
    pub version: u64,
}

impl fmt::Debug for Handle {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Handle({})", self.user)
    }
}

impl Handle {
    /// An empty store whose generated names follow from `seed`, used by the cluster itself.
    pub fn new(clock: Clock, seed: u64) -> Self {
        let shared = Shared {
            clock,
            state: Mutex::new(State::new(seed)),
            version: watch::Sender::new(0),
        };
        Self {
            shared: Arc::new(shared),
            user: Arc::from("system:apiserver"),
            trusted: true,
            dry_run: false,
        }
    }

    /// The same store, used by a component of the cluster: a controller, a scheduler, a kubelet.
    pub fn acting_as(&self, user: &str) -> Self {
        Self {
            user: Arc::from(user),
            ..self.clone()
        }
    }

    /// The same store, used by somebody outside: what only components may do is refused.
    pub(super) fn for_client(&self, user: &str, dry_run: bool) -> Self {
        Self {
            user: Arc::from(user),
            trusted: false,
            dry_run,
            ..self.clone()
        }
    }

    /// Whose handle this is.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The store's present: the clock's, unless history is being written.
    pub fn time(&self) -> u64 {
        self.lock().time.unwrap_or_else(|| self.shared.clock.now_ms())
    }

    /// Sets the store's present, for writing history.
    pub fn set_time(&self, unix_ms: u64) {
        self.lock().time = Some(unix_ms);
    }

    /// The store's present is the clock's again.
    pub fn follow_clock(&self) {
        self.lock().time = None;
    }

    /// Makes something up, the same in every run with the same seed.
    pub fn random<T>(&self, make: impl FnOnce(&mut Random) -> T) -> T {
        make(&mut self.lock().random)
    }

    /// The version of the latest change.
    pub fn version(&self) -> u64 {
        self.lock().version()
    }

    /// Wakes when something changes; holds the version of the latest change.
    pub fn versions(&self) -> watch::Receiver<u64> {
        self.shared.version.subscribe()
    }

    /// One object.
    pub fn read(&self, kind: &Kind, namespace: &str, name: &str) -> Result<Arc<Value>, Problem> {
        let state = self.lock();
        let found = state.get(kind, namespace, name).cloned();
        found.ok_or_else(|| Problem::not_found(kind.resource, name))
    }

    /// The objects of a namespace, or of all where it is empty, and the version they were read at.
    pub fn list_in(&self, kind: &Kind, namespace: &str) -> (Vec<Arc<Value>>, u64) {
        let state = self.lock();
        let objects = state.shelf(kind).map(|shelf| shelf.list(namespace));
        (objects.unwrap_or_default(), state.version())
    }

    /// A page of the objects that fit, by namespace and name.
    pub fn pick(&self, kind: &Kind, wanted: &Wanted, fits: impl Fn(&Value) -> bool) -> Page {
        let state = self.lock();
        let (mut objects, mut left) = (Vec::new(), 0);
        let shelf = state.shelf(kind).into_iter();
        let after = (wanted.after.0.as_str(), wanted.after.1.as_str());
        for object in shelf.flat_map(|shelf| shelf.behind(&wanted.namespace, after)) {
            if objects.len() == wanted.limit {
                left += 1;
            } else if fits(object) {
                objects.push(Arc::clone(object));
            }
        }
        Page {
            objects,
            left,
            version: state.version(),
        }
    }

    /// How many objects of a kind there are.
    pub fn count(&self, kind: &Kind) -> usize {
        let state = self.lock();
        state
            .shelf(kind)
            .map_or(0, |shelf| shelf.objects.values().map(|names| names.len()).sum())
    }

    /// The Pods that are bound to a node, and the version they were read at.
    pub fn pods_on(&self, node: &str) -> (Vec<Arc<Value>>, u64) {
        let state = self.lock();
        (state.pods_on(node), state.version())
    }

    /// What happened to a kind after `version`, and the version up to which that is all; where some of it
    /// is forgotten, the oldest version that can be asked for.
    pub fn changes(&self, kind: &Kind, version: u64) -> Result<(Vec<Change>, u64), u64> {
        let state = self.lock();
        let shelf = state.shelf(kind);
        let changes = shelf.map_or(Some(Vec::new()), |shelf| shelf.since(version));
        let oldest = shelf.map_or(0, |shelf| shelf.oldest());
        changes.map(|changes| (changes, state.version())).ok_or(oldest)
    }

    /// Makes an object.
    pub fn make(&self, kind: &'static Kind, object: Value) -> Result<Arc<Value>, Problem> {
        self.write(kind, |write, state| write.create(state, object))
    }

    /// Puts an object, or its status, in the place of the one with this name.
    pub fn replace(
        &self,
        kind: &'static Kind,
        namespace: &str,
        name: &str,
        object: Value,
        part: Part,
    ) -> Result<Arc<Value>, Problem> {
        self.write(kind, |write, state| {
            write.update(state, (namespace, name), object, part)
        })
    }

    /// Reads an object, lets `change` make another of it, and writes that, in one step.
    pub fn edit(
        &self,
        kind: &'static Kind,
        namespace: &str,
        name: &str,
        part: Part,
        change: impl FnOnce(Value) -> Result<Value, Problem>,
    ) -> Result<Arc<Value>, Problem> {
        self.write(kind, |write, state| {
            let old = state.get(kind, namespace, name);
            let old = old.ok_or_else(|| Problem::not_found(kind.resource, name))?;
            let new = change(Value::clone(old))?;
            write.update(state, (namespace, name), new, part)
        })
    }

    /// Deletes an object, or marks it for deletion.
    pub fn remove(
        &self,
        kind: &'static Kind,
        namespace: &str,
        name: &str,
        options: &DeleteOptions,
    ) -> Result<Deleted, Problem> {
        self.write(kind, |write, state| {
            write.delete(state, (namespace, name), options)
        })
    }

    /// Every object, by kind, namespace and name.
    pub fn dump(&self) -> Vec<Arc<Value>> {
        let state = self.lock();
        state.shelves().flat_map(|shelf| shelf.list("")).collect()
    }

    fn write<T>(
        &self,
        kind: &'static Kind,
        how: impl FnOnce(Write, &mut State) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let mut state = self.lock();
        let write = Write {
            kind,
            now_ms: state.time.unwrap_or_else(|| self.shared.clock.now_ms()),
            dry_run: self.dry_run,
            trusted: self.trusted,
        };
        let before = state.version();
        let done = how(write, &mut state);
        let after = state.version();
        drop(state);
        if after != before {
            self.shared.version.send_replace(after);
        }
        done
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // What panicked had not yet written: each write is a few moves at the end of its checks.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Api for Handle {
    fn list(&self, of: Resource) -> anyhow::Result<Vec<Arc<Value>>> {
        Ok(Self::list_in(self, kind(of)?, "").0)
    }

    fn list_in(&self, of: Resource, namespace: &str) -> anyhow::Result<Vec<Arc<Value>>> {
        Ok(Self::list_in(self, kind(of)?, namespace).0)
    }

    fn get(&self, of: Resource, namespace: &str, name: &str) -> anyhow::Result<Option<Arc<Value>>> {
        let kind = kind(of)?;
        Ok(self.lock().get(kind, namespace, name).cloned())
    }

    fn create(&self, of: Resource, object: Value) -> anyhow::Result<Arc<Value>> {
        Ok(self.make(kind(of)?, object)?)
    }

    fn patch(
        &self,
        of: Resource,
        namespace: &str,
        name: &str,
        subresource: &str,
        patch: &Value,
    ) -> anyhow::Result<Arc<Value>> {
        let part = match subresource {
            "status" => Part::Status,
            _ => Part::Main,
        };
        let merged = self.edit(kind(of)?, namespace, name, part, |mut object| {
            patch::merge(&mut object, patch);
            Ok(object)
        });
        Ok(merged?)
    }

    fn delete(&self, of: Resource, namespace: &str, name: &str, grace: Option<i64>) -> anyhow::Result<()> {
        let options = DeleteOptions {
            grace,
            ..DeleteOptions::default()
        };
        self.remove(kind(of)?, namespace, name, &options)?;
        Ok(())
    }

    fn set_time(&self, unix_ms: Option<u64>) {
        self.lock().time = unix_ms;
    }

    fn revision(&self) -> Option<u64> {
        Some(self.version())
    }
}

fn kind(of: Resource) -> anyhow::Result<&'static Kind> {
    catalog::of(of).with_context(|| format!("the local cluster has no kind {}", of.kind))
}

#[cfg(test)]
mod tests;
