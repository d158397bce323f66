//! What is promised at 5,000 nodes and 150,000 Pods, and whether it is kept.

use super::{Measured, at, mib};

/// The size at which it is promised.
const NODES: usize = 5_000;
/// Resident memory, in MiB, whatever was asked.
const MEMORY: f64 = 100.0;
/// `/node describe`, in milliseconds.
const DESCRIBE: f64 = 150.0;
/// Names that complete what is typed must be there within Discord's three seconds.
const COMPLETION: f64 = 3_000.0;

/// One promise.
pub(super) struct Target {
    what: &'static str,
    most: f64,
    measured: f64,
    unit: &'static str,
}

/// All of them, where that size was measured.
pub(super) fn targets(measured: &[Measured]) -> Vec<Target> {
    let Some(it) = measured.iter().find(|it| it.nodes == NODES) else {
        return Vec::new();
    };
    let target = |what, most, measured, unit| Target {
        what,
        most,
        measured,
        unit,
    };
    let described = it.rows.iter().find(|row| row.name == "node describe");
    let described = described.map_or(&[][..], |row| &row.times);
    let names = it.rows.iter().filter(|row| row.name.starts_with("completion"));
    let slowest = names.flat_map(|row| &row.times).copied().fold(0.0, f64::max);
    let mut all = vec![
        target(
            "resident memory, the most 内存峰值",
            MEMORY,
            mib(it.memory[2]),
            "MiB",
        ),
        target("node describe, p95", DESCRIBE, at(described, 95), "ms"),
        target("completion, the slowest 候选，最慢", COMPLETION, slowest, "ms"),
    ];
    all.extend(it.kubectl.as_ref().map(|times| {
        let half = at(times, 50) / 2.0;
        target(
            "node describe, p50; half of kubectl's kubectl 的一半",
            half,
            at(described, 50),
            "ms",
        )
    }));
    all
}

impl Target {
    /// Whether it is kept.
    pub(super) fn is_met(&self) -> bool {
        self.measured <= self.most
    }

    /// A row of the document.
    pub(super) fn row(&self) -> String {
        let Self {
            what,
            most,
            measured,
            unit,
        } = self;
        let word = if self.is_met() {
            "met 达到"
        } else {
            "missed 未达到"
        };
        format!("| {what} | {most:.1} {unit} | {measured:.1} {unit} | {word} |\n")
    }
}
