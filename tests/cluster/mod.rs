//! A real Kubernetes control plane and real kubectls, to hold the local cluster and the bot against.
//!
//! The processes are those of `tests/control-plane`; `bash tests/tools.sh` builds them. One control plane serves a whole
//! run of the tests; who has it has it alone. [`Real::load`] makes it hold the state of a scenario. No node is real:
//! nothing runs a Pod, leases are renewed by this harness, and what the API server asks of a kubelet is answered by the
//! test ([`Real::kubelet`]).

mod audit;
mod certificates;
mod client;
mod documents;
mod etcd;
mod kubectl;
mod kubelet;
mod leases;
mod load;
mod parts;
mod revisions;
mod scenarios;
mod smoke;
mod words;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard, OnceCell};

use certificates::{Authority, Pair, kubeconfig};
use client::{Client, list, text};
use etcd::Etcd;
use kubelet::{Answers, Kubelet};
use load::Base;
use parts::Parts;

pub(crate) use certificates::by_certificate;
pub(crate) use kubectl::kubectl;
pub(crate) use kubelet::{Answer, Asked};

/// Who has a certificate. `admin` may do everything.
const PEOPLE: [&str; 5] = ["admin", "lin", "olga", "ming", "wei"];

/// Whom the audit log leaves out: the harness itself.
const HARNESS: &str = "firstmate-tests";

/// `default`, `firstmate` and the three of the system.
const NAMESPACES: usize = 5;

/// How long anything of the control plane may take to happen, on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(120);

/// A Kubernetes control plane.
pub(crate) struct Real {
    runtime: tokio::runtime::Runtime,
    inner: Arc<Inner>,
}

/// Everything that works on the harness's own runtime.
struct Inner {
    authority: Authority,
    admin: Client,
    etcd: Etcd,
    base: Base,
    parts: Mutex<Parts>,
    url: String,
    folder: PathBuf,
    kubelet: Kubelet,
    renewing: std::sync::Mutex<Option<tokio::task::AbortHandle>>,
}

/// Whether controllers and scheduler run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Controllers {
    /// The state stays as it is, but for what the test changes.
    Still,
    /// They act on the state, as they do in life: see [`Real::load`].
    Running,
}

