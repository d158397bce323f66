//! One Pod on a hollow kubelet: its sandbox, its containers one after the other or together, its end.

use std::sync::Arc;

use serde_json::{Value, json};

use super::container::{Container, Next, Place};
use super::habits::{Exit, Habits};
use crate::cluster::api::kinds::PODS;
use crate::cluster::engine::control::about;
use crate::cluster::engine::dice::Dice;
use crate::cluster::engine::object::{condition, is_finished, items, name, namespace, put_condition, uid};
use crate::cluster::engine::record::{Note, Source};
use crate::cluster::engine::world::World;
use crate::cluster::time::rfc3339;

/// A condition that does not hold and says no reason.
const NO_REASON: &str = "-";

/// What a Pod waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Its sandbox is being made.
    Sandbox { until: u64 },
    /// Its containers start, run and end.
    Running,
    /// It was deleted and its containers stop.
    Stopping { until: u64 },
    /// It has run to its end, or was evicted.
    Over,
}

/// A Pod as its kubelet sees it.
#[derive(Clone, Debug)]
pub(crate) struct Pod {
    pub(crate) object: Arc<Value>,
    pub(crate) containers: Vec<Container>,
    pub(crate) stage: Stage,
    pub(crate) address: Option<String>,
    started: String,
    /// Reason and message of the end that the kubelet itself made.
    verdict: Option<(String, String)>,
}

impl Pod {
    /// A Pod that was bound to the node.
    pub(crate) fn admit(object: &Arc<Value>, habits: &Habits, now: u64, dice: Dice) -> Self {
        let spec = &object["spec"];
        let inits = items(&spec["initContainers"]);
        let waits_for = if inits.is_empty() {
            "ContainerCreating"
        } else {
            "PodInitializing"
        };
        let make = |is_init: bool| {
            move |container: &Value| {
                Container::new(container, habits.of(object, container), is_init, waits_for)
            }
        };
        let before = inits.iter().map(make(true));
        let containers = before
            .chain(items(&spec["containers"]).iter().map(make(false)))
            .collect();
        let takes = dice.between(400, 1400, &["sandbox", uid(object)]);
        Self {
            object: Arc::clone(object),
            containers,
            stage: Stage::Sandbox { until: now + takes },
            address: None,
            started: rfc3339(now),
            verdict: None,
        }
    }

    /// A Pod that is there already, as its status shows it.
    pub(crate) fn adopt(object: &Arc<Value>, habits: &Habits, now: u64) -> Self {
        let (spec, status) = (&object["spec"], &object["status"]);
        let take = |list: &'static str, statuses: &'static str, is_init: bool| {
            items(&spec[list]).iter().map(move |container| {
                let habit = habits.of(object, container);
                let shown = items(&status[statuses])
                    .iter()
                    .find(|shown| shown["name"] == container["name"]);
                shown.map_or_else(
                    || {
                        Container::new(
                            container,
                            habits.of(object, container),
                            is_init,
                            "ContainerCreating",
                        )
                    },
                    |shown| Container::adopt(container, habit, is_init, shown, now),
                )
            })
        };
        let inits = take("initContainers", "initContainerStatuses", true);
        Self {
            object: Arc::clone(object),
            containers: inits
                .chain(take("containers", "containerStatuses", false))
                .collect(),
            stage: if is_finished(object) {
                Stage::Over
            } else {
                Stage::Running
            },
            address: status["podIP"].as_str().map(str::to_owned),
            started: status["startTime"]
                .as_str()
                .map_or_else(|| rfc3339(now), str::to_owned),
            verdict: None,
        }
    }

    pub(crate) fn is_on_host(&self) -> bool {
        self.object["spec"]["hostNetwork"] == true
    }

    /// When something happens to it next.
    pub(crate) fn next_at(&self) -> Option<u64> {
        match self.stage {
            Stage::Sandbox { until } | Stage::Stopping { until } => Some(until),
            Stage::Running => self.containers.iter().filter_map(Container::next_at).min(),
            Stage::Over => None,
        }
    }

    /// Its sandbox is there: the first containers start.
    pub(crate) fn begin(&mut self, address: String, now: u64) {
        self.address = Some(address);
        self.stage = Stage::Running;
        self.start_due(now);
    }

    /// Lets those containers start whose turn it is: one init container after the other, then all others.
    fn start_due(&mut self, now: u64) {
        for index in 0..self.containers.len() {
            let container = &mut self.containers[index];
            let fresh = container.is_waiting() && container.next_at().is_none();
            if fresh {
                container.then(now, 40, Next::Pull);
            }
            if container.is_init && !container.is_done() {
                break;
            }
        }
    }

