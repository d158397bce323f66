//! What a real server refuses as invalid, as far as people are likely to write it.

use serde_json::Value;

use super::super::api::kinds;
use super::super::catalog::Kind;
use super::super::problem::{Fault, Problem};

const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start \
    and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', \
    and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const POD_UPDATE: &str = "pod updates may not change fields other than `spec.containers[*].image`,\
    `spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing \
    tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// An object has the shape that every object has. What is not of that shape a real server cannot read.
pub(in super::super) fn shape(kind: &Kind, object: &mut Value) -> Result<(), Problem> {
    let Some(fields) = object.as_object_mut() else {
        return Err(unreadable(kind, object, ""));
    };
    for field in ["metadata", "spec", "status"] {
        match fields.get(field) {
            Some(Value::Null) => drop(fields.remove(field)),
            Some(value) if !value.is_object() => return Err(unreadable(kind, value, field)),
            _ => {}
        }
    }
    let metadata = &object["metadata"];
    for field in ["labels", "annotations"] {
        let pairs = match metadata.get(field) {
            None | Some(Value::Null) => continue,
            Some(Value::Object(pairs)) => pairs,
            Some(other) => return Err(unreadable(kind, other, &format!("metadata.{field}"))),
        };
        if let Some(value) = pairs
            .values()
            .find(|value| !value.is_string() && !value.is_null())
        {
            return Err(unreadable(kind, value, &format!("metadata.{field}")));
        }
    }
    let replicas = object
        .pointer("/spec/replicas")
        .filter(|it| !it.is_null() && !it.is_i64());
    match replicas.filter(|_| kind.scale) {
        Some(value) => Err(unreadable(kind, value, "spec.replicas")),
        None => Ok(()),
    }
}

fn unreadable(kind: &Kind, value: &Value, field: &str) -> Problem {
    let name = kind.resource.kind;
    let what = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let whole = match field {
        "" => format!("Go value of type v1.{name}"),
        "spec.replicas" => format!("Go struct field {name}Spec.{field} of type int32"),
        "spec" => format!("Go struct field {name}.spec of type v1.{name}Spec"),
        "status" => format!("Go struct field {name}.status of type v1.{name}Status"),
        "metadata" => format!("Go struct field {name}.metadata of type v1.ObjectMeta"),
        _ => format!("Go struct field ObjectMeta.{field} of type string"),
    };
    Problem::bad_request(format!(
        "{name} in version {:?} cannot be handled as a {name}: json: cannot unmarshal {what} into {whole}",
        kind.resource.version
    ))
}

/// A new object.
pub(super) fn created(kind: &Kind, object: &Value) -> Result<(), Problem> {
    let mut faults = Vec::new();
    name(kind, object, &mut faults);
    common(kind, object, &mut faults);
    verdict(kind, object, faults)
}

/// An object in the place of an older one.
pub(super) fn updated(kind: &Kind, old: &Value, object: &Value) -> Result<(), Problem> {
    let mut faults = Vec::new();
    common(kind, object, &mut faults);
    if kind.resource == kinds::PODS {
        pod_update(old, object, &mut faults);
    }
    let selects = [
        kinds::DEPLOYMENTS,
        kinds::REPLICA_SETS,
        kinds::STATEFUL_SETS,
        kinds::DAEMON_SETS,
    ];
    if selects.contains(&kind.resource) && old["spec"]["selector"] != object["spec"]["selector"] {
        let selector = &object["spec"]["selector"];
        faults.push(Fault::invalid("spec.selector", selector, "field is immutable"));
    }
    verdict(kind, object, faults)
}

fn verdict(kind: &Kind, object: &Value, faults: Vec<Fault>) -> Result<(), Problem> {
    if faults.is_empty() {
        return Ok(());
    }
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    Err(Problem::invalid(kind.resource, name, &faults))
}

fn name(kind: &Kind, object: &Value, faults: &mut Vec<Fault>) {
    let value = &object["metadata"]["name"];
    let name = value.as_str().unwrap_or_default();
    let is_label = [kinds::SERVICES, kinds::NAMESPACES].contains(&kind.resource);
    let free = ["rbac.authorization.k8s.io", "metrics.k8s.io"].contains(&kind.resource.group);
    let parts_fit = name.split('.').all(is_dns_label);
    if free || (parts_fit && !(is_label && name.contains('.'))) {
        return;
    }
    faults.push(Fault::invalid(
        "metadata.name",
        value,
        if is_label { LABEL } else { SUBDOMAIN },
    ));
}

