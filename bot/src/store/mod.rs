//! What the bot keeps: requests, their audit, the freeze, documents that were written in chat. The only place that names sqlx.
//!
//! [`Store::turn`] is where a request changes: the pure state machine of
//! [`approval`](crate::remedy::approval) decides, and what it decides is kept with its rows of the audit, or
//! nothing is. One writer is at work at a time, on SQLite and on PostgreSQL, in this process and beside it.

mod audit;
mod chain;
mod documents;
mod error;
mod feedback;
mod file;
mod freeze;
mod requests;
mod schema;
mod select;
mod sql;
#[cfg(test)]
mod tests;
mod write;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

pub use self::audit::{AuditFind, Head, Row};
pub use self::chain::{Chain, Fault, verify};
pub use self::documents::Decided;
pub use self::error::StoreError;
pub use self::freeze::Unfreeze;
pub use self::requests::{Find, Granted, Turned};

use self::error::Failure;
use self::sql::Pool;
use crate::clock::Millis;

/// The store. A clone is the same store.
#[derive(Clone, Debug)]
pub struct Store {
    pool: Pool,
    /// How it is called where a person reads it: without a password.
    place: Arc<str>,
    writing: Arc<Mutex<()>>,
    file: Option<Arc<file::Opened>>,
    /// When something could last be kept for [`Store::healthy_lately`].
    tried: Arc<AtomicU64>,
}

/// So long an answer about health holds, in milliseconds.
const LATELY: Millis = 5_000;

impl Store {
    /// Opens the store and brings its schema up to date; makes the file if there is none.
    ///
    /// `url` is `sqlite:FILE`, `sqlite::memory:` or `postgres://USER:PASSWORD@HOST/DATABASE`.
    ///
    /// # Errors
    /// If it cannot be reached, or a newer version has written it.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let store = Self::connect(url, true).await?;
        let migrated = schema::migrate(&store.pool).await;
        migrated.map_err(|failure| failure.at(&store.place))?;
        Ok(store)
    }

    /// Opens a store that is there, to read it, and leaves its schema as it is.
    ///
    /// # Errors
    /// If it is not there, cannot be reached, or a newer version has written it.
    pub async fn open_existing(url: &str) -> Result<Self, StoreError> {
        let store = Self::connect(url, false).await?;
        let known = schema::must_be_known(&store.pool).await;
        known.map_err(|failure| failure.at(&store.place))?;
        Ok(store)
    }

    /// Tries whether something could be kept, by a small write that changes nothing: a full disk reads well.
    ///
    /// # Errors
    /// If it could not.
    pub async fn healthy(&self) -> Result<(), StoreError> {
        self.write(write::Trial).await
    }

    /// The same for who asks often: what was kept a moment ago is not tried again.
    ///
    /// # Errors
    /// If nothing could be kept.
    pub async fn healthy_lately(&self, now: Millis) -> Result<(), StoreError> {
        let last = self.tried.load(Ordering::Relaxed);
        if last > 0 && now.saturating_sub(last) < LATELY {
            return Ok(());
        }
        self.healthy().await?;
        self.tried.store(now, Ordering::Relaxed);
        Ok(())
    }

    /// How it is called where a person reads it: without a password.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Where its file lies, if it has one.
    pub fn file(&self) -> Option<&Path> {
        Some(self.file.as_ref()?.path())
    }

    /// Lets go of it, in order.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    async fn connect(url: &str, create: bool) -> Result<Self, StoreError> {
        let place = sql::place(url);
        let pool = Pool::connect(url, create).await;
        let pool = pool.map_err(|error| Failure::Sql(error).at(&place))?;
        Ok(Self {
            pool,
            place: place.into(),
            writing: Arc::default(),
            file: file::Opened::of(url).map(Arc::new),
            tried: Arc::default(),
        })
    }
}
