//! The local cluster alone, for work on it with kubectl:
//! `cargo run --example cluster -- 127.0.0.1:8098 [FILE.yaml]…` prints the admin's kubeconfig.
#![expect(clippy::print_stdout, reason = "the kubeconfig is what this program is for")]

use anyhow::Context as _;
use firstmate_sandbox::cluster::{Cluster, Settings};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let listen = arguments.next().unwrap_or_else(|| "127.0.0.1:8098".to_owned());
    let listen = listen
        .parse()
        .with_context(|| format!("`{listen}` is no address"))?;
    let cluster = Cluster::start(Settings {
        listen,
        ..Settings::default()
    })?;
    for file in arguments {
        cluster.apply(&std::fs::read_to_string(&file)?).context(file)?;
    }
    println!("{}", cluster.kubeconfig("admin"));
    std::future::pending().await
}
