use expect_test::{Expect, expect};
use k8s_openapi::api::apps::v1 as api;
use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};

use super::{ago, object, over};
use crate::cluster::read::{rollout, workload};
use crate::cluster::snapshot::workload::{Rollout, Workload};

fn template(image: &str, more: Value) -> Value {
    let base = json!({"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "app", "image": image}]}});
    over(base, more)
}

/// A Deployment of three that is rolled out, with `patch` laid over it.
fn deployment(patch: Value) -> api::Deployment {
    let base = json!({
        "metadata": {"name": "web", "namespace": "shop", "uid": "d", "generation": 4, "creationTimestamp": ago(86_400_000),
            "annotations": {"deployment.kubernetes.io/revision": "2"}},
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}, "template": template("web:2", json!({})), "progressDeadlineSeconds": 600},
        "status": {"observedGeneration": 4, "replicas": 3, "updatedReplicas": 3, "readyReplicas": 3, "availableReplicas": 3,
            "conditions": [{"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}]}
    });
    object(over(base, patch))
}

fn stateful_set(patch: Value) -> api::StatefulSet {
    let base = json!({
        "metadata": {"name": "db", "namespace": "data", "uid": "s", "generation": 1},
        "spec": {"replicas": 3, "serviceName": "db", "selector": {"matchLabels": {"app": "db"}}, "template": template("db:1", json!({})),
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}},
        "status": {"observedGeneration": 1, "replicas": 3, "readyReplicas": 3, "updatedReplicas": 3, "currentReplicas": 3, "availableReplicas": 3,
            "currentRevision": "db-1", "updateRevision": "db-1"}
    });
    object(over(base, patch))
}

fn daemon_set(patch: Value) -> api::DaemonSet {
    let base = json!({
        "metadata": {"name": "log", "namespace": "kube-system", "uid": "ds", "generation": 2},
        "spec": {"selector": {"matchLabels": {"app": "log"}}, "template": template("log:1", json!({})), "updateStrategy": {"type": "RollingUpdate"}},
        "status": {"observedGeneration": 2, "currentNumberScheduled": 5, "desiredNumberScheduled": 5, "numberReady": 5, "numberAvailable": 5,
            "updatedNumberScheduled": 5, "numberMisscheduled": 0}
    });
    object(over(base, patch))
}

#[track_caller]
fn check(workloads: &[Workload], expected: Expect) {
    let lines: Vec<String> = workloads
        .iter()
        .map(|one| {
            let health = if one.is_fine() { "fine" } else { "not fine" };
            format!(
                "{} {} up-to-date {} available {} {health}\n  {}\n",
                one.name,
                one.ready_words(),
                one.updated,
                one.available,
                one.kubectl_sentence()
            )
        })
        .collect();
    expected.assert_eq(&lines.concat());
}

#[test]
fn where_the_rollout_of_a_deployment_stands() {
    let cases = [
        json!({}),
        json!({"metadata": {"generation": 5}}),
        json!({"status": {"conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]}}),
        json!({"status": {"updatedReplicas": 1, "replicas": 4}}),
        json!({"status": {"updatedReplicas": 3, "replicas": 5}}),
        json!({"status": {"availableReplicas": 1, "readyReplicas": 2}}),
        json!({"status": {"updatedReplicas": null}, "spec": {"paused": true}}),
        json!({"status": null}),
        json!({"status": {"updatedReplicas": -1, "replicas": -7, "availableReplicas": -3}}),
        json!({"spec": {"replicas": 0}, "status": {"replicas": 0, "updatedReplicas": null, "readyReplicas": null, "availableReplicas": null}}),
    ];
    check(
        &cases.map(|patch| workload::deployment(&deployment(patch))),
        expect![[r#"
            web 3/3 up-to-date 3 available 3 fine
              deployment "web" successfully rolled out
            web 3/3 up-to-date 3 available 3 not fine
              Waiting for deployment spec update to be observed...
            web 3/3 up-to-date 3 available 3 not fine
              deployment "web" exceeded its progress deadline
            web 3/3 up-to-date 1 available 3 not fine
              Waiting for deployment "web" rollout to finish: 1 out of 3 new replicas have been updated...
            web 3/3 up-to-date 3 available 3 not fine
              Waiting for deployment "web" rollout to finish: 2 old replicas are pending termination...
            web 2/3 up-to-date 3 available 1 not fine
              Waiting for deployment "web" rollout to finish: 1 of 3 updated replicas are available...
            web 3/3 up-to-date 0 available 3 not fine
              Waiting for deployment "web" rollout to finish: 0 out of 3 new replicas have been updated...
            web 0/3 up-to-date 0 available 0 not fine
              Waiting for deployment spec update to be observed...
            web 3/3 up-to-date -1 available -3 not fine
              Waiting for deployment "web" rollout to finish: -1 out of 3 new replicas have been updated...
            web 0/0 up-to-date 0 available 0 fine
              deployment "web" successfully rolled out
        "#]],
    );
}

#[test]
fn where_the_rollout_of_a_stateful_set_stands() {
    let cases = [
        json!({}),
        json!({"status": {"observedGeneration": null}}),
        json!({"status": {"readyReplicas": 1}}),
        json!({"spec": {"updateStrategy": {"rollingUpdate": {"partition": 1}}}, "status": {"updatedReplicas": 1}}),
        json!({"spec": {"updateStrategy": {"rollingUpdate": {"partition": 2}}}, "status": {"updatedReplicas": 1}}),
        json!({"spec": {"updateStrategy": {"rollingUpdate": null}}, "status": {"updatedReplicas": 1, "updateRevision": "db-2"}}),
        json!({"spec": {"updateStrategy": {"rollingUpdate": null}}}),
        json!({"spec": {"updateStrategy": {"type": "OnDelete", "rollingUpdate": null}}}),
    ];
    check(
        &cases.map(|patch| workload::stateful_set(&stateful_set(patch))),
        expect![[r#"
            db 3/3 up-to-date 3 available 3 fine
              partitioned roll out complete: 3 new pods have been updated...
            db 3/3 up-to-date 3 available 3 not fine
              Waiting for statefulset spec update to be observed...
            db 1/3 up-to-date 3 available 3 not fine
              Waiting for 2 pods to be ready...
            db 3/3 up-to-date 1 available 3 not fine
              Waiting for partitioned roll out to finish: 1 out of 2 new pods have been updated...
            db 3/3 up-to-date 1 available 3 fine
              partitioned roll out complete: 1 new pods have been updated...
            db 3/3 up-to-date 1 available 3 not fine
              waiting for statefulset rolling update to complete 1 pods at revision db-2...
            db 3/3 up-to-date 3 available 3 fine
              statefulset rolling update complete 3 pods at revision db-1...
            db 3/3 up-to-date 3 available 3 fine
              rollout status is only available for RollingUpdate strategy type
        "#]],
    );
}

#[test]
fn where_the_rollout_of_a_daemon_set_stands() {
    let cases = [
        json!({}),
        json!({"metadata": {"generation": 3}}),
        json!({"status": {"updatedNumberScheduled": 2}}),
        json!({"status": {"numberAvailable": 4, "numberReady": 4}}),
        json!({"spec": {"updateStrategy": {"type": "OnDelete"}}}),
    ];
    check(
        &cases.map(|patch| workload::daemon_set(&daemon_set(patch))),
        expect![[r#"
            log 5/5 up-to-date 5 available 5 fine
              daemon set "log" successfully rolled out
            log 5/5 up-to-date 5 available 5 not fine
              Waiting for daemon set spec update to be observed...
            log 5/5 up-to-date 2 available 5 not fine
              Waiting for daemon set "log" rollout to finish: 2 out of 5 new pods have been updated...
            log 4/5 up-to-date 5 available 4 not fine
              Waiting for daemon set "log" rollout to finish: 4 of 5 updated pods are available...
            log 5/5 up-to-date 5 available 5 fine
              rollout status is only available for RollingUpdate strategy type
        "#]],
    );
}

#[track_caller]
fn check_rollout(rollout: &Rollout, expected: Expect) {
    let mut lines = vec![rollout.workload.kubectl_sentence()];
    for condition in &rollout.conditions {
        lines.push(format!(
            "{}={} {}: {}",
            condition.kind, condition.status, condition.reason, condition.message
        ));
    }
    for pod in &rollout.waits_for {
        lines.push(format!(
            "waits for {} {} {} {:?}",
            pod.name,
            pod.ready_words(),
            pod.status,
            pod.troubles
        ));
    }
    lines.push(format!("{} old Pods", rollout.old_pods));
    for pair in rollout.revisions.windows(2) {
        lines.push(format!(
            "{:?} {} {:?}: {:?}",
            pair[0].number,
            pair[0].name,
            pair[0].pods,
            pair[0].changes_since(&pair[1])
        ));
    }
    expected.assert_eq(&format!("{}\n", lines.join("\n")));
}

fn owned(kind: &str, name: &str, uid: &str) -> Value {
    json!([{"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": uid, "controller": true}])
}

fn replica_set(name: &str, revision: &str, image: &str, replicas: i32, age: i64) -> api::ReplicaSet {
    object(json!({
        "metadata": {"name": name, "namespace": "shop", "uid": name, "creationTimestamp": ago(age), "ownerReferences": owned("Deployment", "web", "d"),
            "annotations": {"deployment.kubernetes.io/revision": revision}},
        "spec": {"replicas": replicas, "selector": {}, "template": template(image, json!({"metadata": {"labels": {"pod-template-hash": name}}}))},
        "status": {"replicas": replicas, "readyReplicas": replicas}
    }))
}

fn pod(name: &str, owner: Value, hash: &str, waiting: Option<&str>) -> Pod {
    let state = waiting.map_or(
        json!({"running": {}}),
        |reason| json!({"waiting": {"reason": reason, "message": "no such tag"}}),
    );
    object(
        json!({"metadata": {"name": name, "namespace": "shop", "ownerReferences": owner, "labels": {"app": "web", "controller-revision-hash": hash}},
        "spec": {"containers": [{"name": "app"}]},
        "status": {"phase": if waiting.is_some() { "Pending" } else { "Running" }, "containerStatuses": [{"name": "app", "ready": waiting.is_none(), "restartCount": 0, "image": "", "imageID": "", "state": state}]}}),
    )
}

#[test]
fn a_rollout_that_is_stuck_says_what_it_waits_for() {
    let stuck = deployment(
        json!({"status": {"replicas": 4, "updatedReplicas": 1, "conditions": [
        {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "ReplicaSet \"web-b\" has timed out progressing."},
        {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable", "message": "Deployment has minimum availability."}]}}),
    );
    let sets = [
        replica_set("web-0", "1", "web:0", 0, 7_200_000),
        replica_set("web-b", "3", "web:2", 1, 900_000),
        replica_set("web-a", "2", "web:1", 3, 3_600_000),
    ];
    let of = |set: &str| owned("ReplicaSet", set, set);
    let pods = [
        pod("web-b-2", of("web-b"), "", Some("ImagePullBackOff")),
        pod("web-b-1", of("web-b"), "", None),
        pod("web-a-1", of("web-a"), "", Some("CrashLoopBackOff")),
        pod("other", of("other"), "", Some("CrashLoopBackOff")),
    ];
    check_rollout(
        &rollout::of_deployment(&stuck, &sets, &pods),
        expect![[r#"
        deployment "web" exceeded its progress deadline
        Progressing=False ProgressDeadlineExceeded: ReplicaSet "web-b" has timed out progressing.
        Available=True MinimumReplicasAvailable: Deployment has minimum availability.
        waits for web-b-2 0/1 ImagePullBackOff [Waiting { container: "app", is_init: false, reason: "ImagePullBackOff", message: "no such tag" }]
        1 old Pods
        Some(3) web-b Some([1, 1, 1]): [ImageChange { container: "app", from: Some("web:1"), to: Some("web:2") }]
        Some(2) web-a Some([3, 3, 3]): [ImageChange { container: "app", from: Some("web:0"), to: Some("web:1") }]
    "#]],
    );
}

#[test]
fn the_newest_replica_set_is_found_by_its_template_or_else_by_its_revision() {
    let sets = [
        replica_set("web-a", "1", "web:2", 3, 7_200_000),
        replica_set("web-b", "2", "web:3", 0, 3_600_000),
    ];
    let own = rollout::owned_sets(&deployment(json!({})), &sets);
    let name = |deployment| rollout::newest_set(&deployment, &own).and_then(|set| set.metadata.name.clone());
    assert_eq!(name(deployment(json!({}))).as_deref(), Some("web-a"));
    let unlike = deployment(json!({"spec": {"template": template("web:9", json!({}))}}));
    assert_eq!(name(unlike).as_deref(), Some("web-b"));
    let unknown = deployment(
        json!({"metadata": {"annotations": null}, "spec": {"template": template("web:9", json!({}))}}),
    );
    assert_eq!(name(unknown), None);
}

#[test]
fn a_stateful_set_waits_for_every_pod_that_is_not_ready() {
    let set =
        stateful_set(json!({"status": {"readyReplicas": 2, "updateRevision": "db-2", "updatedReplicas": 1}}));
    let revision = |name: &str, number: i64, image: &str| -> api::ControllerRevision {
        object(
            json!({"metadata": {"name": name, "namespace": "data", "ownerReferences": owned("StatefulSet", "db", "s")}, "revision": number,
            "data": {"spec": {"template": template(image, json!({}))}}}),
        )
    };
    let kept = [revision("db-1", 1, "db:1"), revision("db-2", 2, "db:2")];
    let of = || owned("StatefulSet", "db", "s");
    let pods = [
        pod("db-0", of(), "db-1", None),
        pod("db-1", of(), "db-1", Some("CrashLoopBackOff")),
        pod("db-2", of(), "db-2", None),
    ];
    check_rollout(
        &rollout::of_stateful_set(&set, &kept, &pods),
        expect![[r#"
        Waiting for 1 pods to be ready...
        waits for db-1 0/1 CrashLoopBackOff [Waiting { container: "app", is_init: false, reason: "CrashLoopBackOff", message: "no such tag" }]
        2 old Pods
        Some(2) db-2 None: [ImageChange { container: "app", from: Some("db:1"), to: Some("db:2") }]
    "#]],
    );
}

#[test]
fn a_daemon_set_counts_the_pods_of_earlier_revisions() {
    let set = daemon_set(json!({"status": {"updatedNumberScheduled": 1}}));
    let revision = |name: &str, number: i64| -> api::ControllerRevision {
        object(
            json!({"metadata": {"name": format!("log-{name}"), "ownerReferences": owned("DaemonSet", "log", "ds"), "labels": {"controller-revision-hash": name}}, "revision": number, "data": {}}),
        )
    };
    let of = || owned("DaemonSet", "log", "ds");
    let pods = [
        pod("log-1", of(), "a", None),
        pod("log-2", of(), "b", Some("ErrImagePull")),
    ];
    check_rollout(
        &rollout::of_daemon_set(&set, &[revision("b", 2), revision("a", 1)], &pods),
        expect![[r#"
            Waiting for daemon set "log" rollout to finish: 1 out of 5 new pods have been updated...
            waits for log-2 0/1 ErrImagePull [Waiting { container: "app", is_init: false, reason: "ErrImagePull", message: "no such tag" }]
            1 old Pods
            Some(2) log-b None: []
        "#]],
    );
}
