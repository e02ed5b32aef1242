//! Metrics of every kind.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::summary_data_point::ValueAtQuantile;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Exemplar as WireExemplar, ExponentialHistogram, ExponentialHistogramDataPoint, Gauge,
    Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, Summary,
    SummaryDataPoint, exemplar, number_data_point,
};

use super::common::{attributes, id, key_value, resource, scope};
use crate::capture::otlp::family::name_and_metadata;
use crate::capture::otlp::group::{by_resource, by_scope};
use crate::capture::{BucketRun, Exemplar, Family, HistogramPoint, MetricKind, Point, PointValue, Temporality};

/// The families as one request, in order. A point whose value is not of its family's kind has no place in OTLP and is
/// left out; neither OTLP nor exposition text can produce one.
#[must_use]
pub fn metrics(families: &[Family]) -> ExportMetricsServiceRequest {
    let resource_metrics = by_resource(families)
        .map(|(from, families)| ResourceMetrics {
            resource: Some(resource(from)),
            scope_metrics: by_scope(families)
                .map(|(by, families)| ScopeMetrics {
                    scope: Some(scope(by)),
                    metrics: families.iter().map(metric).collect(),
                    schema_url: by.schema_url.to_string(),
                })
                .collect(),
            schema_url: from.schema_url.to_string(),
        })
        .collect();
    ExportMetricsServiceRequest { resource_metrics }
}

fn metric(family: &Family) -> Metric {
    let (name, metadata) = name_and_metadata(family);
    Metric {
        name: name.to_owned(),
        description: family.help.to_string(),
        unit: family.unit.to_string(),
        metadata: metadata.iter().map(|(key, value)| key_value(key, value)).collect(),
        data: Some(data(family)),
    }
}

fn data(family: &Family) -> Data {
    let aggregation_temporality = temporality(family.temporality);
    match family.kind {
        MetricKind::Counter => {
            Data::Sum(Sum { data_points: points(family, number), aggregation_temporality, is_monotonic: true })
        }
        // Only a sum has a temporality.
        MetricKind::Gauge | MetricKind::Unknown if family.temporality == Temporality::Delta => {
            Data::Sum(Sum { data_points: points(family, number), aggregation_temporality, is_monotonic: false })
        }
        MetricKind::Gauge | MetricKind::Unknown => Data::Gauge(Gauge { data_points: points(family, number) }),
        MetricKind::Histogram => {
            Data::Histogram(Histogram { data_points: points(family, histogram), aggregation_temporality })
        }
        MetricKind::ExponentialHistogram => Data::ExponentialHistogram(ExponentialHistogram {
            data_points: points(family, exponential),
            aggregation_temporality,
        }),
        MetricKind::Summary => Data::Summary(Summary { data_points: points(family, summary) }),
    }
}

pub(in crate::capture::otlp) fn temporality(temporality: Temporality) -> i32 {
    let wire = match temporality {
        Temporality::Cumulative => AggregationTemporality::Cumulative,
        Temporality::Delta => AggregationTemporality::Delta,
    };
    wire.into()
}

fn points<W>(family: &Family, point: fn(&Point) -> Option<W>) -> Vec<W> {
    family.points.iter().filter_map(point).collect()
}

fn number(point: &Point) -> Option<NumberDataPoint> {
    let PointValue::Number(value) = point.value else { return None };
    Some(NumberDataPoint {
        attributes: attributes(&point.labels),
        start_time_unix_nano: point.start,
        time_unix_nano: point.time,
        exemplars: exemplars(&point.exemplars),
        flags: 0,
        value: Some(number_data_point::Value::AsDouble(value)),
    })
}

fn histogram(point: &Point) -> Option<HistogramDataPoint> {
    let PointValue::Histogram(HistogramPoint { count, sum, bounds, counts, min, max, .. }) = &point.value else {
        return None;
    };
    Some(HistogramDataPoint {
        attributes: attributes(&point.labels),
        start_time_unix_nano: point.start,
        time_unix_nano: point.time,
        count: *count,
        sum: *sum,
        bucket_counts: counts.clone(),
        explicit_bounds: bounds.clone(),
        exemplars: exemplars(&point.exemplars),
        flags: 0,
        min: *min,
        max: *max,
    })
}

fn exponential(point: &Point) -> Option<ExponentialHistogramDataPoint> {
    let PointValue::Histogram(HistogramPoint { count, sum, min, max, exponential, .. }) = &point.value else {
        return None;
    };
    let buckets = exponential.as_deref().cloned().unwrap_or_default();
    Some(ExponentialHistogramDataPoint {
        attributes: attributes(&point.labels),
        start_time_unix_nano: point.start,
        time_unix_nano: point.time,
        count: *count,
        sum: *sum,
        scale: buckets.scale,
        zero_count: buckets.zero_count,
        positive: Some(run(buckets.positive)),
        negative: Some(run(buckets.negative)),
        flags: 0,
        exemplars: exemplars(&point.exemplars),
        min: *min,
        max: *max,
        zero_threshold: buckets.zero_threshold,
    })
}

fn run(run: BucketRun) -> Buckets {
    Buckets { offset: run.offset, bucket_counts: run.counts }
}

fn summary(point: &Point) -> Option<SummaryDataPoint> {
    let PointValue::Summary { count, sum, quantiles } = &point.value else { return None };
    Some(SummaryDataPoint {
        attributes: attributes(&point.labels),
        start_time_unix_nano: point.start,
        time_unix_nano: point.time,
        count: *count,
        sum: *sum,
        quantile_values: quantiles.iter().map(|&(quantile, value)| ValueAtQuantile { quantile, value }).collect(),
        flags: 0,
    })
}

fn exemplars(exemplars: &[Exemplar]) -> Vec<WireExemplar> {
    exemplars
        .iter()
        .map(|exemplar| WireExemplar {
            filtered_attributes: attributes(&exemplar.labels),
            time_unix_nano: exemplar.time,
            span_id: id(exemplar.span_id.map(|id| id.0)),
            trace_id: id(exemplar.trace_id.map(|id| id.0)),
            value: Some(exemplar::Value::AsDouble(exemplar.value)),
        })
        .collect()
}
