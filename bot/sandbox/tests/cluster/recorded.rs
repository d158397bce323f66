//! The same requests as were sent to a real server, and what it answered. The answers lie beside the
//! repository; where they are absent, one line says so.

use std::path::{Path, PathBuf};

use firstmate_sandbox::cluster::Cluster;
use serde_json::{Value, json};

use crate::evictions::{allows, evict, guarded};
use crate::harness::{Answer, Person, pod, read, shop};

/// A recorded answer: status, `Retry-After` and body.
struct Recorded {
    status: u16,
    retry_after: Option<String>,
    body: Value,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/recorded")
}

/// Whether the recorded answers are there.
#[expect(clippy::print_stdout, reason = "a skip is told in one line")]
fn are_there() -> bool {
    let there = folder().is_dir();
    if !there {
        println!(
            "skipped: answers are not held against recorded ones ({} is absent)",
            folder().display()
        );
    }
    there
}

fn recorded(name: &str) -> Recorded {
    let text = std::fs::read_to_string(folder().join(name))
        .unwrap()
        .replace('\r', "");
    let (head, body) = text.split_once("\n\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let retry_after = lines
        .find_map(|line| line.strip_prefix("Retry-After: "))
        .map(str::to_owned);
    Recorded {
        status,
        retry_after,
        body: serde_json::from_str(body).unwrap(),
    }
}

/// The answer is the recorded one, after words that cannot be the same were replaced in that.
#[track_caller]
fn same(answer: &Answer, name: &str, replace: &[(&str, &str)]) {
    let real = recorded(name);
    let mut body = real.body.to_string();
    for (from, to) in replace {
        body = body.replace(from, to);
    }
    let mut body: Value = serde_json::from_str(&body).unwrap();
    let mut own = answer.body.clone();
    for body in [&mut body, &mut own] {
        if let Some(metadata) = body["metadata"].as_object_mut() {
            metadata.remove("resourceVersion");
        }
    }
    assert_eq!((answer.status, own), (real.status, body), "{name}");
    let retry = answer.body["details"]["retryAfterSeconds"]
        .as_i64()
        .map(|it| it.to_string());
    assert_eq!(retry, real.retry_after, "{name}");
}

const ALICE: &str = "system:serviceaccount:firstmate:firstmate";

/// What is granted to alice and bob in the recorded rounds.
fn grants(rules: &str) -> String {
    format!(
        "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: granted}}
rules:
{rules}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: granted}}
roleRef: {{kind: ClusterRole, name: granted}}
subjects: [{{kind: ServiceAccount, name: firstmate, namespace: firstmate}}]
"
    )
}

