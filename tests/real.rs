//! The transcripts again, on a real control plane: what the bot says there must be what it says on the sandbox's.
//!
//! The state of a scenario is that of the sandbox's cluster, written where the real API server keeps it, with every
//! time in it moved to the real present. The bot's clock stands still there, so that ages are the same.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use firstmate::cluster::watch::Latest;
use firstmate::play::ground::{Ground, latest};
use firstmate::play::parse::{self, ClusterFault, Play};
use firstmate::play::stage::{RIGHTS, Stage};
use firstmate_sandbox::cluster::Cluster;
use firstmate_sandbox::discord::Settings;
use firstmate_sandbox::{Clock, START_MS};
use serde_json::Value;
use tokio::sync::MutexGuard;

use crate::cluster::{Answer, Asked, Controllers, Real};
use crate::used::Used;

/// How many transcripts in a hundred may play on the sandbox alone.
const SANDBOX_ONLY: usize = 10;

/// A real control plane under a transcript.
pub(crate) struct OnReal {
    /// The latest of its nodes and Pods; nothing but the transcript changes them.
    latest: Mutex<(Latest, Latest)>,
    kubeconfig: String,
    admin: String,
    /// Nobody else has it meanwhile.
    real: MutexGuard<'static, Real>,
    /// Its kubelets go on answering.
    cluster: Cluster,
    /// The present of the state that it holds.
    now: u64,
}

impl OnReal {
    /// Makes it hold what the sandbox's cluster holds.
    async fn stand_in(real: MutexGuard<'static, Real>, cluster: Cluster, now: u64) -> Self {
        let shift = i64::try_from(now - START_MS).unwrap();
        real.load(&cluster.dump(), shift, Controllers::Still).await;
        real.apply(RIGHTS).await;
        let (address, token) = (cluster.url().replace("http://", ""), token_of(&cluster));
        real.kubelet(move |asked| log_of(&address, &token, asked)).await;
        let of = async |path: &str| latest_of(&real.get(path).await.1);
        Self {
            latest: Mutex::new((of("/api/v1/nodes").await, of("/api/v1/pods").await)),
            kubeconfig: real.kubeconfig("firstmate").await,
            admin: real.kubeconfig("admin").await,
            real,
            cluster,
            now,
        }
    }
}

impl OnReal {
    /// What the real kubectl prints, as admin.
    fn kubectl(&self, arguments: &[&str]) -> anyhow::Result<Vec<u8>> {
        let folder = tempfile::tempdir()?;
        let kubeconfig = folder.path().join("admin");
        std::fs::write(&kubeconfig, &self.admin)?;
        let kubectl = crate::cluster::kubectl("1.37").context("kubectl is absent")?;
        let done = std::process::Command::new(kubectl)
            .args(arguments)
            .arg("--kubeconfig")
            .arg(&kubeconfig)
            .output()?;
        anyhow::ensure!(
            done.status.success(),
            "kubectl: {}",
            String::from_utf8_lossy(&done.stderr)
        );
        Ok(done.stdout)
    }
}

fn latest_of(list: &Value) -> Latest {
    latest(list["items"].as_array().into_iter().flatten())
}

impl Ground for OnReal {
    fn kubeconfig(&self) -> String {
        self.kubeconfig.clone()
    }

    fn patch(&self, object: &str, patch: &Value) -> anyhow::Result<()> {
        let (namespace, object) = match object.split('/').collect::<Vec<_>>()[..] {
            [namespace, kind, name] => (namespace, format!("{kind}/{name}")),
            _ => ("default", object.to_owned()),
        };
        let patch = patch.to_string();
        self.kubectl(&["patch", &object, "-n", namespace, "--type", "merge", "-p", &patch])?;
        let get = |kind: &str| -> anyhow::Result<Latest> {
            let text = self.kubectl(&["get", kind, "-A", "-o", "json"])?;
            Ok(latest_of(&serde_json::from_slice(&text)?))
        };
        *self.latest.lock().unwrap() = (get("nodes")?, get("pods")?);
        Ok(())
    }

    fn fault(&self, fault: &ClusterFault) -> anyhow::Result<()> {
        anyhow::ensure!(
            *fault == ClusterFault::off(),
            "a real control plane has no such fault"
        );
        Ok(())
    }

    fn writes(&self) -> Vec<String> {
        Vec::new()
    }

    fn settle(&self) {}

    fn in_hand(&self) -> (usize, usize) {
        (0, 0)
    }

    fn latest(&self) -> (Latest, Latest) {
        *self.latest.lock().unwrap()
    }

    fn admin(&self) -> String {
        self.admin.clone()
    }
}

