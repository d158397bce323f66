use expect_test::{Expect, expect};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{Node, Pod};
use serde_json::{Value, json};

use super::{NOW, ago, object, over, recorded};
use crate::cluster::read::{node, time};
use crate::cluster::snapshot::node::{Judgement, NodeDetail};

/// A node as a kubelet keeps it, with `patch` laid over it.
fn given(patch: Value) -> Node {
    let condition = |kind: &str, status: &str| {
        json!({"type": kind, "status": status, "reason": "Because", "message": "It is so.",
               "lastHeartbeatTime": ago(10_000), "lastTransitionTime": ago(3_600_000)})
    };
    let base = json!({
        "metadata": {"name": "node-1", "uid": "u-1", "creationTimestamp": ago(5 * 86_400_000 + 3 * 3_600_000),
            "labels": {"node-role.kubernetes.io/worker": "", "kubernetes.io/role": "edge",
                       "node-role.kubernetes.io/": "x", "kubernetes.io/hostname": "node-1"}},
        "spec": {"podCIDR": "10.244.0.0/24"},
        "status": {
            "addresses": [{"type": "Hostname", "address": "node-1"}, {"type": "InternalIP", "address": "10.0.0.1"}],
            "capacity": {"cpu": "2", "memory": "8Gi", "pods": "110", "ephemeral-storage": "100Gi", "hugepages-2Mi": "0", "nvidia.com/gpu": "2"},
            "allocatable": {"cpu": "2", "memory": "8Gi", "pods": "110", "ephemeral-storage": "90Gi", "hugepages-2Mi": "0", "nvidia.com/gpu": "2"},
            "conditions": [condition("MemoryPressure", "False"), condition("DiskPressure", "False"),
                           condition("PIDPressure", "False"), condition("Ready", "True")],
            "nodeInfo": {"machineID": "m", "systemUUID": "s", "bootID": "b", "kernelVersion": "6.1", "osImage": "Debian",
                "containerRuntimeVersion": "containerd://2.4.2", "kubeletVersion": "v1.37.2", "kubeProxyVersion": "",
                "operatingSystem": "linux", "architecture": "amd64"}
        }
    });
    object(over(base, patch))
}

fn conditions(statuses: &[(&str, &str)]) -> Value {
    let conditions: Vec<Value> = statuses
        .iter()
        .map(|(kind, status)| json!({"type": kind, "status": status}))
        .collect();
    json!({"status": {"conditions": conditions}})
}

#[track_caller]
fn check(given: &Node, expected: Expect) {
    let node = node::node(given);
    let unusual: Vec<String> = node
        .unusual()
        .map(|condition| {
            let mark = if condition.judge() == Judgement::Bad {
                ""
            } else {
                "?"
            };
            format!("{}={}{mark}", condition.kind, condition.status)
        })
        .collect();
    let taints: Vec<String> = node.taints.iter().map(|taint| taint.words()).collect();
    let lines = [
        format!("{} {}", node.name, node.status()),
        format!("roles {}", node.role_words()),
        format!(
            "age {}, version {:?}",
            time::age(node.created, NOW),
            node.system.kubelet
        ),
        format!("ip {:?}, fine {}", node.internal_ip(), node.is_fine()),
        format!("unusual [{}]", unusual.join(", ")),
        format!("taints [{}]", taints.join(", ")),
    ];
    expected.assert_eq(&format!("{}\n", lines.join("\n")));
}

