//! The real bot and a local Discord, with the time in the hands of whoever plays.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, bail};
use firstmate_sandbox::discord::{Discord, Settings};
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tracing_subscriber::layer::{Context, SubscriberExt as _};

use crate::app::App;
use crate::clock::Clock;
use crate::config::{self, Config, Kubeconfig, StoreUrl, Token};
use crate::discord::Endpoint;

use super::ground::Ground;
use super::print::{items, text_of};

/// How long a step may take until all is quiet, in real time.
const PATIENCE: Duration = Duration::from_secs(30);

/// The name of the one cluster.
pub const LOCAL: &str = "local";
/// What the bot may do there: what it may do in production.
pub const RIGHTS: &str = include_str!("../../deploy/rbac.yaml");

/// Where a transcript is played.
pub struct Stage {
    /// The far end.
    pub discord: Discord,
    /// The bot's clock. Only [`Stage::advance`] moves it, together with Discord's.
    pub clock: Clock,
    ground: Option<Arc<dyn Ground>>,
    config: Config,
    /// Holds the store, which outlives the bot.
    _state: tempfile::TempDir,
    bot: Option<Bot>,
    log: Log,
}

/// The bot, in a runtime of its own, so that it can be gone at once.
struct Bot {
    app: Arc<App>,
    runtime: Runtime,
    stop: oneshot::Sender<()>,
    run: JoinHandle<anyhow::Result<()>>,
    /// How many sessions the local Discord had seen before this bot.
    earlier: u64,
}

/// What the bot logged at warning or worse.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<(tracing::Level, String)>>>);

impl Stage {
    /// Opens both ends; the bot is not there yet. `overlays` are laid over the settings for a local Discord.
    ///
    /// # Errors
    /// If the local Discord cannot be opened or the settings are faulty.
    pub async fn open(settings: Settings, file: &Path, overlays: &[String]) -> anyhow::Result<Self> {
        let clock = Clock::manual(settings.clock.now_ms());
        let discord = Discord::start(settings).await?;
        let mut config = local_config(&discord, file, overlays)?;
        let state = tempfile::tempdir().context("make a folder for the store")?;
        config.store.url = StoreUrl::new(&format!("sqlite:{}", state.path().join("store.db").display()));
        Ok(Self {
            discord,
            clock,
            ground: None,
            config,
            _state: state,
            bot: None,
            log: Log::default(),
        })
    }

    /// Puts a cluster under it, which the bot finds under the name `local`. Each person is there the Kubernetes
    /// user of their name.
    pub fn stand_on(&mut self, ground: Arc<dyn Ground>) {
        let kubeconfig = Kubeconfig::Text(ground.kubeconfig());
        self.config.clusters.insert(
            LOCAL.to_owned(),
            config::Cluster {
                kubeconfig: Some(kubeconfig),
                context: None,
            },
        );
        self.ground = Some(ground);
    }

    /// The cluster.
    pub fn ground(&self) -> Option<&Arc<dyn Ground>> {
        self.ground.as_ref()
    }

    pub(super) fn needed_ground(&self) -> anyhow::Result<&Arc<dyn Ground>> {
        self.ground
            .as_ref()
            .context("there is no cluster: name a scenario in the head")
    }

    /// What was written to the cluster over its API.
    pub(super) fn writes(&self) -> Vec<String> {
        self.ground.iter().flat_map(|ground| ground.writes()).collect()
    }

    /// The real kubectl, as the cluster's administrator.
    pub(super) fn kubectl(&self, arguments: &[String]) -> anyhow::Result<()> {
        let file = std::env::temp_dir().join(format!("firstmate-kubectl-{}", std::process::id()));
        std::fs::write(&file, self.needed_ground()?.admin())?;
        let done = std::process::Command::new("kubectl")
            .args(arguments)
            .arg("--kubeconfig")
            .arg(&file)
            .output();
        std::fs::remove_file(&file)?;
        let done = done.context("run kubectl")?;
        anyhow::ensure!(
            done.status.success(),
            "kubectl: {}",
            String::from_utf8_lossy(&done.stderr)
        );
        Ok(())
    }

    /// Changes the settings for the next start of the bot.
    pub fn configure(&mut self, change: impl FnOnce(&mut Config)) {
        change(&mut self.config);
    }

    /// Starts the bot and waits until it is ready.
    ///
    /// # Errors
    /// If it cannot be started, or is not ready in time.
    pub async fn start_bot(&mut self) -> anyhow::Result<()> {
        self.launch().await?;
        self.quiet().await
    }

