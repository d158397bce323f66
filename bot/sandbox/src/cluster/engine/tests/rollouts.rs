//! Rollouts, step by step.

use std::time::Duration;

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::Stage;
use crate::cluster::api::{Api as _, kinds};
use crate::cluster::engine::Scenario;
use crate::cluster::engine::object::{is_going, items, name, number, text};
use crate::cluster::store::Handle;

const BASE: &str = "
about: {en: Nodes and a namespace., zh: 节点和命名空间。}
built: 1h
history: 1h
nodes:
  - {name: node-1, cpu: '4', memory: 8Gi}
  - {name: node-2, cpu: '4', memory: 8Gi}
  - {name: node-3, cpu: '4', memory: 8Gi}
images:
  - {name: 'web:broken', error: 'rpc error: code = NotFound desc = web:broken: not found'}
objects:
  - {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
";

fn stage() -> Stage {
    Stage::of(Scenario::read("base", BASE, None).unwrap(), None)
}

fn template(image: &str) -> Value {
    json!({
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{
            "name": "web",
            "image": image,
            "readinessProbe": {"tcpSocket": {"port": 80}},
        }]},
    })
}

fn deployment(strategy: &Value) -> Value {
    json!({
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "replicas": 4,
            "strategy": strategy,
            "selector": {"matchLabels": {"app": "web"}},
            "template": template("web:1"),
        },
    })
}

/// How the ReplicaSets stand: `wanted/there/ready`, oldest revision first; and what the Deployment says of it.
fn line(store: &Handle) -> String {
    let mut sets = store.list(kinds::REPLICA_SETS).unwrap();
    let revision =
        |set: &Value| text(&set["metadata"]["annotations"]["deployment.kubernetes.io/revision"]).to_owned();
    sets.sort_by_key(|set| revision(set));
    let count = |set: &Value| {
        let status = &set["status"];
        let counts = [
            &set["spec"]["replicas"],
            &status["replicas"],
            &status["readyReplicas"],
        ]
        .map(number);
        format!("{}:{}/{}/{}", revision(set), counts[0], counts[1], counts[2])
    };
    let sets: Vec<String> = sets.iter().map(|set| count(set)).collect();
    let deployment = store.get(kinds::DEPLOYMENTS, "shop", "web").unwrap().unwrap();
    let progress = items(&deployment["status"]["conditions"])
        .iter()
        .find(|it| it["type"] == "Progressing");
    format!(
        "{} {}",
        sets.join(" "),
        progress.map_or("", |it| text(&it["reason"]))
    )
}

/// Looks every half second and writes down what is new.
fn watch(stage: &mut Stage, seconds: u64) -> String {
    let mut lines = vec![line(&stage.store)];
    for _ in 0..seconds * 2 {
        stage.advance(Duration::from_millis(500));
        let now = line(&stage.store);
        if lines.last() != Some(&now) {
            lines.push(now);
        }
    }
    lines.join("\n")
}

#[track_caller]
fn check(strategy: &Value, change: &Value, expected: &Expect) {
    let mut stage = stage();
    stage
        .store
        .create(kinds::DEPLOYMENTS, deployment(strategy))
        .unwrap();
    stage.advance(Duration::from_secs(60));
    stage
        .store
        .patch(kinds::DEPLOYMENTS, "shop", "web", "", change)
        .unwrap();
    expected.assert_eq(&watch(&mut stage, 60));
}

fn image(image: &str) -> Value {
    json!({"spec": {"template": template(image)}})
}

