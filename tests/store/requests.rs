//! Requests, from question to verified change, and all that stops them.

use expect_test::expect;
use firstmate::remedy::approval::{Event, Freeze, Refused, State};
use firstmate::store::{Find, Turned, Unfreeze};

use super::*;

#[tokio::test]
async fn a_request_is_kept_from_question_to_verified_change() {
    on_both(async |database| {
        let store = database.open().await;
        let request = store.create(asked("node-3"), 0).await.unwrap().unwrap();
        assert_eq!((request.id, request.version), (1, 1));
        assert_eq!(store.request(1).await.unwrap(), Some(request.clone()));

        let posted = kept(&store, 1, &Event::Posted { message: 99 }, 1).await;
        assert_eq!((posted.version, posted.card.message), (2, 99));
        let approved = kept(&store, 1, &approve(ming(), &request), 2).await;
        assert_eq!(approved.state, State::Executing);
        let Turned::Kept { request, granted } = store.turn(1, &call(), 3).await.unwrap() else {
            panic!("not kept");
        };
        let granted = granted.unwrap();
        assert_eq!((granted.request(), granted.resource_version()), (&request, "41"));
        let Turned::Kept { granted: None, .. } = store.turn(1, &executed(), 4).await.unwrap() else {
            panic!("only a call is granted");
        };
        let done = kept(&store, 1, &verified(), 5).await;
        assert_eq!(store.request(1).await.unwrap(), Some(done));

        expect![[r#"
        1 requested node/node-3 olga: disk is failing
        2 approved node/node-3 ming: 1 of 1
        3 calling node/node-3 ming: resourceVersion 41
        4 executed node/node-3 ming: patch node/node-3: 200
        5 verified node/node-3 -: read again: as wanted
    "#]]
        .assert_eq(&steps(&store).await);
        assert_eq!(verdict(&store, None).await, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn what_is_refused_changes_nothing() {
    on_both(async |database| {
        let store = database.open().await;
        let request = store.create(asked("node-3"), 0).await.unwrap().unwrap();
        let own = approve(olga(), &request);
        assert_eq!(refused(&store, 1, &own, 1).await, Refused::OwnRequest);
        assert_eq!(refused(&store, 1, &call(), 1).await, Refused::NotExecuting);
        let late = approve(ming(), &request);
        assert_eq!(refused(&store, 1, &late, 10 * MINUTE).await, Refused::Expired);
        assert_eq!(store.request(1).await.unwrap(), Some(request));
        assert_eq!(store.head().await.unwrap().seq, 1);
        assert!(matches!(
            store.turn(2, &call(), 1).await.unwrap(),
            Turned::Missing
        ));
    })
    .await;
}

#[tokio::test]
async fn what_waits_is_what_is_pending_or_executing() {
    on_both(async |database| {
        let store = database.open().await;
        for node in ["node-1", "node-2", "node-3"] {
            store.create(asked(node), 0).await.unwrap().unwrap();
        }
        let first = store.request(1).await.unwrap().unwrap();
        kept(&store, 1, &approve(ming(), &first), 1).await;
        kept(&store, 2, &reject(ming()), 1).await;
        assert_eq!(ids(&store.waiting().await.unwrap()), [1, 3]);
    })
    .await;
}

#[tokio::test]
async fn a_card_is_stale_until_it_shows_the_last_version() {
    on_both(async |database| {
        let store = database.open().await;
        store.create(asked("node-1"), 0).await.unwrap().unwrap();
        store.create(asked("node-2"), 0).await.unwrap().unwrap();
        assert_eq!(ids(&store.stale().await.unwrap()), [1, 2]);
        store.shown(1, 1).await.unwrap();
        assert_eq!(ids(&store.stale().await.unwrap()), [2]);
        let rejected = kept(&store, 1, &reject(ming()), 1).await;
        assert_eq!(ids(&store.stale().await.unwrap()), [1, 2]);
        store.shown(1, rejected.version).await.unwrap();
        // Whoever edited the card with the older version is late.
        store.shown(1, 1).await.unwrap();
        assert_eq!(ids(&store.stale().await.unwrap()), [2]);
    })
    .await;
}

#[tokio::test]
async fn requests_are_found_by_channel_person_object_and_state() {
    on_both(async |database| {
        let store = database.open().await;
        for node in ["node-1", "node-2", "node-3"] {
            store.create(asked(node), 0).await.unwrap().unwrap();
        }
        let mut elsewhere = asked("node-1");
        elsewhere.card.channel = u64::MAX;
        elsewhere.requester = wei();
        elsewhere.plan.action = elsewhere.plan.action.inverse();
        store.create(elsewhere, 0).await.unwrap().unwrap();
        let first = store.request(1).await.unwrap().unwrap();
        kept(&store, 1, &approve(ming(), &first), 1).await;
        kept(&store, 2, &reject(ming()), 1).await;

        type Set = fn(&mut Find);
        let cases: [(Set, &[i64]); 9] = [
            (|_| {}, &[4, 3, 2, 1]),
            (|find| find.limit = 2, &[4, 3]),
            (|find| find.before = Some(3), &[2, 1]),
            (|find| find.channel = Some(u64::MAX), &[4]),
            (|find| find.person = Some(ming().id), &[2, 1]),
            (|find| find.person = Some(wei().id), &[4]),
            (|find| find.object = Some("node/node-1".to_owned()), &[4, 1]),
            (|find| find.cluster = Some("staging".to_owned()), &[]),
            (
                |find| find.states = vec![State::Rejected, State::Executing],
                &[2, 1],
            ),
        ];
        for (set, expected) in cases {
            let mut find = Find::default();
            set(&mut find);
            let found = store.find(&find).await.unwrap();
            assert_eq!(ids(&found), expected, "{find:?}");
        }
        let together = Find {
            states: vec![State::Rejected, State::Executing],
            object: Some("node/node-1".to_owned()),
            person: Some(olga().id),
            ..Find::default()
        };
        assert_eq!(ids(&store.find(&together).await.unwrap()), [1]);
    })
    .await;
}

#[tokio::test]
async fn a_freeze_stops_approval_and_call_and_is_taken_back_by_another() {
    on_both(async |database| {
        let store = database.open().await;
        let request = store.create(asked("node-3"), 0).await.unwrap().unwrap();
        store.create(asked("node-4"), 0).await.unwrap().unwrap();
        kept(&store, 1, &approve(ming(), &request), 1).await;
        let freeze = Freeze {
            by: wei(),
            at: 2,
            reason: "audit".to_owned(),
        };
        assert_eq!(store.set_freeze(&freeze).await.unwrap(), Ok(()));
        assert_eq!(store.set_freeze(&freeze).await.unwrap(), Err(freeze.clone()));
        assert_eq!(store.freeze().await.unwrap(), Some(freeze.clone()));
        let second = store.request(2).await.unwrap().unwrap();
        let frozen = Refused::Frozen(freeze.clone());
        assert_eq!(refused(&store, 1, &call(), 3).await, frozen);
        assert_eq!(refused(&store, 2, &approve(ming(), &second), 3).await, frozen);

        let same = store.unfreeze(&wei(), false, 4).await.unwrap();
        assert_eq!(same, Err(Unfreeze::SamePerson(freeze.clone())));
        assert_eq!(
            store.unfreeze(&ming(), false, 4).await.unwrap(),
            Ok(freeze.clone())
        );
        assert_eq!(
            store.unfreeze(&ming(), false, 4).await.unwrap(),
            Err(Unfreeze::NotFrozen)
        );
        assert_eq!(store.set_freeze(&freeze).await.unwrap(), Ok(()));
        assert_eq!(store.unfreeze(&wei(), true, 5).await.unwrap(), Ok(freeze));
        assert_eq!(store.freeze().await.unwrap(), None);
        assert_eq!(verdict(&store, None).await, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn old_requests_are_forgotten_and_their_audit_is_not() {
    on_both(async |database| {
        let store = database.open().await;
        for node in ["node-1", "node-2", "node-3"] {
            store.create(asked(node), 0).await.unwrap().unwrap();
        }
        kept(&store, 1, &reject(ming()), 1).await;
        kept(&store, 2, &reject(ming()), 5).await;
        let third = store.request(3).await.unwrap().unwrap();
        kept(&store, 3, &approve(ming(), &third), 1).await;
        assert_eq!(store.prune(5).await.unwrap(), 1);
        assert_eq!(ids(&store.find(&Find::default()).await.unwrap()), [3, 2]);
        assert_eq!(store.head().await.unwrap().seq, 6);
        let next = store.create(asked("node-4"), 6).await.unwrap().unwrap();
        assert_eq!(next.id, 4, "a number is never given twice");
        assert_eq!(verdict(&store, None).await, Ok(()));
    })
    .await;
}

fn ids(requests: &[Request]) -> Vec<i64> {
    requests.iter().map(|request| request.id).collect()
}

#[tokio::test]
async fn everything_is_kept_over_a_restart() {
    on_both(async |database| {
        let store = database.open().await;
        let request = store.create(asked("node-3"), 0).await.unwrap().unwrap();
        let freeze = Freeze {
            by: ming(),
            at: 1,
            reason: "audit".to_owned(),
        };
        store.set_freeze(&freeze).await.unwrap().unwrap();
        store.close().await;

        let store = database.open().await;
        assert_eq!(store.waiting().await.unwrap(), [request]);
        assert_eq!(store.freeze().await.unwrap(), Some(freeze));
        assert_eq!(store.create(asked("node-4"), 2).await.unwrap().unwrap().id, 2);
        assert_eq!(verdict(&store, None).await, Ok(()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_writers_each_have_their_turn() {
    on_both(async |database| {
        // Two handles are two processes as far as the database is concerned.
        let stores = [database.open().await, database.open().await];
        let writers = (0..40).map(|number| {
            let store = stores[number % 2].clone();
            tokio::spawn(async move { store.create(asked(&format!("node-{number}")), 0).await })
        });
        let mut ids = Vec::new();
        for writer in writers.collect::<Vec<_>>() {
            ids.push(writer.await.unwrap().unwrap().unwrap().id);
        }
        ids.sort_unstable();
        assert!(ids.iter().copied().eq(1..=40), "{ids:?}");
        assert_eq!(verdict(&stores[0], None).await, Ok(()));
    })
    .await;
}
