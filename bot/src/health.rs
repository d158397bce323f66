//! `/healthz`, `/readyz` and `/metrics` over HTTP.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Sleep, sleep};

use crate::app::App;

/// After so long without an answer a connection is cut: whoever opens many and asks nothing would hold them for ever.
const IDLE: Duration = Duration::from_secs(30);

/// The bot's parts, as soon as its documents are read: a first index of many takes longer than whoever asks after its
/// health is patient.
pub type Soon = Arc<OnceLock<Arc<App>>>;

/// Answers on `listener` for as long as it is polled.
///
/// # Errors
/// If the listener breaks.
pub async fn serve(app: Soon, listener: TcpListener) -> io::Result<()> {
    serve_routes(routes(app), listener, IDLE).await
}

fn routes(app: Soon) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(app)
}

async fn serve_routes(routes: Router, listener: TcpListener, idle: Duration) -> io::Result<()> {
    axum::serve(Patient { listener, idle }, routes).await
}

/// Accepts connections that last as long as they are used.
struct Patient {
    listener: TcpListener,
    idle: Duration,
}

impl axum::serve::Listener for Patient {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, from) = axum::serve::Listener::accept(&mut self.listener).await;
        let idle = self.idle;
        let until = Box::pin(sleep(idle));
        (Connection { stream, idle, until }, from)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

/// A connection that ends once nothing was answered on it for a while, whatever comes in meanwhile.
struct Connection {
    stream: TcpStream,
    idle: Duration,
    until: Pin<Box<Sleep>>,
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.until.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.until = Box::pin(sleep(self.idle));
        // Nothing else may look at it again before it is over.
        let _ = self.until.as_mut().poll(context);
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

async fn metrics(State(app): State<Soon>) -> Result<String, StatusCode> {
    let app = app.get().ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
    for cluster in app.clusters.all() {
        for (kind, count) in cluster.tables().counts() {
            app.metrics.watched(&cluster.name, kind, count);
        }
    }
    Ok(app.metrics.text())
}

/// Each part by name, so that who reads it at night knows which one to look at.
async fn ready(State(app): State<Soon>) -> (StatusCode, String) {
    let (gateway, index, store) = match app.get() {
        Some(app) => (
            app.is_online(),
            app.library.stats().passages > 0,
            app.store.healthy_lately(app.clock.now()).await.is_ok(),
        ),
        None => (false, false, false),
    };
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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// What a server says to `request` until it closes the connection. Its documents are not read yet.
    async fn said(request: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = routes(Soon::default());
        let serving = tokio::spawn(serve_routes(routes, listener, Duration::from_millis(200)));
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(request.as_bytes()).await.unwrap();
        let mut said = String::new();
        client.read_to_string(&mut said).await.unwrap();
        serving.abort();
        said
    }

    #[tokio::test]
    async fn a_request_that_never_ends_is_cut_off() {
        assert_eq!(said("GET /healthz HTTP/1.1\r\nHost: x\r\n").await, "");
        let whole = said("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert!(
            whole.starts_with("HTTP/1.1 200 OK") && whole.ends_with("ok\n"),
            "{whole}"
        );
    }

    #[tokio::test]
    async fn it_is_healthy_and_not_ready_while_the_documents_are_read() {
        let asked = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let healthy = said(&asked("/healthz")).await;
        assert!(healthy.starts_with("HTTP/1.1 200 "), "{healthy}");
        let ready = said(&asked("/readyz")).await;
        assert!(ready.starts_with("HTTP/1.1 503 "), "{ready}");
        assert!(ready.contains("index: not ready\n"), "{ready}");
        let metrics = said(&asked("/metrics")).await;
        assert!(metrics.starts_with("HTTP/1.1 503 "), "{metrics}");
    }
}
