//! The page, and the files that messages carry.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State as FromApp};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use include_dir::{Dir, include_dir};

use super::core::Core;
use super::ids::Id;

const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:";

/// The page as it was written: HTML, a style sheet and scripts, nothing generated.
static PAGE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/discord/page");

/// The page's files, and attachments.
pub(crate) fn router() -> Router<Arc<Core>> {
    Router::new()
        .route("/", get(async || file("index.html")))
        .route("/{file}", get(async |Path(name): Path<String>| file(&name)))
        .route("/attachments/{channel}/{id}/{name}", get(attachment))
}

fn file(name: &str) -> Response {
    let Some(file) = PAGE.get_file(name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        _ => "application/octet-stream",
    };
    ([(header::CONTENT_TYPE, kind)], headers(), file.contents()).into_response()
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
            .find(|file| file.id == id);
        // The file of an option belongs to no message.
        let kind = kind.map_or("application/octet-stream", |file| &file.content_type);
        Some((kind.to_owned(), state.files.get(&id)?.clone()))
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
