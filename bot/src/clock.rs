//! The time. Everything that decides by time asks this clock, so that a test moves it by hand.

use std::sync::{Arc, Mutex};

use tokio::sync::watch;

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = u64;

/// The app's clock: the system's, or one that stands still until it is moved.
#[derive(Clone, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Debug)]
enum Kind {
    System,
    Manual(Arc<Manual>),
}

#[derive(Debug)]
struct Manual {
    now: watch::Sender<Millis>,
    sleepers: Mutex<Vec<Millis>>,
}

impl Clock {
    /// The system's time.
    pub fn system() -> Self {
        Self(Kind::System)
    }

    /// A clock that shows `start` until [`Clock::advance`] moves it.
    pub fn manual(start: Millis) -> Self {
        Self(Kind::Manual(Arc::new(Manual {
            now: watch::Sender::new(start),
            sleepers: Mutex::default(),
        })))
    }

    /// The present.
    pub fn now(&self) -> Millis {
        match &self.0 {
            Kind::System => system_now(),
            Kind::Manual(manual) => *manual.now.borrow(),
        }
    }

    /// Returns once the clock shows `deadline` or later.
    pub async fn sleep_until(&self, deadline: Millis) {
        match &self.0 {
            Kind::System => {
                let wait = deadline.saturating_sub(system_now());
                tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
            }
            Kind::Manual(manual) => manual.sleep_until(deadline).await,
        }
    }

    /// Moves a manual clock forward. The system's clock does not move.
    pub fn advance(&self, millis: Millis) {
        if let Kind::Manual(manual) = &self.0 {
            manual.now.send_modify(|now| *now += millis);
        }
    }

    /// True if somebody still sleeps whose time has come: a manual clock's move is then not yet felt.
    pub fn has_due(&self) -> bool {
        let Kind::Manual(manual) = &self.0 else {
            return false;
        };
        let now = *manual.now.borrow();
        manual.sleepers().iter().any(|deadline| *deadline <= now)
    }
}

impl Manual {
    async fn sleep_until(&self, deadline: Millis) {
        let _asleep = Asleep::new(self, deadline);
        let mut now = self.now.subscribe();
        // The sender lives in `self`, so waiting cannot fail.
        let _ = now.wait_for(|now| *now >= deadline).await;
    }

    fn sleepers(&self) -> std::sync::MutexGuard<'_, Vec<Millis>> {
        self.sleepers
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Counts a sleeper for as long as it sleeps, also when its future is dropped.
struct Asleep<'a>(&'a Manual, Millis);

impl<'a> Asleep<'a> {
    fn new(manual: &'a Manual, deadline: Millis) -> Self {
        manual.sleepers().push(deadline);
        Self(manual, deadline)
    }
}

impl Drop for Asleep<'_> {
    fn drop(&mut self) {
        let mut sleepers = self.0.sleepers();
        if let Some(at) = sleepers.iter().position(|deadline| *deadline == self.1) {
            sleepers.swap_remove(at);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn system_now() -> Millis {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sleeper_wakes_when_the_clock_is_moved_past_it() {
        let clock = Clock::manual(1_000);
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep_until(1_500).await }
        });
        while clock.0.sleeping() == 0 {
            tokio::task::yield_now().await;
        }
        clock.advance(499);
        assert!(!clock.has_due() && !sleeper.is_finished());
        clock.advance(1);
        sleeper.await.unwrap();
        assert!(!clock.has_due());
        assert_eq!(clock.now(), 1_500);
    }

    impl Kind {
        fn sleeping(&self) -> usize {
            match self {
                Kind::System => 0,
                Kind::Manual(manual) => manual.sleepers().len(),
            }
        }
    }
}
