//! ControllerRevisions as the controllers of StatefulSets and DaemonSets compute them.
//!
//! Those controllers compare the template of a set with its newest revision byte by byte, and restart all Pods where
//! they differ. A scenario has no such bytes, so they are made here, by the rule of the controllers: the template out of
//! the API's own answer, keys sorted, marked as a replacement.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::client::{Client, list, text};
use super::etcd::Etcd;

/// Gives every set a newest revision that equals its template, under the name that its Pods are labelled with.
pub(super) async fn complete(etcd: &Etcd, client: &Client) -> anyhow::Result<()> {
    let revisions = all(client, "controllerrevisions").await?;
    let pods = client.get("/api/v1/pods").await?.1;
    for (plural, kind) in [("statefulsets", "StatefulSet"), ("daemonsets", "DaemonSet")] {
        for set in list(&all(client, plural).await?["items"]) {
            let mut revision =
                newest(&revisions, set).unwrap_or_else(|| new(set, kind, list(&pods["items"])));
            revision["data"] = data(set);
            if let Some(metadata) = revision["metadata"].as_object_mut() {
                metadata.remove("resourceVersion");
            }
            revision["apiVersion"] = json!("apps/v1");
            revision["kind"] = json!("ControllerRevision");
            let metadata = &revision["metadata"];
            let (namespace, name) = (text(&metadata["namespace"]), text(&metadata["name"]));
            let key = format!("/registry/controllerrevisions/{namespace}/{name}");
            etcd.put(&key, go_json(&revision).as_bytes()).await?;
        }
    }
    Ok(())
}

async fn all(client: &Client, plural: &str) -> anyhow::Result<Value> {
    Ok(client.get(&format!("/apis/apps/v1/{plural}")).await?.1)
}

/// The newest revision that the scenario has of this set.
fn newest(revisions: &Value, set: &Value) -> Option<Value> {
    list(&revisions["items"])
        .iter()
        .filter(|revision| is_owned(revision, set))
        .max_by_key(|revision| revision["revision"].as_i64())
        .cloned()
}

fn is_owned(object: &Value, by: &Value) -> bool {
    let owners = list(&object["metadata"]["ownerReferences"]);
    owners.iter().any(|owner| owner["uid"] == by["metadata"]["uid"])
}

fn new(set: &Value, kind: &str, pods: &[Value]) -> Value {
    let metadata = &set["metadata"];
    let name = text(&metadata["name"]);
    let label = pods
        .iter()
        .filter(|pod| is_owned(pod, set))
        .find_map(|pod| pod["metadata"]["labels"]["controller-revision-hash"].as_str());
    // A StatefulSet labels its Pods with the whole name, a DaemonSet with its end.
    let label = label.or(set["status"]["updateRevision"].as_str()).unwrap_or("0");
    let hash = label.strip_prefix(&format!("{name}-")).unwrap_or(label);
    let mut labels = set["spec"]["selector"]["matchLabels"].clone();
    labels["controller-revision-hash"] = json!(hash);
    json!({
        "metadata": {
            "name": format!("{name}-{hash}"),
            "namespace": metadata["namespace"],
            "uid": format!("{}-1", text(&metadata["uid"])),
            "creationTimestamp": metadata["creationTimestamp"],
            "labels": labels,
            "ownerReferences": [{
                "apiVersion": "apps/v1",
                "kind": kind,
                "name": name,
                "uid": metadata["uid"],
                "controller": true,
                "blockOwnerDeletion": true,
            }],
        },
        "revision": 1,
    })
}

/// What a revision holds of a set.
fn data(set: &Value) -> Value {
    let mut template = set["spec"]["template"].clone();
    template["$patch"] = json!("replace");
    json!({ "spec": { "template": sorted(template) } })
}

/// The same with the keys of every object in order.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<String, Value> = fields.into_iter().collect();
            fields
                .into_iter()
                .map(|(key, value)| (key, sorted(value)))
                .collect()
        }
        Value::Array(values) => values.into_iter().map(sorted).collect(),
        other => other,
    }
}

/// JSON as Go writes it: without these characters, since a browser might read it.
fn go_json(value: &Value) -> String {
    let mut text = value.to_string();
    for (plain, escaped) in [
        ('<', "\\u003c"),
        ('>', "\\u003e"),
        ('&', "\\u0026"),
        ('\u{2028}', "\\u2028"),
        ('\u{2029}', "\\u2029"),
    ] {
        text = text.replace(plain, escaped);
    }
    text
}
