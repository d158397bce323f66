//! The databases that the store is tested on: SQLite, and a PostgreSQL of the tests' own where it is installed.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use firstmate::store::{Store, StoreError};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, SqlSafeStr as _};
use tempfile::TempDir;

const HOW: &str = "Debian: apt-get install postgresql";
pub(crate) const PASSWORD: &str = "not-a-secret";

/// A database of its own, new and empty.
pub(crate) struct Database {
    pub(crate) url: String,
    _folder: Option<TempDir>,
}

/// A PostgreSQL that runs until this is dropped.
pub(crate) struct Server {
    port: u16,
    process: Child,
    folder: TempDir,
}

/// One on each of the two; on SQLite alone where PostgreSQL is absent.
pub(crate) async fn both() -> Vec<Database> {
    let mut found = vec![sqlite()];
    if let Some(server) = server() {
        found.push(server.database().await);
    }
    found
}

/// A file.
pub(crate) fn sqlite() -> Database {
    let folder = tempfile::tempdir().unwrap();
    Database {
        url: format!("sqlite:{}", folder.path().join("firstmate.db").display()),
        _folder: Some(folder),
    }
}

/// The one PostgreSQL that all tests share.
pub(crate) fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(Server::start).as_ref()
}

impl Database {
    pub(crate) async fn open(&self) -> Store {
        // SQLite does not wait for a lock where it turns to write-ahead logging, and another store may have it.
        for _ in 0..50 {
            match Store::open(&self.url).await {
                Err(StoreError::Locked { .. }) => tokio::time::sleep(Duration::from_millis(50)).await,
                opened => return opened.unwrap(),
            }
        }
        Store::open(&self.url).await.unwrap()
    }

    /// A new one on the same kind.
    pub(crate) async fn another(&self) -> Self {
        match server() {
            Some(server) if !self.is_sqlite() => server.database().await,
            _ => sqlite(),
        }
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }

    /// Whether PostgreSQL finds a row of this database.
    pub(crate) async fn has(&self, sql: &str) -> bool {
        let mut connection = sqlx::PgConnection::connect(&self.url).await.unwrap();
        let sql = format!("{sql} AND datname = current_database()");
        let rows = connection
            .fetch_all(AssertSqlSafe(sql).into_sql_str())
            .await
            .unwrap();
        connection.close().await.unwrap();
        !rows.is_empty()
    }

    /// Does what nobody should; says how many rows it changed.
    pub(crate) async fn alter(&self, sql: &str) -> u64 {
        let sql = AssertSqlSafe(sql.to_owned());
        if self.is_sqlite() {
            let mut connection = sqlx::SqliteConnection::connect(&format!("{}?mode=rwc", self.url))
                .await
                .unwrap();
            let done = connection.execute(sqlx::raw_sql(sql)).await.unwrap();
            connection.close().await.unwrap();
            return done.rows_affected();
        }
        let mut connection = sqlx::PgConnection::connect(&self.url).await.unwrap();
        let done = connection.execute(sqlx::raw_sql(sql)).await.unwrap();
        connection.close().await.unwrap();
        done.rows_affected()
    }
}

impl Server {
    /// Starts one, if it is installed.
    pub(crate) fn start() -> Option<Self> {
        if !tool("initdb").exists() {
            crate::skip("postgresql", HOW);
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let process = run(folder.path(), port);
        Some(Self {
            port,
            process,
            folder,
        })
    }

    /// An empty database on it.
    pub(crate) async fn database(&self) -> Database {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let admin = Database {
            url: self.url("postgres"),
            _folder: None,
        };
        admin.alter(&format!("CREATE DATABASE {name}")).await;
        Database {
            url: self.url(&name),
            _folder: None,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Ends it as an administrator would.
    pub(crate) fn stop(&mut self) {
        std::fs::write(self.folder.path().join("keep"), "").unwrap();
        drop(self.process.stdin.take());
        self.process.wait().unwrap();
    }

    /// Starts it again, with all that it had.
    pub(crate) fn start_again(&mut self) {
        self.process = run(self.folder.path(), self.port);
    }

    fn url(&self, database: &str) -> String {
        format!(
            "postgres://postgres:{PASSWORD}@127.0.0.1:{}/{database}",
            self.port
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn run(folder: &Path, port: u16) -> Child {
    let log = std::fs::File::create(folder.join("log")).unwrap();
    let mut process = Command::new("bash")
        .arg(crate::root().join("tests/postgres.sh"))
        .arg(folder)
        .arg(port.to_string())
        .env("PGPASSWORD", PASSWORD)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .unwrap();
    let mut line = String::new();
    let said = process.stdout.take().unwrap();
    BufReader::new(said).read_line(&mut line).unwrap();
    let log = || std::fs::read_to_string(folder.join("log")).unwrap();
    assert_eq!(line, "ready\n", "{}", log());
    process
}

/// A program of PostgreSQL's, where Debian has it or on the path.
pub(crate) fn tool(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let debian = versions.flatten().map(|version| version.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = debian.chain(std::env::split_paths(&path));
    let found = folders.find(|folder| folder.join(name).exists());
    found.unwrap_or_default().join(name)
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
