//! The audit log of the API server.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use super::client::{Client, text};
use super::until;

/// Numbers the requests that mark an end.
static MARKS: AtomicU64 = AtomicU64::new(1);

/// Everything since a position that was answered by now, and the position after it.
pub(super) async fn since(client: &Client, log: &Path, position: u64) -> anyhow::Result<(Vec<Value>, u64)> {
    // An answer is sent a moment before it is logged; what is logged in front of this one is complete.
    let mark = format!("mark={}", MARKS.fetch_add(1, Ordering::Relaxed));
    client.get(&format!("/healthz?{mark}")).await?;
    let end = format!("/healthz?{mark}\"");
    until("the audit log goes on", || async {
        read(log, position).is_ok_and(|all| all.contains(&end))
    })
    .await?;
    let all = read(log, position)?;
    let whole = all.rfind('\n').map_or(0, |at| at + 1);
    let lines: Vec<Value> = all[..whole]
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    let asked = lines
        .into_iter()
        .filter(|line| !text(&line["requestURI"]).contains("/healthz?mark="));
    Ok((asked.collect(), position + whole as u64))
}

fn read(log: &Path, position: u64) -> anyhow::Result<String> {
    let mut file = std::fs::File::open(log)?;
    file.seek(SeekFrom::Start(position))?;
    let mut all = String::new();
    file.read_to_string(&mut all)?;
    Ok(all)
}
