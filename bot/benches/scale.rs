//! `cargo bench -p firstmate --bench scale`: what checks take on clusters of up to 5,000 nodes and 150,000 Pods.
//!
//! The cluster and the chat are in this process, the bot is `firstmate run` in one of its own, with the environment
//! of the image; `-- --bot FILE` measures a program that was built without the sandbox, `-- 10 100` measures
//! these sizes alone; with all of them `docs/reference/performance.md` is written anew.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench reads the real time and prints it"
)]

#[path = "scale/targets.rs"]
mod targets;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use firstmate::play::stage::{RIGHTS, local_config};
use firstmate_sandbox::cluster::api::kinds;
use firstmate_sandbox::cluster::{self, Cluster, Crowd, RequestLogLine, catalog};
use firstmate_sandbox::discord::{Discord, Entry, Invoke, Settings};
use serde_json::{Value, json};

/// How many nodes.
const SIZES: [usize; 4] = [10, 100, 1_000, 5_000];
/// How many Pods on each.
const PODS: usize = 30;
/// How often each check is asked for.
const TIMES: usize = 15;
/// How often one over the whole cluster, or kubectl.
const FEW_TIMES: usize = 7;
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(180);
/// Whose requests the bot's own watches are.
const BOT: &str = "system:serviceaccount:firstmate:firstmate";

fn main() {
    let asked: Vec<usize> = std::env::args().filter_map(|it| it.parse().ok()).collect();
    let sizes = if asked.is_empty() { &SIZES[..] } else { &asked };
    let measured: Vec<Measured> = sizes.iter().map(|nodes| measure(*nodes)).collect();
    let targets = targets::targets(&measured);
    for target in &targets {
        print!("{}", target.row());
    }
    if asked.is_empty() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/performance.md");
        std::fs::write(&file, document(&measured)).unwrap();
        println!("wrote {}", file.display());
    }
    assert!(targets.iter().all(targets::Target::is_met), "a target was missed");
}

/// Which program is measured.
fn program() -> String {
    let named = std::env::args().skip_while(|it| it != "--bot").nth(1);
    named.unwrap_or_else(|| env!("CARGO_BIN_EXE_firstmate").to_owned())
}

/// What the image sets for the allocator: the bot is measured as it is deployed.
fn of_the_image() -> Vec<(&'static str, &'static str)> {
    let lines = include_str!("../../Dockerfile").lines();
    let set = lines.filter_map(|line| line.strip_prefix("ENV "));
    set.flat_map(str::split_whitespace)
        .filter_map(|it| it.split_once('='))
        .collect()
}

/// What was measured on a cluster of one size.
struct Measured {
    nodes: usize,
    /// From the start of the bot until it knew every Pod.
    known: Duration,
    /// Resident memory in KiB: when it knew them, after all checks, and the most that ever was.
    memory: [u64; 3],
    rows: Vec<Row>,
    /// `kubectl describe node` on the same server.
    kubectl: Option<Vec<f64>>,
}

/// What one check took.
struct Row {
    name: &'static str,
    /// In milliseconds, from the event's arrival to the answer, without the chat's share.
    times: Vec<f64>,
    /// Requests and bytes of one.
    requests: usize,
    bytes: u64,
    /// Resident memory of the bot afterwards, in KiB.
    memory: u64,
    /// Whether all of it could be read.
    is_whole: bool,
}

fn measure(nodes: usize) -> Measured {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let _inside = runtime.enter();
    let begun = Instant::now();
    let cluster = Cluster::crowded(
        &cluster::Settings::default(),
        Crowd {
            nodes,
            pods_per_node: PODS,
        },
    );
    let cluster = cluster.unwrap();
    cluster.apply(RIGHTS).unwrap();
    println!(
        "{nodes} nodes, {} Pods (made in {:.1?})",
        nodes * PODS,
        begun.elapsed()
    );
    let discord = runtime.block_on(Discord::start(Settings::default())).unwrap();
    let mut far = Far::start(&runtime, cluster, discord);
    let known = far.until_known(nodes * PODS);
    let at_first = far.memory("VmRSS:");
    let rows = checks(nodes).into_iter().map(|check| far.row(check)).collect();
    let memory = [at_first, far.memory("VmRSS:"), far.memory("VmHWM:")];
    let kubectl = far.kubectl(nodes);
    let measured = Measured {
        nodes,
        known,
        memory,
        rows,
        kubectl,
    };
    print!("{}", measured.text());
    measured
}

