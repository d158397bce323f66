//! Which lists are merged item by item, and by what their items are told apart. Taken from the patch keys in
//! the published API description.

use super::super::catalog::Kind;

/// How the items of a list are merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    /// The list is one value.
    Whole,
    /// Its items are objects, told apart by these fields; a strategic patch uses the first alone.
    By(&'static [&'static str]),
    /// Its items are plain values; each is there once.
    Set,
}

/// The list in a field. `path` leads to the object that has it.
pub(super) fn of(kind: &Kind, path: &[String], field: &str) -> List {
    let parent = path.last().map_or("", String::as_str);
    match field {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "volumes"
        | "imagePullSecrets"
        | "schedulingGates"
        | "resourceClaims"
            if parent == "spec" =>
        {
            List::By(&["name"])
        }
        "env" if is_container(parent) => List::By(&["name"]),
        "volumeMounts" if is_container(parent) => List::By(&["mountPath"]),
        "volumeDevices" if is_container(parent) => List::By(&["devicePath"]),
        "ports" if is_container(parent) => List::By(&["containerPort", "protocol"]),
        "ports" if kind.resource.plural == "services" && parent == "spec" => List::By(&["port", "protocol"]),
        "conditions" if parent == "status" => List::By(&["type"]),
        "addresses" if parent == "status" => List::By(&["type"]),
        "podIPs" | "hostIPs" if parent == "status" => List::By(&["ip"]),
        "hostAliases" if parent == "spec" => List::By(&["ip"]),
        "topologySpreadConstraints" if parent == "spec" => List::By(&["topologyKey", "whenUnsatisfiable"]),
        "ownerReferences" if parent == "metadata" => List::By(&["uid"]),
        "finalizers" if parent == "metadata" => List::Set,
        "podCIDRs" if parent == "spec" => List::Set,
        "secrets" if kind.resource.plural == "serviceaccounts" && path.is_empty() => List::By(&["name"]),
        "drivers" if kind.resource.plural == "csinodes" => List::By(&["name"]),
        _ => List::Whole,
    }
}

fn is_container(parent: &str) -> bool {
    matches!(parent, "containers" | "initContainers" | "ephemeralContainers")
}
