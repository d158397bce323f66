//! Two databases behind one set of statements: `$1`, `BIGINT` and `TEXT` mean the same on both.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgRow, Postgres};
use sqlx::query::Query;
use sqlx::sqlite::{
    Sqlite, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _, Database, Decode, Encode, Executor as _};
use sqlx::{Row as _, SqlSafeStr, SqlStr};
use sqlx::{Transaction, Type};

/// How long SQLite waits for another process to let go of the file.
const BUSY: Duration = Duration::from_secs(5);
/// How long it may take to get a connection.
const CONNECT: Duration = Duration::from_secs(2);
/// Reads run beside one another and beside the one writer.
const CONNECTIONS: u32 = 8;
/// Any number that nobody else uses: who migrates the schema, does so alone.
const MIGRATING: i64 = 0x6669_7273_746d;

/// A bot that is cut off in the middle must not hold up the next one until the network gives it up.
const ALIVE: &str = "SET idle_in_transaction_session_timeout = '5s'; SET statement_timeout = '10s'";

/// Connections to one of the two.
#[derive(Clone, Debug)]
pub(super) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// A transaction on one of the two; undone unless it is committed.
pub(super) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// A row of one of the two.
pub(super) enum Line {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// What a statement is given.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
}

/// A type that both databases give back.
pub(super) trait Held:
    Type<Sqlite> + Type<Postgres> + for<'r> Decode<'r, Sqlite> + for<'r> Decode<'r, Postgres>
{
}

impl<T> Held for T where
    T: Type<Sqlite> + Type<Postgres> + for<'r> Decode<'r, Sqlite> + for<'r> Decode<'r, Postgres>
{
}

impl Pool {
    /// Connects; `create` makes a file that is not there.
    pub(super) async fn connect(url: &str, create: bool) -> Result<Self, sqlx::Error> {
        if is_postgres(url) {
            return postgres(PgConnectOptions::from_str(url)?).await;
        }
        if !url.starts_with("sqlite:") {
            let why = "its URL begins with neither sqlite: nor postgres:";
            return Err(sqlx::Error::Configuration(why.into()));
        }
        sqlite(url, create).await
    }

    /// The rows that a statement finds.
    pub(super) async fn all(
        &self,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Vec<Line>, sqlx::Error> {
        let sql = sql.into_sql_str();
        Ok(match self {
            Self::Sqlite(pool) => lines(bound(sql, values).fetch_all(pool).await?, Line::Sqlite),
            Self::Postgres(pool) => lines(bound(sql, values).fetch_all(pool).await?, Line::Postgres),
        })
    }

    /// Begins a transaction.
    pub(super) async fn begin(&self) -> Result<Tx, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(pool) => Tx::Sqlite(pool.begin().await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Begins the transaction in which the schema is changed: nobody else changes it meanwhile.
    pub(super) async fn begin_alone(&self) -> Result<Tx, sqlx::Error> {
        match self {
            Self::Sqlite(pool) => Ok(Tx::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?)),
            Self::Postgres(pool) => {
                let mut tx = Tx::Postgres(pool.begin().await?);
                // A large table takes as long as it takes.
                tx.script("SET LOCAL statement_timeout = 0").await?;
                tx.run("SELECT pg_advisory_xact_lock($1)", vec![MIGRATING.into()])
                    .await?;
                Ok(tx)
            }
        }
    }

    /// Lets go of all connections.
    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// The rows that a statement finds.
    pub(super) async fn all(
        &mut self,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Vec<Line>, sqlx::Error> {
        let sql = sql.into_sql_str();
        Ok(match self {
            Self::Sqlite(tx) => lines(bound(sql, values).fetch_all(&mut **tx).await?, Line::Sqlite),
            Self::Postgres(tx) => lines(bound(sql, values).fetch_all(&mut **tx).await?, Line::Postgres),
        })
    }

    /// How many rows a statement changed.
    pub(super) async fn run(&mut self, sql: impl SqlSafeStr, values: Vec<Value>) -> Result<u64, sqlx::Error> {
        let sql = sql.into_sql_str();
        Ok(match self {
            Self::Sqlite(tx) => bound(sql, values).execute(&mut **tx).await?.rows_affected(),
            Self::Postgres(tx) => bound(sql, values).execute(&mut **tx).await?.rows_affected(),
        })
    }

    /// Runs several statements without values.
    pub(super) async fn script(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(tx) => sqlx::raw_sql(sql).execute(&mut **tx).await.map(drop),
            Self::Postgres(tx) => sqlx::raw_sql(sql).execute(&mut **tx).await.map(drop),
        }
    }

    pub(super) async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }
}

