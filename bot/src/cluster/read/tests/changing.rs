use expect_test::{Expect, expect};
use k8s_openapi::api::apps::v1 as api;
use k8s_openapi::api::core::v1 as core;
use serde_json::{Value, json};

use super::{NOW, ago, object, over};
use crate::cluster::read::changes::{self, Owner};
use crate::cluster::read::node_changes::Listed;
use crate::cluster::read::time;
use crate::cluster::snapshot::change::Change;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

fn managed(manager: &str, age: i64, fields: Value) -> Value {
    json!([{"manager": manager, "operation": "Update", "time": ago(age), "fieldsType": "FieldsV1", "fieldsV1": fields}])
}

fn template(image: &str) -> Value {
    json!({"spec": {"containers": [{"name": "app", "image": image}]}})
}

fn deployment(age: i64, patch: Value) -> api::Deployment {
    let base = json!({"metadata": {"name": "web", "namespace": "shop", "uid": "d", "creationTimestamp": ago(age)},
        "spec": {"replicas": 3, "selector": {}, "template": template("web:2")}});
    object(over(base, patch))
}

fn set(name: &str, revision: &str, former: &str, image: &str, age: i64) -> api::ReplicaSet {
    object(
        json!({"metadata": {"name": name, "namespace": "shop", "uid": name, "creationTimestamp": ago(age),
            "annotations": {"deployment.kubernetes.io/revision": revision, "deployment.kubernetes.io/revision-history": former},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "d", "controller": true}]},
        "spec": {"selector": {}, "template": template(image)}}),
    )
}

fn event(kind: &str, name: &str, uid: &str, reason: &str, message: &str, age: i64) -> core::Event {
    let namespace = if kind == "Node" { "" } else { "shop" };
    object(
        json!({"metadata": {"namespace": "x"}, "type": "Normal", "reason": reason, "message": message, "count": 1,
        "firstTimestamp": ago(age), "lastTimestamp": ago(age),
        "involvedObject": {"kind": kind, "namespace": namespace, "name": name, "uid": uid}}),
    )
}

fn scaled(message: &str, age: i64) -> core::Event {
    event("Deployment", "web", "d", "ScalingReplicaSet", message, age)
}

/// The objects as the API has them.
#[derive(Default)]
struct Seen<'a> {
    deployments: &'a [api::Deployment],
    replica_sets: &'a [api::ReplicaSet],
    stateful_sets: &'a [api::StatefulSet],
    daemon_sets: &'a [api::DaemonSet],
    revisions: &'a [api::ControllerRevision],
    nodes: &'a [core::Node],
    events: &'a [core::Event],
}

impl Seen<'_> {
    fn kept(&self) -> changes::Seen {
        let mut kept = changes::Seen {
            deployments: self
                .deployments
                .iter()
                .map(|it| Owner::of(&it.metadata))
                .collect(),
            stateful_sets: self
                .stateful_sets
                .iter()
                .map(|it| Owner::of(&it.metadata))
                .collect(),
            daemon_sets: self
                .daemon_sets
                .iter()
                .map(|it| Owner::of(&it.metadata))
                .collect(),
            nodes: self.nodes.iter().map(Listed::of).collect(),
            events: self.events.to_vec(),
            ..changes::Seen::default()
        };
        self.replica_sets
            .iter()
            .for_each(|it| kept.replica_sets.take_set(it));
        self.revisions.iter().for_each(|it| kept.revisions.take_kept(it));
        kept
    }
}

#[track_caller]
fn check(seen: &Seen<'_>, expected: Expect) {
    let changes = changes::since(&seen.kept(), NOW - 3_600_000);
    let line = |change: &Change| {
        format!(
            "{} {:?} by {:?}\n",
            time::age(Some(change.at), NOW),
            change.what,
            change.by
        )
    };
    expected.assert_eq(&changes.iter().map(line).collect::<String>());
}

