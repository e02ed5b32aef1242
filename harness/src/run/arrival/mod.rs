//! What the back ends hold of a run: waited for, then asked.
//!
//! Two moments of a run matter. Metrics are asked for while the service still runs, once Prometheus has scraped it after
//! the last request; traces once it has stopped and flushed. What has not come when the time is over is no error: the
//! checks say what is missing. That a back end does not answer is one.
//!
//! Only what belongs to the run is asked for, so that a back end may be shared: the target whose `target_info` has the
//! run's id, else the one at the service's address; the traces that the receiver beside the store has, and those whose
//! resource has the run's id.

mod ask;
mod metrics;
mod target;
mod traces;

pub use ask::Arrival;
