//! First Mate (大副): a Discord bot for the people who run Kubernetes.
//!
//! What it is stands in `firstmate_core`, the other crate in this folder, and is found here as well. What is here needs
//! the library for Discord: [`discord`] is the edge to the chat, [`doctor`] tries what the bot needs.

pub mod discord;
pub mod doctor;
#[cfg(feature = "sandbox")]
pub mod play;

pub use firstmate_core::*;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;

use crate::app::App;
use crate::config::Token;
use crate::discord::Endpoint;

/// The stack of a thread that runs the bot, in bytes. Unoptimised, reading a list of Deployments alone takes about a
/// megabyte of it, below all that led there; what is not touched costs nothing.
pub const STACK: usize = 8 << 20;

/// Runs the bot until `stop` resolves, then finishes what it has begun, within the configured grace.
///
/// `first` is a connection to Discord that was made already, if one was.
///
/// # Errors
/// If Discord will never have this bot as it is configured.
pub async fn run(
    app: Arc<App>,
    endpoint: Endpoint,
    token: Token,
    first: Option<discord::Http>,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let watching = tokio::spawn({
        let app = Arc::clone(&app);
        async move { app.watch_documents().await }
    });
    let clusters = watch_clusters(&app);
    let changing = tokio::spawn(watch_changes(Arc::clone(&app), endpoint.http(&token)?));
    let ended = discord::connect::run(&app, &endpoint, &token, first, stop).await;
    // The gateway is left, so nothing new comes in; what was begun is finished.
    if tokio::time::timeout(Duration::from_millis(app.config.grace), app.work.done())
        .await
        .is_err()
    {
        tracing::warn!(
            in_hand = app.work.in_hand(),
            "work was still under way when the grace ended"
        );
    }
    watching.abort();
    changing.abort();
    clusters.iter().for_each(tokio::task::JoinHandle::abort);
    ended
}

/// Keeps cards as their requests stand, and requests as the time has it.
async fn watch_changes(app: Arc<App>, http: discord::Http) {
    loop {
        let watching = async {
            tokio::join!(
                discord::cards::run(&app, &http),
                discord::cards::post_heads(&app, &http),
                discord::digest::run(&app, &http),
                remedy::sweep::run(&app)
            )
        };
        // They run for ever, unless there is a fault in them; then they begin anew, and somebody must hear of it.
        let _ = AssertUnwindSafe(watching).catch_unwind().await;
        tracing::error!("keeping requests and cards up to date failed, and begins anew");
        app.clock.sleep_until(app.clock.now() + RESTART).await;
    }
}

/// How long until what failed begins anew, in milliseconds.
const RESTART: clock::Millis = 5_000;

/// Watches each cluster by itself: one that is down holds up no other. Not before Discord is reached, which has the
/// processor first: until then nobody asks.
fn watch_clusters(app: &Arc<App>) -> Vec<tokio::task::JoinHandle<()>> {
    let watch = |name: String| {
        let app = Arc::clone(app);
        tokio::spawn(async move {
            app.online.wait().await;
            if let Some(cluster) = app.clusters.get(&name) {
                cluster.watch(&app.clock).await;
            }
        })
    };
    app.clusters.names().into_iter().map(watch).collect()
}
