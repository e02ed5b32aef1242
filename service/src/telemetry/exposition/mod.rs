//! What `/metrics` answers: the registry's families in the format the scraper asked for.
//!
//! Prometheus' text format is written by the `prometheus` crate. OpenMetrics, the only text format with exemplars, is
//! written here: no crate writes it from the families of that one, and the exporter of OpenTelemetry knows no other.

mod accept;
mod number;
mod openmetrics;

pub(super) use self::openmetrics::render as openmetrics;

/// A format of `/metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Prometheus' text format 0.0.4, which has no exemplars: for everybody who does not ask for another one.
    Text,
    /// OpenMetrics 1.0.0 text, with exemplars.
    OpenMetrics,
    /// The same under the version that older scrapers ask for; 1.0.0 did not change the text.
    OpenMetricsDraft,
}

impl Format {
    /// Its media type.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Text => prometheus::TEXT_FORMAT,
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::OpenMetricsDraft => "application/openmetrics-text; version=0.0.1; charset=utf-8",
        }
    }
}