    /// Does what is due to its containers. Says whether anything was.
    pub(crate) fn run(&mut self, place: &mut Place<'_>) -> anyhow::Result<bool> {
        let mut moved = false;
        for container in &mut self.containers {
            moved |= container.run(place)?;
        }
        if moved {
            self.start_due(place.world.now);
            self.finish_if_done();
        }
        Ok(moved)
    }

    /// A container ends now, as a scenario wants it.
    pub(crate) fn end_container(&mut self, place: &Place<'_>, named: Option<&str>, exit: &Exit) {
        let wanted = |container: &&mut Container| {
            container.is_running() && named.is_none_or(|named| container.name() == named)
        };
        if let Some(container) = self.containers.iter_mut().find(wanted) {
            container.end(place, exit);
        }
        self.finish_if_done();
    }

    fn finish_if_done(&mut self) {
        let all_over = |container: &Container| container.is_ended() && container.next_at().is_none();
        if self.stage == Stage::Running && self.containers.iter().all(all_over) {
            self.stage = Stage::Over;
        }
    }

    /// It was deleted: containers are told to stop.
    pub(crate) fn stop(&mut self, place: &mut Place<'_>) -> anyhow::Result<()> {
        let now = place.world.now;
        let grace = self.object["metadata"]["deletionGracePeriodSeconds"]
            .as_u64()
            .unwrap_or(30)
            * 1000;
        let mut takes = 0;
        for container in self.containers.iter().filter(|container| container.is_running()) {
            container.tell(
                place,
                "Killing",
                false,
                format!("Stopping container {}", container.name()),
            )?;
            takes = place
                .world
                .dice
                .between(600, 2600, &["stop", uid(&self.object)])
                .min(grace);
        }
        for container in &mut self.containers {
            container.hold();
        }
        self.stage = Stage::Stopping { until: now + takes };
        Ok(())
    }

    /// The kubelet throws it off the node to save it.
    pub(crate) fn evict(&mut self, place: &mut Place<'_>, message: &str) -> anyhow::Result<()> {
        let (about, from) = (about(&self.object), Source::Kubelet(place.node.to_owned()));
        let note = Note {
            about,
            warning: true,
            reason: "Evicted",
            message: message.to_owned(),
            from,
        };
        place.world.tell(note)?;
        for container in self.containers.iter().filter(|container| container.is_running()) {
            container.tell(
                place,
                "Killing",
                false,
                format!("Stopping container {}", container.name()),
            )?;
        }
        for container in &mut self.containers {
            container.kill(place.world.now, 137);
        }
        self.verdict = Some(("Evicted".to_owned(), message.to_owned()));
        self.stage = Stage::Over;
        Ok(())
    }

    /// The machine under it was started anew: another sandbox, another address, the containers again.
    pub(crate) fn lose_sandbox(&mut self, world: &mut World, node: &str) -> anyhow::Result<()> {
        if self.stage == Stage::Over {
            return Ok(());
        }
        let now = world.now;
        let was_up = !matches!(self.stage, Stage::Sandbox { .. });
        let takes = world.dice.between(
            2500,
            9000,
            &["sandbox again", uid(&self.object), &now.to_string()],
        );
        for container in &mut self.containers {
            if was_up && !container.is_init {
                container.lose(now, takes + 300);
            }
        }
        if !self.is_on_host() {
            self.address = None;
        }
        self.stage = Stage::Sandbox { until: now + takes };
        if !was_up {
            return Ok(());
        }
        let message = "Pod sandbox changed, it will be killed and re-created.".to_owned();
        let (about, from) = (about(&self.object), Source::Kubelet(node.to_owned()));
        world.tell(Note {
            about,
            warning: false,
            reason: "SandboxChanged",
            message,
            from,
        })
    }

