//! What nodes and Pods use, as a metrics server would tell: measured every fifteen seconds, nothing for Pods
//! that are younger than that, a little different each time.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::container::Container;
use super::kubelet::Kubelet;
use super::node::memory_for_pods;
use super::pod::{Pod, Stage};
use crate::cluster::api::Resource;
use crate::cluster::api::kinds::{NODE_METRICS, NODES, POD_METRICS, PODS};
use crate::cluster::engine::amount::{milli, units};
use crate::cluster::engine::object::{name, namespace, text, time, uid};
use crate::cluster::engine::world::{World, difference};
use crate::cluster::time::rfc3339;

/// Milliseconds between two measurements, and their distance from the full quarter of a minute.
const PERIOD: u64 = 15_000;
const OFFSET: u64 = 4000;

/// Processor (millionths) and memory (bytes) that a node uses besides its Pods.
const SYSTEM_CPU: i64 = 96_000;
const SYSTEM_MEMORY: i64 = 640 << 20;

/// When was measured last.
pub(super) fn last_scrape(now: u64) -> u64 {
    now.saturating_sub(OFFSET) / PERIOD * PERIOD + OFFSET
}

/// Processor in millionths, memory in bytes.
#[derive(Clone, Copy, Default)]
struct Use {
    cpu: i64,
    memory: i64,
}

impl Use {
    fn plus(self, other: Self) -> Self {
        Self {
            cpu: self.cpu + other.cpu,
            memory: self.memory + other.memory,
        }
    }

    fn shown(self) -> Value {
        json!({"cpu": format!("{}n", self.cpu * 1000 + 317), "memory": format!("{}Ki", self.memory / 1024)})
    }
}

/// Writes the figures of one measurement, and removes those of what is gone.
pub(super) fn write(
    world: &mut World,
    kubelets: &BTreeMap<String, Kubelet>,
    scrape: u64,
) -> anyhow::Result<()> {
    let mut measured = BTreeSet::new();
    for kubelet in kubelets.values().filter(|kubelet| kubelet.is_up()) {
        let mut sum = Use {
            cpu: SYSTEM_CPU,
            memory: SYSTEM_MEMORY,
        };
        sum.cpu = vary(world, sum.cpu, 12, &["node", kubelet.name(), &scrape.to_string()]);
        for pod in kubelet.pods.values() {
            let Some(containers) = measure(world, pod, scrape) else {
                continue;
            };
            let whole = containers
                .iter()
                .fold(Use::default(), |sum, (_, one)| sum.plus(*one));
            sum = sum.plus(whole);
            measured.insert((namespace(&pod.object).to_owned(), name(&pod.object).to_owned()));
            write_pod(world, pod, &containers, scrape)?;
        }
        if let Some(ballast) = kubelet.ballast {
            let spread = vary(
                world,
                48 << 20,
                60,
                &["ballast", kubelet.name(), &scrape.to_string()],
            );
            sum.memory = sum
                .memory
                .max(ballast.min(memory_for_pods(&kubelet.spec)) - spread);
        }
        measured.insert((String::new(), kubelet.name().to_owned()));
        write_node(world, kubelet, sum, scrape)?;
    }
    for of in [NODE_METRICS, POD_METRICS] {
        for old in world.list(of)? {
            let key = (namespace(&old).to_owned(), name(&old).to_owned());
            if !measured.contains(&key) {
                world.delete(of, (&key.0, &key.1), None)?;
            }
        }
    }
    Ok(())
}

/// The use of a Pod's containers; nothing where one of them was not there long enough.
fn measure(world: &World, pod: &Pod, scrape: u64) -> Option<Vec<(String, Use)>> {
    let apps = pod.containers.iter().filter(|container| !container.is_init);
    let measured = apps.filter(|container| container.is_running()).map(|container| {
        let started = time(&container.state["running"]["startedAt"])?;
        let long_enough = started + PERIOD < scrape;
        long_enough.then(|| {
            (
                container.name().to_owned(),
                use_of(world, pod, container, scrape - started, scrape),
            )
        })
    });
    let list: Option<Vec<_>> = measured.collect();
    list.filter(|list| !list.is_empty() && pod.stage == Stage::Running)
}

