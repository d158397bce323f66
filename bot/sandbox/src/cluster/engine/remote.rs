//! A cluster over HTTP, for hollow kubelets that keep a real control plane company: leases stay fresh, new
//! Pods come to run, deleted ones go.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context as _, bail};
use reqwest::{Certificate, Client, Identity, Method, StatusCode};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::SEED;
use super::dice::Dice;
use super::hollow::{Habits, Hollow};
use super::object::condition;
use super::scenario::Scenario;
use super::world::{Wake, World};
use crate::Clock;
use crate::cluster::api::{Api, Resource, kinds};

/// How long a request may take.
const DEADLINE: Duration = Duration::from_secs(20);
/// How often kubelets look at the cluster.
const PERIOD: Duration = Duration::from_millis(500);

/// How to reach an API server.
#[derive(Clone, Default)]
pub struct Address {
    /// `https://127.0.0.1:6443`
    pub url: String,
    /// The authority of its certificate, PEM; the machine's own authorities where it is empty.
    pub authority: Vec<u8>,
    /// A client certificate and its key, PEM, one after the other.
    pub identity: Option<Vec<u8>>,
    /// A bearer token.
    pub token: Option<String>,
}

/// An API server that is asked one thing after the other.
pub struct Remote {
    runtime: Runtime,
    client: Client,
    url: String,
    token: Option<String>,
}

impl Remote {
    /// Prepares a connection. Not to be called, nor used, within a runtime.
    pub fn new(address: Address) -> anyhow::Result<Self> {
        let mut client = Client::builder().timeout(DEADLINE).user_agent("hollow-kubelet");
        if !address.authority.is_empty() {
            client = client.add_root_certificate(
                Certificate::from_pem(&address.authority).context("reading the authority")?,
            );
        }
        if let Some(identity) = &address.identity {
            client = client.identity(Identity::from_pem(identity).context("reading the client certificate")?);
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        Ok(Self {
            runtime,
            client: client.build()?,
            url: address.url.trim_end_matches('/').to_owned(),
            token: address.token,
        })
    }

    /// One request. Nothing where there is no such thing.
    fn call(&self, method: Method, path: &str, body: Option<(&str, Value)>) -> anyhow::Result<Option<Value>> {
        let step = format!("{method} {path}");
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some((kind, body)) = body {
            request = request.header("content-type", kind).body(body.to_string());
        }
        let answer = self.runtime.block_on(async {
            let answer = request.send().await?;
            let status = answer.status();
            anyhow::Ok((status, answer.text().await?))
        });
        let (status, text) = answer.with_context(|| step.clone())?;
        if status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        if !status.is_success() {
            bail!("{step}: {status}: {text}");
        }
        serde_json::from_str(&text).map(Some).context(step)
    }
}

fn path(of: Resource, namespace: &str, name: &str, subresource: &str) -> String {
    let mut path = match of.group {
        "" => format!("/api/{}", of.version),
        group => format!("/apis/{group}/{}", of.version),
    };
    if of.namespaced && !namespace.is_empty() {
        path = format!("{path}/namespaces/{namespace}");
    }
    for step in [of.plural, name, subresource]
        .into_iter()
        .filter(|step| !step.is_empty())
    {
        path = format!("{path}/{step}");
    }
    path
}

fn api_version(of: Resource) -> String {
    if of.group.is_empty() {
        of.version.to_owned()
    } else {
        format!("{}/{}", of.group, of.version)
    }
}

impl Api for Remote {
    fn list(&self, of: Resource) -> anyhow::Result<Vec<Arc<Value>>> {
        self.list_in(of, "")
    }

    fn list_in(&self, of: Resource, namespace: &str) -> anyhow::Result<Vec<Arc<Value>>> {
        let answer = self.call(Method::GET, &path(of, namespace, "", ""), None)?;
        let mut items = match answer {
            Some(mut list) => std::mem::take(list["items"].as_array_mut().context("a list without items")?),
            None => Vec::new(),
        };
        for item in &mut items {
            // Inside a list they do not say what they are.
            item["apiVersion"] = json!(api_version(of));
            item["kind"] = json!(of.kind);
        }
        Ok(items.into_iter().map(Arc::new).collect())
    }

