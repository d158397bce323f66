//! `firstmate sandbox --kubeconfig FILE`: one's own cluster in the local Discord, by the program itself.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use firstmate_sandbox::{Clock, START_MS};
use serde_json::{Value, json};

use crate::Running;

/// How long the program may take for one thing.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program, shown at an address.
struct Shown {
    _program: Running,
    url: String,
    http: reqwest::Client,
}

impl Shown {
    /// Starts it with these arguments and reads where its page is.
    async fn start(arguments: &[&str]) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_firstmate"))
            .args(["sandbox", "--lang", "en", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = program.stdout.take().unwrap();
        let program = Running(program);
        let first = tokio::task::spawn_blocking(move || BufReader::new(out).lines().next());
        Self {
            _program: program,
            url: first.await.unwrap().unwrap().unwrap(),
            http: reqwest::Client::new(),
        }
    }

    /// What a person sees in the end of their command, as one text.
    async fn ask(&self, person: &str, name: &str) -> String {
        let before = self.seen(person).await.len();
        let command = json!({"person": person, "channel": "ops", "name": name, "kind": 1, "options": []});
        let mut turns = tokio::time::interval(Duration::from_millis(50));
        let asking = async {
            // The commands are there once the bot is.
            loop {
                turns.tick().await;
                let url = format!("{}local/command", self.url);
                let asked = self.http.post(url).header("content-type", "application/json");
                let answer = asked.body(command.to_string()).send().await.unwrap();
                if answer.status().is_success() {
                    break;
                }
            }
            loop {
                turns.tick().await;
                let seen = self.seen(person).await;
                let is_thinking = |message: &Value| message["flags"].as_u64().unwrap_or(0) & 128 != 0;
                if let Some(answer) = seen[before..].iter().rfind(|message| !is_thinking(message)) {
                    return format!("{} {}", answer["content"], answer["embeds"]);
                }
            }
        };
        tokio::time::timeout(PATIENCE, asking).await.unwrap()
    }

    async fn seen(&self, person: &str) -> Vec<Value> {
        let url = format!("{}local/state?person={person}", self.url);
        let text = self.http.get(url).send().await.unwrap().text().await.unwrap();
        let state: Value = serde_json::from_str(&text).unwrap();
        state["messages"].as_array().cloned().unwrap_or_default()
    }
}

/// Writes a file into a folder and returns its path.
fn written(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_cluster_is_shown_as_the_kubeconfigs_user() {
    let start = || crate::harness::cluster("first-run", None, Clock::system());
    let cluster = tokio::task::spawn_blocking(start).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = written(folder.path(), "kubeconfig", &cluster.kubeconfig("admin"));
    let shown = Shown::start(&["--kubeconfig", &kubeconfig]).await;
    let nodes = shown.ask("lin", "nodes").await;
    assert!(
        nodes.contains("5 of 5 nodes ready") && !nodes.contains("read as"),
        "{nodes}"
    );

    // A mapping of one's own holds, and the people of the local Discord are nobody beside it; the flag's cluster
    // takes the place of one of the same name.
    let settings = "[people.lin]\nuser = \"olga\"\n[clusters.local]\nkubeconfig = \"/nowhere\"\n";
    let config = written(folder.path(), "firstmate.toml", settings);
    let shown = Shown::start(&["--kubeconfig", &kubeconfig, "--config", &config]).await;
    let nodes = shown.ask("lin", "nodes").await;
    assert!(
        nodes.contains("5 of 5 nodes ready") && nodes.contains("read as olga"),
        "{nodes}"
    );
    let refused = shown.ask("ming", "nodes").await;
    assert!(
        !refused.contains("nodes ready") && !refused.contains("read as"),
        "{refused}"
    );
}

#[test]
fn a_kubeconfig_that_is_not_there_is_said_at_once() {
    let program = Command::new(env!("CARGO_BIN_EXE_firstmate"))
        .args(["sandbox", "--lang", "en", "--kubeconfig", "/nowhere/config"])
        .output()
        .unwrap();
    assert_eq!(program.status.code(), Some(64));
    let said = String::from_utf8_lossy(&program.stderr);
    assert!(
        said.contains("the kubeconfig /nowhere/config cannot be read"),
        "{said}"
    );
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_real_cluster_is_shown_and_nothing_in_it_is_changed() {
    use crate::cluster::{Controllers, Real};
    let Some(real) = Real::start().await else { return };
    let now = Clock::system().now_ms();
    let start = || crate::harness::cluster("first-run", None, Clock::manual(START_MS));
    let cluster = tokio::task::spawn_blocking(start).await.unwrap();
    let shift = i64::try_from(now - START_MS).unwrap();
    real.load(&cluster.dump(), shift, Controllers::Still).await;
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = written(folder.path(), "kubeconfig", &real.kubeconfig("lin").await);
    let before = real.audit_since(0).await.1;
    let shown = Shown::start(&["--kubeconfig", &kubeconfig]).await;
    for (person, name, words) in [
        ("lin", "nodes", "5 of 5 nodes ready"),
        ("olga", "pods", "unhealthy"),
        ("ming", "events", "warnings in"),
        ("wei", "workloads", "shop"),
        ("lin", "services", "shop"),
        ("lin", "changes", "checkout"),
    ] {
        let said = shown.ask(person, name).await;
        assert!(
            said.contains(words) && !said.contains("Not checked"),
            "{name}: {said}"
        );
    }
    let lines = real.audit_since(before).await.0;
    let users = lines.iter().filter(|line| line["user"]["username"] == "lin");
    let changes: Vec<_> = users
        .clone()
        .filter(|line| !["get", "list", "watch"].contains(&line["verb"].as_str().unwrap_or_default()))
        .collect();
    assert!(users.count() > 5);
    assert_eq!(changes, Vec::<&Value>::new());
}
