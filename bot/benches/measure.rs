//! `cargo bench -p firstmate`: how fast the bot acknowledges and answers, how fast it starts, how much it takes.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench reads the real time and prints it"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use firstmate::play::stage::{RIGHTS, Stage};
use firstmate::store::AuditFind;
use firstmate_sandbox::cluster::{self, Cluster};
use firstmate_sandbox::discord::{Click, Entry, Invoke, Settings};
use serde_json::{Value, json};

/// How many people ask.
const PEOPLE: usize = 200;
/// How often the bot is started in each way.
const STARTS: usize = 10;
/// How many requests are approved one after another.
const REQUESTS: usize = 50;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (acknowledged, answered) = one_by_one().await;
        row("one by one, to acknowledgement", acknowledged);
        row("one by one, to answer", answered);
        let (acknowledged, answered) = at_once().await;
        row("200 at once, to acknowledgement", acknowledged);
        row("200 at once, to answer", answered);
        changes().await;
    });
    start_and_size();
}

async fn stage() -> Stage {
    let mut stage = Stage::open(Settings::default(), Path::new("bench"), &[])
        .await
        .unwrap();
    stage.start_bot().await.unwrap();
    // The first question opens connections and warms the caches of a bot that has just begun.
    stage.discord.command(question(0)).await.unwrap();
    stage.quiet().await.unwrap();
    stage
}

fn question(number: usize) -> Invoke {
    const QUESTIONS: [&str; 4] = [
        "Pod 一直 CrashLoopBackOff 怎么排查",
        "how do I drain a node",
        "证书过期了怎么续",
        "what is the weather like",
    ];
    Invoke {
        person: "lin".to_owned(),
        channel: "ops".to_owned(),
        name: "ask".to_owned(),
        kind: 1,
        options: vec![json!({ "name": "question", "type": 3, "value": QUESTIONS[number % QUESTIONS.len()] })],
        target_id: None,
    }
}

/// The time from each question to its promise and to its answer, nothing else going on.
async fn one_by_one() -> (Vec<Duration>, Vec<Duration>) {
    let stage = stage().await;
    let (mut acknowledged, mut answered) = (Vec::new(), Vec::new());
    for number in 0..PEOPLE {
        let (begin, journal) = (Instant::now(), stage.discord.journal_since(0).len());
        stage.discord.command(question(number)).await.unwrap();
        acknowledged.push(seen(&stage, journal, 1, begin).await);
        answered.push(seen(&stage, journal, 2, begin).await);
    }
    (acknowledged, answered)
}

/// The time until so many entries stand in the journal.
async fn seen(stage: &Stage, journal: usize, entries: usize, begin: Instant) -> Duration {
    while stage.discord.journal_since(journal).len() < entries {
        tokio::task::yield_now().await;
    }
    begin.elapsed()
}

