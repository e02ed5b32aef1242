//! How fast a saved capture is loaded, on all cores, and saved, on one.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "a benchmark")]

mod support;

use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use otelgate_harness::capture::{Capture, load, save};
use support::{SIZES, Source, resident_bytes};

fn saved(count: usize) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    save(&Capture { spans: Source::new().spans(count), ..Capture::default() }, dir.path()).unwrap();
    dir
}

fn loading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load");
    group.sample_size(10).sampling_mode(SamplingMode::Flat).warm_up_time(Duration::from_millis(1));
    for count in SIZES {
        let dir = saved(count);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
            // The loaded capture is dropped outside the measurement.
            bencher.iter_batched(|| (), |()| load(dir.path()).unwrap(), BatchSize::PerIteration);
        });
    }
    group.finish();
}

fn saving(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("save");
    group.sample_size(10).sampling_mode(SamplingMode::Flat).warm_up_time(Duration::from_millis(1));
    let count = SIZES[1];
    let capture = Capture { spans: Source::new().spans(count), ..Capture::default() };
    let dir = tempfile::tempdir().unwrap();
    group.throughput(Throughput::Elements(count as u64));
    group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
        bencher.iter(|| save(&capture, dir.path()).unwrap());
    });
    group.finish();
}

fn memory(_: &mut Criterion) {
    let count = SIZES[2];
    let dir = saved(count);
    let before = resident_bytes();
    let capture = load(dir.path()).unwrap();
    let grown = resident_bytes().saturating_sub(before);
    assert_eq!(capture.spans.len(), count);
    eprintln!("memory: {} bytes a span at {count} spans, freed pages of the heap not counted", grown / count);
}

// Memory last would measure a heap that the benchmarks left; first, what `saved` left.
criterion_group!(benches, memory, loading, saving);
criterion_main!(benches);
