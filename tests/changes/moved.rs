//! What a plan depends on, changed one thing at a time: between card and click the digest differs, between click and
//! call nothing is done.

use firstmate::cluster::changes::{self, Called};
use firstmate_sandbox::cluster::Fault;
use serde_json::{Value, json};

use super::ground::{Ground, MING, cordon, label, person, uncordon};

/// Changes of which the plan knows, by object.
fn moves() -> Vec<(&'static str, &'static str, Value)> {
    let ready = |status: &str| {
        let condition = json!({
            "type": "Ready", "status": status, "reason": "Test", "message": "",
            "lastHeartbeatTime": "2026-01-01T00:00:00Z", "lastTransitionTime": "2026-01-01T00:00:00Z",
        });
        json!({"status": {"conditions": [condition]}})
    };
    vec![
        (
            "the node was cordoned",
            "node/node-3",
            json!({"spec": {"unschedulable": true}}),
        ),
        (
            "another node was cordoned",
            "node/node-1",
            json!({"spec": {"unschedulable": true}}),
        ),
        ("another node is not ready", "node/node-1", ready("False")),
        ("another node is not heard of", "node/node-2", ready("Unknown")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_thing_that_a_plan_depends_on_makes_it_another_plan() {
    for (what, object, patch) in moves() {
        let ground = Ground::local().await;
        let digest = ground.plan(&cordon("node-3")).await.plan.digest();
        ground.local_one().patch(object, patch).unwrap();
        let moved = ground.plan(&cordon("node-3")).await.plan;
        assert_ne!(moved.digest(), digest, "{what}");
    }
    // And back: what is as it was is the same plan.
    let ground = Ground::local().await;
    let plan = async || ground.plan(&cordon("node-3")).await.plan.digest();
    let digest = plan().await;
    for unschedulable in [json!(true), json!(null)] {
        let patch = json!({"spec": {"unschedulable": unschedulable}});
        ground.local_one().patch("node/node-1", patch).unwrap();
    }
    assert_eq!(plan().await, digest);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_was_replaced_under_its_name_is_another_plan() {
    for ground in Ground::both().await {
        let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "spare"}});
        ground.apply(&node).await;
        let before = ground.plan(&cordon("spare")).await.plan;
        let Some(_) = ground.kubectl(&["delete", "node", "spare"]).await else {
            return;
        };
        ground.apply(&node).await;
        let after = ground.plan(&cordon("spare")).await.plan;
        assert_ne!(after.basis.uid, before.basis.uid);
        assert_ne!(after.digest(), before.digest());
        // A node that is new beside it and not ready is something else again.
        let other = ground.plan(&cordon("node-1")).await.plan;
        assert!(other.basis.not_ready.contains(&"spare".to_owned()), "{other:?}");
    }
}

/// Heartbeats, labels, annotations, taints of others' making, capacity, and Pods that come and go.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_plan_does_not_depend_on_leaves_it_as_it_is() {
    let ground = Ground::local().await;
    let local = ground.local_one();
    let before = ground.plan(&cordon("node-3")).await;
    let pods = before.plan.seen.pods.unwrap();
    local.advance(60_000);
    for node in ["node/node-1", "node/node-3"] {
        local.patch(node, label("a")).unwrap();
        local
            .patch(node, json!({"metadata": {"annotations": {"example.com/x": "y"}}}))
            .unwrap();
        let allocatable = json!({"status": {"allocatable": {"cpu": "1"}}});
        local.patch(node, allocatable).unwrap();
    }
    local
        .apply(
            &json!({
                "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one-more", "namespace": "default"},
                "spec": {"nodeName": "node-3", "containers": [{"name": "app", "image": "registry.example.com/app:1"}]},
            })
            .to_string(),
        )
        .unwrap();
    let after = ground.plan(&cordon("node-3")).await;
    assert_eq!(after.plan.digest(), before.plan.digest());
    assert_ne!(after.resource_version, before.resource_version);
    assert_eq!(after.plan.seen.pods, Some(pods + 1));
    assert_ne!(after.plan.seen.cpu_after, before.plan.seen.cpu_after);
}

/// Whatever is written to the node between click and call, also what the plan does not depend on.
#[tokio::test(flavor = "multi_thread")]
async fn any_write_to_the_node_between_click_and_call_stops_the_call() {
    for ground in Ground::both().await {
        for arguments in [
            &["label", "node", "node-3", "example.com/rack=b"][..],
            &["annotate", "node", "node-3", "example.com/note=x"],
            &["taint", "node", "node-3", "example.com/broken=:PreferNoSchedule"],
            &[
                "patch",
                "node",
                "node-3",
                "--subresource=status",
                "-p",
                r#"{"status":{"capacity":{"example.com/gpu":"1"}}}"#,
            ],
            &["cordon", "node-3"],
            &["uncordon", "node-3"],
        ] {
            let node = ground.settled("node-3").await;
            let action = match node["spec"]["unschedulable"] == true {
                true => uncordon("node-3"),
                false => cordon("node-3"),
            };
            let granted = ground.granted(&ground.plan(&action).await, MING).await;
            let Some(said) = ground.kubectl(arguments).await else {
                return;
            };
            assert!(said.contains("node-3"), "{said}");
            assert_eq!(ground.call(&granted).await, Called::Conflict, "{arguments:?}");
            assert!(!ground.truth(granted.request()).await.ours, "{arguments:?}");
        }
        // The node as it is now, but of another machine of its name.
        let mut other = ground.plan(&cordon("node-3")).await;
        other.plan.basis.uid = "00000000-0000-0000-0000-000000000000".to_owned();
        let granted = ground.granted(&other, MING).await;
        assert_eq!(ground.call(&granted).await, Called::Conflict);
        // And a call that was let out twice is carried out once.
        let granted = ground.granted(&ground.plan(&cordon("node-3")).await, MING).await;
        ground.settled("node-3").await;
        let again = ground.granted(&ground.plan(&cordon("node-3")).await, MING).await;
        assert!(matches!(ground.call(&again).await, Called::Done { .. }));
        assert_eq!(ground.call(&granted).await, Called::Conflict);
        assert_eq!(ground.call(&again).await, Called::Conflict);
    }
}

/// An answer that is under way for somebody else, and may be older than the call, is not taken for the truth.
#[tokio::test(flavor = "multi_thread")]
async fn the_truth_is_asked_for_after_the_call() {
    let ground = Ground::local().await;
    let local = ground.local_one();
    let who = person(MING);
    local.fault(Fault::Slow {
        ms: 5_000,
        resource: Some("nodes".to_owned()),
        requests: Some(1),
    });
    let reader = ground.reader(&who);
    let looking = reader.node("node-3");
    let changing = async {
        while local.held() == 0 {
            tokio::task::yield_now().await;
        }
        let (request, _) = ground.carried_out(&cordon("node-3")).await;
        let truth = ground.truth(&request).await;
        local.advance(5_000);
        truth
    };
    let (_, truth) = tokio::join!(looking, changing);
    assert!(truth.ours && truth.unschedulable, "{truth:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pods_that_may_not_be_read_are_left_open() {
    let ground = Ground::local().await;
    let local = ground.local_one();
    local.fault(Fault::Status {
        code: 403,
        resource: Some("pods".to_owned()),
        requests: None,
    });
    let who = person(MING);
    let planned = changes::plan(&ground.reader(&who), &cordon("node-3"))
        .await
        .unwrap();
    assert_eq!(
        (planned.plan.seen.pods, planned.plan.seen.daemon_pods),
        (None, None)
    );
    assert_eq!(planned.plan.seen.nodes, 5);
}
