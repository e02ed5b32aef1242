//! What has ended, held back to be written together.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use crate::shards::Shards;

/// Spans or events that have ended, held back to be written together.
///
/// What is said at the end of a span or of an event is code of its own: its attributes, its measurements, the encoding of
/// both. A request has a dozen kinds of them, each run once among everything else, so that all of that code has to be
/// fetched from memory anew each time; that costs more than to run it. Written for some ten requests together, it is fetched
/// once for all of them.
///
/// Bounded: whoever fills a list writes what is in it. There are as many lists as the machine has processors, 32 at most.
/// What is held back when the process is killed is lost, as is what waits in an exporter; and what is held back when this is
/// dropped, without [`Self::close`].
pub struct HeldBack<E> {
    shards: Shards<Waiting<E>>,
    /// Items that are written together.
    full: usize,
    write: Box<dyn Fn(&mut E) + Send + Sync>,
    writers: Mutex<Writers>,
    /// A writer is done.
    done: Condvar,
}

/// Those who write what they took out of a list, by numbers in the order in which they began.
#[derive(Default)]
struct Writers {
    next: u64,
    writing: Vec<u64>,
}

struct Waiting<E> {
    items: Vec<E>,
    /// The list before, to be filled next.
    spare: Vec<E>,
    /// Nothing is held back any more.
    closed: bool,
}

impl<E> Default for Waiting<E> {
    fn default() -> Self {
        Self { items: Vec::new(), spare: Vec::new(), closed: false }
    }
}

impl<E> HeldBack<E> {
    /// `write` is called once for each item, for `full` of them together (at least 1). It may call [`Self::take`], but not
    /// [`Self::write_all`], which would wait for it.
    pub fn new(full: usize, write: impl Fn(&mut E) + Send + Sync + 'static) -> Self {
        Self {
            shards: Shards::default(),
            full,
            write: Box::new(write),
            writers: Mutex::default(),
            done: Condvar::new(),
        }
    }

    /// Takes what has ended. Writes it at once after [`Self::close`].
    #[inline]
    pub fn take(&self, item: E) {
        let number = self.shards.number_of_mine();
        let mut waiting = self.shards.at(number);
        if waiting.closed {
            return self.write_now(waiting, item);
        }
        waiting.items.push(item);
        if waiting.items.len() >= self.full {
            self.write(number, waiting);
        }
    }

    /// Writes all that waits: what was taken before this is called is written when it returns.
    pub fn write_all(&self) {
        self.shards.numbers().for_each(|number| self.write(number, self.shards.at(number)));
        // Until those are done that took something out before.
        let writers = self.writers();
        let begun = writers.next;
        let unfinished = |writers: &mut Writers| writers.writing.iter().any(|number| *number < begun);
        drop(self.done.wait_while(writers, unfinished).unwrap_or_else(PoisonError::into_inner));
    }

    /// Writes all that waits, and what is taken later at once. For a shutdown: an exporter that has ended counts it as lost.
    pub fn close(&self) {
        for number in self.shards.numbers() {
            let mut waiting = self.shards.at(number);
            waiting.closed = true;
            self.write(number, waiting);
        }
        self.write_all();
    }

    #[cold]
    fn write_now(&self, waiting: MutexGuard<'_, Waiting<E>>, mut item: E) {
        drop(waiting);
        self.write_one(&mut item);
    }

    #[cold]
    fn write(&self, list: usize, mut waiting: MutexGuard<'_, Waiting<E>>) {
        let spare = std::mem::take(&mut waiting.spare);
        let mut items = std::mem::replace(&mut waiting.items, spare);
        // Before the shard is let go: whoever finds it empty has to wait for this.
        let number = self.begin();
        drop(waiting);
        // Where they lie, not moved any more.
        for item in &mut items {
            self.write_one(item);
        }
        items.clear();
        self.shards.at(list).spare = items;
        self.writers().writing.retain(|other| *other != number);
        self.done.notify_all();
    }

    fn begin(&self) -> u64 {
        let mut writers = self.writers();
        let number = writers.next;
        writers.next += 1;
        writers.writing.push(number);
        number
    }

