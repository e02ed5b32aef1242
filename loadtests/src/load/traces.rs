//! Which trace each request begins, and which request a trace is of.

use http::HeaderValue;
use otelgate_harness::capture::{SpanId, TraceId};

use crate::conservation::keeps;
use crate::workload::TraceIds;

/// The traces of a launch's requests.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traces {
    ids: TraceIds,
    /// How many workloads share them.
    workloads: u64,
    /// The share of them that is sampled.
    ratio: f64,
}

impl Traces {
    pub(super) fn new(workloads: usize, ratio: f64) -> Self {
        // Odd, and so never the 0 that no launch may have.
        Self { ids: TraceIds::of(rand::random::<u64>() | 1), workloads: workloads as u64, ratio }
    }

    fn number(self, workload: usize, item: u64) -> u64 {
        item.wrapping_mul(self.workloads).wrapping_add(workload as u64)
    }

    pub(super) fn id(self, workload: usize, item: u64) -> TraceId {
        self.ids.id(self.number(workload, item))
    }

    /// Whether a sampler must keep it.
    pub(super) fn sampled(self, workload: usize, item: u64) -> bool {
        keeps(self.ratio, self.id(workload, item))
    }

    /// The driver's span, parent of the service's first.
    pub(super) fn parent(self, workload: usize, item: u64) -> SpanId {
        SpanId(self.number(workload, item).wrapping_add(1).to_be_bytes())
    }

    /// The workload and item of a trace; `None` if it is none of this launch.
    pub(super) fn item(self, trace: TraceId) -> Option<(usize, u64)> {
        let number = self.ids.item(trace)?;
        Some((usize::try_from(number % self.workloads).ok()?, number / self.workloads))
    }

    /// The header of a request.
    pub(super) fn traceparent(self, workload: usize, item: u64) -> Option<HeaderValue> {
        let flags = if self.sampled(workload, item) { "01" } else { "00" };
        let text = format!("00-{}-{}-{flags}", self.id(workload, item), self.parent(workload, item));
        HeaderValue::from_str(&text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_says_its_workload_and_item_and_no_other_launchs_does() {
        let (traces, others) = (Traces::new(3, 1.0), Traces::new(3, 1.0));

        for (workload, item) in [(0, 0), (2, 0), (1, 12_345)] {
            assert_eq!(traces.item(traces.id(workload, item)), Some((workload, item)));
            assert_eq!(others.item(traces.id(workload, item)), None);
        }
    }

    #[test]
    fn the_flag_is_what_a_sampler_by_ratio_would_decide() {
        let traces = Traces::new(1, 0.5);

        for item in 0..100 {
            let header = traces.traceparent(0, item).unwrap();
            let sampled = header.to_str().unwrap().ends_with("-01");
            assert_eq!(sampled, keeps(0.5, traces.id(0, item)));
        }
    }
}