#[test]
fn a_rolling_update_keeps_within_its_bounds() {
    check(
        &json!({}),
        &image("web:2"),
        &expect![[r#"
        1:4/4/4 NewReplicaSetAvailable
        1:3/3/3 2:2/2/0 ReplicaSetUpdated
        1:2/2/2 2:3/3/1 ReplicaSetUpdated
        1:1/1/1 2:4/4/2 ReplicaSetUpdated
        1:0/0/0 2:4/4/3 ReplicaSetUpdated
        1:0/0/0 2:4/4/4 NewReplicaSetAvailable"#]],
    );
}

#[test]
fn a_rolling_update_without_surge_takes_first() {
    let strategy = json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}});
    check(
        &strategy,
        &image("web:2"),
        &expect![[r#"
        1:4/4/4 NewReplicaSetAvailable
        1:3/3/3 2:1/1/0 ReplicaSetUpdated
        1:2/2/2 2:2/2/1 ReplicaSetUpdated
        1:1/1/1 2:3/3/2 ReplicaSetUpdated
        1:0/0/0 2:4/4/3 ReplicaSetUpdated
        1:0/0/0 2:4/4/4 NewReplicaSetAvailable"#]],
    );
}

#[test]
fn recreate_ends_the_old_before_it_starts_the_new() {
    check(
        &json!({"type": "Recreate"}),
        &image("web:2"),
        &expect![[r#"
            1:4/4/4 NewReplicaSetAvailable
            1:0/0/0 NewReplicaSetAvailable
            1:0/0/0 2:4/4/0 ReplicaSetUpdated
            1:0/0/0 2:4/4/2 ReplicaSetUpdated
            1:0/0/0 2:4/4/3 ReplicaSetUpdated
            1:0/0/0 2:4/4/4 NewReplicaSetAvailable"#]],
    );
}

#[test]
fn scaling_is_no_new_revision() {
    check(
        &json!({}),
        &json!({"spec": {"replicas": 2}}),
        &expect![[r#"
        1:4/4/4 NewReplicaSetAvailable
        1:2/2/2 NewReplicaSetAvailable"#]],
    );
}

#[test]
fn a_paused_deployment_rolls_nothing_out() {
    let mut change = image("web:2");
    change["spec"]["paused"] = json!(true);
    check(
        &json!({}),
        &change,
        &expect![[r#"
        1:4/4/4 NewReplicaSetAvailable
        1:4/4/4 DeploymentPaused"#]],
    );
}

#[test]
fn a_rollout_that_cannot_go_on_is_late_after_its_deadline_and_can_go_back() {
    let mut stage = stage();
    stage
        .store
        .create(kinds::DEPLOYMENTS, deployment(&json!({})))
        .unwrap();
    stage.advance(Duration::from_secs(60));
    stage
        .store
        .patch(kinds::DEPLOYMENTS, "shop", "web", "", &image("web:broken"))
        .unwrap();
    stage.advance(Duration::from_secs(590));
    let early = line(&stage.store);
    stage.advance(Duration::from_secs(30));
    let late = line(&stage.store);
    stage
        .store
        .patch(kinds::DEPLOYMENTS, "shop", "web", "", &image("web:1"))
        .unwrap();
    stage.advance(Duration::from_secs(60));
    expect![[r#"
        1:3/3/3 2:2/2/0 ReplicaSetUpdated
        1:3/3/3 2:2/2/0 ProgressDeadlineExceeded
        2:0/0/0 3:4/4/4 NewReplicaSetAvailable"#]]
    .assert_eq(&[early, late, line(&stage.store)].join("\n"));
}

fn stateful_set() -> Value {
    let claim =
        json!({"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": "1Gi"}}}});
    json!({
        "metadata": {"name": "db", "namespace": "shop"},
        "spec": {
            "replicas": 3,
            "serviceName": "db",
            "selector": {"matchLabels": {"app": "web"}},
            "template": template("web:1"),
            "volumeClaimTemplates": [claim],
        },
    })
}

/// Every Pod with its image: `+` ready, `-` going.
fn pods(store: &Handle) -> String {
    let show = |pod: &Value| {
        let ready = pod["status"]["containerStatuses"][0]["ready"] == true;
        let state = match (is_going(pod), ready) {
            (true, _) => "-",
            (_, true) => "+",
            _ => "",
        };
        format!(
            "{}({}){state}",
            name(pod),
            text(&pod["spec"]["containers"][0]["image"])
        )
    };
    let pods = store.list(kinds::PODS).unwrap();
    pods.iter().map(|pod| show(pod)).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_stateful_set_goes_one_by_one_and_back_from_the_last() {
    let mut stage = stage();
    let mut lines = Vec::new();
    let mut look = |stage: &mut Stage| {
        for _ in 0..120 {
            stage.advance(Duration::from_millis(500));
            lines.push(pods(&stage.store));
        }
    };
    stage.store.create(kinds::STATEFUL_SETS, stateful_set()).unwrap();
    look(&mut stage);
    stage
        .store
        .patch(kinds::STATEFUL_SETS, "shop", "db", "", &image("web:2"))
        .unwrap();
    look(&mut stage);
    lines.dedup();
    expect![[r#"
        db-0(web:1)
        db-0(web:1)+ db-1(web:1)
        db-0(web:1)+ db-1(web:1)+ db-2(web:1)
        db-0(web:1)+ db-1(web:1)+ db-2(web:1)+
        db-0(web:1)+ db-1(web:1)+ db-2(web:1)-
        db-0(web:1)+ db-1(web:1)+ db-2(web:2)
        db-0(web:1)+ db-1(web:1)- db-2(web:2)+
        db-0(web:1)+ db-1(web:2) db-2(web:2)+
        db-0(web:1)- db-1(web:2)+ db-2(web:2)+
        db-0(web:2) db-1(web:2)+ db-2(web:2)+
        db-0(web:2)+ db-1(web:2)+ db-2(web:2)+"#]]
    .assert_eq(&lines.join("\n"));
    let claims = stage.store.list(kinds::CLAIMS).unwrap();
    let claims: Vec<&str> = claims.iter().map(|claim| name(claim)).collect();
    assert_eq!(claims, ["data-db-0", "data-db-1", "data-db-2"]);
}

#[test]
fn a_stateful_set_remembers_its_revisions() {
    let mut stage = stage();
    stage.store.create(kinds::STATEFUL_SETS, stateful_set()).unwrap();
    for image_name in ["web:1", "web:2", "web:1"] {
        stage
            .store
            .patch(kinds::STATEFUL_SETS, "shop", "db", "", &image(image_name))
            .unwrap();
        stage.advance(Duration::from_secs(60));
    }
    let revisions = stage.store.list(kinds::CONTROLLER_REVISIONS).unwrap();
    let shown = revisions.iter().map(|it| {
        let image = &it["data"]["spec"]["template"]["spec"]["containers"][0]["image"];
        format!("{} {}", number(&it["revision"]), text(image))
    });
    let mut shown: Vec<String> = shown.collect();
    shown.sort();
    assert_eq!(shown, ["2 web:2", "3 web:1"]);
    let set = stage
        .store
        .get(kinds::STATEFUL_SETS, "shop", "db")
        .unwrap()
        .unwrap();
    assert_eq!(set["status"]["currentRevision"], set["status"]["updateRevision"]);
}
