//! The engine on the local store, seen as kubectl would show it.

mod nodes;
mod remote;
mod rollouts;
mod scenarios;
mod show;

use std::time::Duration;

use serde_json::json;

use super::{Engine, Scenario};
use crate::cluster::api::{Api as _, kinds};
use crate::cluster::store::Handle;
use crate::{Clock, START_MS};

/// A store and the engine that lives in it.
struct Stage {
    store: Handle,
    clock: Clock,
    engine: Engine,
}

impl Stage {
    /// The scenario of this name at its present.
    fn named(name: &str, seed: Option<u64>) -> Self {
        Self::of(Scenario::named(name, seed).unwrap(), seed)
    }

    fn of(scenario: Scenario, seed: Option<u64>) -> Self {
        let clock = Clock::manual(START_MS);
        let store = Handle::new(clock.clone(), seed.unwrap_or(1));
        store.set_time(START_MS - scenario.built);
        for name in ["default", "kube-system", "kube-public", "kube-node-lease"] {
            store
                .create(kinds::NAMESPACES, json!({"metadata": {"name": name}}))
                .unwrap();
        }
        let mut engine = Engine::new(Box::new(store.clone()), scenario, seed, START_MS).unwrap();
        engine.run_to(START_MS).unwrap();
        Self { store, clock, engine }
    }

    fn advance(&mut self, time: Duration) {
        self.clock.advance(u64::try_from(time.as_millis()).unwrap());
        self.engine.run_to(self.clock.now_ms()).unwrap();
    }
}