fn use_of(world: &World, pod: &Pod, container: &Container, age: u64, scrape: u64) -> Use {
    let (habit, dice, id) = (&container.habit, world.dice, uid(&pod.object));
    let requests = &container.spec["resources"]["requests"];
    let asked = |what: &str, usual: i64, read: fn(&str) -> i64| match text(&requests[what]) {
        "" => usual,
        asked => read(asked) * 6 / 10,
    };
    let cpu = habit
        .cpu
        .as_deref()
        .map_or_else(|| asked("cpu", 12, milli), milli)
        * 1000;
    let mut memory = habit
        .memory
        .as_deref()
        .map_or_else(|| asked("memory", 24 << 20, units), units);
    let limit = units(text(&container.spec["resources"]["limits"]["memory"]));
    if let Some(exit) = habit.exit.as_ref().filter(|exit| exit.reason() == "OOMKilled") {
        // What ends for lack of memory takes more and more of it.
        let share = i64::try_from(age * 1000 / exit.after.0.max(1))
            .unwrap_or(1000)
            .min(985);
        memory += (limit - memory).max(0) * share / 1000;
    }
    let tick = scrape.to_string();
    let cpu = vary(world, cpu, 25, &["cpu", id, container.name(), &tick]);
    let steady = i64::try_from(dice.between(0, 60, &["memory", id, container.name()])).unwrap_or_default();
    let memory = memory * (970 + steady) / 1000;
    let memory = vary(world, memory, 1, &["memory", id, container.name(), &tick]);
    Use {
        cpu,
        memory: if limit > 0 { memory.min(limit) } else { memory },
    }
}

/// The number, up to so many percent more or less.
fn vary(world: &World, number: i64, percent: i64, parts: &[&str]) -> i64 {
    let thousandth = i64::try_from(world.dice.between(0, 2000, parts)).unwrap_or(1000) - 1000;
    number + number * percent / 100 * thousandth / 1000
}

fn write_node(world: &mut World, kubelet: &Kubelet, sum: Use, scrape: u64) -> anyhow::Result<()> {
    let labels = world
        .get(NODES, "", kubelet.name())?
        .map(|node| node["metadata"]["labels"].clone());
    let figures = json!({"timestamp": rfc3339(scrape), "window": window(world, kubelet.name(), scrape), "usage": sum.shown()});
    put(world, NODE_METRICS, ("", kubelet.name()), labels, figures)
}

fn write_pod(world: &mut World, pod: &Pod, containers: &[(String, Use)], scrape: u64) -> anyhow::Result<()> {
    let key = (namespace(&pod.object), name(&pod.object));
    if world.get(PODS, key.0, key.1)?.is_none() {
        return Ok(());
    }
    let labels = pod.object["metadata"]["labels"].clone();
    let used = containers
        .iter()
        .map(|(name, one)| json!({"name": name, "usage": one.shown()}));
    let used: Vec<Value> = used.collect();
    let figures =
        json!({"timestamp": rfc3339(scrape), "window": window(world, key.1, scrape), "containers": used});
    put(world, POD_METRICS, key, Some(labels), figures)
}

fn window(world: &World, of: &str, scrape: u64) -> String {
    let ms = world
        .dice
        .between(14_010, 16_600, &["window", of, &scrape.to_string()]);
    format!("{}.{:03}s", ms / 1000, ms % 1000)
}

fn put(
    world: &mut World,
    of: Resource,
    key: (&str, &str),
    labels: Option<Value>,
    figures: Value,
) -> anyhow::Result<()> {
    if let Some(old) = world.get(of, key.0, key.1)? {
        let mut whole = figures;
        for kept in ["apiVersion", "kind", "metadata"] {
            whole[kept] = old[kept].clone();
        }
        if let Some(patch) = difference(&old, &whole) {
            world.patch_quietly(of, key, "", &patch)?;
        }
        return Ok(());
    }
    let mut object = figures;
    object["apiVersion"] = json!("metrics.k8s.io/v1beta1");
    object["kind"] = json!(of.kind);
    object["metadata"] = json!({"name": key.1});
    if !key.0.is_empty() {
        object["metadata"]["namespace"] = json!(key.0);
    }
    if let Some(labels) = labels.filter(Value::is_object) {
        object["metadata"]["labels"] = labels;
    }
    world.create(of, object)?;
    Ok(())
}
