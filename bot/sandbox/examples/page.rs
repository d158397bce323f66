//! The local Discord alone, for work on the page: `cargo run --example page -- 127.0.0.1:8099`.
#![expect(clippy::print_stdout, reason = "the address is what this program is for")]

use anyhow::Context as _;
use firstmate_sandbox::discord::{Discord, Settings};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let listen = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:8099".to_owned());
    let listen = listen
        .parse()
        .with_context(|| format!("`{listen}` is no address"))?;
    let discord = Discord::start(Settings {
        listen,
        ..Settings::default()
    })
    .await?;
    println!("{}", discord.page_url());
    std::future::pending().await
}
