//! The Node object of a hollow kubelet: what it is made of and what its conditions say.

use serde::Deserialize;
use serde_json::{Value, json};

use super::habits::digest;
use crate::cluster::engine::amount::{binary, units};
use crate::cluster::engine::dice::Dice;
use crate::cluster::engine::object::put_condition;
use crate::cluster::time::rfc3339;

/// A node as a scenario describes it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Spec {
    /// Its name.
    pub(crate) name: String,
    /// Its zone.
    #[serde(default)]
    pub(crate) zone: String,
    /// The type of its machine, as clouds name them.
    #[serde(default)]
    pub(crate) machine: String,
    /// Its processors.
    #[serde(default)]
    pub(crate) cpu: String,
    /// Its memory, as `15Gi`.
    #[serde(default)]
    pub(crate) memory: String,
    /// Labels besides the usual ones.
    #[serde(default)]
    pub(crate) labels: serde_json::Map<String, Value>,
    /// Its address; made up from its place in the list where it is not said.
    pub(crate) address: Option<String>,
}

/// How a node is at the moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Health {
    pub(crate) memory_pressure: bool,
    pub(crate) disk_pressure: bool,
    /// Why it is not ready.
    pub(crate) not_ready: Option<String>,
}

const KERNEL: &str = "6.12.48+deb13-amd64";
const VERSION: &str = "v1.37.2";
/// What the kubelet keeps back of the memory: for the system, and before it evicts.
const RESERVED: i64 = 600 << 20;

/// The bytes of memory that Pods can have on a node.
pub(crate) fn memory_for_pods(spec: &Spec) -> i64 {
    (units(&spec.memory) - RESERVED).max(0)
}

/// The whole object, for a node that joins.
pub(crate) fn object(spec: &Spec, index: usize, address: &str, pod_range: &str) -> Value {
    let zone = if spec.zone.is_empty() {
        "eu-west-1a"
    } else {
        &spec.zone
    };
    let region = zone.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
    let mut labels = spec.labels.clone();
    for (key, value) in [
        ("beta.kubernetes.io/arch", "amd64"),
        ("beta.kubernetes.io/instance-type", spec.machine.as_str()),
        ("beta.kubernetes.io/os", "linux"),
        ("kubernetes.io/arch", "amd64"),
        ("kubernetes.io/hostname", spec.name.as_str()),
        ("kubernetes.io/os", "linux"),
        ("node.kubernetes.io/instance-type", spec.machine.as_str()),
        ("topology.kubernetes.io/region", region),
        ("topology.kubernetes.io/zone", zone),
    ] {
        if !value.is_empty() {
            labels.entry(key.to_owned()).or_insert(json!(value));
        }
    }
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": spec.name,
            "labels": labels,
            "annotations": {
                "node.alpha.kubernetes.io/ttl": "0",
                "volumes.kubernetes.io/controller-managed-attach-detach": "true",
            },
        },
        "spec": {
            "podCIDR": pod_range,
            "podCIDRs": [pod_range],
            "providerID": format!("cloud:///{zone}/i-{:08x}{index:02x}", index * 7919 + 4711),
        },
        "status": {"addresses": [
            {"type": "InternalIP", "address": address},
            {"type": "Hostname", "address": spec.name},
        ]},
    })
}

/// The parts of the status that do not change while the machine runs.
pub(crate) fn machine(spec: &Spec, boot: &str, dice: Dice) -> Value {
    let memory = units(&spec.memory);
    let id = dice.hex(32, &["machine", &spec.name]);
    let disk = 107_361_579_008_i64;
    let sizes = |cpu: &str, memory: i64, disk: i64| {
        json!({
            "cpu": cpu,
            "ephemeral-storage": disk.to_string(),
            "hugepages-1Gi": "0",
            "hugepages-2Mi": "0",
            "memory": binary(memory - memory % 1024),
            "pods": "110",
        })
    };
    json!({
        "capacity": sizes(&spec.cpu, memory, disk),
        "allocatable": sizes(&allocatable_cpu(&spec.cpu), memory_for_pods(spec), disk / 10 * 9),
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "nodeInfo": {
            "architecture": "amd64",
            "bootID": boot,
            "containerRuntimeVersion": "containerd://2.4.2",
            "kernelVersion": KERNEL,
            "kubeProxyVersion": "",
            "kubeletVersion": VERSION,
            "machineID": id,
            "operatingSystem": "linux",
            "osImage": "Debian GNU/Linux 13 (trixie)",
            "runningInUserNamespace": false,
            "systemUUID": dice.uuid(&["system", &spec.name]),
        },
        "features": {"supplementalGroupsPolicy": true},
        "runtimeHandlers": [
            {"name": "", "features": {"recursiveReadOnlyMounts": true, "userNamespaces": true}},
            {"name": "runc", "features": {"recursiveReadOnlyMounts": true, "userNamespaces": true}},
        ],
    })
}

/// A little of the processors is kept for the system.
fn allocatable_cpu(cpu: &str) -> String {
    let milli = crate::cluster::engine::amount::milli(cpu);
    format!("{}m", milli - 80)
}

/// The images on a node, the largest first.
pub(crate) fn images<'a>(images: impl Iterator<Item = (&'a String, u64)>, dice: Dice) -> Value {
    let mut list: Vec<(u64, &String)> = images.map(|(name, size)| (size, name)).collect();
    list.sort_by(|a, b| b.cmp(a));
    let shown = list.into_iter().take(50);
    shown
        .map(|(size, name)| json!({"names": [digest(name, dice), name], "sizeBytes": size}))
        .collect()
}

/// Puts the conditions of a kubelet into a list, with a heartbeat at `now`.
pub(crate) fn put_conditions(list: &mut Vec<Value>, health: &Health, now: u64) {
    let pick = |bad: bool, words: [(&'static str, &'static str); 2]| words[usize::from(bad)];
    let memory = [
        (
            "KubeletHasSufficientMemory",
            "kubelet has sufficient memory available",
        ),
        (
            "KubeletHasInsufficientMemory",
            "kubelet has insufficient memory available",
        ),
    ];
    let disk = [
        ("KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("KubeletHasDiskPressure", "kubelet has disk pressure"),
    ];
    let processes = ("KubeletHasSufficientPID", "kubelet has sufficient PID available");
    let ready = match &health.not_ready {
        None => ("KubeletReady", "kubelet is posting ready status"),
        Some(why) => ("KubeletNotReady", why.as_str()),
    };
    for (kind, holds, (reason, message)) in [
        (
            "MemoryPressure",
            health.memory_pressure,
            pick(health.memory_pressure, memory),
        ),
        (
            "DiskPressure",
            health.disk_pressure,
            pick(health.disk_pressure, disk),
        ),
        ("PIDPressure", false, processes),
        ("Ready", health.not_ready.is_none(), ready),
    ] {
        let condition = json!({
            "type": kind,
            "status": if holds { "True" } else { "False" },
            "reason": reason,
            "message": message,
            "lastHeartbeatTime": rfc3339(now),
        });
        put_condition(list, condition, now);
    }
}
