//! The harness itself: what it promises to those who compare with the real control plane.

use std::collections::{BTreeMap, BTreeSet};

use firstmate_sandbox::START_MS;
use serde_json::{Value, json};

use super::client::{documents, list, text};
use super::{Controllers, Real, kubectl};

/// A small settled state at [`START_MS`], made by hand.
pub(super) fn state() -> Vec<Value> {
    documents(include_str!("small.yaml")).unwrap()
}

/// From the scenario's time to the machine's.
fn shift() -> i64 {
    let now = firstmate_sandbox::Clock::system().now_ms();
    now as i64 - START_MS as i64
}

/// What a kubectl prints for a user.
async fn says(real: &Real, version: &str, user: &str, arguments: &[&str]) -> Option<String> {
    let program = kubectl(version)?;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kubeconfig");
    std::fs::write(&file, real.kubeconfig(user).await).unwrap();
    let output = kubectl::run(&program, &file, arguments);
    let said = [output.stdout, output.stderr].concat();
    Some(String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn both_kubectls_show_a_loaded_state_with_its_ages() {
    let Some(real) = Real::start().await else { return };
    real.load(&state(), shift(), Controllers::Still).await;
    for version in super::kubectl::VERSIONS {
        let Some(nodes) = says(&real, version, "lin", &["get", "nodes"]).await else {
            return;
        };
        assert!(
            row(&nodes, "node-1").starts_with("node-1 Ready <none> 5d"),
            "{nodes}"
        );
        assert!(
            row(&nodes, "node-2").starts_with("node-2 NotReady <none> 5d"),
            "{nodes}"
        );
        let pods = says(&real, version, "lin", &["get", "pods", "-n", "shop"])
            .await
            .unwrap();
        assert_eq!(
            row(&pods, "web-7d4b9c6f5-x2x9k"),
            "web-7d4b9c6f5-x2x9k 1/1 Running 3 (120m ago) 6h",
            "{pods}"
        );
        let top = says(&real, version, "lin", &["top", "nodes"]).await.unwrap();
        assert_eq!(row(&top, "node-1"), "node-1 400m 10% 2048Mi 25%", "{top}");
        let events = says(&real, version, "lin", &["events", "--for", "node/node-2", "-A"])
            .await
            .unwrap();
        assert!(
            row(&events, "default").contains("Normal NodeNotReady Node/node-2"),
            "{events}"
        );
    }
}

/// The first line that begins with a word, its columns one space apart.
fn row(table: &str, word: &str) -> String {
    let line = table
        .lines()
        .find(|line| line.starts_with(word))
        .unwrap_or_default();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_leaves_nothing_of_the_load_before() {
    let Some(real) = Real::start().await else { return };
    real.load(&state(), shift(), Controllers::Still).await;
    real.apply("apiVersion: v1\nkind: Namespace\nmetadata: {name: made-later}")
        .await;
    real.load(&state(), shift(), Controllers::Still).await;
    let (_, namespaces) = real.get("/api/v1/namespaces").await;
    let names: Vec<&str> = list(&namespaces["items"])
        .iter()
        .map(|namespace| text(&namespace["metadata"]["name"]))
        .collect();
    assert_eq!(
        names,
        [
            "default",
            "firstmate",
            "kube-node-lease",
            "kube-public",
            "kube-system",
            "shop"
        ]
    );
    real.load(&[], 0, Controllers::Still).await;
    let (_, nodes) = real.get("/api/v1/nodes").await;
    assert_eq!(nodes["items"], json!([]));
    // The API server found nothing to mend.
    let (_, events) = real.get("/api/v1/events").await;
    assert_eq!(events["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_have_the_rights_that_they_have_on_the_local_cluster() {
    let Some(real) = Real::start().await else { return };
    real.load(&state(), shift(), Controllers::Still).await;
    for (user, verb, what, may) in [
        ("lin", "list", "pods", "yes"),
        ("lin", "get", "pods/log", "yes"),
        ("lin", "list", "nodes.metrics.k8s.io", "yes"),
        ("lin", "patch", "nodes", "no"),
        ("lin", "get", "secrets", "no"),
        ("olga", "patch", "nodes", "yes"),
        ("ming", "update", "nodes", "yes"),
        ("wei", "delete", "pods", "no"),
        ("admin", "delete", "pods", "yes"),
        ("firstmate", "list", "pods", "no"),
    ] {
        let arguments = ["auth", "can-i", verb, what, "-A"];
        let Some(said) = says(&real, "1.37", user, &arguments).await else {
            return;
        };
        assert!(
            said.lines().any(|line| line == may),
            "{user} {verb} {what}: {said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_names_who_acts_as_whom() {
    let Some(real) = Real::start().await else { return };
    real.load(&state(), shift(), Controllers::Still).await;
    let (_, before) = real.audit_since(0).await;
    let arguments = ["--as=olga", "cordon", "node-1"];
    let Some(said) = says(&real, "1.37", "admin", &arguments).await else {
        return;
    };
    assert!(said.contains("node/node-1 cordoned"), "{said}");
    let (lines, after) = real.audit_since(before).await;
    let patch = lines.iter().find(|line| line["verb"] == "patch").unwrap();
    assert_eq!(patch["user"]["username"], "admin");
    assert_eq!(patch["impersonatedUser"]["username"], "olga");
    assert_eq!(patch["objectRef"]["name"], "node-1");
    assert_eq!(patch["requestObject"]["spec"]["unschedulable"], true);
    assert_eq!(real.audit_since(after).await.0, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_the_tests_own() {
    let Some(real) = Real::start().await else { return };
    real.load(&state(), shift(), Controllers::Still).await;
    real.kubelet(|asked| Some((200, format!("{} of {}\n", asked.path, asked.node))))
        .await;
    let arguments = ["logs", "-n", "shop", "web-7d4b9c6f5-x2x9k"];
    let Some(said) = says(&real, "1.37", "lin", &arguments).await else {
        return;
    };
    assert_eq!(said, "/containerLogs/shop/web-7d4b9c6f5-x2x9k/app of node-1\n");
    real.kubelet(|_| Some((400, "container \"app\" is terminated".to_owned())))
        .await;
    let said = says(&real, "1.37", "lin", &arguments).await.unwrap();
    assert!(said.contains("is terminated"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_and_ports_of_a_loaded_state_are_taken() {
    let Some(real) = Real::start().await else { return };
    real.load(&state(), shift(), Controllers::Still).await;
    for (kind, option) in [
        ("nodeport", "--node-port=31080"),
        ("clusterip", "--clusterip=10.96.40.1"),
    ] {
        let arguments = ["create", "service", kind, "second", "--tcp=80", option];
        let Some(said) = says(&real, "1.37", "admin", &arguments).await else {
            return;
        };
        assert!(said.contains("already allocated"), "{said}");
    }
}

/// What real controllers do to a loaded state: whoever loads a scenario with them running must expect this and no more.
#[tokio::test(flavor = "multi_thread")]
async fn controllers_leave_a_settled_state_alone() {
    let Some(real) = Real::start().await else { return };
    let shift = shift();
    real.load(&state(), shift, Controllers::Still).await;
    let before = everything(&real).await;
    real.load(&state(), shift, Controllers::Running).await;
    // All controllers have seen the state when they have carried this out.
    real.apply(include_str!("canary.yaml")).await;
    super::until("the controllers work", || has_settled(&real))
        .await
        .unwrap();
    let after = everything(&real).await;
    let settled = changes(&before, &after)
        .into_iter()
        .filter(|line| !line.contains("canary") && !line.contains(A_LOST_RACE));
    expect_test::expect![[r#"
        + configmaps shop/kube-root-ca.crt
        + endpoints shop/web
        + events default/node-1 RegisteredNode
        + events default/node-2 RegisteredNode
        ~ nodes /node-2 spec taints
        + serviceaccounts shop/default
    "#]]
    .assert_eq(&settled.collect::<String>());
}

/// What the controller of Endpoints says when it makes again what it has just made and not yet heard of. It says so
/// on a busy machine, and then finds what it made.
const A_LOST_RACE: &str = "FailedToCreateEndpoint";

/// Whether each controller has reached the canary.
pub(super) async fn has_settled(real: &Real) -> bool {
    let pods = real.get("/api/v1/namespaces/canary/pods").await.1;
    let is_placed = |pod: &Value| pod["spec"]["nodeName"].is_string();
    let placed = list(&pods["items"]).iter().filter(|pod| is_placed(pod)).count();
    let slices = real
        .get("/apis/discovery.k8s.io/v1/namespaces/canary/endpointslices")
        .await
        .1;
    let budget = "/apis/policy/v1/namespaces/canary/poddisruptionbudgets/canary";
    let budget = real.get(budget).await.1;
    placed == 3 && !list(&slices["items"]).is_empty() && budget["status"]["expectedPods"] == 1
}

/// Every object of the kinds that the state has, by kind, namespace and name.
pub(super) async fn everything(real: &Real) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for path in [
        "/api/v1/nodes",
        "/api/v1/pods",
        "/api/v1/services",
        "/api/v1/endpoints",
        "/api/v1/events",
        "/api/v1/configmaps",
        "/api/v1/serviceaccounts",
        "/apis/apps/v1/deployments",
        "/apis/apps/v1/replicasets",
        "/apis/apps/v1/statefulsets",
        "/apis/apps/v1/daemonsets",
        "/apis/apps/v1/controllerrevisions",
        "/apis/discovery.k8s.io/v1/endpointslices",
        "/apis/policy/v1/poddisruptionbudgets",
    ] {
        let answer = real.get(path).await.1;
        let plural = path.rsplit('/').next().unwrap();
        for object in list(&answer["items"]) {
            let mut object = object.clone();
            object["metadata"]["resourceVersion"].take();
            object["metadata"]["managedFields"].take();
            let metadata = &object["metadata"];
            // The names of events end in the time.
            let name = match text(&metadata["name"]) {
                name if plural == "events" => name.split('.').next().unwrap(),
                name => name,
            };
            let key = format!(
                "{plural} {}/{name} {}",
                text(&metadata["namespace"]),
                text(&object["reason"])
            );
            found.insert(key.trim_end().to_owned(), object);
        }
    }
    found
}

/// A line for each field and each object that is not in both.
pub(super) fn changes(before: &BTreeMap<String, Value>, after: &BTreeMap<String, Value>) -> Vec<String> {
    let mut lines = Vec::new();
    for key in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        match (before.get(key), after.get(key)) {
            (Some(before), Some(after)) => compare(key, before, after, &mut lines),
            (Some(_), None) => lines.push(format!("- {key}\n")),
            _ => lines.push(format!("+ {key}\n")),
        }
    }
    lines
}

fn compare(place: &str, before: &Value, after: &Value, lines: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(left), Value::Object(right)) => {
            for name in left.keys().chain(right.keys()).collect::<BTreeSet<_>>() {
                compare(&format!("{place} {name}"), &before[name], &after[name], lines);
            }
        }
        _ if before != after => lines.push(format!("~ {place}\n")),
        _ => {}
    }
}