const BOB_MAY: &str = "
---
apiVersion: v1
kind: Namespace
metadata: {name: demo}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: podreader, namespace: demo}
rules: [{apiGroups: [''], resources: [pods], verbs: [list, get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: bob, namespace: demo}
roleRef: {kind: Role, name: podreader}
subjects: [{kind: User, name: bob}]
";

const BE_BOB: &str = "- {apiGroups: [authentication.k8s.io], resources: [users], resourceNames: [bob], verbs: ['impersonate:user-info']}";
const LIST_AS: &str = "- {apiGroups: [''], resources: [pods], verbs: ['impersonate-on:user-info:list']}";
const NOTHING: &str = "- {apiGroups: [none], resources: [none], verbs: [none]}";
const CLASSIC: &str = "- {apiGroups: [''], resources: [users], resourceNames: [bob], verbs: [impersonate]}";

/// The recorded answer, what was granted, which Pod was asked for, and the headers.
type Round<'a> = (&'a str, &'a str, &'a str, &'a [(&'a str, &'a str)]);

async fn pods_as(cluster: &Cluster, name: &str, headers: &[(&str, &str)]) -> Answer {
    let alice = Person::new(cluster, "firstmate");
    let mut request = alice.request("GET", &format!("/api/v1/namespaces/demo/pods{name}"));
    for (header, value) in headers {
        request = request.header(*header, *value);
    }
    read(request).await
}

#[tokio::test]
async fn impersonation_is_granted_and_refused_as_recorded() {
    if !are_there() {
        return;
    }
    let both = format!("{BE_BOB}\n{LIST_AS}");
    let bob = ("impersonate-user", "bob");
    let rounds: &[Round] = &[
        ("01-nothing-granted", NOTHING, "", &[bob]),
        (
            "02-nothing-granted-serviceaccount",
            NOTHING,
            "",
            &[("impersonate-user", "system:serviceaccount:demo:default")],
        ),
        (
            "03-nothing-granted-node",
            NOTHING,
            "",
            &[("impersonate-user", "system:node:node1")],
        ),
        (
            "04-group-without-user",
            NOTHING,
            "",
            &[("impersonate-group", "g")],
        ),
        ("05-only-impersonate-user-info", BE_BOB, "", &[bob]),
        ("06-only-impersonate-on", LIST_AS, "", &[bob]),
        ("07-both-and-bob-may-list", &both, "", &[bob]),
        ("08-both-but-verb-get-not-granted", &both, "/x", &[bob]),
        (
            "09-both-but-other-user",
            &both,
            "",
            &[("impersonate-user", "carol")],
        ),
        (
            "10-both-but-with-group",
            &both,
            "",
            &[bob, ("impersonate-group", "g1")],
        ),
        (
            "11-both-with-extra",
            &both,
            "",
            &[bob, ("impersonate-extra-scopes", "x")],
        ),
        ("15-classic-granted", CLASSIC, "", &[bob]),
    ];
    for (name, rules, path, headers) in rounds {
        let cluster = shop();
        cluster.apply(&(grants(rules) + BOB_MAY)).unwrap();
        let answer = pods_as(&cluster, path, headers).await;
        same(
            &answer,
            &format!("impersonation/{name}.http"),
            &[("alice", ALICE)],
        );
    }
}

#[tokio::test]
async fn after_a_classic_success_the_words_are_classic() {
    if !are_there() {
        return;
    }
    let cluster = shop();
    cluster.apply(&(grants(CLASSIC) + BOB_MAY)).unwrap();
    let bob = ("impersonate-user", "bob");
    assert_eq!(pods_as(&cluster, "", &[bob]).await.status, 200);
    let other = pods_as(&cluster, "", &[("impersonate-user", "carol")]).await;
    same(
        &other,
        "impersonation/16-classic-other-user.http",
        &[("alice", ALICE)],
    );
    let grouped = pods_as(&cluster, "", &[bob, ("impersonate-group", "g1")]).await;
    same(
        &grouped,
        "impersonation/17-classic-with-group-not-granted.http",
        &[("alice", ALICE)],
    );
}

#[tokio::test]
async fn the_impersonated_needs_the_right_too() {
    if !are_there() {
        return;
    }
    let cluster = shop();
    cluster.apply(&grants(&format!("{BE_BOB}\n{LIST_AS}"))).unwrap();
    let answer = pods_as(&cluster, "", &[("impersonate-user", "bob")]).await;
    same(&answer, "impersonation/12-both-but-bob-has-no-rights.http", &[]);
}

#[tokio::test]
async fn rights_are_refused_and_listed_as_recorded() {
    if !are_there() {
        return;
    }
    let cluster = shop();
    let denied = Person::new(&cluster, "lin")
        .get("/api/v1/namespaces/demo/pods")
        .await;
    same(&denied, "rbac/rbac-denied-list-pods.http", &[("alice", "lin")]);
    let grant = grants(CLASSIC).replace(
        "{kind: ServiceAccount, name: firstmate, namespace: firstmate}",
        "{kind: User, name: lin}",
    );
    cluster.apply(&grant).unwrap();
    let path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
    let review = Person::new(&cluster, "lin")
        .post(path, &json!({"spec": {"namespace": "demo"}}))
        .await
        .body;
    let text = std::fs::read_to_string(folder().join("rbac/selfsubjectrulesreview-alice.json")).unwrap();
    let real: Value = serde_json::from_str(&text).unwrap();
    for list in ["resourceRules", "nonResourceRules"] {
        // Neither the order of the rules nor that of their fields, which depends on how serde_json was built.
        let rules = |of: &Value| of["status"][list].as_array().unwrap().clone();
        let (ours, theirs) = (rules(&review), rules(&real));
        assert_eq!(ours.len(), theirs.len(), "{list}");
        for rule in &theirs {
            assert!(ours.contains(rule), "{list}: {rule} is missing from {ours:?}");
        }
    }
}

/// Evicts a Pod and compares the answer with a recorded one.
async fn evicted(cluster: &Cluster, pod: &str, options: Value, name: &str) {
    let path = format!("/api/v1/namespaces/shop/pods/{pod}");
    let there = Person::new(cluster, "admin").get(&path).await.body;
    let uid = there["metadata"]["uid"].as_str().unwrap_or_default();
    let replace = [
        ("web-59ddb8564f-px4l2", pod),
        ("dc0ad6c6-967c-4a59-abf3-cf92ea476efb", uid),
    ];
    let answer = evict(cluster, pod, options).await;
    same(&answer, &format!("eviction/{name}.http"), &replace);
}

#[tokio::test]
async fn evictions_are_answered_as_recorded() {
    if !are_there() {
        return;
    }
    let dry = || json!({"dryRun": ["All"]});
    let other = json!({"preconditions": {"uid": "00000000-0000-0000-0000-000000000000"}});
    let cluster = guarded(true, &allows(1, 3));
    evicted(&cluster, "web-1", dry(), "dry-run-only-body").await;
    evicted(&cluster, "nosuch", Value::Null, "not-found").await;
    evicted(&cluster, "web-1", other, "uid-mismatch-409").await;
    evicted(&cluster, "web-1", Value::Null, "second-429-while-kcm-stopped").await;
    evicted(&guarded(true, &allows(1, 3)), "web-1", Value::Null, "allowed").await;
    evicted(
        &guarded(false, &allows(0, 1)),
        "web-2",
        Value::Null,
        "unready-default-policy",
    )
    .await;
    let cluster = guarded(true, &allows(0, 2));
    evicted(&cluster, "web-1", Value::Null, "blocked-429").await;
    evicted(&cluster, "web-1", dry(), "blocked-429-dry-run").await;
    cluster
        .patch("shop/pdb/web", json!({"spec": {"minAvailable": 1}}))
        .unwrap();
    evicted(&cluster, "web-1", Value::Null, "pdb-status-stale-429").await;
    let second = crate::evictions::BUDGET.replace("{name: web,", "{name: other,");
    cluster.apply(&second).unwrap();
    evicted(&cluster, "web-1", Value::Null, "two-pdbs-500").await;
    evicted(&cluster, "web-1", dry(), "two-pdbs-500-dry-run").await;
}

#[tokio::test]
async fn an_eviction_without_the_right_is_refused_as_recorded() {
    if !are_there() {
        return;
    }
    let cluster = shop();
    cluster.apply(&pod("web-1", "web", true)).unwrap();
    let body = json!({"metadata": {"name": "web-1"}});
    let answer = Person::new(&cluster, "lin")
        .post("/api/v1/namespaces/shop/pods/web-1/eviction", &body)
        .await;
    let replace = [
        ("alice", "lin"),
        ("web-59ddb8564f-ngsvz", "web-1"),
        ("demo", "shop"),
    ];
    same(&answer, "eviction/forbidden.http", &replace);
}

#[tokio::test]
async fn a_watch_list_without_a_match_is_refused_as_recorded() {
    if !are_there() {
        return;
    }
    let cluster = shop();
    let answer = Person::new(&cluster, "admin")
        .get("/api/v1/pods?watch=1&sendInitialEvents=true")
        .await;
    same(&answer, "watch/watchlist-missing-match.http", &[]);
}
