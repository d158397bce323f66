//! A node, and what stands in its description.

use std::collections::BTreeMap;

use super::resources::{Resources, Share};
use crate::clock::Millis;

/// What kubectl prints where there is nothing.
const NONE: &str = "<none>";

/// The conditions that every kubelet and the node controller know; of these, `True` is bad.
const PRESSURES: [&str; 4] = [
    "MemoryPressure",
    "DiskPressure",
    "PIDPressure",
    "NetworkUnavailable",
];

/// A node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Its uid; a node that was replaced under its name has another.
    pub uid: String,
    /// Whether it is ready.
    pub ready: Ready,
    /// True if no new Pod is placed on it: it is cordoned.
    pub unschedulable: bool,
    /// Its roles by its labels, in order.
    pub roles: Vec<String>,
    /// When its object was made.
    pub created: Option<Millis>,
    /// Its conditions, in the order in which they are listed.
    pub conditions: Vec<Condition>,
    /// Its taints, by effect and key, as kubectl orders them.
    pub taints: Vec<Taint>,
    /// Its addresses: kind and address.
    pub addresses: Vec<(String, String)>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
    /// What it has.
    pub capacity: Resources,
    /// What of it Pods may use.
    pub allocatable: Resources,
    /// Kernel, operating system, kubelet and so on.
    pub system: System,
    /// Its ranges of Pod addresses.
    pub pod_cidrs: Vec<String>,
    /// The provider's name of the machine, if it was told.
    pub provider_id: Option<String>,
}

/// That a node was rebooted, as its kubelet noted in Events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reboots {
    /// How often, as far as the cluster remembers.
    pub times: i64,
    /// When it was last.
    pub last: Millis,
}

/// What the condition `Ready` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ready {
    /// The kubelet says so.
    Yes,
    /// The kubelet says that it is not.
    No,
    /// The kubelet has not been heard of for a while.
    NotHeard,
    /// There is no such condition.
    #[default]
    NotSaid,
}

/// One condition of a node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Condition {
    /// Its type, such as `MemoryPressure`.
    pub kind: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// Why, in one word.
    pub reason: String,
    /// Why, in a sentence.
    pub message: String,
    /// When the kubelet last confirmed it.
    pub heartbeat: Option<Millis>,
    /// Since when it is so.
    pub since: Option<Millis>,
}

/// How a condition is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// As it should be.
    Fine,
    /// Not as it should be.
    Bad,
    /// It is not known, which is not fine.
    Unknown,
}

/// What keeps Pods off a node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Taint {
    /// Its key.
    pub key: String,
    /// Its value, often empty.
    pub value: String,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    pub effect: String,
    /// Since when, where it was noted.
    pub since: Option<Millis>,
}

/// What the kubelet says of its machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct System {
    /// Of `/etc/machine-id`.
    pub machine_id: String,
    /// Of the firmware.
    pub system_uuid: String,
    /// Made anew by every boot.
    pub boot_id: String,
    /// The kernel's version.
    pub kernel: String,
    /// The distribution.
    pub os_image: String,
    /// `linux` or `windows`.
    pub os: String,
    /// Such as `amd64`.
    pub architecture: String,
    /// The container runtime and its version.
    pub runtime: String,
    /// The kubelet's version.
    pub kubelet: String,
    /// Bytes of swap, if there is any.
    pub swap: Option<i64>,
}

/// A node with its lease, its Pods and what they ask of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeDetail {
    /// The node.
    pub node: Node,
    /// Its heartbeat, if it was read.
    pub lease: Option<Lease>,
    /// The Pods on it that have not ended, if they were read.
    pub pods: Option<Vec<NodePod>>,
    /// What its Pods ask for together, if they were read: cpu, memory, ephemeral-storage, huge pages,
    /// then whatever else the node has.
    pub allocated: Option<Vec<Allocated>>,
}

/// A node's heartbeat.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lease {
    /// Who holds it: the node's name.
    pub holder: String,
    /// When it was first taken.
    pub acquired: Option<Millis>,
    /// When it was last renewed.
    pub renewed: Option<Millis>,
    /// For how long a renewal counts, in seconds.
    pub seconds: Option<i64>,
}

/// One Pod on a node, and its share of the node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodePod {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// CPU asked for.
    pub cpu_requests: Share,
    /// CPU at most.
    pub cpu_limits: Share,
    /// Memory asked for.
    pub memory_requests: Share,
    /// Memory at most.
    pub memory_limits: Share,
    /// When its object was made.
    pub created: Option<Millis>,
}

