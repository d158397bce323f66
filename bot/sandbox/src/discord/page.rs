//! The page, and the files that messages carry.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State as FromApp};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use super::core::Core;
use super::ids::Id;

const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:";

/// The page's three files, and attachments.
pub(crate) fn router() -> Router<Arc<Core>> {
    Router::new()
        .route(
            "/",
            get(async || file("text/html; charset=utf-8", include_str!("page/index.html"))),
        )
        .route(
            "/style.css",
            get(async || file("text/css; charset=utf-8", include_str!("page/style.css"))),
        )
        .route(
            "/page.js",
            get(async || file("text/javascript; charset=utf-8", include_str!("page/page.js"))),
        )
        .route("/attachments/{channel}/{id}/{name}", get(attachment))
}

fn file(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind)], headers(), text).into_response()
}

fn headers() -> [(HeaderName, &'static str); 4] {
    [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ]
}

/// A file. Only pictures and plain text are shown; the rest is for saving, since it may be
/// anything that a person or a Pod's log made it.
async fn attachment(
    FromApp(core): FromApp<Arc<Core>>,
    Path((_, id, _)): Path<(String, String, String)>,
) -> Response {
    let found = core.look(|state| {
        let id: Id = id.parse().ok()?;
        let kind = state
            .messages
            .iter()
            .flat_map(|it| &it.attachments)
            .find(|file| file.id == id)?;
        Some((kind.content_type.clone(), state.files.get(&id)?.clone()))
    });
    let Some((kind, bytes)) = found else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let shown = [
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "text/plain; charset=utf-8",
    ];
    let how = if shown.contains(&kind.as_str()) {
        "inline"
    } else {
        "attachment"
    };
    let kind = if how == "inline" {
        kind
    } else {
        "application/octet-stream".to_owned()
    };
    (
        [
            (header::CONTENT_TYPE, kind),
            (header::CONTENT_DISPOSITION, how.to_owned()),
        ],
        headers(),
        bytes,
    )
        .into_response()
}
