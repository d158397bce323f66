//! The metrics API: its objects, and their figures as `kubectl top` shows them.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use k8s_openapi::api::core::v1 as api;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Written;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope};
use serde::Deserialize;

use super::quantity::Quantity;
use super::{resources, time};
use crate::clock::Millis;
use crate::cluster::snapshot::resources::Resources;
use crate::cluster::snapshot::usage::{NodeUsage, PodUsage, Sample, SortBy, Used};

/// How old a Pod must be before it counts as missing that the metrics API knows nothing of it.
pub(super) const FIRST_METRICS: Millis = 120_000;

/// The versions of the metrics API, which differ in nothing but their name. kubectl prefers the newer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// `v1beta1`: all there was before 1.37, and all that metrics-server serves.
    #[default]
    V1Beta1,
    /// `v1`.
    V1,
}

/// What a node uses.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct NodeMetrics {
    /// The name is the node's.
    #[serde(default)]
    pub metadata: ObjectMeta,
    /// The end of the time over which it was measured.
    pub timestamp: Option<Time>,
    /// How long that was, as Go writes it.
    pub window: Option<String>,
    /// By resource.
    pub usage: Option<BTreeMap<String, Written>>,
}

/// What a Pod uses.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct PodMetrics {
    /// Namespace and name are the Pod's.
    #[serde(default)]
    pub metadata: ObjectMeta,
    /// The end of the time over which it was measured.
    pub timestamp: Option<Time>,
    /// How long that was, as Go writes it.
    pub window: Option<String>,
    /// By container.
    pub containers: Option<Vec<ContainerMetrics>>,
}

/// What a container uses.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct ContainerMetrics {
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// By resource.
    pub usage: Option<BTreeMap<String, Written>>,
}

/// A Pod that should have figures, but has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithoutFigures {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// True if it is too young to have any.
    pub is_young: bool,
}

/// CPU and memory.
type Pair = [Option<Quantity>; 2];

/// What is kept of what very many nodes have, by name.
#[derive(Debug, Default)]
pub struct Available(HashMap<String, Pair>);

/// What is kept of what one node uses.
#[derive(Debug)]
pub struct InUse {
    name: String,
    usage: Pair,
    sample: Sample,
}

impl Available {
    /// Takes what a node has: its capacity if wanted, instead of what Pods may use.
    pub fn take(&mut self, node: &api::Node, of_capacity: bool) {
        let status = node.status.as_ref();
        let amounts = match of_capacity {
            true => status.and_then(|status| status.capacity.as_ref()),
            false => status.and_then(|status| status.allocatable.as_ref()),
        };
        let name = node.metadata.name.clone().unwrap_or_default();
        self.0.insert(name, pair(&resources::read(amounts)));
    }
}

impl InUse {
    /// What the metrics API says of a node.
    pub fn of(metrics: &NodeMetrics) -> Self {
        Self {
            name: metrics.metadata.name.clone().unwrap_or_default(),
            usage: pair(&resources::read(metrics.usage.as_ref())),
            sample: sample(metrics.timestamp.as_ref(), metrics.window.as_deref()),
        }
    }
}

fn amounts(of: &Resources) -> [Option<&Quantity>; 2] {
    ["cpu", "memory"].map(|name| of.0.get(name).and_then(Option::as_ref))
}

fn pair(of: &Resources) -> Pair {
    amounts(of).map(Option::<&Quantity>::cloned)
}

/// Figures of the nodes, sorted; those without figures last, by name.
pub fn node_rows(mut available: Available, used: Vec<InUse>, sort_by: SortBy) -> Vec<NodeUsage> {
    let mut rows: Vec<NodeUsage> = used
        .into_iter()
        .map(|it| {
            let available = available.0.remove(&it.name);
            node_usage(it, available.as_ref())
        })
        .collect();
    rows.sort_by(|one, other| one.name.cmp(&other.name));
    sort(&mut rows, sort_by, |row| row.used);
    let mut without: Vec<String> = available.0.into_keys().collect();
    without.sort_unstable();
    rows.extend(without.into_iter().map(|name| NodeUsage {
        name,
        ..NodeUsage::default()
    }));
    rows
}

/// The same of all at once.
pub fn nodes(
    metrics: &[NodeMetrics],
    nodes: &[api::Node],
    sort_by: SortBy,
    of_capacity: bool,
) -> Vec<NodeUsage> {
    let mut available = Available::default();
    nodes.iter().for_each(|node| available.take(node, of_capacity));
    let used = metrics.iter().map(InUse::of).collect();
    node_rows(available, used, sort_by)
}

/// Figures of Pods, sorted.
pub fn pods(metrics: &[PodMetrics], sort_by: SortBy) -> Vec<PodUsage> {
    let mut rows: Vec<PodUsage> = metrics.iter().map(pod_usage).collect();
    rows.sort_by(|one, other| (&one.namespace, &one.name).cmp(&(&other.namespace, &other.name)));
    sort(&mut rows, sort_by, |row| row.used);
    rows
}

