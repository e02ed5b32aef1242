//! Waiting for what comes sooner or later.

use std::time::{Duration, Instant};

/// How long anything is waited for: far more than it takes, because only a failing test waits that long.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Waits until `look` gives something.
///
/// # Panics
/// If it never does, with what was waited for.
#[track_caller]
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "waited for {what} for {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(1));
    }
}
