//! Exemplars: for each series and bucket, the last sampled measurement and the span it was made in.
//!
//! Neither the SDK (0.33) nor its Prometheus exporter keeps any, so the instruments of [`metrics`](super::metrics)
//! offer each measurement to a [`Reservoir`] as well. The filter is `trace_based`, the specification's default: what
//! was measured outside of a sampled span leaves nothing behind.

mod reservoir;
mod snapshot;

pub(super) use self::{
    reservoir::{Exemplar, Reservoir, Slot, Source, measured_in, with_source},
    snapshot::{Exemplars, Snapshot},
};
