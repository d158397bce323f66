//! Nodes, events, and the kinds of which there is little to say.

use serde_json::{Value, json};

use super::{Column, Layout, age, int, list, marked, name, number, or, or_none, string, text, wide};

pub(super) const NODE: Layout = Layout {
    columns: &[
        text("Name"),
        text("Status"),
        text("Roles"),
        text("Age"),
        text("Version"),
        wide("Internal-IP"),
        wide("External-IP"),
        wide("OS-Image"),
        wide("Kernel-Version"),
        wide("Container-Runtime"),
    ],
    cells: |it, now| {
        let info = &it["status"]["nodeInfo"];
        let kernel = or(info, "/kernelVersion", "<unknown>");
        let kernel = match string(info, "/architecture") {
            none if none.is_empty() => kernel,
            architecture => format!("{kernel} ({architecture})"),
        };
        vec![
            name(it),
            json!(node_status(it)),
            json!(roles(it)),
            age(it, now),
            json!(string(info, "/kubeletVersion")),
            json!(address(it, "InternalIP")),
            json!(address(it, "ExternalIP")),
            json!(or(info, "/osImage", "<unknown>")),
            json!(kernel),
            json!(or(info, "/containerRuntimeVersion", "<unknown>")),
        ]
    },
};

pub(super) const EVENT: Layout = Layout {
    columns: &[
        text("Last Seen"),
        text("Type"),
        text("Reason"),
        text("Object"),
        wide("Subobject"),
        wide("Source"),
        text("Message"),
        wide("First Seen"),
        wide("Count"),
        wide("Name"),
    ],
    cells: event,
};

pub(super) const NAMESPACE: Layout = Layout {
    columns: &[text("Name"), text("Status"), text("Age")],
    cells: |it, now| vec![name(it), json!(string(it, "/status/phase")), age(it, now)],
};

pub(super) const SECRET: Layout = Layout {
    columns: &[text("Name"), text("Type"), text("Data"), text("Age")],
    cells: |it, now| {
        vec![
            name(it),
            json!(string(it, "/type")),
            json!(size(&it["data"])),
            age(it, now),
        ]
    },
};

pub(super) const CONFIG_MAP: Layout = Layout {
    columns: &[text("Name"), text("Data"), text("Age")],
    cells: |it, now| {
        let count = size(&it["data"]) + size(&it["binaryData"]);
        vec![name(it), json!(count), age(it, now)]
    },
};

pub(super) const LEASE: Layout = Layout {
    columns: &[text("Name"), text("Holder"), text("Age")],
    cells: |it, now| vec![name(it), json!(string(it, "/spec/holderIdentity")), age(it, now)],
};

pub(super) const BINDING: Layout = Layout {
    columns: &[
        text("Name"),
        text("Role"),
        text("Age"),
        wide("Users"),
        wide("Groups"),
        wide("ServiceAccounts"),
    ],
    cells: |it, now| {
        let role = format!("{}/{}", string(it, "/roleRef/kind"), string(it, "/roleRef/name"));
        let of = |kind: &str| {
            let named = list(it, "/subjects")
                .iter()
                .filter(|subject| subject["kind"] == kind);
            let named = named.map(|subject| match kind {
                "ServiceAccount" => format!("{}/{}", string(subject, "/namespace"), string(subject, "/name")),
                _ => string(subject, "/name"),
            });
            json!(named.collect::<Vec<_>>().join(", "))
        };
        vec![
            name(it),
            json!(role),
            age(it, now),
            of("User"),
            of("Group"),
            of("ServiceAccount"),
        ]
    },
};

pub(super) const CLAIM: Layout = Layout {
    columns: &[
        text("Name"),
        text("Status"),
        text("Volume"),
        text("Capacity"),
        text("Access Modes"),
        text("StorageClass"),
        text("VolumeAttributesClass"),
        text("Age"),
        wide("VolumeMode"),
    ],
    cells: |it, now| {
        let volume = string(it, "/spec/volumeName");
        let (capacity, modes) = match volume.is_empty() {
            true => (String::new(), String::new()),
            false => (
                string(it, "/status/capacity/storage"),
                access_modes(list(it, "/status/accessModes")),
            ),
        };
        vec![
            name(it),
            json!(phase(it)),
            json!(volume),
            json!(capacity),
            json!(modes),
            json!(string(it, "/spec/storageClassName")),
            json!(or(it, "/spec/volumeAttributesClassName", "<unset>")),
            age(it, now),
            json!(or(it, "/spec/volumeMode", "<unset>")),
        ]
    },
};

