//! A cluster, the bot's own view of it, and a store whose requests are approved.

use std::path::Path;

use firstmate::clock::Clock;
use firstmate::cluster::changes::{self, Called, Planned, Truth};
use firstmate::cluster::{Cluster, Reader, Who};
use firstmate::config::{Cluster as Settings, Kubeconfig};
use firstmate::play::stage::RIGHTS;
use firstmate::remedy::action::Action;
use firstmate::remedy::approval::{Event, Outcome, Person, Place, Request, State};
use firstmate::store::{Granted, Store, Turned};
use firstmate_sandbox::START_MS;
use firstmate_sandbox::cluster::Cluster as Local;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::MutexGuard;

use crate::cluster::{Controllers, Real};

/// The person who approves unless another is named.
pub(super) const MING: &str = "ming";

/// How often a call is tried that meets a write of a controller.
const AGAIN: usize = 10;

/// A cluster of one of the two engines.
pub(super) enum Engine {
    /// The local one, whose time stands still.
    Local(Local),
    /// The real control plane.
    Real(MutexGuard<'static, Real>),
}

/// A cluster, and what the bot has of it.
pub(super) struct Ground {
    pub(super) engine: Engine,
    pub(super) cluster: Cluster,
    pub(super) clock: Clock,
    /// The kubeconfig with which the bot goes.
    pub(super) kubeconfig: String,
    store: Store,
    home: TempDir,
}

impl Ground {
    /// The local cluster with the first run's state.
    pub(super) async fn local() -> Self {
        let start = || crate::harness::cluster("first-run", None, firstmate_sandbox::Clock::manual(START_MS));
        let local = tokio::task::spawn_blocking(start).await.unwrap();
        let (bots, admin) = (local.kubeconfig("firstmate"), local.kubeconfig("admin"));
        Self::new(Engine::Local(local), Clock::manual(START_MS), bots, &admin).await
    }

    /// The real control plane with healthy nodes and exactly the roles of `bot/deploy`; where it is not built one
    /// line says so.
    pub(super) async fn real() -> Option<Self> {
        let real = Real::start().await?;
        let start = || crate::harness::cluster("healthy", None, firstmate_sandbox::Clock::manual(START_MS));
        let local = tokio::task::spawn_blocking(start).await.unwrap();
        let clock = Clock::system();
        let shift = i64::try_from(clock.now() - START_MS).unwrap();
        real.load(&local.dump(), shift, Controllers::Running).await;
        real.apply(RIGHTS).await;
        let (bots, admin) = (real.kubeconfig("firstmate").await, real.kubeconfig("admin").await);
        let ground = Self::new(Engine::Real(real), clock, bots, &admin).await;
        let may_plan = async || {
            let who = person(MING);
            let planned = changes::plan(&ground.reader(&who), &cordon("node-3")).await;
            planned.is_ok_and(|planned| planned.plan.seen.pods.is_some())
        };
        let settled = crate::cluster::until("the bot's rights hold", may_plan).await;
        settled.unwrap();
        Some(ground)
    }

    /// Both, as far as they are there.
    pub(super) async fn both() -> Vec<Self> {
        let local = Self::local().await;
        [Some(local), Self::real().await].into_iter().flatten().collect()
    }

    async fn new(engine: Engine, clock: Clock, bots: String, admin: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("kubeconfig"), admin).unwrap();
        Self {
            engine,
            cluster: cluster(bots.clone()),
            clock,
            kubeconfig: bots,
            store: Store::open("sqlite::memory:").await.unwrap(),
            home,
        }
    }

    pub(super) fn local_one(&self) -> &Local {
        match &self.engine {
            Engine::Local(local) => local,
            Engine::Real(_) => unreachable!("it is the real one"),
        }
    }

    pub(super) fn reader<'a>(&'a self, who: &'a Who) -> Reader<'a> {
        Reader {
            cluster: &self.cluster,
            who,
            clock: &self.clock,
            until: self.clock.now() + 8_000,
        }
    }

    pub(super) async fn plan(&self, action: &Action) -> Planned {
        self.plan_as(MING, action).await
    }

    pub(super) async fn plan_as(&self, user: &str, action: &Action) -> Planned {
        let who = person(user);
        changes::plan(&self.reader(&who), action).await.unwrap()
    }

    pub(super) async fn truth(&self, request: &Request) -> Truth {
        let who = person(MING);
        changes::truth(&self.reader(&who), request).await.unwrap()
    }

    /// A request of olga's that somebody approved, and its call let out.
    pub(super) async fn granted(&self, planned: &Planned, approver: &str) -> Granted {
        let now = self.clock.now();
        let created = self.opened(planned, now).await;
        let approve = Event::Approve {
            by: chatter(approver, 2),
            digest: planned.plan.digest(),
        };
        self.store.turn(created.id, &approve, now).await.unwrap();
        let call = Event::Call {
            resource_version: planned.resource_version.clone(),
        };
        match self.store.turn(created.id, &call, now).await.unwrap() {
            Turned::Kept {
                granted: Some(granted),
                ..
            } => granted,
            other => unreachable!("{other:?}"),
        }
    }

