//! Whatever comes at once, late, twice or out of order: one execution a request, legal states, an intact audit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

use firstmate::remedy::approval::{Event, Freeze, Person, Request, State};
use firstmate::store::Row;
use tokio::task::JoinSet;

use super::*;

/// Seeds at the least; each is another order of events.
const SEEDS: u64 = 12;
/// Seeds at the most, until every end was seen: which of them come is up to how the tasks are scheduled.
const SEEDS_AT_MOST: u64 = 20 * SEEDS;
/// How a request may end.
const ENDS: [&str; 4] = [
    "Done Some(Verified)",
    "Expired None",
    "NotDone Some(Frozen)",
    "Rejected None",
];
/// Events thrown at the requests of one seed, all at once.
const THROWN: u64 = 40;
/// Requests of one seed.
const REQUESTS: i64 = 4;

/// Numbers that are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        // The step of splitmix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}

/// What one click or timer does.
#[derive(Clone, Debug)]
enum Thrown {
    Turn { id: i64, event: Box<Event>, now: u64 },
    Freeze,
    Unfreeze,
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_approvers_at_once_one_approves() {
    on_both(async |database| {
        let stores = [database.open().await, database.open().await];
        for number in 0..10 {
            let request = stores[0]
                .create(asked(&format!("node-{number}")), 0)
                .await
                .unwrap()
                .unwrap();
            let events = [approve(ming(), &request), approve(wei(), &request)];
            assert_eq!(at_once(&stores, request.id, &events).await, 1);
            assert_eq!(found(&stores[0], request.id).await.approvals.len(), 1);
        }
        assert_eq!(verdict(&stores[0], None).await, Ok(()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_same_asked_for_at_once_one_is_kept() {
    on_both(async |database| {
        let stores = [database.open().await, database.open().await];
        let asking = (0..6).map(|number| stores[number % 2].create(asked("node-3"), 0));
        let created = futures::future::join_all(asking).await;
        let mut kept = 0;
        for created in created {
            match created.unwrap() {
                Ok(_) => kept += 1,
                Err(other) => assert_eq!(other.id, 1),
            }
        }
        assert_eq!((kept, stores[0].waiting().await.unwrap().len()), (1, 1));
        // Once it is over, the same can be asked for again; something else could all the time.
        assert_eq!(stores[1].create(asked("node-4"), 0).await.unwrap().unwrap().id, 2);
        self::kept(&stores[0], 1, &reject(wei()), 1).await;
        assert_eq!(stores[1].create(asked("node-3"), 2).await.unwrap().unwrap().id, 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_yes_and_no_at_once_one_counts() {
    on_both(async |database| {
        let stores = [database.open().await, database.open().await];
        for number in 0..10 {
            let request = stores[0]
                .create(asked(&format!("node-{number}")), 0)
                .await
                .unwrap()
                .unwrap();
            let events = [approve(ming(), &request), reject(wei())];
            assert_eq!(at_once(&stores, request.id, &events).await, 1);
            let request = found(&stores[0], request.id).await;
            let is_approved = request.state == State::Executing && request.rejection.is_none();
            let is_rejected = request.state == State::Rejected && request.approvals.is_empty();
            assert!(is_approved || is_rejected, "{request:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_click_delivered_twice_counts_once() {
    on_both(async |database| {
        let stores = [database.open().await, database.open().await];
        for number in 0..10 {
            let mut wants_two = asked(&format!("node-{number}"));
            wants_two.needed = 2;
            let request = stores[0].create(wants_two, 0).await.unwrap().unwrap();
            let click = approve(ming(), &request);
            assert_eq!(at_once(&stores, request.id, &[click.clone(), click]).await, 1);
            let request = found(&stores[0], request.id).await;
            assert_eq!((request.state, request.approvals.len()), (State::Pending, 1));
        }
    })
    .await;
}

/// How many of these events, all at once and through two handles, happened.
async fn at_once(stores: &[Store; 2], id: i64, events: &[Event; 2]) -> usize {
    let turn = async |place: usize| stores[place].turn(id, &events[place], 1).await.unwrap();
    let (first, second) = tokio::join!(turn(0), turn(1));
    [first, second]
        .iter()
        .filter(|turned| matches!(turned, Turned::Kept { .. }))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_comes_in_whatever_order_each_request_is_carried_out_once_at_most() {
    on_both(async |database| {
        let store = database.open().await;
        let mut ends = BTreeSet::new();
        for seed in 0..SEEDS_AT_MOST {
            if seed >= SEEDS && ends.len() == ENDS.len() {
                break;
            }
            let before = store.head().await.unwrap().seq;
            let first = fill(&store, seed).await;
            let executions = storm(&database.open().await, &store, seed, first).await;
            for id in executions.keys() {
                // What nobody decided comes to its end in time.
                store.turn(*id, &Event::Expire, 10 * MINUTE).await.unwrap();
            }
            check(&store, seed, before, first, &executions).await;
            for id in executions.keys() {
                let request = found(&store, *id).await;
                ends.insert(format!("{:?} {:?}", request.state, request.outcome));
            }
        }
        // Otherwise nothing was tried.
        assert!(ends.iter().eq(ENDS.iter()), "{ends:?}");
        assert_eq!(verdict(&store, None).await, Ok(()));
    })
    .await;
}

/// New requests; some need two approvers.
async fn fill(store: &Store, seed: u64) -> i64 {
    let mut dice = Dice(seed);
    let mut first = 0;
    for number in 0..REQUESTS {
        let mut request = asked(&format!("node-{number}"));
        request.needed = 1 + usize::try_from(dice.roll(2)).unwrap();
        let id = store.create(request, 0).await.unwrap().unwrap().id;
        if first == 0 {
            first = id;
        }
    }
    first
}

/// Throws everything at once through two handles; whoever makes a request execute carries it out, as the bot does.
/// Returns how often the cluster was called for each.
async fn storm(one: &Store, other: &Store, seed: u64, first: i64) -> BTreeMap<i64, u64> {
    let mut dice = Dice(seed ^ 0xdead);
    let calls: std::sync::Arc<[AtomicU64; REQUESTS as usize]> = std::sync::Arc::default();
    let mut tasks = JoinSet::new();
    for _ in 0..THROWN {
        let thrown = throw(&mut dice, first, one).await;
        // Delivered twice now and then.
        for _ in 0..=dice.roll(8) / 7 {
            let (thrown, calls) = (thrown.clone(), std::sync::Arc::clone(&calls));
            let store = if dice.roll(2) == 0 { one } else { other }.clone();
            tasks.spawn(async move { happen(&store, thrown, first, &*calls).await });
        }
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let count = |(place, calls): (usize, &AtomicU64)| {
        (
            first + i64::try_from(place).unwrap(),
            calls.load(Ordering::SeqCst),
        )
    };
    calls.iter().enumerate().map(count).collect()
}

async fn throw(dice: &mut Dice, first: i64, store: &Store) -> Thrown {
    let id = first + i64::try_from(dice.roll(REQUESTS.unsigned_abs())).unwrap();
    let by = [olga(), ming(), wei(), person(4, "lin")][usize::try_from(dice.roll(4)).unwrap()].clone();
    let request = found(store, id).await;
    let turn = |event: Event, now: u64| Thrown::Turn {
        id,
        event: Box::new(event),
        now,
    };
    // Some come when its time is over; the expiry comes too early now and then.
    let now = if dice.roll(10) == 0 { 10 * MINUTE } else { MINUTE };
    match dice.roll(20) {
        0..=10 => turn(approve(by, &request), now),
        11 | 12 => turn(reject(by), now),
        13 | 14 => turn(Event::Expire, now),
        15 => {
            let mut plan = request.plan.clone();
            plan.basis.uid.push('x');
            turn(Event::Replan { by, plan }, now)
        }
        16 => turn(Event::Posted { message: 9 }, now),
        17 => turn(Event::Undone { by_request: 99 }, now),
        18 => Thrown::Freeze,
        _ => Thrown::Unfreeze,
    }
}

async fn happen(store: &Store, thrown: Thrown, first: i64, calls: &[AtomicU64]) {
    let freeze = Freeze {
        by: wei(),
        at: MINUTE,
        reason: "storm".to_owned(),
    };
    match thrown {
        Thrown::Freeze => drop(store.set_freeze(&freeze).await.unwrap()),
        Thrown::Unfreeze => drop(store.unfreeze(&ming(), false, MINUTE).await.unwrap()),
        Thrown::Turn { id, event, now } => {
            let turned = store.turn(id, &event, now).await.unwrap();
            let Turned::Kept { request, .. } = turned else {
                return;
            };
            if matches!(*event, Event::Approve { .. }) && request.state == State::Executing {
                let place = usize::try_from(id - first).unwrap();
                carry_out(store, id, &calls[place]).await;
            }
        }
    }
}

/// As the bot does it: only with what the store grants.
async fn carry_out(store: &Store, id: i64, calls: &AtomicU64) {
    let event = match store.turn(id, &call(), MINUTE).await.unwrap() {
        Turned::Kept {
            granted: Some(granted),
            ..
        } => {
            assert_eq!(granted.request().id, id);
            calls.fetch_add(1, Ordering::SeqCst);
            kept(store, id, &executed(), MINUTE).await;
            verified()
        }
        Turned::Refused {
            refused: Refused::Frozen(_),
            ..
        } => Event::Finish {
            state: State::NotDone,
            outcome: Outcome::Frozen,
        },
        other => unreachable!("{other:?}"),
    };
    kept(store, id, &event, MINUTE).await;
}

/// What must hold whatever happened.
async fn check(store: &Store, seed: u64, before: i64, first: i64, executions: &BTreeMap<i64, u64>) {
    let mut rows = Vec::new();
    store
        .export(|row| {
            if row.seq > before {
                rows.push(row.clone())
            }
        })
        .await
        .unwrap();
    for (id, calls) in executions {
        let request = found(store, *id).await;
        let of_it: Vec<&Row> = rows.iter().filter(|row| row.entry.request == Some(*id)).collect();
        let count = |step: &str| of_it.iter().filter(|row| row.entry.step == step).count() as u64;
        let story = || {
            of_it
                .iter()
                .map(|row| row.entry.step.as_str())
                .collect::<Vec<_>>()
        };
        let say = || format!("seed {seed}, request {}: {:?}, {request:?}", id - first, story());
        assert_eq!(
            (count("calling"), count("executed")),
            (*calls, *calls),
            "{}",
            say()
        );
        assert_eq!(*calls, u64::from(request.state == State::Done), "{}", say());
        let ends = ["rejected", "expired", "verified", "not_done"]
            .map(count)
            .iter()
            .sum::<u64>();
        assert_eq!(ends, u64::from(request.state.is_over()), "{}", say());
        assert!(request.state != State::Executing, "{}", say());
        is_told(&request, &of_it, &say());
    }
}

/// Each row begins where the one before ended, and the last ends where the request is.
fn is_told(request: &Request, rows: &[&Row], say: &str) {
    let mut state = None;
    for row in rows {
        assert_eq!(row.entry.before, state, "{say}");
        state = row.entry.after;
    }
    assert_eq!(state, Some(request.state), "{say}");
    let approvals = rows.iter().rev();
    let since = approvals.take_while(|row| row.entry.step != "replanned");
    let approvers: Vec<&Person> = since
        .filter(|row| row.entry.step == "approved")
        .filter_map(|row| row.entry.by.as_ref())
        .collect();
    let expected: Vec<&Person> = request
        .approvals
        .iter()
        .rev()
        .map(|approval| &approval.by)
        .collect();
    assert_eq!(approvers, expected, "{say}");
    assert!(expected.iter().all(|by| **by != request.requester), "{say}");
}
