//! Ids of spans and traces.

use std::cell::Cell;

use opentelemetry::{SpanId, TraceId};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};

/// Where ids come from.
#[derive(Debug)]
pub(crate) enum Ids {
    /// Nobody chose a generator. Spans have ids of ours.
    Random(RandomIdGenerator),
    Given(Box<dyn IdGenerator>),
}

impl Ids {
    #[inline]
    pub(crate) fn new_span_id(&self) -> SpanId {
        match self {
            Self::Random(_) => new_span_id(),
            Self::Given(ids) => ids.new_span_id(),
        }
    }

    pub(crate) fn new_trace_id(&self) -> TraceId {
        match self {
            Self::Random(ids) => ids.new_trace_id(),
            Self::Given(ids) => ids.new_trace_id(),
        }
    }
}

/// The increment and the mixing of `SplitMix64` (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014,
/// <https://doi.org/10.1145/2714064.2660195>), which gives each number of 64 bits once before it gives one again.
const INCREMENT: u64 = 0x9e37_79b9_7f4a_7c15;

thread_local!(static STATE: Cell<u64> = const { Cell::new(0) });

/// A random id. Each thread has a sequence of its own, which begins at random: with one state of eight bytes and no call
/// through a pointer, since it is made in the middle of a request, once a span.
#[inline]
pub(crate) fn new_span_id() -> SpanId {
    STATE.with(|state| {
        let mut last = state.get();
        if last == 0 {
            last = begin();
        }
        let (next, id) = step(last);
        state.set(next);
        // An id of zeros is none.
        SpanId::from(id.max(1))
    })
}

#[cold]
fn begin() -> u64 {
    u64::from_be_bytes(RandomIdGenerator::default().new_span_id().to_bytes())
}

#[inline]
fn step(last: u64) -> (u64, u64) {
    let next = last.wrapping_add(INCREMENT);
    let mixed = (next ^ (next >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (next, mixed ^ (mixed >> 31))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{new_span_id, step};

    /// The first numbers of the reference implementation (<https://prng.di.unimi.it/splitmix64.c>) from a seed of
    /// 1234567, as its authors' test vectors have them.
    #[test]
    fn the_sequence_is_splitmix64() {
        let mut state = 1_234_567;
        let numbers: Vec<u64> = (0..3)
            .map(|_| {
                let (next, number) = step(state);
                state = next;
                number
            })
            .collect();

        assert_eq!(numbers, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn no_id_comes_twice_on_any_thread() {
        let ids: Vec<_> = std::thread::scope(|scope| {
            let make = || (0..20_000).map(|_| new_span_id()).collect::<Vec<_>>();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(make)).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });

        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 80_000);
    }
}
