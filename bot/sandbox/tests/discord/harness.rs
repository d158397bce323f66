//! A local Discord on a clock that stands still, and a small client for it.

use std::future::Future;
use std::time::Duration;

use firstmate_sandbox::discord::{Discord, Settings};
use firstmate_sandbox::{Clock, START_MS};

/// A fresh local Discord.
pub(crate) async fn discord() -> Discord {
    let settings = Settings {
        clock: Clock::manual(START_MS),
        ..Settings::default()
    };
    Discord::start(settings).await.unwrap()
}

/// What comes within ten seconds, or the test fails.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), future)
        .await
        .expect("took too long")
}