    /// Nothing that can panic is done under it but growing a list.
    fn writers(&self) -> MutexGuard<'_, Writers> {
        self.writers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Of one that panics nothing is lost but itself: the others are not its caller's.
    fn write_one(&self, item: &mut E) {
        let _ = catch_unwind(AssertUnwindSafe(|| (self.write)(item)));
    }
}

impl<E> std::fmt::Debug for HeldBack<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HeldBack").field("full", &self.full).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc, OnceLock,
            atomic::{AtomicUsize, Ordering},
        },
        time::Duration,
    };

    use super::HeldBack;

    const FULL: usize = 128;

    /// Adds up the numbers it takes.
    fn adding() -> (HeldBack<usize>, Arc<AtomicUsize>) {
        let sum = Arc::<AtomicUsize>::default();
        let written = Arc::clone(&sum);
        let write = move |number: &mut usize| {
            written.fetch_add(*number, Ordering::Relaxed);
        };
        (HeldBack::new(FULL, write), sum)
    }

    #[test]
    fn what_has_ended_is_written_when_that_is_asked_for() {
        let (held, written) = adding();

        held.take(1);
        assert_eq!(written.load(Ordering::Relaxed), 0);
        held.write_all();

        assert_eq!(written.load(Ordering::Relaxed), 1);
        held.write_all();
        assert_eq!(written.load(Ordering::Relaxed), 1, "once");
    }

    #[test]
    fn what_nobody_asks_for_does_not_grow() {
        let (held, written) = adding();

        (0..=FULL * 3).for_each(|_| held.take(1));

        assert_eq!(written.load(Ordering::Relaxed), FULL * 3);
    }

    #[test]
    fn nothing_is_held_back_after_the_end() {
        let (held, written) = adding();

        held.take(1);
        held.close();
        assert_eq!(written.load(Ordering::Relaxed), 1);
        held.take(1);

        assert_eq!(written.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn one_that_panics_takes_no_other_with_it() {
        let written = Arc::<AtomicUsize>::default();
        let counted = Arc::clone(&written);
        let held = HeldBack::new(FULL, move |panics: &mut bool| {
            assert!(!*panics, "on purpose");
            counted.fetch_add(1, Ordering::Relaxed);
        });

        for panics in [false, true, false] {
            held.take(panics);
        }
        held.write_all();
        held.take(false);
        held.write_all();

        assert_eq!(written.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn what_another_thread_is_writing_is_waited_for() {
        let written = Arc::<AtomicUsize>::default();
        let slowly = Arc::clone(&written);
        let held = HeldBack::new(FULL, move |(): &mut ()| {
            std::thread::sleep(Duration::from_millis(1));
            slowly.fetch_add(1, Ordering::Relaxed);
        });

        std::thread::scope(|scope| {
            scope.spawn(|| (0..FULL).for_each(|_| held.take(())));
            while written.load(Ordering::Relaxed) == 0 {
                std::thread::yield_now();
            }
            held.write_all();
            assert_eq!(written.load(Ordering::Relaxed), FULL);
        });
    }

    #[test]
    fn what_is_taken_while_something_is_written_is_written_too() {
        let (held, written) = (Arc::<OnceLock<HeldBack<usize>>>::default(), Arc::<AtomicUsize>::default());
        let (again, counted) = (Arc::clone(&held), Arc::clone(&written));
        let write = move |number: &mut usize| {
            counted.fetch_add(1, Ordering::Relaxed);
            (0..*number).for_each(|_| again.get().unwrap().take(0));
        };
        let held = held.get_or_init(|| HeldBack::new(FULL, write));

        std::thread::scope(|scope| {
            scope.spawn(|| (0..1_000).for_each(|_| held.write_all()));
            (0..FULL * 4).for_each(|_| held.take(2));
        });
        held.write_all();

        assert_eq!(written.load(Ordering::Relaxed), FULL * 4 * 3);
    }

    #[test]
    fn threads_that_take_and_write_at_once_lose_nothing() {
        let (held, written) = adding();

        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for round in 0..5_000 {
                        held.take(1);
                        if round % 100 == 0 {
                            held.write_all();
                        }
                    }
                });
            }
        });
        held.write_all();

        assert_eq!(written.load(Ordering::Relaxed), 20_000);
    }
}
