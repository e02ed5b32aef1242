//! Collectors that are dead, slow, late, or say nothing.

use std::{
    net::TcpListener,
    pin::Pin,
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use http::{Request, Response};
use opentelemetry::trace::{Tracer as _, TracerProvider as _};
use opentelemetry_http::{Bytes, HttpClient, HttpError};
use opentelemetry_sdk::error::OTelSdkError;
use otlp_inline::{BatchConfig, ExportCounts, Otlp, Protocol, TracerProvider};

use super::{batches, distinct, end_spans, total};
use crate::support::{
    receiver::{BOTH, Receiver, Reserved, otlp},
    sink::Sink,
    wait,
};

/// Far from the limits given to calls, and from the timeouts of exports that must not be waited for.
const LONG: Duration = Duration::from_secs(30);

#[test]
fn a_dead_collector_costs_spans_and_no_memory_and_each_is_counted() {
    for protocol in BOTH {
        let dead = Reserved::new();
        let batches = BatchConfig { max_queue_size: 256, max_export_batch_size: 64, ..batches() };
        let provider = TracerProvider::builder(otlp(protocol, dead.url()).with_timeout(Duration::from_millis(20)))
            .with_batch_config(batches)
            .build()
            .unwrap();

        thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| end_spans(&provider, 5_000));
            }
        });
        provider.shutdown_with_timeout(Duration::from_secs(1)).unwrap();

        let counts = provider.counts();
        assert_eq!(total(&counts), 20_000, "{counts:?}");
        assert_eq!((counts.exported, counts.rejected, counts.after_shutdown), (0, 0, 0), "{counts:?}");
        assert!(counts.queue_full > 0 && counts.failed > 0, "{counts:?}");
    }
}

#[test]
fn as_many_spans_wait_for_a_slow_collector_as_may_and_no_more() {
    for protocol in BOTH {
        let receiver = Receiver::start();
        receiver.close();
        let batches = BatchConfig { max_queue_size: 256, max_export_batch_size: 64, ..batches() };
        let provider = TracerProvider::builder(receiver.otlp(protocol).with_timeout(wait::PATIENCE))
            .with_batch_config(batches)
            .build()
            .unwrap();
        end_spans(&provider, 64);
        wait::until("the first request", || (receiver.received().len() == 1).then_some(()));

        thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| end_spans(&provider, 1_000));
            }
        });

        // In the queue, in the threads' buffers, and on the way. There are no more buffers than the machine has threads.
        let buffers = thread::available_parallelism().unwrap().get().next_power_of_two();
        let lost = usize::try_from(provider.counts().queue_full).unwrap();
        let waiting = 4_064 - lost;
        assert!((256..=256 + 64 * (buffers + 1)).contains(&waiting), "{waiting} wait");

        receiver.open();
        wait::until("everything", || provider.force_flush().ok());
        let counts = provider.counts();
        assert_eq!(total(&counts), 4_064, "{counts:?}");
        assert_eq!(counts.exported, waiting as u64);
        assert_eq!((receiver.spans().len(), distinct(&receiver.spans())), (waiting, waiting));
    }
}

#[test]
fn a_collector_that_answers_too_late_costs_what_was_on_its_way() {
    for protocol in BOTH {
        let receiver = Receiver::start();
        receiver.close();
        let provider = TracerProvider::builder(receiver.otlp(protocol).with_timeout(Duration::from_millis(100)))
            .with_batch_config(batches())
            .build()
            .unwrap();
        end_spans(&provider, 3);
        let flushed = provider.force_flush();
        assert!(matches!(flushed, Err(OTelSdkError::InternalFailure(_))), "{flushed:?}");
        assert_eq!(provider.counts(), ExportCounts { failed: 3, ..ExportCounts::default() });

        receiver.open();
        let mut ended = 3;
        wait::until("an export", || {
            end_spans(&provider, 1);
            ended += 1;
            provider.force_flush().ok()
        });

        let counts = provider.counts();
        assert_eq!(total(&counts), ended, "{counts:?}");
    }
}