impl Real {
    /// The control plane of this run, started by the first who asks. Where it is not built one line says so.
    pub(crate) async fn start() -> Option<MutexGuard<'static, Real>> {
        static REAL: OnceCell<Option<Result<Mutex<Real>, Words>>> = OnceCell::const_new();
        let real = REAL.get_or_init(|| async {
            let program = tool("control-plane")?;
            // Its connections outlive the runtime of the test that happens to be first.
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap();
            let began = now();
            let started = runtime.spawn(Inner::start(program)).await.unwrap();
            let took = now().as_millisecond() - began.as_millisecond();
            eprintln!("a real control plane was ready in {took} ms");
            let real = started.map(|inner| Self {
                inner: Arc::new(inner),
                runtime,
            });
            // Who comes after a failure need not wait for it again.
            Some(real.map(Mutex::new).map_err(|error| Words(format!("{error:?}"))))
        });
        Some(real.await.as_ref()?.as_ref().unwrap().lock().await)
    }

    /// Makes the cluster hold these objects, every time in them moved by `shift_ms`, and nothing else but what every
    /// cluster has; then nodes whose leases are fresh go on renewing them.
    ///
    /// What is different from the scenario: service accounts, ConfigMaps of the system and bootstrap rights are the
    /// control plane's own, and events do not expire. What running controllers do to a loaded state stands in
    /// [`leases`], [`revisions`] and in the test `controllers_leave_a_settled_state_alone`.
    pub(crate) async fn load(&self, objects: &[Value], shift_ms: i64, controllers: Controllers) {
        let objects = objects.to_vec();
        self.with(move |inner| async move { inner.load(&objects, shift_ms, controllers).await })
            .await;
    }

    /// Creates or changes each object of some YAML to be as written, as admin.
    pub(crate) async fn apply(&self, yaml: &str) {
        let yaml = yaml.to_owned();
        self.with(move |inner| async move { inner.admin.apply(&yaml).await })
            .await;
    }

    /// What the API server answers admin: the status and the body.
    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let path = path.to_owned();
        self.with(move |inner| async move { inner.admin.get(&path).await })
            .await
    }

    /// The same with an `Accept` of one's own.
    pub(crate) async fn get_as(&self, path: &str, accept: &str) -> (u16, Value) {
        let (path, accept) = (path.to_owned(), accept.to_owned());
        self.with(move |inner| async move { inner.admin.get_as(&path, &accept).await })
            .await
    }

    /// A kubeconfig with everything in it, for `admin`, `lin`, `olga`, `ming`, `wei` or `firstmate`: the last is the
    /// ServiceAccount `firstmate/firstmate` by a token that the API server makes now.
    pub(crate) async fn kubeconfig(&self, user: &str) -> String {
        let user = user.to_owned();
        self.with(move |inner| async move { inner.kubeconfig(&user).await })
            .await
    }

    /// A kubeconfig of a user who proves it in a way of one's own.
    pub(crate) fn kubeconfig_by(&self, proof: Value) -> String {
        kubeconfig(&self.inner.url, &self.inner.authority.pem, proof)
    }

    /// A certificate of a user for the next so many seconds.
    pub(crate) fn certificate(&self, user: &str, seconds: u64) -> Pair {
        self.inner.authority.short_lived(user, seconds)
    }

    /// A token of a ServiceAccount in the namespace `firstmate`.
    pub(crate) async fn token(&self, account: &str) -> String {
        let account = account.to_owned();
        self.with(move |inner| async move { inner.token(&account).await })
            .await
    }

    /// Deletes an object, as admin.
    pub(crate) async fn delete(&self, path: &str) {
        let path = path.to_owned();
        self.with(move |inner| async move {
            let (method, body) = (reqwest::Method::DELETE, json!({}));
            let answer = inner.admin.send(method, &path, "application/json", &body).await?;
            anyhow::ensure!(answer.0 == 200, "{path}: {answer:?}");
            Ok(())
        })
        .await;
    }

    /// How kubelets answer from now on.
    pub(crate) async fn kubelet(&self, answers: impl Fn(&Asked) -> Answer + Send + Sync + 'static) {
        let answers: Answers = Arc::new(answers);
        self.with(move |inner| async move {
            inner.kubelet.answer_with(answers);
            Ok(())
        })
        .await;
    }

    /// What the API server was asked since a position (0 is the start), by whom and as whom; and the next position.
    pub(crate) async fn audit_since(&self, position: u64) -> (Vec<Value>, u64) {
        self.with(move |inner| async move {
            audit::since(&inner.admin, &inner.folder.join(parts::AUDIT_LOG), position).await
        })
        .await
    }

    /// Works on the harness's own runtime, and fails the test with the ends of the logs.
    async fn with<T, F>(&self, work: impl FnOnce(Arc<Inner>) -> F) -> T
    where
        T: Send + 'static,
        F: Future<Output = anyhow::Result<T>> + Send + 'static,
    {
        let done = self.runtime.spawn(work(Arc::clone(&self.inner))).await.unwrap();
        done.map_err(|error| {
            let words = parts::last_words(&self.inner.folder);
            Words(format!("{error:?}\n{words}"))
        })
        .unwrap()
    }
}

impl Inner {
    async fn start(program: PathBuf) -> anyhow::Result<Self> {
        let authority = Authority::new();
        let mut parts = Parts::new(&program)?;
        parts.write_files(&authority)?;
        let kubelet = Kubelet::start(&authority, &parts.folder.join(parts::KUBELET))?;
        parts.start_storage().await?;
        parts.start_server().await?;
        let url = parts.url();
        let admin = Client::new(
            &url,
            &authority.pem,
            &authority.client(HARNESS, Some("system:masters")),
        );
        let etcd = Etcd {
            url: format!("http://127.0.0.1:{}", parts.etcd_port),
            http: reqwest::Client::new(),
        };
        let folder = parts.folder.clone();
        let inner = Self {
            authority,
            admin,
            etcd,
            base: Base::new(),
            parts: Mutex::new(parts),
            url,
            folder,
            kubelet,
            renewing: std::sync::Mutex::default(),
        };
        let folder = inner.folder.clone();
        inner.set_up().await.with_context(|| parts::last_words(&folder))
    }

    /// From an API server that was just started to a cluster that is ready for use and empty.
    async fn set_up(mut self) -> anyhow::Result<Self> {
        let admin = self.admin.clone();
        until("the API server is ready", || async {
            admin.get("/readyz").await.is_ok_and(|(status, _)| status == 200)
        })
        .await?;
        for object in peoples_rights()? {
            admin.apply(&object.to_string()).await?;
        }
        admin.apply(include_str!("firstmate.yaml")).await?;
        admin.apply(include_str!("metrics.yaml")).await?;
        self.parts.lock().await.start_controllers().await?;
        until("the namespaces have their accounts", || async {
            let path = "/api/v1/serviceaccounts?fieldSelector=metadata.name%3Ddefault";
            let found = admin.get(path).await;
            found.is_ok_and(|(_, answer)| list(&answer["items"]).len() == NAMESPACES)
        })
        .await?;
        until("the namespaces have their certificates", || async {
            let path = "/api/v1/configmaps?fieldSelector=metadata.name%3Dkube-root-ca.crt";
            let found = admin.get(path).await;
            found.is_ok_and(|(_, answer)| list(&answer["items"]).len() == NAMESPACES)
        })
        .await?;
        until("metrics are served", || async {
            let answer = admin.get("/apis/metrics.k8s.io/v1/nodes").await;
            answer.is_ok_and(|(status, _)| status == 200)
        })
        .await?;
        self.parts.lock().await.stop_controllers().await?;
        self.base = self.etcd.all().await?;
        Ok(self)
    }

