//! The audit: who did what, in order, and nothing taken back.

use serde_json::{Map, Value as Json, json};
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

/// Within so many milliseconds the same again is not kept again.
const AGAIN: Millis = 60_000;

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

    /// Adds a row about something that changes no state, a refused click for example. The same again by the same
    /// person within a minute is not kept again: whoever clicks without end does not fill the audit.
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
        let entry = self.0;
        let person = entry.by.as_ref().map(|by| by.id.cast_signed());
        let sql = "SELECT entry FROM audit WHERE request = $1 AND person = $2 ORDER BY seq DESC LIMIT 1";
        let last = work
            .tx
            .all(sql, vec![entry.request.into(), person.into()])
            .await?;
        let last: Option<String> = last.first().map(|line| line.get("entry")).transpose()?;
        let last: Option<Entry> = last.and_then(|text| serde_json::from_str(&text).ok());
        match last.is_some_and(|last| is_again(&last, entry)) {
            true => Ok(()),
            false => work.append(entry).await,
        }
    }
}

fn is_again(last: &Entry, now: &Entry) -> bool {
    let is_same = last.step == now.step && last.detail == now.detail && last.digest == now.digest;
    is_same && last.after == now.after && now.at.abs_diff(last.at) < AGAIN
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
        Self::decoded(line).map_err(|failure| named(line, failure))
    }

    fn decoded(line: &Line) -> Result<Self, Failure> {
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

/// The entry as it is kept. What is searched by stands beside it once more, in columns: where the two differ,
/// whichever was edited, the row says so, and its hash no longer fits.
fn covered(line: &Line) -> Result<Json, Failure> {
    let text: String = line.get("entry")?;
    let mut body: Json = serde_json::from_str(&text).unwrap_or_default();
    if !body.is_object() {
        body = json!({});
    }
    let person = line.get::<Option<i64>>("person")?.map(i64::cast_unsigned);
    let numbers = [
        ("at", &body["at"], json!(line.get::<i64>("at")?.cast_unsigned())),
        (
            "request",
            &body["request"],
            json!(line.get::<Option<i64>>("request")?),
        ),
        ("by", &body["by"]["id"], json!(person)),
    ];
    let mut differ = Map::new();
    for (name, said, column) in numbers {
        if *said != column {
            differ.insert(name.to_owned(), column);
        }
    }
    for name in ["cluster", "object", "write"] {
        let column: String = line.get(name)?;
        if body[name].as_str().map(chain::plain).as_ref() != Some(&column) {
            differ.insert(name.to_owned(), json!(column));
        }
    }
    if !differ.is_empty() {
        body["columns"] = Json::Object(differ);
    }
    Ok(body)
}

fn rows(lines: &[Line]) -> Result<Vec<Row>, Failure> {
    lines.iter().map(Row::read).collect()
}

/// One that cannot even be read is named.
fn named(line: &Line, failure: Failure) -> Failure {
    match (line.get::<i64>("seq"), failure) {
        (Ok(seq), Failure::Sql(error)) => Failure::Broken(format!("row {seq} of the audit: {error}")),
        (_, other) => other,
    }
}

fn head(lines: &[Line]) -> Result<Head, Failure> {
    let line = lines.first().ok_or_else(no_head)?;
    Ok(Head {
        seq: line.get("seq")?,
        hash: line.get("hash")?,
    })
}
