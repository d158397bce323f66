use expect_test::{Expect, expect};
use k8s_openapi::api::core::v1 as api;
use serde_json::{Value, json};

use super::{NOW, ago, object, recorded};
use crate::cluster::read::metrics::{self, NodeMetrics, PodMetrics, Version};
use crate::cluster::snapshot::usage::{NodeUsage, PodUsage, SortBy, percent_words};

fn node(name: &str, cpu: &str, memory: &str) -> api::Node {
    object(
        json!({"metadata": {"name": name}, "status": {"allocatable": {"cpu": cpu, "memory": memory}, "capacity": {"cpu": "100", "memory": "100Gi"}}}),
    )
}

fn used(name: &str, usage: Value) -> NodeMetrics {
    object(json!({"metadata": {"name": name}, "timestamp": ago(15_000), "window": "20.018s", "usage": usage}))
}

fn of_pod(name: &str, containers: Value) -> PodMetrics {
    object(
        json!({"metadata": {"name": name, "namespace": "shop"}, "timestamp": ago(90_000), "window": "30s", "containers": containers}),
    )
}

#[track_caller]
fn check_nodes(rows: &[NodeUsage], expected: Expect) {
    let line = |row: &NodeUsage| {
        let stale = if row.is_stale(NOW) { " stale" } else { "" };
        let (cpu, memory) = (percent_words(row.cpu_percent), percent_words(row.memory_percent));
        format!(
            "{} {} {cpu} {} {memory}{stale}\n",
            row.name,
            row.used.cpu_words(),
            row.used.memory_words()
        )
    };
    expected.assert_eq(&rows.iter().map(line).collect::<String>());
}

#[track_caller]
fn check_pods(rows: &[PodUsage], expected: Expect) {
    let line = |row: &PodUsage| {
        let stale = if row.is_stale(NOW) { " stale" } else { "" };
        let containers: Vec<String> = row
            .containers
            .iter()
            .map(|(name, used)| format!("{name} {} {}", used.cpu_words(), used.memory_words()))
            .collect();
        format!(
            "{} {} {} [{}]{stale}\n",
            row.name,
            row.used.cpu_words(),
            row.used.memory_words(),
            containers.join(", ")
        )
    };
    expected.assert_eq(&rows.iter().map(line).collect::<String>());
}

#[test]
fn nodes_are_sorted_and_what_has_no_figures_is_unknown() {
    let nodes = [
        node("a", "2", "8Gi"),
        node("b", "4", "8Gi"),
        node("c", "0", "0"),
        node("d", "2", "8Gi"),
        node("e", "2", "lots"),
    ];
    let metrics = [
        used("b", json!({"cpu": "177506686n", "memory": "2238760Ki"})),
        used("a", json!({"cpu": "1", "memory": "7Gi"})),
        used("c", json!({"cpu": "1m", "memory": "1Mi"})),
        used("e", json!({"memory": "1Mi"})),
        used("gone", json!({"cpu": "5m", "memory": "1048575"})),
    ];
    check_nodes(
        &metrics::nodes(&metrics, &nodes, SortBy::Name, false),
        expect![[r#"
            a 1000m 50% 7168Mi 87%
            b 178m 4% 2186Mi 26%
            c 1m 0% 1Mi 0%
            e <unknown> <unknown> 1Mi <unknown>
            gone 5m <unknown> 0Mi <unknown>
            d <unknown> <unknown> <unknown> <unknown>
        "#]],
    );
    check_nodes(
        &metrics::nodes(&metrics, &nodes, SortBy::Memory, true),
        expect![[r#"
            a 1000m 1% 7168Mi 7%
            b 178m 0% 2186Mi 2%
            c 1m 0% 1Mi 0%
            e <unknown> <unknown> 1Mi 0%
            gone 5m <unknown> 0Mi <unknown>
            d <unknown> <unknown> <unknown> <unknown>
        "#]],
    );
}

#[test]
fn pods_add_up_their_containers() {
    let metrics = [
        of_pod(
            "b",
            json!([{"name": "app", "usage": {"cpu": "3516779n", "memory": "19904Ki"}}, {"name": "side", "usage": {"cpu": "100n", "memory": "100Ki"}}]),
        ),
        of_pod(
            "a",
            json!([{"name": "app", "usage": {"cpu": "20m", "memory": "1Mi"}}]),
        ),
        of_pod(
            "half",
            json!([{"name": "app", "usage": {"cpu": "20m"}}, {"name": "side", "usage": {"cpu": "20m", "memory": "1Mi"}}]),
        ),
        of_pod(
            "odd",
            json!([{"name": "app", "usage": {"cpu": "many", "memory": "1Mi"}}]),
        ),
        object(json!({"metadata": {"name": "empty"}})),
    ];
    check_pods(
        &metrics::pods(&metrics, SortBy::Name),
        expect![[r#"
            empty <unknown> <unknown> [] stale
            a 20m 1Mi [app 20m 1Mi] stale
            b 4m 19Mi [app 4m 19Mi, side 1m 0Mi] stale
            half 40m <unknown> [app 20m <unknown>, side 20m 1Mi] stale
            odd <unknown> 1Mi [app <unknown> 1Mi] stale
        "#]],
    );
    check_pods(
        &metrics::pods(&metrics[..2], SortBy::Cpu),
        expect![[r#"
        a 20m 1Mi [app 20m 1Mi] stale
        b 4m 19Mi [app 4m 19Mi, side 1m 0Mi] stale
    "#]],
    );
}

#[test]
fn pods_without_figures_are_named_and_young_ones_excused() {
    let pod = |name: &str, phase: &str, age: i64| -> api::Pod {
        object(
            json!({"metadata": {"name": name, "namespace": "shop", "creationTimestamp": ago(age)}, "status": {"phase": phase}}),
        )
    };
    let pods = [
        pod("old", "Running", 500_000),
        pod("young", "Running", 60_000),
        pod("done", "Succeeded", 500_000),
        pod("known", "Running", 500_000),
    ];
    let missing = metrics::without_figures(&[of_pod("known", json!([]))], &pods, NOW);
    let names: Vec<_> = missing
        .iter()
        .map(|one| (one.name.as_str(), one.is_young))
        .collect();
    assert_eq!(names, [("old", false), ("young", true)]);
}

#[test]
fn both_versions_have_their_path() {
    use kube::Resource;
    assert_eq!(
        NodeMetrics::url_path(&Version::V1, None),
        "/apis/metrics.k8s.io/v1/nodes"
    );
    assert_eq!(
        PodMetrics::url_path(&Version::default(), Some("shop")),
        "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods"
    );
}

#[test]
fn real_figures_are_read() {
    let Some(text) = recorded("metrics/metrics-server-nodes.json") else {
        return;
    };
    let list: kube::core::ObjectList<NodeMetrics> = serde_json::from_str(&text).unwrap();
    check_nodes(
        &metrics::nodes(
            &list.items,
            &[node("node1", "2", "24581684Ki")],
            SortBy::Cpu,
            false,
        ),
        expect![[r#"
            node1 178m 8% 2186Mi 9%
            node2 178m <unknown> 2186Mi <unknown>
        "#]],
    );
    let Some(text) = recorded("metrics/metrics-server-pods.json") else {
        return;
    };
    let list: kube::core::ObjectList<PodMetrics> = serde_json::from_str(&text).unwrap();
    check_pods(
        &metrics::pods(&list.items, SortBy::Cpu),
        expect![[r#"
        metrics-server-7c8759f6f9-rsnxg 4m 19Mi [metrics-server 4m 19Mi]
    "#]],
    );
}
