//! The types of metrics, and the parts their samples are.

/// The types that exposition text knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declared {
    Untyped,
    Counter,
    Gauge,
    Histogram,
    GaugeHistogram,
    Summary,
    Info,
}

/// What a sample is to its family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Value,
    Bucket,
    Quantile,
    Sum,
    Count,
    Created,
}

/// Suffixes that mark a sample as a part of its family.
pub(super) const SUFFIXES: &[(&str, Part)] = &[
    ("_total", Part::Value),
    ("_info", Part::Value),
    ("_bucket", Part::Bucket),
    ("_sum", Part::Sum),
    ("_gsum", Part::Sum),
    ("_count", Part::Count),
    ("_gcount", Part::Count),
    ("_created", Part::Created),
];

impl Declared {
    pub(super) fn read(kind: &str) -> Result<Self, String> {
        Ok(match kind {
            "counter" => Self::Counter,
            "gauge" | "stateset" => Self::Gauge,
            "histogram" => Self::Histogram,
            "gaugehistogram" => Self::GaugeHistogram,
            "summary" => Self::Summary,
            "info" => Self::Info,
            "untyped" | "unknown" => Self::Untyped,
            other => return Err(format!("{other:?} is not a metric type")),
        })
    }

    /// Whether samples of this type have that suffix.
    pub(super) fn has(self, suffix: &str) -> bool {
        match self {
            Self::Counter => matches!(suffix, "_total" | "_created"),
            Self::Histogram => matches!(suffix, "_bucket" | "_sum" | "_count" | "_created"),
            Self::GaugeHistogram => matches!(suffix, "_bucket" | "_gsum" | "_gcount"),
            Self::Summary => matches!(suffix, "_sum" | "_count" | "_created"),
            Self::Info => suffix == "_info",
            Self::Untyped | Self::Gauge => false,
        }
    }
}
