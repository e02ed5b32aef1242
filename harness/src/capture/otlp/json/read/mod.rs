//! Reads OTLP JSON as leniently as the protobuf JSON mapping asks: fields in camel or snake case, unknown fields ignored,
//! `null` as absent, 64-bit integers as strings or numbers, enums as numbers or names. Ids are hexadecimal, by OTLP.

mod common;
mod logs;
mod metrics;
mod scalar;
mod traces;

use serde::Deserialize;

use self::scalar::List;
pub(in crate::capture) use self::scalar::Real;
use crate::capture::{Family, Interner, LogRecord, Span};

/// What one JSON document holds.
#[derive(Debug, Default)]
pub struct Batch {
    /// Its spans, in order.
    pub spans: Vec<Span>,
    /// Its metrics, in order; `None` if it has no `resourceMetrics`.
    pub families: Option<Vec<Family>>,
    /// Its log records, in order.
    pub logs: Vec<LogRecord>,
    /// Whether the document is of no signal we know: an object of other keys only.
    pub foreign: bool,
}

/// An export request or a `TracesData`, `MetricsData` or `LogsData`: they look the same.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
#[expect(clippy::struct_field_names, reason = "OTLP's names")]
struct Document<'a> {
    #[serde(default, alias = "resource_spans")]
    resource_spans: Option<List<traces::ResourceSpans<'a>>>,
    #[serde(default, alias = "resource_metrics")]
    resource_metrics: Option<List<metrics::ResourceMetrics<'a>>>,
    #[serde(default, alias = "resource_logs")]
    resource_logs: Option<List<logs::ResourceLogs<'a>>>,
}

/// Reads one document of any signal.
///
/// # Errors
/// The text is not JSON, or a field has a value it cannot have. The position in the error is that in `text`.
pub fn read(text: &str, strings: &mut Interner) -> Result<Batch, serde_json::Error> {
    let document: Document<'_> = serde_json::from_str(text)?;
    let foreign = document.resource_spans.is_none()
        && document.resource_metrics.is_none()
        && document.resource_logs.is_none()
        && text.trim_start().trim_start_matches('{').trim_start().starts_with('"');
    Ok(Batch {
        spans: document.resource_spans.map_or_else(Vec::new, |blocks| traces::spans(&blocks, strings)),
        families: document.resource_metrics.map(|blocks| metrics::families(&blocks, strings)),
        logs: document.resource_logs.map_or_else(Vec::new, |blocks| logs::records(&blocks, strings)),
        foreign,
    })
}
