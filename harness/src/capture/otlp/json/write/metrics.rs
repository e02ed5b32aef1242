//! Metrics of every kind.

use serde::Serialize;
use serde::ser::Serializer;

use super::object::{AsText, Json, Object, Real, Seq, ToJson};
use crate::capture::otlp::encode::temporality;
use crate::capture::otlp::family::{fits, name_and_metadata};
use crate::capture::{
    BucketRun, Exemplar, Family, HistogramPoint, MetricKind, Point, PointValue, Str, Temporality, Value,
};

impl ToJson for Family {
    fn to_json<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (name, metadata) = name_and_metadata(self);
        let metadata: Vec<(Str, Value)> = metadata.into_iter().map(|(key, value)| (key.into(), value)).collect();
        let mut object = Object::begin(to)?;
        object.text("name", name)?;
        object.text("description", &self.help)?;
        object.text("unit", &self.unit)?;
        object.list("metadata", &metadata)?;
        object.field(data_field(self), &Data(self))?;
        object.end()
    }
}

/// Whether the data is a sum. A gauge of delta temporality is a non-monotonic sum: only sums have a temporality.
fn is_sum(family: &Family) -> bool {
    family.kind == MetricKind::Counter || family.temporality == Temporality::Delta
}

fn data_field(family: &Family) -> &'static str {
    match family.kind {
        MetricKind::Histogram => "histogram",
        MetricKind::ExponentialHistogram => "exponentialHistogram",
        MetricKind::Summary => "summary",
        MetricKind::Counter | MetricKind::Gauge | MetricKind::Unknown if is_sum(family) => "sum",
        MetricKind::Counter | MetricKind::Gauge | MetricKind::Unknown => "gauge",
    }
}

struct Data<'a>(&'a Family);

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let family = self.0;
        let field = data_field(family);
        let points = || family.points.iter().filter(|point| fits(family.kind, &point.value)).map(Json);
        let mut object = Object::begin(to)?;
        object.field("dataPoints", &Seq(points))?;
        if !matches!(field, "gauge" | "summary") {
            object.int("aggregationTemporality", temporality(family.temporality))?;
        }
        if family.kind == MetricKind::Counter {
            object.field("isMonotonic", &true)?;
        }
        object.end()
    }
}

impl ToJson for Point {
    fn to_json<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = Object::begin(to)?;
        object.attributes("attributes", &self.labels)?;
        object.long("startTimeUnixNano", self.start)?;
        object.long("timeUnixNano", self.time)?;
        match &self.value {
            PointValue::Number(value) => object.field("asDouble", &Real(*value))?,
            PointValue::Histogram(point) => histogram(&mut object, point)?,
            PointValue::Summary { count, sum, quantiles } => {
                object.long("count", *count)?;
                object.field("sum", &Real(*sum))?;
                object.list("quantileValues", quantiles)?;
            }
        }
        object.list("exemplars", &self.exemplars)?;
        object.end()
    }
}

fn histogram<M: serde::ser::SerializeMap>(object: &mut Object<M>, point: &HistogramPoint) -> Result<(), M::Error> {
    object.long("count", point.count)?;
    object.real("sum", point.sum)?;
    object.real("min", point.min)?;
    object.real("max", point.max)?;
    if let Some(buckets) = point.exponential.as_deref() {
        object.int("scale", buckets.scale)?;
        object.long("zeroCount", buckets.zero_count)?;
        object.real("zeroThreshold", Some(buckets.zero_threshold))?;
        object.field("positive", &Json(&buckets.positive))?;
        return object.field("negative", &Json(&buckets.negative));
    }
    object.field("bucketCounts", &Seq(|| point.counts.iter().map(AsText)))?;
    object.field("explicitBounds", &Seq(|| point.bounds.iter().copied().map(Real)))
}

impl ToJson for BucketRun {
    fn to_json<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = Object::begin(to)?;
        object.int("offset", self.offset)?;
        object.field("bucketCounts", &Seq(|| self.counts.iter().map(AsText)))?;
        object.end()
    }
}

/// A quantile and its value.
impl ToJson for (f64, f64) {
    fn to_json<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = Object::begin(to)?;
        object.field("quantile", &Real(self.0))?;
        object.field("value", &Real(self.1))?;
        object.end()
    }
}

impl ToJson for Exemplar {
    fn to_json<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = Object::begin(to)?;
        object.attributes("filteredAttributes", &self.labels)?;
        object.long("timeUnixNano", self.time)?;
        object.field("asDouble", &Real(self.value))?;
        object.id("spanId", self.span_id)?;
        object.id("traceId", self.trace_id)?;
        object.end()
    }
}
