//! What can go wrong with the store. No text here has the URL, which holds a password.

use sqlx::error::DatabaseError;

/// The store did not do what it was asked. Nothing is half kept; `place` is said without a password.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process writes to the file, or keeps it.
    #[error("{place} is locked by another process")]
    Locked {
        /// Which store.
        place: String,
    },
    /// The disk or the database is full.
    #[error("{place} is full: {why}")]
    Full {
        /// Which store.
        place: String,
        /// In the database's words.
        why: String,
    },
    /// It cannot be reached, read or written.
    #[error("{place} cannot be reached: {why}")]
    Gone {
        /// Which store.
        place: String,
        /// In the database's words.
        why: String,
    },
    /// A newer version of the bot has written it.
    #[error(
        "{place} has schema {found}, and this version of First Mate knows schemas up to {known}: a newer one has written it"
    )]
    Newer {
        /// Which store.
        place: String,
        /// Its schema.
        found: i64,
        /// The newest known schema.
        known: i64,
    },
    /// The connection was lost while a change was saved, and it could not be found out whether it was.
    #[error("{place} was lost while a change was saved, and whether it was is not known: {why}")]
    Unknown {
        /// Which store.
        place: String,
        /// In the database's words.
        why: String,
    },
    /// What it says makes no sense.
    #[error("{place}: {why}")]
    Broken {
        /// Which store.
        place: String,
        /// What and where.
        why: String,
    },
}

/// What went wrong inside, before it is said where.
#[derive(Debug)]
pub(super) enum Failure {
    /// A statement failed: nothing is kept.
    Sql(sqlx::Error),
    /// The commit got no answer: it may be kept.
    Lost(sqlx::Error),
    /// Somebody else changed the row in between.
    Overtaken,
    /// A row that cannot be read.
    Broken(String),
    /// A schema of the future.
    Newer { found: i64, known: i64 },
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl Failure {
    /// Whether the same is worth another try at once.
    pub(super) fn passes(&self) -> bool {
        match self {
            Self::Overtaken => true,
            Self::Sql(error) => passes(error),
            Self::Lost(_) | Self::Broken(_) | Self::Newer { .. } => false,
        }
    }

    /// As it is told outside.
    pub(super) fn at(self, place: &str) -> StoreError {
        let place = place.to_owned();
        match self {
            Self::Sql(error) => told(place, &error),
            Self::Lost(error) => StoreError::Unknown {
                place,
                why: words(&error),
            },
            Self::Overtaken => StoreError::Broken {
                place,
                why: "somebody else kept changing the same row".to_owned(),
            },
            Self::Broken(why) => StoreError::Broken { place, why },
            Self::Newer { found, known } => StoreError::Newer { place, found, known },
        }
    }
}

/// Whether a commit that failed like this may have been carried out all the same.
pub(super) fn is_open(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => lost(error.as_ref()),
        _ => true,
    }
}

fn passes(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => {
            lost(error.as_ref()) || matches!(postgres(error.as_ref()).as_str(), "40001" | "40P01")
        }
        _ => false,
    }
}

/// PostgreSQL ended the connection, or is about to.
fn lost(error: &dyn DatabaseError) -> bool {
    let code = postgres(error);
    // The last: it was silent for too long in the middle of a transaction.
    code.starts_with("08") || code.starts_with("57P") || code == "25P03"
}

fn told(place: String, error: &sqlx::Error) -> StoreError {
    let why = words(error);
    let sqlx::Error::Database(refused) = error else {
        return match error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Configuration(_) => StoreError::Gone { place, why },
            _ => StoreError::Broken { place, why },
        };
    };
    match sqlite(refused.as_ref()) {
        Some(5 | 6) => return StoreError::Locked { place },
        Some(13) => return StoreError::Full { place, why },
        // Not readable, not writable, not there, not a database.
        Some(3 | 8 | 10 | 14 | 26) => return StoreError::Gone { place, why },
        _ => {}
    }
    let code = postgres(refused.as_ref());
    match code.get(..2) {
        Some("53") if code != "53300" => StoreError::Full { place, why },
        // Lost or held up, read only, no such user or database, too many connections.
        Some("08" | "25" | "28" | "3D" | "53" | "57") => StoreError::Gone { place, why },
        _ => StoreError::Broken { place, why },
    }
}

fn words(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(refused) => refused.message().to_owned(),
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::PoolTimedOut => "there was no connection in time".to_owned(),
        other => other.to_string(),
    }
}

/// SQLite's primary code.
fn sqlite(error: &dyn DatabaseError) -> Option<i32> {
    let error = error.try_downcast_ref::<sqlx::sqlite::SqliteError>()?;
    let code: i32 = error.code()?.parse().ok()?;
    Some(code & 0xff)
}

/// PostgreSQL's code, or nothing.
fn postgres(error: &dyn DatabaseError) -> String {
    error
        .try_downcast_ref::<sqlx::postgres::PgDatabaseError>()
        .map_or_else(String::new, |error| error.code().to_owned())
}
