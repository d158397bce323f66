//! The integration tests: one binary, so that everything is linked once.
#![expect(clippy::unwrap_used, reason = "a failed test should stop at the spot")]
#![expect(
    clippy::print_stderr,
    reason = "what was skipped or counted is said in the run's output"
)]

mod audits;
mod binary;
mod browser;
mod cards;
#[cfg(unix)]
mod changes;
mod chats;
#[cfg(unix)]
mod cluster;
mod clusters;
mod crash;
mod databases;
mod docs;
mod exports;
mod files;
mod flow;
mod harness;
mod hostile;
#[cfg(unix)]
mod kubectl;
mod live;
mod outage;
mod own;
#[cfg(unix)]
mod real;
mod rights;
#[cfg(unix)]
mod rotation;
mod store;
mod tidy;
#[cfg(unix)]
mod used;
mod watches;

use std::path::{Path, PathBuf};

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A process that is gone when the test is over, however it ends.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A file or folder of the data that lies beside the repository; where it is absent, one line says so.
fn shared(name: &str) -> Option<PathBuf> {
    let path = root().join("../shared").join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: ../shared/{name} is absent");
    None
}

/// Whether a program of others is there to test with. Where it is absent, one line says so and how to get it;
/// with `FIRSTMATE_REQUIRE_ALL=1` its absence is a failure.
fn oracle(program: &str, how: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = std::env::split_paths(&path).any(|folder| folder.join(program).exists());
    if !is_there {
        skip(program, how);
    }
    is_there
}

/// Says that a program of others is absent, and fails where it must not be.
fn skip(program: &str, how: &str) {
    let is_required = std::env::var_os("FIRSTMATE_REQUIRE_ALL").is_some_and(|value| value == "1");
    assert!(!is_required, "{program} is required and absent. {how}");
    eprintln!("skipped: {program} is absent. {how}");
}

/// The documents for people who use or change the project: path and text.
fn markdown() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in ["", "docs", "docs/guide", "docs/qa/zh", "docs/qa/en"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            if name.ends_with(".md") {
                let path = Path::new(folder).join(name).to_string_lossy().into_owned();
                let text = std::fs::read_to_string(root().join(&path)).unwrap();
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}
