//! Metrics of every kind.

use std::sync::Arc;

use opentelemetry_proto::tonic::metrics::v1::AggregationTemporality;
use serde::Deserialize;

use super::common::{KeyValue, Resource, Scope, attributes, origin, resource};
use super::scalar::{Enum, Id, Int, List, Real, Text};
use crate::capture::otlp::decode::{float, temporality};
use crate::capture::otlp::family::{Described, Metadata, family};
use crate::capture::{
    self, BucketRun, ExponentialBuckets, Family, HistogramPoint, Interner, MetricKind, Origin, Point, PointValue,
    SpanId, Temporality, TraceId,
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct ResourceMetrics<'a> {
    resource: Option<Resource<'a>>,
    #[serde(alias = "scope_metrics")]
    scope_metrics: List<ScopeMetrics<'a>>,
    #[serde(alias = "schema_url")]
    schema_url: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct ScopeMetrics<'a> {
    scope: Option<Scope<'a>>,
    metrics: List<Metric<'a>>,
    #[serde(alias = "schema_url")]
    schema_url: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Metric<'a> {
    name: Text<'a>,
    description: Text<'a>,
    unit: Text<'a>,
    metadata: List<KeyValue<'a>>,
    gauge: Option<Data<NumberPoint<'a>>>,
    sum: Option<Data<NumberPoint<'a>>>,
    histogram: Option<Data<Histogram<'a>>>,
    #[serde(alias = "exponential_histogram")]
    exponential_histogram: Option<Data<Exponential<'a>>>,
    summary: Option<Data<Summary<'a>>>,
}

