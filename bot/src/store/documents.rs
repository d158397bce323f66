//! Documents that were written in chat: proposals, and the versions that they became.

use firstmate_kb::Lang;

use super::chain::plain;
use super::error::Failure;
use super::sql::Line;
use super::write::{Change, Work};
use super::{Store, StoreError};
use crate::documents::version::{Not, State, Text, Verdict, Version, Word, Writer};

const COLUMNS: &str = "SELECT number, document, version, base, state, retires, translates, lang, question, \
    short, details, author, author_name, reviewer, reviewer_name, reason, created_at, decided_at FROM documents";

/// What documents say now, and not what they said: `$1` is the state of what was approved.
const NOW: &str = "WHERE state = $1 AND version = \
    (SELECT MAX(version) FROM documents AS other WHERE other.document = documents.document)";

/// What became of a reviewer's word.
#[derive(Debug, PartialEq, Eq)]
pub enum Decided {
    /// It is kept.
    Kept(Box<Version>),
    /// It changes nothing.
    Not {
        /// The proposal as it stands.
        proposal: Box<Version>,
        /// Why.
        why: Not,
    },
    /// There is no such proposal.
    Missing,
}

impl Store {
    /// Keeps a proposal and gives it its number; one without a document begins one.
    ///
    /// # Errors
    /// If the store does not keep it.
    pub async fn propose(&self, proposal: &Version) -> Result<Version, StoreError> {
        self.write(Propose(proposal)).await
    }

    /// A reviewer's word on a proposal: kept, or nothing changes.
    ///
    /// # Errors
    /// If the store does not keep it.
    pub async fn review(&self, number: i64, verdict: &Verdict) -> Result<Decided, StoreError> {
        self.write(Review { number, verdict }).await
    }

    /// A proposal by its number.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn proposal(&self, number: i64) -> Result<Option<Version>, StoreError> {
        let sql = format!("{COLUMNS} WHERE number = $1");
        Ok(self.versions(sql, vec![number.into()]).await?.pop())
    }

    /// Everything that was proposed for a document, in order.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn history(&self, document: i64) -> Result<Vec<Version>, StoreError> {
        let sql = format!("{COLUMNS} WHERE document = $1 ORDER BY number");
        self.versions(sql, vec![document.into()]).await
    }

    /// What waits for a reviewer, the oldest first.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn proposals(&self) -> Result<Vec<Version>, StoreError> {
        let sql = format!("{COLUMNS} WHERE state = $1 ORDER BY number");
        self.versions(sql, vec![name(State::Proposed).into()]).await
    }

    /// What the documents say now, in the order in which they were begun. Those that were taken away are left out.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn documents(&self) -> Result<Vec<Version>, StoreError> {
        let sql = format!("{COLUMNS} {NOW} ORDER BY document");
        self.versions(sql, vec![name(State::Approved).into()]).await
    }

    async fn versions(
        &self,
        sql: String,
        values: Vec<super::sql::Value>,
    ) -> Result<Vec<Version>, StoreError> {
        let lines = self.read(sqlx::AssertSqlSafe(sql), values).await?;
        let read = lines.iter().map(version);
        // One that somebody spoilt must not hide all others.
        let read = read.filter_map(|read| {
            read.inspect_err(|failure| tracing::error!("a document: {failure:?}"))
                .ok()
        });
        Ok(read.collect())
    }
}

struct Propose<'a>(&'a Version);

impl Change for Propose<'_> {
    type Done = Version;

    async fn apply(&self, work: &mut Work) -> Result<Version, Failure> {
        let Self(proposal) = self;
        let created = proposal.created_at.cast_signed();
        // A first attempt whose answer was lost may have kept it.
        let sql = format!("{COLUMNS} WHERE author = $1 AND created_at = $2");
        let values = vec![proposal.author.id.cast_signed().into(), created.into()];
        let before = work.tx.all(sqlx::AssertSqlSafe(sql), values).await?;
        for line in &before {
            let kept = version(line)?;
            if kept.text == proposal.text && kept.base == proposal.base && kept.retires == proposal.retires {
                return Ok(kept);
            }
        }
        let lines = work
            .tx
            .all("SELECT COALESCE(MAX(number), 0) AS last FROM documents", vec![])
            .await?;
        let last: i64 = lines.first().map_or(Ok(0), |line| line.get("last"))?;
        let number = last + 1;
        let proposal = Version {
            number,
            document: if proposal.document == 0 {
                number
            } else {
                proposal.document
            },
            ..(*proposal).clone()
        };
        work.keep(&proposal).await?;
        Ok(proposal)
    }
}

struct Review<'a> {
    number: i64,
    verdict: &'a Verdict,
}

impl Change for Review<'_> {
    type Done = Decided;

    async fn apply(&self, work: &mut Work) -> Result<Decided, Failure> {
        let sql = format!("{COLUMNS} WHERE number = $1");
        let lines = work
            .tx
            .all(sqlx::AssertSqlSafe(sql), vec![self.number.into()])
            .await?;
        let Some(proposal) = lines.first().map(version).transpose()? else {
            return Ok(Decided::Missing);
        };
        let sql = format!("{COLUMNS} WHERE document = $1 AND version > 0 ORDER BY version DESC LIMIT 1");
        let values = vec![proposal.document.into()];
        let lines = work.tx.all(sqlx::AssertSqlSafe(sql), values).await?;
        let current = lines.first().map(version).transpose()?;
        let now = current.map_or(0, |current| current.version);
        if self.verdict.word == Word::Approve && proposal.base == 0 && work.is_translated(&proposal).await? {
            return Ok(Decided::Not {
                proposal: Box::new(proposal),
                why: Not::Translated,
            });
        }
        match proposal.after(self.verdict, now) {
            Ok(decided) => {
                work.decide(&decided).await?;
                Ok(Decided::Kept(Box::new(decided)))
            }
            // The answer to a first attempt was lost.
            Err(Not::Decided) if is_same(&proposal, self.verdict) => Ok(Decided::Kept(Box::new(proposal))),
            Err(why) => Ok(Decided::Not {
                proposal: Box::new(proposal),
                why,
            }),
        }
    }
}