/// The same when all of them ask in the same moment.
async fn at_once() -> (Vec<Duration>, Vec<Duration>) {
    let stage = stage().await;
    let journal = stage.discord.journal_since(0).len();
    let begin = Instant::now();
    for number in 0..PEOPLE {
        stage.discord.command(question(number)).await.unwrap();
    }
    let (mut acknowledged, mut answered) = (Vec::new(), Vec::new());
    let mut read = journal;
    while answered.len() < PEOPLE {
        let entries = stage.discord.journal_since(read);
        read += entries.len();
        for entry in entries {
            match entry {
                Entry::Created { .. } => acknowledged.push(begin.elapsed()),
                Entry::Edited { .. } => answered.push(begin.elapsed()),
                other => assert!(!matches!(other, Entry::Failed { .. }), "{other:?}"),
            }
        }
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    own_share(&stage);
    (acknowledged, answered)
}

/// Requests approved one after another, then two hundred clicks on one of them in the same moment.
async fn changes() {
    let settings = Settings::default();
    let cluster = Cluster::start(cluster::Settings {
        clock: settings.clock.clone(),
        scenario: "healthy".to_owned(),
        ..cluster::Settings::default()
    });
    let cluster = cluster.unwrap();
    cluster.apply(RIGHTS).unwrap();
    let mut stage = Stage::open(settings, Path::new("bench"), &[]).await.unwrap();
    stage.stand_on(Arc::new(cluster));
    stage.start_bot().await.unwrap();
    let mut done = Vec::new();
    for number in 0..REQUESTS {
        let (message, approve) = request(&stage, number).await;
        let begin = Instant::now();
        stage
            .discord
            .component(click("ming", &message, &approve))
            .await
            .unwrap();
        stage.quiet().await.unwrap();
        done.push(begin.elapsed());
    }
    row("approve to done, one by one", done);
    let (message, approve) = request(&stage, REQUESTS).await;
    let (begin, journal) = (Instant::now(), stage.discord.journal_since(0).len());
    for number in 0..PEOPLE {
        let who = if number.is_multiple_of(2) { "ming" } else { "wei" };
        stage
            .discord
            .component(click(who, &message, &approve))
            .await
            .unwrap();
    }
    stage.quiet().await.unwrap();
    let entries = stage.discord.journal_since(journal);
    let failed = entries
        .iter()
        .filter(|entry| matches!(entry, Entry::Failed { .. }));
    println!(
        "200 clicks at once on one request: all quiet after {:.0} ms, {} not acknowledged in time",
        begin.elapsed().as_secs_f64() * 1000.0,
        failed.count()
    );
    let rows = stage
        .app()
        .unwrap()
        .store
        .audit(&AuditFind::default())
        .await
        .unwrap();
    let executed = rows.iter().filter(|row| row.entry.step == "executed").count();
    println!("executions in the audit: {executed} of {} requests", REQUESTS + 1);
    own_share(&stage);
}

/// A request that waits: its message, and the id of its button.
async fn request(stage: &Stage, number: usize) -> (String, String) {
    let name = if number.is_multiple_of(2) {
        "cordon"
    } else {
        "uncordon"
    };
    let option = |name: &str, value: &str| json!({ "name": name, "type": 3, "value": value });
    let invoke = Invoke {
        person: "olga".to_owned(),
        channel: "ops".to_owned(),
        name: "node".to_owned(),
        kind: 1,
        options: vec![json!({
            "name": name, "type": 1, "options": [option("node", "node-3"), option("reason", "bench")],
        })],
        target_id: None,
    };
    stage.discord.command(invoke).await.unwrap();
    stage.quiet().await.unwrap();
    let seen = stage.discord.messages_seen_by("ming").unwrap();
    let approve = |message: &Value| {
        let buttons = message["components"][0]["components"].as_array()?;
        let button = buttons.iter().find(|button| button["label"] == "Approve")?;
        Some((
            message["id"].as_str()?.to_owned(),
            button["custom_id"].as_str()?.to_owned(),
        ))
    };
    seen.iter().rev().find_map(approve).unwrap()
}

fn click(person: &str, message: &str, custom_id: &str) -> Click {
    Click {
        person: person.to_owned(),
        message_id: message.to_owned(),
        custom_id: custom_id.to_owned(),
        values: Vec::new(),
    }
}

/// How many interactions took at most how long on the bot's own side, as its metrics count them.
fn own_share(stage: &Stage) {
    let text = stage.app().unwrap().metrics.text();
    for line in text
        .lines()
        .filter(|line| line.starts_with("firstmate_own_share_seconds_bucket"))
    {
        println!("{line}");
    }
}

fn row(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1000.0;
    println!(
        "{what:36} p50 {:7.2} ms   p99 {:7.2} ms   worst {:7.2} ms",
        at(50),
        at(99),
        at(100)
    );
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// How the image has memory given back.
const AS_IN_THE_IMAGE: [(&str, &str); 2] = [("MALLOC_ARENA_MAX", "2"), ("MALLOC_TRIM_THRESHOLD_", "131072")];

/// `firstmate run` in a process of its own: time from start to ready, resident memory, size of the program.
fn start_and_size() {
    let program = env!("CARGO_BIN_EXE_firstmate");
    let mut far_end = Command::new(program)
        .args(["sandbox", "--no-bot", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut printed = BufReader::new(far_end.stdout.take().unwrap());
    let _far_end = Running(far_end);
    let mut settings = String::new();
    printed.read_line(&mut String::new()).unwrap();
    while !settings.contains("[channels.random]\nid") {
        printed.read_line(&mut settings).unwrap();
    }
    let health = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("firstmate.toml");
    let settings = settings.replace("listen = \"\"", &format!("listen = \"{health}\""));
    assert!(settings.contains(&health.to_string()), "{settings}");
    std::fs::write(&file, settings).unwrap();
    let mut memory = 0;
    for (what, first) in [
        ("start to ready, the first of a store", true),
        ("start to ready, later ones", false),
    ] {
        let mut times = Vec::new();
        for _ in 0..STARTS {
            if first {
                let _ = std::fs::remove_dir_all(dir.path().join("firstmate.db.index"));
            }
            let begin = Instant::now();
            let bot = Command::new(program)
                .args(["run", "--config"])
                .arg(&file)
                .envs(AS_IN_THE_IMAGE)
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let mut bot = Running(bot);
            while !is_ready(health) {
                assert!(bot.0.try_wait().unwrap().is_none(), "the bot ended");
                // The processor is the bot's.
                std::thread::sleep(Duration::from_millis(1));
            }
            times.push(begin.elapsed());
            memory = resident(bot.0.id()).max(memory);
        }
        row(what, times);
    }
    println!("{:36} {memory} KiB", "resident memory when ready, most");
    let size = std::fs::metadata(program).unwrap().len();
    println!(
        "{:36} {:.1} MB",
        "program with the sandbox in it",
        size as f64 / 1e6
    );
}

fn is_ready(health: SocketAddr) -> bool {
    let Ok(mut stream) = std::net::TcpStream::connect(health) else {
        return false;
    };
    let _ = stream.write_all(b"GET /readyz HTTP/1.0\r\n\r\n");
    let mut first = String::new();
    let _ = BufReader::new(stream).read_line(&mut first);
    first.contains(" 200 ")
}

/// Resident memory in KiB, where the system says it.
fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}
