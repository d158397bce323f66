//! The store locked, full, gone, lost in the middle: said in clear words, nothing half kept, nothing done twice.

use firstmate::store::StoreError;
use sqlx::{Connection as _, Executor as _, SqliteConnection};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::*;
use crate::databases::Server;

/// What happens to the next COMMIT on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// Nothing.
    Not,
    /// The connection is lost before it arrives.
    Before,
    /// It is carried out, and the connection lost before the answer arrives.
    After,
    /// As `After`, and everything else is lost from then on.
    ForGood,
    /// It and everything else is lost.
    Dead,
    /// It is carried out, and no answer ever arrives.
    Silent,
    /// It never arrives, and nobody hears that the connection is lost.
    Stuck,
}

#[tokio::test]
async fn a_file_that_another_holds_is_said_to_be_locked() {
    let database = databases::sqlite();
    let store = database.open().await;
    store.create(asked("node-1"), 0).await.unwrap().unwrap();
    let mut other = SqliteConnection::connect(&database.url).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let error = store.turn(1, &reject(ming()), 1).await.unwrap_err();
    assert!(matches!(error, StoreError::Locked { .. }), "{error:?}");
    assert!(
        error
            .to_string()
            .ends_with("firstmate.db is locked by another process"),
        "{error}"
    );
    // Who only reads is not held up.
    assert_eq!(store.waiting().await.unwrap().len(), 1);
    other.execute("ROLLBACK").await.unwrap();
    kept(&store, 1, &reject(ming()), 1).await;
    assert_eq!(verdict(&store, None).await, Ok(()));
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_said() {
    let error = Store::open("sqlite:/nowhere/firstmate.db").await.unwrap_err();
    assert!(matches!(error, StoreError::Gone { .. }), "{error:?}");
    assert!(
        error
            .to_string()
            .starts_with("the store /nowhere/firstmate.db cannot be reached: "),
        "{error}"
    );
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_named_and_changed_by_nobody() {
    on_both(async |database| {
        let store = database.open().await;
        store.create(asked("node-1"), 0).await.unwrap().unwrap();
        database.alter("UPDATE requests SET body = '{}'").await;
        for error in [
            store.request(1).await.map(drop).unwrap_err(),
            store.turn(1, &reject(ming()), 1).await.map(drop).unwrap_err(),
        ] {
            assert!(
                error.to_string().contains("request 1 cannot be read: "),
                "{error}"
            );
        }
        assert_eq!(store.head().await.unwrap().seq, 1);
        // It does not hide the others.
        store.create(asked("node-2"), 1).await.unwrap().unwrap();
        let waiting = store.waiting().await.unwrap();
        let ids: Vec<i64> = waiting.iter().map(|request| request.id).collect();
        assert_eq!(ids, [2]);
    })
    .await;
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    on_both(async |database| {
        database.open().await.close().await;
        assert_eq!(
            database
                .alter("UPDATE schema_version SET version = version + 1")
                .await,
            1
        );
        for error in [
            Store::open(&database.url).await,
            Store::open_existing(&database.url).await,
        ] {
            let error = error.unwrap_err();
            assert!(matches!(error, StoreError::Newer { .. }), "{error:?}");
            assert!(
                error.to_string().contains("a newer one has written it"),
                "{error}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_full_database_is_said_and_a_conflict_is_tried_again() {
    let Some(server) = databases::server() else {
        return;
    };
    let database = server.database().await;
    let store = database.open().await;
    // The audit's row comes last, so a request without one would be half kept.
    let fails = |code: &str, until: u32| {
        format!(
            "CREATE SEQUENCE tries; CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN IF nextval('tries') < {until} THEN RAISE 'no' USING ERRCODE = '{code}'; END IF; \
             RETURN NEW; END $$; \
             CREATE TRIGGER fails BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION fail()"
        )
    };
    database.alter(&fails("53100", 1_000)).await;
    let error = store.create(asked("node-1"), 0).await.unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
    assert_eq!(store.waiting().await.unwrap(), []);
    database
        .alter("DROP FUNCTION fail CASCADE; DROP SEQUENCE tries")
        .await;

    for code in ["40001", "40P01"] {
        database.alter(&fails(code, 4)).await;
        store.create(asked(code), 0).await.unwrap().unwrap();
        database
            .alter("DROP FUNCTION fail CASCADE; DROP SEQUENCE tries")
            .await;
    }
    assert_eq!(store.waiting().await.unwrap().len(), 2);
    assert_eq!(verdict(&store, None).await, Ok(()));
}

/// A database goes on writing into a file that nobody will ever open again.
#[tokio::test]
async fn a_file_that_is_deleted_or_replaced_is_written_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("requests.db");
    let store = Store::open(&format!("sqlite:{}", file.display())).await.unwrap();
    let request = store.create(asked("node-1"), 0).await.unwrap().unwrap();
    store.healthy().await.unwrap();
    let aside = folder.path().join("aside");
    std::fs::rename(&file, &aside).unwrap();
    let is_refused = async || {
        let turned = store.turn(1, &approve(ming(), &request), 1).await.map(drop);
        for error in [turned.unwrap_err(), store.healthy().await.unwrap_err()] {
            assert!(error.to_string().contains("was deleted or replaced"), "{error}");
        }
    };
    is_refused().await;
    std::fs::write(&file, "").unwrap();
    is_refused().await;
    std::fs::rename(&aside, &file).unwrap();
    store.healthy().await.unwrap();
    kept(&store, 1, &approve(ming(), &request), 1).await;
}

/// What was put back from elsewhere reads well and takes nothing more.
#[tokio::test]
async fn a_head_that_its_audit_does_not_follow_is_not_healthy() {
    on_both(async |database| {
        let store = database.open().await;
        store.create(asked("node-1"), 0).await.unwrap().unwrap();
        store.healthy().await.unwrap();
        database.alter("UPDATE head SET seq = seq - 1").await;
        let error = store.healthy().await.unwrap_err();
        assert!(error.to_string().contains("its audit ends with row"), "{error}");
        database.alter("UPDATE head SET seq = seq + 1").await;
        store.healthy().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_database_that_is_down_is_said_and_used_again_when_it_is_back() {
    let Some(mut server) = Server::start() else {
        return;
    };
    let database = server.database().await;
    let store = database.open().await;
    let request = store.create(asked("node-1"), 0).await.unwrap().unwrap();
    server.stop();
    for error in [
        store
            .turn(1, &approve(ming(), &request), 1)
            .await
            .map(drop)
            .unwrap_err(),
        store.freeze().await.map(drop).unwrap_err(),
        store.healthy().await.unwrap_err(),
        Store::open(&database.url).await.map(drop).unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Gone { .. }), "{error:?}");
        let name = database.url.rsplit('/').next().unwrap();
        let said = format!(
            "the database {name} at 127.0.0.1:{} cannot be reached: ",
            server.port()
        );
        assert!(error.to_string().starts_with(&said), "{error}");
        assert!(!error.to_string().contains(databases::PASSWORD), "{error}");
    }
    server.start_again();
    kept(&store, 1, &approve(ming(), &request), 1).await;
    assert_eq!(steps(&store).await.lines().count(), 2);
    assert_eq!(verdict(&store, None).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_whose_commit_got_no_answer_happens_once() {
    let Some(server) = databases::server() else {
        return;
    };
    let database = server.database().await;
    let (url, cut) = between(&database, server.port()).await;
    let store = Store::open(&url).await.unwrap();
    for what in [Cut::Before, Cut::After] {
        let request = store
            .create(asked(&format!("{what:?}")), 0)
            .await
            .unwrap()
            .unwrap();
        let id = request.id;
        kept(&store, id, &approve(ming(), &request), 1).await;
        cut.send_replace(what);
        let turned = store.turn(id, &call(), 2).await.unwrap();
        assert!(
            matches!(turned, Turned::Kept { granted: Some(_), .. }),
            "{what:?} {turned:?}"
        );
        assert_eq!(*cut.borrow(), Cut::Not, "it was cut");
        let calling = steps(&store).await.matches("calling").count();
        assert_eq!(calling, usize::try_from(id).unwrap(), "{what:?}");
    }
    assert_eq!(verdict(&store, None).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_can_tell_whether_it_was_kept_nothing_is_granted() {
    let Some(server) = databases::server() else {
        return;
    };
    let database = server.database().await;
    let (url, cut) = between(&database, server.port()).await;
    let store = Store::open(&url).await.unwrap();
    let request = store.create(asked("node-3"), 0).await.unwrap().unwrap();
    kept(&store, 1, &approve(ming(), &request), 1).await;
    cut.send_replace(Cut::ForGood);
    let error = store.turn(1, &call(), 2).await.unwrap_err();
    assert!(matches!(error, StoreError::Unknown { .. }), "{error:?}");
    // It was: whoever looks later finds the call, and asks the cluster.
    let found = database.open().await.request(1).await.unwrap().unwrap();
    assert_eq!(found.call.unwrap().resource_version, "41");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_is_never_answered_is_waited_for_no_longer_than_ten_seconds() {
    let Some(server) = databases::server() else {
        return;
    };
    let database = server.database().await;
    let (url, cut) = between(&database, server.port()).await;
    let store = Store::open(&url).await.unwrap();
    cut.send_replace(Cut::Silent);
    let error = store.create(asked("node-3"), 0).await.unwrap_err();
    assert!(matches!(error, StoreError::Unknown { .. }), "{error:?}");
    assert!(
        error.to_string().ends_with("no answer within 10 seconds"),
        "{error}"
    );
    cut.send_replace(Cut::Not);
    // The next writer is not held up.
    assert_eq!(store.create(asked("node-4"), 1).await.unwrap().unwrap().id, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_is_cut_off_in_a_write_does_not_hold_up_the_next() {
    let Some(server) = databases::server() else {
        return;
    };
    let database = server.database().await;
    let (url, cut) = between(&database, server.port()).await;
    let store = Store::open(&url).await.unwrap();
    let next = database.open().await;
    cut.send_replace(Cut::Stuck);
    let lost = tokio::spawn(async move { store.create(asked("node-3"), 0).await });
    while !database
        .has("SELECT 1 FROM pg_stat_activity WHERE state = 'idle in transaction'")
        .await
    {
        tokio::task::yield_now().await;
    }
    // It gets its turn before its own time is over.
    assert_eq!(next.create(asked("node-4"), 1).await.unwrap().unwrap().id, 1);
    let error = lost.await.unwrap().unwrap_err();
    assert!(matches!(error, StoreError::Unknown { .. }), "{error:?}");
    assert_eq!(verdict(&next, None).await, Ok(()));
}

/// The database through a wire that can be cut.
async fn between(database: &Database, port: u16) -> (String, watch::Sender<Cut>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    let cut = watch::Sender::new(Cut::Not);
    let setting = cut.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let setting = setting.clone();
            tokio::spawn(async move { carry(client, port, &setting).await });
        }
    });
    (
        database.url.replace(&format!(":{port}/"), &format!(":{own}/")),
        cut,
    )
}

async fn carry(client: TcpStream, port: u16, cut: &watch::Sender<Cut>) -> Option<()> {
    if *cut.borrow() == Cut::Dead {
        return None;
    }
    let server = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    let (mut from_server, mut to_server) = server.into_split();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut asked, mut answered) = ([0; 8192], [0; 8192]);
    loop {
        tokio::select! {
            read = from_client.read(&mut asked) => {
                let chunk = &asked[..read.ok().filter(|read| *read > 0)?];
                let is_commit = chunk.windows(6).any(|word| word == b"COMMIT");
                let what = *cut.borrow();
                if is_commit && !matches!(what, Cut::Not | Cut::Dead) {
                    return lose(chunk, what, to_server, from_server, cut).await;
                }
                if what == Cut::Dead {
                    return None;
                }
                to_server.write_all(chunk).await.ok()?;
            }
            read = from_server.read(&mut answered) => {
                let read = read.ok().filter(|read| *read > 0)?;
                to_client.write_all(&answered[..read]).await.ok()?;
            }
        }
    }
}

/// Ends both ends, after the server has done it or before it hears of it.
async fn lose(
    chunk: &[u8],
    what: Cut,
    mut to_server: OwnedWriteHalf,
    mut from_server: tokio::net::tcp::OwnedReadHalf,
    cut: &watch::Sender<Cut>,
) -> Option<()> {
    if matches!(what, Cut::Silent | Cut::Stuck) {
        if what == Cut::Silent {
            to_server.write_all(chunk).await.ok()?;
        }
        return std::future::pending().await;
    }
    if matches!(what, Cut::After | Cut::ForGood) {
        to_server.write_all(chunk).await.ok()?;
        let mut answer = [0; 64];
        from_server
            .read(&mut answer)
            .await
            .ok()
            .filter(|read| *read > 0)?;
    }
    let next = match what {
        Cut::ForGood | Cut::Dead => Cut::Dead,
        _ => Cut::Not,
    };
    cut.send_replace(next);
    None
}
