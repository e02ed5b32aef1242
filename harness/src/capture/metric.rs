//! Metric families and points, one model for exposition text and OTLP.

use std::sync::Arc;

use super::{Attributes, Origin, SpanId, Str, TraceId};

/// All metrics read at one moment from one place.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Scrape {
    /// When, in nanoseconds since the Unix epoch, by the reader's clock.
    pub time: u64,
    /// Where from: the URL scraped, or `otlp`.
    pub source: Str,
    /// The exposition text as it came, byte for byte; empty for OTLP.
    pub text: String,
    /// The families in it.
    pub families: Vec<Family>,
}

impl Scrape {
    /// The source of metrics that came by OTLP.
    pub const OTLP: &str = "otlp";
}

/// The kind of a metric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MetricKind {
    /// No `# TYPE` line said.
    #[default]
    Unknown,
    /// A monotonic sum.
    Counter,
    /// A value that goes both ways, OTLP non-monotonic sums included.
    Gauge,
    /// A histogram with explicit buckets.
    Histogram,
    /// A histogram with exponential buckets (OTLP) or a native one (Prometheus).
    ExponentialHistogram,
    /// Quantiles computed by the service.
    Summary,
}

impl MetricKind {
    /// The kind as contracts spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::ExponentialHistogram => "exponential-histogram",
            Self::Summary => "summary",
        }
    }
}

/// Whether points count since the start or since the last point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Temporality {
    /// Since the process started; exposition text always is.
    #[default]
    Cumulative,
    /// Since the last point.
    Delta,
}

/// One metric and its points.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Family {
    /// The Prometheus name without the suffixes of its samples: `rag_query_duration_seconds`, not `…_bucket`;
    /// counters keep their `_total`. For OTLP, the translation of the instrument's name and unit.
    pub name: Str,
    /// The instrument's own name, where OTLP says it: `rag.query.duration`.
    pub instrument: Option<Str>,
    /// Help text or description.
    pub help: Str,
    /// The unit: OTLP's, or `# UNIT`, or what the name's suffix says (`seconds` → `s`, `bytes` → `By`, `ratio` → `1`); empty if none does.
    pub unit: Str,
    /// The kind.
    pub kind: MetricKind,
    /// Temporality of sums and histograms.
    pub temporality: Temporality,
    /// One point a set of labels.
    pub points: Vec<Point>,
    /// Resource and scope, for OTLP; empty for exposition text.
    pub origin: Arc<Origin>,
}

/// One set of labels and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Labels or attributes, without `le` and `quantile`.
    pub labels: Attributes,
    /// The value.
    pub value: PointValue,
    /// Start of the counting, in nanoseconds since the Unix epoch; 0 if not said.
    pub start: u64,
    /// Nanoseconds since the Unix epoch; 0 if the sample carries no time of its own.
    pub time: u64,
    /// Exemplars, as they came.
    pub exemplars: Vec<Exemplar>,
}

/// A point's value.
#[derive(Clone, Debug, PartialEq)]
pub enum PointValue {
    /// A counter's, gauge's or untyped value.
    Number(f64),
    /// A histogram.
    Histogram(HistogramPoint),
    /// Quantile and value pairs, count and sum.
    Summary {
        /// Observations.
        count: u64,
        /// Their sum, in the family's unit.
        sum: f64,
        /// Quantile (0..=1) and value.
        quantiles: Vec<(f64, f64)>,
    },
}

/// A histogram's state.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct HistogramPoint {
    /// Observations.
    pub count: u64,
    /// Their sum, in the family's unit; `None` where the SDK leaves it out.
    pub sum: Option<f64>,
    /// Upper bounds in rising order, without infinity.
    pub bounds: Vec<f64>,
    /// Observations in each bucket, not cumulative; one longer than `bounds`, empty for exponential histograms.
    pub counts: Vec<u64>,
    /// Smallest observation, where said.
    pub min: Option<f64>,
    /// Largest observation, where said.
    pub max: Option<f64>,
    /// The buckets of an exponential histogram; `None` for explicit bounds.
    pub exponential: Option<Box<ExponentialBuckets>>,
}

/// The buckets of an exponential histogram, as OTLP defines them: with base = 2^(2^-scale), bucket `i` holds
/// observations above base^i and up to base^(i+1).
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ExponentialBuckets {
    /// The resolution; higher is finer.
    pub scale: i32,
    /// Observations no further from zero than `zero_threshold`.
    pub zero_count: u64,
    /// Half the width of the bucket around zero.
    pub zero_threshold: f64,
    /// Buckets above zero.
    pub positive: BucketRun,
    /// Buckets below zero, mirrored.
    pub negative: BucketRun,
}

/// Neighbouring exponential buckets.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct BucketRun {
    /// Index of the first bucket.
    pub offset: i32,
    /// Observations in each, not cumulative.
    pub counts: Vec<u64>,
}

/// One observation with the trace it was made in.
#[derive(Clone, Debug, PartialEq)]
pub struct Exemplar {
    /// The observation, in the family's unit.
    pub value: f64,
    /// Nanoseconds since the Unix epoch; 0 if not said.
    pub time: u64,
    /// The trace.
    pub trace_id: Option<TraceId>,
    /// The span.
    pub span_id: Option<SpanId>,
    /// Labels beside the ids, or OTLP's filtered attributes.
    pub labels: Attributes,
}
