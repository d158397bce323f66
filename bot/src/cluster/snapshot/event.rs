//! Events: what a component of the cluster noted about an object.

use crate::clock::Millis;
use crate::cluster::read::time;

/// One Event, or several that say the same.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event {
    /// The namespace that it is kept in.
    pub namespace: String,
    /// `Normal` or `Warning`.
    pub kind: String,
    /// In one word, such as `BackOff`.
    pub reason: String,
    /// In a sentence.
    pub message: String,
    /// What it is about.
    pub object: Object,
    /// Who noted it: `kubelet`, `node-controller`, …
    pub source: String,
    /// Where, if it was told: mostly a node.
    pub host: String,
    /// When it happened first.
    pub first: Option<Millis>,
    /// When it happened last; `None` also for something that was counted without its time being noted.
    pub last: Option<Millis>,
    /// How often it happened; at least once.
    pub count: i64,
    /// True if it was counted as something that happens again and again.
    pub is_repeated: bool,
}

/// Events that say the same of several objects.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The newest of them, with the times and the count of all.
    pub example: Event,
    /// Of how many objects it is said.
    pub objects: usize,
}

/// What an Event is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Object {
    /// Its kind, such as `Pod`.
    pub kind: String,
    /// Its namespace; empty for a node.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its uid: empty, the object's, or for a node its name.
    pub uid: String,
    /// Which part of it, such as `spec.containers{app}`.
    pub field: String,
}

impl Event {
    /// True for a warning.
    pub fn is_warning(&self) -> bool {
        self.kind == "Warning"
    }

    /// The time by which Events are put in order: the last that is known.
    pub fn at(&self) -> Option<Millis> {
        self.last.or(self.first)
    }

    /// The words in the column LAST SEEN of `kubectl events`: `3m`, or `3m (x5 over 1h)`.
    pub fn age_words(&self, now: Millis) -> String {
        if self.is_repeated {
            let (last, first) = (time::age(self.last, now), time::age(self.first, now));
            format!("{last} (x{} over {first})", self.count)
        } else {
            time::age(self.first, now)
        }
    }

    /// The word in the column OBJECT of `kubectl events`: `Pod/web-1`.
    pub fn object_words(&self) -> String {
        format!("{}/{}", self.object.kind, self.object.name)
    }
}
