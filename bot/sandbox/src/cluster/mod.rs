//! A local cluster: the part of the Kubernetes API that a bot like First Mate and kubectl use, small
//! controllers on a clock that tests move, and hollow kubelets.
//!
//! Read `catalog` (which kinds there are) and `store` (what becomes of their objects), then `http` (what is
//! served), `rbac` and `impersonate` (to whom), and `machinery` (what acts behind it).

pub mod api;
pub mod catalog;
mod core;
mod crowd;
pub mod engine;
mod evict;
mod faults;
mod http;
mod impersonate;
mod journal;
pub mod machinery;
pub mod patch;
mod people;
pub mod problem;
mod rbac;
pub mod selector;
pub mod store;
mod table;
pub mod time;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use self::api::{Api as _, kinds};
use self::catalog::Kind;
use self::core::Core;
use self::engine::{Choice, Local};
use self::journal::Journal;
use self::machinery::Engine;
use self::store::{Handle, Part};
use crate::Clock;

pub use self::crowd::Crowd;
pub use self::faults::Fault;
pub use self::journal::{RequestLogLine, Write};

/// How often a cluster on real time lets everything in it act.
const TICK_MS: u64 = 1000;

/// The seed of names where none is given.
const SEED: u64 = 1;

/// How a local cluster is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens. Only addresses of this machine alone are allowed.
    pub listen: SocketAddr,
    /// Whose time counts.
    pub clock: Clock,
    /// What is there and what happens.
    pub scenario: String,
    /// Varies names and what is unrelated.
    pub seed: Option<u64>,
    /// Where requests are logged, one JSON line each.
    pub request_log: Option<PathBuf>,
    /// The version that it claims to have.
    pub version: (u32, u32),
    /// A file with another scenario.
    pub scenario_file: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            clock: Clock::system(),
            scenario: "first-run".to_owned(),
            seed: None,
            request_log: None,
            version: (1, 37),
            scenario_file: None,
        }
    }
}

/// A running local cluster. Clones are the same one; with the last of them it ends.
#[derive(Clone)]
pub struct Cluster {
    core: Arc<Core>,
    running: Arc<Running>,
}

struct Running {
    core: Arc<Core>,
    address: SocketAddr,
    ticks: Option<JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.core.stop.send_replace(true);
        if let Some(ticks) = &self.ticks {
            ticks.abort();
        }
    }
}

impl Cluster {
    /// Plays the scenario's history, lets everything come to rest, and serves. To be called within a runtime.
    pub fn start(settings: Settings) -> anyhow::Result<Self> {
        Self::start_with(&settings, |store| engine(&settings, store))
    }

    /// The same with other machinery behind it, made for the store that it gets.
    pub fn start_with(
        settings: &Settings,
        engine: impl FnOnce(&Handle) -> anyhow::Result<Box<dyn Engine>>,
    ) -> anyhow::Result<Self> {
        ensure!(
            settings.listen.ip().is_loopback(),
            "the local cluster only listens on this machine (127.0.0.1)"
        );
        let store = Handle::new(settings.clock.clone(), settings.seed.unwrap_or(SEED));
        let engine = engine(&store)?;
        Self::serve(settings, store, engine)
    }