/// Both far ends, and the bot between them.
struct Far<'a> {
    runtime: &'a tokio::runtime::Runtime,
    cluster: Cluster,
    discord: Discord,
    bot: Running,
    begun: Instant,
    health: SocketAddr,
    folder: tempfile::TempDir,
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl<'a> Far<'a> {
    fn start(runtime: &'a tokio::runtime::Runtime, cluster: Cluster, discord: Discord) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let health = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let kubeconfig = folder.path().join("kubeconfig");
        std::fs::write(&kubeconfig, cluster.kubeconfig("firstmate")).unwrap();
        let file = folder.path().join("firstmate.toml");
        std::fs::write(&file, settings(&discord, &kubeconfig, health)).unwrap();
        let begun = Instant::now();
        let bot = Command::new(program())
            .args(["run", "--config"])
            .arg(&file)
            .envs(of_the_image())
            .stderr(std::fs::File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        Self {
            runtime,
            cluster,
            discord,
            bot: Running(bot),
            begun,
            health,
            folder,
        }
    }

    /// Waits until the bot knows so many Pods and is on Discord.
    fn until_known(&mut self, pods: usize) -> Duration {
        let wanted = format!("kind=\"pods\"}} {pods}");
        self.until(|far| get(far.health, "/metrics").contains(&wanted));
        let known = self.begun.elapsed();
        self.until(|far| get(far.health, "/readyz").contains("gateway: ok"));
        known
    }

    fn until(&mut self, is_so: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !is_so(self) {
            let log = || std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(
                self.bot.0.try_wait().unwrap().is_none(),
                "the bot ended: {}",
                log()
            );
            assert!(begun.elapsed() < PATIENCE, "never: {}", log());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Memory of the bot in KiB, where the system says it.
    fn memory(&self, which: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.bot.0.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(which));
        line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
            .unwrap_or(0)
    }

    fn row(&mut self, check: Check) -> Row {
        let mut row = Row {
            name: check.name,
            times: Vec::new(),
            requests: 0,
            bytes: 0,
            memory: 0,
            is_whole: true,
        };
        for number in 0..check.times {
            let before = self.cluster.requests().len();
            let invoke = (check.invoke)(&self.cluster, number);
            row.times.push(match check.completes {
                true => self.complete(invoke),
                false => self.ask(invoke, &mut row.is_whole),
            });
            let asked = &self.cluster.requests()[before..];
            let asked: Vec<&RequestLogLine> = asked.iter().filter(|line| !is_own_watch(line)).collect();
            row.requests = row.requests.max(asked.len());
            row.bytes = row.bytes.max(asked.iter().filter_map(|line| line.bytes).sum());
        }
        row.memory = self.memory("VmRSS:");
        row
    }

    /// The bot's own share of one command's time, by its metrics.
    fn ask(&mut self, invoke: Invoke, is_whole: &mut bool) -> f64 {
        let (count, sum) = self.own();
        let journal = self.discord.journal_since(0).len();
        self.runtime.block_on(self.discord.command(invoke)).unwrap();
        self.until(|far| far.own().0 > count && far.discord.journal_since(journal).len() >= 2);
        let entries = self.discord.journal_since(journal);
        let number = entries.iter().find_map(|entry| match entry {
            Entry::Edited { number } => Some(*number),
            _ => None,
        });
        let message = self.discord.message(number.unwrap()).unwrap().to_string();
        if message.contains("Not checked: ") && !message.contains("Not checked: the use of") {
            println!("not whole: {message:.300}");
            *is_whole = false;
        }
        (self.own().1 - sum) * 1000.0
    }

    /// How many answers there were, and how many seconds of the bot's own they took together.
    fn own(&self) -> (u64, f64) {
        let text = get(self.health, "/metrics");
        let value = |what: &str| {
            let name = format!("firstmate_own_share_seconds_{what}{{stage=\"answer\"}} ");
            let line = text.lines().find_map(|line| line.strip_prefix(&name));
            line.and_then(|line| line.parse::<f64>().ok()).unwrap_or(0.0)
        };
        (value("count") as u64, value("sum"))
    }

    /// The time until names are offered, the chat's share included.
    fn complete(&mut self, invoke: Invoke) -> f64 {
        let journal = self.discord.journal_since(0).len();
        let begun = Instant::now();
        self.runtime.block_on(self.discord.autocomplete(invoke)).unwrap();
        let offered = loop {
            if let Some(Entry::Choices { choices, .. }) = self.discord.journal_since(journal).first() {
                break choices.len();
            }
            assert!(begun.elapsed() < PATIENCE);
            std::thread::sleep(Duration::from_micros(200));
        };
        let took = begun.elapsed();
        assert!(offered > 0, "nothing was offered");
        took.as_secs_f64() * 1000.0
    }

    /// How long the real kubectl takes to describe a node, the start of its process included.
    fn kubectl(&self, nodes: usize) -> Option<Vec<f64>> {
        let home = std::env::home_dir()?;
        let program = home.join(".cache/firstmate/kubectl-1.37");
        if !program.exists() {
            println!("skipped: {} is absent", program.display());
            return None;
        }
        let kubeconfig = self.folder.path().join("admin");
        std::fs::write(&kubeconfig, self.cluster.kubeconfig("lin")).unwrap();
        let describe = |number: usize| {
            let begun = Instant::now();
            let done = Command::new(&program)
                .args(["describe", "node", &node(number, nodes), "--kubeconfig"])
                .arg(&kubeconfig)
                .env("KUBECACHEDIR", self.folder.path())
                .output()
                .unwrap();
            assert!(done.status.success(), "{done:?}");
            assert!(
                String::from_utf8_lossy(&done.stdout).contains("Non-terminated Pods:          (30 in total)")
            );
            begun.elapsed().as_secs_f64() * 1000.0
        };
        // The first one asks what the server has, and keeps that.
        describe(0);
        Some((0..TIMES).map(describe).collect())
    }
}

fn is_own_watch(line: &RequestLogLine) -> bool {
    let is_watched = ["/api/v1/pods", "/api/v1/nodes"].contains(&line.path.as_str());
    is_watched && line.who == BOT
}

fn settings(discord: &Discord, kubeconfig: &Path, health: SocketAddr) -> String {
    let config = local_config(discord, Path::new(""), &[]).unwrap();
    let mut text = format!(
        "[discord]\ntoken = \"{}\"\nendpoint = \"{}\"\nlanguage = \"en\"\n[health]\nlisten = \"{health}\"\n\
         [clusters.local]\nkubeconfig = {:?}\n",
        discord.token(),
        discord.plain_url(),
        kubeconfig.display().to_string()
    );
    for (name, person) in &config.people {
        text.push_str(&format!(
            "[people.{name}]\nid = \"{}\"\nuser = \"{}\"\n",
            person.id, person.user
        ));
    }
    for (name, channel) in &config.channels {
        text.push_str(&format!("[channels.{name}]\nid = \"{}\"\n", channel.id));
    }
    let roles = config.checks.values().flat_map(|all| &all.roles);
    let roles: Vec<String> = roles.map(|id| format!("\"{id}\"")).collect();
    text + format!("[checks.all]\nroles = [{}]\n", roles.join(", ")).as_str()
}

/// A check to be measured.
struct Check {
    name: &'static str,
    times: usize,
    completes: bool,
    invoke: Ask,
}

/// The command to be asked for the nth time.
type Ask = Box<dyn Fn(&Cluster, usize) -> Invoke>;

fn checks(nodes: usize) -> Vec<Check> {
    let fixed = |name: &'static str, options: Vec<(&'static str, Value)>| {
        let (times, options) = (TIMES, options.clone());
        let invoke = move |_: &Cluster, _: usize| invoke(name, &options, None);
        check(name, times, invoke)
    };
    let whole = |check: Check, name: &'static str| Check {
        name,
        times: FEW_TIMES,
        ..check
    };
    let team = || json!("team-000");
    let node_of = move |name: &'static str| {
        check(name, TIMES, move |_, number| {
            invoke(name, &[("node", json!(node(number * 37, nodes)))], None)
        })
    };
    let pod_of = move |name: &'static str| {
        check(name, TIMES, move |cluster, number| {
            invoke(name, &[("pod", json!(pod(cluster, number)))], None)
        })
    };
    vec![
        fixed("nodes", vec![]),
        node_of("node describe"),
        node_of("node events"),
        fixed("top nodes", vec![]),
        fixed("pods", vec![("namespace", team())]),
        whole(fixed("pods", vec![]), "pods, whole cluster"),
        whole(
            fixed("pods", vec![("unhealthy", json!(true))]),
            "pods unhealthy, whole cluster",
        ),
        pod_of("pod describe"),
        pod_of("pod events"),
        pod_of("pod logs"),
        fixed("top pods", vec![("namespace", team())]),
        whole(fixed("top pods", vec![]), "top pods, whole cluster"),
        fixed("workloads", vec![("namespace", team())]),
        whole(fixed("workloads", vec![]), "workloads, whole cluster"),
        fixed("rollout", vec![("workload", json!("team-000/deployment/web-0"))]),
        fixed("services", vec![("namespace", team())]),
        whole(fixed("services", vec![]), "services, whole cluster"),
        fixed("events", vec![("namespace", team())]),
        whole(fixed("events", vec![]), "events, whole cluster"),
        fixed("changes", vec![("namespace", team())]),
        whole(fixed("changes", vec![]), "changes, whole cluster"),
        typing("completion of a node", "node describe", "node", "de-0000"),
        typing("completion of a Pod", "pod describe", "pod", "team-000/web"),
        typing(
            "completion of a Pod, part of a name",
            "pod describe",
            "pod",
            "kout-2",
        ),
    ]
}

