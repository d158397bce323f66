//! `/healthz`, `/readyz` and `/metrics` over HTTP.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::app::App;

/// Answers on `listener` for as long as it is polled.
///
/// # Errors
/// If the listener breaks.
pub async fn serve(app: Arc<App>, listener: TcpListener) -> std::io::Result<()> {
    let routes = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(app);
    axum::serve(listener, routes).await
}

async fn metrics(State(app): State<Arc<App>>) -> String {
    for cluster in app.clusters.all() {
        for (kind, count) in cluster.tables().counts() {
            app.metrics.watched(&cluster.name, kind, count);
        }
    }
    app.metrics.text()
}

/// Each part by name, so that who reads it at night knows which one to look at.
async fn ready(State(app): State<Arc<App>>) -> (StatusCode, String) {
    let gateway = app.is_online();
    let index = app.library.stats().passages > 0;
    let store = app.store.healthy().await.is_ok();
    let status = if gateway && index && store {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let word = |ready: bool| if ready { "ok" } else { "not ready" };
    (
        status,
        format!(
            "gateway: {}\nindex: {}\nstore: {}\n",
            word(gateway),
            word(index),
            word(store)
        ),
    )
}
