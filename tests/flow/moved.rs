//! State moved: every field that a plan depends on is changed, one at a time, before the click and between click and
//! call; and what it does not depend on is changed, too.

use firstmate::remedy::approval::Outcome;
use firstmate_sandbox::cluster::api::{Api as _, kinds};

use super::*;

type Change = fn(&Flow);

/// Every field of [`firstmate::remedy::plan::Basis`], changed by somebody else.
const MOVES: &[(&str, Change)] = &[
    ("uid", replace),
    ("unschedulable", |flow| flow.cordon(NODE, true)),
    ("cordoned", |flow| flow.cordon("node-2", true)),
    ("not_ready", another),
];

/// What a plan does not depend on.
const OTHERS: &[(&str, Change)] = &[
    ("heartbeat", |flow| beat(flow, "node-2")),
    ("own heartbeat", |flow| beat(flow, NODE)),
    ("label of another node", |flow| label(flow, "node-2")),
    ("label of the node", |flow| label(flow, NODE)),
];

/// Another machine of the same name.
fn replace(flow: &Flow) {
    let mut node = cards::node(&flow.cluster, NODE);
    let admin = flow.cluster.store();
    admin.delete(kinds::NODES, "", NODE, Some(0)).unwrap();
    for field in ["uid", "resourceVersion", "creationTimestamp", "managedFields"] {
        node["metadata"].as_object_mut().unwrap().remove(field);
    }
    admin.create(kinds::NODES, node).unwrap();
}

/// A new node that nobody has heard of yet.
fn another(flow: &Flow) {
    let node = json!({ "metadata": { "name": "node-new" } });
    flow.cluster.store().create(kinds::NODES, node).unwrap();
}

fn label(flow: &Flow, node: &str) {
    flow.patch(
        &format!("node/{node}"),
        json!({"metadata": {"labels": {"seen": "yes"}}}),
    );
}

fn beat(flow: &Flow, name: &str) {
    let mut node = cards::node(&flow.cluster, name);
    let conditions = node["status"]["conditions"].as_array_mut().unwrap();
    for condition in conditions.iter_mut() {
        condition["lastHeartbeatTime"] = json!("2026-01-01T00:00:01Z");
    }
    let conditions = json!(conditions);
    flow.patch(
        &format!("node/{name}"),
        json!({"status": {"conditions": conditions}}),
    );
}

#[test]
fn every_field_of_the_basis_is_moved() {
    let basis = firstmate::remedy::plan::Basis::default();
    let fields = serde_json::to_value(basis).unwrap();
    let fields: Vec<&String> = fields.as_object().unwrap().keys().collect();
    assert_eq!(fields.len(), MOVES.len());
    for (field, _) in MOVES {
        assert!(fields.iter().any(|it| it == field), "{field}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moves_between_card_and_click_stops_the_change() {
    for (field, change) in MOVES {
        let mut flow = Flow::new("").await;
        let id = flow.ask().await;
        let before = flow.request(id).await;
        change(&flow);
        flow.approve("ming", id).await;
        let after = flow.request(id).await;
        assert_eq!(flow.writes(), 0, "{field}");
        assert!(after.approvals.is_empty(), "{field}: {after:?}");
        assert_ne!(after.digest, before.digest, "{field}");
        assert_eq!(after.moved, Some(before.plan), "{field}");
        let is_done = *field == "unschedulable";
        let expected = if is_done { State::NotDone } else { State::Pending };
        assert_eq!(after.state, expected, "{field}");
        // A node that has just been made is written, and perhaps made once more, by the cluster itself for a while.
        if !is_done && *field != "uid" {
            // It is asked anew, and approved as it is now.
            flow.approve("ming", id).await;
            assert_eq!(flow.state(id).await, State::Done, "{field}");
        }
        flow.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moves_between_click_and_call_stops_the_change() {
    for (field, change) in MOVES {
        let mut flow = Flow::new("").await;
        let id = flow.ask().await;
        flow.hold();
        flow.click("ming", id).await;
        flow.before_call(id).await;
        change(&flow);
        flow.go_on().await;
        stopped(&flow, id, field).await;
        flow.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moves_while_the_call_is_on_its_way_stops_the_change() {
    for (field, change) in &MOVES[..2] {
        let mut flow = Flow::new("").await;
        let id = flow.ask().await;
        flow.hold();
        flow.click("ming", id).await;
        flow.on_its_way(id).await;
        change(&flow);
        flow.go_on().await;
        stopped(&flow, id, field).await;
        flow.close().await;
    }
}

async fn stopped(flow: &Flow, id: i64, field: &str) {
    let request = flow.request(id).await;
    assert_eq!(
        (flow.writes(), request.state),
        (0, State::NotDone),
        "{field}: {request:?}"
    );
    let expected = match field {
        "unschedulable" => Outcome::AlreadySo,
        _ => Outcome::Moved,
    };
    assert_eq!(request.outcome, Some(expected), "{field}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_plan_does_not_depend_on_stops_nothing() {
    for (what, change) in OTHERS {
        let mut flow = Flow::new("").await;
        let id = flow.ask().await;
        change(&flow);
        flow.hold();
        flow.click("ming", id).await;
        flow.before_call(id).await;
        change(&flow);
        flow.on_its_way(id).await;
        // The node itself has another version now: it is read again, and the call made anew.
        label(&flow, NODE);
        flow.go_on().await;
        assert_eq!((flow.state(id).await, flow.writes()), (State::Done, 1), "{what}");
        flow.close().await;
    }
}
