//! The cluster that a transcript is played on: the sandbox's own, or a real control plane.

use firstmate_sandbox::cluster::api::{Api as _, kinds};
use firstmate_sandbox::cluster::{self, Cluster};
use serde_json::Value;

use crate::cluster::watch::Latest;

use super::parse::{ClusterFault, Trouble};

/// A cluster under a transcript.
pub trait Ground: Send + Sync {
    /// How the bot reaches it, as the ServiceAccount that it has there.
    fn kubeconfig(&self) -> String;

    /// Somebody else changes an object: a merge patch of `kind/name` or `namespace/kind/name`, as admin.
    ///
    /// # Errors
    /// If it cannot be changed.
    fn patch(&self, object: &str, patch: &Value) -> anyhow::Result<()>;

    /// Something goes wrong with it.
    ///
    /// # Errors
    /// If this cluster cannot be made to.
    fn fault(&self, fault: &ClusterFault) -> anyhow::Result<()>;

    /// All writes over the API so far but access reviews, as a transcript tells them.
    fn writes(&self) -> Vec<String>;

    /// The time was moved.
    fn settle(&self);

    /// Requests that are being answered, and those of them that only wait for the clock.
    fn in_hand(&self) -> (usize, usize);

    /// The latest of its nodes and of its Pods, which the bot's watches are waited for.
    fn latest(&self) -> (Latest, Latest);

    /// Where its answers are fit for a second opinion: a kubeconfig of the administrator.
    fn admin(&self) -> String;
}

impl Ground for Cluster {
    fn kubeconfig(&self) -> String {
        Self::kubeconfig(self, "firstmate")
    }

    fn patch(&self, object: &str, patch: &Value) -> anyhow::Result<()> {
        Self::patch(self, object, patch.clone())
    }

    fn fault(&self, fault: &ClusterFault) -> anyhow::Result<()> {
        let ClusterFault {
            trouble,
            resource,
            requests,
        } = fault.clone();
        Self::fault(
            self,
            match trouble {
                Trouble::Status(code) => cluster::Fault::Status {
                    code,
                    resource,
                    requests,
                },
                Trouble::Slow(ms) => cluster::Fault::Slow {
                    ms,
                    resource,
                    requests,
                },
                Trouble::Drop => cluster::Fault::Drop { resource, requests },
                Trouble::Cut => cluster::Fault::CutBody { resource, requests },
                Trouble::Absurd => cluster::Fault::Absurd,
                Trouble::Off => cluster::Fault::Off,
            },
        );
        Ok(())
    }

    fn writes(&self) -> Vec<String> {
        self.writes_since(0).iter().map(write_line).collect()
    }

    fn settle(&self) {
        Self::settle(self);
    }

    fn in_hand(&self) -> (usize, usize) {
        (self.in_flight(), self.held())
    }

    fn latest(&self) -> (Latest, Latest) {
        let of = |kind| {
            let objects = self.store().list(kind).unwrap_or_default();
            latest(objects.iter().map(AsRef::as_ref))
        };
        (of(kinds::NODES), of(kinds::PODS))
    }

    fn admin(&self) -> String {
        Self::kubeconfig(self, "admin")
    }
}

/// The latest of some objects.
pub fn latest<'a>(objects: impl Iterator<Item = &'a Value>) -> Latest {
    let number = |object: &Value| object["metadata"]["resourceVersion"].as_str()?.parse().ok();
    objects.fold(Latest::default(), |latest, object| Latest {
        version: latest.version.max(number(object).unwrap_or(0)),
        count: latest.count + 1,
    })
}

/// `verb kind/namespace/name as person`.
fn write_line(write: &cluster::Write) -> String {
    let part = |text: &str| {
        if text.is_empty() {
            String::new()
        } else {
            format!("/{text}")
        }
    };
    let dry = if write.dry_run { " (dry run)" } else { "" };
    format!(
        "{} {}{}{}{} as {}{dry}",
        write.verb,
        write.resource,
        part(&write.subresource),
        part(&write.namespace),
        part(&write.name),
        write.user
    )
}