pub(super) const VOLUME: Layout = Layout {
    columns: &[
        text("Name"),
        text("Capacity"),
        text("Access Modes"),
        text("Reclaim Policy"),
        text("Status"),
        text("Claim"),
        text("StorageClass"),
        text("VolumeAttributesClass"),
        text("Reason"),
        text("Age"),
        wide("VolumeMode"),
    ],
    cells: |it, now| {
        let claim = &it["spec"]["claimRef"];
        let claim = match claim.is_object() {
            true => format!("{}/{}", string(claim, "/namespace"), string(claim, "/name")),
            false => String::new(),
        };
        vec![
            name(it),
            json!(string(it, "/spec/capacity/storage")),
            json!(access_modes(list(it, "/spec/accessModes"))),
            json!(string(it, "/spec/persistentVolumeReclaimPolicy")),
            json!(phase(it)),
            json!(claim),
            json!(string(it, "/spec/storageClassName")),
            json!(or(it, "/spec/volumeAttributesClassName", "<unset>")),
            json!(string(it, "/status/reason")),
            age(it, now),
            json!(or(it, "/spec/volumeMode", "<unset>")),
        ]
    },
};

pub(super) const STORAGE_CLASS: Layout = Layout {
    columns: &[
        text("Name"),
        text("Provisioner"),
        text("ReclaimPolicy"),
        text("VolumeBindingMode"),
        text("AllowVolumeExpansion"),
        text("Age"),
    ],
    cells: |it, now| {
        vec![
            marked(it, "storageclass.kubernetes.io~1is-default-class"),
            json!(string(it, "/provisioner")),
            json!(or(it, "/reclaimPolicy", "Delete")),
            json!(or(it, "/volumeBindingMode", "Immediate")),
            json!(it["allowVolumeExpansion"] == true),
            age(it, now),
        ]
    },
};

pub(super) const PRIORITY_CLASS: Layout = Layout {
    columns: &[
        text("Name"),
        number("Value"),
        Column {
            name: "Global-Default",
            holds: "boolean",
            wide: false,
        },
        text("Age"),
        text("PreemptionPolicy"),
    ],
    cells: |it, now| {
        let is_default = it["globalDefault"] == true;
        let policy = string(it, "/preemptionPolicy");
        vec![
            name(it),
            json!(int(it, "/value")),
            json!(is_default),
            age(it, now),
            json!(policy),
        ]
    },
};

pub(super) const CSI_NODE: Layout = Layout {
    columns: &[text("Name"), number("Drivers"), text("Age")],
    cells: |it, now| vec![name(it), json!(list(it, "/spec/drivers").len()), age(it, now)],
};

pub(super) const QUOTA: Layout = Layout {
    columns: &[text("Name"), text("Request"), text("Limit"), text("Age")],
    cells: |it, now| {
        let hard = it
            .pointer("/status/hard")
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        let says = |name: &str, hard: &Value| {
            let used = it["status"]["used"][name].as_str().unwrap_or("0");
            format!("{name}: {used}/{}", hard.as_str().unwrap_or_default())
        };
        let (limits, requests): (Vec<_>, Vec<_>) = hard.partition(|(name, _)| name.starts_with("limits."));
        let join = |all: Vec<(&String, &Value)>| {
            let each = all.into_iter().map(|(name, hard)| says(name, hard));
            json!(each.collect::<Vec<_>>().join(", "))
        };
        vec![name(it), join(requests), join(limits), age(it, now)]
    },
};

