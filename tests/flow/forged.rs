//! Somebody writes into the store what never happened, or presses what is not theirs: nothing is done by it, and what
//! was refused is in the audit.

use firstmate::command::Refusal;
use firstmate::documents::Wish;
use firstmate::documents::no::No as NoDocument;
use firstmate::handle::Failure;
use firstmate::remedy::{Change, Key, No};
use firstmate::store::AuditFind;
use serde_json::Value;
use sqlx::{Connection as _, Executor as _, SqliteConnection};

use super::*;

/// Changes a request's row behind the bot's back.
async fn forge(flow: &Flow, url: &str, id: i64, change: impl FnOnce(&mut Value)) {
    let mut body = serde_json::to_value(flow.request(id).await).unwrap();
    change(&mut body);
    let state = body["state"].as_str().unwrap().to_owned();
    let mut other = SqliteConnection::connect(url).await.unwrap();
    let row = sqlx::query("UPDATE requests SET state = $1, body = $2 WHERE id = $3");
    let row = row.bind(state).bind(body.to_string()).bind(id);
    assert_eq!(other.execute(row).await.unwrap().rows_affected(), 1);
}

/// Where the store is, which only a running bot tells.
fn url(flow: &Flow) -> String {
    flow.stage.app().unwrap().config.store.url.reveal().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_made_to_look_approved_is_not_carried_out() {
    let mut flow = Flow::new("").await;
    let (id, url) = (flow.ask().await, url(&flow));
    flow.stage.stop_bot().await.unwrap();
    let by = serde_json::to_value(flow.request(id).await.requester).unwrap();
    forge(&flow, &url, id, |body| {
        body["state"] = json!("executing");
        body["approvals"] = json!([{ "by": by, "at": 1, "reason": "" }]);
    })
    .await;
    flow.stage.start_bot().await.unwrap();
    flow.rest().await;
    assert_eq!((flow.state(id).await, flow.writes()), (State::NotDone, 0));
    crate::harness::close(flow.stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_was_edited_behind_its_card_is_not_carried_out() {
    let mut flow = Flow::new("").await;
    let (id, url) = (flow.ask().await, url(&flow));
    let shown = flow.request(id).await;
    let other = |body: &mut Value| {
        let text = body["plan"].to_string().replace(NODE, "node-2");
        body["plan"] = serde_json::from_str(&text).unwrap();
    };
    // The plan alone: read again, it is another one than its digest says.
    forge(&flow, &url, id, other).await;
    let said = flow.play("ming: click \"Approve\"").await;
    assert!(said.contains("卡片发布之后集群状态有变化"), "{said}");
    // With a digest that fits: it is not the one of the card that was pressed.
    forge(&flow, &url, id, |body| {
        *body = serde_json::to_value(&shown).unwrap();
        other(body);
        let plan: firstmate::remedy::plan::Plan = serde_json::from_value(body["plan"].clone()).unwrap();
        body["digest"] = json!(plan.digest());
    })
    .await;
    let old = cards::button(&flow.stage.discord, "wei", id, "approve").unwrap();
    let earlier = firstmate_sandbox::discord::Click {
        custom_id: format!("approve:{}:{}", Key::of(&shown), &shown.digest[..16]),
        ..old
    };
    flow.stage.discord.component(earlier).await.unwrap();
    flow.rest().await;
    assert_eq!((flow.state(id).await, flow.writes()), (State::Pending, 0));
    crate::harness::close(flow.stage).await;
}

/// Numbers come again with a new store, and old cards still stand.
#[tokio::test(flavor = "multi_thread")]
async fn the_card_of_another_request_of_the_same_number_decides_nothing() {
    let mut flow = Flow::new("").await;
    let id = flow.ask().await;
    let shown = flow.request(id).await;
    let key = Key {
        made: shown.created_at - 1,
        ..Key::of(&shown)
    };
    let reason = || "because".to_owned();
    let approve = |key| Change::Approve {
        key,
        digest: shown.digest[..16].to_owned(),
    };
    let app = flow.stage.app().unwrap();
    let ming = ming(app);
    for change in [
        approve(key),
        Change::AskRejection { key },
        Change::Reject {
            key,
            reason: reason(),
        },
        Change::AskUndo { key },
        Change::Undo {
            key,
            reason: reason(),
        },
    ] {
        let may = firstmate::remedy::may_begin(app, &ming, &change).await;
        let done = match may {
            Ok(()) => firstmate::remedy::run(app, &ming, Lang::En, change)
                .await
                .map(drop),
            refused => refused,
        };
        let is_gone = matches!(&done, Err(Failure::Refused(Refusal::Change(no))) if **no == No::Gone { id });
        assert!(is_gone, "{done:?}");
        assert_eq!((flow.state(id).await, flow.writes()), (State::Pending, 0));
    }
    let own = firstmate::remedy::run(app, &ming, Lang::En, approve(Key::of(&shown))).await;
    assert!(own.is_ok(), "{own:?}");
    flow.rest().await;
    assert_eq!((flow.state(id).await, flow.writes()), (State::Done, 1));
    crate::harness::close(flow.stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_card_of_another_proposal_of_the_same_number_decides_nothing() {
    let mut flow = Flow::new("").await;
    let fields = r#""Question, in the words people ask it":"Why?" "Short answer, one line":"So." "Details, in Markdown":"x""#;
    flow.play(&format!("olga: /kb add\nolga: fill {fields}")).await;
    let app = flow.stage.app().unwrap();
    let ming = ming(app);
    let made = app.store.proposal(1).await.unwrap().unwrap().created_at;
    let word = |made| {
        let key = Key { id: 1, made };
        let reason = "no".to_owned();
        [
            Wish::Approve { key },
            Wish::AskRejection { key },
            Wish::Reject { key, reason },
        ]
    };
    for wish in word(made - 1) {
        let done = firstmate::documents::run(app, &ming, Lang::En, wish).await;
        let is_gone =
            matches!(&done, Err(Failure::Refused(Refusal::Document(no))) if **no == NoDocument::NoProposal);
        assert!(is_gone, "{done:?}");
    }
    let [approve, ..] = word(made);
    let own = firstmate::documents::run(app, &ming, Lang::En, approve).await;
    assert!(own.is_ok(), "{own:?}");
    crate::harness::close(flow.stage).await;
}

/// ming, who approves and reviews.
fn ming(app: &App) -> Caller {
    let roles = &app.config.roles;
    caller(app, "ming", [&roles.approver[..], &roles.reviewer].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_press_is_a_row_of_the_audit() {
    let flow = {
        let mut flow = Flow::new("").await;
        let id = flow.ask().await;
        // Neither may: the one has no right to, the other asked for it.
        flow.click("lin", id).await;
        flow.click("olga", id).await;
        flow.rest().await;
        flow
    };
    let rows = flow.store.audit(&AuditFind::default()).await.unwrap();
    let refused = rows.iter().filter(|row| row.entry.step == "refused");
    let mut refused: Vec<(String, String)> = refused
        .map(|row| (row.entry.by.clone().unwrap().name, row.entry.detail.clone()))
        .collect();
    refused.sort();
    let expected = [("lin", "MayNotApprove"), ("olga", "MayNotApprove")];
    assert_eq!(refused, expected.map(|(by, why)| (by.to_owned(), why.to_owned())));
    flow.close().await;
}
