//! How many spans a second the checks judge, and whether that holds as captures grow.

#![expect(clippy::expect_used, reason = "a benchmark of a broken contract measures nothing")]

#[path = "../tests/suite/support/rag.rs"]
mod rag;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use otelgate_harness::capture::Capture;
use otelgate_harness::capture::build::Builder;
use otelgate_harness::checks::{CHECKS, Index, judge};

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

criterion_group!(benches, all_checks, each_check);
criterion_main!(benches);
