//! The time of spans, from one reading of one clock.
//!
//! A span needs the steady clock for its duration and the wall's for its start, and so do its end and its exemplars: five
//! readings of up to 50 ns. Here the wall's time is the steady clock's and a difference, which is compared ten times a
//! second. It changes only when the wall's clock was set anew: the two are never read at quite the same time, and a
//! difference that follows each comparison lets spans begin before their parents do.

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use nix::time::{ClockId, clock_gettime};

/// How long the difference of the clocks is trusted, in nanoseconds.
const TRUSTED: u64 = 100_000_000;

/// A wall clock that is further off than this, in nanoseconds, was set. What corrects it bit by bit corrects the steady
/// clock as well, on Linux (`clock_gettime(2)`: both follow `adjtime`).
const SET: u64 = 1_000_000;

static CLOCK: LazyLock<Clock> = LazyLock::new(|| {
    // Whoever is interrupted while it reads finds a difference that is off by as much.
    let readings = (0..8).map(|_| Reading::take());
    let best = readings.min_by_key(|reading| reading.after - reading.before).unwrap_or_else(Reading::take);
    Clock { difference: AtomicU64::new(best.difference()), compared_until: AtomicU64::new(best.after + TRUSTED) }
});

/// A moment: by the steady clock, and by the wall's as far as it was known then.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// Nanoseconds of the steady clock.
    steady: u64,
    /// Nanoseconds since 1970.
    pub(super) unix: u64,
}

struct Clock {
    /// What the wall's clock showed when the steady one was at 0, in nanoseconds since 1970.
    difference: AtomicU64,
    /// When the clocks are compared again, in nanoseconds of the steady one.
    compared_until: AtomicU64,
}

/// The wall's time, between two of the steady clock's. All in nanoseconds.
#[derive(Debug, Clone, Copy)]
struct Reading {
    before: u64,
    wall: u64,
    after: u64,
}

impl Moment {
    /// Now.
    pub(super) fn now() -> Self {
        let clock = &*CLOCK;
        let steady = steady();
        if steady >= clock.compared_until.load(Ordering::Relaxed) {
            clock.compare(steady);
        }
        Self { steady, unix: clock.difference.load(Ordering::Relaxed).saturating_add(steady) }
    }

    /// Now, in nanoseconds since 1970: as much later as the steady clock says, however the wall's was set since.
    pub(super) fn then(self) -> u64 {
        self.unix.saturating_add(steady().saturating_sub(self.steady))
    }
}

impl Clock {
    #[cold]
    fn compare(&self, steady: u64) {
        self.compared_until.store(steady.saturating_add(TRUSTED), Ordering::Relaxed);
        let known = self.difference.load(Ordering::Relaxed);
        self.difference.store(Reading::take().corrected(known), Ordering::Relaxed);
    }
}

impl Reading {
    fn take() -> Self {
        let before = steady();
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, nanos);
        Self { before, wall, after: steady() }
    }

    fn difference(self) -> u64 {
        self.wall.saturating_sub(self.before.midpoint(self.after))
    }

    /// The difference that is known, or another one if that cannot be right.
    fn corrected(self, known: u64) -> u64 {
        let least = self.wall.saturating_sub(self.after).saturating_sub(SET);
        let most = self.wall.saturating_sub(self.before).saturating_add(SET);
        if (least..=most).contains(&known) { known } else { self.difference() }
    }
}

/// The steady clock, in nanoseconds since some moment. The one that [`std::time::Instant`] reads; a difference of two of
/// those takes as many instructions as the reading itself.
fn steady() -> u64 {
    // It fails for clocks that there are not.
    clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(0, |time| {
        let (seconds, nanos) = (time.tv_sec().cast_unsigned(), time.tv_nsec().cast_unsigned());
        seconds.wrapping_mul(1_000_000_000).wrapping_add(nanos)
    })
}

/// As the API and the SDK want it.
pub(super) fn system_time(unix_nanos: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(unix_nanos)
}

/// 64 bits of nanoseconds end in 2554.
fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant, SystemTime};

    use super::{Moment, Reading, SET, TRUSTED, system_time};

    #[test]
    fn the_time_is_that_of_the_wall() {
        // Less than a clock that is off is told from one that was set.
        let tolerance = Duration::from_nanos(SET * 2);
        for _ in 0..1_000 {
            let before = SystemTime::now();
            let time = system_time(Moment::now().unix);
            let after = SystemTime::now();

            assert!(time >= before - tolerance && time <= after + tolerance);
        }
    }

    #[test]
    fn the_clocks_stay_as_far_apart_as_they_are() {
        let deadline = Instant::now() + Duration::from_nanos(TRUSTED * 3);
        let first = Moment::now();
        while Instant::now() < deadline {
            let (before, ended, next) = (Moment::now(), first.then(), Moment::now());

            assert!((before.unix..=next.unix).contains(&ended));
            assert_eq!(next.unix - first.unix, next.steady - first.steady, "a span that starts now is off by this");
        }
    }

    #[test]
    fn only_a_clock_that_was_set_changes_the_difference() {
        let known: u64 = 1_700_000_000_000_000_000;
        let read = |wall_is_off_by: i64, interrupted_for: u64| {
            let (before, wall) = (5_000, (known + 5_000).saturating_add_signed(wall_is_off_by));
            Reading { before, wall, after: before + interrupted_for }.corrected(known)
        };

        assert_eq!(read(0, 0), known);
        assert_eq!(read(300, 0), known, "the readings are not at the same time");
        assert_eq!(read(3_000_000, 3_000_000), known, "interrupted before the wall's was read");
        assert_eq!(read(0, 3_000_000), known, "and after it");
        assert_eq!(read(2_000_000, 0), known + 2_000_000, "set");
        assert_eq!(read(-3_600_000_000_000, 0), known - 3_600_000_000_000, "set an hour back");
        assert_eq!(read(50_000_000, 20), known + 50_000_000 - 10, "in the middle of what is possible");
    }
}
