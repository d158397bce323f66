//! What the bot keeps of a cluster: the names of its nodes and a row for each Pod, which a watch keeps true.
//!
//! The bot watches as itself. What it knows by that is said only to people of whom the API server says that they may
//! list it: see [`whole`](super::whole) and [`names`](super::names). Where it may not watch, or a watch is broken,
//! the tables answer nothing, and what is asked is read.
//!
//! kube has a watcher of its own. This one is beside it because a table must know whether it is true at the moment,
//! which needs the bookmarks and the ends of watches that kube's keeps to itself, and because it waits by the bot's
//! clock.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::{PoisonError, RwLock};

use futures::StreamExt as _;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::core::WatchEvent;
use serde::de::DeserializeOwned;

use super::client::{Cluster, Events, Reader, Who, Why, refused};
use super::read::rows::Rows;
use super::read::tiny::{TinyNode, TinyPod};
use super::request::{self, Request, Right};
use crate::clock::{Clock, Millis};

/// For how long the API server is asked to keep a watch open, in seconds. A connection that has died without a word
/// is noticed after this time.
const LASTS: u64 = 60;
/// How much longer than that nothing may come, in milliseconds.
const SILENCE: Millis = LASTS * 1000 + 5_000;
/// How long a watch may take to be opened.
const OPENING: Millis = 10_000;
/// How long the whole of a list may take.
const FILLING: Millis = 300_000;
/// A watch that stays open for so long works, also where nothing happens.
const STEADY: Millis = 10_000;
/// The pause after the first failure; it doubles with each further one.
const PAUSE: Millis = 1_000;
/// The longest pause after a failure that passes by itself.
const LONGEST_PAUSE: Millis = 60_000;
/// The pause after a failure that somebody has to mend.
const MENDING: Millis = 600_000;
/// After how many events the processor is left to others.
const AT_A_TIME: usize = 64;
/// The first Kubernetes 1.x whose watches can begin with what is there.
const STREAMS_SINCE: u32 = 34;

/// What is watched of one cluster.
#[derive(Default)]
pub struct Tables {
    nodes: Table<BTreeSet<String>>,
    pods: Table<Rows>,
}

/// One table, and whether it is true.
#[derive(Default)]
struct Table<T>(RwLock<Held<T>>);

#[derive(Default)]
struct Held<T> {
    rows: T,
    standing: Standing,
    /// The newest version that was seen.
    newest: u64,
    /// Whether a request for it is under way.
    is_asking: bool,
}

/// How a table stands to the cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Standing {
    /// It is about to be filled, or its watch to be opened.
    #[default]
    Filling,
    /// A watch keeps it true.
    True,
    /// Its watch broke, and waits before it tries again.
    Broken,
    /// Nobody keeps it any more.
    Left,
}

/// The latest of one kind in a cluster, by which a test tells whether a table has caught up: the highest version of
/// an object, and how many objects there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latest {
    /// The highest version.
    pub version: u64,
    /// How many objects.
    pub count: usize,
}

impl Tables {
    /// Asks the names of the nodes, if they are known to be true.
    pub fn nodes<R>(&self, ask: impl FnOnce(&BTreeSet<String>) -> R) -> Option<R> {
        self.nodes.read(ask)
    }

    /// Asks the rows of the Pods, if they are known to be true and all there.
    pub fn pods<R>(&self, ask: impl FnOnce(&Rows) -> R) -> Option<R> {
        let all = |rows: &Rows| rows.is_complete().then(|| ask(rows));
        self.pods.read(all).flatten()
    }

    /// How many nodes and Pods there are, as far as that is known.
    pub fn counts(&self) -> [(&'static str, Option<usize>); 2] {
        [
            ("nodes", self.nodes(BTreeSet::len)),
            ("pods", self.pods(Rows::len)),
        ]
    }

    /// How many tables wait for the API server's answer, and how many others are about to become as the cluster is: a
    /// test waits for these. One that waits before it tries again is none of either.
    pub fn behind(&self, nodes: Latest, pods: Latest) -> (usize, usize) {
        let nodes = self.nodes.state(nodes, BTreeSet::len);
        let pods = self.pods.state(pods, Rows::len);
        (
            usize::from(nodes.0) + usize::from(pods.0),
            usize::from(nodes.1) + usize::from(pods.1),
        )
    }
}

impl<T> Table<T> {
    fn read<R>(&self, ask: impl FnOnce(&T) -> R) -> Option<R> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        (held.standing == Standing::True).then(|| ask(&held.rows))
    }

    fn change(&self, change: impl FnOnce(&mut Held<T>)) {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn stand(&self, standing: Standing) {
        self.change(|held| held.standing = standing);
    }

    /// Whether it waits for an answer, and else whether it is behind.
    fn state(&self, latest: Latest, count: impl FnOnce(&T) -> usize) -> (bool, bool) {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let is_behind = match held.standing {
            Standing::Broken | Standing::Left => false,
            Standing::Filling => true,
            Standing::True => held.newest < latest.version || count(&held.rows) != latest.count,
        };
        (held.is_asking, is_behind && !held.is_asking)
    }
}

impl Cluster {
    /// Watches for as long as it is polled.
    pub async fn watch(&self, clock: &Clock) {
        let nodes = Watcher::<TinyNode>::new(self, clock, &self.tables.nodes);
        let pods = Watcher::<TinyPod>::new(self, clock, &self.tables.pods);
        tokio::join!(nodes.keep(), pods.keep());
    }