    fn serve(settings: &Settings, store: Handle, engine: Box<dyn Engine>) -> anyhow::Result<Self> {
        let journal = Journal::new(settings.request_log.as_deref())?;
        let core = Core::new(store, settings.clock.clone(), settings.version, engine, journal);
        core.settle();
        let listener = TcpListener::bind(settings.listen);
        let listener = listener.with_context(|| format!("binding {}", settings.listen))?;
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        http::serve(tokio::net::TcpListener::from_std(listener)?, &core);
        let ticks = settings
            .clock
            .is_real()
            .then(|| tokio::spawn(tick(Arc::clone(&core))));
        let running = Running {
            core: Arc::clone(&core),
            address,
            ticks,
        };
        Ok(Self {
            core,
            running: Arc::new(running),
        })
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.running.address)
    }

    /// A kubeconfig with everything in it, for `admin`, `firstmate`, `lin`, `olga`, `ming` or `wei`.
    pub fn kubeconfig(&self, user: &str) -> String {
        people::kubeconfig(&self.url(), user)
    }

    /// Moves the clock and settles.
    pub fn advance(&self, ms: u64) {
        self.core.clock.advance(ms);
        self.settle();
    }

    /// Lets everything in the cluster act up to the clock's present, until nothing changes.
    pub fn settle(&self) {
        self.core.settle();
    }

    /// Creates or replaces every object of a YAML text, as admin, and settles.
    pub fn apply(&self, yaml: &str) -> anyhow::Result<()> {
        let admin = self.core.store.for_client("admin", false);
        let documents: Vec<Value> = serde_saphyr::from_multiple(yaml).context("reading YAML")?;
        for document in documents.into_iter().filter(|it| !it.is_null()) {
            apply(&admin, document)?;
        }
        self.settle();
        Ok(())
    }

    /// A merge patch as admin of `kind/name` or `namespace/kind/name`, its status included; then settles.
    pub fn patch(&self, object: &str, patch: Value) -> anyhow::Result<()> {
        let admin = self.core.store.for_client("admin", false);
        let (kind, namespace, name) = named(object)?;
        let of = kind.resource;
        admin.patch(of, namespace, name, "", &patch)?;
        if kind.status
            && let Some(status) = patch.get("status")
        {
            admin.patch(of, namespace, name, "status", &json!({"status": status}))?;
        }
        self.settle();
        Ok(())
    }

    /// Every object, as the API answers it.
    pub fn dump(&self) -> Vec<Value> {
        self.core.store.dump().iter().map(|it| Value::clone(it)).collect()
    }

    /// The store, as the cluster itself.
    pub fn store(&self) -> Handle {
        self.core.store.clone()
    }

    /// What was changed over HTTP, from the `n`th change on.
    pub fn writes_since(&self, n: usize) -> Vec<Write> {
        self.core.journal().writes.get(n..).unwrap_or_default().to_vec()
    }

    /// Switches a trouble on, or does it at once.
    pub fn fault(&self, fault: Fault) {
        if fault == Fault::CutWatch {
            self.core.cuts.send_modify(|cuts| *cuts += 1);
        }
        self.core.faults().add(fault);
    }

    /// How many requests are being answered; watches and logs that are followed are none.
    pub fn in_flight(&self) -> usize {
        self.core.in_flight()
    }

    /// How many requests wait for the clock.
    pub fn held(&self) -> usize {
        self.core.held()
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<RequestLogLine> {
        self.core.journal().lines.clone()
    }

    /// Requests for what is not there: paths, kinds, verbs. A test fails on any.
    pub fn unknown_requests(&self) -> Vec<String> {
        self.core.journal().unknown.clone()
    }
}

/// What acts in the cluster: the scenario's engine.
fn engine(settings: &Settings, store: &Handle) -> anyhow::Result<Box<dyn Engine>> {
    let choice = Choice {
        name: &settings.scenario,
        file: settings.scenario_file.as_deref(),
        seed: settings.seed,
    };
    Ok(Box::new(Local::start(store, choice, furnish)?))
}

/// What every cluster has from its start.
pub fn furnish(store: &Handle) -> anyhow::Result<()> {
    for name in ["default", "kube-system", "kube-public", "kube-node-lease"] {
        store.create(kinds::NAMESPACES, json!({"metadata": {"name": name}}))?;
    }
    for (of, object) in rbac::bootstrap() {
        store.create(of, object)?;
    }
    let service = json!({
        "metadata": {
            "name": "kubernetes", "namespace": "default",
            "labels": {"component": "apiserver", "provider": "kubernetes"},
        },
        "spec": {
            "clusterIP": "10.96.0.1",
            "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}],
        },
    });
    store.create(kinds::SERVICES, service)?;
    Ok(())
}

/// On real time the cluster lives without being asked.
async fn tick(core: Arc<Core>) {
    loop {
        let next = core.clock.now_ms() + TICK_MS;
        core.clock.sleep_until(next).await;
        let core = Arc::clone(&core);
        if tokio::task::spawn_blocking(move || core.settle()).await.is_err() {
            return;
        }
    }
}

fn apply(admin: &Handle, object: Value) -> anyhow::Result<()> {
    let text = |field: &str| object[field].as_str().unwrap_or_default();
    let kind = catalog::by_object(text("apiVersion"), text("kind"));
    let kind = kind.with_context(|| format!("there is no kind {} {}", text("apiVersion"), text("kind")))?;
    let metadata = |field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
    let (mut namespace, name) = (metadata("namespace"), metadata("name"));
    if kind.resource.namespaced && namespace.is_empty() {
        "default".clone_into(&mut namespace);
    }
    let step = format!("applying {} {namespace}/{name}", kind.singular);
    if admin.get(kind.resource, &namespace, &name)?.is_none() {
        admin.make(kind, object).context(step)?;
        return Ok(());
    }
    let replaced = admin.replace(kind, &namespace, &name, object, Part::Main);
    replaced.context(step)?;
    Ok(())
}

/// `kind/name` or `namespace/kind/name`.
fn named(object: &str) -> anyhow::Result<(&'static Kind, &str, &str)> {
    let steps: Vec<&str> = object.split('/').collect();
    let (namespace, kind, name) = match steps.as_slice() {
        [kind, name] => ("", *kind, *name),
        [namespace, kind, name] => (*namespace, *kind, *name),
        _ => bail!("`{object}` is neither kind/name nor namespace/kind/name"),
    };
    let kind = catalog::by_name(kind).with_context(|| format!("there is no kind {kind}"))?;
    let namespace = if kind.resource.namespaced && namespace.is_empty() {
        "default"
    } else {
        namespace
    };
    Ok((kind, namespace, name))
}