/// The Pods that run, but of which the metrics API knows nothing.
pub fn without_figures(metrics: &[PodMetrics], pods: &[api::Pod], now: Millis) -> Vec<WithoutFigures> {
    let key = |meta: &ObjectMeta| {
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        (text(&meta.namespace), text(&meta.name))
    };
    let known: BTreeSet<_> = metrics.iter().map(|metrics| key(&metrics.metadata)).collect();
    let runs = |pod: &&api::Pod| {
        let status = pod.status.as_ref();
        status.and_then(|status| status.phase.as_deref()) == Some("Running")
    };
    let mut missing: Vec<WithoutFigures> = pods
        .iter()
        .filter(runs)
        .filter(|pod| !known.contains(&key(&pod.metadata)))
        .map(|pod| {
            let (namespace, name) = key(&pod.metadata);
            let created = time::millis(pod.metadata.creation_timestamp.as_ref());
            WithoutFigures {
                namespace,
                name,
                is_young: created.is_some_and(|created| now.saturating_sub(created) <= FIRST_METRICS),
            }
        })
        .collect();
    missing.sort_by(|one, other| (&one.namespace, &one.name).cmp(&(&other.namespace, &other.name)));
    missing
}

/// How many Pods should have figures, but have none.
pub fn missed(metrics: &[PodMetrics], pods: &[api::Pod], now: Millis) -> usize {
    let without = without_figures(metrics, pods, now);
    without.iter().filter(|pod| !pod.is_young).count()
}

fn node_usage(it: InUse, available: Option<&Pair>) -> NodeUsage {
    let percent = |which: usize| {
        let (whole, used) = (available?[which].as_ref()?, it.usage[which].as_ref()?);
        // In thousandths also for memory, as kubectl reckons it.
        if whole.is_zero() {
            Some(0)
        } else {
            used.percent_of_milli(whole)
        }
    };
    NodeUsage {
        used: used(it.usage.each_ref().map(Option::as_ref)),
        cpu_percent: percent(0),
        memory_percent: percent(1),
        sample: Some(it.sample),
        name: it.name,
    }
}

pub(super) fn pod_usage(metrics: &PodMetrics) -> PodUsage {
    let mut sum = Resources::default();
    let mut containers = Vec::new();
    for container in metrics.containers.iter().flatten() {
        let usage = resources::read(container.usage.as_ref());
        containers.push((container.name.clone(), used(amounts(&usage))));
        sum.add(&usage);
    }
    let mut used = used(amounts(&sum));
    // A sum that lacks a container would be a wrong figure.
    if containers.iter().any(|(_, own)| own.cpu_milli.is_none()) {
        used.cpu_milli = None;
    }
    if containers.iter().any(|(_, own)| own.memory_bytes.is_none()) {
        used.memory_bytes = None;
    }
    PodUsage {
        namespace: metrics.metadata.namespace.clone().unwrap_or_default(),
        name: metrics.metadata.name.clone().unwrap_or_default(),
        used,
        containers,
        sample: Some(sample(metrics.timestamp.as_ref(), metrics.window.as_deref())),
    }
}

fn used([cpu, memory]: [Option<&Quantity>; 2]) -> Used {
    Used {
        cpu_milli: cpu.map(Quantity::milli),
        memory_bytes: memory.map(Quantity::value),
    }
}

fn sample(timestamp: Option<&Time>, window: Option<&str>) -> Sample {
    Sample {
        at: time::millis(timestamp),
        window: window.and_then(time::go_duration),
    }
}

/// Sorts rows that are already in the order of their names. The unknown stands last.
fn sort<T>(rows: &mut [T], by: SortBy, used: impl Fn(&T) -> Used) {
    match by {
        SortBy::Name => {}
        SortBy::Cpu => rows.sort_by_key(|row| Reverse(used(row).cpu_milli)),
        SortBy::Memory => rows.sort_by_key(|row| Reverse(used(row).memory_bytes)),
    }
}

impl Version {
    /// As the API writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::V1Beta1 => "v1beta1",
            Self::V1 => "v1",
        }
    }
}

impl kube::Resource for NodeMetrics {
    type DynamicType = Version;
    type Scope = ClusterResourceScope;

    fn kind(_: &Version) -> Cow<'_, str> {
        "NodeMetrics".into()
    }

    fn group(_: &Version) -> Cow<'_, str> {
        "metrics.k8s.io".into()
    }

    fn version(version: &Version) -> Cow<'_, str> {
        version.word().into()
    }

    fn plural(_: &Version) -> Cow<'_, str> {
        "nodes".into()
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

impl kube::Resource for PodMetrics {
    type DynamicType = Version;
    type Scope = NamespaceResourceScope;

    fn kind(_: &Version) -> Cow<'_, str> {
        "PodMetrics".into()
    }

    fn group(_: &Version) -> Cow<'_, str> {
        "metrics.k8s.io".into()
    }

    fn version(version: &Version) -> Cow<'_, str> {
        version.word().into()
    }

    fn plural(_: &Version) -> Cow<'_, str> {
        "pods".into()
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}