    fn get(&self, of: Resource, namespace: &str, name: &str) -> anyhow::Result<Option<Arc<Value>>> {
        let found = self.call(Method::GET, &path(of, namespace, name, ""), None)?;
        Ok(found.map(Arc::new))
    }

    fn create(&self, of: Resource, object: Value) -> anyhow::Result<Arc<Value>> {
        let namespace = object["metadata"]["namespace"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let path = path(of, &namespace, "", "");
        let created = self.call(Method::POST, &path, Some(("application/json", object)))?;
        created
            .map(Arc::new)
            .with_context(|| format!("{path} is not there"))
    }

    fn patch(
        &self,
        of: Resource,
        namespace: &str,
        name: &str,
        subresource: &str,
        patch: &Value,
    ) -> anyhow::Result<Arc<Value>> {
        let path = path(of, namespace, name, subresource);
        let patched = self.call(
            Method::PATCH,
            &path,
            Some(("application/merge-patch+json", patch.clone())),
        )?;
        patched
            .map(Arc::new)
            .with_context(|| format!("{path} is not there"))
    }

    fn delete(&self, of: Resource, namespace: &str, name: &str, grace: Option<i64>) -> anyhow::Result<()> {
        let mut options = json!({"apiVersion": "v1", "kind": "DeleteOptions"});
        if let Some(grace) = grace {
            options["gracePeriodSeconds"] = json!(grace);
        }
        let path = path(of, namespace, name, "");
        self.call(Method::DELETE, &path, Some(("application/json", options)))?;
        Ok(())
    }
}

/// Hollow kubelets for the nodes of a cluster whose control plane is not ours.
pub struct Company {
    world: World,
    hollow: Hollow,
}

impl Company {
    /// Takes over every node that is not silent, as it is. Containers behave as those of `scenario` do.
    pub fn of(api: Box<dyn Api + Send>, scenario: Option<&str>, now_ms: u64) -> anyhow::Result<Self> {
        let habits = match scenario {
            Some(named) => Scenario::named(named, None)?.habits,
            None => Habits::default(),
        };
        let mut world = World::new(api, Dice::new(SEED ^ now_ms), now_ms);
        let mut hollow = Hollow::new(habits);
        for node in world.list(kinds::NODES)? {
            let silent = condition(&node, "Ready").is_some_and(|ready| ready["status"] == "Unknown");
            if !silent {
                hollow.adopt(&mut world, &node)?;
            }
        }
        world.changed(kinds::PODS, "");
        Ok(Self { world, hollow })
    }

    /// Does what is due. What cannot be done now is said and tried again with the next look.
    pub fn tick(&mut self, now_ms: u64) {
        self.world.set_time(now_ms);
        self.attempt(|hollow, world| hollow.beat_leases(world));
        self.world.changed(kinds::PODS, "");
        self.world.changed(kinds::NODES, "");
        let changes = self.world.take_changes();
        self.attempt(|hollow, world| hollow.sync(world, &changes));
        while let Some(wake) = self.world.take_wake() {
            self.attempt(|hollow, world| match &wake {
                Wake::Kubelet(node) => hollow.wake(world, node),
                Wake::Pod(node, pod) => hollow.wake_pod(world, node, pod),
                Wake::Step(_) | Wake::Look(..) => Ok(()),
            });
        }
    }

    fn attempt(&mut self, what: impl FnOnce(&mut Hollow, &mut World) -> anyhow::Result<()>) {
        if let Err(error) = what(&mut self.hollow, &mut self.world) {
            tracing::warn!("a hollow kubelet: {error:#}");
        }
    }

    /// Goes on until `stop` is dropped or gets something. Blocks: for a thread of its own.
    pub fn keep(mut self, stop: &Receiver<()>) {
        let clock = Clock::system();
        loop {
            self.tick(clock.now_ms());
            if stop.recv_timeout(PERIOD) != Err(RecvTimeoutError::Timeout) {
                return;
            }
        }
    }

    /// The names of the nodes it keeps.
    pub fn names(&self) -> Vec<String> {
        self.hollow
            .kubelets
            .values()
            .map(|kubelet| kubelet.name().to_owned())
            .collect()
    }
}