impl Work {
    /// Whether the document that a proposal translates is there in its language already.
    async fn is_translated(&mut self, proposal: &Version) -> Result<bool, Failure> {
        let Some(original) = proposal.translates.filter(|_| proposal.state == State::Proposed) else {
            return Ok(false);
        };
        let sql = format!("{COLUMNS} {NOW} AND (document = $2 OR translates = $2)");
        let values = vec![name(State::Approved).into(), original.into()];
        for line in &self.tx.all(sqlx::AssertSqlSafe(sql), values).await? {
            if version(line)?.is_of(original, proposal.text.lang) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn is_same(proposal: &Version, verdict: &Verdict) -> bool {
    proposal.reviewer.as_ref() == Some(&verdict.by) && proposal.decided_at == Some(verdict.at)
}

impl Work {
    async fn keep(&mut self, it: &Version) -> Result<(), Failure> {
        let values = vec![
            it.number.into(),
            it.document.into(),
            it.version.into(),
            it.base.into(),
            name(it.state).into(),
            i64::from(it.retires).into(),
            it.translates.unwrap_or(0).into(),
            lang_name(it.text.lang).into(),
            plain(&it.text.question).into(),
            plain(&it.text.short).into(),
            plain(&it.text.details).into(),
            it.author.id.cast_signed().into(),
            plain(&it.author.name).into(),
            plain(&it.reason).into(),
            it.created_at.cast_signed().into(),
        ];
        self.change()
            .run(
                "INSERT INTO documents (number, document, version, base, state, retires, translates, lang, \
                 question, short, details, author, author_name, reason, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
                values,
            )
            .await?;
        Ok(())
    }

    /// Compare and set: it still waits, or nothing is kept.
    async fn decide(&mut self, it: &Version) -> Result<(), Failure> {
        let reviewer = it.reviewer.as_ref();
        let values = vec![
            it.number.into(),
            it.version.into(),
            name(it.state).into(),
            reviewer.map(|by| by.id.cast_signed()).into(),
            reviewer.map(|by| plain(&by.name)).into(),
            plain(&it.reason).into(),
            it.decided_at.map(u64::cast_signed).into(),
            name(State::Proposed).into(),
        ];
        let changed = self
            .change()
            .run(
                "UPDATE documents SET version = $2, state = $3, reviewer = $4, reviewer_name = $5, reason = $6, \
                 decided_at = $7 WHERE number = $1 AND state = $8",
                values,
            )
            .await?;
        match changed {
            1 => Ok(()),
            _ => Err(Failure::Overtaken),
        }
    }
}

fn version(line: &Line) -> Result<Version, Failure> {
    let number: i64 = line.get("number")?;
    let state: String = line.get("state")?;
    let lang: String = line.get("lang")?;
    let reviewer: Option<i64> = line.get("reviewer")?;
    let reviewer_name: Option<String> = line.get("reviewer_name")?;
    let translates: i64 = line.get("translates")?;
    let decided_at: Option<i64> = line.get("decided_at")?;
    Ok(Version {
        number,
        document: line.get("document")?,
        version: line.get("version")?,
        base: line.get("base")?,
        state: state_of(&state)
            .ok_or_else(|| Failure::Broken(format!("proposal {number} has an unknown state")))?,
        retires: line.get::<i64>("retires")? != 0,
        translates: (translates != 0).then_some(translates),
        text: Text {
            lang: lang_of(&lang),
            question: line.get("question")?,
            short: line.get("short")?,
            details: line.get("details")?,
        },
        author: Writer {
            id: line.get::<i64>("author")?.cast_unsigned(),
            name: line.get("author_name")?,
        },
        reviewer: reviewer.map(|id| Writer {
            id: id.cast_unsigned(),
            name: reviewer_name.unwrap_or_default(),
        }),
        reason: line.get("reason")?,
        created_at: line.get::<i64>("created_at")?.cast_unsigned(),
        decided_at: decided_at.map(i64::cast_unsigned),
    })
}

const STATES: [State; 4] = [State::Proposed, State::Approved, State::Rejected, State::Retired];

/// A state as its column has it.
const fn name(state: State) -> &'static str {
    match state {
        State::Proposed => "proposed",
        State::Approved => "approved",
        State::Rejected => "rejected",
        State::Retired => "retired",
    }
}

fn state_of(text: &str) -> Option<State> {
    STATES.into_iter().find(|state| name(*state) == text)
}

/// A language as its column has it.
pub(super) const fn lang_name(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "en",
        Lang::Zh => "zh",
    }
}

/// The language of a column.
pub(super) fn lang_of(text: &str) -> Lang {
    if text == "zh" { Lang::Zh } else { Lang::En }
}
