//! The closed list of what the bot can change.

use serde::{Deserialize, Serialize};

/// One change of one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "action")]
pub enum Action {
    /// No new Pods on a node.
    Cordon {
        /// The node.
        node: String,
    },
    /// New Pods on a node again.
    Uncordon {
        /// The node.
        node: String,
    },
}

/// The names of all actions, as the configuration and the audit know them.
pub const ACTIONS: &[&str] = &["cordon", "uncordon"];

impl Action {
    /// The action with this name, on this object.
    pub fn of(name: &str, object: &str) -> Option<Self> {
        let node = object.to_owned();
        match name {
            "cordon" => Some(Self::Cordon { node }),
            "uncordon" => Some(Self::Uncordon { node }),
            _ => None,
        }
    }

    /// Its name, out of [`ACTIONS`].
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Cordon { .. } => "cordon",
            Self::Uncordon { .. } => "uncordon",
        }
    }

    /// The node that it changes.
    pub fn node(&self) -> &str {
        match self {
            Self::Cordon { node } | Self::Uncordon { node } => node,
        }
    }

    /// The object that it changes, as kubectl writes it.
    pub fn object(&self) -> String {
        format!("node/{}", self.node())
    }

    /// Whether the node takes no new Pods afterwards.
    pub const fn unschedulable(&self) -> bool {
        matches!(self, Self::Cordon { .. })
    }

    /// The same on another node, as where one was written as a hash.
    pub fn on(self, node: String) -> Self {
        match self {
            Self::Cordon { .. } => Self::Cordon { node },
            Self::Uncordon { .. } => Self::Uncordon { node },
        }
    }

    /// What takes it back.
    pub fn inverse(&self) -> Self {
        let node = self.node().to_owned();
        match self {
            Self::Cordon { .. } => Self::Uncordon { node },
            Self::Uncordon { .. } => Self::Cordon { node },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_listed_and_taken_back_by_another() {
        for name in ACTIONS {
            let action = Action::of(name, "node-3").unwrap();
            assert_eq!(action.name(), *name);
            assert_eq!(action.object(), "node/node-3");
            assert_ne!(action.inverse(), action);
            assert_eq!(action.inverse().inverse(), action);
            assert_ne!(action.unschedulable(), action.inverse().unschedulable());
        }
        assert_eq!(Action::of("delete", "node-3"), None);
    }
}