/// The five kinds of data differ in their points; the other fields are absent where they do not apply.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "P: Deserialize<'de>"))]
#[expect(clippy::struct_field_names, reason = "OTLP's names")]
struct Data<P> {
    #[serde(default, alias = "data_points")]
    data_points: List<P>,
    #[serde(default, alias = "aggregation_temporality")]
    aggregation_temporality: Enum<AggregationTemporality>,
    #[serde(default, alias = "is_monotonic")]
    is_monotonic: bool,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct NumberPoint<'a> {
    attributes: List<KeyValue<'a>>,
    #[serde(alias = "start_time_unix_nano")]
    start_time_unix_nano: Int<u64>,
    #[serde(alias = "time_unix_nano")]
    time_unix_nano: Int<u64>,
    #[serde(alias = "as_double")]
    as_double: Option<Real>,
    #[serde(alias = "as_int")]
    as_int: Option<Int<i64>>,
    exemplars: List<Exemplar<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Histogram<'a> {
    attributes: List<KeyValue<'a>>,
    #[serde(alias = "start_time_unix_nano")]
    start_time_unix_nano: Int<u64>,
    #[serde(alias = "time_unix_nano")]
    time_unix_nano: Int<u64>,
    count: Int<u64>,
    sum: Option<Real>,
    #[serde(alias = "bucket_counts")]
    bucket_counts: List<Int<u64>>,
    #[serde(alias = "explicit_bounds")]
    explicit_bounds: List<Real>,
    exemplars: List<Exemplar<'a>>,
    min: Option<Real>,
    max: Option<Real>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Exponential<'a> {
    attributes: List<KeyValue<'a>>,
    #[serde(alias = "start_time_unix_nano")]
    start_time_unix_nano: Int<u64>,
    #[serde(alias = "time_unix_nano")]
    time_unix_nano: Int<u64>,
    count: Int<u64>,
    sum: Option<Real>,
    scale: Int<i32>,
    #[serde(alias = "zero_count")]
    zero_count: Int<u64>,
    #[serde(alias = "zero_threshold")]
    zero_threshold: Real,
    positive: Option<Buckets>,
    negative: Option<Buckets>,
    exemplars: List<Exemplar<'a>>,
    min: Option<Real>,
    max: Option<Real>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Buckets {
    offset: Int<i32>,
    #[serde(alias = "bucket_counts")]
    bucket_counts: List<Int<u64>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Summary<'a> {
    attributes: List<KeyValue<'a>>,
    #[serde(alias = "start_time_unix_nano")]
    start_time_unix_nano: Int<u64>,
    #[serde(alias = "time_unix_nano")]
    time_unix_nano: Int<u64>,
    count: Int<u64>,
    sum: Real,
    #[serde(alias = "quantile_values")]
    quantile_values: List<Quantile>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Quantile {
    quantile: Real,
    value: Real,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Exemplar<'a> {
    #[serde(alias = "filtered_attributes")]
    filtered_attributes: List<KeyValue<'a>>,
    #[serde(alias = "time_unix_nano")]
    time_unix_nano: Int<u64>,
    #[serde(alias = "as_double")]
    as_double: Option<Real>,
    #[serde(alias = "as_int")]
    as_int: Option<Int<i64>>,
    #[serde(alias = "span_id")]
    span_id: Id<8>,
    #[serde(alias = "trace_id")]
    trace_id: Id<16>,
}

pub(super) fn families(blocks: &[ResourceMetrics<'_>], strings: &mut Interner) -> Vec<Family> {
    let mut families = Vec::new();
    for by_resource in blocks {
        let resource = resource(by_resource.resource.as_ref(), &by_resource.schema_url, strings);
        for by_scope in &*by_resource.scope_metrics {
            let origin = origin(&resource, by_scope.scope.as_ref(), &by_scope.schema_url, strings);
            families.extend(by_scope.metrics.iter().map(|json| metric(json, &origin, strings)));
        }
    }
    families
}

fn metric(json: &Metric<'_>, origin: &Arc<Origin>, strings: &mut Interner) -> Family {
    let (kind, temporality, points) = data(json, strings);
    let described = Described {
        name: &json.name,
        description: &json.description,
        unit: &json.unit,
        kind,
        temporality,
        metadata: Metadata::read(json.metadata.iter().filter_map(KeyValue::text)),
    };
    Family { points, ..family(&described, origin, strings) }
}

fn data(json: &Metric<'_>, strings: &mut Interner) -> (MetricKind, Temporality, Vec<Point>) {
    fn read<P>(
        kind: MetricKind,
        data: &Data<P>,
        point: fn(&P, &mut Interner) -> Point,
        strings: &mut Interner,
    ) -> (MetricKind, Temporality, Vec<Point>) {
        let points = data.data_points.iter().map(|json| point(json, strings)).collect();
        (kind, temporality(data.aggregation_temporality.0), points)
    }
    if let Some(data) = &json.gauge {
        read(MetricKind::Gauge, data, number, strings)
    } else if let Some(data) = &json.sum {
        let kind = if data.is_monotonic { MetricKind::Counter } else { MetricKind::Gauge };
        read(kind, data, number, strings)
    } else if let Some(data) = &json.histogram {
        read(MetricKind::Histogram, data, histogram, strings)
    } else if let Some(data) = &json.exponential_histogram {
        read(MetricKind::ExponentialHistogram, data, exponential, strings)
    } else if let Some(data) = &json.summary {
        read(MetricKind::Summary, data, summary, strings)
    } else {
        (MetricKind::Unknown, Temporality::Cumulative, Vec::new())
    }
}

fn number(json: &NumberPoint<'_>, strings: &mut Interner) -> Point {
    Point {
        labels: attributes(&json.attributes, strings),
        value: PointValue::Number(either(json.as_double, json.as_int)),
        start: json.start_time_unix_nano.0,
        time: json.time_unix_nano.0,
        exemplars: exemplars(&json.exemplars, strings),
    }
}

fn either(double: Option<Real>, int: Option<Int<i64>>) -> f64 {
    double.map(|number| number.0).or(int.map(|number| float(number.0))).unwrap_or(f64::NAN)
}

fn histogram(json: &Histogram<'_>, strings: &mut Interner) -> Point {
    Point {
        labels: attributes(&json.attributes, strings),
        value: PointValue::Histogram(HistogramPoint {
            count: json.count.0,
            sum: json.sum.map(|sum| sum.0),
            bounds: json.explicit_bounds.iter().map(|bound| bound.0).collect(),
            counts: json.bucket_counts.iter().map(|count| count.0).collect(),
            min: json.min.map(|min| min.0),
            max: json.max.map(|max| max.0),
            exponential: None,
        }),
        start: json.start_time_unix_nano.0,
        time: json.time_unix_nano.0,
        exemplars: exemplars(&json.exemplars, strings),
    }
}

fn exponential(json: &Exponential<'_>, strings: &mut Interner) -> Point {
    let run = |json: Option<&Buckets>| {
        json.map_or_else(BucketRun::default, |json| BucketRun {
            offset: json.offset.0,
            counts: json.bucket_counts.iter().map(|count| count.0).collect(),
        })
    };
    Point {
        labels: attributes(&json.attributes, strings),
        value: PointValue::Histogram(HistogramPoint {
            count: json.count.0,
            sum: json.sum.map(|sum| sum.0),
            min: json.min.map(|min| min.0),
            max: json.max.map(|max| max.0),
            exponential: Some(Box::new(ExponentialBuckets {
                scale: json.scale.0,
                zero_count: json.zero_count.0,
                zero_threshold: json.zero_threshold.0,
                positive: run(json.positive.as_ref()),
                negative: run(json.negative.as_ref()),
            })),
            ..HistogramPoint::default()
        }),
        start: json.start_time_unix_nano.0,
        time: json.time_unix_nano.0,
        exemplars: exemplars(&json.exemplars, strings),
    }
}

fn summary(json: &Summary<'_>, strings: &mut Interner) -> Point {
    Point {
        labels: attributes(&json.attributes, strings),
        value: PointValue::Summary {
            count: json.count.0,
            sum: json.sum.0,
            quantiles: json.quantile_values.iter().map(|pair| (pair.quantile.0, pair.value.0)).collect(),
        },
        start: json.start_time_unix_nano.0,
        time: json.time_unix_nano.0,
        exemplars: Vec::new(),
    }
}

fn exemplars(json: &[Exemplar<'_>], strings: &mut Interner) -> Vec<capture::Exemplar> {
    json.iter()
        .map(|json| capture::Exemplar {
            value: either(json.as_double, json.as_int),
            time: json.time_unix_nano.0,
            trace_id: json.trace_id.present().map(TraceId),
            span_id: json.span_id.present().map(SpanId),
            labels: attributes(&json.filtered_attributes, strings),
        })
        .collect()
}
