//! One kubelet for all nodes: what the API server asks of any node is answered by a test.
//!
//! The API server reaches nodes through a proxy, which is this. So the nodes keep the addresses that they have in the
//! scenario, and nothing leaves the machine.

use std::path::Path;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::certificates::Authority;

/// What the API server asks of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The name of the node, by which the API server calls it.
    pub(crate) node: String,
    /// For example `/containerLogs/shop/web-1/app`.
    pub(crate) path: String,
    /// For example `tailLines=5&timestamps=true`.
    pub(crate) query: String,
}

/// A status and a body; without one the node hangs up.
pub(crate) type Answer = Option<(u16, String)>;

/// How nodes answer.
pub(crate) type Answers = Arc<dyn Fn(&Asked) -> Answer + Send + Sync>;

/// What answers for every node.
pub(super) struct Kubelet {
    answers: Arc<Mutex<Answers>>,
}

impl Kubelet {
    pub(super) fn start(authority: &Authority, socket: &Path) -> anyhow::Result<Self> {
        let listener = UnixListener::bind(socket)?;
        let nobody: Answers = Arc::new(|_| Some((404, "404 page not found\n".to_owned())));
        let answers = Arc::new(Mutex::new(nobody));
        let acceptor = TlsAcceptor::from(Arc::new(tls(authority)?));
        tokio::spawn(serve(listener, acceptor, Arc::clone(&answers)));
        Ok(Self { answers })
    }

    pub(super) fn answer_with(&self, answers: Answers) {
        *self.answers.lock().unwrap() = answers;
    }
}

fn tls(authority: &Authority) -> anyhow::Result<ServerConfig> {
    let pair = authority.server();
    let chain = vec![CertificateDer::from_pem_slice(pair.certificate.as_bytes())?];
    let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes())?;
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    Ok(ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?)
}

async fn serve(listener: UnixListener, acceptor: TlsAcceptor, answers: Arc<Mutex<Answers>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, answers) = (acceptor.clone(), Arc::clone(&answers));
        tokio::spawn(async move {
            // Who hangs up has their reasons.
            let _ = one(stream, acceptor, &answers).await;
        });
    }
}

/// `CONNECT node:port`, then one request over TLS.
async fn one(mut stream: UnixStream, acceptor: TlsAcceptor, answers: &Mutex<Answers>) -> std::io::Result<()> {
    let node = head(&mut stream).await?;
    stream
        .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
        .await?;
    let mut stream = acceptor.accept(stream).await?;
    let target = head(&mut stream).await?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let asked = Asked {
        node: node.split(':').next().unwrap_or_default().to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
    };
    let answers = Arc::clone(&answers.lock().unwrap());
    if let Some((status, body)) = answers(&asked) {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status} \r\ncontent-type: text/plain\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(format!("{head}{body}").as_bytes()).await?;
    }
    stream.shutdown().await
}

/// Reads the head of a request and returns its target. Neither kind of request has a body.
async fn head(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> std::io::Result<String> {
    // A byte at a time: what follows the head belongs to the TLS handshake.
    let mut lines = BufReader::with_capacity(1, stream).lines();
    let first = lines.next_line().await?.unwrap_or_default();
    while lines.next_line().await?.is_some_and(|line| !line.is_empty()) {}
    Ok(first.split(' ').nth(1).unwrap_or_default().to_owned())
}
