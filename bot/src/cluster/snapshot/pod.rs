//! A Pod: the row of a list, why it is not fine, and what stands in its description.

use std::collections::BTreeMap;

use super::resources::Resources;
use crate::clock::Millis;
use crate::cluster::read::pod_status::RESTART_MEMORY;
use crate::cluster::read::time;

/// The phase of a Pod that failed as a whole.
pub const FAILED: &str = "Failed";

/// A Pod, as a list shows it, and why it is not fine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pod {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its uid.
    pub uid: String,
    /// The word in kubectl's STATUS column, such as `Running`, `Init:0/2` or `CrashLoopBackOff`.
    pub status: String,
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
    pub phase: String,
    /// How many of its containers are ready.
    pub ready: usize,
    /// How many containers it has, sidecars included.
    pub containers: usize,
    /// True if it is ready to serve, and not about to go.
    pub is_ready: bool,
    /// How often its containers were restarted, together.
    pub restarts: i64,
    /// When one of them was last restarted.
    pub last_restart: Option<Millis>,
    /// When its object was made.
    pub created: Option<Millis>,
    /// When it is to be gone at the latest, if it was deleted.
    pub deleted: Option<Millis>,
    /// The node it runs on, once it has one.
    pub node: Option<String>,
    /// Its address, once it has one.
    pub ip: Option<String>,
    /// What made it: kind and name.
    pub owner: Option<(String, String)>,
    /// `Guaranteed`, `Burstable` or `BestEffort`; empty if the server did not say.
    pub qos: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Whether, and from or until when, it is unhealthy.
    pub verdict: Verdict,
    /// Why it is not fine, worst first.
    pub troubles: Vec<Trouble>,
}

/// A Pod, as a list over the whole cluster shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PodRow {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The word in kubectl's STATUS column.
    pub status: String,
    /// The word in kubectl's READY column.
    pub ready: String,
    /// How often its containers were restarted, together; 65,535 stands for that and more.
    pub restarts: u16,
    /// When its object was made, to the second.
    pub created: Option<Millis>,
    /// The node it runs on; empty if it has none.
    pub node: String,
    /// True if its phase is `Failed`.
    pub has_failed: bool,
    /// Whether, and from or until when, it is unhealthy.
    pub verdict: Verdict,
}

impl From<PodRow> for Pod {
    /// As much of the Pod as the row knows; why it is not fine is not part of that.
    fn from(row: PodRow) -> Self {
        let (ready, containers) = row.ready.split_once('/').unwrap_or_default();
        Self {
            ready: ready.parse().unwrap_or(0),
            containers: containers.parse().unwrap_or(0),
            namespace: row.namespace,
            name: row.name,
            status: row.status,
            phase: match row.has_failed {
                true => FAILED.to_owned(),
                false => String::new(),
            },
            restarts: row.restarts.into(),
            last_restart: match row.verdict {
                Verdict::UnhealthyUntil(turn) => turn.checked_sub(RESTART_MEMORY),
                _ => None,
            },
            created: row.created,
            node: Some(row.node).filter(|node| !node.is_empty()),
            verdict: row.verdict,
            ..Self::default()
        }
    }
}

/// Whether a Pod is unhealthy. Some answers depend on the time at which they are asked for.
///
/// - Deleted: unhealthy once it is a minute past the time at which it should be gone; at once if its
///   node is lost.
/// - Ended well: fine. Failed, evicted or of an unknown phase: unhealthy.
/// - Fits on no node, or has a container (of any kind) that waits for something other than its turn,
///   or that ended in an error: unhealthy.
/// - Otherwise not ready: unhealthy once that has lasted for a minute. Held back by a scheduling gate
///   counts as not ready.
/// - Ready: unhealthy until ten minutes after its last restart; otherwise fine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    /// It is fine.
    #[default]
    Fine,
    /// It is unhealthy.
    Unhealthy,
    /// It counts as starting or leaving until then, and as unhealthy from then on.
    UnhealthyFrom(Millis),
    /// It was restarted; it counts as fine again from then on.
    UnhealthyUntil(Millis),
}

