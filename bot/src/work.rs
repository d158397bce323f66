//! Counts what is under way, so that a stop can wait for it and a test can tell when all is quiet.

use std::time::{Duration, Instant};

use tokio::sync::watch;

/// The number of pieces of work in hand.
#[derive(Clone, Debug)]
pub struct Work(watch::Sender<usize>);

impl Default for Work {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Work {
    /// Counts one piece of work until the guard is dropped.
    pub fn begin(&self) -> InHand {
        self.0.send_modify(|count| *count += 1);
        InHand {
            work: self.0.clone(),
            begun: Stopwatch::start(),
        }
    }

    /// How many pieces of work are in hand now.
    pub fn in_hand(&self) -> usize {
        *self.0.borrow()
    }

    /// Returns once nothing is in hand.
    pub async fn done(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

/// One piece of work. Dropping it ends the piece, also when the work panicked.
#[derive(Debug)]
pub struct InHand {
    work: watch::Sender<usize>,
    begun: Stopwatch,
}

impl InHand {
    /// For how long it has been in hand.
    pub fn age(&self) -> Duration {
        self.begun.age()
    }
}

/// Measures real time: how fast the bot is does not depend on its clock.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// One that begins now.
    #[expect(
        clippy::disallowed_methods,
        reason = "nothing is decided by it, it is only measured"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// How long ago it began.
    pub fn age(self) -> Duration {
        self.0.elapsed()
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.work.send_modify(|count| *count -= 1);
    }
}