/// What a kubelet answers of a container's log: what the sandbox's cluster says of it.
fn log_of(address: &str, token: &str, asked: &Asked) -> Answer {
    let parts: Vec<&str> = asked.path.trim_start_matches('/').split('/').collect();
    let ["containerLogs", namespace, pod, container] = parts[..] else {
        return None;
    };
    let query = format!("container={container}&{}", asked.query);
    let path = format!("/api/v1/namespaces/{namespace}/pods/{pod}/log?{query}");
    let mut stream = TcpStream::connect(address).ok()?;
    let head = format!("GET {path} HTTP/1.0\r\nAuthorization: Bearer {token}\r\n\r\n");
    stream.write_all(head.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    // A kubelet says in plain words what the API server puts into a Status.
    let words = serde_json::from_str::<Value>(body).ok();
    let words = words.and_then(|status| Some(status["message"].as_str()?.to_owned()));
    Some((
        status,
        words.filter(|_| status != 200).unwrap_or_else(|| body.to_owned()),
    ))
}

/// The administrator's token in the sandbox's cluster.
fn token_of(cluster: &Cluster) -> String {
    let kubeconfig = cluster.kubeconfig("admin");
    let line = kubeconfig
        .lines()
        .find_map(|line| line.trim().strip_prefix("token: "));
    line.unwrap().trim_matches('"').to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn transcripts_happen_alike_on_a_real_control_plane() {
    let mut played = 0;
    let mut alone = Vec::new();
    let mut failed = Vec::new();
    let mut used = Used::default();
    let files = crate::chats::files();
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        let play = parse::parse(&text).unwrap();
        if play.head.is_sandbox_only {
            alone.push(file.display().to_string());
            continue;
        }
        if play.head.scenario.is_none() {
            continue;
        }
        let Some(real) = Real::start().await else { return };
        let happened = happens(file, &play, real, &mut used).await;
        played += 1;
        let (wanted, happened) = (alike(&text), alike(&happened));
        if wanted != happened {
            failed.push(format!(
                "{}:\n{}",
                file.display(),
                differences(&wanted, &happened)
            ));
        }
    }
    eprintln!("transcripts: {played} on a real control plane, sandbox alone: {alone:?}");
    assert!(alone.len() * 100 <= files.len() * SANDBOX_ONLY, "{alone:?}");
    assert!(played > 5, "{played}");
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
    let Some(real) = Real::start().await else { return };
    where_nobody_is_mapped(real, &mut used).await;
    used.compare().await;
}

/// A question whose answer has a manifest for this version and one with two fields that no version has.
const MANIFESTS: &str = "scenario: first-run\ndocs: docs\nconfig:\n  [knowledge]\n  bundled = false\n\n\
                         lin: @bot how do I limit the memory of a container\n\
                         lin: @bot 怎么限制容器内存\n";
const LIMITS: &str = "---\nid: limits\nasked:\n  - 怎么限制容器内存\n---\n# How do I limit the memory of a container?\n\n\
                      > Write a limit.\n\n## 1. Write a limit\n\n\
                      ```yaml\napiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  labels: {any: thing}\n\
                      spec:\n  hostUsers: false\n  containers:\n  - name: app\n    image: nginx\n    \
                      resources: {limits: {memory: 128Mi}}\n```\n\n\
                      ```yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replica: 2\n  \
                      template:\n    spec:\n      containers:\n      - name: app\n        \
                      resource: {limits: {memory: 128Mi}}\n```\n";

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_a_real_api_server_does_not_know_are_named() {
    let Some(real) = Real::start().await else { return };
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("docs")).unwrap();
    std::fs::write(folder.path().join("docs/limits.md"), LIMITS).unwrap();
    let play = parse::parse(MANIFESTS).unwrap();
    let file = folder.path().join("manifests.chat");
    let happened = happens(&file, &play, real, &mut Used::default()).await;
    let marks: Vec<&str> = happened.lines().filter(|line| line.contains('⚠')).collect();
    assert_eq!(marks.len(), 2, "{happened}");
    for (mark, cluster) in marks.iter().zip(["In the cluster `local`", "集群 `local`"]) {
        assert!(mark.contains(cluster), "{mark}");
        assert!(mark.contains("`apps/v1 Deployment`"), "{mark}");
        assert!(mark.contains("`spec.replica`"), "{mark}");
        assert!(
            mark.contains("`spec.template.spec.containers[0].resource`"),
            "{mark}"
        );
    }
}