/// How bad it is with a Pod, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Badness {
    /// It waits in trouble, ended in an error or fits on no node: it does nothing for anybody.
    Down,
    /// It has not been ready, or has not been gone, for too long.
    Late,
    /// It runs, but was restarted a short while ago.
    Restarted,
    /// It failed as a whole, such as by eviction. It will not run again; whatever made it makes another.
    Over,
    /// It is well.
    Well,
}

/// One reason why a Pod is not fine.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// It failed as a whole: evicted, out of time, refused by the kubelet.
    Failed {
        /// In one word, such as `Evicted`.
        reason: String,
        /// In a sentence.
        message: String,
    },
    /// The scheduler found no node for it.
    Unschedulable {
        /// In one word, such as `Unschedulable`.
        reason: String,
        /// In a sentence, such as `0/5 nodes are available: …`.
        message: String,
    },
    /// It was deleted and should be gone at this time.
    Deleted {
        /// The end of its grace.
        due: Option<Millis>,
    },
    /// A container waits for something other than its turn.
    Waiting {
        /// Its name.
        container: String,
        /// True for an init container.
        is_init: bool,
        /// In one word, such as `ImagePullBackOff`.
        reason: String,
        /// In a sentence.
        message: String,
    },
    /// A container ended in an error and was not started again so far.
    Ended {
        /// Its name.
        container: String,
        /// True for an init container.
        is_init: bool,
        /// How it ended.
        exit: Exit,
    },
    /// A container was restarted; how it ended before.
    Restarted {
        /// Its name.
        container: String,
        /// True for an init container.
        is_init: bool,
        /// How often.
        restarts: i64,
        /// How it ended the last time, if that is still known.
        exit: Option<Exit>,
    },
    /// A container runs, but is not ready.
    NotReady {
        /// Its name.
        container: String,
        /// True if its startup probe has passed, or it has none.
        started: bool,
        /// Its readiness probe in kubectl's words, if it has one.
        probe: Option<String>,
    },
    /// A condition of the Pod is false although its containers are as they should be: a readiness gate.
    Condition {
        /// Its type.
        kind: String,
        /// In one word.
        reason: String,
        /// In a sentence.
        message: String,
    },
}

/// How a container ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exit {
    /// In one word, such as `OOMKilled`; may be empty.
    pub reason: String,
    /// The exit code.
    pub code: i32,
    /// The signal that ended it, if one did.
    pub signal: Option<i32>,
    /// What it left to be told.
    pub message: String,
    /// When it had started.
    pub started: Option<Millis>,
    /// When it ended.
    pub finished: Option<Millis>,
}

/// A Pod with its containers, conditions and volumes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PodDetail {
    /// The Pod.
    pub pod: Pod,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
    /// `status.reason`, as for an evicted Pod.
    pub reason: String,
    /// `status.message`.
    pub message: String,
    /// Its priority and the class that gave it.
    pub priority: Option<i32>,
    /// The class's name.
    pub priority_class: Option<String>,
    /// The account that it runs as.
    pub service_account: Option<String>,
    /// When its node took it on.
    pub started: Option<Millis>,
    /// Its node's address.
    pub host_ip: Option<String>,
    /// All its addresses.
    pub ips: Vec<String>,
    /// The node that is being cleared for it.
    pub nominated_node: Option<String>,
    /// How long it may take to go, in seconds.
    pub grace_seconds: Option<i64>,
    /// Its containers: init containers first, then the others, then those for debugging.
    pub containers: Vec<Container>,
    /// Its conditions.
    pub conditions: Vec<PodCondition>,
    /// Its volumes.
    pub volumes: Vec<Volume>,
    /// What it tolerates, in kubectl's words and order.
    pub tolerations: Vec<String>,
    /// The labels that its node must have.
    pub node_selector: BTreeMap<String, String>,
    /// What it asks for as a whole.
    pub requests: Resources,
    /// What it may use at most as a whole.
    pub limits: Resources,
}

