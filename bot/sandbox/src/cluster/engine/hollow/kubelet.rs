//! A hollow kubelet: a node that has no machine. It does what a kubelet does to the API: joins, gives signs of
//! life, runs Pods in name, evicts, reboots.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::habits::Habits;
use super::node::{self, Health, Spec};
use super::pod::{Pod, Stage};
use crate::cluster::api::kinds::{LEASES, NODES, PODS};
use crate::cluster::engine::object::{condition, is_true, items, text, uid};
use crate::cluster::engine::record::{Note, Source};
use crate::cluster::engine::world::{Wake, World};
use crate::cluster::time::{rfc3339, rfc3339_micro};

/// How often a kubelet renews its lease, and writes its status although nothing changed.
const LEASE_PERIOD: u64 = 10_000;
const STATUS_PERIOD: u64 = 300_000;
/// How long a kubelet that starts takes until it is ready.
const STARTS_IN: u64 = 10_400;
const LEASE_NAMESPACE: &str = "kube-node-lease";

/// A kubelet and its Pods by their uids.
#[derive(Debug)]
pub(crate) struct Kubelet {
    pub(crate) spec: Spec,
    pub(crate) address: String,
    pub(crate) pods: BTreeMap<String, Pod>,
    pub(crate) health: Health,
    /// Memory (bytes) that others than Pods use, because a scenario wants it so.
    pub(crate) ballast: Option<i64>,
    index: usize,
    /// The first three numbers of the addresses of its Pods.
    pub(super) network: String,
    pub(super) up: bool,
    boots: u32,
    ready_at: Option<u64>,
    pub(super) images: BTreeSet<String>,
    pub(super) addresses: u32,
    lease: u64,
    heartbeat: u64,
    was_unschedulable: bool,
}