/// Lower-case letters and digits, hyphens between them.
fn is_dns_label(part: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    part.starts_with(plain)
        && part.ends_with(plain)
        && part.chars().all(|letter| plain(letter) || letter == '-')
}

fn common(kind: &Kind, object: &Value, faults: &mut Vec<Fault>) {
    let spec = &object["spec"];
    match kind.resource {
        it if it == kinds::PODS => containers(spec, "spec", faults),
        it if it == kinds::DEPLOYMENTS
            || it == kinds::REPLICA_SETS
            || it == kinds::STATEFUL_SETS
            || it == kinds::DAEMON_SETS =>
        {
            workload(spec, faults);
        }
        it if it == kinds::SERVICES => service(spec, faults),
        _ => {}
    }
}

fn containers(spec: &Value, at: &str, faults: &mut Vec<Fault>) {
    let list = spec["containers"].as_array().map_or(&[][..], Vec::as_slice);
    if list.is_empty() {
        faults.push(Fault::required(&format!("{at}.containers"), ""));
    }
    for (index, container) in list.iter().enumerate() {
        for field in ["name", "image"] {
            if container[field].as_str().is_none_or(str::is_empty) {
                faults.push(Fault::required(&format!("{at}.containers[{index}].{field}"), ""));
            }
        }
    }
}

fn workload(spec: &Value, faults: &mut Vec<Fault>) {
    if let Some(replicas) = spec["replicas"].as_i64()
        && replicas < 0
    {
        let why = "must be greater than or equal to 0";
        faults.push(Fault::invalid("spec.replicas", &spec["replicas"], why));
    }
    if spec["selector"].as_object().is_none_or(serde_json::Map::is_empty) {
        faults.push(Fault::required("spec.selector", ""));
    }
    let labels = &spec["template"]["metadata"]["labels"];
    let wanted = spec["selector"]["matchLabels"].as_object();
    let mut wanted = wanted.into_iter().flatten();
    let picks_nothing = spec["selector"].as_object().is_none_or(serde_json::Map::is_empty);
    if picks_nothing || wanted.any(|(key, value)| labels.get(key) != Some(value)) {
        let why = "`selector` does not match template `labels`";
        faults.push(Fault::invalid("spec.template.metadata.labels", labels, why));
    }
    containers(&spec["template"]["spec"], "spec.template.spec", faults);
}

fn service(spec: &Value, faults: &mut Vec<Fault>) {
    let ports = spec["ports"].as_array().map_or(&[][..], Vec::as_slice);
    if ports.is_empty() && spec["type"] != "ExternalName" && spec["clusterIP"] != "None" {
        faults.push(Fault::required("spec.ports", ""));
    }
    for (index, port) in ports.iter().enumerate() {
        if ports.len() > 1 && port["name"].as_str().is_none_or(str::is_empty) {
            faults.push(Fault::required(&format!("spec.ports[{index}].name"), ""));
        }
        for field in ["port", "targetPort"] {
            let is_port =
                port[field].is_string() || port[field].as_u64().is_some_and(|it| (1..65_536).contains(&it));
            if !is_port {
                let why = "must be between 1 and 65535, inclusive";
                faults.push(Fault::invalid(
                    &format!("spec.ports[{index}].{field}"),
                    &port[field],
                    why,
                ));
            }
        }
    }
}

/// Of a Pod's specification only a little can be changed. Binding it to a node is another subresource.
fn pod_update(old: &Value, object: &Value, faults: &mut Vec<Fault>) {
    let rest = |pod: &Value| {
        let mut spec = pod["spec"].clone();
        for field in [
            "activeDeadlineSeconds",
            "tolerations",
            "terminationGracePeriodSeconds",
        ] {
            spec.as_object_mut().and_then(|it| it.remove(field));
        }
        for list in ["containers", "initContainers"] {
            for container in spec
                .get_mut(list)
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
            {
                container.as_object_mut().and_then(|it| it.remove("image"));
            }
        }
        spec
    };
    if rest(old) != rest(object) {
        faults.push(Fault::forbidden("spec", POD_UPDATE));
    }
}
