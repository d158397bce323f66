//! A local cluster on a clock that stands still, in which nothing acts by itself, and a client for it.

use std::future::Future;
use std::time::Duration;

use expect_test::Expect;
use firstmate_sandbox::cluster::machinery::Idle;
use firstmate_sandbox::cluster::{Cluster, Settings, furnish};
use firstmate_sandbox::{Clock, START_MS};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

/// What most tests have in their cluster.
const SHOP: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Node
metadata: {name: node-1}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'web:1'}]}
";

/// Settings for tests: time stands still.
pub(crate) fn settings() -> Settings {
    Settings {
        clock: Clock::manual(START_MS),
        ..Settings::default()
    }
}

/// A fresh cluster with these objects.
pub(crate) fn cluster(yaml: &str) -> Cluster {
    let cluster = Cluster::start_with(&settings(), |store| {
        furnish(store)?;
        Ok(Box::new(Idle))
    });
    let cluster = cluster.unwrap();
    cluster.apply(yaml).unwrap();
    cluster
}

/// A fresh cluster with the namespace `shop`, the node `node-1` and the Deployment `web`.
pub(crate) fn shop() -> Cluster {
    cluster(SHOP)
}

/// A Pod on node-1 that runs and is ready, or not.
pub(crate) fn pod(name: &str, app: &str, ready: bool) -> String {
    format!(
        "
---
apiVersion: v1
kind: Pod
metadata: {{name: {name}, namespace: shop, labels: {{app: {app}}}}}
spec: {{nodeName: node-1, containers: [{{name: web, image: 'web:1'}}]}}
status:
  phase: Running
  conditions: [{{type: Ready, status: '{}'}}]
",
        if ready { "True" } else { "False" }
    )
}

/// What comes within ten seconds, or the test fails.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), future)
        .await
        .expect("took too long")
}

/// Somebody's side of a cluster.
pub(crate) struct Person<'a> {
    cluster: &'a Cluster,
    token: Option<String>,
    http: Client,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl<'a> Person<'a> {
    /// A person with a token, by name.
    pub(crate) fn new(cluster: &'a Cluster, name: &str) -> Self {
        Self {
            cluster,
            token: Some(format!("sandbox-{name}")),
            http: Client::new(),
        }
    }

    /// Somebody without a token.
    pub(crate) fn anonymous(cluster: &'a Cluster) -> Self {
        Self {
            token: None,
            ..Self::new(cluster, "")
        }
    }

    /// A request that is still to be sent.
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.http.request(method, format!("{}{path}", self.cluster.url()));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        read(self.request("GET", path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        read(self.request("DELETE", path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        read(self.request("POST", path).json(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        read(self.request("PUT", path).json(body)).await
    }

    /// A patch of the kind `merge-patch`, `strategic-merge-patch`, `json-patch` or `apply-patch`.
    pub(crate) async fn patch(&self, kind: &str, path: &str, body: &Value) -> Answer {
        let language = if kind == "apply-patch" { "yaml" } else { "json" };
        let request = self.request("PATCH", path).body(body.to_string());
        read(request.header("content-type", format!("application/{kind}+{language}"))).await
    }
}

/// Sends a request and reads its answer.
pub(crate) async fn read(request: RequestBuilder) -> Answer {
    let response = within(request.send()).await.unwrap();
    let status = response.status().as_u16();
    let text = within(response.text()).await.unwrap();
    Answer {
        status,
        body: serde_json::from_str(&text).unwrap_or(Value::Null),
        text,
    }
}

impl Answer {
    /// The status and the sentence of a refusal.
    pub(crate) fn refusal(&self) -> String {
        let message = self.body["message"].as_str().unwrap_or(&self.text);
        let reason = self.body["reason"].as_str().unwrap_or("-");
        format!("{} {reason}: {message}", self.status)
    }

    /// The names of a list's items, with their namespaces.
    pub(crate) fn names(&self) -> Vec<String> {
        let items = self.body["items"].as_array().unwrap();
        items
            .iter()
            .map(|it| {
                let text = |field: &str| it["metadata"][field].as_str().unwrap_or_default().to_owned();
                match text("namespace") {
                    none if none.is_empty() => text("name"),
                    namespace => format!("{namespace}/{}", text("name")),
                }
            })
            .collect()
    }
}

/// Compares a refusal with the one that is written out.
#[track_caller]
pub(crate) fn refused(answer: &Answer, expected: &Expect) {
    expected.assert_eq(&format!("{}\n", answer.refusal()));
}
