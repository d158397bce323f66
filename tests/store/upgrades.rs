//! A store that an earlier version has written, with requests waiting, is read and carried on by this one.

use super::*;

/// What each version has written, as SQL; a new migration needs a new one here.
const EARLIER: &[(i64, &str)] = &[
    (1, include_str!("earlier/1.sql")),
    (2, include_str!("earlier/2.sql")),
];

#[tokio::test]
async fn a_store_of_every_earlier_version_loses_nothing() {
    on_both(async |like| {
        for (version, sql) in EARLIER {
            let database = like.another().await;
            database.alter(sql).await;
            let store = database.open().await;
            let waiting = store.waiting().await.unwrap();
            let states: Vec<_> = waiting
                .iter()
                .map(|request| (request.id, request.state))
                .collect();
            assert_eq!(states, [(1, State::Pending), (2, State::Executing)], "{version}");
            assert_eq!(waiting[1].reason, "disk is failing 磁盘故障");
            assert_eq!(store.freeze().await.unwrap().unwrap().by, wei());
            let frozen = refused(&store, 2, &call(), 3).await;
            assert!(matches!(frozen, Refused::Frozen(_)));
            store.unfreeze(&ming(), false, 4).await.unwrap().unwrap();
            kept(&store, 2, &call(), 5).await;
            kept(&store, 1, &approve(ming(), &waiting[0]), 5).await;
            assert_eq!(verdict(&store, None).await, Ok(()), "{version}");
        }
    })
    .await;
}

#[tokio::test]
async fn documents_of_an_earlier_version_are_answered_from_and_decided() {
    on_both(async |like| {
        for (_, sql) in EARLIER.iter().filter(|(version, _)| *version >= 2) {
            let database = like.another().await;
            database.alter(sql).await;
            let store = database.open().await;
            let documents = store.documents().await.unwrap();
            let names: Vec<(String, i64)> = documents.iter().map(|it| (it.name(), it.version)).collect();
            assert_eq!(names, [("kb-1".to_owned(), 1)]);
            let decided = super::documents::approve(&store, 2, 9).await;
            assert_eq!(
                (decided.version, decided.text.short.as_str()),
                (2, "Cordon it, then drain.")
            );
        }
    })
    .await;
}

#[tokio::test]
async fn there_is_an_earlier_store_for_every_version() {
    let database = databases::sqlite();
    let store = database.open().await;
    let newest = EARLIER.last().unwrap().0;
    store.close().await;
    let same = format!("UPDATE schema_version SET version = {newest} WHERE version = {newest}");
    let why = "tests/store/earlier has no store of the newest version";
    assert_eq!(database.alter(&same).await, 1, "{why}");
}
