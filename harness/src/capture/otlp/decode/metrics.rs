//! Metrics of every kind.

use std::sync::Arc;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value as WireValue;
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Exemplar as WireExemplar, ExponentialHistogramDataPoint, HistogramDataPoint, Metric,
    NumberDataPoint, SummaryDataPoint, exemplar, number_data_point,
};

use super::common::{attributes, optional_id, origin, resource};
use crate::capture::otlp::DecodeError;
use crate::capture::otlp::family::{Described, Metadata, family};
use crate::capture::{
    BucketRun, Exemplar, ExponentialBuckets, Family, HistogramPoint, Interner, MetricKind, Origin, Point, PointValue,
    SpanId, Temporality, TraceId,
};

/// The metric families of a request, in wire order.
///
/// # Errors
/// An exemplar with an id of the wrong length.
pub fn metrics(request: &ExportMetricsServiceRequest, strings: &mut Interner) -> Result<Vec<Family>, DecodeError> {
    let mut families = Vec::new();
    for by_resource in &request.resource_metrics {
        let resource = resource(by_resource.resource.as_ref(), &by_resource.schema_url, strings);
        for by_scope in &by_resource.scope_metrics {
            let origin = origin(&resource, by_scope.scope.as_ref(), &by_scope.schema_url, strings);
            for wire in &by_scope.metrics {
                families.push(metric(wire, &origin, strings)?);
            }
        }
    }
    Ok(families)
}

fn metric(wire: &Metric, origin: &Arc<Origin>, strings: &mut Interner) -> Result<Family, DecodeError> {
    let (kind, temporality) = kind(wire.data.as_ref());
    let described = Described {
        name: &wire.name,
        description: &wire.description,
        unit: &wire.unit,
        kind,
        temporality,
        metadata: Metadata::read(wire.metadata.iter().filter_map(text_pair)),
    };
    let mut family = family(&described, origin, strings);
    family.points = match &wire.data {
        None => Vec::new(),
        Some(Data::Gauge(data)) => points(&data.data_points, number, strings)?,
        Some(Data::Sum(data)) => points(&data.data_points, number, strings)?,
        Some(Data::Histogram(data)) => points(&data.data_points, histogram, strings)?,
        Some(Data::ExponentialHistogram(data)) => points(&data.data_points, exponential, strings)?,
        Some(Data::Summary(data)) => points(&data.data_points, summary, strings)?,
    };
    Ok(family)
}

fn kind(data: Option<&Data>) -> (MetricKind, Temporality) {
    match data {
        None => (MetricKind::Unknown, Temporality::Cumulative),
        Some(Data::Gauge(_)) => (MetricKind::Gauge, Temporality::Cumulative),
        Some(Data::Sum(sum)) => {
            let kind = if sum.is_monotonic { MetricKind::Counter } else { MetricKind::Gauge };
            (kind, temporality(sum.aggregation_temporality))
        }
        Some(Data::Histogram(data)) => (MetricKind::Histogram, temporality(data.aggregation_temporality)),
        Some(Data::ExponentialHistogram(data)) => {
            (MetricKind::ExponentialHistogram, temporality(data.aggregation_temporality))
        }
        Some(Data::Summary(_)) => (MetricKind::Summary, Temporality::Cumulative),
    }
}

pub(in crate::capture::otlp) fn temporality(number: i32) -> Temporality {
    match AggregationTemporality::try_from(number) {
        Ok(AggregationTemporality::Delta) => Temporality::Delta,
        _ => Temporality::Cumulative,
    }
}

fn text_pair(pair: &KeyValue) -> Option<(&str, &str)> {
    match pair.value.as_ref()?.value.as_ref()? {
        WireValue::StringValue(text) => Some((&pair.key, text)),
        _ => None,
    }
}

fn points<W>(
    wire: &[W],
    point: fn(&W, &mut Interner) -> Result<Point, DecodeError>,
    strings: &mut Interner,
) -> Result<Vec<Point>, DecodeError> {
    wire.iter().map(|wire| point(wire, strings)).collect()
}

