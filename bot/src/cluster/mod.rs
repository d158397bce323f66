//! The edge to clusters: the only place that names `kube` and `k8s_openapi`.
//!
//! `request` says what is asked and which right it needs, `client` asks it over a `connection`. [`read`] turns what the API server
//! answers into the plain structs of [`snapshot`], as kubectl and the server's own tables read it; it does no IO
//! and asks no clock. `reads` puts the three together, one function a question. [`watch`] keeps the little that the
//! bot knows of a cluster beforehand, [`whole`] answers from it what is asked over all of a cluster. [`changes`] is the
//! cluster's side of a change: what it depends on, who may do it, the one call that does it, what is true afterwards.

pub mod changes;
pub mod client;
mod connection;
pub mod excess;
pub mod fields;
mod items;
mod kinds;
pub mod manifest;
pub mod names;
pub mod probe;
pub mod read;
pub mod reads;
pub mod request;
pub mod served;
pub mod snapshot;
pub mod watch;
pub mod whole;

use std::collections::BTreeMap;

use crate::config::Config;

pub use client::{Cluster, NotRead, Reader, Who, Why};

/// The clusters of the configuration, by name.
pub struct Clusters(BTreeMap<String, Cluster>);

impl Clusters {
    /// Those of the configuration. Nothing is connected to yet.
    pub fn of(config: &Config) -> Self {
        let clusters = config.clusters.iter();
        Self(
            clusters
                .map(|(name, settings)| (name.clone(), Cluster::new(name, settings.clone())))
                .collect(),
        )
    }

    /// The cluster of this name.
    pub fn get(&self, name: &str) -> Option<&Cluster> {
        self.0.get(name)
    }

    /// All of them, by name.
    pub fn all(&self) -> impl Iterator<Item = &Cluster> {
        self.0.values()
    }

    /// Their names.
    pub fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
}
