//! Nodes that fall silent and come back.

use std::path::Path;
use std::time::Duration;

use expect_test::expect;
use serde_json::Value;

use super::Stage;
use super::show::{nodes, pods};
use crate::cluster::api::{Api as _, kinds};
use crate::cluster::catalog;
use crate::cluster::engine::object::{items, name, namespace, text};
use crate::cluster::engine::scenario::{Step, Switch};
use crate::cluster::engine::{Scenario, steps};

/// A change of a real node that was silent for a while, recorded outside of the repository.
const RECORDED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../shared/recorded/nodes/notready-node-watch.jsonl"
);

const TWO_NODES: &str = "
about: {en: Two nodes and a Deployment., zh: 两个节点和一个 Deployment。}
built: 1h
history: 1h
nodes:
  - {name: node-1, cpu: '2', memory: 4Gi}
  - {name: node-2, cpu: '2', memory: 4Gi}
objects:
  - {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: shop}
    spec:
      replicas: 2
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec: {containers: [{name: web, image: 'registry.example.com/web:1'}]}
";

fn switch(on: bool) -> Switch {
    Switch {
        node: "node-2".to_owned(),
        on,
    }
}

fn two_nodes() -> Stage {
    Stage::of(Scenario::read("two nodes", TWO_NODES, None).unwrap(), None)
}

/// Conditions and taints of a node in one line.
fn line(node: &Value) -> String {
    let conditions = items(&node["status"]["conditions"]).iter();
    let conditions = conditions.map(|it| {
        format!(
            "{}={}/{}",
            text(&it["type"]),
            text(&it["status"]),
            text(&it["reason"])
        )
    });
    let taints = items(&node["spec"]["taints"]).iter();
    let taints = taints.map(|it| format!("{}:{}", text(&it["key"]), text(&it["effect"])));
    conditions.chain(taints).collect::<Vec<_>>().join(" ")
}

/// The lines of a node's changes, without those that change nothing that is shown.
fn lines(changes: impl Iterator<Item = Value>) -> Vec<String> {
    let mut lines: Vec<String> = changes.map(|node| line(&node)).collect();
    lines.dedup();
    lines
}

impl Stage {
    /// Lets a step happen now.
    fn take(&mut self, step: Step) {
        steps::take(&mut self.engine.world, &mut self.engine.hollow, step).unwrap();
    }

    fn events_of(&self, kind: &str, reason: &str) -> Vec<String> {
        let all = self.store.list(kinds::EVENTS).unwrap();
        let wanted = all
            .iter()
            .filter(|it| it["involvedObject"]["kind"] == kind && it["reason"] == reason);
        let told = |it: &Value| {
            let about = &it["involvedObject"];
            format!(
                "{} {}: {} ({})",
                text(&it["type"]),
                text(&about["name"]),
                text(&it["message"]),
                it["count"]
            )
        };
        wanted.map(|it| told(it)).collect()
    }
}

