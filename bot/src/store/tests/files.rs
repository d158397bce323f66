use super::*;

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

#[tokio::test]
async fn a_file_keeps_everything_over_a_restart() {
    let file = File::new();
    let store = file.open().await;
    let request = store.create(asked("node-3"), 0).await.unwrap();
    let freeze = Freeze {
        by: ming(),
        at: 1,
        reason: "audit".to_owned(),
    };
    store.set_freeze(&freeze).await.unwrap().unwrap();
    store.close().await;

    let store = file.open().await;
    assert_eq!(store.waiting().await.unwrap(), [request]);
    assert_eq!(store.freeze().await.unwrap(), Some(freeze));
    assert_eq!(store.create(asked("node-4"), 2).await.unwrap().id, 2);
    assert_eq!(verdict(&store, None).await, Ok(()));
}

#[cfg(unix)]
#[tokio::test]
async fn others_on_the_machine_cannot_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let file = File::new();
    let store = file.open().await;
    store.create(asked("node-3"), 0).await.unwrap();
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
async fn a_newer_schema_is_refused() {
    let file = File::new();
    let store = file.open().await;
    alter(&store, "UPDATE schema_version SET version = version + 1").await;
    let (found, known) = (schema::KNOWN + 1, schema::KNOWN);
    for error in [
        Store::open(&file.url()).await,
        Store::open_existing(&file.url()).await,
    ] {
        let error = error.unwrap_err().to_string();
        assert!(error.contains(&format!("has schema {found}, ")), "{error}");
        assert!(error.contains(&format!("up to {known}: ")), "{error}");
    }
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

#[tokio::test]
async fn forty_writers_on_one_file_each_have_their_turn() {
    let file = File::new();
    // Two handles are two processes as far as SQLite is concerned.
    let stores = [file.open().await, file.open().await];
    let writers = (0..40).map(|number| {
        let store = stores[number % 2].clone();
        tokio::spawn(async move { store.create(asked(&format!("node-{number}")), 0).await })
    });
    let mut ids = Vec::new();
    for writer in writers.collect::<Vec<_>>() {
        ids.push(writer.await.unwrap().unwrap().id);
    }
    ids.sort_unstable();
    assert!(ids.iter().copied().eq(1..=40), "{ids:?}");
    assert_eq!(verdict(&stores[0], None).await, Ok(()));
}