#[test]
fn a_shutdown_does_not_wait_for_a_collector_that_is_not_there() {
    for protocol in BOTH {
        let dead = Reserved::new();
        let provider = TracerProvider::builder(otlp(protocol, dead.url()).with_timeout(Duration::from_hours(1)))
            .with_batch_config(batches())
            .build()
            .unwrap();
        end_spans(&provider, 1_000);

        let begun = Instant::now();
        provider.shutdown_with_timeout(Duration::from_millis(200)).unwrap();

        assert!(begun.elapsed() < LONG);
        assert_eq!(provider.counts(), ExportCounts { failed: 1_000, ..ExportCounts::default() });
    }
}

#[test]
fn a_shutdown_does_not_wait_for_a_collector_that_says_nothing() {
    for protocol in BOTH {
        // Connections are made by the system, and nobody reads from them.
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", silent.local_addr().unwrap());
        let provider = TracerProvider::builder(otlp(protocol, url).with_timeout(Duration::from_hours(1)))
            .with_batch_config(batches())
            .build()
            .unwrap();
        end_spans(&provider, 1_000);

        let begun = Instant::now();
        provider.shutdown_with_timeout(Duration::from_millis(200)).unwrap();

        assert!(begun.elapsed() < LONG);
        assert_eq!(provider.counts(), ExportCounts { failed: 1_000, ..ExportCounts::default() });
    }
}

#[test]
fn a_shutdown_does_not_wait_for_a_collector_that_answers_nothing() {
    for protocol in BOTH {
        let receiver = Receiver::start();
        receiver.close();
        let provider = TracerProvider::builder(receiver.otlp(protocol).with_timeout(Duration::from_hours(1)))
            .with_batch_config(batches())
            .build()
            .unwrap();
        end_spans(&provider, 512);
        wait::until("a request", || (receiver.received().len() == 1).then_some(()));
        end_spans(&provider, 3);

        let begun = Instant::now();
        provider.shutdown_with_timeout(Duration::from_millis(200)).unwrap();

        assert!(begun.elapsed() < LONG);
        assert_eq!(provider.counts(), ExportCounts { failed: 515, ..ExportCounts::default() });
    }
}

#[test]
fn a_flush_loses_patience_and_the_spans_still_arrive() {
    let receiver = Receiver::start();
    receiver.close();
    let provider = TracerProvider::builder(receiver.otlp(Protocol::Grpc).with_timeout(wait::PATIENCE))
        .with_batch_config(batches())
        .build()
        .unwrap();
    end_spans(&provider, 3);

    let flushed = provider.force_flush();
    receiver.open();

    assert!(matches!(flushed, Err(OTelSdkError::Timeout(_))), "{flushed:?}");
    wait::until("the export", || (provider.counts().exported == 3).then_some(()));
    assert_eq!(receiver.spans().len(), 3);
}

/// A client that takes its time, as a collector does that keeps up with half of what is sent.
#[derive(Debug, Default)]
struct Slow(Sink);

impl HttpClient for Slow {
    fn send_bytes<'life, 'future>(
        &'life self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'future>>
    where
        'life: 'future,
        Self: 'future,
    {
        Box::pin(async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            self.0.send_bytes(request).await
        })
    }
}

/// Ends a thread with the test, whatever the test's end is.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_flush_ends_although_spans_go_on_to_end() {
    let batches = BatchConfig { max_queue_size: 64, max_export_batch_size: 8, ..batches() };
    let otlp = Otlp::http("http://localhost").with_http_client(Arc::new(Slow::default())).with_timeout(wait::PATIENCE);
    let provider = TracerProvider::builder(otlp).with_batch_config(batches).build().unwrap();
    let done = AtomicBool::new(false);

    let flushed = thread::scope(|threads| {
        threads.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                end_spans(&provider, 8);
            }
        });
        let _done = Done(&done);
        wait::until("a queue that is full", || (provider.counts().queue_full > 0).then_some(()));
        provider.force_flush()
    });

    flushed.unwrap();
}

