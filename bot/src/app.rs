//! Everything that a handler may use.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::Context as _;
use firstmate_kb::{Lang, Library, Settings, Source};
use tokio::sync::watch;

use crate::bundled;
use crate::caller::Place;
use crate::clock::Clock;
use crate::cluster::Clusters;
use crate::config::{Channel, Config};
use crate::documents;
use crate::metrics::Metrics;
use crate::remedy::cards::Cards;
use crate::remedy::sweep::Sweep;
use crate::store::Store;
use crate::work::Work;

/// The running bot's parts, each made once.
pub struct App {
    /// The settings.
    pub config: Config,
    /// The time.
    pub clock: Clock,
    /// The documents and their index.
    pub library: Library,
    /// Held while the library is brought up to the documents that were written in chat: who read them earlier must
    /// not give them later.
    pub publishing: tokio::sync::Mutex<()>,
    /// The clusters.
    pub clusters: Clusters,
    /// Requests, their audit and the freeze.
    pub store: Store,
    /// Cards that are to be shown anew.
    pub cards: Cards,
    /// When to look for what time alone brings.
    pub sweep: Sweep,
    /// What is under way.
    pub work: Work,
    /// What is counted.
    pub metrics: Metrics,
    /// Whether Discord's gateway has us.
    pub online: Online,
    /// Which events were taken up already, since Discord sends some twice.
    pub taken: Taken,
    /// Which channel a thread belongs to, as far as it was told.
    threads: Mutex<HashMap<u64, u64>>,
    /// Channels that cannot be served as configured.
    closed: Mutex<HashSet<u64>>,
}

/// Why a channel cannot be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There is no such channel, or the bot is not where it is; with Discord's words.
    Unreachable(String),
    /// It is not a channel of a server.
    NotAChannel,
    /// These permissions are missing.
    Missing(Vec<&'static str>),
}

/// Whether Discord's gateway has us, and a bell for who waits for it.
#[derive(Debug)]
pub struct Online(watch::Sender<bool>);

/// The ids of the last events. An event that comes again is not taken up again.
#[derive(Debug, Default)]
pub struct Taken(Mutex<VecDeque<u64>>);

/// How many events are remembered: more than Discord replays into a resumed session.
const REMEMBERED: usize = 1024;

impl App {
    /// Opens the documents and the store, and makes the rest.
    ///
    /// # Errors
    /// If the index cannot be built, or the store not be opened. Faulty documents are no error: see
    /// [`Library::faults`].
    pub async fn open(mut config: Config, clock: Clock) -> anyhow::Result<Self> {
        let store = Store::open(config.store.url.reveal())
            .await
            .context("open the store")?;
        let written = documents::texts(&store)
            .await
            .context("read the documents that were written in chat")?;
        config.knowledge.index = config.knowledge.index.or_else(|| beside(store.file()?));
        let (config, library) = tokio::task::spawn_blocking(move || {
            let library = open_library_with(&config, Some(written));
            (config, library)
        })
        .await?;
        let library = library?;
        let metrics = Metrics::default();
        metrics.library(&library);
        Ok(Self {
            clusters: Clusters::of(&config),
            config,
            clock,
            library,
            publishing: tokio::sync::Mutex::default(),
            store,
            cards: Cards::default(),
            sweep: Sweep::default(),
            work: Work::default(),
            metrics,
            online: Online::default(),
            taken: Taken::default(),
            threads: Mutex::default(),
            closed: Mutex::default(),
        })
    }

    /// The language of public texts in a place.
    pub fn language_of(&self, place: &Place) -> Lang {
        self.channel(place)
            .and_then(|channel| channel.language)
            .unwrap_or(self.config.discord.language.0)
    }

    /// Whether the bot may answer unasked in a place.
    pub fn listens_in(&self, place: &Place) -> bool {
        self.channel(place)
            .is_some_and(|channel| channel.unasked && !lock(&self.closed).contains(&channel.id))
    }

    /// Remembers that a thread belongs to a channel.
    pub fn thread_opened(&self, thread: u64, channel: u64) {
        lock(&self.threads).insert(thread, channel);
    }

