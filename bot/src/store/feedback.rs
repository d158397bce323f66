//! What was asked, what people thought of the answers, and what the documents did not answer.

use std::collections::BTreeMap;

use super::chain::plain;
use super::documents::{lang_name, lang_of};
use super::error::Failure;
use super::sql::Line;
use super::write::{Change, Work};
use super::{Store, StoreError};
use crate::clock::Millis;
use crate::feedback::{Asked, Tally, Vote};

/// How many rows are looked at, the newest first: more than a team asks in a year.
const MOST: i64 = 5000;

impl Store {
    /// Keeps a question that was asked.
    ///
    /// # Errors
    /// If the store does not keep it.
    pub async fn keep_asked(&self, asked: &Asked) -> Result<(), StoreError> {
        self.write(KeepAsked(asked)).await
    }

    /// Keeps a vote in the place of the person's earlier one for the same answer; what that one said.
    ///
    /// # Errors
    /// If the store does not keep it.
    pub async fn keep_vote(&self, vote: &Vote) -> Result<Option<bool>, StoreError> {
        self.write(KeepVote(vote)).await
    }

    /// What was not answered, or was voted unhelpful, since then, the newest first; with the reasons that were given.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn gaps(&self, since: Millis) -> Result<Vec<(Asked, Vec<String>)>, StoreError> {
        let since = since.cast_signed();
        let sql = "SELECT id, at, lang, private, question, answered, answer, title FROM asked \
            WHERE at >= $1 AND (answered = 0 OR id IN (SELECT asked FROM votes WHERE helpful = 0)) \
            ORDER BY at DESC, id LIMIT $2";
        let lines = self.read(sql, vec![since.into(), MOST.into()]).await?;
        let sql = "SELECT asked, reason FROM votes WHERE helpful = 0 AND reason <> '' AND at >= $1 ORDER BY at, person";
        let mut reasons: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        let read = |failure: Failure| failure.at(&self.place);
        for line in self.read(sql, vec![since.into()]).await? {
            let (id, reason) = reason(&line).map_err(read)?;
            reasons.entry(id).or_default().push(reason);
        }
        let asked = lines.iter().map(asked).collect::<Result<Vec<Asked>, Failure>>();
        let asked = asked.map_err(read)?;
        let with_reasons = asked.into_iter().map(|it| {
            let reasons = reasons.remove(&it.id).unwrap_or_default();
            (it, reasons)
        });
        Ok(with_reasons.collect())
    }

    /// How many votes each question of the documents has since then: the least helpful first.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn tallies(&self, since: Millis) -> Result<Vec<Tally>, StoreError> {
        let sql = "SELECT answer, CAST(SUM(helpful) AS BIGINT) AS helpful, COUNT(*) AS votes FROM votes WHERE at >= $1 \
            GROUP BY answer ORDER BY COUNT(*) - SUM(helpful) DESC, COUNT(*) DESC, answer";
        let lines = self.read(sql, vec![since.cast_signed().into()]).await?;
        let tallies = lines.iter().map(tally).collect::<Result<Vec<Tally>, Failure>>();
        tallies.map_err(|failure| failure.at(&self.place))
    }

    /// How many questions were asked since then, and how many of these were not answered.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn counts(&self, since: Millis) -> Result<(i64, i64), StoreError> {
        let sql = "SELECT COUNT(*) AS asked, CAST(COALESCE(SUM(1 - answered), 0) AS BIGINT) AS unanswered FROM asked WHERE at >= $1";
        let lines = self.read(sql, vec![since.cast_signed().into()]).await?;
        let counts = |line: &Line| -> Result<(i64, i64), Failure> {
            Ok((line.get("asked")?, line.get("unanswered")?))
        };
        let counts = lines.first().map_or(Ok((0, 0)), counts);
        counts.map_err(|failure| failure.at(&self.place))
    }

    /// When that was posted last.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn posted(&self, what: &str) -> Result<Option<Millis>, StoreError> {
        let lines = self
            .read("SELECT at FROM posted WHERE what = $1", vec![what.into()])
            .await?;
        let at = lines.first().map(|line| line.get::<i64>("at")).transpose();
        let at = at.map_err(|error| Failure::from(error).at(&self.place))?;
        Ok(at.map(i64::cast_unsigned))
    }

    /// Keeps when that was posted.
    ///
    /// # Errors
    /// If the store does not keep it.
    pub async fn keep_posted(&self, what: &str, at: Millis) -> Result<(), StoreError> {
        self.write(KeepPosted(what, at)).await
    }

    /// Forgets what was asked and voted before this time.
    ///
    /// # Errors
    /// If the store does not do it.
    pub async fn forget_asked(&self, before: Millis) -> Result<(), StoreError> {
        self.write(ForgetAsked(before)).await
    }
}

