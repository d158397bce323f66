//! What runs behind the API: controllers, a scheduler, kubelets, a scenario that goes on.

use std::sync::Arc;

use super::problem::Problem;
use super::store::Handle;

/// Everything that acts in the cluster by itself.
pub trait Engine: Send {
    /// Lets everything act up to a moment, until nothing has anything to do. The store's time is the
    /// engine's to set meanwhile; afterwards it is the clock's again.
    fn run_to(&mut self, store: &Handle, now_ms: u64);

    /// The kubelets, for what the API server asks of them.
    fn kubelets(&self) -> Arc<dyn Kubelets>;
}

/// What kubelets answer when the API server asks.
pub trait Kubelets: Send + Sync {
    /// The lines of a container's log, oldest first, or what the API server says where the kubelet cannot be
    /// reached.
    fn log(&self, of: &LogOf) -> Result<Vec<LogLine>, Problem>;

    /// What a kubelet answers to `GET path?query`.
    fn get(&self, node: &str, path: &str, query: &str) -> KubeletAnswer;
}

/// Which log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogOf {
    /// The Pod's namespace.
    pub namespace: String,
    /// The Pod.
    pub pod: String,
    /// The container.
    pub container: String,
    /// Whether the log of its previous run is meant.
    pub previous: bool,
}

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When it was written.
    pub at_ms: u64,
    /// What it says, without the end of the line.
    pub text: String,
}

/// An answer of a kubelet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubeletAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

/// A cluster in which nothing acts by itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Idle;

impl Engine for Idle {
    fn run_to(&mut self, _store: &Handle, _now_ms: u64) {}

    fn kubelets(&self) -> Arc<dyn Kubelets> {
        Arc::new(Self)
    }
}

impl Kubelets for Idle {
    fn log(&self, _of: &LogOf) -> Result<Vec<LogLine>, Problem> {
        Ok(Vec::new())
    }

    fn get(&self, _node: &str, _path: &str, _query: &str) -> KubeletAnswer {
        KubeletAnswer {
            status: 503,
            content_type: "text/plain; charset=utf-8",
            body: "no kubelet is running".to_owned(),
        }
    }
}
