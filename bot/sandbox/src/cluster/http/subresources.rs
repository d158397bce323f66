//! What hangs on an object: its status, its scale, an eviction, a log, the kubelet behind a node.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Response;
use serde_json::{Value, json};

use super::super::api::{Resource, kinds};
use super::super::catalog::Kind;
use super::super::core::Core;
use super::super::evict;
use super::super::faults::Trouble;
use super::super::patch::merge;
use super::super::problem::{Fault, Problem};
use super::super::store::{Handle, Part};
use super::super::time;
use super::ask::Ask;
use super::objects::{delete_options, patched, read_patch, update};
use super::shape::{Form, Shape};
use super::{answer, body, logs};

/// Answers a request for a subresource; `None` if there is none of that name.
pub(super) async fn answer(
    core: &Arc<Core>,
    ask: &Ask,
    kind: &'static Kind,
    trouble: &Trouble,
) -> Result<Option<Response<Body>>, Problem> {
    let client = core.store.for_client(&ask.user.name, ask.is_dry_run());
    let shape = Shape {
        form: Form::of(ask),
        kind,
        now_ms: core.store.time(),
        absurd: trouble.absurd,
    };
    let is_pod = kind.resource == kinds::PODS;
    let response = match (ask.wanted.subresource.as_str(), ask.wanted.verb.as_str()) {
        ("status", "get") if kind.status => read(&client, ask, shape)?,
        ("status", "update") if kind.status => {
            let object = update(&client, ask, kind, Part::Status)?;
            answer::json(200, &shape.one(&object))
        }
        ("status", "patch") if kind.status => {
            let (object, _) = patched(&client, ask, kind, Part::Status)?;
            answer::json(200, &shape.one(&object))
        }
        ("scale", "get" | "update" | "patch") if kind.scale => scale(&client, ask, kind)?,
        ("eviction", "create") if is_pod => eviction(core, ask)?,
        ("binding", "create") if is_pod => bind(&core.store, ask, kind)?,
        ("log", "get") if is_pod => logs::answer(core, ask)?,
        ("proxy", "get") if kind.resource == kinds::NODES => proxy(core, ask, kind)?,
        _ => return Ok(None),
    };
    Ok(Some(response))
}

fn read(client: &Handle, ask: &Ask, shape: Shape) -> Result<Response<Body>, Problem> {
    let namespace = if shape.kind.resource.namespaced {
        &ask.wanted.namespace
    } else {
        ""
    };
    let object = client.read(shape.kind, namespace, &ask.wanted.name)?;
    Ok(answer::json(200, &shape.one(&object)))
}

const BINDING: Resource = Resource {
    plural: "pods/binding",
    ..kinds::PODS
};

const SCALE: Resource = Resource {
    group: "autoscaling",
    version: "v1",
    plural: "scales",
    kind: "Scale",
    namespaced: true,
};

/// How many replicas, read or changed.
fn scale(client: &Handle, ask: &Ask, kind: &'static Kind) -> Result<Response<Body>, Problem> {
    let (namespace, name) = (ask.wanted.namespace.as_str(), ask.wanted.name.as_str());
    if ask.wanted.verb == "get" {
        let object = client.read(kind, namespace, name)?;
        return Ok(answer::json(200, &scale_of(&object)));
    }
    let given = match ask.wanted.verb.as_str() {
        "update" => Some(body::read(ask)?),
        _ => None,
    };
    let patch = match given {
        None => Some(read_patch(ask)?),
        Some(_) => None,
    };
    let changed = client.edit(kind, namespace, name, Part::Main, |mut object| {
        let wanted = match (&given, &patch) {
            (Some(wanted), _) => wanted.clone(),
            (None, Some(patch)) => patch.apply(kind, scale_of(&object))?,
            (None, None) => Value::Null,
        };
        let version = &wanted["metadata"]["resourceVersion"];
        if version.as_str().is_some_and(|it| !it.is_empty()) {
            object["metadata"]["resourceVersion"] = version.clone();
        }
        let replicas = wanted["spec"]["replicas"].as_i64().unwrap_or(0);
        if replicas < 0 {
            let why = "must be greater than or equal to 0";
            let fault = Fault::invalid("spec.replicas", &json!(replicas), why);
            return Err(Problem::invalid(SCALE, name, &[fault]));
        }
        object["spec"]["replicas"] = json!(replicas);
        Ok(object)
    })?;
    Ok(answer::json(200, &scale_of(&changed)))
}

