//! Shared strings: telemetry repeats the same few thousand strings millions of times.

use std::sync::Arc;

use rustc_hash::FxHashSet;

/// An immutable shared string. Two equal strings of one capture are usually one allocation.
pub type Str = Arc<str>;

/// Longest string that is worth remembering, in bytes: longer ones (a document, a stack trace) rarely repeat.
const LONGEST_SHARED: usize = 256;

/// Most distinct strings an interner remembers. Past it, new strings are allocated
/// on their own, so that a service with unbounded names cannot fill the table.
const MOST_SHARED: usize = 1 << 20;

/// Hands out one [`Str`] for all equal strings seen.
#[derive(Debug, Default)]
pub struct Interner {
    seen: FxHashSet<Str>,
}

impl Interner {
    /// The shared form of `text`.
    pub fn intern(&mut self, text: &str) -> Str {
        if text.len() > LONGEST_SHARED {
            return Arc::from(text);
        }
        if let Some(known) = self.seen.get(text) {
            return known.clone();
        }
        let fresh: Str = Arc::from(text);
        if self.seen.len() < MOST_SHARED {
            self.seen.insert(fresh.clone());
        }
        fresh
    }
}
