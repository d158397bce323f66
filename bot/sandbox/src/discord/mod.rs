//! A local Discord: the part of the REST API and the gateway that a bot like First Mate uses, a
//! page on which people use it, and a handle by which tests drive it.
//!
//! [`Discord::start`] opens two listeners with one router behind them: a plain one, which also
//! has the page, the control API and the gateway, and a TLS one that claims to be `discord.com`.

mod actions;
mod channel;
mod components;
mod compose;
mod control;
mod core;
mod errors;
mod faults;
mod gateway;
mod ids;
mod interact;
mod interaction;
mod journal;
mod limits;
mod mentions;
mod message;
mod options;
mod page;
mod people;
mod permissions;
mod refused;
mod requestlog;
mod rest;
mod session;
mod snapshot;
mod state;
mod tls;
mod upload;
mod world;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get};
use axum::serve::ListenerExt as _;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use self::core::Core;
use self::errors::Wrong;
use self::state::State;
use self::tls::Front;
use crate::Clock;

pub use self::faults::Fault;
pub use self::ids::Id;
pub use self::journal::Entry;
pub use self::people::{Click, Invoke, NewFile, NewThread, Say, Submit};
pub use self::refused::Refused;
pub use self::requestlog::RequestLogLine;

/// How a local Discord is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the plain listener is. Only addresses of this machine alone are allowed.
    pub listen: SocketAddr,
    /// Whose time counts.
    pub clock: Clock,
    /// The bot's token.
    pub token: String,
    /// How often clients are to send heartbeats, in real time.
    pub heartbeat_interval_ms: u64,
    /// Which privileged intents the application may use, as intent bits.
    pub privileged_intents: u64,
    /// Another opinion than the limits' on every body.
    pub opinion: Option<Opinion>,
    /// Where requests are logged, one JSON line each.
    pub request_log: Option<PathBuf>,
    /// How many messages the bot may send in a channel within how many milliseconds.
    pub channel_limit: Option<(usize, u64)>,
}

/// Holds a body against something that this crate does not know. Clones are the same one.
#[derive(Clone)]
pub struct Opinion(Arc<Check>);

type Check = dyn Fn(&str, &str, &Value) -> Option<(String, String)> + Send + Sync;

impl Opinion {
    /// The opinion of `check`: of an operation, by method and path as Discord's documentation writes it, and a body,
    /// where it is wrong, as a JSON pointer, and how.
    pub fn new(
        check: impl Fn(&str, &str, &Value) -> Option<(String, String)> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(check))
    }

    fn of(&self, method: &str, path: &str, body: &Value) -> Option<Wrong> {
        let (at, message) = (self.0)(method, path, body)?;
        Some(Wrong::new(at, "BASE_TYPE_INVALID", message))
    }
}

impl fmt::Debug for Opinion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opinion")
    }
}

impl Settings {
    /// The intent that shows what people write without mentioning the bot.
    pub const MESSAGE_CONTENT: u64 = session::MESSAGE_CONTENT;
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            clock: Clock::system(),
            token: "sandbox".to_owned(),
            heartbeat_interval_ms: 41_250,
            privileged_intents: Self::MESSAGE_CONTENT,
            opinion: None,
            request_log: None,
            channel_limit: None,
        }
    }
}

/// A running local Discord. Clones are the same one; with the last of them it ends, and with it
/// every connection.
#[derive(Clone)]
pub struct Discord {
    core: Arc<Core>,
    running: Arc<Running>,
}

struct Running {
    core: Arc<Core>,
    tls_address: SocketAddr,
    ca_der: Vec<u8>,
    ca_pem: String,
    stop: watch::Sender<bool>,
    deadlines: JoinHandle<()>,
}

impl Drop for Running {
    /// Ends the listeners and every connection, as a server that is switched off.
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.deadlines.abort();
        self.core.with(actions::disconnect);
    }
}

impl Discord {
    /// Opens the listeners and serves.
    pub async fn start(settings: Settings) -> anyhow::Result<Self> {
        ensure!(
            settings.listen.ip().is_loopback(),
            "the local Discord only listens on this machine (127.0.0.1)"
        );
        let plain = TcpListener::bind(settings.listen).await;
        let plain = plain.with_context(|| format!("binding {}", settings.listen))?;
        let address = plain.local_addr()?;
        let front = Front::new().context("making the certificate")?;
        let tls = front.listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        let core = Core::new(State::new(settings, format!("http://{address}"))?, address);
        let tls_address = tls.address;
        // Frames and answers are small and awaited one by one.
        let plain = plain.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let stop = watch::Sender::new(false);
        serve(plain, router(&core), stop.subscribe());
        serve(tls, api(&core), stop.subscribe());
        let deadlines = tokio::spawn(Arc::clone(&core).watch_deadlines());
        let (ca_der, ca_pem) = (front.ca_der, front.ca_pem);
        let running = Running {
            core: Arc::clone(&core),
            tls_address,
            ca_der,
            ca_pem,
            stop,
            deadlines,
        };
        Ok(Self {
            core,
            running: Arc::new(running),
        })
    }

