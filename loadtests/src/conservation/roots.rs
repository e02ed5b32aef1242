//! Requests against the spans that began their traces, one by one.

use otelgate_harness::capture::TraceId;
use serde::{Deserialize, Serialize};

/// How many trace ids an error quotes.
const QUOTED: usize = 3;

/// What became of a request, as its driver knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Read to the end of an answer, of whatever status: the service has handled it.
    Answered,
    /// Not read to the end of an answer: the service may have handled it or not.
    Unsure,
}

/// A request, and what arrived of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Its trace.
    pub trace: TraceId,
    /// Whether a sampler must keep it.
    pub sampled: bool,
    /// What became of it.
    pub fate: Fate,
    /// How many spans arrived whose parent is the driver's.
    pub arrived: u8,
}

/// Requests against the spans that began their traces in the service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roots {
    /// Answered requests whose traces a sampler must keep.
    pub wanted: u64,
    /// Of those, with exactly one such span.
    pub once: u64,
    /// With none.
    pub missing: u64,
    /// Requests with more than one, whatever became of them.
    pub more: u64,
    /// Requests with one although a sampler must drop their traces.
    pub unsampled: u64,
    /// Trace ids of the first that are missing.
    pub examples: Vec<String>,
}

impl Roots {
    /// Compares what was sent with what arrived.
    #[must_use]
    pub fn compare(requests: impl IntoIterator<Item = Sent>) -> Self {
        let mut roots = Self::default();
        for request in requests {
            roots.more += u64::from(request.arrived > 1);
            if !request.sampled {
                roots.unsampled += u64::from(request.arrived > 0);
                continue;
            }
            if request.fate == Fate::Unsure {
                continue;
            }
            roots.wanted += 1;
            roots.once += u64::from(request.arrived == 1);
            if request.arrived == 0 {
                roots.missing += 1;
                if roots.examples.len() < QUOTED {
                    roots.examples.push(request.trace.to_string());
                }
            }
        }
        roots
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(sampled: bool, fate: Fate, arrived: u8) -> Sent {
        Sent { trace: TraceId([7; 16]), sampled, fate, arrived }
    }

    #[test]
    fn each_request_is_counted_for_what_it_is() {
        let roots = Roots::compare([
            sent(true, Fate::Answered, 1),
            sent(true, Fate::Answered, 0),
            sent(true, Fate::Answered, 2),
            sent(true, Fate::Unsure, 0),
            sent(true, Fate::Unsure, 1),
            sent(false, Fate::Answered, 0),
            sent(false, Fate::Answered, 1),
        ]);

        assert_eq!((roots.wanted, roots.once, roots.missing, roots.more, roots.unsampled), (3, 1, 1, 1, 1));
        assert_eq!(roots.examples, [TraceId([7; 16]).to_string()]);
    }
}