pub(super) const SLICE: Layout = Layout {
    columns: &[
        text("Name"),
        text("Node"),
        text("Driver"),
        text("Pool"),
        text("Age"),
    ],
    cells: |it, now| {
        let of = |path: &str| json!(string(it, path));
        vec![
            name(it),
            of("/spec/nodeName"),
            of("/spec/driver"),
            of("/spec/pool/name"),
            age(it, now),
        ]
    },
};

/// A name and an age: service accounts, and objects of custom kinds.
pub(super) const AGED: Layout = Layout {
    columns: &[text("Name"), text("Age")],
    cells: |it, now| vec![name(it), age(it, now)],
};

/// What a server shows of a kind of which it knows nothing to show.
pub(super) const DEFAULT: Layout = Layout {
    columns: &[
        text("Name"),
        Column {
            name: "Created At",
            holds: "date",
            wide: false,
        },
    ],
    cells: |it, _| vec![name(it), it["metadata"]["creationTimestamp"].clone()],
};

fn node_status(node: &Value) -> String {
    let ready = list(node, "/status/conditions")
        .iter()
        .find(|it| it["type"] == "Ready");
    let word = match ready.map(|it| it["status"] == "True") {
        Some(true) => "Ready",
        Some(false) => "NotReady",
        None => "Unknown",
    };
    match node["spec"]["unschedulable"] == true {
        true => format!("{word},SchedulingDisabled"),
        false => word.to_owned(),
    }
}

fn roles(node: &Value) -> String {
    let labels = node["metadata"]["labels"].as_object().into_iter().flatten();
    let mut roles: Vec<String> = labels
        .filter_map(
            |(key, value)| match key.strip_prefix("node-role.kubernetes.io/") {
                Some(role) => Some(role.to_owned()),
                None if key == "kubernetes.io/role" => value.as_str().map(str::to_owned),
                None => None,
            },
        )
        .filter(|role| !role.is_empty())
        .collect();
    roles.sort_unstable();
    roles.dedup();
    or_none(roles.join(","))
}

fn address(node: &Value, kind: &str) -> String {
    let mut addresses = list(node, "/status/addresses").iter();
    let found = addresses.find(|it| it["type"] == kind);
    found.map_or("<none>".to_owned(), |it| string(it, "/address"))
}

fn event(it: &Value, now_ms: u64) -> Vec<Value> {
    let since = |path: &str| super::age::since(it.pointer(path).unwrap_or(&Value::Null), now_ms);
    let has = |path: &str| it.pointer(path).is_some_and(Value::is_string);
    let first = since(if has("/firstTimestamp") {
        "/firstTimestamp"
    } else {
        "/eventTime"
    });
    let mut last = if has("/lastTimestamp") {
        since("/lastTimestamp")
    } else {
        first.clone()
    };
    let mut count = int(it, "/count").max(1);
    if it["series"].is_object() {
        last = since("/series/lastObservedTime");
        count = int(it, "/series/count");
    }
    let kind = string(it, "/involvedObject/kind").to_lowercase();
    let object = match string(it, "/involvedObject/name") {
        none if none.is_empty() => kind,
        name => format!("{kind}/{name}"),
    };
    let component = or(it, "/source/component", &string(it, "/reportingComponent"));
    let source = match or(it, "/source/host", &string(it, "/reportingInstance")) {
        none if none.is_empty() => component,
        instance => format!("{component}, {instance}"),
    };
    vec![
        json!(last),
        json!(string(it, "/type")),
        json!(string(it, "/reason")),
        json!(object),
        json!(string(it, "/involvedObject/fieldPath")),
        json!(source),
        json!(string(it, "/message").trim()),
        json!(first),
        json!(count),
        name(it),
    ]
}

fn size(map: &Value) -> usize {
    map.as_object().map_or(0, serde_json::Map::len)
}

fn phase(object: &Value) -> String {
    match object["metadata"].get("deletionTimestamp") {
        Some(_) => "Terminating".to_owned(),
        None => string(object, "/status/phase"),
    }
}

fn access_modes(modes: &[Value]) -> String {
    let all = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    let there = all
        .iter()
        .filter(|(name, _)| modes.iter().any(|mode| mode == name));
    there.map(|(_, short)| *short).collect::<Vec<_>>().join(",")
}
