//! People click at once: one of them decides, all of them are told, and it is done once.

use firstmate_sandbox::discord::Entry;

use super::*;

/// Nobody was left without an answer.
fn all_were_answered(flow: &Flow) {
    let failed = |entry: &Entry| matches!(entry, Entry::Failed { .. });
    let failed: Vec<Entry> = flow
        .stage
        .discord
        .journal_since(0)
        .into_iter()
        .filter(failed)
        .collect();
    assert!(failed.is_empty(), "{failed:?}");
    // On a busy machine a click may not be acknowledged in time, and is not acted on then.
    let warnings = flow.stage.warnings().into_iter();
    let late = warnings
        .filter(|it| it.contains("could not be acknowledged"))
        .count();
    assert!(
        flow.stage.discord.pending() <= late,
        "{:#?}",
        flow.stage.warnings()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_approvers_at_once_do_it_once() {
    let mut flow = Flow::new("").await;
    let id = flow.ask().await;
    flow.click("ming", id).await;
    flow.click("wei", id).await;
    flow.rest().await;
    let request = flow.request(id).await;
    assert_eq!((request.state, request.approvals.len()), (State::Done, 1));
    assert_eq!(flow.writes(), 1);
    all_were_answered(&flow);
    flow.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_approve_and_reject_at_once_one_wins() {
    let mut flow = Flow::new("").await;
    for approve_first in [true, false] {
        let id = flow.ask().await;
        let before = flow.writes();
        let no = cards::filled(&flow.stage.discord, "wei", id, "reject").await;
        if approve_first {
            flow.click("ming", id).await;
        }
        flow.stage.discord.modal(no).await.unwrap();
        if !approve_first {
            flow.click("ming", id).await;
        }
        flow.rest().await;
        let request = flow.request(id).await;
        match request.state {
            State::Done => assert!(request.rejection.is_none() && flow.writes() == before + 1),
            State::Rejected => assert!(request.approvals.is_empty() && flow.writes() == before),
            other => unreachable!("{other:?}"),
        }
        all_were_answered(&flow);
        flow.is_true().await;
        flow.cordon(NODE, false);
    }
    flow.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_that_is_overtaken_by_the_expiry_does_nothing() {
    let mut flow = Flow::new("").await;
    let id = flow.ask().await;
    let expires = flow.request(id).await.expires_at;
    flow.stage.advance(expires - flow.stage.clock.now() - HELD);
    flow.rest().await;
    flow.hold();
    // The bot's watch may begin anew just then; it asks nobody what they may.
    let asked = |it: &Flow| {
        let requests = it.cluster.requests().into_iter();
        requests
            .filter(|line| line.path.ends_with("subjectaccessreviews"))
            .count()
    };
    let (reviews, held) = (asked(&flow), flow.cluster.held());
    flow.click("ming", id).await;
    let is_read = async |it: &Flow| asked(it) >= reviews + 3 && it.cluster.held() > held;
    flow.until("the plan is read again", is_read).await;
    flow.go_on().await;
    assert_eq!((flow.state(id).await, flow.writes()), (State::Expired, 0));
    all_were_answered(&flow);
    flow.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freeze_stops_what_was_approved_and_not_let_out() {
    let mut flow = Flow::new("").await;
    let id = flow.ask().await;
    flow.hold();
    flow.click("ming", id).await;
    flow.before_call(id).await;
    freeze(&flow).await;
    flow.go_on().await;
    assert_eq!((flow.state(id).await, flow.writes()), (State::NotDone, 0));
    all_were_answered(&flow);
    flow.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freeze_comes_too_late_for_a_call_on_its_way_and_the_card_says_so() {
    let mut flow = Flow::new("").await;
    let id = flow.ask().await;
    flow.hold();
    flow.click("ming", id).await;
    flow.on_its_way(id).await;
    freeze(&flow).await;
    flow.go_on().await;
    assert_eq!((flow.state(id).await, flow.writes()), (State::Done, 1));
    flow.close().await;
}

/// ming freezes all changes while something is under way.
async fn freeze(flow: &Flow) {
    let invoke = firstmate_sandbox::discord::Invoke {
        person: "ming".to_owned(),
        channel: "ops".to_owned(),
        name: "freeze".to_owned(),
        kind: 1,
        options: vec![json!({ "name": "reason", "type": 3, "value": "a sale" })],
        target_id: None,
    };
    flow.stage.discord.command(invoke).await.unwrap();
    let is_frozen = async |it: &Flow| it.store.freeze().await.unwrap().is_some();
    flow.until("changes are frozen", is_frozen).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_clicks_at_once_do_it_once_and_each_is_answered() {
    let mut flow = Flow::new("").await;
    let id = flow.ask().await;
    let click = |person| cards::button(&flow.stage.discord, person, id, "approve").unwrap();
    let clicks = ["ming", "wei"].map(click);
    for click in clicks.iter().cycle().take(200) {
        flow.stage.discord.component(click.clone()).await.unwrap();
    }
    flow.rest().await;
    let request = flow.request(id).await;
    assert_eq!((request.state, request.approvals.len()), (State::Done, 1));
    assert_eq!(flow.writes(), 1);
    all_were_answered(&flow);
    flow.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_that_the_gateway_lost_and_repeats_counts_once() {
    let mut flow = Flow::new("[policies.two]\napprovals = 2\n").await;
    let id = flow.ask().await;
    // The connection breaks while the click is under way: Discord sends it again into the resumed session.
    flow.click("ming", id).await;
    flow.stage
        .discord
        .fault(firstmate_sandbox::discord::Fault::Drop)
        .await;
    flow.click("ming", id).await;
    flow.rest().await;
    assert_eq!(flow.request(id).await.approvals.len(), 1);
    flow.approve("wei", id).await;
    assert_eq!((flow.state(id).await, flow.writes()), (State::Done, 1));
    all_were_answered(&flow);
    flow.close().await;
}

/// Each plan says which other nodes take Pods; two yeses at once must not make both of them untrue.
#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_at_once_are_not_both_cordoned_by_plans_that_know_of_neither() {
    let mut flow = Flow::new("").await;
    let first = flow.ask().await;
    let other = "olga: /node cordon node:node-2 reason:\"maintenance\"";
    flow.play(other).await;
    let second = flow.newest().await.id;
    tokio::join!(flow.click("ming", first), flow.click("wei", second));
    flow.rest().await;
    assert_eq!(flow.writes(), 1);
    let states = [flow.state(first).await, flow.state(second).await];
    assert_eq!(
        states.iter().filter(|state| **state == State::Done).count(),
        1,
        "{states:?}"
    );
    flow.close().await;
}