    /// What the watches know.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }
}

/// A kind that is watched.
trait Watched: DeserializeOwned + Clone + Send + 'static {
    type Rows: Default;
    const LIST: Right;
    const WATCH: Right;

    fn metadata(&self) -> &ObjectMeta;
    fn put(&self, rows: &mut Self::Rows);
    fn take(&self, rows: &mut Self::Rows);
}

impl Watched for TinyNode {
    type Rows = BTreeSet<String>;
    const LIST: Right = request::LIST_NODES;
    const WATCH: Right = request::WATCH_NODES;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn put(&self, rows: &mut Self::Rows) {
        rows.extend(self.metadata.name.clone());
    }

    fn take(&self, rows: &mut Self::Rows) {
        rows.remove(self.metadata.name.as_deref().unwrap_or_default());
    }
}

impl Watched for TinyPod {
    type Rows = Rows;
    const LIST: Right = request::LIST_PODS;
    const WATCH: Right = request::WATCH_PODS;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn put(&self, rows: &mut Self::Rows) {
        rows.apply(self);
    }

    fn take(&self, rows: &mut Self::Rows) {
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        rows.remove(&text(&self.metadata.namespace), &text(&self.metadata.name));
    }
}

/// Keeps one table true.
struct Watcher<'a, T: Watched> {
    cluster: &'a Cluster,
    clock: &'a Clock,
    table: &'a Table<T::Rows>,
    /// The version up to which the table is true; none: it is to be filled anew.
    at: Option<String>,
    /// A table that is being filled by a watch.
    filling: Option<T::Rows>,
    /// Whether a watch can begin with what is there; none: not known.
    streams: Option<bool>,
    /// When the present watch was opened.
    opened: Option<Millis>,
    /// How often it failed since it last worked.
    failures: u32,
    /// Whether it was said that it is broken.
    is_said: bool,
}

impl<T: Watched> Drop for Watcher<'_, T> {
    fn drop(&mut self) {
        self.table.stand(Standing::Left);
    }
}

impl<'a, T: Watched> Watcher<'a, T> {
    fn new(cluster: &'a Cluster, clock: &'a Clock, table: &'a Table<T::Rows>) -> Self {
        table.stand(Standing::Filling);
        Self {
            cluster,
            clock,
            table,
            at: None,
            filling: None,
            streams: None,
            opened: None,
            failures: 0,
            is_said: false,
        }
    }

    async fn keep(mut self) {
        loop {
            let ended = self.attempt().await;
            self.asks(false);
            self.filling = None;
            let opened = self.opened.take();
            if opened.is_some_and(|opened| self.clock.now() >= opened + STEADY) {
                self.works();
            }
            self.failures += 1;
            let pause = match ended {
                // The API server ends each watch after a while: the next one goes on where it was.
                Ok(()) => self.pause(1),
                // The place in the history where it was is forgotten, which is nobody's failure.
                Err(Why::Failed { code: 410, .. }) if self.at.take().is_some() => {
                    self.table.stand(Standing::Filling);
                    self.failures -= 1;
                    0
                }
                Err(why) => self.broke(&why),
            };
            if pause > 0 {
                self.table.stand(Standing::Broken);
                self.clock.sleep_until(self.clock.now() + pause).await;
                self.table.stand(Standing::Filling);
            }
        }
    }

    /// How long to wait where so many failures in a row are none.
    fn pause(&self, forgiven: u32) -> Millis {
        match self.failures.saturating_sub(forgiven) {
            0 => 0,
            number => LONGEST_PAUSE.min(PAUSE << (number - 1).min(16)),
        }
    }

    fn broke(&mut self, why: &Why) -> Millis {
        if !self.is_said {
            tracing::warn!(
                cluster = self.cluster.name,
                right = T::WATCH.words(),
                "cannot watch, and reads all of them each time instead: {why:?}"
            );
            self.is_said = true;
        }
        match why {
            Why::Forbidden { .. } => MENDING,
            Why::Unreadable => {
                // Something that was told is not in the table.
                self.at = None;
                MENDING
            }
            _ => self.pause(0),
        }
    }

    fn works(&mut self) {
        if self.is_said {
            tracing::info!(
                cluster = self.cluster.name,
                right = T::WATCH.words(),
                "watches again"
            );
        }
        self.failures = 0;
        self.is_said = false;
    }

    fn asks(&self, is_asking: bool) {
        self.table.change(|held| held.is_asking = is_asking);
    }

