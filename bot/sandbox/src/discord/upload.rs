//! Files: how they come in with a body, and how a message's list of them changes.

use serde_json::{Value, json};

use super::errors::{self, ApiError, Wrong};
use super::ids::{Id, id_in};
use super::interact::ATTACHMENT_LIMIT;
use super::message::Attachment;
use super::state::State;

/// How many files a message can have.
const MOST: usize = 10;

/// A file as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    /// The number in `files[n]`.
    pub(crate) index: u64,
    pub(crate) filename: String,
    pub(crate) content_type: Option<String>,
    pub(crate) bytes: Vec<u8>,
}

/// The files of a message after a body with `uploads`: those of `before` that the body keeps
/// (all, if it does not list any), then the new ones.
pub(crate) fn attach(
    state: &mut State,
    channel: Id,
    before: &[Attachment],
    body: &Value,
    uploads: &[Upload],
) -> Result<Vec<Attachment>, ApiError> {
    let listed = body["attachments"].as_array();
    let keeps = |id: Id| listed.is_none_or(|listed| listed.iter().any(|it| id_in(&it["id"]) == Some(id)));
    let mut after: Vec<Attachment> = before.iter().filter(|file| keeps(file.id)).cloned().collect();
    for upload in uploads {
        if upload.bytes.len() > ATTACHMENT_LIMIT {
            return Err(errors::too_large());
        }
        let entry = listed.and_then(|listed| {
            listed
                .iter()
                .find(|it| id_in(&it["id"]) == Some(Id(upload.index)))
        });
        after.push(store(state, channel, upload, entry));
    }
    if after.len() > MOST {
        let wrong = Wrong::new(
            "/attachments",
            "BASE_TYPE_MAX_LENGTH",
            "Must be 10 or fewer in length.",
        );
        return Err(errors::invalid_form(&[wrong]));
    }
    Ok(after)
}

fn store(state: &mut State, channel: Id, upload: &Upload, entry: Option<&Value>) -> Attachment {
    let id = state.next_id();
    let renamed = entry.and_then(|entry| entry["filename"].as_str());
    let filename = safe_name(renamed.unwrap_or(&upload.filename));
    let description = entry.and_then(|entry| entry["description"].as_str());
    state.files.insert(id, upload.bytes.clone());
    Attachment {
        id,
        url: format!("{}/attachments/{channel}/{id}/{filename}", state.base_url),
        size: upload.bytes.len(),
        content_type: content_type(upload, &filename),
        description: description.map(ToOwned::to_owned),
        pixels: png_size(&upload.bytes),
        filename,
    }
}

/// The name as Discord stores it: letters, digits, dots, dashes and underscores.
fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe = |c: char| {
        if c.is_alphanumeric() || matches!(c, '.' | '-' | '_') {
            c
        } else {
            '_'
        }
    };
    let name: String = last.chars().map(safe).collect();
    if name.is_empty() {
        "unknown".to_owned()
    } else {
        name
    }
}

fn content_type(upload: &Upload, filename: &str) -> String {
    let by_name = match filename.rsplit('.').next().unwrap_or_default() {
        "txt" | "log" | "md" | "yaml" | "yml" => "text/plain; charset=utf-8",
        "json" => "application/json; charset=utf-8",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        _ => upload
            .content_type
            .as_deref()
            .unwrap_or("application/octet-stream"),
    };
    by_name.to_owned()
}

/// Width and height from a PNG's first chunk.
fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let header = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    let number = |at: usize| Some(u32::from_be_bytes(header.get(at..at + 4)?.try_into().ok()?));
    Some((number(8)?, number(12)?))
}

/// Puts the address of a file where the body named it as `attachment://name`.
pub(crate) fn link(value: &mut Value, files: &[Attachment], at: &str) -> Result<(), ApiError> {
    match value {
        Value::String(text) => {
            let Some(name) = text.strip_prefix("attachment://") else {
                return Ok(());
            };
            let Some(file) = files.iter().find(|file| file.filename == name) else {
                let message = format!("Unknown attachment: {name}");
                return Err(errors::invalid_form(&[Wrong::new(
                    at,
                    "ATTACHMENT_NOT_FOUND",
                    message,
                )]));
            };
            *value = json!(file.url);
            Ok(())
        }
        Value::Array(list) => list
            .iter_mut()
            .enumerate()
            .try_for_each(|(index, it)| link(it, files, &format!("{at}/{index}"))),
        Value::Object(object) => object
            .iter_mut()
            .try_for_each(|(key, it)| link(it, files, &format!("{at}/{key}"))),
        _ => Ok(()),
    }
}