    /// The address for a browser.
    pub fn page_url(&self) -> String {
        format!("{}/", self.plain_url())
    }

    /// The address for `discord.endpoint`: plain HTTP.
    pub fn plain_url(&self) -> String {
        format!("http://{}", self.core.address)
    }

    /// Where the gateway is.
    pub fn gateway_url(&self) -> String {
        format!("ws://{}/gw", self.core.address)
    }

    /// Where `discord.com` is to be found by a client that trusts [`Self::ca_der`].
    pub fn tls_addr(&self) -> SocketAddr {
        self.running.tls_address
    }

    /// The authority to trust for `discord.com`, as DER.
    pub fn ca_der(&self) -> Vec<u8> {
        self.running.ca_der.clone()
    }

    /// The same as PEM.
    pub fn ca_pem(&self) -> String {
        self.running.ca_pem.clone()
    }

    /// The token that the bot has to use.
    pub fn token(&self) -> &str {
        &self.core.token
    }

    /// The bot's user id, which is its application's too.
    pub fn bot_id(&self) -> Id {
        world::BOT
    }

    /// Somebody writes a message; returns it.
    pub async fn say(&self, say: Say) -> Result<Value, Refused> {
        self.core.with(|state| people::say(state, &say))
    }

    /// Somebody invokes a command; returns the interaction's id.
    pub async fn command(&self, invoke: Invoke) -> Result<Id, Refused> {
        self.core.with(|state| people::command(state, &invoke))
    }

    /// Somebody is typing into an option; returns the choices that the bot offers.
    pub async fn autocomplete(&self, invoke: Invoke) -> Result<Vec<Value>, Refused> {
        actions::autocomplete(&self.core, &invoke).await
    }

    /// Somebody uses a button or a select menu; returns the interaction's id.
    pub async fn component(&self, click: Click) -> Result<Id, Refused> {
        self.core.with(|state| people::component(state, &click))
    }

    /// Somebody sends off a form; returns the interaction's id.
    pub async fn modal(&self, submit: Submit) -> Result<Id, Refused> {
        self.core.with(|state| people::submit(state, &submit))
    }

    /// Somebody opens a thread; returns it.
    pub async fn open_thread(&self, new: NewThread) -> Result<Value, Refused> {
        self.core.with(|state| people::open_thread(state, &new))
    }

    /// Changes a person's Discord language.
    pub async fn set_locale(&self, person: &str, locale: &str) -> Result<(), Refused> {
        self.core.with(|state| actions::set_locale(state, person, locale))
    }

    /// Grants a permission to the bot in a channel, or takes it from it there.
    pub async fn permit(&self, channel: &str, permission: &str, allow: bool) -> Result<(), Refused> {
        self.core
            .with(|state| actions::permit(state, channel, permission, allow))
    }

    /// Switches a trouble on, or does it at once.
    pub async fn fault(&self, fault: Fault) {
        self.core.with(|state| actions::fault(state, &fault));
    }

    /// Moves the clock, and ends at once what it is then too late for.
    pub fn advance(&self, ms: u64) {
        actions::advance(&self.core, ms);
    }

    /// The message with a number, deleted or not, as the page gets it.
    pub fn message(&self, number: u64) -> Option<Value> {
        self.core.look(|state| {
            let at = usize::try_from(number).ok()?.checked_sub(1)?;
            Some(message::page_object(state, state.messages.get(at)?))
        })
    }

    /// Every message that a person sees, in all channels, oldest first.
    pub fn messages_seen_by(&self, person: &str) -> Result<Vec<Value>, Refused> {
        let person = people::person(person)?;
        Ok(self
            .core
            .look(|state| snapshot::messages_seen_by(state, person, usize::MAX)))
    }

    /// What `GET /local/state` answers a person.
    pub fn snapshot(&self, person: &str) -> Result<Value, Refused> {
        let person = people::human(person)?;
        Ok(self.core.look(|state| snapshot::state(state, person)))
    }

