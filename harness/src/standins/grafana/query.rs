//! Queries and their results, whatever the data source.

use serde_json::{Map, Value, json};

use super::frame::Frame;
use super::time_range::TimeRange;

/// Points of a series, if the query does not say.
const MAX_DATA_POINTS: i64 = 100;
/// Time between points in milliseconds, if the query does not say.
const INTERVAL_MS: i64 = 1000;

/// One query of a request.
#[derive(Clone, Debug)]
pub(super) struct Query {
    pub(super) ref_id: String,
    pub(super) range: TimeRange,
    pub(super) max_data_points: i64,
    /// Milliseconds.
    pub(super) interval_ms: i64,
    /// All of it, as the data source understands it.
    pub(super) model: Value,
}

impl Query {
    pub(super) fn new(model: Value, range: TimeRange) -> Self {
        Self {
            ref_id: model["refId"].as_str().unwrap_or("A").to_owned(),
            range,
            max_data_points: model["maxDataPoints"].as_i64().unwrap_or(MAX_DATA_POINTS),
            interval_ms: model["intervalMs"].as_i64().unwrap_or(INTERVAL_MS),
            model,
        }
    }
}

/// The answer to one query.
#[derive(Clone, Debug, Default)]
pub(super) struct QueryResult {
    pub(super) error: Option<QueryError>,
    /// `None` if the data source did not get as far as making any.
    pub(super) frames: Option<Vec<Frame>>,
}

/// Why there is no answer.
#[derive(Clone, Debug)]
pub(super) struct QueryError {
    pub(super) text: String,
    pub(super) source: ErrorSource,
    /// As an HTTP status.
    pub(super) status: u16,
}

/// Whose fault an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ErrorSource {
    /// Grafana's, or the query's.
    Plugin,
    /// The back end's.
    Downstream,
}

impl QueryError {
    pub(super) fn plugin(text: impl Into<String>) -> Self {
        Self { text: text.into(), source: ErrorSource::Plugin, status: 500 }
    }

    pub(super) fn downstream(text: impl Into<String>, status: u16) -> Self {
        Self { text: text.into(), source: ErrorSource::Downstream, status }
    }
}

impl From<QueryError> for QueryResult {
    fn from(error: QueryError) -> Self {
        Self { error: Some(error), frames: None }
    }
}

impl QueryResult {
    pub(super) fn to_json(&self, ref_id: &str) -> Value {
        let mut result = Map::new();
        if let Some(error) = &self.error {
            result.insert("error".to_owned(), json!(error.text));
            let source = if error.source == ErrorSource::Plugin { "plugin" } else { "downstream" };
            result.insert("errorSource".to_owned(), json!(source));
        }
        result.insert("status".to_owned(), json!(self.error.as_ref().map_or(200, |error| error.status)));
        if let Some(frames) = &self.frames {
            result.insert("frames".to_owned(), frames.iter().map(|frame| frame.to_json(ref_id)).collect());
        }
        Value::Object(result)
    }
}