/// Each time a letter more or less is typed.
fn typing(shown: &'static str, name: &'static str, option: &'static str, typed: &'static str) -> Check {
    Check {
        completes: true,
        ..check(shown, TIMES, move |_, number| {
            let typed = &typed[..typed.len() - number % 3];
            invoke(name, &[(option, json!(typed))], Some(option))
        })
    }
}

fn check(name: &'static str, times: usize, invoke: impl Fn(&Cluster, usize) -> Invoke + 'static) -> Check {
    Check {
        name,
        times,
        completes: false,
        invoke: Box::new(invoke),
    }
}

/// A command by its words, with options; one of them is perhaps being typed.
fn invoke(words: &str, options: &[(&str, Value)], typed: Option<&str>) -> Invoke {
    let option = |(name, value): &(&str, Value)| {
        let kind = if value.is_boolean() { 5 } else { 3 };
        let mut option = json!({"name": name, "type": kind, "value": value});
        if typed == Some(*name) {
            option["focused"] = json!(true);
        }
        option
    };
    let filled: Vec<Value> = options.iter().map(option).collect();
    let (name, filled) = match words.split_once(' ') {
        None => (words, filled),
        Some((group, below)) => (group, vec![json!({"name": below, "type": 1, "options": filled})]),
    };
    Invoke {
        person: "lin".to_owned(),
        channel: "ops".to_owned(),
        name: name.to_owned(),
        kind: 1,
        options: filled,
        target_id: None,
    }
}

