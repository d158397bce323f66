//! The two clusters that kubectl and the bot look at.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use firstmate::clock::{Clock, Millis};
use firstmate::cluster::{Cluster, Reader, Who};
use firstmate::config::{self, Kubeconfig};
use firstmate::play::stage::RIGHTS;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::Span;
use crate::cluster::Real;

/// The name of the local cluster in rows.
pub(super) const LOCAL: &str = "sandbox";
/// The name of the real control plane.
pub(super) const REAL: &str = "real";

/// Who asks the bot, and so as whom it reads.
static LIN: LazyLock<Who> = LazyLock::new(|| Who::Person {
    user: "lin".to_owned(),
    groups: Vec::new(),
});
/// kubectl goes by the machine's time, so everything does.
static CLOCK: LazyLock<Clock> = LazyLock::new(Clock::system);

/// How long the bot may take for one reading here.
const PATIENCE: Millis = 120_000;

/// A cluster, as kubectl and as the bot see it.
pub(super) struct Engine {
    pub(super) name: &'static str,
    /// The time of the server, where it stands still.
    pub(super) stands_at: Option<Millis>,
    bots: Cluster,
    /// kubectl's home, its kubeconfig in it.
    home: TempDir,
    local: Option<firstmate_sandbox::cluster::Cluster>,
}

impl Engine {
    /// The local cluster with a scenario, whose time stands still at the machine's present.
    pub(super) async fn local(scenario: &str) -> Self {
        let now = CLOCK.now() / 1000 * 1000;
        let scenario = scenario.to_owned();
        let start = move || {
            let clock = firstmate_sandbox::Clock::manual(now);
            crate::harness::cluster(&scenario, None, clock)
        };
        let cluster = tokio::task::spawn_blocking(start).await.unwrap();
        let (admin, bots) = (cluster.kubeconfig("admin"), cluster.kubeconfig("firstmate"));
        let mut engine = Self::new(LOCAL, &admin, bots);
        engine.stands_at = Some(now);
        engine.local = Some(cluster);
        engine
    }

    /// The real control plane, with whatever it was made to hold.
    pub(super) async fn real(real: &Real) -> Self {
        real.apply(RIGHTS).await;
        let (admin, bots) = (real.kubeconfig("admin").await, real.kubeconfig("firstmate").await);
        Self::new(REAL, &admin, bots)
    }

    fn new(name: &'static str, kubectls: &str, bots: String) -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("kubeconfig"), kubectls).unwrap();
        let settings = config::Cluster {
            kubeconfig: Some(Kubeconfig::Text(bots)),
            context: None,
        };
        Self {
            name,
            stands_at: None,
            bots: Cluster::new(name, settings),
            home,
            local: None,
        }
    }

    /// How the bot reads it.
    pub(super) fn reader(&self) -> Reader<'_> {
        Reader {
            cluster: &self.bots,
            who: &LIN,
            clock: &CLOCK,
            until: CLOCK.now() + PATIENCE,
        }
    }

    /// What kubectl prints, and when that was.
    pub(super) fn ask(&self, program: &Path, arguments: &[String]) -> JoinHandle<(String, Span)> {
        let (program, home) = (program.to_owned(), self.home.path().to_owned());
        let arguments = arguments.to_vec();
        tokio::task::spawn_blocking(move || {
            let from = CLOCK.now();
            let said = run(&program, &home, &arguments);
            (said, (from, CLOCK.now()))
        })
    }

    /// Every object of the local cluster.
    pub(super) fn dump(&self) -> Vec<Value> {
        self.local.as_ref().map(|local| local.dump()).unwrap_or_default()
    }

    /// What the local API server answers its administrator.
    pub(super) async fn get_as(&self, path: &str, accept: &str) -> Value {
        let local = self.local.as_ref().unwrap();
        let kubeconfig = local.kubeconfig("admin");
        let mut lines = kubeconfig.lines();
        let token = lines
            .find_map(|line| line.trim().strip_prefix("token: "))
            .unwrap();
        let request = reqwest::Client::new()
            .get(format!("{}{path}", local.url()))
            .bearer_auth(token.trim_matches('"'))
            .header("accept", accept);
        let text = request.send().await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap()
    }
}

fn run(program: &Path, home: &Path, arguments: &[String]) -> String {
    let kubeconfig: PathBuf = home.join("kubeconfig");
    let output = Command::new(program)
        .arg(format!("--kubeconfig={}", kubeconfig.display()))
        .args(arguments)
        .env_remove("KUBECONFIG")
        .env("KUBERC", "off")
        .env("HOME", home)
        .env("TZ", "UTC")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&said).into_owned()
}