fn scale_of(object: &Value) -> Value {
    let mut metadata = json!({});
    for field in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
        metadata[field] = object["metadata"][field].clone();
    }
    let spec = match object["spec"]["replicas"].as_i64().unwrap_or(0) {
        0 => json!({}),
        replicas => json!({"replicas": replicas}),
    };
    let replicas = object["status"]["replicas"].as_i64().unwrap_or(0);
    let mut status = json!({"replicas": replicas});
    let selector = selector_text(&object["spec"]["selector"]);
    if !selector.is_empty() {
        status["selector"] = json!(selector);
    }
    json!({"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata, "spec": spec, "status": status})
}

/// A selector as a query has it.
fn selector_text(selector: &Value) -> String {
    let labels = selector["matchLabels"].as_object().into_iter().flatten();
    let mut parts: Vec<String> = labels
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    for it in selector["matchExpressions"].as_array().into_iter().flatten() {
        let key = it["key"].as_str().unwrap_or_default();
        let values = it["values"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        let values = values.collect::<Vec<_>>().join(",");
        parts.push(match it["operator"].as_str().unwrap_or_default() {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "Exists" => key.to_owned(),
            _ => format!("!{key}"),
        });
    }
    parts.join(",")
}

fn eviction(core: &Core, ask: &Ask) -> Result<Response<Body>, Problem> {
    let eviction = body::read(ask)?;
    let (namespace, name) = (ask.wanted.namespace.as_str(), ask.wanted.name.as_str());
    if eviction["metadata"]["name"] != name {
        return Err(Problem::bad_request(
            "name in URL does not match name in Eviction object",
        ));
    }
    let options = &eviction["deleteOptions"];
    let dry_run = ask.is_dry_run() || body::asks_dry_run(options);
    let client = core.store.for_client(&ask.user.name, dry_run);
    evict::evict(&client, namespace, name, &delete_options(ask, options), dry_run)?;
    let status =
        json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201});
    Ok(answer::json(201, &status))
}

/// A scheduler's word on where a Pod runs.
fn bind(store: &Handle, ask: &Ask, kind: &'static Kind) -> Result<Response<Body>, Problem> {
    let binding = body::read(ask)?;
    let now = time::rfc3339(store.time());
    let (namespace, name) = (ask.wanted.namespace.as_str(), ask.wanted.name.as_str());
    store.edit(kind, namespace, name, Part::Main, |mut pod| {
        if let Some(node) = pod["spec"]["nodeName"].as_str().filter(|it| !it.is_empty()) {
            let why = format!("pod {name} is already assigned to node {node:?}");
            return Err(Problem::conflict(BINDING, name, &why));
        }
        pod["spec"]["nodeName"] = binding["target"]["name"].clone();
        Ok(pod)
    })?;
    let scheduled = json!({"status": {"conditions": [
        {"type": "PodScheduled", "status": "True", "lastProbeTime": null, "lastTransitionTime": now},
    ]}});
    store.edit(kind, namespace, name, Part::Status, |mut pod| {
        merge(&mut pod, &scheduled);
        Ok(pod)
    })?;
    let status =
        json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201});
    Ok(answer::json(201, &status))
}

/// The kubelet of a node, reached through the API server.
fn proxy(core: &Core, ask: &Ask, kind: &'static Kind) -> Result<Response<Body>, Problem> {
    // `https:node-1:10250` names the port as well.
    let steps: Vec<&str> = ask.wanted.name.split(':').collect();
    let node = match steps.as_slice() {
        [node] | [node, _] | [_, node, _] => *node,
        _ => ask.wanted.name.as_str(),
    };
    core.store.read(kind, "", node)?;
    let query = ask.query.text();
    let answer = core.kubelets.get(node, &format!("/{}", ask.rest), query);
    Ok(answer::bytes_of(
        answer.status,
        answer.content_type,
        answer.body.into_bytes(),
    ))
}
