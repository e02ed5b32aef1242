//! How fast one core receives spans, by transport and by how many are held already.
//!
//! The collector has a thread of its own, and what is measured is the time that this thread was on a core: the sender,
//! which has to make and encode the spans, is the slower of the two, and other work on the machine does not count.
//! Linux only: the time comes from `/proc`.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "a benchmark")]

mod support;

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use futures::StreamExt;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use otelgate_harness::capture::otlp::{encode, json};
use otelgate_harness::standins::{Collector, collector};
use prost::Message;
use support::{SIZES, Source, resident_bytes};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

/// Spans a request holds, as the SDKs batch them.
const BATCH: usize = 512;

/// Requests on their way at once.
const IN_FLIGHT: usize = 4;

#[derive(Clone, Copy, Debug)]
enum Transport {
    Grpc,
    HttpProtobuf,
    HttpJson,
}

/// A collector on one thread.
struct Receiver {
    collector: Collector,
    /// The thread's `schedstat`, which begins with its time on a core in nanoseconds.
    schedstat: PathBuf,
    _stop: oneshot::Sender<()>,
}

impl Receiver {
    fn start() -> Self {
        let (stop, stopped) = oneshot::channel();
        let (send, receive) = mpsc::channel();
        thread::spawn(move || {
            runtime().block_on(async {
                let thread = std::fs::read_link("/proc/thread-self").unwrap();
                let schedstat = Path::new("/proc").join(thread).join("schedstat");
                send.send((collector().run().await.unwrap(), schedstat)).unwrap();
                let _ = stopped.await;
            });
        });
        let (collector, schedstat) = receive.recv().unwrap();
        Self { collector, schedstat, _stop: stop }
    }

    /// How long the collector's thread has been on a core.
    fn on_core(&self) -> Duration {
        let schedstat = std::fs::read_to_string(&self.schedstat).unwrap();
        Duration::from_nanos(schedstat.split(' ').next().unwrap().parse().unwrap())
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Requests of that many spans together, made as they are sent.
fn requests(count: usize) -> impl Iterator<Item = ExportTraceServiceRequest> {
    let mut source = Source::new();
    let sizes =
        std::iter::repeat_n(BATCH, count / BATCH).chain((!count.is_multiple_of(BATCH)).then_some(count % BATCH));
    sizes.map(move |size| encode::traces(&source.spans(size)))
}

async fn send(transport: Transport, collector: &Collector, count: usize) {
    match transport {
        Transport::Grpc => {
            let client = TraceServiceClient::connect(collector.grpc_url()).await.unwrap();
            futures::stream::iter(requests(count))
                .map(|request| {
                    let mut client = client.clone();
                    async move { client.export(request).await.unwrap() }
                })
                .buffer_unordered(IN_FLIGHT)
                .for_each(|_| std::future::ready(()))
                .await;
        }
        Transport::HttpProtobuf => {
            post(collector, "application/x-protobuf", requests(count).map(|request| request.encode_to_vec())).await;
        }
        Transport::HttpJson => {
            let mut source = Source::new();
            let bodies = (0..count.div_ceil(BATCH)).map(|number| {
                let spans = source.spans(BATCH.min(count - number * BATCH));
                serde_json::to_vec(&json::traces(&spans)).unwrap()
            });
            post(collector, "application/json", bodies).await;
        }
    }
}

async fn post(collector: &Collector, content_type: &'static str, bodies: impl Iterator<Item = Vec<u8>>) {
    // Reqwest is built without a provider of its own; an error says that there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::new();
    let url = collector.http_url() + "/v1/traces";
    futures::stream::iter(bodies)
        .map(|body| {
            let request = client.post(&url).header("content-type", content_type).body(body);
            async move { assert!(request.send().await.unwrap().status().is_success()) }
        })
        .buffer_unordered(IN_FLIGHT)
        .for_each(|()| std::future::ready(()))
        .await;
}

fn receive(criterion: &mut Criterion) {
    let receiver = Receiver::start();
    let sender = runtime();
    let mut group = criterion.benchmark_group("receive");
    group.sample_size(10).sampling_mode(SamplingMode::Flat).warm_up_time(Duration::from_millis(1));
    for transport in [Transport::Grpc, Transport::HttpProtobuf, Transport::HttpJson] {
        for count in SIZES {
            group.throughput(Throughput::Elements(count as u64));
            group.bench_function(BenchmarkId::new(format!("{transport:?}"), count), |bencher| {
                bencher.iter_custom(|rounds| {
                    let mut busy = Duration::ZERO;
                    for _ in 0..rounds {
                        let before = receiver.on_core();
                        sender.block_on(send(transport, &receiver.collector, count));
                        busy += receiver.on_core().saturating_sub(before);
                        assert_eq!(receiver.collector.take().spans.len(), count, "nothing is lost");
                    }
                    busy
                });
            });
        }
    }
    group.finish();
}

fn memory(_: &mut Criterion) {
    let receiver = Receiver::start();
    let sender = runtime();
    let count = SIZES[2];
    let before = resident_bytes();
    sender.block_on(send(Transport::Grpc, &receiver.collector, count));
    let grown = resident_bytes().saturating_sub(before);
    assert_eq!(receiver.collector.counts().spans, count);
    eprintln!("memory: {} bytes a span at {count} spans", grown / count);
}

// Memory first: a heap that was used before would hide growth.
criterion_group!(benches, memory, receive);
criterion_main!(benches);
