//! Keeps the bot connected: builds serenity's client, watches it, builds it anew when it is deaf.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serenity::all::{Client, ConnectionStage, GatewayIntents, Http, HttpError, ShardManager};
use serenity::gateway::GatewayError;
use tokio_tungstenite::tungstenite::Message as Frame;

use super::endpoint::Endpoint;
use super::incoming::Incoming;
use crate::app::App;
use crate::config::{Config, Token};

/// How often the watchdog looks, as a part of the time after which it acts.
const LOOKS: u32 = 20;
/// Every how many looks a ping is sent. A connection that was closed without a word keeps serenity turning on the
/// spot until something is sent on it.
const LOOKS_A_PING: u32 = 2;
/// The shortest and the longest pause between two attempts to connect.
const SHORTEST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// So many sessions one client may begin. serenity begins a lost one anew every five seconds, and a server that
/// loses each of them would be met with more than the thousand a day that Discord allows.
const SESSIONS: u64 = 3;
/// So many clients in a row may have been built in vain before its patience grows: a connection that is closed again
/// before its first heartbeat says nothing of the server.
const VAIN: u32 = 5;
/// The longest that the watchdog's patience grows to.
const LONGEST_PATIENCE: Duration = Duration::from_secs(600);

/// Discord said no for good: trying again cannot help.
#[derive(Debug, thiserror::Error)]
pub enum Rejected {
    /// The token is wrong.
    #[error("Discord does not accept the token")]
    Token,
    /// The intents are not allowed to this application.
    #[error("Discord does not allow the intents")]
    Intents,
}

/// The intents that the configuration needs; message content only where the bot answers unasked.
pub fn intents(config: &Config) -> GatewayIntents {
    let intents = GatewayIntents::GUILDS | GatewayIntents::GUILD_MESSAGES | GatewayIntents::DIRECT_MESSAGES;
    let unasked = config.channels.values().any(|channel| channel.unasked);
    if unasked {
        intents | GatewayIntents::MESSAGE_CONTENT
    } else {
        intents
    }
}

/// The connection to the API of the first client, made before there is anything to answer with. `None` where it could
/// not be made: [`run`] tries again, and says why.
pub async fn first(endpoint: &Endpoint, token: &Token) -> Option<Http> {
    reach(endpoint, token).await.ok()
}

async fn reach(endpoint: &Endpoint, token: &Token) -> anyhow::Result<Http> {
    let http = endpoint.http(token)?;
    endpoint.gateway(&http).await?;
    Ok(http)
}