#[test]
fn a_node_that_is_fine() {
    check(
        &given(json!({})),
        expect![[r#"
        node-1 Ready
        roles edge,worker
        age 5d3h, version "v1.37.2"
        ip Some("10.0.0.1"), fine true
        unusual []
        taints []
    "#]],
    );
}

#[test]
fn a_cordoned_node_that_is_not_ready_and_has_pressures() {
    let patch = over(
        conditions(&[
            ("Ready", "False"),
            ("MemoryPressure", "True"),
            ("DiskPressure", "False"),
        ]),
        json!({"spec": {"unschedulable": true, "taints": [
            {"key": "node.kubernetes.io/not-ready", "effect": "NoExecute"},
            {"key": "dedicated", "value": "db", "effect": "NoSchedule"},
            {"key": "bare", "effect": ""}, {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}]}}),
    );
    check(
        &given(patch),
        expect![[r#"
        node-1 NotReady,SchedulingDisabled
        roles edge,worker
        age 5d3h, version "v1.37.2"
        ip Some("10.0.0.1"), fine false
        unusual [Ready=False, MemoryPressure=True]
        taints [bare, node.kubernetes.io/not-ready:NoExecute, dedicated=db:NoSchedule, node.kubernetes.io/unschedulable:NoSchedule]
    "#]],
    );
}

#[test]
fn a_node_that_has_not_been_heard_of() {
    let unknown = ["MemoryPressure", "DiskPressure", "Ready"].map(|kind| (kind, "Unknown"));
    check(
        &given(conditions(&unknown)),
        expect![[r#"
        node-1 NotReady
        roles edge,worker
        age 5d3h, version "v1.37.2"
        ip Some("10.0.0.1"), fine false
        unusual [MemoryPressure=Unknown?, DiskPressure=Unknown?, Ready=Unknown?]
        taints []
    "#]],
    );
}

#[test]
fn conditions_of_others_are_bad_when_true_but_for_those_that_say_ready() {
    let patch = conditions(&[
        ("Ready", "True"),
        ("KernelDeadlock", "True"),
        ("ReadonlyFilesystem", "False"),
        ("NetworkUnavailable", "False"),
        ("GpuReady", "True"),
        ("EtcdIsVoter", "True"),
    ]);
    check(
        &given(patch),
        expect![[r#"
        node-1 Ready
        roles edge,worker
        age 5d3h, version "v1.37.2"
        ip Some("10.0.0.1"), fine false
        unusual [KernelDeadlock=True]
        taints []
    "#]],
    );
}

#[test]
fn a_node_of_which_nothing_is_said_is_not_fine() {
    check(
        &object(json!({"metadata": {}})),
        expect![[r#"
         Unknown
        roles <none>
        age <unknown>, version ""
        ip None, fine false
        unusual []
        taints []
    "#]],
    );
}

#[track_caller]
fn check_detail(detail: &NodeDetail, expected: Expect) {
    let mut lines = Vec::new();
    if let Some(lease) = &detail.lease {
        lines.push(format!(
            "lease {} renewed {} ago",
            lease.holder,
            time::age(lease.renewed, NOW)
        ));
    }
    for pod in detail.pods.iter().flatten() {
        let shares = [
            &pod.cpu_requests,
            &pod.cpu_limits,
            &pod.memory_requests,
            &pod.memory_limits,
        ];
        let words: Vec<String> = shares.iter().map(|share| share.words()).collect();
        lines.push(format!("{}/{}: {}", pod.namespace, pod.name, words.join(", ")));
    }
    for row in detail.allocated.iter().flatten() {
        lines.push(row.words().join(" "));
    }
    expected.assert_eq(&format!("{}\n", lines.join("\n")));
}

fn pod(name: &str, spec: Value) -> Pod {
    object(
        json!({"metadata": {"name": name, "namespace": "shop"}, "spec": spec, "status": {"phase": "Running"}}),
    )
}

fn asks(requests: Value, limits: Value) -> Value {
    json!({"name": "app", "resources": {"requests": requests, "limits": limits}})
}

#[test]
fn what_pods_ask_for_is_added_up() {
    let lease: Lease =
        object(json!({"metadata": {}, "spec": {"holderIdentity": "node-1", "renewTime": ago(4_000)}}));
    let two = json!({"containers": [asks(json!({"cpu": "250m", "memory": "64Mi"}), json!({"memory": "128Mi"})),
        asks(json!({"cpu": "1", "memory": "1G", "nvidia.com/gpu": "1"}), json!({"nvidia.com/gpu": "1"}))]});
    let none = json!({"containers": [{"name": "app"}]});
    let mut ended = pod("ended", two.clone());
    ended.status.get_or_insert_default().phase = Some("Succeeded".to_owned());
    let pods = [pod("two", two), pod("none", none), ended];
    check_detail(
        &node::describe(&given(json!({})), Some(&lease), Some(&pods)),
        expect![[r#"
            lease node-1 renewed 4s ago
            shop/two: 1250m (62%), 0 (0%), 1067108864 (12%), 128Mi (1%)
            shop/none: 0 (0%), 0 (0%), 0 (0%), 0 (0%)
            cpu 1250m (62%) 0 (0%)
            memory 1067108864 (12%) 128Mi (1%)
            ephemeral-storage 0 (0%) 0 (0%)
            hugepages-2Mi 0 (0%) 0 (0%)
            nvidia.com/gpu 1 1
        "#]],
    );
}

#[test]
fn init_containers_sidecars_and_overhead_count_as_the_scheduler_counts_them() {
    let cpu = |cpu: &str| asks(json!({"cpu": cpu}), json!({"cpu": cpu}));
    let sidecar = over(cpu("100m"), json!({"restartPolicy": "Always"}));
    let pods = [
        pod(
            "init-below",
            json!({"initContainers": [cpu("200m")], "containers": [cpu("300m")]}),
        ),
        pod(
            "init-above",
            json!({"initContainers": [cpu("400m")], "containers": [cpu("300m")]}),
        ),
        pod(
            "sidecar-first",
            json!({"initContainers": [sidecar, cpu("400m")], "containers": [cpu("300m")]}),
        ),
        pod(
            "sidecar-last",
            json!({"initContainers": [cpu("400m"), sidecar], "containers": [cpu("300m")]}),
        ),
        pod(
            "overhead",
            json!({"overhead": {"cpu": "50m", "memory": "10Mi"}, "containers": [cpu("300m")]}),
        ),
        pod(
            "as-a-whole",
            json!({"resources": {"requests": {"cpu": "600m", "example.com/x": "1"}, "limits": {"cpu": "700m"}},
            "containers": [cpu("300m"), cpu("200m")]}),
        ),
    ];
    check_detail(
        &node::describe(&given(json!({})), None, Some(&pods)),
        expect![[r#"
            shop/init-below: 300m (15%), 300m (15%), 0 (0%), 0 (0%)
            shop/init-above: 400m (20%), 400m (20%), 0 (0%), 0 (0%)
            shop/sidecar-first: 500m (25%), 500m (25%), 0 (0%), 0 (0%)
            shop/sidecar-last: 400m (20%), 400m (20%), 0 (0%), 0 (0%)
            shop/overhead: 350m (17%), 350m (17%), 10Mi (0%), 0 (0%)
            shop/as-a-whole: 600m (30%), 700m (35%), 0 (0%), 0 (0%)
            cpu 2550m (127%) 2650m (132%)
            memory 10Mi (0%) 0 (0%)
            ephemeral-storage 0 (0%) 0 (0%)
            hugepages-2Mi 0 (0%) 0 (0%)
            nvidia.com/gpu 0 0
        "#]],
    );
}

#[test]
fn a_pod_that_is_resized_counts_by_itself_with_what_it_still_holds() {
    let resized = |reason: &str| -> Pod {
        object(json!({"metadata": {"name": reason, "namespace": "shop"},
            "spec": {"containers": [asks(json!({"cpu": "900m"}), json!({"cpu": "900m"}))]},
            "status": {"phase": "Running", "conditions": [{"type": "PodResizePending", "status": "True", "reason": reason}],
                "containerStatuses": [{"name": "app", "ready": true, "restartCount": 0, "image": "", "imageID": "",
                    "allocatedResources": {"cpu": "200m"},
                    "resources": {"requests": {"cpu": "300m"}, "limits": {"cpu": "400m"}}}]}}))
    };
    let pods = [resized("Infeasible"), resized("Deferred")];
    check_detail(
        &node::describe(&given(json!({})), None, Some(&pods)),
        expect![[r#"
            shop/Infeasible: 300m (15%), 400m (20%), 0 (0%), 0 (0%)
            shop/Deferred: 900m (45%), 900m (45%), 0 (0%), 0 (0%)
            cpu 1800m (90%) 1800m (90%)
            memory 0 (0%) 0 (0%)
            ephemeral-storage 0 (0%) 0 (0%)
            hugepages-2Mi 0 (0%) 0 (0%)
            nvidia.com/gpu 0 0
        "#]],
    );
}

#[test]
fn what_cannot_be_read_is_unknown() {
    let node =
        given(json!({"status": {"allocatable": {"cpu": "a lot", "memory": null, "ephemeral-storage": "0"}}}));
    let pods = [
        pod(
            "plain",
            json!({"containers": [asks(json!({"cpu": "1", "memory": "1Gi", "ephemeral-storage": "1Gi"}), json!({}))]}),
        ),
        pod(
            "odd",
            json!({"containers": [asks(json!({"cpu": "1", "memory": "some"}), json!({"cpu": "1e30"}))]}),
        ),
    ];
    check_detail(
        &node::describe(&node, None, Some(&pods)),
        expect![[r#"
        shop/plain: 1 (<unknown>), 0 (0%), 1Gi (<unknown>), 0 (0%)
        shop/odd: 1 (<unknown>), <unknown> (<unknown>), <unknown> (<unknown>), 0 (0%)
        cpu 2 (<unknown>) <unknown> (<unknown>)
        memory <unknown> (<unknown>) 0 (0%)
        ephemeral-storage 1Gi (0%) 0 (0%)
        hugepages-2Mi 0 (0%) 0 (0%)
        nvidia.com/gpu 0 0
    "#]],
    );
}

#[test]
fn what_was_not_read_is_not_shown_as_nothing() {
    let detail = node::describe(&given(json!({})), None, None);
    assert!(detail.pods.is_none() && detail.allocated.is_none() && detail.lease.is_none());
}

#[test]
fn a_real_node_is_read() {
    let Some(text) = recorded("real/node.json") else {
        return;
    };
    let read: Node = serde_json::from_str(&text).unwrap();
    let detail = node::describe(&read, None, Some(&[]));
    assert_eq!(detail.node.status(), "Ready");
    assert_eq!(detail.node.internal_ip(), Some("10.250.0.11"));
    assert!(detail.node.is_fine() && detail.node.system.kubelet == "v1.37.2");
    let names: Vec<_> = detail
        .allocated
        .unwrap()
        .into_iter()
        .map(|row| row.words().join(" "))
        .collect();
    assert_eq!(names[0], "cpu 0 (0%) 0 (0%)");
    assert_eq!(names.len(), 5);
}
