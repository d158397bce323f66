//! Files that people attach, read from where Discord keeps them.

use std::time::Duration;

use serenity::all::Attachment;

use crate::command::{Command, Refusal};
use crate::documents::draft;
use crate::documents::no::No;
use crate::documents::{Attached, Wish};

/// How long reading one may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The largest that is read: a document has at most so many characters, of up to four bytes.
const MOST: u64 = 4 * draft::DETAILS as u64;

/// A file as Discord names it.
pub(super) fn attached(file: &Attachment) -> Attached {
    Attached {
        url: file.url.clone(),
        bytes: file.size.into(),
    }
}

/// The command with its file read, if it has one.
pub(super) async fn read_into(parsed: Result<Command, Refusal>) -> Result<Command, Refusal> {
    let Ok(Command::Document(wish)) = parsed else {
        return parsed;
    };
    let Wish::Attach { of, file } = *wish else {
        return Ok(Command::Document(wish));
    };
    let text = read(&file).await?;
    Ok(Command::Document(Box::new(Wish::Read { of, text })))
}

async fn read(file: &Attached) -> Result<String, No> {
    if file.bytes > MOST {
        return Err(No::LargeFile { bytes: file.bytes });
    }
    let bytes = fetch(&file.url).await.map_err(|error| {
        // Without its address, which opens the file for everybody.
        tracing::warn!("a file could not be read from Discord: {}", error.without_url());
        No::NotFetched
    })?;
    if bytes.len() as u64 > MOST {
        return Err(No::LargeFile {
            bytes: bytes.len() as u64,
        });
    }
    String::from_utf8(bytes).map_err(|_| No::NoText)
}

/// Reads no further than a little beyond the limit, whatever the size was said to be.
async fn fetch(url: &str) -> reqwest::Result<Vec<u8>> {
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none());
    // A Discord on this machine is behind no proxy.
    let client = match url.starts_with("http://127.0.0.1:") {
        true => client.no_proxy(),
        false => client,
    };
    let client = client.build()?;
    let mut answer = client.get(url).send().await?.error_for_status()?;
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() as u64 > MOST {
            break;
        }
    }
    Ok(bytes)
}