/// One container.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Which kind it is.
    pub kind: ContainerKind,
    /// Its image, as the Pod asks for it.
    pub image: String,
    /// The image that was found, by digest; empty before it starts.
    pub image_id: String,
    /// What it does; `None` if the kubelet has not said.
    pub state: Option<State>,
    /// How it ended the last time.
    pub last: Option<Exit>,
    /// Whether it is ready.
    pub ready: bool,
    /// How often it was restarted.
    pub restarts: i64,
    /// What it asks for.
    pub requests: Resources,
    /// What it may use at most.
    pub limits: Resources,
    /// Its probes in kubectl's words.
    pub liveness: Option<String>,
    /// Its readiness probe.
    pub readiness: Option<String>,
    /// Its startup probe.
    pub startup: Option<String>,
    /// Its ports, as kubectl prints them: `8080/TCP (http)`.
    pub ports: Vec<String>,
    /// The names of its environment variables. Their values are nobody's business here.
    pub env: Vec<String>,
    /// Where further variables come from: `ConfigMap web`, `Secret web`.
    pub env_from: Vec<String>,
    /// Its mounts, as kubectl prints them: `/data from data (rw)`.
    pub mounts: Vec<String>,
}

/// The kinds of containers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContainerKind {
    /// Runs and ends before the others start.
    Init,
    /// An init container that goes on running beside the others.
    Sidecar,
    /// What the Pod is for.
    #[default]
    App,
    /// Was put into the running Pod for debugging.
    Ephemeral,
}

/// What a container does.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// It waits.
    Waiting {
        /// In one word; may be empty.
        reason: String,
        /// In a sentence.
        message: String,
    },
    /// It runs.
    Running {
        /// Since when.
        since: Option<Millis>,
    },
    /// It ended.
    Ended(Exit),
}

/// One condition of a Pod.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PodCondition {
    /// Its type, such as `ContainersReady`.
    pub kind: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// Why, in one word.
    pub reason: String,
    /// Why, in a sentence.
    pub message: String,
    /// Since when.
    pub since: Option<Millis>,
}

/// One volume.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// Its kind, as kubectl names it: `ConfigMap`, `PersistentVolumeClaim`; `<unknown>` if it is none
    /// of those.
    pub kind: String,
    /// What it is made of: the name of the ConfigMap, the path on the host.
    pub of: String,
}

impl Pod {
    /// The word in kubectl's READY column.
    pub fn ready_words(&self) -> String {
        format!("{}/{}", self.ready, self.containers)
    }

    /// The words in kubectl's RESTARTS column: `5 (3m20s ago)`.
    pub fn restart_words(&self, now: Millis) -> String {
        match self.last_restart {
            Some(last) if self.restarts != 0 => {
                format!("{} ({} ago)", self.restarts, time::age(Some(last), now))
            }
            _ => self.restarts.to_string(),
        }
    }

    /// True if it is unhealthy at this time; see [`Verdict`] for the rules.
    pub fn is_unhealthy(&self, now: Millis) -> bool {
        self.verdict.is_unhealthy(now)
    }

    /// How bad it is at this time.
    pub fn badness(&self, now: Millis) -> Badness {
        self.verdict.badness(self.phase == FAILED, now)
    }
}

impl Verdict {
    /// The answer at this time.
    pub fn is_unhealthy(self, now: Millis) -> bool {
        match self {
            Self::Fine => false,
            Self::Unhealthy => true,
            Self::UnhealthyFrom(from) => now >= from,
            Self::UnhealthyUntil(until) => now < until,
        }
    }

    /// How bad it is at this time with a Pod that has failed as a whole, or has not.
    pub fn badness(self, has_failed: bool, now: Millis) -> Badness {
        match self {
            _ if !self.is_unhealthy(now) => Badness::Well,
            _ if has_failed => Badness::Over,
            Self::UnhealthyFrom(_) => Badness::Late,
            Self::UnhealthyUntil(_) => Badness::Restarted,
            Self::Fine | Self::Unhealthy => Badness::Down,
        }
    }
}

impl State {
    /// In kubectl's word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Waiting { .. } => "Waiting",
            Self::Running { .. } => "Running",
            Self::Ended(_) => "Terminated",
        }
    }
}
