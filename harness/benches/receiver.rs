//! How fast one core receives spans, by transport and by how many are held already.
//!
//! The collector has a thread of its own; the sender, which has to encode, another.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "a benchmark")]

mod support;

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use futures::StreamExt;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use otelgate_harness::capture::otlp::{encode, json};
use otelgate_harness::standins::{Collector, collector};
use prost::Message;
use support::{BATCH, SIZES, Source, resident_bytes};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

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
    _stop: oneshot::Sender<()>,
}

impl Receiver {
    fn start() -> Self {
        let (stop, stopped) = oneshot::channel();
        let (send, receive) = mpsc::channel();
        thread::spawn(move || {
            runtime().block_on(async {
                send.send(collector().run().await.unwrap()).unwrap();
                let _ = stopped.await;
            });
        });
        Self { collector: receive.recv().unwrap(), _stop: stop }
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Encoded requests, made before the clock starts as far as memory allows: only the bytes differ from run to run.
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
                    let mut elapsed = Duration::ZERO;
                    for _ in 0..rounds {
                        let begun = Instant::now();
                        sender.block_on(send(transport, &receiver.collector, count));
                        elapsed += begun.elapsed();
                        assert_eq!(receiver.collector.take().spans.len(), count, "nothing is lost");
                    }
                    elapsed
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
