//! No span is lost silently, none arrives twice, nothing waits without end.

mod collectors;
mod ends;
mod lifetimes;
mod sizes;

use std::{collections::HashSet, time::Duration};

use opentelemetry::trace::{Tracer as _, TracerProvider as _};
use opentelemetry_proto::tonic::trace::v1::Span;
use otlp_inline::{BatchConfig, ExportCounts, TracerProvider};

/// Nothing is exported before it is asked for or a batch is full.
fn batches() -> BatchConfig {
    BatchConfig { scheduled_delay: Duration::from_hours(1), ..BatchConfig::default() }
}

fn end_spans(provider: &TracerProvider, spans: usize) {
    let tracer = provider.tracer("safety");
    for number in 0..spans {
        drop(tracer.start(format!("span {number}")));
    }
}

/// Every span that ended became one of these, and one only.
fn total(counts: &ExportCounts) -> usize {
    let ExportCounts { exported, rejected, failed, queue_full, after_shutdown } = *counts;
    usize::try_from(exported + rejected + failed + queue_full + after_shutdown).unwrap()
}

fn distinct(spans: &[Span]) -> usize {
    spans.iter().map(|span| &span.span_id).collect::<HashSet<_>>().len()
}
