//! How anything is changed: one writer after the other, all or nothing, and never twice.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::SqlSafeStr;

use super::chain;
use super::error::{Failure, is_open};
use super::sql::{Line, Tx, Value};
use super::{Store, StoreError};
use crate::remedy::approval::{Entry, Freeze};

/// Waits between tries, in milliseconds: less than two seconds in all.
const WAITS: [u64; 6] = [20, 50, 100, 200, 400, 800];
/// Longer than any of the waits below: a database that says nothing at all is gone.
const DEADLINE: Duration = Duration::from_secs(10);

/// A transaction that holds the head row, so that no other writer is at work.
pub(super) struct Work {
    pub(super) tx: Tx,
    pub(super) head: Kept,
    /// Names this write in the audit.
    mark: String,
    changed: bool,
}

/// The head row.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) seq: i64,
    pub(super) hash: String,
    pub(super) requests: i64,
    pub(super) freeze: Option<Freeze>,
}

/// A change of the store, in one transaction. It may be applied anew if the transaction came to nothing.
pub(super) trait Change: Sync {
    /// What comes of it.
    type Done: Send;

    fn apply(&self, work: &mut Work) -> impl Future<Output = Result<Self::Done, Failure>> + Send;
}

/// Changes nothing, as far as a change can fail: for the lock, the commit and the rows that others stand on.
pub(super) struct Trial;

impl Change for Trial {
    type Done = ();

    async fn apply(&self, work: &mut Work) -> Result<(), Failure> {
        let last = "SELECT COALESCE(MAX(seq), 0) AS last FROM audit";
        let lines = work.tx.all(last, vec![]).await?;
        let last: i64 = lines.first().map_or(Ok(0), |line| line.get("last"))?;
        match last == work.head.seq {
            true => {
                work.change();
                Ok(())
            }
            false => Err(Failure::Broken(format!(
                "its audit ends with row {last}, and its head says {}",
                work.head.seq
            ))),
        }
    }
}

