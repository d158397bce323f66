//! Evictions: the budget decides.

use firstmate_sandbox::cluster::Cluster;
use serde_json::{Value, json};

use crate::harness::{Answer, Person, pod, shop};

pub(crate) const BUDGET: &str = "
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}
";

/// A cluster with the Pods web-1 (ready) and web-2 (ready or not) and a budget with this status.
pub(crate) fn guarded(ready: bool, status: &Value) -> Cluster {
    let cluster = shop();
    cluster
        .apply(&(pod("web-1", "web", true) + &pod("web-2", "web", ready) + BUDGET))
        .unwrap();
    for (name, ready) in [("web-1", true), ("web-2", ready)] {
        let word = if ready { "True" } else { "False" };
        let status = json!({"phase": "Running", "conditions": [{"type": "Ready", "status": word}]});
        cluster
            .patch(&format!("shop/pod/{name}"), json!({"status": status}))
            .unwrap();
    }
    cluster.patch("shop/pdb/web", json!({"status": status})).unwrap();
    cluster
}

/// A budget that allows so many, as its controller writes it.
pub(crate) fn allows(disruptions: i64, healthy: i64) -> Value {
    let (status, reason) = if disruptions > 0 {
        ("True", "SufficientPods")
    } else {
        ("False", "InsufficientPods")
    };
    json!({
        "observedGeneration": 1, "disruptionsAllowed": disruptions, "currentHealthy": healthy, "desiredHealthy": 2,
        "expectedPods": 2,
        "conditions": [{"type": "DisruptionAllowed", "status": status, "reason": reason, "message": ""}],
    })
}

/// Evicts a Pod with these options.
pub(crate) async fn evict(cluster: &Cluster, name: &str, options: Value) -> Answer {
    let eviction = json!({
        "apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": "shop"},
        "deleteOptions": options,
    });
    let path = format!("/api/v1/namespaces/shop/pods/{name}/eviction");
    Person::new(cluster, "admin").post(&path, &eviction).await
}

/// `disruptionsAllowed` and the Pods that are noted as disrupted.
async fn budget(cluster: &Cluster) -> (i64, Vec<String>) {
    let path = "/apis/policy/v1/namespaces/shop/poddisruptionbudgets/web";
    let status = Person::new(cluster, "admin").get(path).await.body["status"].clone();
    let pods = status["disruptedPods"].as_object().into_iter().flatten();
    (
        status["disruptionsAllowed"].as_i64().unwrap(),
        pods.map(|(name, _)| name.clone()).collect(),
    )
}

#[tokio::test]
async fn an_eviction_spends_the_budget() {
    let cluster = guarded(true, &allows(1, 3));
    assert_eq!(
        evict(&cluster, "web-1", json!({"dryRun": ["All"]})).await.status,
        201
    );
    assert_eq!(budget(&cluster).await, (1, vec![]));
    assert_eq!(evict(&cluster, "web-1", Value::Null).await.status, 201);
    assert_eq!(budget(&cluster).await, (0, vec!["web-1".to_owned()]));
    let gone = Person::new(&cluster, "admin")
        .get("/api/v1/namespaces/shop/pods/web-1")
        .await
        .body;
    assert!(gone["metadata"]["deletionTimestamp"].is_string());
    let conditions = gone["status"]["conditions"].as_array().unwrap();
    assert_eq!(conditions.last().unwrap()["reason"], "EvictionByEvictionAPI");
    // It is on its way already: asking again is no further disruption.
    assert_eq!(evict(&cluster, "web-1", Value::Null).await.status, 201);
    assert_eq!(evict(&cluster, "web-2", Value::Null).await.status, 429);
}

#[tokio::test]
async fn another_uid_is_refused_after_the_budget_was_spent() {
    let cluster = guarded(true, &allows(1, 3));
    let options = json!({"preconditions": {"uid": "00000000-0000-0000-0000-000000000000"}});
    assert_eq!(evict(&cluster, "web-1", options).await.status, 409);
    assert_eq!(budget(&cluster).await, (0, vec!["web-1".to_owned()]));
}

#[tokio::test]
async fn a_pod_that_is_not_ready_may_go_where_the_rest_is_healthy() {
    let cluster = guarded(false, &allows(0, 2));
    assert_eq!(evict(&cluster, "web-2", Value::Null).await.status, 201);
    let cluster = guarded(false, &allows(0, 1));
    assert_eq!(evict(&cluster, "web-2", Value::Null).await.status, 429);
    cluster
        .patch(
            "shop/pdb/web",
            json!({"spec": {"unhealthyPodEvictionPolicy": "AlwaysAllow"}}),
        )
        .unwrap();
    assert_eq!(evict(&cluster, "web-2", Value::Null).await.status, 201);
}
