//! An action with everything that it depends on, read from the cluster, and a digest of that.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::action::Action;
use crate::clock::Millis;

/// What would be done, to what, and in which state of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The cluster, by its name in the configuration.
    pub cluster: String,
    /// What is done.
    pub action: Action,
    /// What the outcome depends on: if any of it differs at the click, nothing is done.
    pub basis: Basis,
    /// What is shown with its time, and may move on.
    pub seen: Seen,
}

/// What the outcome depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// The node's uid: a new machine of the same name is another node.
    pub uid: String,
    /// Whether the node takes no new Pods now.
    pub unschedulable: bool,
    /// The other nodes that take no new Pods, by name, in order.
    pub cordoned: Vec<String>,
    /// The other nodes that are not ready, by name, in order.
    pub not_ready: Vec<String>,
}

/// What is shown with its time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// When it was read.
    pub at: Millis,
    /// Whether the node is ready.
    pub ready: bool,
    /// Pods on the node that have not ended; they stay.
    pub pods: Option<usize>,
    /// Of these, those of DaemonSets, which come back wherever they may.
    pub daemon_pods: Option<usize>,
    /// How many nodes there are.
    pub nodes: usize,
    /// How many take new Pods and are ready, afterwards.
    pub schedulable_after: usize,
    /// Allocatable CPU of these, in thousandths of a core.
    pub cpu_after: u64,
    /// Allocatable memory of these, in bytes.
    pub memory_after: u64,
}

impl Plan {
    /// SHA-256 of all that the outcome depends on, in hexadecimal.
    pub fn digest(&self) -> String {
        let depends = serde_json::json!([self.cluster, self.action, self.basis]);
        // Key order must not depend on how serde_json was built, so the maps are sorted.
        hex(&Sha256::digest(sorted(&depends).to_string()))
    }

    /// Whether there is nothing to do.
    pub const fn is_done(&self) -> bool {
        self.basis.unschedulable == self.action.unschedulable()
    }
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The value as a text that is the same however serde_json was built: maps as lists of pairs, by key.
pub fn sorted(value: &serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Object(map) => {
            let mut pairs: Vec<_> = map.iter().collect();
            pairs.sort_by_key(|(key, _)| key.as_str());
            let pairs = pairs
                .into_iter()
                .map(|(key, value)| Value::Array(vec![Value::String(key.clone()), sorted(value)]));
            Value::Array(pairs.collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        Plan {
            cluster: "prod".to_owned(),
            action: Action::Cordon {
                node: "node-3".to_owned(),
            },
            basis: Basis {
                uid: "u-3".to_owned(),
                unschedulable: false,
                cordoned: vec!["node-1".to_owned()],
                not_ready: vec!["node-2".to_owned()],
            },
            seen: Seen::default(),
        }
    }

    #[test]
    fn the_digest_covers_what_the_outcome_depends_on_and_nothing_else() {
        let digest = plan().digest();
        type Change = fn(&mut Plan);
        let other: [Change; 6] = [
            |plan| plan.cluster.push('x'),
            |plan| plan.action = plan.action.inverse(),
            |plan| plan.basis.uid.push('x'),
            |plan| plan.basis.unschedulable = true,
            |plan| plan.basis.cordoned.clear(),
            |plan| plan.basis.not_ready.push("node-4".to_owned()),
        ];
        for change in other {
            let mut plan = plan();
            change(&mut plan);
            assert_ne!(plan.digest(), digest, "{plan:?}");
        }
        let mut later = plan();
        later.seen = Seen {
            at: 5,
            pods: Some(7),
            ..Seen::default()
        };
        assert_eq!(later.digest(), digest);
    }
}
