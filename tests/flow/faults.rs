//! Services fail while a change is under way: nothing is done twice, nothing is claimed, and the card is true at the
//! end.

use firstmate::remedy::approval::Outcome;
use firstmate_sandbox::cluster::api::{Api as _, kinds};
use firstmate_sandbox::discord;
use sqlx::{Connection as _, Executor as _, SqliteConnection};

use super::*;

/// Longer than a call that was let out may take.
const SETTLES: u64 = 61_000;

/// What is asked about nodes is answered so, for some requests or until all is well again.
fn status(code: u16, requests: Option<u32>) -> Fault {
    Fault::Status {
        code,
        resource: Some("nodes".to_owned()),
        requests,
    }
}

/// A change whose call has left and not arrived.
async fn on_its_way() -> (Flow, i64) {
    let mut flow = Flow::new("").await;
    let id = flow.ask().await;
    flow.hold();
    flow.click("ming", id).await;
    flow.on_its_way(id).await;
    (flow, id)
}

/// The same, one request before: what is asked next is the call, and gets what is given.
async fn call_gets(fault: Fault) -> (Flow, i64) {
    let mut flow = Flow::new("").await;
    let id = flow.ask().await;
    flow.hold();
    flow.click("ming", id).await;
    flow.before_call(id).await;
    // The one that is held already is answered as it was to be.
    flow.cluster.fault(Fault::Off);
    flow.cluster.fault(fault);
    flow.stage.advance(HELD);
    (flow, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_refused_is_not_done_and_not_tried_again() {
    for code in [401, 403, 404, 410, 429] {
        let (flow, id) = call_gets(status(code, Some(1))).await;
        flow.rest().await;
        let request = flow.request(id).await;
        let is_named = matches!(request.outcome, Some(Outcome::Answered { code: seen, .. }) if seen == code);
        assert!(is_named && request.state == State::NotDone, "{request:?}");
        assert_eq!(flow.writes(), 0);
        flow.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_read_again_and_the_call_made_anew() {
    let (flow, id) = call_gets(status(409, Some(1))).await;
    flow.rest().await;
    assert_eq!((flow.state(id).await, flow.writes()), (State::Done, 1));
    flow.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_failed_is_looked_after_until_it_can_no_longer_arrive() {
    let dropped = Fault::Drop {
        resource: Some("nodes".to_owned()),
        requests: Some(1),
    };
    for fault in [
        status(500, Some(1)),
        status(503, Some(1)),
        status(504, Some(1)),
        dropped,
    ] {
        let (flow, id) = call_gets(fault.clone()).await;
        flow.rest().await;
        assert_eq!(flow.state(id).await, State::Executing, "{fault:?}");
        cards::is_true(&flow.stage.discord, &flow.request(id).await);
        flow.stage.advance(SETTLES);
        flow.rest().await;
        let request = flow.request(id).await;
        assert_eq!(
            (request.state, flow.writes()),
            (State::NotDone, 0),
            "{fault:?}: {request:?}"
        );
        flow.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_answered_too_late_is_found_out_about() {
    let (flow, id) = on_its_way().await;
    // The server answers in the moment in which the bot gives up.
    flow.cluster.fault(Fault::Off);
    flow.stage.advance(11_000);
    flow.rest().await;
    flow.stage.advance(SETTLES);
    flow.rest().await;
    let request = flow.request(id).await;
    match flow.writes() {
        1 => assert_eq!(request.state, State::Done, "{request:?}"),
        _ => assert_eq!(request.state, State::NotDone, "{request:?}"),
    }
    flow.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stays_away_leaves_it_not_known() {
    let (flow, id) = call_gets(status(503, None)).await;
    flow.until("it is looked at", async |it| it.request(id).await.call.is_some())
        .await;
    flow.stage.advance(SETTLES);
    let is_over = async |it: &Flow| {
        it.stage.advance(5_000);
        it.rest().await;
        it.state(id).await.is_over()
    };
    flow.until("it is given up", is_over).await;
    assert_eq!((flow.state(id).await, flow.writes()), (State::NotKnown, 0));
    flow.cluster.fault(Fault::Off);
    flow.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_gone_between_click_and_call_is_not_done() {
    let mut flow = Flow::new("").await;
    let id = flow.ask().await;
    flow.hold();
    flow.click("ming", id).await;
    flow.before_call(id).await;
    flow.cluster
        .store()
        .delete(kinds::NODES, "", NODE, Some(0))
        .unwrap();
    flow.go_on().await;
    assert_eq!((flow.state(id).await, flow.writes()), (State::NotDone, 0));
    flow.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_at_the_click_is_not_approved() {
    let mut flow = Flow::new("").await;
    let id = flow.ask().await;
    for code in [401, 403, 404, 409, 429, 500, 503] {
        flow.cluster.fault(status(code, None));
        flow.approve("ming", id).await;
        let request = flow.request(id).await;
        assert_eq!(request.state, State::Pending, "{code}");
        assert!(request.approvals.is_empty() && flow.writes() == 0, "{code}");
        flow.cluster.fault(Fault::Off);
    }
    flow.approve("ming", id).await;
    assert_eq!((flow.state(id).await, flow.writes()), (State::Done, 1));
    flow.close().await;
}

/// What nobody but a test does to the store.
async fn store_of(flow: &Flow) -> SqliteConnection {
    let url = flow.stage.app().unwrap().config.store.url.reveal();
    SqliteConnection::connect(url).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_locked_at_the_click_changes_nothing() {
    let mut flow = Flow::new("").await;
    let id = flow.ask().await;
    let mut other = store_of(&flow).await;
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let said = flow.play("ming: click \"Approve\"").await;
    assert!(said.contains("变更申请的存储暂时无法读写"), "{said}");
    other.execute("ROLLBACK").await.unwrap();
    assert_eq!((flow.state(id).await, flow.writes()), (State::Pending, 0));
    flow.approve("ming", id).await;
    assert_eq!((flow.state(id).await, flow.writes()), (State::Done, 1));
    flow.is_true().await;
    assert!(!flow.stage.errors().is_empty(), "an admin finds why in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_breaks_at_the_click_changes_nothing() {
    for table in ["requests", "audit", "head"] {
        let mut flow = Flow::new("").await;
        let id = flow.ask().await;
        let mut other = store_of(&flow).await;
        let gone = format!("ALTER TABLE {table} RENAME TO gone");
        other.execute(sqlx::AssertSqlSafe(gone)).await.unwrap();
        let said = flow.play("ming: click \"Approve\"").await;
        assert!(said.contains("变更申请的存储暂时无法读写"), "{table}: {said}");
        let back = format!("ALTER TABLE gone RENAME TO {table}");
        other.execute(sqlx::AssertSqlSafe(back)).await.unwrap();
        assert_eq!(
            (flow.state(id).await, flow.writes()),
            (State::Pending, 0),
            "{table}"
        );
        flow.approve("ming", id).await;
        assert_eq!((flow.state(id).await, flow.writes()), (State::Done, 1), "{table}");
        flow.is_true().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_locked_while_the_call_is_answered_is_settled_later() {
    let (flow, id) = on_its_way().await;
    let mut other = store_of(&flow).await;
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    flow.cluster.fault(Fault::Off);
    flow.stage.advance(HELD);
    let is_told = async |it: &Flow| {
        let seen = it.stage.discord.messages_seen_by("ming").unwrap();
        seen.iter()
            .any(|it| it["content"].to_string().contains("目前还不知道结果"))
    };
    flow.until("who approved is told that it is not known", is_told)
        .await;
    other.execute("ROLLBACK").await.unwrap();
    flow.stage.advance(SETTLES);
    flow.rest().await;
    assert_eq!((flow.state(id).await, flow.writes()), (State::Done, 1));
    flow.is_true().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_cannot_be_edited_for_a_while_is_edited_later() {
    let (flow, id) = on_its_way().await;
    flow.stage
        .discord
        .fault(discord::Fault::Status {
            status: 503,
            requests: Some(6),
            processed: false,
            retry_after_ms: None,
        })
        .await;
    flow.cluster.fault(Fault::Off);
    flow.stage.advance(HELD);
    flow.until("it is done", async |it| it.state(id).await == State::Done)
        .await;
    let is_shown = async |it: &Flow| {
        it.stage.advance(5_000);
        it.rest().await;
        it.store.stale().await.unwrap().is_empty()
    };
    flow.until("the card is right", is_shown).await;
    flow.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_may_not_be_edited_is_right_once_the_bot_may_again() {
    let (mut flow, id) = on_its_way().await;
    flow.stage
        .discord
        .permit("ops", "View Channel", false)
        .await
        .unwrap();
    flow.go_on().await;
    assert_eq!((flow.state(id).await, flow.writes()), (State::Done, 1));
    flow.stage
        .discord
        .permit("ops", "View Channel", true)
        .await
        .unwrap();
    flow.stage.stop_bot().await.unwrap();
    flow.stage.start_bot().await.unwrap();
    flow.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_was_deleted_is_posted_again_as_long_as_it_waits() {
    let mut flow = Flow::new("").await;
    let id = flow.ask().await;
    delete(&flow, id).await;
    // Whatever happens to it next shows that it is gone.
    flow.play("ming: /freeze reason:\"a sale\"\nwei: /unfreeze").await;
    assert_eq!(cards::of(&flow.stage.discord, id).len(), 1);
    flow.approve("ming", id).await;
    assert_eq!((flow.state(id).await, flow.writes()), (State::Done, 1));
    flow.close().await;
}

/// An admin of the server deletes the card.
async fn delete(flow: &Flow, id: i64) {
    let card = cards::of(&flow.stage.discord, id).pop().unwrap();
    let text = |field: &str| card[field].as_str().unwrap().to_owned();
    let url = format!(
        "{}/api/v10/channels/{}/messages/{}",
        flow.stage.discord.plain_url(),
        text("channel_id"),
        text("id")
    );
    let token = format!("Bot {}", flow.stage.discord.token());
    let done = reqwest::Client::new()
        .delete(url)
        .header("authorization", token)
        .send()
        .await;
    assert!(done.unwrap().status().is_success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_forward_expires_what_waits_and_claims_nothing_of_what_runs() {
    const DAY: u64 = 86_400_000;
    let mut flow = Flow::new("").await;
    let id = flow.ask().await;
    flow.stage.advance(DAY);
    flow.rest().await;
    assert_eq!(flow.state(id).await, State::Expired);
    let said = flow.play("ming: click \"Approve\"").await;
    assert!(said.contains("过期"), "{said}");
    assert_eq!(flow.writes(), 0);
    let id = flow.ask().await;
    flow.hold();
    flow.click("ming", id).await;
    flow.before_call(id).await;
    flow.cluster.fault(Fault::Off);
    flow.stage.advance(DAY);
    flow.rest().await;
    let state = flow.state(id).await;
    assert!(
        state.is_over() && (state == State::Done) == (flow.writes() == 1),
        "{state:?}"
    );
    flow.close().await;
}