impl Kubelet {
    pub(crate) fn new(spec: Spec, index: usize) -> Self {
        let address = spec
            .address
            .clone()
            .unwrap_or_else(|| format!("10.0.{}.{}", index / 200, 11 + index % 200));
        Self {
            spec,
            address,
            pods: BTreeMap::new(),
            health: Health::default(),
            ballast: None,
            index,
            network: format!("10.{}.{}", 244 + index / 256, index % 256),
            up: false,
            boots: 0,
            ready_at: None,
            images: BTreeSet::new(),
            addresses: 1,
            lease: 0,
            heartbeat: 0,
            was_unschedulable: false,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.spec.name
    }

    pub(crate) fn is_up(&self) -> bool {
        self.up
    }

    fn boot_id(&self, world: &World) -> String {
        world.dice.uuid(&["boot", self.name(), &self.boots.to_string()])
    }

    /// Joins the cluster as a new node.
    pub(crate) fn join(&mut self, world: &mut World) -> anyhow::Result<()> {
        let range = format!("{}.0/24", self.network);
        let mut object = node::object(&self.spec, self.index, &self.address, &range);
        self.health.not_ready = Some("container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized".to_owned());
        let machine = node::machine(&self.spec, &self.boot_id(world), world.dice);
        merge(&mut object["status"], machine);
        let mut conditions = Vec::new();
        node::put_conditions(&mut conditions, &self.health, world.now);
        let mut status = object["status"].take();
        status["conditions"] = json!(conditions);
        world.create(NODES, object)?;
        world.patch(NODES, ("", self.name()), "status", &json!({"status": status}))?;
        self.come_up(world, 3)?;
        // No two kubelets do the same at the same moment.
        let phase = |most: u64, what: &str| world.dice.between(0, most - 1, &[what, &self.spec.name]);
        let (lease, heartbeat) = (phase(LEASE_PERIOD, "lease"), phase(STATUS_PERIOD, "heartbeat"));
        self.heartbeat = world.now.saturating_sub(heartbeat);
        self.renew(world, world.now.saturating_sub(lease))
    }

    /// Takes over a node that is there, as it is there.
    pub(crate) fn adopt(&mut self, world: &mut World, node: &Value) -> anyhow::Result<()> {
        let addresses = items(&node["status"]["addresses"]);
        if let Some(internal) = addresses.iter().find(|address| address["type"] == "InternalIP") {
            text(&internal["address"]).clone_into(&mut self.address);
        }
        for image in items(&node["status"]["images"]) {
            let names = items(&image["names"]).iter();
            self.images.extend(names.map(|name| text(name).to_owned()));
        }
        let range = text(&node["spec"]["podCIDR"]);
        if let Some((network, _)) = range.rsplit_once('.') {
            network.clone_into(&mut self.network);
        }
        // Above what the cluster gave to Pods before.
        self.addresses = 120;
        self.health.memory_pressure = is_true(node, "MemoryPressure");
        self.health.disk_pressure = is_true(node, "DiskPressure");
        let ready = condition(node, "Ready").filter(|ready| ready["status"] == "False");
        self.health.not_ready = ready.map(|ready| text(&ready["message"]).to_owned());
        self.was_unschedulable = node["spec"]["unschedulable"] == true;
        self.up = true;
        self.heartbeat = world.now;
        world.set_beating(&self.spec.name, true);
        self.renew(world, world.now)
    }

    /// The kubelet process starts: what it tells, and when it will be ready.
    fn come_up(&mut self, world: &mut World, first_count: usize) -> anyhow::Result<()> {
        self.up = true;
        world.forget_events_of(&self.spec.name);
        world.set_beating(&self.spec.name, true);
        self.tell(world, false, "Starting", "Starting kubelet.".to_owned(), false)?;
        for _ in 0..first_count {
            for reason in [
                "NodeHasSufficientMemory",
                "NodeHasNoDiskPressure",
                "NodeHasSufficientPID",
            ] {
                self.tell_status(world, reason, false)?;
            }
        }
        let enforced = "Updated Node Allocatable limit across pods".to_owned();
        self.tell(world, false, "NodeAllocatableEnforced", enforced, false)?;
        self.ready_at = Some(world.now + STARTS_IN);
        self.heartbeat = world.now;
        self.renew(world, world.now)?;
        world.wake(world.now + STARTS_IN, Wake::Kubelet(self.spec.name.clone()));
        Ok(())
    }

    /// Does what is due for the node itself.
    pub(crate) fn wake(&mut self, world: &mut World) -> anyhow::Result<()> {
        if self.up && self.ready_at.is_some_and(|at| at <= world.now) {
            self.ready_at = None;
            self.set_not_ready(world, None)?;
        }
        Ok(())
    }

    fn set_not_ready(&mut self, world: &mut World, why: Option<String>) -> anyhow::Result<()> {
        let status = |node: &Value| condition(node, "Ready").map(|ready| ready["status"].clone());
        let before = status(&*self.node(world)?);
        self.health.not_ready = why;
        self.write_conditions(world)?;
        if before == status(&*self.node(world)?) {
            return Ok(());
        }
        let ready = self.health.not_ready.is_none();
        self.tell_status(world, if ready { "NodeReady" } else { "NodeNotReady" }, true)
    }

    fn node(&self, world: &World) -> anyhow::Result<Arc<Value>> {
        let found = world.get(NODES, "", self.name())?;
        found.with_context(|| format!("there is no node {}", self.name()))
    }

    fn write_conditions(&mut self, world: &mut World) -> anyhow::Result<()> {
        let node = self.node(world)?;
        let mut conditions = items(&node["status"]["conditions"]).to_vec();
        node::put_conditions(&mut conditions, &self.health, world.now);
        self.heartbeat = world.now;
        let patch = json!({"status": {"conditions": conditions}});
        world.patch(NODES, ("", self.name()), "status", &patch)?;
        Ok(())
    }

    /// The kubelet falls silent, with its machine or alone. Its last sign of life is written.
    pub(crate) fn go_down(&mut self, world: &mut World) -> anyhow::Result<()> {
        if !self.up {
            return Ok(());
        }
        self.beat(world)?;
        self.up = false;
        self.ready_at = None;
        world.set_beating(&self.spec.name, false);
        world.changed(NODES, "");
        Ok(())
    }

    /// The machine is there again, with another boot: nothing in it runs any more.
    pub(crate) fn boot(&mut self, world: &mut World) -> anyhow::Result<()> {
        self.boots += 1;
        let node = self.node(world)?;
        self.come_up(world, 2)?;
        let boot = self.boot_id(world);
        let mut machine = node["status"]["nodeInfo"].clone();
        machine["bootID"] = json!(boot);
        world.patch(
            NODES,
            ("", self.name()),
            "status",
            &json!({"status": {"nodeInfo": machine}}),
        )?;
        let message = format!("Node {} has been rebooted, boot id: {boot}", self.name());
        self.tell(world, true, "Rebooted", message, true)?;
        let why = "[container runtime status check may not have completed yet, container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized]";
        self.set_not_ready(world, Some(why.to_owned()))?;
        self.pods
            .retain(|_, pod| !matches!(pod.stage, Stage::Stopping { .. }));
        for pod in self.pods.values_mut() {
            pod.lose_sandbox(world, &self.spec.name)?;
            pod.write(world, &self.address)?;
        }
        self.sync(world, &self.pods_of(world)?, &Habits::default())?;
        self.schedule_all(world);
        Ok(())
    }

    /// The kubelet starts again on a machine that went on running.
    pub(crate) fn start_again(&mut self, world: &mut World) -> anyhow::Result<()> {
        if self.up {
            return Ok(());
        }
        self.come_up(world, 2)?;
        let why = "container runtime status check may not have completed yet";
        self.set_not_ready(world, Some(why.to_owned()))?;
        self.resume(world)
    }

    /// The node is reached again, and nothing in it had stopped.
    pub(crate) fn plug_in(&mut self, world: &mut World) -> anyhow::Result<()> {
        if self.up {
            return Ok(());
        }
        self.up = true;
        world.set_beating(&self.spec.name, true);
        self.renew(world, world.now)?;
        self.write_conditions(world)?;
        self.resume(world)
    }

    /// The Pods are looked after again, and what happened meanwhile is told.
    fn resume(&mut self, world: &mut World) -> anyhow::Result<()> {
        for pod in self.pods.values_mut() {
            pod.write(world, &self.address)?;
        }
        self.schedule_all(world);
        world.changed(PODS, "");
        Ok(())
    }

    /// The container runtime stops or answers again.
    pub(crate) fn set_runtime(&mut self, world: &mut World, works: bool) -> anyhow::Result<()> {
        let why = (!works).then(|| "container runtime is down".to_owned());
        self.set_not_ready(world, why)
    }

    /// The node runs out of memory, or has enough again.
    pub(crate) fn set_memory_pressure(
        &mut self,
        world: &mut World,
        pressed: bool,
        left: i64,
    ) -> anyhow::Result<()> {
        if self.health.memory_pressure == pressed {
            return Ok(());
        }
        self.health.memory_pressure = pressed;
        self.ballast = pressed.then(|| node::memory_for_pods(&self.spec) - left);
        self.write_conditions(world)?;
        if !pressed {
            return self.tell_status(world, "NodeHasSufficientMemory", true);
        }
        self.tell(
            world,
            true,
            "EvictionThresholdMet",
            "Attempting to reclaim memory".to_owned(),
            true,
        )?;
        self.tell_status(world, "NodeHasInsufficientMemory", true)
    }

    /// Tells something about the node without an object behind it.
    pub(crate) fn tell_of_node(
        &self,
        world: &mut World,
        reason: &'static str,
        message: String,
    ) -> anyhow::Result<()> {
        self.tell(world, true, reason, message, true)
    }

    /// Tells that the node was cordoned or uncordoned since.
    pub(crate) fn notice_cordon(&mut self, world: &mut World, node: &Value) -> anyhow::Result<()> {
        let is_unschedulable = node["spec"]["unschedulable"] == true;
        if is_unschedulable == self.was_unschedulable || !self.up {
            return Ok(());
        }
        self.was_unschedulable = is_unschedulable;
        self.tell_status(
            world,
            if is_unschedulable {
                "NodeNotSchedulable"
            } else {
                "NodeSchedulable"
            },
            true,
        )
    }

    /// Writes the signs of life that were due since the last time: only the latest matters.
    pub(crate) fn beat(&mut self, world: &mut World) -> anyhow::Result<()> {
        if !self.up {
            return Ok(());
        }
        let steps = (world.now - self.lease) / LEASE_PERIOD;
        if steps > 0 {
            self.renew(world, self.lease + steps * LEASE_PERIOD)?;
        }
        let steps = (world.now - self.heartbeat) / STATUS_PERIOD;
        if steps > 0 {
            self.heartbeat += steps * STATUS_PERIOD;
            self.write_heartbeat(world)?;
        }
        Ok(())
    }

    fn write_heartbeat(&self, world: &mut World) -> anyhow::Result<()> {
        let node = self.node(world)?;
        let mut conditions = items(&node["status"]["conditions"]).to_vec();
        for condition in &mut conditions {
            condition["lastHeartbeatTime"] = json!(rfc3339(self.heartbeat));
        }
        world.patch_quietly(
            NODES,
            ("", self.name()),
            "status",
            &json!({"status": {"conditions": conditions}}),
        )?;
        Ok(())
    }

    /// Writes which images are on the node, where that changed.
    pub(crate) fn list_images(&self, world: &mut World, habits: &Habits) -> anyhow::Result<()> {
        let node = self.node(world)?;
        let dice = world.dice;
        let listed = node::images(
            self.images.iter().map(|image| (image, habits.size(image, dice))),
            dice,
        );
        if self.up && node["status"]["images"] != listed {
            world.patch_quietly(
                NODES,
                ("", self.name()),
                "status",
                &json!({"status": {"images": listed}}),
            )?;
        }
        Ok(())
    }

    fn renew(&mut self, world: &mut World, at: u64) -> anyhow::Result<()> {
        self.lease = at;
        let node_name = self.name();
        let renewed = json!({"spec": {"renewTime": rfc3339_micro(at)}});
        if world.get(LEASES, LEASE_NAMESPACE, node_name)?.is_some() {
            world.patch_quietly(LEASES, (LEASE_NAMESPACE, node_name), "", &renewed)?;
            return Ok(());
        }
        let node = self.node(world)?;
        let owner = json!({"apiVersion": "v1", "kind": "Node", "name": node_name, "uid": uid(&node)});
        let lease = json!({
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": node_name, "namespace": LEASE_NAMESPACE, "ownerReferences": [owner]},
            "spec": {"holderIdentity": node_name, "leaseDurationSeconds": 40, "renewTime": rfc3339_micro(at)},
        });
        world.create(LEASES, lease)?;
        Ok(())
    }

    fn tell_status(&self, world: &mut World, reason: &'static str, knows_uid: bool) -> anyhow::Result<()> {
        let message = format!("Node {} status is now: {reason}", self.name());
        self.tell(world, false, reason, message, knows_uid)
    }

    /// A kubelet that has just started does not know the uid of its node yet.
    fn tell(
        &self,
        world: &mut World,
        warning: bool,
        reason: &'static str,
        message: String,
        knows_uid: bool,
    ) -> anyhow::Result<()> {
        let mut about = json!({"apiVersion": "v1", "kind": "Node", "name": self.name()});
        if knows_uid {
            about["uid"] = json!(uid(&*self.node(world)?));
        }
        let from = Source::Kubelet(self.spec.name.clone());
        world.tell(Note {
            about,
            warning,
            reason,
            message,
            from,
        })
    }
}

fn merge(into: &mut Value, from: Value) {
    if let (Some(into), Value::Object(from)) = (into.as_object_mut(), from) {
        into.extend(from);
    }
}