    /// The channel that a thread belongs to.
    pub fn parent_of(&self, thread: u64) -> Option<u64> {
        lock(&self.threads).get(&thread).copied()
    }

    /// Remembers whether a channel can be served.
    pub fn set_channel_open(&self, channel: u64, open: bool) {
        let mut closed = lock(&self.closed);
        if open {
            closed.remove(&channel)
        } else {
            closed.insert(channel)
        };
    }

    /// Whether the gateway has us.
    pub fn is_online(&self) -> bool {
        *self.online.0.borrow()
    }

    /// Looks for changed documents for as long as it is polled.
    pub async fn watch_documents(&self) {
        loop {
            self.clock
                .sleep_until(self.clock.now() + self.config.knowledge.refresh)
                .await;
            let _work = self.work.begin();
            self.refresh().await;
        }
    }

    async fn refresh(&self) {
        let (library, before) = (self.library.clone(), self.library.faults());
        match tokio::task::spawn_blocking(move || library.refresh()).await {
            Ok(Ok(refresh)) if refresh.changed + refresh.removed > 0 => {
                tracing::info!(
                    changed = refresh.changed,
                    removed = refresh.removed,
                    "documents read again"
                );
            }
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::error!("the documents could not be indexed again: {error:#}"),
            Err(error) => tracing::error!("reading the documents again failed: {error:#}"),
        }
        if self.library.faults() != before {
            log_faults(&self.library);
        }
        self.metrics.library(&self.library);
    }

    /// What the configuration says of a place.
    pub fn channel(&self, place: &Place) -> Option<&Channel> {
        let mut channels = self.config.channels.values();
        channels.find(|channel| channel.id == place.channel || Some(channel.id) == place.parent)
    }
}

impl Online {
    /// Notes whether it has.
    pub fn set(&self, online: bool) {
        self.0.send_replace(online);
    }

    /// Returns as soon as it has.
    pub async fn wait(&self) {
        // Not an error for as long as this is there to be borrowed: it is the sender.
        let _ = self.0.subscribe().wait_for(|online| *online).await;
    }
}

impl Default for Online {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Taken {
    /// True the first time that `id` is seen.
    pub fn first_time(&self, id: u64) -> bool {
        let mut ids = lock(&self.0);
        if ids.contains(&id) {
            return false;
        }
        if ids.len() == REMEMBERED {
            ids.pop_front();
        }
        ids.push_back(id);
        true
    }
}

/// Opens the documents that the configuration names.
///
/// # Errors
/// If the index cannot be built.
pub fn open_library(config: &Config) -> anyhow::Result<Library> {
    open_library_with(config, None)
}

/// The same, with those that were written in chat: below the folders, above the bundled ones.
fn open_library_with(config: &Config, written: Option<Vec<(String, String)>>) -> anyhow::Result<Library> {
    let knowledge = &config.knowledge;
    let folders = knowledge.folders.iter().map(|folder| Source::Folder {
        path: folder.path.clone(),
        link: folder.link.clone(),
    });
    let bundled = knowledge.bundled.then(|| Source::Bundled {
        files: bundled::files(),
        link: knowledge.bundled_link.clone(),
    });
    let settings = Settings {
        sources: folders
            .chain(written.map(|files| Source::Given { files }))
            .chain(bundled)
            .collect(),
        index_dir: knowledge.index.clone(),
        vocabulary: knowledge.vocabulary.clone(),
    };
    let library = Library::open(settings).context("build the index of the documents")?;
    log_faults(&library);
    Ok(library)
}

/// The folder of the index beside the store's file: where the bot may write anyway, and from which it is up again in a
/// fraction of the time.
fn beside(store: &Path) -> Option<PathBuf> {
    let mut name = store.file_name()?.to_owned();
    name.push(".index");
    Some(store.with_file_name(name))
}

fn log_faults(library: &Library) {
    for fault in library.faults() {
        tracing::warn!("{}", crate::text::doctor::document_fault(Lang::En, &fault));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
