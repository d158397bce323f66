//! Hollow kubelets: nodes in name. They use nothing but the API, so that they also keep a real control plane
//! company.

mod container;
mod habits;
mod kubelet;
mod logs;
mod node;
mod pod;
mod pods;
mod usage;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

pub(crate) use habits::{Exit, Habit, Habits, Image, Span};
pub(crate) use kubelet::Kubelet;
pub(crate) use logs::lines;
pub(crate) use node::Spec;

use super::object::{name, text};
use super::world::{Changes, World};
use crate::cluster::api::kinds::{NODES, PODS};

/// All hollow kubelets by the names of their nodes.
#[derive(Debug, Default)]
pub(crate) struct Hollow {
    pub(crate) kubelets: BTreeMap<String, Kubelet>,
    pub(crate) habits: Habits,
    scraped: u64,
}

impl Hollow {
    pub(crate) fn new(habits: Habits) -> Self {
        Self {
            kubelets: BTreeMap::new(),
            habits,
            scraped: 0,
        }
    }

    /// A new node joins.
    pub(crate) fn join(&mut self, world: &mut World, spec: Spec) -> anyhow::Result<()> {
        let mut kubelet = Kubelet::new(spec, self.kubelets.len());
        kubelet.join(world)?;
        self.kubelets.insert(kubelet.name().to_owned(), kubelet);
        Ok(())
    }

    /// Takes over the node of this name as it is.
    pub(crate) fn adopt(&mut self, world: &mut World, node: &Value) -> anyhow::Result<()> {
        let has = |what: &str| text(&node["status"]["capacity"][what]).to_owned();
        let spec = Spec {
            name: name(node).to_owned(),
            cpu: has("cpu"),
            memory: has("memory"),
            ..Spec::default()
        };
        let mut kubelet = Kubelet::new(spec, self.kubelets.len());
        kubelet.adopt(world, node)?;
        self.kubelets.insert(kubelet.name().to_owned(), kubelet);
        Ok(())
    }

    /// Kubelets look at what changed.
    pub(crate) fn sync(&mut self, world: &mut World, changes: &Changes) -> anyhow::Result<()> {
        if changes.concern(&[NODES]) {
            self.sync_nodes(world)?;
        }
        if !changes.concern(&[PODS]) {
            return Ok(());
        }
        let mut bound: BTreeMap<String, Vec<Arc<Value>>> = BTreeMap::new();
        for pod in world.list(PODS)? {
            if let Some(node) = pod["spec"]["nodeName"].as_str() {
                bound.entry(node.to_owned()).or_default().push(pod);
            }
        }
        for kubelet in self.kubelets.values_mut().filter(|kubelet| kubelet.is_up()) {
            let pods = bound.remove(kubelet.name()).unwrap_or_default();
            kubelet.sync(world, &pods, &self.habits)?;
        }
        Ok(())
    }

    fn sync_nodes(&mut self, world: &mut World) -> anyhow::Result<()> {
        let nodes = world.list(NODES)?;
        self.kubelets.retain(|kept, _| {
            let is_there = nodes.iter().any(|node| name(node) == kept);
            if !is_there {
                world.set_beating(kept, false);
            }
            is_there
        });
        for node in nodes {
            if let Some(kubelet) = self.kubelets.get_mut(name(&node)) {
                kubelet.notice_cordon(world, &node)?;
            }
        }
        Ok(())
    }

    pub(crate) fn wake(&mut self, world: &mut World, node: &str) -> anyhow::Result<()> {
        let kubelet = self.kubelets.get_mut(node);
        kubelet.map_or(Ok(()), |kubelet| kubelet.wake(world))
    }

    pub(crate) fn wake_pod(&mut self, world: &mut World, node: &str, pod: &str) -> anyhow::Result<()> {
        let kubelet = self.kubelets.get_mut(node);
        kubelet.map_or(Ok(()), |kubelet| kubelet.wake_pod(world, pod, &self.habits))
    }

    /// Writes the signs of life that are due.
    pub(crate) fn beat_leases(&mut self, world: &mut World) -> anyhow::Result<()> {
        for kubelet in self.kubelets.values_mut() {
            kubelet.beat(world)?;
        }
        Ok(())
    }

    /// Writes what repeats itself: signs of life, images, figures of use.
    pub(crate) fn beat(&mut self, world: &mut World) -> anyhow::Result<()> {
        self.beat_leases(world)?;
        for kubelet in self.kubelets.values() {
            kubelet.list_images(world, &self.habits)?;
        }
        let scrape = usage::last_scrape(world.now);
        if scrape > self.scraped {
            self.scraped = scrape;
            usage::write(world, &self.kubelets, scrape)?;
        }
        Ok(())
    }
}
