//! The audit's chain of hashes: each covers its row and the hash before it. Pure.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::audit::{Head, Row};
use crate::remedy::approval::Entry;
use crate::remedy::plan::{hex, sorted};

/// The hash before the first row.
pub(super) const START: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What is wrong with the audit, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This row is not there, or not in its place.
    Missing {
        /// Its number.
        seq: i64,
    },
    /// This row does not say what it said when it was written.
    Edited {
        /// Its number.
        seq: i64,
    },
    /// The row before this one is not the one that it was written after.
    Unlinked {
        /// Its number.
        seq: i64,
    },
    /// The rows end before the last that was written.
    CutOff {
        /// The first that is missing.
        seq: i64,
        /// The last that was written.
        head: i64,
    },
    /// The last row's hash is not the one that was noted when it was written.
    Head {
        /// Its number.
        seq: i64,
    },
    /// No row has the anchor's hash: it, or all of it, was written anew or cut off.
    Anchor {
        /// The last row that is there.
        seq: i64,
    },
}

impl Fault {
    /// The row that it is about.
    pub const fn seq(&self) -> i64 {
        match self {
            Self::Missing { seq }
            | Self::Edited { seq }
            | Self::Unlinked { seq }
            | Self::CutOff { seq, .. }
            | Self::Head { seq }
            | Self::Anchor { seq } => *seq,
        }
    }
}

/// Follows the chain row by row.
#[derive(Clone, Debug)]
pub struct Chain {
    seq: i64,
    hash: String,
    anchor: Option<(String, bool)>,
}

impl Chain {
    /// Before the first row. `anchor` is a hash that must be met.
    pub fn new(anchor: Option<&str>) -> Self {
        Self {
            seq: 0,
            hash: START.to_owned(),
            anchor: anchor.map(|hash| (hash.to_ascii_lowercase(), hash.eq_ignore_ascii_case(START))),
        }
    }

    /// The next row, in order of numbers.
    ///
    /// # Errors
    /// If it is not the one that was written here.
    pub fn follow(&mut self, row: &Row) -> Result<(), Fault> {
        let seq = self.seq + 1;
        if row.seq != seq {
            return Err(Fault::Missing { seq });
        }
        if row.hash != hash(&row.previous, seq, row.body()) {
            return Err(Fault::Edited { seq });
        }
        if row.previous != self.hash {
            return Err(Fault::Unlinked { seq });
        }
        self.seq = seq;
        self.hash.clone_from(&row.hash);
        if let Some((anchor, met)) = &mut self.anchor {
            *met |= *anchor == row.hash;
        }
        Ok(())
    }

    /// Number and hash of the last row that was as it should be.
    pub fn last(&self) -> (i64, &str) {
        (self.seq, &self.hash)
    }

    /// After the last row. The head was read before the first and once more after the last: rows may have been added
    /// meanwhile, but none that no head tells of.
    ///
    /// # Errors
    /// If rows are missing at the end, the head was edited, or the anchor was not met.
    pub fn end(&self, before: &Head, after: &Head) -> Result<(), Fault> {
        if self.seq < before.seq {
            return Err(Fault::CutOff {
                seq: self.seq + 1,
                head: before.seq,
            });
        }
        let is_last = |head: &Head| self.seq != head.seq || self.hash == head.hash;
        if self.seq > after.seq || !is_last(before) || !is_last(after) {
            return Err(Fault::Head { seq: self.seq });
        }
        match &self.anchor {
            Some((_, false)) => Err(Fault::Anchor { seq: self.seq }),
            _ => Ok(()),
        }
    }
}

/// Whether the rows are all that were written, up to `head`, and as they were written.
///
/// # Errors
/// If any was edited, removed, reordered or cut off.
pub fn verify(rows: &[Row], head: &Head, anchor: Option<&str>) -> Result<(), Fault> {
    let mut chain = Chain::new(anchor);
    for row in rows {
        chain.follow(row)?;
    }
    chain.end(head, head)
}

/// A row's content: the entry, and which write added it.
pub(super) fn body(entry: &Entry, mark: &str) -> Value {
    let mut body = json!(entry);
    body["write"] = json!(mark);
    body
}

/// The hash of a row with this content.
pub(super) fn hash(previous: &str, seq: i64, body: &Value) -> String {
    // Key order must not depend on how serde_json was built, so the maps are sorted.
    hex(&Sha256::digest(format!("{previous}\n{seq}\n{}", sorted(body))))
}

/// A text as a column can hold it: PostgreSQL knows no NUL.
pub(super) fn plain(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
