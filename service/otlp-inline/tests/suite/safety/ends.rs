//! The ways a span ends.

use std::{
    cell::RefCell,
    panic::AssertUnwindSafe,
    thread,
    time::{Duration, SystemTime},
};

use opentelemetry::trace::{Span as _, SpanBuilder, Tracer as _, TracerProvider as _};
use otlp_inline::{BatchConfig, ExportCounts, Protocol, Span, TracerProvider};

use super::{batches, distinct, end_spans, total};
use crate::support::{
    receiver::{BOTH, Receiver},
    wait,
};

fn provider(receiver: &Receiver) -> TracerProvider {
    TracerProvider::builder(receiver.otlp(Protocol::Grpc)).with_batch_config(batches()).build().unwrap()
}

#[test]
fn a_panic_ends_the_span_it_happens_in() {
    let receiver = Receiver::start();
    let provider = provider(&receiver);
    let tracer = provider.tracer("safety");

    let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| {
        tracer.in_span("outer", |_| {
            tracer.in_span("inner", |_| std::panic::resume_unwind(Box::new("no message")));
        });
    }));

    outcome.unwrap_err();
    provider.force_flush().unwrap();
    let names: Vec<_> = receiver.spans().into_iter().map(|span| span.name).collect();
    assert_eq!(names, ["inner", "outer"]);
}

#[test]
fn an_end_is_exported_as_it_is_given_even_before_the_start() {
    let receiver = Receiver::start();
    let provider = provider(&receiver);
    let tracer = provider.tracer("safety");
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
    let mut span = tracer.build(SpanBuilder { start_time: Some(start), ..SpanBuilder::from_name("clock step") });

    span.end_with_timestamp(start - Duration::from_secs(1));
    span.end_with_timestamp(start);
    drop(span);

    provider.force_flush().unwrap();
    let [span] = receiver.spans().try_into().unwrap();
    assert_eq!((span.start_time_unix_nano, span.end_time_unix_nano), (1_000_000_000_000, 999_000_000_000));
}

#[test]
fn what_a_thread_leaves_behind_is_exported_in_time() {
    let receiver = Receiver::start();
    let provider = TracerProvider::builder(receiver.otlp(Protocol::HttpProtobuf))
        .with_batch_config(BatchConfig { scheduled_delay: Duration::from_millis(20), ..BatchConfig::default() })
        .build()
        .unwrap();

    thread::scope(|threads| threads.spawn(|| end_spans(&provider, 3)).join().unwrap());

    wait::until("the spans", || (receiver.spans().len() == 3).then_some(()));
}

#[test]
fn a_span_that_ends_with_its_thread_is_exported() {
    thread_local!(static HELD: RefCell<Option<Span>> = const { RefCell::new(None) });

    let receiver = Receiver::start();
    let provider = provider(&receiver);

    thread::scope(|threads| {
        let held = || {
            let mut span = provider.tracer("safety").start("as long as the thread");
            // More than one buffer keeps, so that the end has something to free.
            span.add_event("long".repeat(2_000), Vec::new());
            HELD.set(Some(span));
            end_spans(&provider, 1);
        };
        threads.spawn(held).join().unwrap();
    });

    provider.force_flush().unwrap();
    assert_eq!(distinct(&receiver.spans()), 2);
}

#[test]
fn spans_of_many_threads_arrive_once_each() {
    for protocol in BOTH {
        let receiver = Receiver::start();
        let batches = BatchConfig { max_queue_size: 20_000, scheduled_delay: Duration::from_millis(1), ..batches() };
        let provider = TracerProvider::builder(receiver.otlp(protocol).with_timeout(wait::PATIENCE))
            .with_batch_config(batches)
            .build()
            .unwrap();

        thread::scope(|threads| {
            for _ in 0..8 {
                threads.spawn(|| end_spans(&provider, 2_000));
            }
            // On a machine that is busy they may lose patience.
            threads.spawn(|| (0..20).for_each(|_| drop(provider.force_flush())));
        });
        wait::until("everything", || provider.force_flush().ok());

        assert_eq!(provider.counts(), ExportCounts { exported: 16_000, ..ExportCounts::default() });
        assert_eq!((receiver.spans().len(), distinct(&receiver.spans())), (16_000, 16_000));
    }
}

#[test]
fn each_span_is_counted_once_while_threads_race_a_shutdown() {
    for round in 0..20 {
        let receiver = Receiver::start();
        let batches = BatchConfig { max_queue_size: 128, max_export_batch_size: 16, ..batches() };
        let provider =
            TracerProvider::builder(receiver.otlp(Protocol::Grpc)).with_batch_config(batches).build().unwrap();
        let tracer = provider.tracer("safety");
        let ended = thread::scope(|threads| {
            let ending: Vec<_> = (0..3)
                .map(|_| {
                    threads.spawn(|| {
                        let spans = (0..500).map(|_| tracer.start("racing"));
                        // Those that are started after the shutdown record nothing.
                        spans.map(|mut span| (span.is_recording(), span.end()).0).filter(|recorded| *recorded).count()
                    })
                })
                .collect();
            wait::until("some spans", || (total(&provider.counts()) > 10 * round).then_some(()));
            provider.shutdown_with_timeout(wait::PATIENCE).unwrap();
            ending.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
        });

        let counts = provider.counts();
        assert_eq!(total(&counts), ended, "{counts:?}");
        assert_eq!(distinct(&receiver.spans()) as u64, counts.exported);
        assert_eq!(receiver.spans().len() as u64, counts.exported);
    }
}

#[test]
fn what_ends_after_the_shutdown_is_counted_and_what_starts_then_records_nothing() {
    let receiver = Receiver::start();
    let provider = provider(&receiver);
    let open = provider.tracer("safety").start("open");
    end_spans(&provider, 2);

    provider.shutdown_with_timeout(wait::PATIENCE).unwrap();
    drop(open);
    let late = provider.tracer("safety").start("late");

    assert!(!late.is_recording() && !late.span_context().is_valid());
    assert_eq!(provider.counts(), ExportCounts { exported: 2, after_shutdown: 1, ..ExportCounts::default() });
    assert_eq!(receiver.spans().len(), 2);
}
