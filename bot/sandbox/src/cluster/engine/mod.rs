//! What lives in the cluster: controllers, a scheduler and hollow kubelets, on a clock that is moved, and a
//! scenario that happens to them.
//!
//! Read `scenario` (what is there and what happens), then [`Engine`] (how time passes), `control` (the control
//! plane), `hollow` (the nodes), `record` (what they tell).

mod amount;
mod control;
mod dice;
mod hollow;
mod local;
mod object;
mod record;
pub mod remote;
mod scenario;
mod steps;
mod world;

pub(crate) use self::local::{Choice, Local};
pub use self::scenario::{About, list};

use self::control::Controllers;
use self::dice::Dice;
use self::hollow::Hollow;
use self::scenario::{Occasion, Scenario, Step};
use self::world::{Wake, World};
use crate::cluster::api::{Api, kinds};

/// The seed of everything that is made up, where none is given.
const SEED: u64 = 1;
/// More rounds than this without coming to rest is an error of a controller.
const MOST_ROUNDS: usize = 400;

/// Everything in a cluster that acts by itself.
pub struct Engine {
    world: World,
    controllers: Controllers,
    hollow: Hollow,
    steps: Vec<(u64, Occasion)>,
    event_life: u64,
    seen: Option<u64>,
}

impl Engine {
    /// An engine for a scenario whose present is `now_ms`. Nothing has happened yet: the first
    /// [`Engine::run_to`] plays the history.
    pub(crate) fn new(
        api: Box<dyn Api + Send>,
        scenario: Scenario,
        seed: Option<u64>,
        now_ms: u64,
    ) -> anyhow::Result<Self> {
        let began = now_ms.saturating_sub(scenario.built);
        let steps = scenario
            .steps
            .into_iter()
            .map(|(ago, step)| (now_ms.saturating_sub(ago), step));
        let mut engine = Self {
            world: World::new(api, Dice::new(seed.unwrap_or(SEED)), began),
            controllers: Controllers::default(),
            hollow: Hollow::new(scenario.habits),
            steps: steps.collect(),
            event_life: scenario.event_life,
            seen: None,
        };
        engine.world.set_time(began);
        for object in scenario.objects {
            steps::apply(&mut engine.world, object)?;
        }
        for spec in scenario.nodes {
            engine.hollow.join(&mut engine.world, spec)?;
        }
        for (number, (at, _)) in engine.steps.iter().enumerate() {
            engine.world.wake(*at, Wake::Step(number));
        }
        Ok(engine)
    }

    /// Lets everything act up to a time, until nothing has anything more to do.
    pub fn run_to(&mut self, now_ms: u64) -> anyhow::Result<()> {
        let lived = self.live(now_ms);
        // Whatever happened, the cluster's time is its own again.
        self.world.follow_clock();
        lived
    }

    fn live(&mut self, now_ms: u64) -> anyhow::Result<()> {
        if self.seen.is_none() || self.world.revision() != self.seen {
            self.look_at_everything();
        }
        self.settle()?;
        while let Some(at) = self.world.next_wake().filter(|at| *at <= now_ms) {
            self.world.set_time(at.max(self.world.now));
            while let Some(wake) = self.world.take_wake() {
                self.handle(wake)?;
            }
            self.settle()?;
        }
        self.world.set_time(now_ms.max(self.world.now));
        self.hollow.beat(&mut self.world)?;
        self.world.expire_events(now_ms.saturating_sub(self.event_life))?;
        self.settle()?;
        self.seen = self.world.revision();
        Ok(())
    }

    /// Somebody else may have written anything.
    fn look_at_everything(&mut self) {
        use kinds::{
            DAEMON_SETS, DEPLOYMENTS, DISRUPTION_BUDGETS, NODES, PODS, REPLICA_SETS, SERVICES, STATEFUL_SETS,
        };
        self.world.changed(NODES, "");
        let namespaces = self.world.list(kinds::NAMESPACES).unwrap_or_default();
        for namespace in namespaces {
            for of in [
                PODS,
                DEPLOYMENTS,
                REPLICA_SETS,
                STATEFUL_SETS,
                DAEMON_SETS,
                SERVICES,
                DISRUPTION_BUDGETS,
            ] {
                self.world.changed(of, object::name(&namespace));
            }
        }
    }

    fn handle(&mut self, wake: Wake) -> anyhow::Result<()> {
        match wake {
            Wake::Step(number) => {
                let occasion = self.steps.get(number).map(|(_, occasion)| occasion.clone());
                let taken = occasion.map_or(Ok(()), |occasion| self.take(occasion));
                self.forgive(taken)
            }
            Wake::Kubelet(node) => self.hollow.wake(&mut self.world, &node),
            Wake::Pod(node, pod) => self.hollow.wake_pod(&mut self.world, &node, &pod),
            // Its place among the changes is all that it is for.
            Wake::Look(..) => Ok(()),
        }
    }

    /// In its history a scenario has to fit; later somebody may have removed what a step is about.
    fn forgive(&self, taken: anyhow::Result<()>) -> anyhow::Result<()> {
        match taken {
            Err(error) if self.seen.is_some() => {
                tracing::warn!("the scenario cannot go on as written: {error:#}");
                Ok(())
            }
            taken => taken,
        }
    }

    fn take(&mut self, occasion: Occasion) -> anyhow::Result<()> {
        if let Step::Reboot(reboot) = &occasion.step {
            let boot = Occasion::once(Step::Boot(reboot.node.clone()));
            self.plan(self.world.now + reboot.down.0, boot);
        }
        if let Some(again) = occasion.again {
            self.plan(self.world.now + again, occasion.clone());
        }
        steps::take(&mut self.world, &mut self.hollow, occasion.step)
    }

    fn plan(&mut self, at: u64, occasion: Occasion) {
        self.steps.push((at, occasion));
        self.world.wake(at, Wake::Step(self.steps.len() - 1));
    }

    fn settle(&mut self) -> anyhow::Result<()> {
        for _ in 0..MOST_ROUNDS {
            let changes = self.world.take_changes();
            if changes.is_empty() {
                return Ok(());
            }
            self.controllers.sync(&mut self.world, &changes)?;
            self.hollow.sync(&mut self.world, &changes)?;
        }
        anyhow::bail!("the cluster does not come to rest")
    }
}

#[cfg(test)]
mod tests;