    fn phase(&self) -> &'static str {
        if self.verdict.is_some() {
            return "Failed";
        }
        let mut inits = self.containers.iter().filter(|container| container.is_init);
        let mut apps = self.containers.iter().filter(|container| !container.is_init);
        if self.stage == Stage::Over {
            return if apps.all(Container::is_done) {
                "Succeeded"
            } else {
                "Failed"
            };
        }
        let was_started =
            |container: &Container| !container.is_waiting() || container.last_state["terminated"].is_object();
        if !inits.all(Container::is_done) || !apps.all(was_started) {
            "Pending"
        } else {
            "Running"
        }
    }

    /// Writes the status to the API if it is another one than before.
    pub(crate) fn write(&mut self, world: &mut World, host: &str) -> anyhow::Result<()> {
        let Some(current) = world.get(PODS, namespace(&self.object), name(&self.object))? else {
            return Ok(());
        };
        if uid(&current) != uid(&self.object) {
            return Ok(());
        }
        let status = self.status(&current, host, world.now);
        world.put_status(PODS, &current, status)?;
        Ok(())
    }

    fn status(&self, current: &Value, host: &str, now: u64) -> Value {
        let old = &current["status"];
        let generation = &current["metadata"]["generation"];
        let (inits, apps): (Vec<_>, Vec<_>) = self.containers.iter().partition(|container| container.is_init);
        let mut status = json!({
            "phase": self.phase(),
            "conditions": self.conditions(current, now),
            "startTime": self.started,
            "hostIP": host,
            "hostIPs": [{"ip": host}],
            "qosClass": old["qosClass"],
            "observedGeneration": generation,
            "containerStatuses": apps.iter().map(|container| container.status()).collect::<Vec<_>>(),
        });
        if !inits.is_empty() {
            status["initContainerStatuses"] = inits.iter().map(|container| container.status()).collect();
        }
        let address = if self.is_on_host() {
            Some(host)
        } else {
            self.address.as_deref()
        };
        if let Some(address) = address {
            status["podIP"] = json!(address);
            status["podIPs"] = json!([{"ip": address}]);
        }
        if let Some((reason, message)) = &self.verdict {
            status["reason"] = json!(reason);
            status["message"] = json!(message);
        }
        status
    }

    /// The conditions of others, then those of the kubelet in their order.
    fn conditions(&self, current: &Value, now: u64) -> Vec<Value> {
        let generation = &current["metadata"]["generation"];
        let mut own = Vec::new();
        for (kind, (reason, message)) in self.judgements() {
            own.extend(condition(current, kind).cloned());
            let new = condition_of(kind, reason.is_empty(), (reason, &message), generation);
            put_condition(&mut own, new, now);
        }
        let mut list = items(&current["status"]["conditions"]).to_vec();
        list.retain(|other| !own.iter().any(|own| own["type"] == other["type"]));
        if let Some((_, message)) = &self.verdict {
            let new = condition_of(
                "DisruptionTarget",
                true,
                ("TerminationByKubelet", message),
                generation,
            );
            put_condition(&mut list, new, now);
        }
        list.append(&mut own);
        list
    }

    /// What the kubelet says of each condition: no reason where it holds.
    fn judgements(&self) -> [(&'static str, (&'static str, String)); 5] {
        let waiting = |is_init: bool, healthy: fn(&Container) -> bool| -> String {
            let all = self
                .containers
                .iter()
                .filter(move |container| container.is_init == is_init);
            let waiting: Vec<&str> = all
                .filter(|container| !healthy(container))
                .map(Container::name)
                .collect();
            waiting.join(" ")
        };
        let uninitialised = waiting(true, Container::is_done);
        let unready = waiting(false, |container| container.ready);
        let holds = ("", String::new());
        let initialised = if uninitialised.is_empty() {
            holds.clone()
        } else {
            let message = format!("containers with incomplete status: [{uninitialised}]");
            ("ContainersNotInitialized", message)
        };
        let ready = match (self.stage, self.phase()) {
            (Stage::Over, "Succeeded") => ("PodCompleted", String::new()),
            (Stage::Over, _) => ("PodFailed", String::new()),
            _ if unready.is_empty() => holds.clone(),
            _ => (
                "ContainersNotReady",
                format!("containers with unready status: [{unready}]"),
            ),
        };
        [
            (
                "PodReadyToStartContainers",
                (if self.has_sandbox() { "" } else { NO_REASON }, String::new()),
            ),
            ("Initialized", initialised),
            ("Ready", ready.clone()),
            ("ContainersReady", ready),
            ("PodScheduled", holds),
        ]
    }

    fn has_sandbox(&self) -> bool {
        let is_up = self.address.is_some() || self.is_on_host();
        is_up && !matches!(self.stage, Stage::Over | Stage::Sandbox { .. })
    }
}

fn condition_of(kind: &str, holds: bool, (reason, message): (&str, &str), generation: &Value) -> Value {
    let mut condition = json!({
        "type": kind,
        "status": if holds { "True" } else { "False" },
        "lastProbeTime": null,
        "observedGeneration": generation,
    });
    for (field, value) in [("reason", reason), ("message", message)] {
        if !value.is_empty() && value != NO_REASON {
            condition[field] = json!(value);
        }
    }
    condition
}