    /// The bytes of a file by its attachment's id.
    pub fn file(&self, attachment_id: &str) -> Option<Vec<u8>> {
        self.core
            .look(|state| state.files.get(&attachment_id.parse().ok()?).cloned())
    }

    /// Everything that became visible since the `n`th entry, in order.
    pub fn journal_since(&self, n: usize) -> Vec<Entry> {
        self.core
            .look(|state| state.journal.get(n..).unwrap_or_default().to_vec())
    }

    /// The commands that are registered, as Discord gives them back.
    pub fn commands(&self) -> Vec<Value> {
        self.core.look(State::command_objects)
    }

    /// Bodies that were refused as invalid, and requests for which there is no route. A test
    /// fails on any.
    pub fn faults_seen(&self) -> Vec<String> {
        self.core.look(|state| state.faults_seen.clone())
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<RequestLogLine> {
        self.core.look(|state| state.requests.lines.clone())
    }

    /// How many sessions were opened.
    pub fn identifies(&self) -> u64 {
        self.core.look(|state| state.identifies)
    }

    /// How many were resumed.
    pub fn resumes(&self) -> u64 {
        self.core.look(|state| state.resumes)
    }

    /// Whether a bot is on the gateway.
    pub fn is_online(&self) -> bool {
        self.core.look(actions::is_online)
    }

    /// Returns when a bot is on the gateway.
    pub async fn online(&self) {
        self.core
            .wait_for(|state| actions::is_online(state).then_some(()))
            .await;
    }

    /// Returns what `find` finds, now or after something happened.
    pub async fn until<T>(&self, mut find: impl FnMut(&Self) -> Option<T>) -> T {
        let mut changes = self.core.changes();
        loop {
            changes.mark_unchanged();
            if let Some(found) = find(self) {
                return found;
            }
            // The sender is ours, so this ends only by a change.
            let _ = changes.changed().await;
        }
    }

    /// How many requests are being answered.
    pub fn in_flight(&self) -> usize {
        self.core.in_flight()
    }

    /// How many requests a [`Fault::Slow`] holds until the clock is moved.
    pub fn held(&self) -> usize {
        self.core.look(|state| state.held)
    }

    /// How many interactions something is still expected of: a first answer, or a promised one.
    pub fn pending(&self) -> usize {
        self.core.look(|state| {
            let open = state.open.iter().filter_map(|id| state.interaction(*id));
            open.filter(|it| it.is_waiting() || it.promised(state).is_some())
                .count()
        })
    }

    /// Returns when every connected client has taken in every event and no request is in
    /// flight; false if no client is connected.
    pub async fn barrier(&self) -> bool {
        actions::barrier(&self.core).await
    }

    /// Returns when nothing is going on: as [`Self::barrier`], and nothing happened meanwhile.
    /// False if no client is connected. What the bot works on without asking anything is not
    /// seen here; [`Self::pending`] tells whether people still wait for it.
    pub async fn quiet(&self) -> bool {
        actions::quiet(&self.core).await
    }
}

fn serve<L>(listener: L, router: Router, mut stop: watch::Receiver<bool>)
where
    L: axum::serve::Listener,
    L::Addr: std::fmt::Debug,
{
    tokio::spawn(async move {
        // An end of the sender is an end of the services too.
        let stopped = async move { stop.wait_for(|stop| *stop).await.map_or((), |_| ()) };
        if let Err(error) = axum::serve(listener, router)
            .with_graceful_shutdown(stopped)
            .await
        {
            tracing::error!("the local Discord stopped: {error}");
        }
    });
}

/// Everything that is served on the plain listener.
fn router(core: &Arc<Core>) -> Router {
    let local = control::guarded(control::router().merge(page::router()), core);
    let gateway = Router::new()
        .route("/gw", get(gateway::serve))
        .with_state(Arc::clone(core));
    let for_bots = gateway.merge(api(core)).layer(middleware::from_fn(no_pages));
    local.with_state(Arc::clone(core)).merge(for_bots)
}

/// Bots send no `Origin`; a page of some other address in the same browser does, and it knows the token.
async fn no_pages(request: Request, next: Next) -> Response {
    match request.headers().contains_key(header::ORIGIN) {
        true => StatusCode::FORBIDDEN.into_response(),
        false => next.run(request).await,
    }
}

/// What is served behind the TLS front.
fn api(core: &Arc<Core>) -> Router {
    // How large a body may be is decided where it is read.
    let no_limit = DefaultBodyLimit::disable();
    Router::new()
        .route("/api/{*path}", any(rest::serve))
        .layer(no_limit)
        .with_state(Arc::clone(core))
}
