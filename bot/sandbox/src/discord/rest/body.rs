//! Reading a body: JSON, or a form with `payload_json` and files.

use axum::body::to_bytes;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::header;
use serde_json::Value;

use crate::discord::errors::{self, ApiError};
use crate::discord::upload::Upload;

/// The largest request, as Discord has it.
const LARGEST: usize = 25 * 1024 * 1024;

/// A body as handlers see it.
#[derive(Debug, Default)]
pub(crate) struct Body {
    /// Null where there is none.
    pub(crate) json: Value,
    pub(crate) uploads: Vec<Upload>,
}

impl Body {
    pub(crate) async fn read(request: Request) -> Result<Self, ApiError> {
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok());
        if kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
            return form(request).await;
        }
        let bytes = to_bytes(request.into_body(), LARGEST)
            .await
            .map_err(|_| errors::too_large())?;
        Ok(Self {
            json: parse(&bytes)?,
            uploads: Vec::new(),
        })
    }
}

fn parse(bytes: &[u8]) -> Result<Value, ApiError> {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(bytes).map_err(|_| errors::not_json())
}

async fn form(request: Request) -> Result<Body, ApiError> {
    let mut body = Body::default();
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| errors::not_json())?;
    let mut size = 0;
    while let Some(field) = form.next_field().await.map_err(|_| errors::too_large())? {
        let name = field.name().unwrap_or_default().to_owned();
        let filename = field.file_name().map(ToOwned::to_owned);
        let content_type = field.content_type().map(ToOwned::to_owned);
        let bytes = field.bytes().await.map_err(|_| errors::too_large())?;
        size += bytes.len();
        if size > LARGEST {
            return Err(errors::too_large());
        }
        if name == "payload_json" {
            body.json = parse(&bytes)?;
        } else if let Some(filename) = filename {
            let index = index(&name).unwrap_or(body.uploads.len() as u64);
            body.uploads.push(Upload {
                index,
                filename,
                content_type,
                bytes: bytes.to_vec(),
            });
        }
    }
    Ok(body)
}

/// The number in `files[2]`.
fn index(name: &str) -> Option<u64> {
    name.strip_prefix("files[")?.strip_suffix(']')?.parse().ok()
}