/// Stays connected until `stop` resolves, then leaves in order. `first` is what [`first`] made, if it was asked.
///
/// Work under way is not waited for: see [`App::work`].
///
/// # Errors
/// [`Rejected`] if Discord will never have this bot as it is configured.
pub async fn run(
    app: &Arc<App>,
    endpoint: &Endpoint,
    token: &Token,
    mut first: Option<Http>,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let mut stop = std::pin::pin!(stop);
    let mut pause = SHORTEST_PAUSE;
    let mut patience = Patience::new(app.config.discord.deaf_after);
    loop {
        let mut connection = tokio::select! {
            () = &mut stop => return Ok(()),
            made = Connection::open(app, endpoint, token, first.take()) => made,
        };
        let ended = match &mut connection {
            Err(error) if error.downcast_ref().is_some_and(is_unauthorized) => {
                Ended::Rejected(Rejected::Token)
            }
            Err(error) => {
                tracing::warn!("cannot connect to Discord: {error:#}");
                Ended::Broken
            }
            Ok(connection) => tokio::select! {
                () = &mut stop => Ended::Stopped,
                ended = connection.watch(app, &mut patience) => ended,
            },
        };
        if let Ok(connection) = connection {
            let farewell = tokio::spawn(connection.leave());
            if matches!(ended, Ended::Stopped) {
                // It may wait for five seconds, and only a stop needs to wait with it.
                let _ = farewell.await;
                return Ok(());
            }
        }
        app.online.set(false);
        match ended {
            Ended::Stopped => return Ok(()),
            Ended::Rejected(rejected) => return Err(rejected.into()),
            Ended::Deaf => pause = SHORTEST_PAUSE,
            Ended::Broken => {
                tokio::select! {
                    () = &mut stop => return Ok(()),
                    // The network's pace is real time, like serenity's own.
                    () = tokio::time::sleep(pause) => {}
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
        app.metrics.rebuilt();
    }
}

/// Why a connection is over.
enum Ended {
    /// We were asked to stop.
    Stopped,
    /// No sign of life.
    Deaf,
    /// It could not be made, or ended by itself.
    Broken,
    Rejected(Rejected),
}

/// One client of serenity's, running.
struct Connection {
    manager: Arc<ShardManager>,
    client: tokio::task::JoinHandle<serenity::Result<()>>,
    heard: Arc<AtomicU64>,
    sessions: Arc<AtomicU64>,
}

impl Connection {
    async fn open(
        app: &Arc<App>,
        endpoint: &Endpoint,
        token: &Token,
        http: Option<Http>,
    ) -> anyhow::Result<Self> {
        let http = match http {
            Some(http) => http,
            None => reach(endpoint, token).await?,
        };
        let heard = Arc::new(AtomicU64::new(0));
        let sessions = Arc::new(AtomicU64::new(0));
        let replies = endpoint.replies(token)?;
        let incoming = Incoming::new(
            Arc::clone(app),
            replies,
            Arc::clone(&heard),
            Arc::clone(&sessions),
        );
        let mut client = build(http, intents(&app.config), incoming).await?;
        let url = client.ws_url.lock().await.clone();
        ensure!(endpoint.accepts(&url), "serenity fell back to the gateway {url}");
        let manager = Arc::clone(&client.shard_manager);
        let client = tokio::spawn(async move { client.start().await });
        Ok(Self {
            manager,
            client,
            heard,
            sessions,
        })
    }

    /// Returns when the connection is over: deaf, ended or rejected.
    async fn watch(&mut self, app: &App, patience: &mut Patience) -> Ended {
        tokio::select! {
            ended = &mut self.client => match ended {
                Ok(Err(serenity::Error::Gateway(GatewayError::InvalidAuthentication))) => Ended::Rejected(Rejected::Token),
                Ok(Err(serenity::Error::Gateway(GatewayError::InvalidGatewayIntents | GatewayError::DisallowedGatewayIntents))) => {
                    Ended::Rejected(Rejected::Intents)
                }
                Ok(Err(error)) if is_unauthorized(&error) => Ended::Rejected(Rejected::Token),
                _ => Ended::Broken,
            },
            () = unstable(&self.sessions) => {
                tracing::warn!("Discord's gateway loses one session after another: waiting before the next");
                Ended::Broken
            }
            () = deaf(app, &self.manager, &self.heard, patience) => {
                tracing::warn!("no sign of life from Discord's gateway: building the client anew");
                Ended::Deaf
            }
        }
    }

    async fn leave(self) {
        ping(&self.manager).await;
        self.manager.shutdown_all().await;
        self.client.abort();
    }
}

/// Whether a request was refused because of the token, which it will be again.
fn is_unauthorized(error: &serenity::Error) -> bool {
    matches!(
        error,
        serenity::Error::Http(HttpError::UnsuccessfulRequest(answer)) if answer.status_code.as_u16() == 401
    )
}

async fn build(http: Http, intents: GatewayIntents, incoming: Incoming) -> anyhow::Result<Client> {
    let builder = serenity::client::ClientBuilder::new_with_http(http, intents);
    builder
        .raw_event_handler(incoming)
        .await
        .context("build the Discord client")
}

/// How long the watchdog waits for a sign of life. After a few clients that were built in vain each further one doubles
/// it, so that a quiet server is not met with a thousand new sessions a day, which is Discord's limit.
struct Patience {
    least: Duration,
    now: Duration,
    /// How many clients in a row gave no sign of life after their session had begun.
    vain: u32,
}

impl Patience {
    fn new(millis: u64) -> Self {
        let least = Duration::from_millis(millis);
        Self {
            least,
            now: least,
            vain: 0,
        }
    }

    /// There was a sign of life.
    fn heard(&mut self) {
        (self.now, self.vain) = (self.least, 0);
    }

    /// There was none for as long as it lasts.
    fn in_vain(&mut self) {
        self.vain += 1;
        if self.vain > VAIN {
            self.now = (self.now * 2).min(LONGEST_PATIENCE);
        }
    }
}

/// Returns once nothing was heard for as long as the patience lasts.
///
/// A sign of life is an event, or a heartbeat answered: its round trip is measured anew each time.
/// Time is counted in real looks, not by the app's clock: the peer's heartbeats are real.
async fn deaf(app: &App, manager: &Arc<ShardManager>, heard: &AtomicU64, patience: &mut Patience) {
    let mut last = None;
    let (mut silent, mut look) = (0, 0);
    let mut alive = false;
    while silent < LOOKS {
        tokio::time::sleep(patience.now / LOOKS).await;
        let (stage, latency) = state(manager).await;
        if stage != Some(ConnectionStage::Connected) {
            app.online.set(false);
        }
        let sign = (heard.load(Ordering::Acquire), latency);
        silent = if last == Some(sign) { silent + 1 } else { 0 };
        if last.is_some_and(|last| last != sign) {
            alive = true;
            patience.heard();
        }
        last = Some(sign);
        look += 1;
        if look % LOOKS_A_PING == 0 {
            ping(manager).await;
        }
    }
    if !alive {
        patience.in_vain();
    }
}

/// Returns once the client has begun more sessions than it may.
async fn unstable(sessions: &AtomicU64) {
    while sessions.load(Ordering::Acquire) <= SESSIONS {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn state(manager: &Arc<ShardManager>) -> (Option<ConnectionStage>, Option<Duration>) {
    let runners = manager.runners.lock().await;
    let runner = runners.values().next();
    (
        runner.map(|runner| runner.stage),
        runner.and_then(|runner| runner.latency),
    )
}

/// A WebSocket ping to every shard. On a connection that the peer has closed without a code,
/// serenity 0.12.5 spins on a whole core until the next heartbeat, and would spin for ever in its
/// own farewell; sending a frame there fails and ends the shard's task instead.
async fn ping(manager: &Arc<ShardManager>) {
    for runner in manager.runners.lock().await.values() {
        runner.runner_tx.websocket_message(Frame::Ping(Vec::new()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Somebody is deaf for as long: a minute is the most, unless a server gives no sign of life to any of many clients.
    #[test]
    fn patience_grows_only_after_many_clients_in_vain() {
        let mut patience = Patience::new(50_000);
        let mut seconds = Vec::new();
        for _ in 0..10 {
            seconds.push(patience.now.as_secs());
            patience.in_vain();
        }
        assert_eq!(seconds, [50, 50, 50, 50, 50, 50, 100, 200, 400, 600]);
        patience.heard();
        assert_eq!(patience.now.as_secs(), 50);
        patience.in_vain();
        assert_eq!(patience.now.as_secs(), 50);
        // The sessions of a day with a server that is quiet for ever.
        let mut patience = Patience::new(1_000);
        let (mut spent, mut sessions) = (Duration::ZERO, 0);
        while spent < Duration::from_secs(86_400) {
            spent += patience.now;
            patience.in_vain();
            sessions += 1;
        }
        assert!(sessions < 200, "{sessions}");
    }
}
