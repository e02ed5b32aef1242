//! Operations that have ended, held back to be written together.
//!
//! What an operation says at its end is code of its own: its attributes, its measurements, the encoding of both. A request
//! has a dozen kinds of them, each run once among everything else, so that all of that code has to be fetched anew each
//! time; that costs more than to run it. Written for some ten requests together, it is fetched once for all of them.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{MutexGuard, PoisonError, RwLock},
};

use super::shards::Shards;

/// Operations that are written together: those of about ten requests, which takes some 100 µs.
const FULL: usize = 128;

/// An operation that has ended.
pub(super) trait Ended: Send {
    /// Writes its span and its measurements.
    fn write(&mut self);
}

/// What has ended and is not written yet. Bounded: whoever fills a shard writes what is in it.
#[derive(Default)]
pub(super) struct HeldBack {
    shards: Shards<Waiting>,
    /// Shared by those who write what they took, and alone for who waits for them.
    writing: RwLock<()>,
}

#[derive(Default)]
struct Waiting {
    ended: Vec<Box<dyn Ended>>,
    /// Nothing is held back any more.
    closed: bool,
}

impl HeldBack {
    /// Takes an operation that has ended.
    pub(super) fn take(&self, mut ended: Box<dyn Ended>) {
        let mut waiting = self.shards.mine();
        if waiting.closed {
            drop(waiting);
            return ended.write();
        }
        waiting.ended.push(ended);
        if waiting.ended.len() >= FULL {
            self.write(waiting);
        }
    }

    /// Writes all that waits: what has ended before this is called is written when it returns.
    pub(super) fn write_all(&self) {
        self.shards.each().for_each(|waiting| self.write(waiting));
        // Until those are done that took something out before.
        drop(self.writing.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Writes all that waits, and what ends later when it ends.
    pub(super) fn close(&self) {
        for mut waiting in self.shards.each() {
            waiting.closed = true;
            self.write(waiting);
        }
        self.write_all();
    }

    #[cold]
    fn write(&self, mut waiting: MutexGuard<'_, Waiting>) {
        let ended = std::mem::replace(&mut waiting.ended, Vec::with_capacity(FULL));
        // Before the shard is let go: whoever finds it empty has to wait for this.
        let _writing = self.writing.read().unwrap_or_else(PoisonError::into_inner);
        drop(waiting);
        for mut ended in ended {
            // Of one that panics nothing is lost but itself: the others are not its caller's.
            let _ = catch_unwind(AssertUnwindSafe(|| ended.write()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        time::Duration,
    };

    use super::{Ended, FULL, HeldBack};

    struct Counted(Arc<AtomicUsize>, Duration);

    impl Ended for Counted {
        fn write(&mut self) {
            std::thread::sleep(self.1);
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn counted(written: &Arc<AtomicUsize>) -> Box<dyn Ended> {
        Box::new(Counted(Arc::clone(written), Duration::ZERO))
    }

    #[test]
    fn what_has_ended_is_written_when_that_is_asked_for() {
        let (held, written) = (HeldBack::default(), Arc::default());

        held.take(counted(&written));
        assert_eq!(written.load(Ordering::Relaxed), 0);
        held.write_all();

        assert_eq!(written.load(Ordering::Relaxed), 1);
        held.write_all();
        assert_eq!(written.load(Ordering::Relaxed), 1, "once");
    }

    #[test]
    fn what_nobody_asks_for_does_not_grow() {
        let (held, written) = (HeldBack::default(), Arc::default());

        (0..=FULL * 3).for_each(|_| held.take(counted(&written)));

        assert_eq!(written.load(Ordering::Relaxed), FULL * 3);
    }

    #[test]
    fn nothing_is_held_back_after_the_end() {
        let (held, written) = (HeldBack::default(), Arc::default());

        held.take(counted(&written));
        held.close();
        assert_eq!(written.load(Ordering::Relaxed), 1);
        held.take(counted(&written));

        assert_eq!(written.load(Ordering::Relaxed), 2);
    }

    struct Panicking;

    impl Ended for Panicking {
        fn write(&mut self) {
            panic!("on purpose");
        }
    }

    #[test]
    fn one_that_panics_takes_no_other_with_it() {
        let (held, written) = (HeldBack::default(), Arc::default());

        held.take(counted(&written));
        held.take(Box::new(Panicking));
        held.take(counted(&written));
        held.write_all();
        held.take(counted(&written));
        held.write_all();

        assert_eq!(written.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn what_another_thread_is_writing_is_waited_for() {
        let (held, written) = (HeldBack::default(), Arc::<AtomicUsize>::default());

        std::thread::scope(|scope| {
            scope.spawn(|| {
                let slow = |_| Box::new(Counted(Arc::clone(&written), Duration::from_millis(1))) as Box<dyn Ended>;
                (0..FULL).map(slow).for_each(|ended| held.take(ended));
            });
            while written.load(Ordering::Relaxed) == 0 {
                std::thread::yield_now();
            }
            held.write_all();
            assert_eq!(written.load(Ordering::Relaxed), FULL);
        });
    }
}