    async fn load(&self, objects: &[Value], shift_ms: i64, controllers: Controllers) -> anyhow::Result<()> {
        if let Some(renewing) = self.renewing.lock().unwrap().take() {
            renewing.abort();
        }
        let mut parts = self.parts.lock().await;
        parts.stop_controllers().await?;
        load::load(&self.etcd, &self.admin, &self.base, objects, shift_ms).await?;
        revisions::complete(&self.etcd, &self.admin).await?;
        until("the people's rights hold", || self.may_read("lin")).await?;
        let renewing = tokio::spawn(leases::renew(self.admin.clone()));
        *self.renewing.lock().unwrap() = Some(renewing.abort_handle());
        if controllers == Controllers::Running {
            parts.start_controllers().await?;
        }
        Ok(())
    }

    /// The API server learns of changed rights a moment after they are stored.
    async fn may_read(&self, user: &str) -> bool {
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": { "user": user, "resourceAttributes": { "verb": "list", "resource": "pods" } },
        });
        let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
        let answer = self
            .admin
            .send(reqwest::Method::POST, path, "application/json", &review)
            .await;
        answer.is_ok_and(|(_, answer)| answer["status"]["allowed"] == true)
    }

    async fn kubeconfig(&self, user: &str) -> anyhow::Result<String> {
        let proof = if user == "firstmate" {
            json!({ "token": self.token("firstmate").await? })
        } else {
            anyhow::ensure!(PEOPLE.contains(&user), "there is no {user}");
            let group = (user == "admin").then_some("system:masters");
            by_certificate(&self.authority.client(user, group))
        };
        Ok(kubeconfig(&self.url, &self.authority.pem, proof))
    }

    async fn token(&self, account: &str) -> anyhow::Result<String> {
        let request = json!({
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": { "expirationSeconds": 86_400 },
        });
        let path = format!("/api/v1/namespaces/firstmate/serviceaccounts/{account}/token");
        let (status, answer) = self
            .admin
            .send(reqwest::Method::POST, &path, "application/json", &request)
            .await?;
        anyhow::ensure!(status == 201, "{path}: {status} {answer}");
        Ok(text(&answer["status"]["token"]).to_owned())
    }
}

/// The namespace of the bot and who may do what, as every scenario has it.
fn peoples_rights() -> anyhow::Result<Vec<Value>> {
    let part = client::documents(include_str!("../../bot/sandbox/scenarios/parts/access.yaml"))?;
    let objects = list(&part[0]["objects"]).iter();
    let is_right =
        |object: &&Value| object["kind"] == "Namespace" || text(&object["apiVersion"]).starts_with("rbac.");
    Ok(objects.filter(is_right).cloned().collect())
}

/// What went wrong, as a person reads it.
struct Words(String);

impl std::fmt::Debug for Words {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Asks again until it is so.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, is_so: impl Fn() -> F) -> anyhow::Result<()> {
    let asking = async {
        let mut turns = tokio::time::interval(Duration::from_millis(50));
        while !is_so().await {
            turns.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, asking)
        .await
        .with_context(|| format!("never: {what}"))
}

/// The machine's time, which the control plane goes by.
fn now() -> jiff::Timestamp {
    let ms = firstmate_sandbox::Clock::system().now_ms();
    jiff::Timestamp::from_millisecond(ms as i64).unwrap()
}

/// A program that `tests/tools.sh` installs. Where it is absent one line says so, or the test fails if it is required.
fn tool(name: &str) -> Option<PathBuf> {
    let script = crate::root().join("tests/tools.sh");
    let found = std::process::Command::new("bash")
        .arg(script)
        .args(["path", name])
        .output();
    let path = found
        .ok()
        .filter(|found| found.status.success())
        .and_then(|found| String::from_utf8(found.stdout).ok())
        .map(|path| PathBuf::from(path.trim()));
    if path.is_none() {
        crate::skip(name, "bash tests/tools.sh");
    }
    path
}
