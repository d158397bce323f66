//! Something between the bot and the API server that fails in a way of the test's choosing, and counts what passes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What becomes of a PATCH.
#[derive(Clone, Debug)]
pub(super) enum Way {
    /// It passes.
    Through,
    /// The connection ends before the API server has seen it.
    CutBefore,
    /// The API server has carried it out; not a byte of its answer comes back.
    CutAfter,
    /// The same, and only the head of the answer comes back.
    HeadAlone,
    /// The API server has carried it out, and nothing comes back, nor does the connection end.
    Silent,
    /// It is answered with this in the API server's place.
    Instead(&'static str),
}

/// The proxy, as long as it lives.
pub(super) struct Proxy {
    pub(super) url: String,
    way: Arc<Mutex<Way>>,
    patches: Arc<AtomicUsize>,
    connections: Arc<AtomicUsize>,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Proxy {
    /// In front of the server at an address.
    pub(super) async fn before(address: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let way = Arc::new(Mutex::new(Way::Through));
        let (patches, connections) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let serving = tokio::spawn({
            let (way, patches, connections) = (way.clone(), patches.clone(), connections.clone());
            let address = address.to_owned();
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    connections.fetch_add(1, Ordering::SeqCst);
                    tokio::spawn(serve(stream, address.clone(), way.clone(), patches.clone()));
                }
            }
        });
        Self {
            url,
            way,
            patches,
            connections,
            serving,
        }
    }

    pub(super) fn set(&self, way: Way) {
        *self.way.lock().unwrap() = way;
    }

    /// How many PATCHes came in since it was last asked.
    pub(super) fn patches(&self) -> usize {
        self.patches.swap(0, Ordering::SeqCst)
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Requests of one connection, one after another.
async fn serve(mut stream: TcpStream, address: String, way: Arc<Mutex<Way>>, patches: Arc<AtomicUsize>) {
    while let Some(request) = message(&mut stream).await {
        let is_patch = request.starts_with(b"PATCH ");
        let way = match is_patch {
            true => way.lock().unwrap().clone(),
            false => Way::Through,
        };
        patches.fetch_add(usize::from(is_patch), Ordering::SeqCst);
        let answer = match way {
            Way::CutBefore => return,
            Way::Instead(answer) => answer.as_bytes().to_vec(),
            _ => forward(&address, &request).await,
        };
        let head = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        match way {
            Way::CutAfter => return,
            Way::Silent => return std::future::pending().await,
            Way::HeadAlone => {
                let _ = stream.write_all(&answer[..head]).await;
                return;
            }
            _ => {}
        }
        if stream.write_all(&answer).await.is_err() {
            return;
        }
    }
}

async fn forward(address: &str, request: &[u8]) -> Vec<u8> {
    let mut upstream = TcpStream::connect(address).await.unwrap();
    upstream.write_all(request).await.unwrap();
    message(&mut upstream).await.unwrap()
}

/// A head and, by its length or in chunks, its body.
async fn message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        if let Some(head) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let words = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
            let body = &bytes[head + 4..];
            let is_whole = match words.contains("transfer-encoding: chunked") {
                true => body.ends_with(b"0\r\n\r\n"),
                false => body.len() >= length(&words),
            };
            if is_whole {
                return Some(bytes);
            }
        }
        let mut buffer = [0; 16 << 10];
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}

fn length(head: &str) -> usize {
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    length.map_or(0, |length| length.trim().parse().unwrap())
}
