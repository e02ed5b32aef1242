//! Spans that are huge, and settings that are tiny.

use opentelemetry::{
    KeyValue,
    trace::{Span as _, Tracer as _, TracerProvider as _},
};
use otlp_inline::{BatchConfig, ExportCounts, TracerProvider};

use super::{batches, distinct, end_spans, total};
use crate::support::{
    receiver::{BOTH, Receiver},
    wait,
};

/// What collectors take in one gRPC message unless told otherwise.
const MOST: usize = 4 << 20;

fn end_huge_span(provider: &TracerProvider, bytes: usize) {
    let mut span = provider.tracer("safety").start("huge");
    span.set_attribute(KeyValue::new("huge", "x".repeat(bytes)));
}

#[test]
fn a_batch_of_huge_spans_is_split_at_a_mebibyte() {
    for protocol in BOTH {
        let receiver = Receiver::start();
        let provider = TracerProvider::builder(receiver.otlp(protocol).with_timeout(wait::PATIENCE))
            .with_batch_config(batches())
            .build()
            .unwrap();
        for _ in 0..100 {
            end_huge_span(&provider, 100_000);
        }
        // One alone may be larger.
        end_huge_span(&provider, 3_000_000);

        wait::until("everything", || provider.force_flush().ok());

        assert_eq!(provider.counts(), ExportCounts { exported: 101, ..ExportCounts::default() });
        assert_eq!(distinct(&receiver.spans()), 101);
        for request in receiver.received() {
            let bytes = request.message.len();
            // Resource and scope come on top.
            let limit = if request.spans().len() == 1 { MOST } else { (1 << 20) + 4_096 };
            assert!(bytes < limit, "{bytes} bytes");
        }
    }
}

#[test]
fn no_queue_is_too_small_to_count_what_it_loses() {
    for protocol in BOTH {
        for (queue, batch) in [(0, 0), (0, 1), (1, 0), (1, 1), (1, 512), (3, 2), (usize::MAX, 1), (usize::MAX, 7)] {
            let receiver = Receiver::start();
            let batches = BatchConfig { max_queue_size: queue, max_export_batch_size: batch, ..batches() };
            let provider = TracerProvider::builder(receiver.otlp(protocol)).with_batch_config(batches).build().unwrap();
            end_spans(&provider, 20);

            provider.shutdown_with_timeout(wait::PATIENCE).unwrap();

            let counts = provider.counts();
            assert_eq!(total(&counts), 20, "{queue}, {batch}: {counts:?}");
            assert!(counts.exported > 0, "{queue}, {batch}: {counts:?}");
            assert_eq!(receiver.spans().len() as u64, counts.exported);
            assert!(receiver.received().iter().all(|request| request.spans().len() <= batch.max(1)));
        }
    }
}

#[test]
fn a_batch_that_is_full_of_bytes_is_sent_without_being_asked_for() {
    for protocol in BOTH {
        let receiver = Receiver::start();
        let provider = TracerProvider::builder(receiver.otlp(protocol).with_timeout(wait::PATIENCE))
            .with_batch_config(batches())
            .build()
            .unwrap();

        // Far fewer than a batch has, and more bytes than it may have.
        for _ in 0..5 {
            end_huge_span(&provider, 300_000);
        }

        wait::until("the first batch", || (receiver.spans().len() == 3).then_some(()));
    }
}