fn number(wire: &NumberDataPoint, strings: &mut Interner) -> Result<Point, DecodeError> {
    let value = match wire.value {
        Some(number_data_point::Value::AsDouble(number)) => number,
        Some(number_data_point::Value::AsInt(number)) => float(number),
        None => f64::NAN,
    };
    Ok(Point {
        labels: attributes(&wire.attributes, strings),
        value: PointValue::Number(value),
        start: wire.start_time_unix_nano,
        time: wire.time_unix_nano,
        exemplars: exemplars(&wire.exemplars, strings)?,
    })
}

#[expect(clippy::cast_precision_loss, reason = "the capture, like Prometheus, holds metric values as doubles")]
pub(in crate::capture::otlp) fn float(number: i64) -> f64 {
    number as f64
}

fn histogram(wire: &HistogramDataPoint, strings: &mut Interner) -> Result<Point, DecodeError> {
    Ok(Point {
        labels: attributes(&wire.attributes, strings),
        value: PointValue::Histogram(HistogramPoint {
            count: wire.count,
            sum: wire.sum,
            bounds: wire.explicit_bounds.clone(),
            counts: wire.bucket_counts.clone(),
            min: wire.min,
            max: wire.max,
            exponential: None,
        }),
        start: wire.start_time_unix_nano,
        time: wire.time_unix_nano,
        exemplars: exemplars(&wire.exemplars, strings)?,
    })
}

fn exponential(wire: &ExponentialHistogramDataPoint, strings: &mut Interner) -> Result<Point, DecodeError> {
    let run = |wire: Option<&Buckets>| {
        wire.map_or_else(BucketRun::default, |wire| BucketRun {
            offset: wire.offset,
            counts: wire.bucket_counts.clone(),
        })
    };
    Ok(Point {
        labels: attributes(&wire.attributes, strings),
        value: PointValue::Histogram(HistogramPoint {
            count: wire.count,
            sum: wire.sum,
            min: wire.min,
            max: wire.max,
            exponential: Some(Box::new(ExponentialBuckets {
                scale: wire.scale,
                zero_count: wire.zero_count,
                zero_threshold: wire.zero_threshold,
                positive: run(wire.positive.as_ref()),
                negative: run(wire.negative.as_ref()),
            })),
            ..HistogramPoint::default()
        }),
        start: wire.start_time_unix_nano,
        time: wire.time_unix_nano,
        exemplars: exemplars(&wire.exemplars, strings)?,
    })
}

// The shape of its neighbours in `points`' table.
#[expect(clippy::unnecessary_wraps, reason = "one signature for all kinds of points")]
fn summary(wire: &SummaryDataPoint, strings: &mut Interner) -> Result<Point, DecodeError> {
    Ok(Point {
        labels: attributes(&wire.attributes, strings),
        value: PointValue::Summary {
            count: wire.count,
            sum: wire.sum,
            quantiles: wire.quantile_values.iter().map(|pair| (pair.quantile, pair.value)).collect(),
        },
        start: wire.start_time_unix_nano,
        time: wire.time_unix_nano,
        exemplars: Vec::new(),
    })
}

fn exemplars(wire: &[WireExemplar], strings: &mut Interner) -> Result<Vec<Exemplar>, DecodeError> {
    wire.iter()
        .map(|wire| {
            Ok(Exemplar {
                value: match wire.value {
                    Some(exemplar::Value::AsDouble(number)) => number,
                    Some(exemplar::Value::AsInt(number)) => float(number),
                    None => f64::NAN,
                },
                time: wire.time_unix_nano,
                trace_id: optional_id(&wire.trace_id, "exemplar traceId")?.map(TraceId),
                span_id: optional_id(&wire.span_id, "exemplar spanId")?.map(SpanId),
                labels: attributes(&wire.filtered_attributes, strings),
            })
        })
        .collect()
}