fn node(number: usize, nodes: usize) -> String {
    format!("node-{:05}", number % nodes)
}

/// One of the first namespace's Pods.
fn pod(cluster: &Cluster, number: usize) -> String {
    let kind = catalog::of(kinds::PODS).unwrap();
    let (pods, _) = cluster.store().list_in(kind, "team-000");
    let pod = &pods[number * 11 % pods.len()]["metadata"];
    format!("team-000/{}", pod["name"].as_str().unwrap())
}

/// A body over HTTP, or nothing.
fn get(address: SocketAddr, path: &str) -> String {
    let read = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes())?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        Ok(text)
    };
    read().unwrap_or_default()
}

/// The value below which so many in a hundred are.
fn at(times: &[f64], share: usize) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times[(times.len() * share).div_ceil(100).max(1) - 1]
}

fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

impl Measured {
    fn text(&self) -> String {
        let [first, after, most] = self.memory.map(mib);
        let mut text = format!(
            "  every Pod known after {:.1} s; memory {first:.0} MiB, after all checks {after:.0} MiB, most {most:.0} MiB\n",
            self.known.as_secs_f64()
        );
        for row in &self.rows {
            let (p50, p95) = (at(&row.times, 50), at(&row.times, 95));
            let note = if row.is_whole {
                ""
            } else {
                "  not all could be read"
            };
            text.push_str(&format!(
                "  {:38} p50 {p50:8.1} ms  p95 {p95:8.1} ms  {:3} requests {:10.1} kB  {:4.0} MiB{note}\n",
                row.name,
                row.requests,
                row.bytes as f64 / 1000.0,
                mib(row.memory)
            ));
        }
        if let Some(times) = &self.kubectl {
            let (p50, p95) = (at(times, 50), at(times, 95));
            text.push_str(&format!(
                "  {:38} p50 {p50:8.1} ms  p95 {p95:8.1} ms\n",
                "kubectl describe node"
            ));
        }
        text
    }
}

