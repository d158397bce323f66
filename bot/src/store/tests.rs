//! What is a file's alone, and what can be seen from inside only; `tests/store` has the rest, on both databases.

use super::*;
use crate::remedy::action::Action;
use crate::remedy::approval::{Entry, Person, Place, Request, State};
use crate::remedy::plan::{Basis, Plan, Seen};

struct File(tempfile::TempDir);

impl File {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.0.path().join("firstmate.db").display())
    }

    async fn open(&self) -> Store {
        Store::open(&self.url()).await.unwrap()
    }
}

#[cfg(unix)]
#[tokio::test]
async fn others_on_the_machine_cannot_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let file = File::new();
    let store = file.open().await;
    store.create(asked("node-3"), 0).await.unwrap().unwrap();
    for entry in std::fs::read_dir(file.0.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", entry.file_name());
    }
}

#[tokio::test]
async fn to_read_a_store_makes_none() {
    let file = File::new();
    let error = Store::open_existing(&file.url()).await.unwrap_err();
    assert!(matches!(error, StoreError::Gone { .. }), "{error}");
    assert_eq!(std::fs::read_dir(file.0.path()).unwrap().count(), 0);
    file.open().await;
    Store::open_existing(&file.url())
        .await
        .unwrap()
        .healthy()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_full_disk_is_said_and_nothing_is_half_kept() {
    let file = File::new();
    let store = file.open().await;
    let mut kept = 0;
    // One connection is enough for one writer, so the limit is on all there are.
    let pages = store.pool.all("PRAGMA page_count", vec![]).await.unwrap();
    let pages: i64 = pages[0].get("page_count").unwrap();
    let limit = format!("PRAGMA max_page_count = {}", pages + 4);
    store.pool.all(sqlx::AssertSqlSafe(limit), vec![]).await.unwrap();
    let error = loop {
        match store.create(asked(&format!("node-{kept}")), 0).await {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
    assert!(error.to_string().contains("is full"), "{error}");
    assert!(kept > 0);
    whole(&store, kept).await;

    // The limit is a connection's own, and the store may have several.
    store.close().await;
    let store = file.open().await;
    store.create(asked("another"), 0).await.unwrap().unwrap();
    whole(&store, kept + 1).await;
}

/// As many requests as rows of the audit, and a chain without a fault.
async fn whole(store: &Store, requests: usize) {
    assert_eq!(store.waiting().await.unwrap().len(), requests);
    let (head, mut rows) = (store.head().await.unwrap(), Vec::new());
    store.export(|row| rows.push(row.clone())).await.unwrap();
    assert_eq!(rows.len(), requests);
    assert_eq!(verify(&rows, &head, Some(&head.hash)), Ok(()));
}

#[tokio::test]
async fn a_password_is_in_no_error() {
    for url in [
        "postgres://olga:secret-word@127.0.0.1:1/firstmate",
        "postgres://olga:secret-word@127.0.0.1:port/firstmate",
        "mysql://olga:secret-word@127.0.0.1/firstmate",
        "olga:secret-word",
    ] {
        let error = Store::open(url).await.unwrap_err();
        assert!(matches!(error, StoreError::Gone { .. }), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("secret-word"), "{error:?}");
    }
}

#[test]
fn a_hash_can_be_computed_by_hand() {
    let entry = Entry {
        at: 1,
        step: "frozen".to_owned(),
        ..Entry::default()
    };
    let body = chain::body(&entry, "w");
    // printf '%s' "$TEXT" | sha256sum
    expect_test::expect!["afe2a0e0215dffcac9dc626f1355b4861cd9ca93e567541bb5c8e9fc927e7f85"]
        .assert_eq(&chain::hash(chain::START, 1, &body));
}

#[tokio::test]
async fn a_row_that_was_given_a_new_hash_is_not_the_one_before_the_next() {
    let store = Store::open("sqlite::memory:").await.unwrap();
    let mut rows = Vec::new();
    for node in ["node-1", "node-2", "node-3"] {
        store.create(asked(node), 0).await.unwrap().unwrap();
    }
    store.export(|row| rows.push(row.clone())).await.unwrap();
    let head = store.head().await.unwrap();
    rows[1].hash = chain::hash(&rows[1].previous, 2, rows[0].body());
    assert_eq!(verify(&rows, &head, None), Err(Fault::Edited { seq: 2 }));
    let mut other = rows[0].clone();
    other.seq = 2;
    other.previous.clone_from(&rows[0].hash);
    other.hash = chain::hash(&other.previous, 2, other.body());
    rows[1] = other;
    assert_eq!(verify(&rows, &head, None), Err(Fault::Unlinked { seq: 3 }));
}

fn person() -> Person {
    Person {
        id: 1,
        name: "olga".to_owned(),
        user: "olga@example.com".to_owned(),
        groups: vec!["sre".to_owned()],
    }
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
        requester: person(),
        reason: "disk is failing".to_owned(),
        needed: 1,
        self_approval: false,
        approvals: vec![],
        rejection: None,
        created_at: 0,
        expires_at: 600_000,
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

#[tokio::test]
async fn a_store_knows_its_file_also_in_a_folder_of_an_odd_name() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("50% off?");
    std::fs::create_dir(&folder).unwrap();
    let file = folder.join("firstmate.db");
    let name = file.display().to_string().replace('%', "%25").replace('?', "%3f");
    let store = Store::open(&format!("sqlite:{name}")).await.unwrap();
    assert_eq!(store.file(), Some(file.as_path()));
    assert_eq!(store.place(), format!("the store {}", file.display()));
    assert!(store.healthy().await.is_ok());
    // What was deleted while it was open is noticed there too.
    std::fs::remove_file(&file).unwrap();
    assert!(store.healthy().await.is_err());
    let store = Store::open("sqlite::memory:").await.unwrap();
    assert_eq!(store.file(), None);
}
