use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::{NOW, ago, object};
use crate::cluster::read::rows::Rows;
use crate::cluster::read::tiny::{TinyNode, TinyPod};
use crate::cluster::snapshot::pod::PodRow;

fn pod(namespace: &str, name: &str, waiting: Option<&str>) -> TinyPod {
    let state = waiting.map_or(
        json!({"running": {}}),
        |reason| json!({"waiting": {"reason": reason}}),
    );
    object(
        json!({"metadata": {"namespace": namespace, "name": name, "creationTimestamp": ago(3_600_000)},
        "spec": {"nodeName": "node-1", "containers": [{"name": "app", "image": "web:1"}]},
        "status": {"phase": "Running", "containerStatuses": [{"name": "app", "ready": waiting.is_none(), "restartCount": 3, "state": state}]}}),
    )
}

fn table(pods: &[TinyPod]) -> Rows {
    let mut rows = Rows::default();
    pods.iter().for_each(|pod| rows.apply(pod));
    rows
}

#[track_caller]
fn check(rows: &[PodRow], expected: Expect) {
    let line = |row: &PodRow| {
        format!(
            "{}/{} {} {} {} on {}\n",
            row.namespace, row.name, row.ready, row.status, row.restarts, row.node
        )
    };
    expected.assert_eq(&rows.iter().map(line).collect::<String>());
}

#[test]
fn names_that_begin_with_what_was_typed_stand_first() {
    let rows = table(&[
        pod("shop", "web-2", None),
        pod("shop", "web-1", Some("CrashLoopBackOff")),
        pod("shop", "my-web", None),
        pod("data", "web-0", None),
        pod("data", "db-0", None),
    ]);
    check(
        &rows.complete(None, "WEB", 25),
        expect![[r#"
        data/web-0 1/1 Running 3 on node-1
        shop/web-1 0/1 CrashLoopBackOff 3 on node-1
        shop/web-2 1/1 Running 3 on node-1
        shop/my-web 1/1 Running 3 on node-1
    "#]],
    );
    check(
        &rows.complete(Some("shop"), "", 2),
        expect![[r#"
        shop/my-web 1/1 Running 3 on node-1
        shop/web-1 0/1 CrashLoopBackOff 3 on node-1
    "#]],
    );
    check(&rows.complete(Some("none"), "", 25), expect![[r#""#]]);
    check(
        &rows.unhealthy(None, NOW),
        expect![[r#"
        shop/web-1 0/1 CrashLoopBackOff 3 on node-1
    "#]],
    );
    assert_eq!(rows.on_node("node-1").len(), 5);
    assert_eq!(rows.on_node("node-2"), []);
    assert_eq!(
        rows.namespaces().into_iter().collect::<Vec<_>>(),
        [("data", 2), ("shop", 3)]
    );
}

#[test]
fn a_pod_is_replaced_and_taken_away() {
    let mut rows = table(&[
        pod("shop", "a", None),
        pod("shop", "b", None),
        pod("shop", "c", None),
    ]);
    rows.apply(&pod("shop", "c", Some("ErrImagePull")));
    rows.remove("shop", "a");
    rows.remove("shop", "a");
    rows.remove("other", "b");
    check(
        &rows.complete(None, "", 25),
        expect![[r#"
        shop/b 1/1 Running 3 on node-1
        shop/c 0/1 ErrImagePull 3 on node-1
    "#]],
    );
    assert!(rows.is_complete() && !rows.is_empty());
    rows.apply(&pod("shop", &"x".repeat(300), None));
    assert!(!rows.is_complete() && rows.len() == 2);
}

#[test]
fn many_come_and_go_and_none_is_confused() {
    let mut rows = Rows::default();
    let name = |number: u32| format!("web-{number}-{}", number.wrapping_mul(2_654_435_761));
    for round in 0..4_u32 {
        for number in 0..3000 {
            rows.apply(&pod("shop", &name(round * 1500 + number), None));
        }
        for number in 0..1500 {
            rows.remove("shop", &name(round * 1500 + number));
        }
    }
    assert_eq!(rows.len(), 1500);
    let mut names: Vec<String> = rows
        .complete(None, "web-", 5000)
        .into_iter()
        .map(|row| row.name)
        .collect();
    names.sort();
    let mut expected: Vec<String> = (6000..7500).map(name).collect();
    expected.sort();
    assert_eq!(names, expected);
}

#[test]
fn very_many_pods_take_little_memory_and_are_found_at_once() {
    let mut rows = Rows::default();
    let mut template = pod("shop", "x", None);
    for number in 0..150_000_u32 {
        let hash = number.wrapping_mul(2_654_435_761);
        template.metadata.name = Some(format!("checkout-service-{hash:08x}-{:05x}", number % 99_991));
        template.metadata.namespace = Some(format!("team-{}", number % 400));
        rows.apply(&template);
    }
    let mib = rows.bytes() >> 20;
    assert!(
        rows.len() == 150_000 && rows.is_complete() && mib <= 32,
        "{mib} MiB"
    );
    assert_eq!(rows.complete(None, "service", 25).len(), 25);
    assert_eq!(rows.complete(Some("team-7"), "", 1000).len(), 375);
    assert_eq!(rows.unhealthy(None, NOW).len(), 0);
}

#[test]
fn a_tiny_node_says_what_a_list_needs() {
    let node = |spec: Value, ready: &str| -> TinyNode {
        object(
            json!({"metadata": {"name": "n", "labels": {"a": "b"}}, "spec": spec, "status": {"images": [{"names": ["x"]}],
            "conditions": [{"type": "Ready", "status": ready}], "nodeInfo": {"bootID": "b", "kubeletVersion": "v1.37.2"}}}),
        )
    };
    assert_eq!(node(json!({}), "True").status(), "Ready");
    assert_eq!(
        node(json!({"unschedulable": true}), "Unknown").status(),
        "NotReady,SchedulingDisabled"
    );
    assert_eq!(node(json!({}), "True").kubelet_and_boot(), Some(("v1.37.2", "b")));
    assert_eq!(object::<TinyNode>(json!({})).status(), "Unknown");
    assert_eq!(node(json!({}), "True").metadata.labels, None);
}
