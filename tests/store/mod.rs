//! The store, on SQLite and on PostgreSQL.

mod audit;
mod backups;
mod documents;
mod faults;
mod feedback;
mod races;
mod requests;
mod upgrades;

use firstmate::remedy::action::Action;
use firstmate::remedy::approval::{Event, Outcome, Person, Place, Refused, Request, State};
use firstmate::remedy::plan::{Basis, Plan, Seen};
use firstmate::store::{Fault, Row, Store, Turned, verify};

use crate::databases::{self, Database};

const MINUTE: u64 = 60_000;

fn person(id: u64, name: &str) -> Person {
    Person {
        id,
        name: name.to_owned(),
        user: format!("{name}@example.com"),
        groups: vec!["sre".to_owned()],
    }
}

fn olga() -> Person {
    person(1, "olga")
}

fn ming() -> Person {
    person(2, "ming")
}

fn wei() -> Person {
    person(3, "wei")
}

/// olga asks to cordon a node at 0; it expires after ten minutes.
fn asked(node: &str) -> Request {
    let plan = Plan {
        cluster: "prod".to_owned(),
        action: Action::Cordon {
            node: node.to_owned(),
        },
        basis: Basis::default(),
        seen: Seen::default(),
    };
    Request {
        id: 0,
        version: 0,
        state: State::Pending,
        digest: plan.digest(),
        plan,
        requester: olga(),
        reason: "disk is failing".to_owned(),
        needed: 1,
        self_approval: false,
        approvals: vec![],
        rejection: None,
        created_at: 0,
        expires_at: 10 * MINUTE,
        decided_at: None,
        card: Place {
            guild: 7,
            channel: 8,
            message: 0,
            chinese: false,
        },
        undoes: None,
        undone_by: None,
        moved: None,
        call: None,
        outcome: None,
    }
}

fn approve(by: Person, request: &Request) -> Event {
    Event::Approve {
        by,
        digest: request.digest.clone(),
    }
}

fn reject(by: Person) -> Event {
    Event::Reject {
        by,
        reason: "not now".to_owned(),
    }
}

fn call() -> Event {
    Event::Call {
        resource_version: "41".to_owned(),
    }
}

fn executed() -> Event {
    Event::Executed {
        call: "patch node/node-3: 200".to_owned(),
    }
}

fn verified() -> Event {
    Event::Finish {
        state: State::Done,
        outcome: Outcome::Verified,
    }
}

/// The same on each database.
async fn on_both(test: impl AsyncFn(&Database)) {
    for database in databases::both().await {
        eprintln!("on {}", database.url);
        test(&database).await;
    }
}

async fn kept(store: &Store, id: i64, event: &Event, now: u64) -> Request {
    match store.turn(id, event, now).await.unwrap() {
        Turned::Kept { request, .. } => request,
        other => unreachable!("{other:?}"),
    }
}

async fn refused(store: &Store, id: i64, event: &Event, now: u64) -> Refused {
    match store.turn(id, event, now).await.unwrap() {
        Turned::Refused { refused, .. } => refused,
        other => unreachable!("{other:?}"),
    }
}

/// Every row in order, as "seq step object by".
async fn steps(store: &Store) -> String {
    let mut text = String::new();
    let add = |row: &Row| {
        let by = row.entry.by.as_ref().map_or("-", |by| &by.name);
        let Row { seq, entry, .. } = row;
        text.push_str(&format!(
            "{seq} {} {} {by}: {}\n",
            entry.step, entry.object, entry.detail
        ));
    };
    store.export(add).await.unwrap();
    text
}

async fn verdict(store: &Store, anchor: Option<&str>) -> Result<(), Fault> {
    let head = store.head().await.unwrap();
    let mut rows = Vec::new();
    store.export(|row| rows.push(row.clone())).await.unwrap();
    verify(&rows, &head, anchor)
}

/// The request with this number.
async fn found(store: &Store, id: i64) -> Request {
    store.request(id).await.unwrap().unwrap()
}
