//! What every request and every handle of the cluster share.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::faults::Faults;
use super::impersonate::Impersonation;
use super::journal::Journal;
use super::machinery::{Engine, Kubelets};
use super::store::Handle;
use crate::Clock;

/// A running cluster.
pub(super) struct Core {
    /// The store, as the cluster itself.
    pub(super) store: Handle,
    pub(super) clock: Clock,
    /// The version that the server says it has.
    pub(super) version: (u32, u32),
    engine: Mutex<Box<dyn Engine>>,
    pub(super) kubelets: Arc<dyn Kubelets>,
    pub(super) impersonation: Impersonation,
    journal: Mutex<Journal>,
    faults: Mutex<Faults>,
    in_flight: AtomicUsize,
    held: AtomicUsize,
    /// Counts how often every open watch was cut.
    pub(super) cuts: watch::Sender<u64>,
    pub(super) stop: watch::Sender<bool>,
}

impl Core {
    pub(super) fn new(
        store: Handle,
        clock: Clock,
        version: (u32, u32),
        engine: Box<dyn Engine>,
        journal: Journal,
    ) -> Arc<Self> {
        Arc::new(Self {
            store,
            clock,
            version,
            kubelets: engine.kubelets(),
            engine: Mutex::new(engine),
            impersonation: Impersonation::default(),
            journal: Mutex::new(journal),
            faults: Mutex::new(Faults::default()),
            in_flight: AtomicUsize::new(0),
            held: AtomicUsize::new(0),
            cuts: watch::Sender::new(0),
            stop: watch::Sender::new(false),
        })
    }

    /// Lets everything in the cluster act up to the clock's present.
    pub(super) fn settle(&self) {
        let mut engine = lock(&self.engine);
        engine.run_to(&self.store, self.clock.now_ms());
        self.store.follow_clock();
    }

    pub(super) fn journal(&self) -> MutexGuard<'_, Journal> {
        lock(&self.journal)
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::SeqCst)
    }

    pub(super) fn held(&self) -> usize {
        self.held.load(Ordering::SeqCst)
    }

    /// Counts a request until the guard is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> Counted {
        Counted::new(self, |core| &core.in_flight)
    }

    /// Waits by the clock; counted as held meanwhile.
    pub(super) async fn hold(self: &Arc<Self>, ms: u64) {
        let until = self.clock.now_ms() + ms;
        let _held = Counted::new(self, |core| &core.held);
        self.clock.sleep_until(until).await;
    }
}

/// One more in a count, as long as it lives.
pub(super) struct Counted {
    core: Arc<Core>,
    count: fn(&Core) -> &AtomicUsize,
}

impl Counted {
    fn new(core: &Arc<Core>, count: fn(&Core) -> &AtomicUsize) -> Self {
        count(core).fetch_add(1, Ordering::SeqCst);
        Self {
            core: Arc::clone(core),
            count,
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        (self.count)(&self.core).fetch_sub(1, Ordering::SeqCst);
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