    /// Starts the bot without waiting for it.
    ///
    /// # Errors
    /// If the documents cannot be opened.
    pub async fn launch(&mut self) -> anyhow::Result<()> {
        let (config, clock) = (self.config.clone(), self.clock.clone());
        let endpoint = Endpoint::Local {
            address: self.discord.tls_addr(),
            certificate: self.discord.ca_der(),
        };
        let token = Token::new(self.discord.token());
        let (stop, stopped) = oneshot::channel::<()>();
        let runtime = runtime(self.log.clone())?;
        // In its own runtime, which holds its connections to the store.
        let app = match runtime.spawn(App::open(config, clock)).await? {
            Ok(app) => Arc::new(app),
            Err(error) => {
                // It may not be dropped where others wait.
                runtime.shutdown_background();
                return Err(error);
            }
        };
        let stopped = async move {
            let _ = stopped.await;
        };
        let earlier = self.sessions();
        let run = runtime.spawn(crate::run(Arc::clone(&app), endpoint, token, None, stopped));
        self.bot = Some(Bot {
            app,
            runtime,
            stop,
            run,
            earlier,
        });
        Ok(())
    }

    /// Asks the bot to stop, waits until it has, and says how it ended.
    ///
    /// # Errors
    /// If it did not stop in time, or ended with an error.
    pub async fn stop_bot(&mut self) -> anyhow::Result<()> {
        let Some(bot) = self.bot.take() else { return Ok(()) };
        let _ = bot.stop.send(());
        let ended = tokio::time::timeout(PATIENCE, bot.run)
            .await
            .context("the bot did not stop")?;
        bot.runtime.shutdown_background();
        ended?
    }

    /// Waits until the bot has ended by itself, and says how.
    ///
    /// # Errors
    /// If it does not end in time, or ended with an error.
    pub async fn bot_ended(&mut self) -> anyhow::Result<()> {
        let Some(bot) = self.bot.take() else { return Ok(()) };
        let ended = tokio::time::timeout(PATIENCE, bot.run)
            .await
            .context("the bot did not end")?;
        bot.runtime.shutdown_background();
        ended?
    }

    /// The bot is gone in the middle of whatever it does.
    pub fn kill_bot(&mut self) {
        if let Some(bot) = self.bot.take() {
            bot.runtime.shutdown_background();
        }
    }

    /// The running bot's parts.
    pub fn app(&self) -> Option<&Arc<App>> {
        self.bot.as_ref().map(|bot| &bot.app)
    }

    /// Moves both clocks: the world's first, so that whatever the bot does at the new time meets the world of that
    /// time.
    pub fn advance(&self, millis: u64) {
        self.discord.advance(millis);
        if let Some(ground) = &self.ground {
            ground.settle();
        }
        self.clock.advance(millis);
    }

    /// Returns when nothing is going on at either end.
    ///
    /// # Errors
    /// If that takes too long.
    pub async fn quiet(&self) -> anyhow::Result<()> {
        let waiting = async {
            while !self.is_quiet().await {
                tokio::task::yield_now().await;
            }
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(()) => Ok(()),
            Err(_) => bail!(
                "still not quiet after {} seconds: {}",
                PATIENCE.as_secs(),
                self.state()
            ),
        }
    }

    /// What the bot logged as an error.
    pub fn errors(&self) -> Vec<String> {
        let lines = self.log.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines
            .iter()
            .filter(|(level, _)| *level == tracing::Level::ERROR)
            .map(|(_, line)| line.clone())
            .collect()
    }

    /// What the bot logged as an error or a warning.
    pub fn warnings(&self) -> Vec<String> {
        let lines = self.log.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(|(_, line)| line.clone()).collect()
    }

    /// Two barriers: behind the first the client has read every event, behind the second its tasks
    /// have begun, so that what is in hand is counted.
    async fn is_quiet(&self) -> bool {
        let Some(bot) = &self.bot else { return true };
        if bot.run.is_finished() {
            return true;
        }
        // A request that a fault holds back until the clock is moved keeps its work in hand, and is waited for
        // by nobody. A session that the bot has not noticed yet is not quiet.
        let idle = || {
            let greeted = bot.app.metrics.greetings() == self.sessions() - bot.earlier;
            let (asked, held) = self.ground.as_ref().map_or((0, 0), |ground| ground.in_hand());
            let is_due = !bot.app.is_online() || !greeted || self.clock.has_due() || asked > held;
            let waits = || {
                let (asking, behind) = self.behind(bot);
                let others = held.checked_sub(asking);
                let others = others.map(|others| bot.app.work.in_hand() > self.discord.held() + others);
                behind > 0 || others.unwrap_or(true)
            };
            !is_due && !waits()
        };
        self.discord.barrier().await && idle() && self.discord.quiet().await && idle()
    }

