use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::{NOW, ago, object};
use crate::cluster::read::rows::Rows;
use crate::cluster::read::tiny::{TinyNode, TinyPod};
use crate::cluster::snapshot::pod::PodRow;

fn pod(namespace: &str, name: &str, waiting: Option<&str>) -> TinyPod {
    in_phase("Running", namespace, name, waiting)
}

fn in_phase(phase: &str, namespace: &str, name: &str, waiting: Option<&str>) -> TinyPod {
    let state = waiting.map_or(
        json!({"running": {}}),
        |reason| json!({"waiting": {"reason": reason}}),
    );
    object(
        json!({"metadata": {"namespace": namespace, "name": name, "creationTimestamp": ago(3_600_000)},
        "spec": {"nodeName": "node-1", "containers": [{"name": "app", "image": "web:1"}]},
        "status": {"phase": phase, "containerStatuses": [{"name": "app", "ready": waiting.is_none(), "restartCount": 3, "state": state}]}}),
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
        pod("webshop", "api", None),
        pod("old-data", "db-0", None),
    ]);
    let typed = |typed: &str| rows.complete(None, typed, 25).join(" ");
    expect!["data/web-0 shop/web-1 shop/web-2 webshop/api shop/my-web"].assert_eq(&typed("WEB"));
    expect!["data/db-0 data/web-0 old-data/db-0"].assert_eq(&typed("data"));
    expect!["data/db-0 old-data/db-0"].assert_eq(&typed("data/d"));
    expect![""].assert_eq(&typed("data/eb"));
    expect!["shop/my-web shop/web-1"].assert_eq(&rows.complete(Some("shop"), "", 2).join(" "));
    expect![""].assert_eq(&rows.complete(Some("none"), "", 25).join(" "));
}

#[test]
fn a_name_that_is_written_out_is_found_wherever_it_is() {
    let rows = table(&[
        pod("shop", "web-1", None),
        pod("data", "web-1", None),
        pod("data", "web-10", None),
    ]);
    let named = |namespace: Option<&str>, words: &[&str]| {
        let found = rows.named(namespace, words);
        let found: Vec<String> = found
            .into_iter()
            .map(|(space, name)| format!("{space}/{name}"))
            .collect();
        found.join(" ")
    };
    expect!["data/web-1 shop/web-1"].assert_eq(&named(None, &["web-1", "web"]));
    expect!["shop/web-1"].assert_eq(&named(None, &["shop/web-1"]));
    expect!["data/web-1"].assert_eq(&named(Some("data"), &["web-1"]));
    let whose = rows.whose(|path| path == "data/web-10");
    assert_eq!(whose, [("data".to_owned(), "web-10".to_owned())]);
}

#[test]
fn the_sick_stand_first() {
    let rows = table(&[
        pod("shop", "web-2", None),
        pod("shop", "web-1", Some("CrashLoopBackOff")),
        pod("data", "db-0", Some("ErrImagePull")),
        in_phase("Succeeded", "shop", "a-done", None),
    ]);
    check(
        &rows.sick_first(NOW, false, 3),
        expect![[r#"
            data/db-0 0/1 ErrImagePull 3 on node-1
            shop/web-1 0/1 CrashLoopBackOff 3 on node-1
            shop/a-done 1/1 Succeeded 3 on node-1
        "#]],
    );
    check(
        &rows.sick_first(NOW, true, 25),
        expect![[r#"
            data/db-0 0/1 ErrImagePull 3 on node-1
            shop/web-1 0/1 CrashLoopBackOff 3 on node-1
        "#]],
    );
    assert_eq!(rows.sick(NOW), 2);
    let known = [("shop", "web-1"), ("shop", "gone")].map(|(space, name)| Rows::key(space, name));
    // The one that ended has no figures, and need not have any.
    assert_eq!(rows.running_but(&known.into(), NOW, 120_000), 2);
    assert_eq!(rows.running_but(&known.into(), NOW, 7_200_000), 0);
}

#[test]
fn the_worst_stand_first_whatever_their_namespace() {
    let finished = |seconds: i64| json!({"terminated": {"exitCode": 255, "finishedAt": ago(seconds * 1000)}});
    let restarted: TinyPod = object(json!({"metadata": {"namespace": "a", "name": "restarted"},
        "spec": {"containers": [{"name": "app", "image": "web:1"}]},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}], "containerStatuses": [
            {"name": "app", "ready": true, "started": true, "restartCount": 9, "state": {"running": {}}, "lastState": finished(200)}]}}));
    let rows = table(&[
        pod("a", "well", None),
        in_phase("Failed", "a", "evicted", None),
        restarted,
        pod("z", "crashes", Some("CrashLoopBackOff")),
    ]);
    let found = rows.sick_first(NOW, true, 25);
    let names: Vec<&str> = found.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["crashes", "restarted", "evicted"]);
    assert!(found[2].has_failed && !found[0].has_failed);
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
        &rows.sick_first(NOW, false, 25),
        expect![[r#"
            shop/c 0/1 ErrImagePull 3 on node-1
            shop/b 1/1 Running 3 on node-1
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
    let names = rows.complete(None, "web-", 5000);
    let mut expected: Vec<String> = (6000..7500)
        .map(|number| format!("shop/{}", name(number)))
        .collect();
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
    assert_eq!(rows.sick(NOW), 0);
    assert_eq!(rows.sick_first(NOW, false, 1000).len(), 1000);
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
