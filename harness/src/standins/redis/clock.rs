//! The clock by which keys expire.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// A clock that can be moved ahead, so that a test sees a key expire without waiting. Clones are the same clock.
#[derive(Clone, Debug)]
pub struct Clock {
    /// The time when it was made, since the Unix epoch.
    start: Duration,
    /// When it was made, if it runs.
    running: Option<Instant>,
    ahead_millis: Arc<AtomicU64>,
}

impl Clock {
    /// The system's time. It follows tokio's clock, so it stands still while a test has paused that.
    #[must_use]
    pub fn system() -> Self {
        Self { running: Some(Instant::now()), ..Self::stopped() }
    }

    /// A clock that starts at the system's time and stands still until [advanced](Self::advance).
    #[must_use]
    pub fn stopped() -> Self {
        let start = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { start, running: None, ahead_millis: Arc::default() }
    }

    /// Moves the clock ahead, by whole milliseconds.
    pub fn advance(&self, by: Duration) {
        self.ahead_millis.fetch_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Milliseconds since the Unix epoch.
    pub(super) fn now(&self) -> i64 {
        let run = self.running.map_or(Duration::ZERO, |since| since.elapsed());
        let ahead = Duration::from_millis(self.ahead_millis.load(Ordering::Relaxed));
        i64::try_from((self.start + run + ahead).as_millis()).unwrap_or(i64::MAX)
    }
}