    /// How many of the bot's tables wait for an answer of the cluster, and how many others are about to become as it
    /// is.
    fn behind(&self, bot: &Bot) -> (usize, usize) {
        let (Some(ground), Some(cluster)) = (&self.ground, bot.app.clusters.get(LOCAL)) else {
            return (0, 0);
        };
        let (nodes, pods) = ground.latest();
        cluster.tables().behind(nodes, pods)
    }

    /// How many sessions were begun or resumed on the local Discord.
    fn sessions(&self) -> u64 {
        self.discord.identifies() + self.discord.resumes()
    }

    fn state(&self) -> String {
        let bot = self
            .bot
            .as_ref()
            .map(|bot| (bot.app.is_online(), bot.app.work.in_hand(), bot.run.is_finished()));
        format!(
            "bot (online, in hand, ended): {bot:?}, requests in flight: {}, interactions waiting: {}, log: {:?}",
            self.discord.in_flight(),
            self.discord.pending(),
            self.warnings()
        )
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.kill_bot();
    }
}

/// The settings of a bot on a local Discord, with `overlays` laid over them. In these `"#ops"` stands for
/// a channel's id and `"@crew"` for a role's.
///
/// # Errors
/// If the settings are faulty.
pub fn local_config(discord: &Discord, file: &Path, overlays: &[String]) -> anyhow::Result<Config> {
    let seen = discord.snapshot("olga")?;
    let named = |list: &str, mark: char| -> Vec<(String, String)> {
        let named = items(&seen[list]).filter(|it| it["type"].as_u64().unwrap_or(0) == 0);
        named
            .map(|it| {
                (
                    format!("\"{mark}{}\"", text_of(it, "name")),
                    format!("\"{}\"", text_of(it, "id")),
                )
            })
            .collect()
    };
    let mut base = String::from("[health]\nlisten = \"\"\n");
    for channel in items(&seen["channels"]).filter(|channel| channel["type"] == 0) {
        base.push_str(&format!(
            "[channels.{}]\nid = \"{}\"\n",
            text_of(channel, "name"),
            text_of(channel, "id")
        ));
    }
    base.push_str(&people(&seen));
    let ids: Vec<_> = named("channels", '#')
        .into_iter()
        .chain(named("roles", '@'))
        .collect();
    let with_ids = |text: &String| {
        ids.iter()
            .fold(text.clone(), |text, (name, id)| text.replace(name, id))
    };
    let texts: Vec<String> = std::iter::once(base)
        .chain(overlays.iter().map(with_ids))
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    Ok(Config::layers(file, &texts, &Default::default())?)
}

/// The people who belong to the crew, each as the Kubernetes user of that name; and that the crew may check and
/// write documents.
fn people(seen: &Value) -> String {
    let mut text = String::new();
    for person in items(&seen["people"]).filter(|person| has_role(person, "crew")) {
        let (name, id) = (text_of(person, "name"), text_of(person, "id"));
        text.push_str(&format!("[people.{name}]\nid = \"{id}\"\nuser = \"{name}\"\n"));
    }
    let role = |name: &str| {
        let role = items(&seen["roles"]).find(|role| text_of(role, "name") == name);
        role.map(|role| text_of(role, "id").to_owned())
            .unwrap_or_default()
    };
    let (crew, operators, approvers) = (role("crew"), role("operators"), role("approvers"));
    text + &format!("[checks.all]\nroles = [\"{crew}\"]\n")
        + &format!("[roles]\noperator = [\"{operators}\"]\napprover = [\"{approvers}\"]\n")
        + &format!("author = [\"{crew}\"]\nreviewer = [\"{approvers}\"]\n")
}

fn has_role(person: &Value, name: &str) -> bool {
    items(&person["roles"]).any(|role| role == name)
}

fn runtime(log: Log) -> anyhow::Result<Runtime> {
    let dispatch = tracing::Dispatch::new(tracing_subscriber::registry().with(log));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(crate::STACK)
        .enable_all()
        // Each bot has a log of its own, also when several play at once in one process.
        .on_thread_start(move || std::mem::forget(tracing::dispatcher::set_default(&dispatch)))
        .build()?;
    Ok(runtime)
}

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Log {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let level = *event.metadata().level();
        let is_ours = event.metadata().target().starts_with("firstmate");
        if level > tracing::Level::WARN || !is_ours {
            return;
        }
        let mut line = String::new();
        event.record(
            &mut |field: &tracing::field::Field, value: &dyn std::fmt::Debug| {
                line.push_str(&format!("{}={value:?} ", field.name()));
            },
        );
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((level, line.trim_end().to_owned()));
    }
}

/// A value of the local Discord's, by which a transcript goes on.
pub(super) fn id_of(value: &Value) -> String {
    text_of(value, "id").to_owned()
}
