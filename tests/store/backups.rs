//! The backups of `docs/guide/store.md`, taken while the bot writes, and used.

use std::process::{Command, Stdio};

use firstmate::remedy::approval::Freeze;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_a_file_in_use_is_whole_and_goes_on() {
    let database = databases::sqlite();
    let copy = databases::sqlite();
    let store = filled(&database).await;
    let writing = keep_writing(&store);
    let file = copy.url.trim_start_matches("sqlite:");
    database.alter(&format!("VACUUM INTO '{file}'")).await;
    writing.abort();
    goes_on(&copy).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_by_the_program_of_sqlite_is_whole_and_goes_on() {
    if !crate::oracle("sqlite3", "Debian: apt-get install sqlite3") {
        return;
    }
    let database = databases::sqlite();
    let copy = databases::sqlite();
    let store = filled(&database).await;
    let writing = keep_writing(&store);
    let file = copy.url.trim_start_matches("sqlite:");
    let backup = format!(".backup {file}");
    let status = Command::new("sqlite3")
        .args([database.url.trim_start_matches("sqlite:"), &backup])
        .status();
    writing.abort();
    assert!(status.unwrap().success());
    goes_on(&copy).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_of_a_database_in_use_is_whole_and_goes_on() {
    let Some(server) = databases::server() else {
        return;
    };
    let database = server.database().await;
    let copy = server.database().await;
    let store = filled(&database).await;
    let writing = keep_writing(&store);
    let dump = Command::new(databases::tool("pg_dump"))
        .args(["--no-owner", &database.url])
        .output()
        .unwrap();
    writing.abort();
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &dump.stdout).unwrap();
    let restored = Command::new(databases::tool("psql"))
        .args(["--quiet", "--set=ON_ERROR_STOP=1", "--file"])
        .arg(file.path())
        .arg(&copy.url)
        .stdout(Stdio::null())
        .status();
    assert!(restored.unwrap().success());
    goes_on(&copy).await;
}

/// One request waits, one is being carried out, changes are frozen.
async fn filled(database: &Database) -> Store {
    let store = database.open().await;
    store.create(asked("node-1"), 0).await.unwrap().unwrap();
    let second = store.create(asked("node-2"), 0).await.unwrap().unwrap();
    kept(&store, 2, &approve(ming(), &second), 1).await;
    let freeze = Freeze {
        by: wei(),
        at: 2,
        reason: "moving".to_owned(),
    };
    store.set_freeze(&freeze).await.unwrap().unwrap();
    store
}

/// Requests one after the other, until it is stopped.
fn keep_writing(store: &Store) -> tokio::task::JoinHandle<()> {
    let store = store.clone();
    tokio::spawn(async move {
        loop {
            let request = store.create(asked("node-9"), 3).await.unwrap().unwrap();
            kept(&store, request.id, &reject(ming()), 4).await;
        }
    })
}

async fn goes_on(copy: &Database) {
    let store = copy.open().await;
    let waiting = store.waiting().await.unwrap();
    let ids: Vec<i64> = waiting
        .iter()
        .map(|request| request.id)
        .filter(|id| *id < 3)
        .collect();
    assert_eq!(ids, [1, 2]);
    assert_eq!(store.freeze().await.unwrap().unwrap().by, wei());
    let anchor = store.head().await.unwrap().hash;
    assert_eq!(verdict(&store, Some(&anchor)).await, Ok(()));
    store.unfreeze(&ming(), false, 5).await.unwrap().unwrap();
    kept(&store, 2, &call(), 6).await;
    assert_eq!(verdict(&store, Some(&anchor)).await, Ok(()));
}
