//! The schema, forward only. A file that was released is never changed again: the next change is a new file.

use super::error::Failure;
use super::sql::{Pool, Tx};

/// Every step, in order; a step's number is its place, from 1.
const STEPS: &[&str] = &[
    include_str!("migrations/0001_requests.sql"),
    include_str!("migrations/0002_documents.sql"),
];

/// Brings the schema up to date.
pub(super) async fn migrate(pool: &Pool) -> Result<(), Failure> {
    take(pool, STEPS).await
}

/// Takes the steps that were not taken yet, alone and in one transaction.
async fn take(pool: &Pool, steps: &'static [&'static str]) -> Result<(), Failure> {
    let mut tx = pool.begin_alone().await?;
    tx.script("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
        .await?;
    let found = version(&mut tx, steps).await?;
    let left = steps.iter().zip(1..).filter(|(_, number)| *number > found);
    for (step, number) in left {
        tx.script(step).await?;
        tx.run("DELETE FROM schema_version", vec![]).await?;
        let sql = "INSERT INTO schema_version (version) VALUES ($1)";
        tx.run(sql, vec![i64::into(number)]).await?;
    }
    Ok(tx.commit().await?)
}

/// That the schema is one which this version can read, as it is.
pub(super) async fn must_be_known(pool: &Pool) -> Result<(), Failure> {
    let mut tx = pool.begin().await?;
    match version(&mut tx, STEPS).await? {
        0 => Err(Failure::Broken("it is empty".to_owned())),
        _ => Ok(()),
    }
}

async fn version(tx: &mut Tx, steps: &[&str]) -> Result<i64, Failure> {
    let lines = tx.all("SELECT version FROM schema_version", vec![]).await?;
    let found = lines.first().map_or(Ok(0), |line| line.get("version"))?;
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(Failure::Newer { found, known });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "CREATE TABLE ships (name TEXT NOT NULL); INSERT INTO ships VALUES ('Beagle')";
    const SECOND: &str = "ALTER TABLE ships ADD COLUMN masts BIGINT NOT NULL DEFAULT 3";
    const BROKEN: &str = "UPDATE ships SET name = 'Erebus'; UPDATE boats SET name = 'Terror'";

    async fn pool() -> Pool {
        Pool::connect("sqlite::memory:", true).await.unwrap()
    }

    async fn ship(pool: &Pool) -> (String, i64) {
        let lines = pool.all("SELECT * FROM ships", vec![]).await.unwrap();
        (lines[0].get("name").unwrap(), lines[0].get("masts").unwrap())
    }

    #[tokio::test]
    async fn each_step_is_taken_once_and_rows_stay() {
        let pool = pool().await;
        take(&pool, &[FIRST]).await.unwrap();
        for _ in 0..2 {
            take(&pool, &[FIRST, SECOND]).await.unwrap();
            assert_eq!(ship(&pool).await, ("Beagle".to_owned(), 3));
        }
        let older = take(&pool, &[FIRST]).await;
        assert!(
            matches!(older, Err(Failure::Newer { found: 2, known: 1 })),
            "{older:?}"
        );
    }

    #[tokio::test]
    async fn a_step_that_fails_leaves_the_schema_as_it_was() {
        let pool = pool().await;
        take(&pool, &[FIRST, SECOND]).await.unwrap();
        take(&pool, &[FIRST, SECOND, BROKEN]).await.unwrap_err();
        assert_eq!(ship(&pool).await, ("Beagle".to_owned(), 3));
        take(&pool, &[FIRST, SECOND]).await.unwrap();
    }
}
