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

/// Patches of node-3.
fn patches() -> Vec<Asked> {
    let ming = || vec![("impersonate-user", MING)];
    let patch = |what: &'static str, query: &str, who: Vec<(&'static str, &'static str)>, body: Value| {
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
    let other = "00000000-0000-0000-0000-000000000000";
    let both = json!({"resourceVersion": "1", "uid": other});
    let long = format!("?fieldManager={}", "x".repeat(129));
    let group = ("impersonate-group", "sre");
    let gone = "/api/v1/nodes/gone".to_owned();
    vec![
        patch(
            "another version",
            "",
            ming(),
            meta(json!({"resourceVersion": "1"})),
        ),
        patch("another uid", "", ming(), meta(json!({"uid": other}))),
        patch("both", "", ming(), meta(both)),
        patch(
            "no version at all",
            "",
            ming(),
            meta(json!({"resourceVersion": "x"})),
        ),
        patch("a manager's long name", &long, ming(), cordon()),
        patch("another name", "", ming(), meta(json!({"name": "node-4"}))),
        patch("lin may not", "", vec![("impersonate-user", "lin")], cordon()),
        patch("the bot may not", "", vec![], cordon()),
        patch(
            "as carol, who is not listed",
            "",
            vec![("impersonate-user", "carol")],
            cordon(),
        ),
        patch(
            "in a group that is not listed",
            "",
            vec![ming()[0], group],
            cordon(),
        ),
        patch("as a group alone", "", vec![group], cordon()),
        ("no such node", Method::PATCH, gone, ming(), cordon().to_string()),
    ]
}

fn post(what: &'static str, path: &str, body: &Value) -> Asked {
    (what, Method::POST, path.to_owned(), vec![], body.to_string())
}

/// Reviews of what people and roles may.
fn reviews() -> Vec<Asked> {
    let patch = json!({"verb": "patch", "resource": "nodes", "name": "node-3"});
    let review = |what: &'static str, spec: Value| {
        let version = "authorization.k8s.io/v1";
        post(
            what,
            REVIEWS,
            &json!({"apiVersion": version, "kind": "SubjectAccessReview", "spec": spec}),
        )
    };
    vec![
        review(
            "of a role",
            json!({"groups": ["sre"], "resourceAttributes": patch}),
        ),
        review(
            "of a person",
            json!({"user": "ming", "resourceAttributes": patch}),
        ),
        review("of nobody", json!({"resourceAttributes": patch})),
        review("of nothing", json!({"user": "ming"})),
    ]
}

fn events() -> Vec<Asked> {
    let event = |name: &str, at: &str| {
        json!({
            "apiVersion": "v1", "kind": "Event", "metadata": {"name": name, "namespace": at},
            "involvedObject": {"kind": "Node", "name": "node-3", "apiVersion": "v1", "uid": "u"},
            "reason": "CordonApproved", "message": "m", "type": "Normal", "count": 1,
            "source": {"component": "firstmate"}, "reportingComponent": "firstmate", "reportingInstance": "firstmate",
            "firstTimestamp": "2026-01-01T00:00:00Z", "lastTimestamp": "2026-01-01T00:00:00Z",
        })
    };
    let shop = "/api/v1/namespaces/shop/events";
    vec![
        post("an event", EVENTS, &event("one", "default")),
        post("the same again", EVENTS, &event("one", "default")),
        post("of another namespace", EVENTS, &event("two", "shop")),
        post("in one that it may not write", shop, &event("two", "shop")),
    ]
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
        for (what, method, path, who, body) in [patches(), reviews(), events()].concat() {
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
