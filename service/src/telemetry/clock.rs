//! The time of spans, from one reading of one clock.
//!
//! A span needs the steady clock for its duration and the wall's for its start, and so do its end and its exemplars: five
//! readings of up to 50 ns. Here the wall's time is the steady clock's, set by the wall's ten times a second. A wall clock
//! that is set anew is followed that soon, and no span ends before it starts.

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// How long the difference of the clocks is trusted, in nanoseconds.
const TRUSTED: u64 = 100_000_000;

static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
/// What the wall's clock showed at `BEGIN`, in nanoseconds since 1970, as the last comparison has it.
static WALL_AT_BEGIN: AtomicU64 = AtomicU64::new(0);
/// When the clocks are compared again, in nanoseconds since `BEGIN`.
static COMPARED_UNTIL: AtomicU64 = AtomicU64::new(0);

/// Now, by the steady clock and by the wall's.
pub(super) fn now() -> (Instant, SystemTime) {
    let begin = *BEGIN;
    let now = Instant::now();
    let since = nanos(now.saturating_duration_since(begin));
    // Whoever sees the comparison's end sees what it found.
    if since >= COMPARED_UNTIL.load(Ordering::Acquire) {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, nanos);
        WALL_AT_BEGIN.store(wall.saturating_sub(since), Ordering::Relaxed);
        COMPARED_UNTIL.store(since.saturating_add(TRUSTED), Ordering::Release);
    }
    let wall = WALL_AT_BEGIN.load(Ordering::Relaxed).saturating_add(since);
    (now, UNIX_EPOCH + Duration::from_nanos(wall))
}

/// 64 bits of nanoseconds end in 2554.
fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::now;

    #[test]
    fn the_time_is_that_of_the_wall() {
        for _ in 0..1_000 {
            let before = SystemTime::now();
            let (_, time) = now();
            let after = SystemTime::now();

            // Less than a clock is slewed in the time for which it is trusted.
            let tolerance = Duration::from_millis(1);
            assert!(time >= before - tolerance && time <= after + tolerance);
        }
    }

    #[test]
    fn both_clocks_go_the_same_way() {
        let (first, first_time) = now();
        let (second, second_time) = now();

        assert!(second >= first);
        assert!(
            second_time.duration_since(first_time).is_ok()
                || first_time.duration_since(second_time).unwrap() < Duration::from_millis(1)
        );
    }
}
