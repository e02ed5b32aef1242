//! What a metric family is in OTLP, whichever the encoding: its names, and the metadata that keeps what OTLP has no field for.

use std::sync::Arc;

use crate::capture::metric_name::prometheus_name;
use crate::capture::{Family, Interner, MetricKind, Origin, PointValue, Temporality, Value};

/// Metadata by which Prometheus marks a metric whose type nobody said.
const PROMETHEUS_TYPE: &str = "prometheus.type";
/// Our metadata: the family's name, where it is not the translation of the instrument's.
const NAME: &str = "otelgate.name";
/// Our metadata: the family was read from exposition text, and no instrument's name is known.
const EXPOSITION: &str = "otelgate.exposition";

/// What the fields of an OTLP metric say.
pub(super) struct Described<'a> {
    pub(super) name: &'a str,
    pub(super) description: &'a str,
    pub(super) unit: &'a str,
    pub(super) kind: MetricKind,
    pub(super) temporality: Temporality,
    /// The metric's metadata; only strings matter.
    pub(super) metadata: Metadata<'a>,
}

/// Metadata that we understand.
#[derive(Default)]
pub(super) struct Metadata<'a> {
    unknown: bool,
    name: Option<&'a str>,
    exposition: bool,
}

impl<'a> Metadata<'a> {
    /// Reads string metadata; other keys are somebody else's.
    pub(super) fn read(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut known = Self::default();
        for (key, value) in pairs {
            match key {
                PROMETHEUS_TYPE => known.unknown = value == "unknown",
                NAME => known.name = Some(value),
                EXPOSITION => known.exposition = true,
                _ => {}
            }
        }
        known
    }
}

/// A family without points.
pub(super) fn family(described: &Described<'_>, origin: &Arc<Origin>, strings: &mut Interner) -> Family {
    let Described { name, description, unit, kind, temporality, metadata } = described;
    let kind = if metadata.unknown { MetricKind::Unknown } else { *kind };
    Family {
        name: match metadata.name {
            Some(kept) => strings.intern(kept),
            None if metadata.exposition => strings.intern(name),
            None => strings.intern(&prometheus_name(name, unit, kind)),
        },
        instrument: (!metadata.exposition).then(|| strings.intern(name)),
        help: strings.intern(description),
        unit: strings.intern(unit),
        kind,
        temporality: *temporality,
        points: Vec::new(),
        origin: origin.clone(),
    }
}

/// The name that OTLP carries, and the metadata to write beside it so that [`family`] finds the same again.
pub(super) fn name_and_metadata(family: &Family) -> (&str, Vec<(&'static str, Value)>) {
    let mut metadata = Vec::new();
    if family.kind == MetricKind::Unknown {
        metadata.push((PROMETHEUS_TYPE, Value::from("unknown")));
    }
    let Some(instrument) = &family.instrument else {
        metadata.push((EXPOSITION, Value::from("true")));
        return (&family.name, metadata);
    };
    if prometheus_name(instrument, &family.unit, family.kind) != *family.name {
        metadata.push((NAME, Value::Str(family.name.clone())));
    }
    (instrument, metadata)
}

/// Whether a family of that kind can hold such a value.
pub(in crate::capture) fn fits(kind: MetricKind, value: &PointValue) -> bool {
    match kind {
        MetricKind::Counter | MetricKind::Gauge | MetricKind::Unknown => matches!(value, PointValue::Number(_)),
        MetricKind::Histogram => matches!(value, PointValue::Histogram(point) if point.exponential.is_none()),
        MetricKind::ExponentialHistogram => {
            matches!(value, PointValue::Histogram(point) if point.exponential.is_some() && point.bounds.is_empty())
        }
        MetricKind::Summary => matches!(value, PointValue::Summary { .. }),
    }
}
