//! The audit: searched, exported, and any change of it found.

use firstmate::remedy::approval::Entry;
use firstmate::store::{AuditFind, Chain, Fault};

use super::*;

/// Three requests, one of them rejected: four rows.
async fn filled(database: &Database) -> Store {
    let store = database.open().await;
    for node in ["node-1", "node-2", "node-3"] {
        store.create(asked(node), 5).await.unwrap().unwrap();
    }
    kept(&store, 2, &reject(ming()), 9).await;
    store
}

#[tokio::test]
async fn the_audit_is_searched_by_person_object_request_and_time() {
    on_both(async |database| {
        let store = filled(database).await;
        store
            .note(&Entry {
                at: 20,
                step: "refused".to_owned(),
                by: Some(wei()),
                cluster: "staging".to_owned(),
                object: "node/a\0b".to_owned(),
                ..Entry::default()
            })
            .await
            .unwrap();
        type Set = fn(&mut AuditFind);
        let cases: [(Set, &[i64]); 10] = [
            (|_| {}, &[5, 4, 3, 2, 1]),
            (|find| find.limit = 2, &[5, 4]),
            (|find| find.before = Some(3), &[2, 1]),
            (|find| find.person = Some(ming().id), &[4]),
            (|find| find.object = Some("node/node-2".to_owned()), &[4, 2]),
            (|find| find.object = Some("node/a\0b".to_owned()), &[5]),
            (|find| find.cluster = Some("staging".to_owned()), &[5]),
            (|find| find.request = Some(2), &[4, 2]),
            (|find| find.from = Some(9), &[5, 4]),
            (|find| find.to = Some(9), &[3, 2, 1]),
        ];
        for (set, expected) in cases {
            let mut find = AuditFind::default();
            set(&mut find);
            let found = store.audit(&find).await.unwrap();
            let seqs: Vec<i64> = found.iter().map(|row| row.seq).collect();
            assert_eq!(seqs, expected, "{find:?}");
        }
        assert_eq!(verdict(&store, None).await, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn whoever_clicks_without_end_does_not_fill_the_audit() {
    on_both(async |database| {
        let store = filled(database).await;
        let request = found(&store, 2).await;
        let note = async |by: Person, at: u64, detail: &str| {
            store
                .note(&request.entry("refused", Some(&by), at, detail))
                .await
                .unwrap();
            store.head().await.unwrap().seq
        };
        assert_eq!(note(wei(), 10, "Decided").await, 5);
        assert_eq!(note(wei(), 10 + 59_999, "Decided").await, 5);
        assert_eq!(note(wei(), 20, "Twice").await, 6);
        assert_eq!(note(olga(), 20, "Twice").await, 7);
        assert_eq!(note(wei(), 20 + 60_000, "Twice").await, 8);
        assert_eq!(verdict(&store, None).await, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn every_change_of_a_row_is_found_and_named() {
    on_both(async |database| {
        let edits = [
            "UPDATE audit SET at = at + 1 WHERE seq = 2",
            "UPDATE audit SET request = NULL WHERE seq = 2",
            "UPDATE audit SET person = 9 WHERE seq = 2",
            "UPDATE audit SET person = NULL WHERE seq = 2",
            "UPDATE audit SET cluster = 'x' WHERE seq = 2",
            "UPDATE audit SET object = 'x' WHERE seq = 2",
            "UPDATE audit SET write = 'x' WHERE seq = 2",
            "UPDATE audit SET entry = 'x' WHERE seq = 2",
            "UPDATE audit SET entry = replace(entry, '\"at\":5', '\"at\":6') WHERE seq = 2",
            "UPDATE audit SET entry = replace(entry, '\"by\":{\"id\":', '\"by\":{\"id\":7') WHERE seq = 2",
            "UPDATE audit SET entry = replace(entry, '\"request\":2', '\"request\":3') WHERE seq = 2",
            "UPDATE audit SET entry = replace(entry, 'disk', 'mouse') WHERE seq = 2",
            "UPDATE audit SET entry = replace(entry, '\"name\":\"olga\"', '\"name\":\"ming\"') WHERE seq = 2",
            "UPDATE audit SET entry = '{\"more\":1,' || substr(entry, 2) WHERE seq = 2",
            "UPDATE audit SET hash = previous WHERE seq = 2",
            "UPDATE audit SET previous = hash WHERE seq = 2",
        ];
        for edit in edits {
            let found = after(&[edit], database).await;
            assert_eq!(found, Err(Fault::Edited { seq: 2 }), "{edit}");
        }
        let apart = "UPDATE audit SET seq = CASE seq WHEN 2 THEN -3 ELSE -2 END WHERE seq IN (2, 3)";
        let cases: [(&[&str], Fault); 5] = [
            (
                &[apart, "UPDATE audit SET seq = -seq WHERE seq < 0"],
                Fault::Edited { seq: 2 },
            ),
            (&["DELETE FROM audit WHERE seq = 2"], Fault::Missing { seq: 2 }),
            (
                &["DELETE FROM audit WHERE seq > 2"],
                Fault::CutOff { seq: 3, head: 4 },
            ),
            (&["UPDATE head SET hash = 'x'"], Fault::Head { seq: 4 }),
            (&["UPDATE head SET seq = 0"], Fault::Head { seq: 4 }),
        ];
        for (statements, fault) in cases {
            assert_eq!(after(statements, database).await, Err(fault), "{statements:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_chain_that_was_written_anew_does_not_have_the_anchor() {
    on_both(async |database| {
        let store = filled(database).await;
        let anchor = store.head().await.unwrap().hash;
        assert_eq!(verdict(&store, Some(&anchor)).await, Ok(()));
        kept(&store, 1, &reject(ming()), 9).await;
        assert_eq!(verdict(&store, Some(&anchor.to_uppercase())).await, Ok(()));

        // Cut off, with a head that agrees: intact by itself.
        let rows = store.audit(&AuditFind::default()).await.unwrap();
        let third = rows.iter().find(|row| row.seq == 3).unwrap();
        let head = format!("UPDATE head SET seq = 3, hash = '{}'", third.hash);
        database.alter(&head).await;
        database.alter("DELETE FROM audit WHERE seq > 3").await;
        assert_eq!(verdict(&store, None).await, Ok(()));
        assert_eq!(
            verdict(&store, Some(&anchor)).await,
            Err(Fault::Anchor { seq: 3 })
        );
        // And continued otherwise.
        kept(&store, 3, &reject(ming()), 9).await;
        assert_eq!(verdict(&store, None).await, Ok(()));
        assert_eq!(
            verdict(&store, Some(&anchor)).await,
            Err(Fault::Anchor { seq: 4 })
        );
    })
    .await;
}

#[tokio::test]
async fn rows_that_come_while_it_is_verified_are_no_fault() {
    on_both(async |database| {
        let store = filled(database).await;
        let head = store.head().await.unwrap();
        kept(&store, 1, &reject(ming()), 9).await;
        let mut rows = Vec::new();
        store.export(|row| rows.push(row.clone())).await.unwrap();
        assert_eq!(rows.len(), 5);
        let mut chain = Chain::new(Some(&head.hash));
        rows.iter().for_each(|row| chain.follow(row).unwrap());
        assert_eq!(chain.end(&head, &store.head().await.unwrap()), Ok(()));
    })
    .await;
}

#[tokio::test]
async fn a_long_audit_is_exported_whole_and_in_order() {
    on_both(async |database| {
        let store = database.open().await;
        let entry = Entry {
            step: "refused".to_owned(),
            ..Entry::default()
        };
        for _ in 0..1_001 {
            store.note(&entry).await.unwrap();
        }
        let mut seqs = Vec::new();
        store.export(|row| seqs.push(row.seq)).await.unwrap();
        assert!(seqs.iter().copied().eq(1..=1_001), "{seqs:?}");
    })
    .await;
}

/// What is found after these statements, each on a new database like this one.
async fn after(statements: &[&str], like: &Database) -> Result<(), Fault> {
    let database = like.another().await;
    let store = filled(&database).await;
    for statement in statements {
        assert!(database.alter(statement).await > 0, "{statement}");
    }
    verdict(&store, None).await
}