impl Line {
    /// A column's value.
    pub(super) fn get<T: Held>(&self, column: &str) -> Result<T, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Int(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

/// The file that a URL of SQLite names, if it names one.
pub(super) fn file_of(url: &str) -> Option<PathBuf> {
    let is_file = url.starts_with("sqlite:") && !is_in_memory(url);
    let options = is_file.then(|| SqliteConnectOptions::from_str(url).ok());
    Some(options.flatten()?.get_filename().to_owned())
}

fn is_in_memory(url: &str) -> bool {
    url.contains(":memory:") || url.contains("mode=memory")
}

/// How a store is called where a person reads it: without user and password.
pub(super) fn place(url: &str) -> String {
    if let Some(file) = file_of(url) {
        return format!("the store {}", file.display());
    }
    // What is neither may be anything, a password alone too.
    let options = is_postgres(url).then(|| PgConnectOptions::from_str(url).ok());
    match options.flatten() {
        Some(options) => format!(
            "the database {} at {}:{}",
            options.get_database().unwrap_or_else(|| options.get_username()),
            options.get_host(),
            options.get_port()
        ),
        None => "the store".to_owned(),
    }
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres:") || url.starts_with("postgresql:")
}

async fn sqlite(url: &str, create: bool) -> Result<Pool, sqlx::Error> {
    let options = SqliteConnectOptions::from_str(url)?;
    let memory = is_in_memory(url);
    if create && !memory {
        make_private(options.get_filename()).await?;
    }
    let options = options
        .create_if_missing(false)
        .busy_timeout(BUSY)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // An approval that was answered survives a power cut.
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging();
    let pool = SqlitePoolOptions::new()
        // A store in memory is gone with its connection, so it has one, which stays.
        .max_connections(if memory { 1 } else { CONNECTIONS })
        // None is opened beside the first: of two that make a new file a write-ahead log at once, one would be told
        // that it is locked.
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(BUSY + CONNECT)
        .connect_with(options)
        .await?;
    Ok(Pool::Sqlite(pool))
}

/// Makes the file if there is none: SQLite would let everybody on the machine read it.
async fn make_private(file: &Path) -> Result<(), sqlx::Error> {
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    match options.open(file).await {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
    }
}

async fn postgres(options: PgConnectOptions) -> Result<Pool, sqlx::Error> {
    let options = options.application_name("firstmate").disable_statement_logging();
    // Once by itself: the pool would say no more than that it took too long.
    let alone = options.connect().await?;
    alone.close().await?;
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(CONNECT)
        .after_connect(|connection, _| Box::pin(async { connection.execute(ALIVE).await.map(drop) }))
        .connect_lazy_with(options);
    Ok(Pool::Postgres(pool))
}

/// The statement with its values, for one of the two.
fn bound<D: Database>(sql: SqlStr, values: Vec<Value>) -> Query<'static, D, D::Arguments>
where
    Option<i64>: Encode<'static, D> + Type<D>,
    Option<String>: Encode<'static, D> + Type<D>,
{
    values
        .into_iter()
        .fold(sqlx::query(sql), |query, value| match value {
            Value::Int(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
        })
}

fn lines<R>(rows: Vec<R>, line: fn(R) -> Line) -> Vec<Line> {
    rows.into_iter().map(line).collect()
}