    /// A new request; what was let out for the same before is over.
    async fn opened(&self, planned: &Planned, now: u64) -> Request {
        loop {
            match self.store.create(asked(planned, now), now).await.unwrap() {
                Ok(request) => return request,
                Err(earlier) => {
                    let over = Event::Finish {
                        state: State::NotDone,
                        outcome: Outcome::Interrupted,
                    };
                    self.store.turn(earlier.id, &over, now).await.unwrap();
                }
            }
        }
    }

    pub(super) async fn call(&self, granted: &Granted) -> Called {
        changes::carry_out(&self.cluster, &self.clock, granted).await
    }

    /// Plans and calls, as olga asked and ming approved; again where a controller wrote the node in between.
    pub(super) async fn carried_out(&self, action: &Action) -> (Request, Called) {
        for _ in 0..AGAIN {
            let granted = self.granted(&self.plan(action).await, MING).await;
            let called = self.call(&granted).await;
            if called != Called::Conflict {
                return (granted.request().clone(), called);
            }
        }
        unreachable!("the node is written all the time")
    }

    /// A node as the API has it, once the controllers have seen whether it takes Pods.
    pub(super) async fn settled(&self, name: &str) -> Value {
        let is_settled = async || {
            let node = self.node(name).await;
            let taints = node["spec"]["taints"].as_array().cloned().unwrap_or_default();
            let is_tainted = taints
                .iter()
                .any(|it| it["key"] == "node.kubernetes.io/unschedulable");
            is_tainted == (node["spec"]["unschedulable"] == true)
        };
        let settled = crate::cluster::until("the node's taints follow", is_settled).await;
        settled.unwrap();
        self.node(name).await
    }

    pub(super) async fn node(&self, name: &str) -> Value {
        match &self.engine {
            Engine::Real(real) => real.get(&format!("/api/v1/nodes/{name}")).await.1,
            Engine::Local(local) => {
                let dump = local.dump();
                let mut nodes = dump.into_iter().filter(|it| it["kind"] == "Node");
                nodes.find(|it| it["metadata"]["name"] == name).unwrap()
            }
        }
    }

    /// Makes an object be as written, as admin.
    pub(super) async fn apply(&self, object: &Value) {
        self.apply_yaml(&object.to_string()).await;
    }

    pub(super) async fn apply_yaml(&self, yaml: &str) {
        match &self.engine {
            Engine::Local(local) => local.apply(yaml).unwrap(),
            Engine::Real(real) => real.apply(yaml).await,
        }
    }

    /// What the real kubectl prints, as admin; nothing where there is none.
    pub(super) async fn kubectl(&self, arguments: &[&str]) -> Option<String> {
        let program = crate::cluster::kubectl("1.37")?;
        let kubeconfig = self.home.path().join("kubeconfig");
        let arguments: Vec<String> = arguments.iter().map(|it| (*it).to_owned()).collect();
        let run = move || run(&program, &kubeconfig, &arguments);
        Some(tokio::task::spawn_blocking(run).await.unwrap())
    }

    /// Who patched and with which status, as the local server saw it.
    pub(super) fn patches(&self) -> Vec<(String, u16)> {
        let requests = self.local_one().requests();
        let patches = requests.into_iter().filter(|line| line.method == "PATCH");
        patches.map(|line| (line.who, line.status)).collect()
    }
}

fn run(program: &Path, kubeconfig: &Path, arguments: &[String]) -> String {
    let output = std::process::Command::new(program)
        .arg(format!("--kubeconfig={}", kubeconfig.display()))
        .args(arguments)
        .env_remove("KUBECONFIG")
        .env("KUBERC", "off")
        .env("HOME", kubeconfig.parent().unwrap())
        .output()
        .unwrap();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

pub(super) fn cluster(kubeconfig: String) -> Cluster {
    let settings = Settings {
        kubeconfig: Some(Kubeconfig::Text(kubeconfig)),
        context: None,
    };
    Cluster::new("local", settings)
}

pub(super) fn person(user: &str) -> Who {
    let user = user.to_owned();
    Who::Person {
        user,
        groups: Vec::new(),
    }
}

pub(super) fn cordon(node: &str) -> Action {
    let node = node.to_owned();
    Action::Cordon { node }
}

pub(super) fn uncordon(node: &str) -> Action {
    cordon(node).inverse()
}

fn chatter(user: &str, id: u64) -> Person {
    Person {
        id,
        name: user.to_owned(),
        user: user.to_owned(),
        groups: Vec::new(),
    }
}

/// A request of olga's that waits.
fn asked(planned: &Planned, now: u64) -> Request {
    Request {
        id: 0,
        version: 0,
        state: State::Pending,
        plan: planned.plan.clone(),
        digest: planned.plan.digest(),
        requester: chatter("olga", 1),
        reason: "the disk is failing".to_owned(),
        needed: 1,
        self_approval: false,
        approvals: Vec::new(),
        rejection: None,
        created_at: now,
        expires_at: now + 600_000,
        decided_at: None,
        card: Place::default(),
        undoes: None,
        undone_by: None,
        moved: None,
        call: None,
        outcome: None,
    }
}

/// A label on a node, whose version it changes.
pub(super) fn label(value: &str) -> Value {
    json!({"metadata": {"labels": {"example.com/rack": value}}})
}