/// What was measured, for people.
fn document(measured: &[Measured]) -> String {
    let mut text = String::from(HEAD);
    text.push_str(&machine());
    text.push_str(TARGETS);
    text.extend(targets::targets(measured).iter().map(targets::Target::row));
    text.push_str(MEMORY);
    for it in measured {
        let [first, after, most] = it.memory.map(mib);
        text.push_str(&format!(
            "| {} | {} | {first:.0} MiB | {after:.0} MiB | {most:.0} MiB | {:.1} s |\n",
            it.nodes,
            it.nodes * PODS,
            it.known.as_secs_f64()
        ));
    }
    text.push_str(CHECKS);
    for it in measured {
        text.push_str(&format!(
            "\n### {} nodes, {} Pods · {0} 个节点，{1} 个 Pod\n\n",
            it.nodes,
            it.nodes * PODS
        ));
        text.push_str("| | p50 | p95 | requests 请求数 | answers 应答 |\n|---|---|---|---|---|\n");
        for row in &it.rows {
            let (p50, p95) = (at(&row.times, 50), at(&row.times, 95));
            let mark = if row.is_whole {
                ""
            } else {
                " (not all of it could be read 未能读全)"
            };
            text.push_str(&format!(
                "| {}{mark} | {p50:.1} ms | {p95:.1} ms | {} | {:.0} kB |\n",
                row.name,
                row.requests,
                row.bytes as f64 / 1000.0
            ));
        }
        if let Some(times) = &it.kubectl {
            let (p50, p95) = (at(times, 50), at(times, 95));
            text.push_str(&format!(
                "| `kubectl describe node` | {p50:.1} ms | {p95:.1} ms | | |\n"
            ));
        }
    }
    text
}

const HEAD: &str = "# Performance · 性能\n
Written by `cargo bench -p firstmate --bench scale`.
本文由 `cargo bench -p firstmate --bench scale` 生成。\n
The cluster is the sandbox's (`Crowd`): 30 Pods a node, a workload for every 50, one Pod and one node in a hundred in trouble; nothing moves in it.
The bot is `firstmate run` in a process of its own, on the local Discord; cluster, Discord and bot share the machine.
A check's time is the bot's own, from the event's arrival to the answer, with the cluster's share and without Discord's (`firstmate_own_share_seconds`); that of completion has Discord's share in it, that of kubectl the start of its process.
集群由沙盒提供（`Crowd`）：每个节点 30 个 Pod，每 50 个 Pod 一个工作负载，百分之一的 Pod 和节点有故障，运行期间没有变化。
机器人是单独的 `firstmate run` 进程，连接本地 Discord；集群、Discord 和机器人在同一台机器上。
检查耗时取机器人自身的耗时：从事件到达到应答完成，含集群的部分，不含 Discord 的部分（`firstmate_own_share_seconds`）；候选的耗时含 Discord 的部分，kubectl 的耗时含进程启动。\n\n";

const TARGETS: &str = "\n## Targets at 5,000 nodes · 5,000 个节点时的目标\n
| | at most 上限 | measured 实测 | |
|---|---|---|---|\n";

const MEMORY: &str = "\n## Memory · 内存\n
| nodes 节点 | Pods | once all are known 全部获知后 | after all checks 所有检查之后 | most 峰值 | from start until all are known 从启动到全部获知 |
|---|---|---|---|---|---|\n";

const CHECKS: &str = "\n## Checks · 检查\n
What is not marked as of the whole cluster is of one node, one Pod, or one namespace with 750 Pods.
没有注明整个集群的，范围是一个节点、一个 Pod，或一个有 750 个 Pod 的命名空间。\n";

/// On what it was measured.
fn machine() -> String {
    let cpus = std::thread::available_parallelism().map_or(0, usize::from);
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("", |line| line.trim_start_matches([' ', '\t', ':']));
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default().to_owned();
    format!("Machine 机器：{cpus} × {model}, load at the end 结束时负载 {load}.\n")
}
