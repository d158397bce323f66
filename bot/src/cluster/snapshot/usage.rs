//! What nodes and Pods use at present, as `kubectl top` shows it.

use crate::clock::Millis;
use crate::cluster::read::time::UNKNOWN;

/// What one node uses. Without figures where the metrics API has none for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeUsage {
    /// Its name.
    pub name: String,
    /// CPU and memory.
    pub used: Used,
    /// CPU in percent of what Pods may use, cut off.
    pub cpu_percent: Option<i64>,
    /// Memory in percent of what Pods may use, cut off.
    pub memory_percent: Option<i64>,
    /// When and over which time it was measured; `None` without figures.
    pub sample: Option<Sample>,
}

/// What one Pod uses, all containers together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PodUsage {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// CPU and memory.
    pub used: Used,
    /// Container by container, in the order of the list.
    pub containers: Vec<(String, Used)>,
    /// When and over which time it was measured.
    pub sample: Option<Sample>,
}

/// CPU and memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// CPU in thousandths of a core, rounded up.
    pub cpu_milli: Option<i128>,
    /// Memory in bytes: the working set.
    pub memory_bytes: Option<i128>,
}

/// When something was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// The end of the time over which it was measured.
    pub at: Option<Millis>,
    /// How long that was.
    pub window: Option<Millis>,
}

/// What a list of figures is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// By name; Pods by namespace first.
    #[default]
    Name,
    /// The most CPU first.
    Cpu,
    /// The most memory first.
    Memory,
}

impl Used {
    /// CPU as kubectl prints it: `250m`.
    pub fn cpu_words(&self) -> String {
        let words = |milli: i128| format!("{milli}m");
        self.cpu_milli.map_or_else(|| UNKNOWN.to_owned(), words)
    }

    /// Memory as kubectl prints it: `512Mi`, cut off.
    pub fn memory_words(&self) -> String {
        let words = |bytes: i128| format!("{}Mi", bytes / (1 << 20));
        self.memory_bytes.map_or_else(|| UNKNOWN.to_owned(), words)
    }
}

impl Sample {
    /// How long a sample of unknown length may be old.
    const PATIENCE: Millis = 120_000;

    /// True if it is older than twice the time over which it was measured, or undated.
    pub fn is_stale(&self, now: Millis) -> bool {
        let allowed = self
            .window
            .map_or(Self::PATIENCE, |window| window.saturating_mul(2));
        self.at.is_none_or(|at| now.saturating_sub(at) > allowed)
    }
}

impl NodeUsage {
    /// True if there are figures, but old ones.
    pub fn is_stale(&self, now: Millis) -> bool {
        self.sample.is_some_and(|sample| sample.is_stale(now))
    }
}

impl PodUsage {
    /// True if there are figures, but old ones.
    pub fn is_stale(&self, now: Millis) -> bool {
        self.sample.is_some_and(|sample| sample.is_stale(now))
    }
}

/// A percentage as kubectl prints it, or `<unknown>`.
pub fn percent_words(percent: Option<i64>) -> String {
    percent.map_or_else(|| UNKNOWN.to_owned(), |percent| format!("{percent}%"))
}
