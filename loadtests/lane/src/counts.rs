//! What the program prints.

use serde::Serialize;
use stats_alloc::Stats;

use crate::sink::Exported;

/// Totals over the counted requests.
#[derive(Debug, Serialize)]
pub(crate) struct Counts {
    requests: usize,
    /// Calls of the allocator that gave memory: new blocks, and blocks made larger or smaller.
    allocations: usize,
    /// What was asked for in new blocks, and by what blocks grew.
    allocated_bytes: usize,
    spans: u64,
    otlp_span_bytes: u64,
    otlp_log_bytes: u64,
    /// Compiler, target, profile.
    made_by: &'static str,
    /// The crates a span passes through.
    with: Vec<&'static str>,
}

impl Counts {
    pub(crate) fn between(requests: usize, before: (Stats, Exported), after: (Stats, Exported)) -> Self {
        let (allocated, exported) = (after.0 - before.0, after.1);
        Self {
            requests,
            allocations: allocated.allocations + allocated.reallocations,
            allocated_bytes: allocated.bytes_allocated,
            spans: exported.spans - before.1.spans,
            otlp_span_bytes: exported.span_bytes - before.1.span_bytes,
            otlp_log_bytes: exported.log_bytes - before.1.log_bytes,
            made_by: env!("LANE_MADE_BY"),
            with: env!("LANE_WITH").split(',').collect(),
        }
    }
}
