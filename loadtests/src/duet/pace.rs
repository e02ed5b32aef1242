//! When the next item is sent.

use std::time::Duration;

/// How items follow each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Closed loop: so many items are under way, each followed by the next as soon as every service has answered it.
    Closed {
        /// How many.
        concurrency: usize,
    },
    /// Open loop: items are due at fixed times, whether or not the ones before have been answered. A latency counts from
    /// when its request was due, so that a service that stalls cannot hide the requests that waited (Tene's coordinated
    /// omission). Each item goes to one service after the other, offset by half the interval.
    Open {
        /// Requests a second to each service.
        rate: f64,
    },
}

impl Pace {
    /// Time between two items of an open loop; `None` for a closed one.
    #[must_use]
    pub fn interval(self) -> Option<Duration> {
        match self {
            Self::Closed { .. } => None,
            Self::Open { rate } => Some(Duration::from_secs_f64(1.0 / rate)),
        }
    }
}
