//! What the API server asks of kubelets: logs and proxied paths.

use std::sync::Arc;

use expect_test::expect;
use firstmate_sandbox::START_MS;
use firstmate_sandbox::cluster::machinery::{Engine, KubeletAnswer, Kubelets, LogLine, LogOf};
use firstmate_sandbox::cluster::problem::Problem;
use firstmate_sandbox::cluster::store::Handle;
use firstmate_sandbox::cluster::{Cluster, furnish};
use serde_json::json;

use crate::harness::{Person, refused, settings, within};

/// A kubelet whose containers write a line a second, up to the store's present.
#[derive(Clone)]
struct Ticking(Handle);

impl Engine for Ticking {
    fn run_to(&mut self, _store: &Handle, _now_ms: u64) {}

    fn kubelets(&self) -> Arc<dyn Kubelets> {
        Arc::new(self.clone())
    }
}

impl Kubelets for Ticking {
    fn log(&self, of: &LogOf) -> Result<Vec<LogLine>, Problem> {
        let seconds = (self.0.time() - START_MS) / 1000;
        let line = |n: u64| LogLine {
            at_ms: START_MS + n * 1000,
            text: format!("{} {n}{}", of.container, if of.previous { " before" } else { "" }),
        };
        Ok((0..=seconds).map(line).collect())
    }

    fn get(&self, node: &str, path: &str, query: &str) -> KubeletAnswer {
        KubeletAnswer {
            status: 200,
            content_type: "text/plain",
            body: format!("{node} {path} {query}"),
        }
    }
}

fn cluster() -> Cluster {
    let cluster = Cluster::start_with(&settings(), |store| {
        furnish(store)?;
        Ok(Box::new(Ticking(store.clone())))
    });
    let cluster = cluster.unwrap();
    cluster.apply(PODS).unwrap();
    let running = json!({"containerStatuses": [{"name": "app", "state": {"running": {}}}]});
    cluster
        .patch("default/pod/one", json!({"status": running}))
        .unwrap();
    let waiting = json!([
        {"name": "a", "state": {"waiting": {"reason": "ContainerCreating"}}},
        {"name": "b", "state": {"waiting": {"reason": "ImagePullBackOff"}}},
    ]);
    cluster
        .patch(
            "default/pod/two",
            json!({"status": {"containerStatuses": waiting}}),
        )
        .unwrap();
    cluster
}

const PODS: &str = "
apiVersion: v1
kind: Node
metadata: {name: node-1}
---
apiVersion: v1
kind: Pod
metadata: {name: one}
spec: {nodeName: node-1, containers: [{name: app, image: 'app:1'}]}
---
apiVersion: v1
kind: Pod
metadata: {name: two}
spec: {nodeName: node-1, containers: [{name: a, image: 'a:1'}, {name: b, image: 'b:1'}]}
---
apiVersion: v1
kind: Pod
metadata: {name: unbound}
spec: {containers: [{name: app, image: 'app:1'}]}
";

#[tokio::test]
async fn a_log_is_cut_to_what_is_asked_for() {
    let cluster = cluster();
    cluster.advance(3000);
    let admin = Person::new(&cluster, "admin");
    let log = async |query: &str| {
        admin
            .get(&format!("/api/v1/namespaces/default/pods/one/log?{query}"))
            .await
            .text
    };
    assert_eq!(log("").await, "app 0\napp 1\napp 2\napp 3\n");
    assert_eq!(log("tailLines=1").await, "app 3\n");
    assert_eq!(log("tailLines=0").await, "");
    assert_eq!(log("sinceSeconds=1").await, "app 2\napp 3\n");
    assert_eq!(log("sinceTime=2026-01-01T00:00:03Z").await, "app 3\n");
    assert_eq!(log("limitBytes=7").await, "app 0\na");
    assert_eq!(
        log("timestamps=true&tailLines=1").await,
        "2026-01-01T00:00:03.000000000Z app 3\n"
    );
    let unbound = admin.get("/api/v1/namespaces/default/pods/unbound/log").await;
    assert_eq!((unbound.status, unbound.text.as_str()), (200, ""));
}

#[tokio::test]
async fn why_there_is_no_log_is_said() {
    let cluster = cluster();
    let admin = Person::new(&cluster, "admin");
    let log = async |what: &str| {
        admin
            .get(&format!("/api/v1/namespaces/default/pods/{what}"))
            .await
    };
    refused(
        &log("none/log").await,
        &expect![[r#"
        404 NotFound: pods "none" not found
    "#]],
    );
    refused(
        &log("two/log").await,
        &expect![[r#"
        400 BadRequest: a container name must be specified for pod two, choose one of: [a b]
    "#]],
    );
    refused(
        &log("two/log?container=a").await,
        &expect![[r#"
        400 BadRequest: container "a" in pod "two" is waiting to start: ContainerCreating
    "#]],
    );
    refused(
        &log("two/log?container=b").await,
        &expect![[r#"
        400 BadRequest: container "b" in pod "two" is waiting to start: trying and failing to pull image
    "#]],
    );
    refused(
        &log("two/log?container=c").await,
        &expect![[r#"
        400 BadRequest: container c is not valid for pod two
    "#]],
    );
    refused(
        &log("one/log?previous=true").await,
        &expect![[r#"
        400 BadRequest: previous terminated container "app" in pod "one" not found
    "#]],
    );
}

#[tokio::test]
async fn a_log_is_followed_until_the_container_ends() {
    let cluster = cluster();
    let admin = Person::new(&cluster, "admin");
    let request = admin.request("GET", "/api/v1/namespaces/default/pods/one/log?follow=true");
    let mut response = within(request.send()).await.unwrap();
    let mut chunk = async || {
        within(response.chunk())
            .await
            .unwrap()
            .map(|it| String::from_utf8_lossy(&it).into_owned())
    };
    assert_eq!(chunk().await.as_deref(), Some("app 0\n"));
    cluster.advance(2000);
    assert_eq!(chunk().await.as_deref(), Some("app 1\napp 2\n"));
    let ended = json!({"containerStatuses": [{"name": "app", "state": {"terminated": {"exitCode": 0}}}]});
    cluster
        .patch("default/pod/one", json!({"status": ended}))
        .unwrap();
    assert_eq!(chunk().await, None);
}

#[tokio::test]
async fn a_kubelet_is_reached_through_its_node() {
    let cluster = cluster();
    let admin = Person::new(&cluster, "admin");
    for node in ["node-1", "node-1:10250", "https:node-1:10250"] {
        let answer = admin
            .get(&format!("/api/v1/nodes/{node}/proxy/logs/?query=kubelet"))
            .await;
        assert_eq!(
            (answer.status, answer.text.as_str()),
            (200, "node-1 /logs/ query=kubelet"),
            "{node}"
        );
    }
    refused(
        &admin.get("/api/v1/nodes/none/proxy/healthz").await,
        &expect![[r#"
            404 NotFound: nodes "none" not found
        "#]],
    );
}
