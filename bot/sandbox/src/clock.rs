//! Time as a value: the machine's, or one that a test moves by hand.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// 2026-01-01T00:00:00Z, where clocks that are moved by hand start.
pub const START_MS: u64 = 1_767_225_600_000;

/// Where the local services take the time from. Clones share one time.
#[derive(Clone, Debug)]
pub struct Clock {
    /// Whether real time runs underneath; `moved` is then added to it.
    real: bool,
    moved: Arc<watch::Sender<u64>>,
}

impl Clock {
    /// The machine's time. It can still be moved forward by [`Clock::advance`].
    pub fn system() -> Self {
        Self {
            real: true,
            moved: Arc::new(watch::Sender::new(0)),
        }
    }

    /// A time that stands still until it is moved.
    pub fn manual(start_unix_ms: u64) -> Self {
        Self {
            real: false,
            moved: Arc::new(watch::Sender::new(start_unix_ms)),
        }
    }

    /// Whether real time runs underneath.
    pub(crate) fn is_real(&self) -> bool {
        self.real
    }

    /// Milliseconds since 1970.
    pub fn now_ms(&self) -> u64 {
        self.machine_ms() + *self.moved.borrow()
    }

    /// Moves the time forward and wakes who slept until then.
    pub fn advance(&self, ms: u64) {
        self.moved.send_modify(|moved| *moved += ms);
    }

    /// Returns when the clock shows `unix_ms` or more.
    pub async fn sleep_until(&self, unix_ms: u64) {
        let mut moved = self.moved.subscribe();
        loop {
            moved.mark_unchanged();
            let now = self.now_ms();
            if now >= unix_ms {
                return;
            }
            let left = Duration::from_millis(unix_ms - now);
            tokio::select! {
                () = tokio::time::sleep(left), if self.real => {}
                // The sender is ours, so this ends only by a change.
                _ = moved.changed() => {}
            }
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the local services read real time"
    )]
    fn machine_ms(&self) -> u64 {
        if !self.real {
            return 0;
        }
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}

/// The time as Discord writes it, `2026-01-01T00:00:00.000000+00:00`.
pub(crate) fn iso(unix_ms: u64) -> String {
    let (year, month, day) = civil(unix_ms / 86_400_000);
    let (seconds, ms) = (unix_ms / 1000 % 86_400, unix_ms % 1000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}000+00:00")
}

/// Days since 1970 as a date of the Gregorian calendar, counted from 1 March so that the
/// leap day comes last.
pub(crate) fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_discord_writes_them() {
        assert_eq!(iso(START_MS), "2026-01-01T00:00:00.000000+00:00");
        assert_eq!(iso(1_709_208_001_250), "2024-02-29T12:00:01.250000+00:00");
    }

    #[tokio::test]
    async fn a_manual_clock_wakes_the_sleeper_when_it_is_moved_far_enough() {
        let clock = Clock::manual(START_MS);
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep_until(START_MS + 3000).await }
        });
        clock.advance(2999);
        assert_eq!(clock.now_ms(), START_MS + 2999);
        clock.advance(1);
        sleeper.await.unwrap();
    }
}