#[test]
fn a_silent_node_is_marked_and_back_in_the_order_of_a_real_control_plane() {
    let mut stage = two_nodes();
    let before = stage.store.version();
    stage.take(Step::Network(switch(false)));
    stage.advance(Duration::from_secs(90));
    stage.take(Step::Network(switch(true)));
    stage.advance(Duration::from_secs(60));
    let (changes, _) = stage
        .store
        .changes(catalog::of(kinds::NODES).unwrap(), before)
        .unwrap();
    let of_node = changes
        .iter()
        .map(|change| &change.object)
        .filter(|node| name(node) == "node-2");
    let mine = lines(of_node.map(|node| Value::clone(node)));
    expect![[r#"
        MemoryPressure=Unknown/NodeStatusUnknown DiskPressure=Unknown/NodeStatusUnknown PIDPressure=Unknown/NodeStatusUnknown Ready=Unknown/NodeStatusUnknown
        MemoryPressure=Unknown/NodeStatusUnknown DiskPressure=Unknown/NodeStatusUnknown PIDPressure=Unknown/NodeStatusUnknown Ready=Unknown/NodeStatusUnknown node.kubernetes.io/unreachable:NoSchedule
        MemoryPressure=Unknown/NodeStatusUnknown DiskPressure=Unknown/NodeStatusUnknown PIDPressure=Unknown/NodeStatusUnknown Ready=Unknown/NodeStatusUnknown node.kubernetes.io/unreachable:NoSchedule node.kubernetes.io/unreachable:NoExecute
        MemoryPressure=False/KubeletHasSufficientMemory DiskPressure=False/KubeletHasNoDiskPressure PIDPressure=False/KubeletHasSufficientPID Ready=True/KubeletReady node.kubernetes.io/unreachable:NoSchedule node.kubernetes.io/unreachable:NoExecute
        MemoryPressure=False/KubeletHasSufficientMemory DiskPressure=False/KubeletHasNoDiskPressure PIDPressure=False/KubeletHasSufficientPID Ready=True/KubeletReady node.kubernetes.io/unreachable:NoExecute
        MemoryPressure=False/KubeletHasSufficientMemory DiskPressure=False/KubeletHasNoDiskPressure PIDPressure=False/KubeletHasSufficientPID Ready=True/KubeletReady"#]].assert_eq(&mine.join("\n"));
    let Ok(recorded) = std::fs::read_to_string(Path::new(RECORDED)) else {
        tracing::info!("skipped: no recorded watch of a real node");
        return;
    };
    let watch = recorded
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let real = lines(
        watch
            .filter(|it| it["object"]["kind"] == "Node")
            .map(|it| it["object"].clone()),
    );
    // The watch begins with the node as it was.
    assert_eq!(real[1..], mine[..]);
}

#[test]
fn a_kubelet_that_starts_again_is_not_ready_at_first() {
    let mut stage = two_nodes();
    stage.take(Step::Kubelet(switch(false)));
    stage.advance(Duration::from_secs(5));
    stage.take(Step::Kubelet(switch(true)));
    stage.advance(Duration::from_secs(2));
    expect![[r#"
        node-1 Ready
        node-2 NotReady node.kubernetes.io/not-ready:NoSchedule
    "#]]
    .assert_eq(&nodes(&stage.store));
    stage.advance(Duration::from_secs(20));
    expect![[r#"
        node-1 Ready
        node-2 Ready
    "#]]
    .assert_eq(&nodes(&stage.store));
    expect![[r#"
        [
            "Normal node-2: Node node-2 status is now: NodeNotReady (1)",
        ]
    "#]]
    .assert_debug_eq(&stage.events_of("Node", "NodeNotReady"));
    // Containers went on meanwhile.
    assert!(
        pods(&stage.store)
            .lines()
            .all(|line| line.contains(" 1/1 Running 0 "))
    );
}

#[test]
fn pods_of_a_silent_node_are_not_ready_and_move_after_five_minutes() {
    let mut stage = two_nodes();
    stage.take(Step::Network(switch(false)));
    stage.advance(Duration::from_secs(120));
    expect![[r#"
        shop/web-c8567bc5d-69zsm 1/1 Running 0 node-1
        shop/web-c8567bc5d-cjft2 1/1 Running 0 node-2
    "#]]
    .assert_eq(&pods(&stage.store));
    expect![[r#"
        [
            "Warning web-c8567bc5d-cjft2: Node is not ready (1)",
        ]
    "#]]
    .assert_debug_eq(&stage.events_of("Pod", "NodeNotReady"));
    expect![[r#"
        [
            "Normal node-2: Node node-2 status is now: NodeNotReady (1)",
        ]
    "#]]
    .assert_debug_eq(&stage.events_of("Node", "NodeNotReady"));
    stage.advance(Duration::from_secs(260));
    expect![[r#"
        shop/web-c8567bc5d-69zsm 1/1 Running 0 node-1
        shop/web-c8567bc5d-7lzzm 1/1 Running 0 node-1
        shop/web-c8567bc5d-cjft2 1/1 Terminating 0 node-2
    "#]]
    .assert_eq(&pods(&stage.store));
    expect![[r#"
        [
            "Normal web-c8567bc5d-cjft2: Marking for deletion Pod shop/web-c8567bc5d-cjft2 (1)",
        ]
    "#]]
    .assert_debug_eq(&stage.events_of("Pod", "TaintManagerEviction"));
    stage.take(Step::Network(switch(true)));
    stage.advance(Duration::from_secs(60));
    assert!(!pods(&stage.store).contains("Terminating"));
}

#[test]
fn a_cordon_becomes_a_taint_and_keeps_new_pods_away() {
    let mut stage = two_nodes();
    let cordon = serde_json::json!({"spec": {"unschedulable": true}});
    stage
        .store
        .patch(kinds::NODES, "", "node-2", "", &cordon)
        .unwrap();
    let scale = serde_json::json!({"spec": {"replicas": 5}});
    stage
        .store
        .patch(kinds::DEPLOYMENTS, "shop", "web", "", &scale)
        .unwrap();
    stage.advance(Duration::from_secs(30));
    let node = stage.store.get(kinds::NODES, "", "node-2").unwrap().unwrap();
    assert!(
        line(&node).ends_with("node.kubernetes.io/unschedulable:NoSchedule"),
        "{}",
        line(&node)
    );
    let there = stage.store.list(kinds::PODS).unwrap();
    let on = |node: &str| there.iter().filter(|pod| pod["spec"]["nodeName"] == node).count();
    assert_eq!((on("node-1"), on("node-2")), (4, 1));
    assert!(there.iter().all(|pod| namespace(pod) == "shop"));
    assert_eq!(stage.events_of("Node", "NodeNotSchedulable").len(), 1);
}

#[test]
fn a_deleted_node_takes_its_pods_with_it() {
    let mut stage = two_nodes();
    stage.store.delete(kinds::NODES, "", "node-2", None).unwrap();
    stage.advance(Duration::from_secs(30));
    expect![[r#"
        shop/web-c8567bc5d-69zsm 1/1 Running 0 node-1
        shop/web-c8567bc5d-7lzzm 1/1 Running 0 node-1
    "#]]
    .assert_eq(&pods(&stage.store));
}
