//! The schema, forward only. A file that was released is never changed again: the next change is a new file.

use super::error::Failure;
use super::sql::{Pool, Tx};

/// Every step, in order; a step's number is its place, from 1.
const STEPS: &[&str] = &[include_str!("migrations/0001_requests.sql")];

/// The newest schema that this version knows.
pub(super) const KNOWN: i64 = STEPS.len() as i64;

/// Brings the schema up to date, in one transaction and alone.
pub(super) async fn migrate(pool: &Pool) -> Result<(), Failure> {
    let mut tx = pool.begin_alone().await?;
    tx.script("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
        .await?;
    let found = version(&mut tx).await?;
    let steps = STEPS.iter().zip(1..).filter(|(_, number)| *number > found);
    for (step, number) in steps {
        tx.script(step).await?;
        tx.run("DELETE FROM schema_version", vec![]).await?;
        tx.run(
            "INSERT INTO schema_version (version) VALUES ($1)",
            vec![i64::into(number)],
        )
        .await?;
    }
    Ok(tx.commit().await?)
}

/// That the schema is one which this version can read, as it is.
pub(super) async fn must_be_known(pool: &Pool) -> Result<(), Failure> {
    let mut tx = pool.begin().await?;
    match version(&mut tx).await? {
        0 => Err(Failure::Broken("it is empty".to_owned())),
        _ => Ok(()),
    }
}

async fn version(tx: &mut Tx) -> Result<i64, Failure> {
    let lines = tx.all("SELECT version FROM schema_version", vec![]).await?;
    let found = lines.first().map_or(Ok(0), |line| line.get("version"))?;
    if found > KNOWN {
        return Err(Failure::Newer { found, known: KNOWN });
    }
    Ok(found)
}
