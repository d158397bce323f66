//! The local cluster answers what changes ask as the real server does, word for word.

use reqwest::Method;
use serde_json::{Value, json};

use super::ground::{Ground, MING};
use super::rights::Thief;

const NODE: &str = "/api/v1/nodes/node-3";
const EVENTS: &str = "/api/v1/namespaces/default/events";
const REVIEWS: &str = "/apis/authorization.k8s.io/v1/subjectaccessreviews";

/// One request: its name, method, path, as whom, and body.
type Asked = (
    &'static str,
    Method,
    String,
    Vec<(&'static str, &'static str)>,
    String,
);

#[expect(
    clippy::too_many_lines,
    reason = "one row for each answer that a real server gave"
)]
fn asked() -> Vec<Asked> {
    let ming = || vec![("impersonate-user", MING)];
    let of_node = |what: &'static str, query: &str, who: Vec<(&'static str, &'static str)>, body: Value| {
        (
            what,
            Method::PATCH,
            format!("{NODE}{query}"),
            who,
            body.to_string(),
        )
    };
    let cordon = || json!({"spec": {"unschedulable": true}});
    let meta = |meta: Value| json!({"metadata": meta, "spec": {"unschedulable": true}});
    let long = format!("?fieldManager={}", "x".repeat(129));
    let mut all = vec![
        of_node(
            "another version",
            "",
            ming(),
            meta(json!({"resourceVersion": "1"})),
        ),
        of_node(
            "another uid",
            "",
            ming(),
            meta(json!({"uid": "00000000-0000-0000-0000-000000000000"})),
        ),
        of_node(
            "both",
            "",
            ming(),
            meta(json!({"resourceVersion": "1", "uid": "00000000-0000-0000-0000-000000000000"})),
        ),
        of_node(
            "no version at all",
            "",
            ming(),
            meta(json!({"resourceVersion": "x"})),
        ),
        of_node("a manager's long name", &long, ming(), cordon()),
        of_node("another name", "", ming(), meta(json!({"name": "node-4"}))),
        of_node("lin may not", "", vec![("impersonate-user", "lin")], cordon()),
        of_node("the bot may not", "", vec![], cordon()),
        of_node(
            "as nobody who is listed",
            "",
            vec![("impersonate-user", "carol")],
            cordon(),
        ),
        of_node(
            "in a group that is not listed",
            "",
            vec![("impersonate-user", MING), ("impersonate-group", "sre")],
            cordon(),
        ),
        of_node(
            "as a group alone",
            "",
            vec![("impersonate-group", "sre")],
            cordon(),
        ),
    ];
    let gone = "/api/v1/nodes/gone".to_owned();
    all.push(("no such node", Method::PATCH, gone, ming(), cordon().to_string()));
    let post = |what: &'static str, path: &str, body: Value| {
        (what, Method::POST, path.to_owned(), vec![], body.to_string())
    };
    let review = |spec: Value| json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec});
    let patch = json!({"verb": "patch", "resource": "nodes", "name": "node-3"});
    all.extend([
        post(
            "of a role",
            REVIEWS,
            review(json!({"groups": ["sre"], "resourceAttributes": patch})),
        ),
        post(
            "of a person",
            REVIEWS,
            review(json!({"user": "ming", "resourceAttributes": patch})),
        ),
        post("of nobody", REVIEWS, review(json!({"resourceAttributes": patch}))),
        post("of nothing", REVIEWS, review(json!({"user": "ming"}))),
    ]);
    let event = |name: &str, at: &str, object: Value| {
        json!({
            "apiVersion": "v1", "kind": "Event", "metadata": {"name": name, "namespace": at},
            "involvedObject": object, "reason": "CordonApproved", "message": "m", "type": "Normal",
            "source": {"component": "firstmate"}, "reportingComponent": "firstmate", "reportingInstance": "firstmate",
            "count": 1, "firstTimestamp": "2026-01-01T00:00:00Z", "lastTimestamp": "2026-01-01T00:00:00Z",
        })
    };
    let node = json!({"kind": "Node", "name": "node-3", "apiVersion": "v1", "uid": "u"});
    all.extend([
        post("an event", EVENTS, event("one", "default", node.clone())),
        post("the same again", EVENTS, event("one", "default", node.clone())),
        post("of another namespace", EVENTS, event("two", "shop", node.clone())),
        post(
            "in one that it may not write",
            "/api/v1/namespaces/shop/events",
            event("two", "shop", node),
        ),
    ]);
    all
}

/// An answer without what no two servers have in common.
fn comparable(body: &str, uid: &str) -> Value {
    let mut body: Value = serde_json::from_str(&body.replace(uid, "<uid>")).unwrap_or_else(|_| json!(body));
    if let Some(metadata) = body["metadata"].as_object_mut() {
        for field in ["uid", "resourceVersion", "creationTimestamp", "managedFields"] {
            metadata.remove(field);
        }
    }
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_cluster_answers_as_the_real_server_does() {
    let mut engines = Vec::new();
    for ground in Ground::both().await {
        let thief = Thief::with(&ground.kubeconfig);
        let node = ground.settled("node-3").await;
        let uid = node["metadata"]["uid"].as_str().unwrap();
        let mut answers = Vec::new();
        for (what, method, path, who, body) in asked() {
            let (status, body) = thief.say(method, &path, &who, &body).await;
            answers.push((what, status, comparable(&body, uid)));
        }
        engines.push(answers);
    }
    let [local, real] = &engines[..] else { return };
    let mut different = Vec::new();
    for (own, reals) in local.iter().zip(real) {
        if own != reals {
            different.push(format!(
                "{}\n  local {} {}\n  real  {} {}",
                own.0, own.1, own.2, reals.1, reals.2
            ));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}
