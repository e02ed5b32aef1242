//! How many spans a second the checks judge, and whether that holds as captures grow.

#![expect(clippy::expect_used, reason = "a benchmark of a broken contract measures nothing")]

#[path = "../tests/suite/support/rag.rs"]
mod rag;

use std::collections::HashMap;
use std::hint::black_box;
use std::path::Path;

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use otelgate_harness::capture::build::Builder;
use otelgate_harness::capture::{Capture, Party, Span, TraceContext, TraceId, load};
use otelgate_harness::checks::{CHECKS, Index, judge};
use otelgate_harness::contract;

/// Spans of one cold query.
const SPANS_A_TRACE: usize = 16;

/// A capture of about this many spans that keeps the contract.
fn capture(spans: usize) -> Capture {
    let query = rag::cold_query();
    let mut builder = Builder::new();
    for _ in 0..spans / SPANS_A_TRACE {
        builder.push_sampled("cold query", &query);
    }
    builder.build()
}

fn all_checks(criterion: &mut Criterion) {
    let contract = rag::contract();
    let mut group = criterion.benchmark_group("checks");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    for spans in [10_000, 100_000, 1_000_000] {
        let capture = capture(spans);
        // Traces alone are measured: the checks of metrics have nothing to look at, and say so.
        let findings = judge(&capture, &contract).findings;
        assert!(findings.iter().all(|finding| finding.id == "run.check-found-nothing"), "{findings:?}");
        group.throughput(Throughput::Elements(capture.spans.len() as u64));
        group.bench_with_input(BenchmarkId::new("judge", spans), &capture, |bencher, capture| {
            bencher.iter(|| judge(black_box(capture), &contract));
        });
    }
    group.finish();
}

/// The saved capture, its cold queries repeated under new trace ids until there are about this many spans. Exchanges,
/// metrics, logs and canaries are those of the run: every check has its real work.
fn repeated(healthy: &Capture, spans: usize) -> Capture {
    let mut capture = healthy.clone();
    let cold: Vec<_> = healthy
        .exchanges
        .iter()
        .filter(|exchange| exchange.by == Party::Driver && exchange.scenario == "retrieval quality")
        .filter_map(|exchange| match &exchange.trace {
            Some(TraceContext::Sampled { trace_id, .. }) => Some((exchange, TraceId::from_hex(trace_id)?)),
            _ => None,
        })
        .collect();
    let of_trace: HashMap<TraceId, Vec<&Span>> = healthy.spans.iter().fold(HashMap::new(), |mut all, span| {
        all.entry(span.trace_id).or_insert_with(Vec::new).push(span);
        all
    });
    let mut number: u64 = 0;
    while capture.spans.len() < spans {
        for (exchange, id) in &cold {
            number += 1;
            let mut fresh = id.0;
            fresh[..8].copy_from_slice(&number.to_be_bytes());
            let fresh = TraceId(fresh);
            capture.spans.extend(of_trace[id].iter().map(|span| Span { trace_id: fresh, ..(*span).clone() }));
            let mut exchange = (*exchange).clone();
            if let Some(TraceContext::Sampled { trace_id, .. }) = &mut exchange.trace {
                *trace_id = fresh.to_string();
            }
            capture.exchanges.push(exchange);
        }
    }
    capture
}

fn reference(criterion: &mut Criterion) {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let contract = contract::read(&fixtures.join("contracts/rag-service.yaml")).expect("the reference contract");
    let healthy = load(&fixtures.join("captures/healthy")).expect("the saved capture");
    let mut group = criterion.benchmark_group("reference");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    for spans in [10_000, 100_000, 1_000_000] {
        let capture = repeated(&healthy, spans);
        // Metrics and logs are those of one run: that they no longer equal the spans is all there is to find.
        let findings = judge(&capture, &contract).findings;
        assert!(findings.iter().all(|finding| finding.id == "relation.broken"), "{findings:?}");
        group.throughput(Throughput::Elements(capture.spans.len() as u64));
        group.bench_with_input(BenchmarkId::new("judge", spans), &capture, |bencher, capture| {
            bencher.iter(|| judge(black_box(capture), &contract));
        });
    }
    group.finish();
}

fn each_check(criterion: &mut Criterion) {
    let contract = rag::contract();
    let mut group = criterion.benchmark_group("check");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    for spans in [10_000, 1_000_000] {
        let capture = capture(spans);
        group.throughput(Throughput::Elements(capture.spans.len() as u64));
        group.bench_with_input(BenchmarkId::new("index", spans), &capture, |bencher, capture| {
            bencher.iter(|| Index::new(black_box(capture)).trace_count());
        });
        let index = Index::new(&capture);
        for check in CHECKS {
            group.bench_with_input(BenchmarkId::new(check.name, spans), &index, |bencher, index| {
                bencher.iter(|| (check.run)(black_box(index), &contract, &mut Vec::new()));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, all_checks, reference, each_check);
criterion_main!(benches);
