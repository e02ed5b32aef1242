//! What all threads write to, as often as there are threads that do so at once.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

/// More than this have no use: a machine's threads rarely write at the very same moment.
const MOST: usize = 32;

#[derive(Debug)]
pub(crate) struct Shards<T>(Box<[Shard<T>]>);

/// What a few threads write to. In cache lines of its own: its neighbours belong to other threads.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Shard<T>(Mutex<T>);

impl<T: Default> Default for Shards<T> {
    fn default() -> Self {
        Self((0..shards()).map(|_| Shard::default()).collect())
    }
}

impl<T> Shards<T> {
    /// The current thread's.
    #[inline]
    pub(crate) fn mine(&self) -> MutexGuard<'_, T> {
        self.at(self.number_of_mine())
    }

    /// The number of the current thread's.
    #[inline]
    pub(crate) fn number_of_mine(&self) -> usize {
        shard_of_thread(self.0.len())
    }

    #[inline]
    pub(crate) fn at(&self, number: usize) -> MutexGuard<'_, T> {
        self.0[number].lock()
    }

    pub(crate) fn numbers(&self) -> std::ops::Range<usize> {
        0..self.0.len()
    }

    pub(crate) fn each(&self) -> impl Iterator<Item = MutexGuard<'_, T>> {
        self.0.iter().map(Shard::lock)
    }
}

impl<T> Shard<T> {
    /// Nothing that can panic is done under it but growing a list, which leaves it whole.
    #[inline]
    fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many shards there are of what all threads write. A power of two.
pub(crate) fn shards() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).next_power_of_two().min(MOST)
}

/// The current thread's, of so many shards.
#[inline]
pub(crate) fn shard_of_thread(shards: usize) -> usize {
    thread_number() & (shards - 1)
}

/// A number of the current thread. Threads that end leave theirs unused: only its last bits are looked at.
fn thread_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static NUMBER: usize = NEXT.fetch_add(1, Ordering::Relaxed));
    // A thread that is ending has lost its number; any will do.
    NUMBER.try_with(|number| *number).unwrap_or_default()
}