#[test]
fn a_span_of_a_quiet_thread_is_exported_in_time_although_another_thread_is_loud() {
    let client = Slow::default();
    let sent = client.0.clone();
    let batches =
        BatchConfig { max_queue_size: 256, max_export_batch_size: 8, scheduled_delay: Duration::from_millis(20) };
    let otlp = Otlp::http("http://localhost").with_http_client(Arc::new(client)).with_timeout(wait::PATIENCE);
    let provider = TracerProvider::builder(otlp).with_batch_config(batches).build().unwrap();
    let done = AtomicBool::new(false);

    thread::scope(|threads| {
        threads.spawn(|| {
            let mut ended = 0;
            while !done.load(Ordering::Relaxed) {
                // Always several batches ahead of the exporter, and never so many that one is lost.
                if ended - total(&provider.counts()) < 128 {
                    end_spans(&provider, 8);
                    ended += 8;
                }
            }
        });
        let _done = Done(&done);
        // Threads share buffers: not all of these share the loud one's.
        for _ in 0..8 {
            threads.spawn(|| drop(provider.tracer("safety").start("quiet"))).join().unwrap();
        }
        let mut quiet = 0;
        wait::until("the quiet ones", || {
            let requests = sent.take_spans();
            let scopes =
                requests.iter().flat_map(|request| &request.resource_spans).flat_map(|spans| &spans.scope_spans);
            quiet += scopes.flat_map(|spans| &spans.spans).filter(|span| span.name == "quiet").count();
            (quiet == 8).then_some(())
        });
    });
    assert_eq!(provider.counts().queue_full, 0);
}

/// A client whose work blocks a thread, as a look-up of a name does that nobody answers.
#[derive(Debug, Default)]
struct Blocking(Arc<(Mutex<bool>, Condvar)>);

impl Blocking {
    fn release(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }
}

impl HttpClient for Blocking {
    fn send_bytes<'life, 'future>(
        &'life self,
        _: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'future>>
    where
        'life: 'future,
        Self: 'future,
    {
        let state = Arc::clone(&self.0);
        let wait = move || drop(state.1.wait_while(state.0.lock().unwrap(), |released| !*released).unwrap());
        Box::pin(async {
            tokio::task::spawn_blocking(wait).await?;
            Ok(Response::new(Bytes::new()))
        })
    }
}

#[test]
fn a_shutdown_does_not_wait_for_a_thread_that_blocks() {
    let client = Arc::new(Blocking::default());
    let otlp = Otlp::http("http://localhost").with_http_client(client.clone());
    let provider = TracerProvider::builder(otlp).with_batch_config(batches()).build().unwrap();
    end_spans(&provider, 3);

    let (ended, end) = mpsc::channel();
    thread::scope(|threads| {
        threads.spawn(|| {
            let result = provider.shutdown_with_timeout(Duration::from_millis(100));
            ended.send(result).unwrap();
        });
        let result = end.recv_timeout(LONG);
        client.release();
        result.expect("an end").unwrap();
    });

    assert_eq!(provider.counts(), ExportCounts { failed: 3, ..ExportCounts::default() });
}

/// A client that cannot be used here, as one that starts a runtime of its own in ours.
#[derive(Debug)]
struct Panicking;

impl HttpClient for Panicking {
    fn send_bytes<'life, 'future>(
        &'life self,
        _: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'future>>
    where
        'life: 'future,
        Self: 'future,
    {
        Box::pin(async { std::panic::resume_unwind(Box::new("no message")) })
    }
}

#[test]
fn a_client_that_panics_costs_what_it_carried_and_it_is_counted() {
    let otlp = Otlp::http("http://localhost").with_http_client(Arc::new(Panicking));
    let provider = TracerProvider::builder(otlp).with_batch_config(batches()).build().unwrap();

    for ended in [3, 6] {
        end_spans(&provider, 3);
        let flushed = provider.force_flush();

        assert!(matches!(flushed, Err(OTelSdkError::InternalFailure(_))), "{flushed:?}");
        assert_eq!(provider.counts(), ExportCounts { failed: ended, ..ExportCounts::default() });
    }
    end_spans(&provider, 3);
    provider.shutdown_with_timeout(Duration::from_secs(1)).unwrap();
    assert_eq!(provider.counts(), ExportCounts { failed: 9, ..ExportCounts::default() });
}
