//! What all listeners share: the state behind its lock, and the means to wait for a change.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use super::Opinion;
use super::interaction;
use super::state::State;
use crate::Clock;

/// Shared by the REST API, the gateway, the control API and the [`super::Discord`] handles.
pub(crate) struct Core {
    pub(crate) clock: Clock,
    pub(crate) token: String,
    pub(crate) opinion: Option<Opinion>,
    /// Host and port of the plain listener, which `Host` headers of pages must name.
    pub(crate) address: std::net::SocketAddr,
    state: Mutex<State>,
    changed: watch::Sender<()>,
    in_flight: AtomicUsize,
}

impl Core {
    pub(crate) fn new(state: State, address: std::net::SocketAddr) -> Arc<Self> {
        Arc::new(Self {
            clock: state.clock.clone(),
            token: state.settings.token.clone(),
            opinion: state.settings.opinion.clone(),
            address,
            state: Mutex::new(state),
            changed: watch::Sender::new(()),
            in_flight: AtomicUsize::new(0),
        })
    }

    /// One step on the state; who waits for a change looks again afterwards.
    pub(crate) fn with<T>(&self, step: impl FnOnce(&mut State) -> T) -> T {
        // A handler that panicked is that request's failure; the state stays usable.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let result = step(&mut state);
        drop(state);
        self.changed.send_replace(());
        result
    }

    /// A look at the state that changes nothing.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells of every step from now on.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Counts a request until the guard is dropped.
    pub(crate) fn busy(self: &Arc<Self>) -> Busy {
        self.in_flight.fetch_add(1, Ordering::SeqCst);
        Busy(Arc::clone(self))
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::SeqCst)
    }

    /// Returns what `find` finds, now or after some later step.
    pub(crate) async fn wait_for<T>(&self, mut find: impl FnMut(&State) -> Option<T>) -> T {
        let mut changes = self.changes();
        loop {
            changes.mark_unchanged();
            if let Some(found) = self.look(&mut find) {
                return found;
            }
            // The sender is ours, so this ends only by a change.
            let _ = changes.changed().await;
        }
    }

    /// Ends interactions when their time is over, for as long as the services run.
    pub(crate) async fn watch_deadlines(self: Arc<Self>) {
        let mut changes = self.changes();
        loop {
            changes.mark_unchanged();
            let next = self.look(interaction::next_deadline);
            let due = async {
                match next {
                    Some(at) => self.clock.sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = due => self.with(interaction::expire),
                _ = changes.changed() => {}
            }
        }
    }
}

/// A request that is being answered.
pub(crate) struct Busy(Arc<Core>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::SeqCst);
        self.0.changed.send_replace(());
    }
}