struct KeepAsked<'a>(&'a Asked);

impl Change for KeepAsked<'_> {
    type Done = ();

    async fn apply(&self, work: &mut Work) -> Result<(), Failure> {
        let Self(it) = self;
        let values = vec![
            it.id.into(),
            it.at.cast_signed().into(),
            lang_name(it.lang).into(),
            i64::from(it.private).into(),
            plain(&it.question).into(),
            i64::from(it.answered).into(),
            plain(&it.answer).into(),
            plain(&it.title).into(),
        ];
        let sql = "INSERT INTO asked (id, at, lang, private, question, answered, answer, title) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
        work.change().run(sql, values).await?;
        Ok(())
    }
}

struct KeepVote<'a>(&'a Vote);

impl Change for KeepVote<'_> {
    type Done = Option<bool>;

    async fn apply(&self, work: &mut Work) -> Result<Option<bool>, Failure> {
        let Self(it) = self;
        let person = it.person.cast_signed();
        let sql = "SELECT helpful FROM votes WHERE asked = $1 AND person = $2";
        let before = work.tx.all(sql, vec![it.asked.into(), person.into()]).await?;
        let values = vec![
            it.asked.into(),
            person.into(),
            plain(&it.answer).into(),
            i64::from(it.helpful).into(),
            plain(&it.reason).into(),
            it.at.cast_signed().into(),
        ];
        let sql = "INSERT INTO votes (asked, person, answer, helpful, reason, at) VALUES ($1, $2, $3, $4, $5, $6) \
            ON CONFLICT (asked, person) DO UPDATE SET answer = excluded.answer, helpful = excluded.helpful, \
            reason = excluded.reason, at = excluded.at";
        work.change().run(sql, values).await?;
        let before = before
            .first()
            .map(|line| line.get::<i64>("helpful"))
            .transpose()?;
        Ok(before.map(|helpful| helpful != 0))
    }
}

struct KeepPosted<'a>(&'a str, Millis);

impl Change for KeepPosted<'_> {
    type Done = ();

    async fn apply(&self, work: &mut Work) -> Result<(), Failure> {
        let sql =
            "INSERT INTO posted (what, at) VALUES ($1, $2) ON CONFLICT (what) DO UPDATE SET at = excluded.at";
        let values = vec![self.0.into(), self.1.cast_signed().into()];
        work.change().run(sql, values).await?;
        Ok(())
    }
}

struct ForgetAsked(Millis);

impl Change for ForgetAsked {
    type Done = ();

    async fn apply(&self, work: &mut Work) -> Result<(), Failure> {
        let before = self.0.cast_signed();
        let tables = [
            "DELETE FROM votes WHERE at < $1",
            "DELETE FROM asked WHERE at < $1",
        ];
        for sql in tables {
            work.change().run(sql, vec![before.into()]).await?;
        }
        Ok(())
    }
}

fn asked(line: &Line) -> Result<Asked, Failure> {
    let lang: String = line.get("lang")?;
    Ok(Asked {
        id: line.get("id")?,
        at: line.get::<i64>("at")?.cast_unsigned(),
        lang: lang_of(&lang),
        private: line.get::<i64>("private")? != 0,
        question: line.get("question")?,
        answered: line.get::<i64>("answered")? != 0,
        answer: line.get("answer")?,
        title: line.get("title")?,
    })
}

fn tally(line: &Line) -> Result<Tally, Failure> {
    Ok(Tally {
        answer: line.get("answer")?,
        helpful: line.get("helpful")?,
        votes: line.get("votes")?,
    })
}

fn reason(line: &Line) -> Result<(i64, String), Failure> {
    Ok((line.get("asked")?, line.get("reason")?))
}
