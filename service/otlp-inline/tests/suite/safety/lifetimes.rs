//! What ends before what: runtimes, providers, tracers.

use std::{thread, time::Duration};

use opentelemetry::{
    logs::{Logger as _, LoggerProvider as _},
    trace::{Tracer as _, TracerProvider as _},
};
use opentelemetry_sdk::{Resource, error::OTelSdkError, logs::SdkLoggerProvider};
use otlp_inline::{ExportCounts, LogExporter, Protocol, TracerProvider};
use tokio::runtime::{Builder, Runtime};

use super::{batches, distinct, end_spans};
use crate::support::{
    receiver::{BOTH, Receiver},
    wait,
};

fn provider(receiver: &Receiver, protocol: Protocol) -> TracerProvider {
    TracerProvider::builder(receiver.otlp(protocol)).with_batch_config(batches()).build().unwrap()
}

/// With one thread, which a blocking call takes, and with two.
fn runtimes() -> [Runtime; 2] {
    [
        Builder::new_current_thread().enable_all().build().unwrap(),
        Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap(),
    ]
}

#[test]
fn flush_and_shutdown_work_inside_a_runtime() {
    for runtime in runtimes() {
        for protocol in BOTH {
            let receiver = Receiver::start();
            runtime.block_on(async {
                let provider = provider(&receiver, protocol);
                end_spans(&provider, 3);
                provider.force_flush().unwrap();
                assert_eq!(receiver.spans().len(), 3);

                end_spans(&provider, 2);
                provider.shutdown_with_timeout(wait::PATIENCE).unwrap();
                assert_eq!(provider.counts(), ExportCounts { exported: 5, ..ExportCounts::default() });
            });
            assert_eq!(distinct(&receiver.spans()), 5);
        }
    }
}

#[test]
fn the_last_export_works_inside_a_runtime() {
    for runtime in runtimes() {
        let receiver = Receiver::start();
        runtime.block_on(async { end_spans(&provider(&receiver, Protocol::Grpc), 3) });
        assert_eq!(receiver.spans().len(), 3);
    }
}

#[test]
fn the_end_of_the_runtime_around_it_does_not_end_the_provider() {
    for protocol in BOTH {
        let receiver = Receiver::start();
        let [runtime, _] = runtimes();
        let provider = runtime.block_on(async {
            let provider = provider(&receiver, protocol);
            end_spans(&provider, 1);
            provider.force_flush().unwrap();
            provider
        });
        drop(runtime);

        end_spans(&provider, 2);
        provider.force_flush().unwrap();

        assert_eq!(distinct(&receiver.spans()), 3);
    }
}

#[test]
fn a_provider_that_is_dropped_exports_what_is_left() {
    for protocol in BOTH {
        let receiver = Receiver::start();
        let provider = provider(&receiver, protocol);
        let tracer = provider.tracer("safety");
        end_spans(&provider, 3);
        drop(provider);
        drop(tracer.start("the tracer keeps the provider"));

        drop(tracer);

        assert_eq!(distinct(&receiver.spans()), 4);
    }
}

#[test]
fn a_log_exporter_that_is_dropped_exports_what_is_left() {
    let receiver = Receiver::start();
    let resource = Resource::builder_empty().build();
    let exporter = LogExporter::start(&receiver.otlp(Protocol::Grpc), &resource, batches(), None).unwrap();
    let logging = SdkLoggerProvider::builder().with_log_processor(exporter.clone()).build();
    let logger = logging.logger("safety");
    logger.emit(logger.create_log_record());

    logging.shutdown().unwrap();
    logger.emit(logger.create_log_record());

    assert_eq!(receiver.received().len(), 1);
    assert_eq!(exporter.counts(), ExportCounts { exported: 1, after_shutdown: 1, ..ExportCounts::default() });
}

#[test]
fn a_shutdown_is_one_and_ends_flushes() {
    let receiver = Receiver::start();
    let provider = provider(&receiver, Protocol::Grpc);
    provider.shutdown_with_timeout(Duration::from_secs(1)).unwrap();

    let (again, flushed) = (provider.shutdown_with_timeout(Duration::from_secs(1)), provider.force_flush());

    assert!(matches!(again, Err(OTelSdkError::AlreadyShutdown)), "{again:?}");
    assert!(matches!(flushed, Err(OTelSdkError::AlreadyShutdown)), "{flushed:?}");
}

#[test]
fn a_flush_of_nothing_sends_nothing() {
    let receiver = Receiver::start();
    let provider = provider(&receiver, Protocol::Grpc);

    provider.force_flush().unwrap();

    assert_eq!(receiver.received().len(), 0);
}

#[test]
fn flushes_of_many_threads_all_end() {
    let receiver = Receiver::start();
    let provider = provider(&receiver, Protocol::Grpc);
    thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                for _ in 0..20 {
                    end_spans(&provider, 3);
                    let flushed = provider.force_flush();
                    // On a machine that is busy.
                    assert!(matches!(flushed, Ok(()) | Err(OTelSdkError::Timeout(_))), "{flushed:?}");
                }
            });
        }
    });
    wait::until("the exports", || (provider.counts().exported == 240).then_some(()));
    assert_eq!(distinct(&receiver.spans()), 240);
}

#[test]
fn a_flush_that_meets_a_shutdown_does_not_wait_for_nobody() {
    let receiver = Receiver::start();
    for _ in 0..50 {
        let provider = provider(&receiver, Protocol::HttpProtobuf);
        thread::scope(|threads| {
            threads.spawn(|| provider.shutdown_with_timeout(wait::PATIENCE).unwrap());
            let flushed = provider.force_flush();
            assert!(matches!(flushed, Ok(()) | Err(OTelSdkError::AlreadyShutdown)), "{flushed:?}");
        });
    }
}
