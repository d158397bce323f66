//! What changed in a cluster.

use super::workload::{ImageChange, Kind};
use crate::clock::Millis;

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// When; for what takes its time, when it began.
    pub at: Millis,
    /// What.
    pub what: What,
    /// The name under which the change was written, if that was noted: a program rather than a person,
    /// such as `kubectl-scale`.
    pub by: Option<String>,
}

/// What changed.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A workload is new.
    Created(Object),
    /// A workload got another template.
    RolledOut {
        /// The workload.
        object: Object,
        /// The number of its revision, if that can be read.
        revision: Option<i64>,
        /// The images that changed; none if something else did.
        images: Vec<ImageChange>,
        /// True if an earlier template came back.
        is_back: bool,
        /// Why, if somebody noted it.
        cause: Option<String>,
    },
    /// A Deployment got another number of Pods.
    Scaled {
        /// The Deployment.
        object: Object,
        /// What it was; older clusters do not say.
        from: Option<i64>,
        /// What it became.
        to: i64,
    },
    /// An autoscaler chose another number of Pods.
    Autoscaled {
        /// The autoscaler's namespace.
        namespace: String,
        /// The autoscaler's name.
        name: String,
        /// How many.
        to: i64,
        /// Why, in its own words.
        reason: String,
    },
    /// No new Pods are placed on a node.
    Cordoned {
        /// The node.
        node: String,
    },
    /// New Pods are placed on a node again.
    Uncordoned {
        /// The node.
        node: String,
    },
    /// A node is new.
    NodeAdded {
        /// The node.
        node: String,
    },
    /// A node is another than before under the same name.
    NodeReplaced {
        /// The node.
        node: String,
    },
    /// A node is gone.
    NodeRemoved {
        /// The node.
        node: String,
    },
}

/// A workload by its kind, namespace and name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Object {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}
