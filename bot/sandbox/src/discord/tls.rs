//! The TLS front: `discord.com` with a certificate of our own, so that a client's limiter,
//! retries and paths are those of production.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// The authority that clients have to trust, and the server's side of it.
pub(crate) struct Front {
    pub(crate) ca_der: Vec<u8>,
    pub(crate) ca_pem: String,
    config: Arc<ServerConfig>,
}

impl Front {
    /// Makes a certificate for `discord.com`, in memory, for this run only.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let (authority, issuer) = authority()?;
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(vec!["discord.com".to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, "discord.com");
        let certificate = params.signed_by(&key, &issuer)?;
        let chain = vec![
            certificate.der().clone(),
            CertificateDer::from(authority.der().to_vec()),
        ];
        let private = PrivateKeyDer::try_from(key.serialize_der()).map_err(anyhow::Error::msg)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, private)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            ca_der: authority.der().to_vec(),
            ca_pem: authority.pem(),
            config: Arc::new(config),
        })
    }

    /// A listener that shakes hands and hands over what came of it.
    pub(crate) async fn listen(&self, address: SocketAddr) -> anyhow::Result<TlsListener> {
        let listener = TcpListener::bind(address)
            .await
            .context("binding the TLS front")?;
        let address = listener.local_addr()?;
        let (ready, connections) = mpsc::channel(16);
        let acceptor = TlsAcceptor::from(Arc::clone(&self.config));
        let task = tokio::spawn(accept(listener, acceptor, ready));
        Ok(TlsListener {
            address,
            connections,
            task,
        })
    }
}

fn authority() -> anyhow::Result<(rcgen::Certificate, Issuer<'static, KeyPair>)> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, "First Mate sandbox");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    let certificate = params.self_signed(&key)?;
    Ok((certificate, Issuer::new(params, key)))
}

/// Handshakes run beside each other, so that a client that stalls holds up nobody else.
async fn accept(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    ready: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    loop {
        let Ok((stream, from)) = listener.accept().await else {
            continue;
        };
        // Answers are small and awaited one by one.
        let _ = stream.set_nodelay(true);
        let (acceptor, ready) = (acceptor.clone(), ready.clone());
        tokio::spawn(async move {
            match acceptor.accept(stream).await {
                Ok(stream) => {
                    let _ = ready.send((stream, from)).await;
                }
                Err(error) => tracing::debug!("a TLS handshake failed: {error}"),
            }
        });
    }
}

/// Connections that are through their handshake.
pub(crate) struct TlsListener {
    pub(crate) address: SocketAddr,
    connections: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for TlsListener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.connections.recv().await {
            Some(connection) => connection,
            // The accepting task only ends with this listener.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        Ok(self.address)
    }
}
