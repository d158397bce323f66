//! The first of very many figures: what is not among them is counted and forgotten while they are read.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use super::metrics::{self, FIRST_METRICS, PodMetrics};
use super::rows::{Rows, keep_least};
use crate::clock::Millis;
use crate::cluster::snapshot::usage::{PodUsage, SortBy};

/// Figures of Pods, of which the first are kept.
pub struct Top {
    by: SortBy,
    most: usize,
    now: Millis,
    kept: BinaryHeap<Ranked>,
    all: usize,
    stale: usize,
    /// Whose figures there are, by the hash of namespace and name: eight bytes a Pod.
    known: HashSet<u64>,
}

/// What most is used first, then by namespace and name. The unknown stands last.
type Rank = (Reverse<Option<i128>>, String, String);

struct Ranked(Rank, PodUsage);

impl Top {
    /// Keeps at most so many of what comes.
    pub fn new(by: SortBy, most: usize, now: Millis) -> Self {
        Self {
            by,
            most,
            now,
            kept: BinaryHeap::new(),
            all: 0,
            stale: 0,
            known: HashSet::new(),
        }
    }

    /// Takes the figures of one Pod.
    pub fn take(&mut self, metrics: &PodMetrics) {
        let usage = metrics::pod_usage(metrics);
        self.all += 1;
        self.stale += usize::from(usage.is_stale(self.now));
        self.known.insert(Rows::key(&usage.namespace, &usage.name));
        let used = match self.by {
            SortBy::Name => None,
            SortBy::Cpu => usage.used.cpu_milli,
            SortBy::Memory => usage.used.memory_bytes,
        };
        let rank = (Reverse(used), usage.namespace.clone(), usage.name.clone());
        keep_least(&mut self.kept, self.most, Ranked(rank, usage));
    }

    /// How many Pods run, but have no figures.
    pub fn missed(&self, rows: &Rows) -> usize {
        rows.running_but(&self.known, self.now, FIRST_METRICS)
    }

    /// How many there were, and how many of them were stale.
    pub const fn counts(&self) -> (usize, usize) {
        (self.all, self.stale)
    }

    /// The first of them, sorted.
    pub fn into_rows(self) -> Vec<PodUsage> {
        let sorted = self.kept.into_sorted_vec();
        sorted.into_iter().map(|Ranked(_, usage)| usage).collect()
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Ranked {}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
