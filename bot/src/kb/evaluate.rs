//! `firstmate kb evaluate`: how well and how fast questions find their documents.

use std::path::Path;
use std::time::{Duration, Instant};

use firstmate::text::evaluate::{self as text, Measured};
use firstmate_kb::Lang;
use firstmate_kb::evaluate::{Scores, Set, SetFault, SetFaultKind, Telling};
use serde::Serialize;

use crate::{DONE, FAILED, USAGE, print};

pub(super) fn run(dir: &Path, json: bool, lang: Lang) -> anyhow::Result<u8> {
    let set = match Set::read(dir) {
        Ok(set) => set,
        Err(fault) => {
            eprintln!("firstmate: {}", text::set_fault(lang, &fault));
            return Ok(code(&fault));
        }
    };
    let now = stopwatch();
    let opened = set.open()?;
    let index_time = now();
    let scores = opened.score(&now)?;
    let memory = resident();
    drop(opened);
    let report = Report {
        queries: scores.queries,
        mrr10: scores.mrr,
        s1: scores.at_1,
        s3: scores.at_3,
        s10: scores.at_10,
        p50_us: scores.p50.as_micros(),
        p99_us: scores.p99.as_micros(),
        index_ms: index_time.as_millis(),
        index_bytes: scores.index_bytes,
        rss_bytes: memory,
        auroc: scores.calibrated.auroc,
        kept_at_p90: scores.calibrated.kept_at_p90,
    };
    print(&match json {
        true => serde_json::to_string(&report)? + "\n",
        false => table(lang, &report, &scores),
    })?;
    Ok(DONE)
}

/// What `--json` prints. The names are a contract.
#[derive(Serialize)]
struct Report {
    queries: usize,
    mrr10: f64,
    s1: f64,
    s3: f64,
    s10: f64,
    p50_us: u128,
    p99_us: u128,
    index_ms: u128,
    index_bytes: u64,
    rss_bytes: u64,
    auroc: f64,
    kept_at_p90: f64,
}

fn table(lang: Lang, report: &Report, scores: &Scores) -> String {
    let told = |it: Telling| format!("{:.3}, {:.3}", it.auroc, it.kept_at_p90);
    let mb = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
    let rows = [
        (Measured::Documents, scores.documents.to_string()),
        (
            Measured::Queries,
            format!("{}, {}", scores.queries, scores.answerable),
        ),
        (
            Measured::Ranks,
            format!(
                "{:.3}, {:.3}, {:.3}, {:.3}",
                report.mrr10, report.s1, report.s3, report.s10
            ),
        ),
        (
            Measured::Latency,
            format!("{} µs, {} µs", report.p50_us, report.p99_us),
        ),
        (Measured::IndexTime, format!("{} ms", report.index_ms)),
        (Measured::IndexSize, mb(report.index_bytes)),
        (Measured::Memory, mb(report.rss_bytes)),
        (Measured::Telling, told(scores.calibrated)),
        (Measured::TellingRaw, told(scores.raw)),
    ];
    let colon = match lang {
        Lang::En => ": ",
        Lang::Zh => "：",
    };
    let line =
        |(what, value): &(Measured, String)| format!("{}{colon}{value}\n", text::measured(lang, *what));
    rows.iter().map(line).collect()
}

/// A file that is not there was named wrongly; one that is not in its form is a failure.
fn code(fault: &SetFault) -> u8 {
    match fault.what {
        SetFaultKind::Unreadable { .. } => USAGE,
        _ => FAILED,
    }
}

/// The time since it was made.
#[expect(clippy::disallowed_methods, reason = "a stopwatch reads the clock")]
fn stopwatch() -> impl Fn() -> Duration {
    let start = Instant::now();
    move || start.elapsed()
}

/// What the system says this process holds; 0 where it does not say.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}