/// One resource of a node and what its Pods ask of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Allocated {
    /// The resource's name.
    pub resource: String,
    /// Asked for.
    pub requests: Share,
    /// At most.
    pub limits: Share,
    /// True for cpu, memory, storage and huge pages, which kubectl prints with percentages.
    pub with_percent: bool,
}

impl Node {
    /// The word in kubectl's STATUS column: `Ready`, `NotReady,SchedulingDisabled`, …
    pub fn status(&self) -> String {
        self.with_cordon("SchedulingDisabled")
    }

    /// The same in fewer letters, for a table on a phone: `Ready,cordoned`.
    pub fn short_status(&self) -> String {
        self.with_cordon("cordoned")
    }

    fn with_cordon(&self, cordoned: &str) -> String {
        let ready = match self.ready {
            Ready::Yes => "Ready",
            Ready::No | Ready::NotHeard => "NotReady",
            Ready::NotSaid => "Unknown",
        };
        if self.unschedulable {
            format!("{ready},{cordoned}")
        } else {
            ready.to_owned()
        }
    }

    /// What a list of very many nodes keeps of it: what `kubectl get nodes -o wide` shows, and of its conditions only
    /// those that are unusual.
    pub fn listed(mut self) -> Self {
        self.conditions.retain(|it| it.judge() != Judgement::Fine);
        self.conditions.shrink_to_fit();
        Self {
            taints: Vec::new(),
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
            capacity: Resources::default(),
            allocatable: Resources::default(),
            pod_cidrs: Vec::new(),
            provider_id: None,
            system: System {
                machine_id: String::new(),
                system_uuid: String::new(),
                boot_id: String::new(),
                ..self.system
            },
            ..self
        }
    }

    /// The word in kubectl's ROLES column.
    pub fn role_words(&self) -> String {
        if self.roles.is_empty() {
            NONE.to_owned()
        } else {
            self.roles.join(",")
        }
    }

    /// Its address inside the cluster's network.
    pub fn internal_ip(&self) -> Option<&str> {
        self.address("InternalIP")
    }

    /// Its address for the outside.
    pub fn external_ip(&self) -> Option<&str> {
        self.address("ExternalIP")
    }

    /// What Pods may use of it; all that it has where that is not said.
    pub fn available(&self) -> &Resources {
        if self.allocatable.0.is_empty() {
            &self.capacity
        } else {
            &self.allocatable
        }
    }

    /// The conditions that are not as they should be, or not known.
    pub fn unusual(&self) -> impl Iterator<Item = &Condition> {
        self.conditions
            .iter()
            .filter(|condition| condition.judge() != Judgement::Fine)
    }

    /// True if it is ready, takes Pods and nothing about it is unusual.
    pub fn is_fine(&self) -> bool {
        self.ready == Ready::Yes && !self.unschedulable && self.unusual().next().is_none()
    }

    fn address(&self, wanted: &str) -> Option<&str> {
        let found = self.addresses.iter().find(|(kind, _)| kind == wanted);
        found.map(|(_, address)| address.as_str())
    }
}

impl Condition {
    /// How it is to be taken: `Ready` and whatever else ends so should be `True`, and k3s's
    /// `EtcdIsVoter`; all others, among them those of the node problem detector, should not.
    pub fn judge(&self) -> Judgement {
        let should_be = if self.kind.ends_with("Ready") || self.kind == "EtcdIsVoter" {
            "True"
        } else {
            "False"
        };
        match self.status.as_str() {
            status if status == should_be => Judgement::Fine,
            "True" | "False" => Judgement::Bad,
            _ => Judgement::Unknown,
        }
    }

    /// True for memory, disk, process ids and network, which every cluster has.
    pub fn is_pressure(&self) -> bool {
        PRESSURES.contains(&self.kind.as_str())
    }
}

impl Taint {
    /// As kubectl prints it: `key=value:effect`.
    pub fn words(&self) -> String {
        let Self {
            key, value, effect, ..
        } = self;
        match (value.is_empty(), effect.is_empty()) {
            (true, true) => key.clone(),
            (true, false) => format!("{key}:{effect}"),
            (false, true) => format!("{key}={value}"),
            (false, false) => format!("{key}={value}:{effect}"),
        }
    }
}

impl Allocated {
    /// As kubectl prints it: resource, requests, limits.
    pub fn words(&self) -> [String; 3] {
        let words = |share: &Share| {
            if self.with_percent {
                share.words()
            } else {
                super::resources::amount_words(share.amount.as_ref())
            }
        };
        [self.resource.clone(), words(&self.requests), words(&self.limits)]
    }
}
