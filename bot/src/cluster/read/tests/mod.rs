//! What is read, written out. Objects are built from JSON, as the API server sends them.

mod absurd;
mod changing;
mod events;
mod nodes;
mod pods;
mod quantities;
mod services;
mod tables;
mod times;
mod usages;
mod workloads;

use k8s_openapi::serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::clock::Millis;

/// 2026-01-01T00:00:00Z.
pub(super) const NOW: Millis = 1_767_225_600_000;

/// The object that this JSON is.
#[track_caller]
pub(super) fn object<T: DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).unwrap()
}

/// `base` with `patch` laid over it: maps are merged, all else is replaced, and null takes away.
pub(super) fn over(mut base: Value, patch: Value) -> Value {
    merge(&mut base, patch);
    base
}

fn merge(base: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *base = patch;
        return;
    };
    if !base.is_object() {
        *base = Value::Object(Map::new());
    }
    let Value::Object(base) = base else { return };
    for (key, value) in patch {
        if value.is_null() {
            base.remove(&key);
        } else {
            merge(base.entry(key).or_insert(Value::Null), value);
        }
    }
}

/// A time so many milliseconds before [`NOW`], as the API writes it.
pub(super) fn ago(millis: i64) -> String {
    let now = k8s_openapi::jiff::Timestamp::from_millisecond(1_767_225_600_000).unwrap();
    let span = k8s_openapi::jiff::SignedDuration::from_millis(millis);
    (now - span).to_string()
}

/// An answer of a real Kubernetes, if these are at hand. Says so in one line where they are not.
#[expect(clippy::print_stderr, reason = "a skip is told in one line")]
pub(super) fn recorded(path: &str) -> Option<String> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/recorded");
    let text = std::fs::read_to_string(root.join(path)).ok();
    if text.is_none() {
        eprintln!("skipped: ../shared/recorded/{path} is absent");
    }
    text
}
