//! Answers: objects, lists that are written while they are sent, refusals.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, StatusCode, header};
use futures::stream;
use serde_json::Value;

use super::super::problem::Problem;

/// How many objects are written at a time.
const CHUNK: usize = 250;

/// A JSON answer.
pub(super) fn json(status: u16, body: &Value) -> Response<Body> {
    let bytes = serde_json::to_vec(body).unwrap_or_default();
    bytes_of(status, "application/json", bytes)
}

/// A text.
pub(super) fn text(status: u16, body: impl Into<String>) -> Response<Body> {
    bytes_of(status, "text/plain; charset=utf-8", body.into().into_bytes())
}

/// Bytes of a type.
pub(super) fn bytes_of(status: u16, content_type: &'static str, body: Vec<u8>) -> Response<Body> {
    with_body(status, content_type, Body::from(body))
}

/// Any body.
pub(super) fn with_body(status: u16, content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-cache, private"),
    );
    response
}

/// A refusal, as a `Status`.
pub(super) fn problem(problem: &Problem) -> Response<Body> {
    let mut response = json(problem.code, &problem.status());
    let headers = response.headers_mut();
    if let Some(seconds) = problem.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if problem.code == 403 || problem.code == 401 {
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
    }
    response
}

/// A list: what stands before its items, each item written by `write`, what stands after them. Long lists
/// are written while they are sent, so that no answer is ever whole in memory.
pub(super) fn list<T: Send + 'static>(
    head: Vec<u8>,
    items: Vec<T>,
    tail: &'static [u8],
    write: impl Fn(&T, &mut Vec<u8>) + Send + 'static,
) -> Response<Body> {
    if items.len() <= CHUNK {
        let mut body = head;
        write_all(&items, true, &write, &mut body);
        body.extend_from_slice(tail);
        return bytes_of(200, "application/json", body);
    }
    let mut head = Some(head);
    let mut items = items.into_iter();
    let mut is_done = false;
    let chunks = std::iter::from_fn(move || {
        if is_done {
            return None;
        }
        let is_first = head.is_some();
        let mut bytes = head.take().unwrap_or_default();
        let chunk: Vec<T> = items.by_ref().take(CHUNK).collect();
        write_all(&chunk, is_first, &write, &mut bytes);
        if chunk.len() < CHUNK {
            bytes.extend_from_slice(tail);
            is_done = true;
        }
        Some(Ok::<_, std::convert::Infallible>(Bytes::from(bytes)))
    });
    with_body(200, "application/json", Body::from_stream(stream::iter(chunks)))
}

fn write_all<T>(items: &[T], is_first: bool, write: &impl Fn(&T, &mut Vec<u8>), bytes: &mut Vec<u8>) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 || !is_first {
            bytes.push(b',');
        }
        write(item, bytes);
    }
}