    /// Fills the table if it is not, and follows what happens until the watch ends.
    async fn attempt(&mut self) -> Result<(), Why> {
        self.asks(true);
        if self.at.is_none() && self.streams().await? {
            match self.open(None).await {
                Ok(events) => {
                    self.filling = Some(T::Rows::default());
                    return self.follow(events).await;
                }
                // It is switched off there.
                Err(Why::Failed { code: 400..=499, .. }) => self.streams = Some(false),
                Err(why) => return Err(why),
            }
        }
        if self.at.is_none() {
            self.fill().await?;
        }
        let events = self.open(self.at.clone()).await?;
        self.table.stand(Standing::True);
        self.follow(events).await
    }

    async fn streams(&mut self) -> Result<bool, Why> {
        if let Some(known) = self.streams {
            return Ok(known);
        }
        let version = self.reader(OPENING).version().await?;
        let streams = minor(&version).is_some_and(|minor| minor >= STREAMS_SINCE);
        self.streams = Some(streams);
        Ok(streams)
    }

    /// Reads the whole list, page by page, into a new table.
    async fn fill(&mut self) -> Result<(), Why> {
        let (reader, request) = (self.reader(FILLING), Request::of(T::LIST));
        let mut rows = T::Rows::default();
        let read = reader.pages(&request, |object: T| object.put(&mut rows));
        let at = read.await.map_err(|not| not.why)?;
        self.swap(rows, at);
        Ok(())
    }

    fn reader(&self, patience: Millis) -> Reader<'a> {
        Reader {
            cluster: self.cluster,
            who: &Who::Bot,
            clock: self.clock,
            until: self.clock.now() + patience,
        }
    }

    /// Opens a watch behind a version, or one that begins with what is there.
    async fn open(&mut self, behind: Option<String>) -> Result<Events<T>, Why> {
        let begins = |value: &str| behind.is_none().then(|| value.to_owned());
        let request = Request::of(T::WATCH)
            .with("watch", Some("true".to_owned()))
            .with("allowWatchBookmarks", Some("true".to_owned()))
            .with("timeoutSeconds", Some(LASTS.to_string()))
            .with("sendInitialEvents", begins("true"))
            .with("resourceVersionMatch", begins("NotOlderThan"))
            .with("resourceVersion", behind);
        let (path, now) = (request.path(), self.clock.now());
        let events = tokio::select! {
            events = self.cluster.events(&path) => events?,
            () = self.clock.sleep_until(now + OPENING) => return Err(Why::TimedOut),
        };
        self.opened = Some(now);
        Ok(events)
    }

    async fn follow(&mut self, mut events: Events<T>) -> Result<(), Why> {
        self.asks(false);
        let clock = self.clock;
        let mut heard = clock.now();
        let mut silence = pin!(clock.sleep_until(heard + SILENCE));
        for number in 1.. {
            let event = loop {
                tokio::select! {
                    event = events.next() => break event,
                    () = &mut silence => {
                        if clock.now() >= heard + SILENCE {
                            return Ok(());
                        }
                        silence.set(clock.sleep_until(heard + SILENCE));
                    }
                }
            };
            let Some(event) = event else { return Ok(()) };
            heard = clock.now();
            self.told(event?)?;
            if number % AT_A_TIME == 0 {
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    fn told(&mut self, event: WatchEvent<T>) -> Result<(), Why> {
        match event {
            WatchEvent::Added(object) | WatchEvent::Modified(object) => self.changed(&object, T::put),
            WatchEvent::Deleted(object) => self.changed(&object, T::take),
            WatchEvent::Bookmark(mark) => {
                let ends_state = mark
                    .metadata
                    .annotations
                    .contains_key("k8s.io/initial-events-end");
                let at = mark.metadata.resource_version;
                match self.filling.take() {
                    Some(new) if ends_state => self.swap(new, at),
                    Some(new) => self.filling = Some(new),
                    None => self.at = Some(at),
                }
                self.works();
            }
            WatchEvent::Error(status) => return Err(refused(status.code, &status.message)),
        }
        Ok(())
    }

    fn changed(&mut self, object: &T, change: impl FnOnce(&T, &mut T::Rows)) {
        if let Some(new) = &mut self.filling {
            return change(object, new);
        }
        let version = &object.metadata().resource_version;
        self.table.change(|held| {
            held.newest = held.newest.max(number(version.as_deref()));
            change(object, &mut held.rows);
        });
        self.at.clone_from(version);
        self.works();
    }

    /// Puts a table in the place of the one before.
    fn swap(&mut self, rows: T::Rows, at: String) {
        self.table.change(|held| {
            held.rows = rows;
            held.standing = Standing::True;
            held.newest = number(Some(&at));
        });
        self.at = Some(at);
        self.works();
    }
}

/// A version as a number, which it is in every API server there is.
fn number(version: Option<&str>) -> u64 {
    version.and_then(|version| version.parse().ok()).unwrap_or(0)
}

/// 37 of `v1.37.2`; some providers write `1.37+`.
fn minor(version: &str) -> Option<u32> {
    let (major, rest) = version.trim_start_matches('v').split_once('.')?;
    let digits = rest.split(|it: char| !it.is_ascii_digit()).next()?;
    (major == "1").then(|| digits.parse().ok()).flatten()
}