async fn happens(file: &Path, play: &Play, real: MutexGuard<'static, Real>, used: &mut Used) -> String {
    let folder = file.parent().unwrap();
    let (scenario, seed) = (play.head.scenario.clone().unwrap(), play.head.seed);
    let ground = Arc::new(of_scenario(real, scenario, seed).await);
    let local = Settings {
        clock: Clock::manual(ground.now),
        ..crate::harness::local()
    };
    let settings = firstmate::play::settings(play);
    let mut stage = Stage::open(local, file, &settings).await.unwrap();
    let before = ground.real.audit_since(0).await.1;
    stage.stand_on(ground.clone());
    stage.start_bot().await.unwrap();
    let happened = firstmate::play::play(&mut stage, play, folder).await;
    let happened = happened.unwrap_or_else(|error| format!("{error}"));
    stage.stop_bot().await.unwrap();
    assert_eq!(stage.errors(), Vec::<String>::new(), "{}", file.display());
    used.add(&ground.real, before).await;
    happened
}

/// A real control plane that holds a scenario of now; `None` where there is none to be had.
pub(crate) async fn of_now(scenario: &str) -> Option<OnReal> {
    Some(of_scenario(Real::start().await?, scenario.to_owned(), None).await)
}

async fn of_scenario(real: MutexGuard<'static, Real>, scenario: String, seed: Option<u64>) -> OnReal {
    let now = Clock::system().now_ms() / 1000 * 1000;
    let cluster = tokio::task::spawn_blocking(move || {
        crate::harness::cluster(&scenario, seed, Clock::manual(START_MS))
    });
    OnReal::stand_in(real, cluster.await.unwrap(), now).await
}

/// Every command once more, as the bot itself: it reads so where no people are mapped to Kubernetes users, which
/// transcripts, whose people all are, do not show.
async fn where_nobody_is_mapped(real: MutexGuard<'static, Real>, used: &mut Used) {
    let ground = Arc::new(of_scenario(real, "first-run".to_owned(), None).await);
    let local = Settings {
        clock: Clock::manual(ground.now),
        ..crate::harness::local()
    };
    let mut stage = crate::harness::unready(local, "").await;
    let before = ground.real.audit_since(0).await.1;
    stage.configure(|config| config.people.clear());
    stage.stand_on(ground.clone());
    stage.start_bot().await.unwrap();
    let mut lines = crate::rights::commands(&ground.cluster);
    lines.push("lin: /rollout workload:data/statefulset/postgres".to_owned());
    lines.push("lin: /pods namespace:sh?".to_owned());
    let happened = crate::harness::play(&mut stage, &lines.join("\n")).await;
    // One node's metrics are absent in this scenario; nothing else is.
    let not = happened
        .lines()
        .filter(|it| it.contains("Not checked") && !it.contains("metrics API"));
    assert_eq!(not.collect::<Vec<_>>(), Vec::<&str>::new());
    crate::harness::close(stage).await;
    used.add(&ground.real, before).await;
}

/// A transcript without what two engines cannot have in common: the time of the day, what the cluster was told, and
/// the age of leases, which are renewed while the bot's clock stands still.
fn alike(text: &str) -> String {
    let time_of_day = regex::Regex::new(r"\d\d:\d\d:\d\d").unwrap();
    let stamp = regex::Regex::new(r"<t:\d+:").unwrap();
    let line = |line: &str| {
        let mut line = line.to_owned();
        // A run that takes more than a minute makes the two clocks disagree.
        line = line.replace(" in the future.", " ago.");
        // What happened since the bot's clock stands still is just now.
        line = line.replace("`<invalid>`", "`0s`");
        for (before, after) in [("Lease renewed ", " ago"), ("续期：", " 前")] {
            if let Some((head, tail)) = line.split_once(before)
                && let Some((_, tail)) = tail.split_once(after)
            {
                line = format!("{head}{before}<age>{after}{tail}");
            }
        }
        let line = time_of_day.replace_all(&line, "<time>");
        stamp.replace_all(&line, "<t:").into_owned()
    };
    // What a real control plane was told stands in its audit log, which `used.rs` and `changes` read.
    let is_said = |line: &&str| {
        !line.contains("The clocks disagree")
            && !line.contains("时钟不一致")
            && !line.starts_with("  cluster>")
    };
    text.lines()
        .filter(is_said)
        .map(line)
        .collect::<Vec<_>>()
        .join("\n")
}

fn differences(wanted: &str, happened: &str) -> String {
    let mut text = String::new();
    let (wanted, happened): (Vec<&str>, Vec<&str>) = (wanted.lines().collect(), happened.lines().collect());
    for at in 0..wanted.len().max(happened.len()) {
        let (want, have) = (wanted.get(at), happened.get(at));
        if want != have {
            text.extend(want.map(|line| format!("{}: sandbox {line}\n", at + 1)));
            text.extend(have.map(|line| format!("{}: real    {line}\n", at + 1)));
        }
    }
    text
}
