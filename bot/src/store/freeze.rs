//! The freeze: while it stands, no change is let out.

use super::error::Failure;
use super::sql::Line;
use super::write::{Change, Work, no_head, parse};
use super::{Store, StoreError};
use crate::clock::Millis;
use crate::remedy::approval::{Entry, Freeze, Person};

/// Why it stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfreeze {
    /// Nothing is frozen.
    NotFrozen,
    /// The one who froze may not unfreeze.
    SamePerson(Freeze),
}

impl Store {
    /// Who froze all changes, if anybody did.
    ///
    /// # Errors
    /// If the store does not answer: then nobody knows, and nothing may be changed.
    pub async fn freeze(&self) -> Result<Option<Freeze>, StoreError> {
        let lines = self.read("SELECT frozen FROM head WHERE id = 1", vec![]).await?;
        frozen(&lines).map_err(|failure| failure.at(&self.place))
    }

    /// Freezes all changes, or says who did before.
    ///
    /// # Errors
    /// If the store does not keep it.
    pub async fn set_freeze(&self, freeze: &Freeze) -> Result<Result<(), Freeze>, StoreError> {
        self.write(Stop(freeze)).await
    }

    /// Lets changes go on, and returns the freeze that stood; `may_be_same`: also by the one who froze.
    ///
    /// # Errors
    /// If the store does not keep it: then all stays frozen.
    pub async fn unfreeze(
        &self,
        by: &Person,
        may_be_same: bool,
        now: Millis,
    ) -> Result<Result<Freeze, Unfreeze>, StoreError> {
        let go = Go { by, may_be_same, now };
        self.write(go).await
    }
}

struct Stop<'a>(&'a Freeze);

impl Change for Stop<'_> {
    type Done = Result<(), Freeze>;

    async fn apply(&self, work: &mut Work) -> Result<Self::Done, Failure> {
        let Self(freeze) = self;
        if let Some(before) = &work.head.freeze {
            return Ok(Err(before.clone()));
        }
        work.append(&entry("frozen", &freeze.by, freeze.at, &freeze.reason))
            .await?;
        work.head.freeze = Some((*freeze).clone());
        Ok(Ok(()))
    }
}

struct Go<'a> {
    by: &'a Person,
    may_be_same: bool,
    now: Millis,
}

impl Change for Go<'_> {
    type Done = Result<Freeze, Unfreeze>;

    async fn apply(&self, work: &mut Work) -> Result<Self::Done, Failure> {
        let Some(freeze) = work.head.freeze.clone() else {
            return Ok(Err(Unfreeze::NotFrozen));
        };
        if freeze.by.id == self.by.id && !self.may_be_same {
            return Ok(Err(Unfreeze::SamePerson(freeze)));
        }
        work.append(&entry("unfrozen", self.by, self.now, &freeze.reason))
            .await?;
        work.head.freeze = None;
        Ok(Ok(freeze))
    }
}

fn frozen(lines: &[Line]) -> Result<Option<Freeze>, Failure> {
    let line = lines.first().ok_or_else(no_head)?;
    let text: Option<String> = line.get("frozen")?;
    text.map(|text| parse("the freeze", &text)).transpose()
}

fn entry(step: &str, by: &Person, at: Millis, reason: &str) -> Entry {
    Entry {
        at,
        step: step.to_owned(),
        by: Some(by.clone()),
        detail: reason.to_owned(),
        ..Entry::default()
    }
}
