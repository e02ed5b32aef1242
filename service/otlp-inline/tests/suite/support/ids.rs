//! Ids that two tracers give in the same order.

use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::{SpanId, TraceId};
use opentelemetry_sdk::trace::IdGenerator;

/// Counts, trace ids and span ids apart: in which order a span asks for them does not matter.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    traces: AtomicU64,
    spans: AtomicU64,
}

impl IdGenerator for Counting {
    fn new_trace_id(&self) -> TraceId {
        // Spread over all bits, because samplers look at some of them only.
        let number = 1 + u128::from(self.traces.fetch_add(1, Ordering::Relaxed));
        TraceId::from(number.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835))
    }

    fn new_span_id(&self) -> SpanId {
        SpanId::from(1 + self.spans.fetch_add(1, Ordering::Relaxed))
    }
}