/// Tries again what passes, for a while.
struct Patience(std::slice::Iter<'static, u64>);

impl Store {
    /// Makes the change and commits it, or does nothing. A failure that passes is tried again for a while.
    pub(super) async fn write<C: Change>(&self, change: C) -> Result<C::Done, StoreError> {
        let committing = AtomicBool::new(false);
        let patient = async {
            // Waiting here is fair and costs no connection, unlike waiting for the row or the file.
            let _turn = self.writing.lock().await;
            let mut patience = Patience::new();
            loop {
                match self.once(&change, &committing).await {
                    Ok(done) => return Ok(done),
                    Err(failure) => patience.bear(failure).await?,
                }
            }
        };
        match self.bounded(patient).await {
            // It may be kept by now, or in a moment.
            Err(StoreError::Gone { place, why }) if committing.load(Ordering::Relaxed) => {
                Err(StoreError::Unknown { place, why })
            }
            other => other,
        }
    }

    /// The rows that a statement finds. A failure that passes is tried again for a while.
    pub(super) async fn read(
        &self,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Vec<Line>, StoreError> {
        let sql = sql.into_sql_str();
        let patient = async {
            let mut patience = Patience::new();
            loop {
                match self.pool.all(sql.clone(), values.clone()).await {
                    Ok(lines) => return Ok(lines),
                    Err(error) => patience.bear(error.into()).await?,
                }
            }
        };
        self.bounded(patient).await
    }

    async fn bounded<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, StoreError> {
        match tokio::time::timeout(DEADLINE, work).await {
            Ok(done) => done.map_err(|failure| failure.at(&self.place)),
            Err(_) => Err(StoreError::Gone {
                place: self.place.to_string(),
                why: format!("no answer within {} seconds", DEADLINE.as_secs()),
            }),
        }
    }

    /// One try. `committing` is set for as long as a commit is under way.
    async fn once<C: Change>(&self, change: &C, committing: &AtomicBool) -> Result<C::Done, Failure> {
        let mut work = self.begin(mark()).await?;
        let since = work.head.seq;
        let done = change.apply(&mut work).await?;
        let mark = work.mark.clone();
        committing.store(true, Ordering::Relaxed);
        let done = match work.finish().await {
            Ok(()) => Ok(done),
            // Doing it again without knowing could do it twice.
            Err(error) if is_open(&error) => match self.find_out(since, &mark).await {
                Ok(true) => Ok(done),
                Ok(false) => Err(Failure::Sql(error)),
                Err(_) => Err(Failure::Lost(error)),
            },
            Err(error) => Err(Failure::Sql(error)),
        };
        committing.store(false, Ordering::Relaxed);
        done
    }

    /// Whether a write whose commit got no answer is kept.
    async fn find_out(&self, since: i64, mark: &str) -> Result<bool, Failure> {
        let mut patience = Patience::new();
        loop {
            match self.landed(since, mark).await {
                Ok(landed) => return Ok(landed),
                Err(failure) => patience.bear(failure).await?,
            }
        }
    }

    async fn begin(&self, mark: String) -> Result<Work, Failure> {
        if let Some(file) = &self.file {
            file.must_be_there()?;
        }
        let mut tx = self.pool.begin().await?;
        // Changes nothing, and takes the lock: SQLite's on the file, PostgreSQL's on the row.
        let lines = tx
            .all(
                "UPDATE head SET seq = seq WHERE id = 1 RETURNING seq, hash, requests, frozen",
                vec![],
            )
            .await?;
        let line = lines.first().ok_or_else(no_head)?;
        let freeze: Option<String> = line.get("frozen")?;
        let head = Kept {
            seq: line.get("seq")?,
            hash: line.get("hash")?,
            requests: line.get("requests")?,
            freeze: freeze.map(|text| parse("the freeze", &text)).transpose()?,
        };
        Ok(Work {
            tx,
            head,
            mark,
            changed: false,
        })
    }

    /// Whether the write with this mark is in the audit. The lock is taken first: whoever still commits has it.
    async fn landed(&self, since: i64, mark: &str) -> Result<bool, Failure> {
        let mut work = self.begin(String::new()).await?;
        let lines = work
            .tx
            .all(
                "SELECT seq FROM audit WHERE seq > $1 AND write = $2 LIMIT 1",
                vec![since.into(), mark.into()],
            )
            .await?;
        Ok(!lines.is_empty())
    }
}

impl Patience {
    fn new() -> Self {
        Self(WAITS.iter())
    }

    /// Waits, or gives the failure back if it does not pass or has lasted too long.
    async fn bear(&mut self, failure: Failure) -> Result<(), Failure> {
        match self.0.next() {
            Some(wait) if failure.passes() => {
                tokio::time::sleep(Duration::from_millis(*wait)).await;
                Ok(())
            }
            _ => Err(failure),
        }
    }
}

impl Work {
    /// The transaction, to change something in it.
    pub(super) const fn change(&mut self) -> &mut Tx {
        self.changed = true;
        &mut self.tx
    }

    /// Adds a row to the audit.
    pub(super) async fn append(&mut self, entry: &Entry) -> Result<(), Failure> {
        let body = chain::body(entry, &self.mark);
        let seq = self.head.seq + 1;
        let hash = chain::hash(&self.head.hash, seq, &body);
        let values = vec![
            seq.into(),
            entry.at.cast_signed().into(),
            entry.request.into(),
            entry.by.as_ref().map(|by| by.id.cast_signed()).into(),
            chain::plain(&entry.cluster).into(),
            chain::plain(&entry.object).into(),
            self.mark.as_str().into(),
            body.to_string().into(),
            self.head.hash.as_str().into(),
            hash.as_str().into(),
        ];
        self.change()
            .run(
                "INSERT INTO audit (seq, at, request, person, cluster, object, write, entry, previous, hash) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                values,
            )
            .await?;
        self.head.seq = seq;
        self.head.hash = hash;
        Ok(())
    }

    /// Commits what was changed, if anything was.
    async fn finish(mut self) -> Result<(), sqlx::Error> {
        if !self.changed {
            return Ok(());
        }
        let freeze = self.head.freeze.as_ref().map(json);
        let values = vec![
            self.head.seq.into(),
            self.head.hash.into(),
            self.head.requests.into(),
            freeze.into(),
        ];
        self.tx
            .run(
                "UPDATE head SET seq = $1, hash = $2, requests = $3, frozen = $4 WHERE id = 1",
                values,
            )
            .await?;
        self.tx.commit().await
    }
}

/// Somebody has removed what every store has.
pub(super) fn no_head() -> Failure {
    Failure::Broken("its head row is missing".to_owned())
}

/// A value as it is kept.
pub(super) fn json(value: &impl Serialize) -> String {
    // Plain data with text keys always has a JSON form.
    serde_json::to_string(value).unwrap_or_default()
}

/// A value that was kept.
pub(super) fn parse<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::Broken(format!("{what} cannot be read: {error}")))
}

/// A text that no other write has, of this process or another.
fn mark() -> String {
    use std::hash::{BuildHasher as _, Hasher as _, RandomState};
    static PROCESS: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let process = PROCESS.get_or_init(|| RandomState::new().build_hasher().finish());
    format!("{process:016x}-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}
