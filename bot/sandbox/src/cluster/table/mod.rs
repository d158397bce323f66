//! Rows and columns, as a real server makes them of objects for `kubectl get`.

mod age;
mod network;
mod other;
mod pod;
mod workload;

use serde_json::{Value, json};

use super::api::kinds;
use super::catalog::Kind;

/// A column: its name, its type, and whether it is only shown wide.
#[derive(Clone, Copy, Debug)]
struct Column {
    name: &'static str,
    holds: &'static str,
    wide: bool,
}

const fn text(name: &'static str) -> Column {
    Column {
        name,
        holds: "string",
        wide: false,
    }
}

const fn wide(name: &'static str) -> Column {
    Column {
        name,
        holds: "string",
        wide: true,
    }
}

const fn number(name: &'static str) -> Column {
    Column {
        name,
        holds: "integer",
        wide: false,
    }
}

/// How the objects of a kind are shown.
struct Layout {
    columns: &'static [Column],
    /// The cells, from the object and the present.
    cells: fn(&Value, u64) -> Vec<Value>,
}

/// The columns of a kind.
pub(super) fn definitions(kind: &Kind) -> Value {
    let definition = |column: &Column| {
        let is_name = column.name == "Name";
        json!({
            "name": column.name, "type": column.holds, "format": if is_name { "name" } else { "" },
            "description": "", "priority": i32::from(column.wide),
        })
    };
    layout(kind).columns.iter().map(definition).collect()
}

/// The row of an object, without the object.
pub(super) fn row(kind: &Kind, object: &Value, now_ms: u64) -> Value {
    let mut row = json!({"cells": (layout(kind).cells)(object, now_ms)});
    if kind.resource == kinds::PODS
        && let Some(conditions) = pod::conditions(object)
    {
        row["conditions"] = conditions;
    }
    row
}

fn layout(kind: &Kind) -> Layout {
    match kind.shelf() {
        it if it == kinds::PODS => pod::LAYOUT,
        it if it == kinds::NODES => other::NODE,
        it if it == kinds::DEPLOYMENTS => workload::DEPLOYMENT,
        it if it == kinds::REPLICA_SETS => workload::REPLICA_SET,
        it if it == kinds::STATEFUL_SETS => workload::STATEFUL_SET,
        it if it == kinds::DAEMON_SETS => workload::DAEMON_SET,
        it if it == kinds::SERVICES => network::SERVICE,
        it if it == kinds::ENDPOINT_SLICES => network::ENDPOINT_SLICE,
        it if it == kinds::INGRESSES => network::INGRESS,
        it if it == kinds::NETWORK_POLICIES => network::POLICY,
        it if it == kinds::EVENTS => other::EVENT,
        it if it == kinds::NAMESPACES => other::NAMESPACE,
        it if it == kinds::DISRUPTION_BUDGETS => workload::BUDGET,
        it if it == kinds::AUTOSCALERS => workload::AUTOSCALER,
        it if it == kinds::CLAIMS => other::CLAIM,
        it if it == kinds::CONFIG_MAPS => other::CONFIG_MAP,
        it if it == kinds::SECRETS => other::SECRET,
        it if it == kinds::LEASES => other::LEASE,
        it if it == kinds::SERVICE_ACCOUNTS => other::AGED,
        it if it == kinds::ROLE_BINDINGS || it == kinds::CLUSTER_ROLE_BINDINGS => other::BINDING,
        _ => match kind.resource.plural {
            "jobs" => workload::JOB,
            "cronjobs" => workload::CRON_JOB,
            "replicationcontrollers" => workload::REPLICATION_CONTROLLER,
            "controllerrevisions" => workload::REVISION,
            "endpoints" => network::ENDPOINTS,
            "ingressclasses" => network::INGRESS_CLASS,
            "persistentvolumes" => other::VOLUME,
            "storageclasses" => other::STORAGE_CLASS,
            "priorityclasses" => other::PRIORITY_CLASS,
            "csinodes" => other::CSI_NODE,
            "resourcequotas" => other::QUOTA,
            "resourceslices" => other::SLICE,
            "nodes" | "pods" => other::AGED,
            _ => other::DEFAULT,
        },
    }
}

/// A text in an object; empty where there is none.
fn string(object: &Value, path: &str) -> String {
    object
        .pointer(path)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// A text in an object, or a word for none.
fn or(object: &Value, path: &str, none: &str) -> String {
    match string(object, path) {
        text if text.is_empty() => none.to_owned(),
        text => text,
    }
}

/// A number in an object; zero where there is none.
fn int(object: &Value, path: &str) -> i64 {
    object.pointer(path).and_then(Value::as_i64).unwrap_or(0)
}

/// A list in an object; empty where there is none.
fn list<'a>(object: &'a Value, path: &str) -> &'a [Value] {
    object
        .pointer(path)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn name(object: &Value) -> Value {
    object["metadata"]["name"].clone()
}

/// The name of a class, and whether it is the default one by this annotation.
fn marked(object: &Value, annotation: &str) -> Value {
    match string(object, &format!("/metadata/annotations/{annotation}")).as_str() {
        "true" => json!(format!("{} (default)", string(object, "/metadata/name"))),
        _ => name(object),
    }
}

fn age(object: &Value, now_ms: u64) -> Value {
    json!(age::since(&object["metadata"]["creationTimestamp"], now_ms))
}

/// Labels as `a=b,c=d`.
fn labels(labels: &Value) -> String {
    let pairs = labels.as_object().into_iter().flatten();
    let pairs = pairs.map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()));
    or_none(pairs.collect::<Vec<_>>().join(","))
}

fn or_none(text: String) -> String {
    if text.is_empty() {
        "<none>".to_owned()
    } else {
        text
    }
}

/// A selector as `a=b,c in (d,e)`.
fn selector(selector: &Value) -> String {
    let exact = selector["matchLabels"].as_object().into_iter().flatten();
    let exact = exact.map(|(key, value)| {
        (
            key.clone(),
            format!("{key}={}", value.as_str().unwrap_or_default()),
        )
    });
    let mut parts: Vec<(String, String)> = exact.collect();
    for it in list(selector, "/matchExpressions") {
        let key = string(it, "/key");
        let mut values: Vec<&str> = list(it, "/values").iter().filter_map(Value::as_str).collect();
        values.sort_unstable();
        let values = values.join(",");
        let says = match it["operator"].as_str() {
            Some("In") => format!("{key} in ({values})"),
            Some("NotIn") => format!("{key} notin ({values})"),
            Some("DoesNotExist") => format!("!{key}"),
            _ => key.clone(),
        };
        parts.push((key, says));
    }
    parts.sort_by(|(one, _), (other, _)| one.cmp(other));
    let parts: Vec<String> = parts.into_iter().map(|(_, says)| says).collect();
    or_none(parts.join(","))
}

/// The names and the images of containers.
fn containers(containers: &[Value]) -> [Value; 2] {
    ["name", "image"].map(|field| {
        let each: Vec<&str> = containers.iter().filter_map(|it| it[field].as_str()).collect();
        json!(each.join(","))
    })
}

/// Up to three of many, and how many more.
fn some_of(all: &[String]) -> String {
    match all {
        [] => "<unset>".to_owned(),
        [one, two, three, rest @ ..] if !rest.is_empty() => {
            format!("{one},{two},{three} + {} more...", rest.len())
        }
        few => few.join(","),
    }
}
