//! Controllers: what a control plane does with objects after people wrote them. Each looks only where
//! something changed and does its work step by step until nothing changes any more.

mod budget;
mod daemon;
mod deployment;
mod endpoints;
mod history;
mod lifecycle;
mod progress;
mod replicas;
mod schedule;
mod stateful;
mod taints;
mod template;

use serde_json::{Value, json};

use super::world::{Changes, World};

use endpoints::Endpoints;
use lifecycle::Lifecycle;
use schedule::Scheduler;
use taints::Evictions;

/// The controllers that remember something between their runs.
#[derive(Debug, Default)]
pub(crate) struct Controllers {
    lifecycle: Lifecycle,
    evictions: Evictions,
    scheduler: Scheduler,
    endpoints: Endpoints,
}

impl Controllers {
    /// One round over everything that changed.
    pub(crate) fn sync(&mut self, world: &mut World, changes: &Changes) -> anyhow::Result<()> {
        self.lifecycle.sync(world, changes)?;
        self.evictions.sync(world, changes)?;
        deployment::sync(world, changes)?;
        replicas::sync(world, changes)?;
        stateful::sync(world, changes)?;
        daemon::sync(world, changes)?;
        self.scheduler.sync(world, changes)?;
        self.endpoints.sync(world, changes)?;
        budget::sync(world, changes)
    }
}

/// The reference to an object in an event about it.
pub(crate) fn about(object: &Value) -> Value {
    let metadata = &object["metadata"];
    let mut reference = json!({
        "apiVersion": object["apiVersion"],
        "kind": object["kind"],
        "name": metadata["name"],
        "uid": metadata["uid"],
        "resourceVersion": metadata["resourceVersion"],
    });
    if metadata["namespace"].is_string() {
        reference["namespace"] = metadata["namespace"].clone();
    }
    reference
}