#[test]
fn a_rollout_says_which_images_changed_and_hides_its_own_scaling() {
    let written = json!({"metadata": {"managedFields": managed("kubectl-set", 20 * MINUTE, json!({"f:spec": {"f:template": {}}}))}});
    let deployments = [deployment(9 * HOUR, written)];
    let sets = [
        set("web-a", "1", "", "web:1", 9 * HOUR),
        set("web-b", "2", "", "web:2", 20 * MINUTE),
    ];
    let events = [
        scaled("Scaled up replica set web-b from 0 to 1", 20 * MINUTE),
        scaled("Scaled down replica set web-a from 3 to 2", 19 * MINUTE),
        scaled("Scaled down replica set web-a from 2 to 0", 18 * MINUTE),
    ];
    let seen = Seen {
        deployments: &deployments,
        replica_sets: &sets,
        events: &events,
        ..Seen::default()
    };
    check(
        &seen,
        expect![[r#"
        20m RolledOut { object: Object { kind: Deployment, namespace: "shop", name: "web" }, revision: Some(2), images: [ImageChange { container: "app", from: Some("web:1"), to: Some("web:2") }], is_back: false, cause: None } by Some("kubectl-set")
    "#]],
    );
}

#[test]
fn scaling_is_told_with_both_numbers_where_they_are_known() {
    let written = json!({"metadata": {"managedFields": managed("kubectl", 30 * MINUTE, json!({"f:spec": {"f:replicas": {}}}))}});
    let deployments = [deployment(9 * HOUR, written)];
    let sets = [set("web-a", "1", "", "web:2", 9 * HOUR)];
    let events = [
        scaled("Scaled up replica set web-a from 3 to 5", 30 * MINUTE),
        scaled("Scaled down replica set web-a to 2", 10 * MINUTE),
        scaled("Scaled up replica set web-a from 0 to 3", 50 * MINUTE),
        scaled("Scaled up replica set web-a from few to many", 5 * MINUTE),
        scaled("Something else", 5 * MINUTE),
        scaled("Scaled up replica set web-a from 1 to 2", 3 * HOUR),
        event(
            "HorizontalPodAutoscaler",
            "web",
            "h",
            "SuccessfulRescale",
            "New size: 5; reason: cpu resource utilization above target",
            31 * MINUTE,
        ),
    ];
    let seen = Seen {
        deployments: &deployments,
        replica_sets: &sets,
        events: &events,
        ..Seen::default()
    };
    check(
        &seen,
        expect![[r#"
        10m Scaled { object: Object { kind: Deployment, namespace: "shop", name: "web" }, from: None, to: 2 } by None
        30m Scaled { object: Object { kind: Deployment, namespace: "shop", name: "web" }, from: Some(3), to: 5 } by Some("kubectl")
        31m Autoscaled { namespace: "shop", name: "web", to: 5, reason: "cpu resource utilization above target" } by None
        50m Scaled { object: Object { kind: Deployment, namespace: "shop", name: "web" }, from: Some(0), to: 3 } by None
    "#]],
    );
}

#[test]
fn a_rollback_brings_an_earlier_template_back() {
    let deployments = [deployment(
        9 * HOUR,
        json!({"spec": {"template": template("web:1")}}),
    )];
    let sets = [
        set("web-a", "3", "1", "web:1", 9 * HOUR),
        set("web-b", "2", "", "web:2", 40 * MINUTE),
    ];
    let events = [
        scaled("Scaled up replica set web-b from 0 to 3", 40 * MINUTE),
        scaled("Scaled down replica set web-a from 3 to 0", 39 * MINUTE),
        scaled("Scaled up replica set web-a from 0 to 3", 12 * MINUTE),
        scaled("Scaled down replica set web-b from 3 to 0", 11 * MINUTE),
    ];
    let seen = Seen {
        deployments: &deployments,
        replica_sets: &sets,
        events: &events,
        ..Seen::default()
    };
    check(
        &seen,
        expect![[r#"
        12m RolledOut { object: Object { kind: Deployment, namespace: "shop", name: "web" }, revision: Some(3), images: [ImageChange { container: "app", from: Some("web:2"), to: Some("web:1") }], is_back: true, cause: None } by None
        40m RolledOut { object: Object { kind: Deployment, namespace: "shop", name: "web" }, revision: Some(2), images: [ImageChange { container: "app", from: Some("web:1"), to: Some("web:2") }], is_back: false, cause: None } by None
    "#]],
    );
}

#[test]
fn a_new_workload_is_no_rollout() {
    let deployments = [deployment(10 * MINUTE, json!({}))];
    let sets = [set("web-a", "1", "", "web:2", 10 * MINUTE)];
    let events = [scaled("Scaled up replica set web-a from 0 to 3", 10 * MINUTE)];
    let seen = Seen {
        deployments: &deployments,
        replica_sets: &sets,
        events: &events,
        ..Seen::default()
    };
    check(
        &seen,
        expect![[r#"
        10m Created(Object { kind: Deployment, namespace: "shop", name: "web" }) by None
    "#]],
    );
}

#[test]
fn sets_keep_their_templates_in_revisions() {
    let meta = |name: &str, age: i64| json!({"name": name, "namespace": "data", "uid": name, "creationTimestamp": ago(age)});
    let stateful: api::StatefulSet =
        object(json!({"metadata": meta("db", 9 * HOUR), "spec": {"selector": {}, "template": {}}}));
    let daemon: api::DaemonSet =
        object(json!({"metadata": meta("log", 5 * MINUTE), "spec": {"selector": {}, "template": {}}}));
    let revision = |owner: &str, number: i64, image: &str, age: i64| -> api::ControllerRevision {
        let owners =
            json!([{"apiVersion": "apps/v1", "kind": "X", "name": owner, "uid": owner, "controller": true}]);
        object(
            json!({"metadata": {"name": format!("{owner}-{number}"), "creationTimestamp": ago(age), "ownerReferences": owners}, "revision": number, "data": {"spec": {"template": template(image)}}}),
        )
    };
    let revisions = [
        revision("db", 1, "db:1", 9 * HOUR),
        revision("db", 2, "db:2", 25 * MINUTE),
        revision("log", 1, "log:1", 5 * MINUTE),
    ];
    let seen = Seen {
        stateful_sets: std::slice::from_ref(&stateful),
        daemon_sets: std::slice::from_ref(&daemon),
        revisions: &revisions,
        ..Seen::default()
    };
    check(
        &seen,
        expect![[r#"
        5m Created(Object { kind: DaemonSet, namespace: "data", name: "log" }) by None
        25m RolledOut { object: Object { kind: StatefulSet, namespace: "data", name: "db" }, revision: Some(2), images: [ImageChange { container: "app", from: Some("db:1"), to: Some("db:2") }], is_back: false, cause: None } by None
    "#]],
    );
}

fn node(name: &str, age: i64, patch: Value) -> core::Node {
    let base =
        json!({"metadata": {"name": name, "uid": format!("uid-{name}"), "creationTimestamp": ago(age)}});
    object(over(base, patch))
}

#[test]
fn nodes_are_cordoned_uncordoned_new_replaced_and_gone() {
    let taint = json!({"spec": {"unschedulable": true, "taints": [{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule", "timeAdded": ago(15 * MINUTE)}]}});
    let recorded = json!({"spec": {"unschedulable": true}, "metadata": {"managedFields": managed("kubectl-cordon", 15 * MINUTE + 1000, json!({"f:spec": {"f:unschedulable": {}}}))}});
    let nodes = [
        node("by-taint", 9 * HOUR, over(recorded.clone(), taint)),
        node("by-record", 9 * HOUR, recorded),
        node("undated", 9 * HOUR, json!({"spec": {"unschedulable": true}})),
        node("and-back", 9 * HOUR, json!({})),
        node("new", 20 * MINUTE, json!({})),
        node("other", 25 * MINUTE, json!({})),
        node("quiet", 9 * HOUR, json!({})),
    ];
    let events = [
        ("by-taint", "uid-by-taint", "NodeNotSchedulable", 14 * MINUTE),
        ("and-back", "uid-and-back", "NodeNotSchedulable", 40 * MINUTE),
        ("and-back", "uid-and-back", "NodeSchedulable", 35 * MINUTE),
        ("new", "", "Starting", 20 * MINUTE + 2000),
        ("new", "uid-new", "RegisteredNode", 20 * MINUTE),
        ("other", "uid-old", "RemovingNode", 27 * MINUTE),
        ("gone", "uid-gone", "RemovingNode", 45 * MINUTE),
        ("forgotten", "uid", "NodeNotReady", 45 * MINUTE),
        ("quiet", "uid-quiet", "RegisteredNode", 30 * MINUTE),
    ]
    .map(|(name, uid, reason, age)| event("Node", name, uid, reason, "", age));
    check(
        &Seen {
            nodes: &nodes,
            events: &events,
            ..Seen::default()
        },
        expect![[r#"
            15m Cordoned { node: "by-taint" } by Some("kubectl-cordon")
            15m Cordoned { node: "by-record" } by Some("kubectl-cordon")
            20m NodeAdded { node: "new" } by None
            25m NodeReplaced { node: "other" } by None
            35m Uncordoned { node: "and-back" } by None
            40m Cordoned { node: "and-back" } by None
            45m NodeRemoved { node: "gone" } by None
        "#]],
    );
}
