//! The audit: who did what, in order, and nothing taken back.

use serde_json::{Value as Json, json};
use sqlx::AssertSqlSafe;

use super::chain;
use super::error::Failure;
use super::select::Select;
use super::sql::{Line, Value};
use super::write::{Change, Work, no_head};
use super::{Store, StoreError};
use crate::clock::Millis;
use crate::remedy::approval::Entry;

/// How many rows are read at a time where all are wanted.
const PAGE: i64 = 500;

const ROWS: &str =
    "SELECT seq, at, request, person, cluster, object, write, entry, previous, hash FROM audit";

/// A row of the audit.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its number, from 1 without gaps.
    pub seq: i64,
    /// What it says.
    pub entry: Entry,
    /// The hash of the row before it.
    pub previous: String,
    /// The hash over all of this.
    pub hash: String,
    body: Json,
}

/// The last row of the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its number; 0: there is none.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
}

/// Which rows of the audit are wanted; what is not given does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFind {
    /// By this person.
    pub person: Option<u64>,
    /// About this object, as kubectl writes it.
    pub object: Option<String>,
    /// In this cluster.
    pub cluster: Option<String>,
    /// About this request.
    pub request: Option<i64>,
    /// Not before.
    pub from: Option<Millis>,
    /// Before.
    pub to: Option<Millis>,
    /// Older than the row with this number.
    pub before: Option<i64>,
    /// So many at most; 0: all.
    pub limit: usize,
}

impl Store {
    /// Rows of the audit, the newest first.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn audit(&self, filter: &AuditFind) -> Result<Vec<Row>, StoreError> {
        let mut select = Select::new(ROWS);
        select.when("person = ?", filter.person.map(u64::cast_signed));
        select.when("object = ?", filter.object.as_deref().map(chain::plain));
        select.when("cluster = ?", filter.cluster.as_deref().map(chain::plain));
        select.when("request = ?", filter.request);
        select.when("at >= ?", filter.from.map(u64::cast_signed));
        select.when("at < ?", filter.to.map(u64::cast_signed));
        select.when("seq < ?", filter.before);
        let (sql, values) = select.newest("seq", filter.limit);
        rows(&self.read(sql, values).await?).map_err(|failure| failure.at(&self.place))
    }

    /// Adds a row about something that changes no state, a refused click for example.
    ///
    /// # Errors
    /// If the store does not keep it.
    pub async fn note(&self, entry: &Entry) -> Result<(), StoreError> {
        self.write(Note(entry)).await
    }

    /// The last row's number and hash.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn head(&self) -> Result<Head, StoreError> {
        let sql = "SELECT seq, hash FROM head WHERE id = 1";
        head(&self.read(sql, vec![]).await?).map_err(|failure| failure.at(&self.place))
    }

    /// Hands over every row in order, page by page, so that a long audit needs no more memory than a short one.
    ///
    /// # Errors
    /// If the store does not answer; what was handed over until then is right.
    pub async fn export(&self, mut write: impl FnMut(&Row)) -> Result<(), StoreError> {
        let mut last = i64::MIN;
        loop {
            let values: Vec<Value> = vec![last.into(), PAGE.into()];
            let sql = format!("{ROWS} WHERE seq > $1 ORDER BY seq LIMIT $2");
            let page = rows(&self.read(AssertSqlSafe(sql), values).await?);
            let page = page.map_err(|failure| failure.at(&self.place))?;
            page.iter().for_each(&mut write);
            match page.last() {
                Some(row) => last = row.seq,
                None => return Ok(()),
            }
        }
    }
}

struct Note<'a>(&'a Entry);

impl Change for Note<'_> {
    type Done = ();

    async fn apply(&self, work: &mut Work) -> Result<(), Failure> {
        work.append(self.0).await
    }
}

impl Row {
    /// Everything that the hash covers, beside number and previous hash.
    pub(super) const fn body(&self) -> &Json {
        &self.body
    }

    /// The row as one JSON object, with all that is needed to compute its hash.
    pub fn to_json(&self) -> Json {
        json!({
            "seq": self.seq,
            "entry": self.body,
            "previous": self.previous,
            "hash": self.hash,
        })
    }

    fn read(line: &Line) -> Result<Self, Failure> {
        let body = covered(line)?;
        Ok(Self {
            seq: line.get("seq")?,
            // A row that was tampered with is shown as far as it can be; its hash tells.
            entry: serde_json::from_value(body.clone()).unwrap_or_default(),
            previous: line.get("previous")?,
            hash: line.get("hash")?,
            body,
        })
    }
}

/// The entry as it is kept, with the columns that are searched by laid over it: whoever edits one of these
/// has edited the row.
fn covered(line: &Line) -> Result<Json, Failure> {
    let text: String = line.get("entry")?;
    let mut body: Json = serde_json::from_str(&text).unwrap_or_default();
    if !body.is_object() {
        body = json!({});
    }
    body["at"] = json!(line.get::<i64>("at")?.cast_unsigned());
    body["request"] = json!(line.get::<Option<i64>>("request")?);
    match line.get::<Option<i64>>("person")? {
        None => body["by"] = Json::Null,
        Some(id) if body["by"].is_object() => body["by"]["id"] = json!(id.cast_unsigned()),
        Some(id) => body["by"] = json!({ "id": id.cast_unsigned() }),
    }
    for column in ["cluster", "object", "write"] {
        let value: String = line.get(column)?;
        if body[column].as_str().map(chain::plain).as_ref() != Some(&value) {
            body[column] = json!(value);
        }
    }
    Ok(body)
}

fn rows(lines: &[Line]) -> Result<Vec<Row>, Failure> {
    lines.iter().map(Row::read).collect()
}

fn head(lines: &[Line]) -> Result<Head, Failure> {
    let line = lines.first().ok_or_else(no_head)?;
    Ok(Head {
        seq: line.get("seq")?,
        hash: line.get("hash")?,
    })
}
