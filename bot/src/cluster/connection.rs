//! The client of a cluster, and a new one when the bot's proof of who it is has changed on disk.
//!
//! kube reads a file with a token anew once a minute, and a kubeconfig, a client certificate and the authority's
//! certificate never. Whoever rotates them may take the old ones away at once, so that a read is refused; then, and
//! only then, it is looked whether there are others by now.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use kube::config::{AuthInfo, KubeConfigOptions, Kubeconfig};
use tokio::sync::Mutex;

use super::client::Why;
use crate::config;

/// How long it may take to connect, in real time.
const CONNECT: Duration = Duration::from_secs(5);

/// How a cluster is reached.
pub(super) struct Connection {
    settings: config::Cluster,
    made: Mutex<Option<Connected>>,
}

/// A client, and by what it was made.
#[derive(Clone)]
pub(super) struct Connected {
    pub(super) client: kube::Client,
    /// A digest of the address and of everything by which the bot and the API server know each other.
    proof: u64,
}

impl Connection {
    /// One that is made when it is first needed.
    pub(super) fn new(settings: config::Cluster) -> Self {
        Self {
            settings,
            made: Mutex::default(),
        }
    }

    /// The client; made at the first call that finds its kubeconfig.
    ///
    /// # Errors
    /// If there is no usable kubeconfig.
    pub(super) async fn connected(&self) -> Result<Connected, Why> {
        let mut made = self.made.lock().await;
        if let Some(connected) = &*made {
            return Ok(connected.clone());
        }
        let connected = self.connect().await.map_err(unreachable)?;
        Ok(made.insert(connected).clone())
    }

    /// The client to try once more with, where a request was `refused` and another client has been made since, or
    /// can be now. `None` where it would be the same again.
    pub(super) async fn renewed(&self, used: &Connected, refused: &Why) -> Option<Connected> {
        if !matches!(refused, Why::Unauthorized | Why::Unreachable(_)) {
            return None;
        }
        let mut made = self.made.lock().await;
        if let Some(connected) = made.as_ref().filter(|made| made.proof != used.proof) {
            return Some(connected.clone());
        }
        let config = self.config().await.ok()?;
        // What a program tells is not seen until it is asked again.
        let asks_a_program = config.auth_info.exec.is_some() && *refused == Why::Unauthorized;
        if proof(&config) == used.proof && !asks_a_program {
            return None;
        }
        tracing::info!(server = %config.cluster_url, "the credentials have changed: connecting anew");
        let connected = connect(config).ok()?;
        Some(made.insert(connected).clone())
    }

    async fn connect(&self) -> anyhow::Result<Connected> {
        connect(self.config().await?)
    }

    async fn config(&self) -> anyhow::Result<kube::Config> {
        let options = KubeConfigOptions {
            context: self.settings.context.clone(),
            ..KubeConfigOptions::default()
        };
        let mut config = match (&self.settings.kubeconfig, &self.settings.context) {
            (Some(config::Kubeconfig::File(path)), _) => {
                kube::Config::from_custom_kubeconfig(Kubeconfig::read_from(path)?, &options).await?
            }
            (Some(config::Kubeconfig::Text(text)), _) => {
                kube::Config::from_custom_kubeconfig(Kubeconfig::from_yaml(text)?, &options).await?
            }
            (None, Some(_)) => kube::Config::from_kubeconfig(&options).await?,
            (None, None) => kube::Config::infer().await?,
        };
        // Its own way of trying again knows no deadline.
        config.default_retry = false;
        config.connect_timeout = Some(CONNECT);
        Ok(config)
    }
}

fn connect(config: kube::Config) -> anyhow::Result<Connected> {
    // Before the client reads the files itself: a change in between is then seen the next time.
    let proof = proof(&config);
    let client = kube::Client::try_from(config)?;
    Ok(Connected { client, proof })
}

fn proof(config: &kube::Config) -> u64 {
    let AuthInfo {
        token_file,
        client_certificate,
        client_key,
        ..
    } = &config.auth_info;
    let mut digest = DefaultHasher::new();
    config.cluster_url.to_string().hash(&mut digest);
    config.root_cert.hash(&mut digest);
    serde_json::to_string(&config.auth_info).ok().hash(&mut digest);
    for file in [token_file, client_certificate, client_key].into_iter().flatten() {
        std::fs::read(file).ok().hash(&mut digest);
    }
    digest.finish()
}

/// kube's own words end with those of what caused it.
fn unreachable(error: anyhow::Error) -> Why {
    Why::Unreachable(error.to_string())
}
