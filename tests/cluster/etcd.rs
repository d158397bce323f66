//! What the API server stores, read and written behind its back.

use std::collections::BTreeMap;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::client::{Kind, list, text};

/// Everything that Kubernetes stores is under this.
const ROOT: &str = "/registry/";

/// etcd by its JSON gateway.
#[derive(Clone)]
pub(super) struct Etcd {
    pub(super) url: String,
    pub(super) http: reqwest::Client,
}

impl Etcd {
    /// Every key and value.
    pub(super) async fn all(&self) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
        // The end of a range is the prefix with its last byte one higher.
        let end = ROOT.replace("y/", "y0");
        let range = json!({ "key": STANDARD.encode(ROOT), "range_end": STANDARD.encode(end) });
        let answer = self.call("range", &range).await?;
        let decode = |value: &Value| STANDARD.decode(text(value)).context("etcd's base64");
        list(&answer["kvs"])
            .iter()
            .map(|pair| Ok((String::from_utf8(decode(&pair["key"])?)?, decode(&pair["value"])?)))
            .collect()
    }

    /// One change is one revision, as the API server's own are: its watch caches count on it.
    pub(super) async fn put(&self, key: &str, value: &[u8]) -> anyhow::Result<()> {
        let body = json!({ "key": STANDARD.encode(key), "value": STANDARD.encode(value) });
        self.call("put", &body).await.map(drop)
    }

    pub(super) async fn delete(&self, key: &str) -> anyhow::Result<()> {
        let body = json!({ "key": STANDARD.encode(key) });
        self.call("deleterange", &body).await.map(drop)
    }

    async fn call(&self, what: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.http.post(format!("{}/v3/kv/{what}", self.url));
        let answer = request.body(body.to_string()).send().await?;
        let answer = answer.error_for_status()?;
        Ok(serde_json::from_str(&answer.text().await?)?)
    }
}

/// Where the API server keeps an object: old kinds under old names, built-in groups unnamed, the rest by group.
pub(super) fn key(kind: &Kind, namespace: &str, name: &str) -> String {
    let folder = match (kind.group.as_str(), kind.plural.as_str()) {
        ("", "nodes") => "minions".to_owned(),
        ("", "services") => "services/specs".to_owned(),
        ("", "endpoints") => "services/endpoints".to_owned(),
        ("", "replicationcontrollers") => "controllers".to_owned(),
        ("networking.k8s.io", "ingresses") => "ingress".to_owned(),
        ("metrics.k8s.io" | "apiextensions.k8s.io" | "apiregistration.k8s.io", plural) => {
            format!("{}/{plural}", kind.group)
        }
        (_, plural) => plural.to_owned(),
    };
    if kind.namespaced {
        format!("{ROOT}{folder}/{namespace}/{name}")
    } else {
        format!("{ROOT}{folder}/{name}")
    }
}
