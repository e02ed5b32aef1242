//! The frame of a search: a row for each trace, the youngest first.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::answer::Trace;
use crate::standins::grafana::frame::{Field, Frame, Meta, Values};
use crate::standins::grafana::provisioning::DataSource;
use crate::standins::grafana::time_range::TimeRange;

/// A search as panels write it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Search {
    service: String,
    operation: String,
    /// `key=value key="a value"`.
    tags: String,
    min_duration: String,
    max_duration: String,
    limit: i64,
}

impl Search {
    /// What Jaeger is asked.
    pub(super) fn parameters(&self, range: TimeRange) -> Vec<(&'static str, String)> {
        let tags = if self.tags.is_empty() { String::new() } else { Value::Object(tags(&self.tags)).to_string() };
        let limit = if self.limit > 0 { self.limit.to_string() } else { String::new() };
        let mut parameters = vec![
            ("service", self.service.clone()),
            ("operation", self.operation.clone()),
            ("tags", tags),
            ("minDuration", self.min_duration.clone()),
            ("maxDuration", self.max_duration.clone()),
            ("limit", limit),
        ];
        parameters.retain(|(_, value)| !value.is_empty());
        parameters.push(("start", (range.from / 1000).to_string()));
        parameters.push(("end", (range.to / 1000).to_string()));
        parameters.push(("lookback", "custom".to_owned()));
        parameters
    }
}

/// Reads tags in the form of logfmt.
fn tags(text: &str) -> Map<String, Value> {
    let mut tags = Map::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|character: char| character == '=' || character.is_whitespace()).unwrap_or(rest.len());
        let (key, tail) = rest.split_at(end);
        let (value, tail) = match (tail.strip_prefix('='), tail.strip_prefix("=\"")) {
            (_, Some(quoted)) => unquoted(quoted),
            (Some(plain), None) => {
                let (value, tail) = plain.split_at(plain.find(char::is_whitespace).unwrap_or(plain.len()));
                (value.to_owned(), tail)
            }
            (None, None) => (String::new(), tail),
        };
        tags.insert(key.to_owned(), Value::String(value));
        rest = tail.trim_start();
    }
    tags
}

/// What stands up to the closing quote, and what comes after it.
fn unquoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, character)| character)),
            other => value.push(other),
        }
    }
    (value, "")
}

pub(super) fn frame(traces: &[Trace], source: &DataSource) -> Frame {
    let mut rows: Vec<_> = traces.iter().filter_map(|trace| Some((trace, trace.first()?))).collect();
    rows.sort_by_key(|(_, first)| std::cmp::Reverse(first.start_time));

    let link = json!({
        "title": "Trace: ${__value.raw}",
        "internal": {
            "query": {"query": "${__value.raw}"},
            "datasourceUid": source.uid,
            "datasourceName": source.name,
        },
    });
    let ids = rows.iter().map(|(trace, _)| trace.id.clone()).collect();
    let names =
        rows.iter().map(|(trace, first)| format!("{}: {}", trace.service(first), first.operation_name)).collect();
    let starts = rows.iter().map(|(_, first)| first.start_time.saturating_mul(1000)).collect();
    let durations = rows.iter().map(|(_, first)| first.duration).collect();
    Frame {
        name: "traces".to_owned(),
        meta: Some(Meta { visualisation: Some("table"), ..Meta::default() }),
        fields: vec![
            Field::new("traceID", Values::Text(ids)).with_config(json!({"displayName": "Trace ID", "links": [link]})),
            Field::new("traceName", Values::Text(names)).with_config(json!({"displayName": "Trace name"})),
            Field::new("startTime", Values::Time(starts)).with_config(json!({"displayName": "Start time"})),
            Field::new("duration", Values::Int64(durations))
                .with_config(json!({"displayName": "Duration", "unit": "µs"})),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_asks_for_what_was_filled_in() {
        let search: Search = serde_json::from_value(json!({
            "service": "rag-service", "tags": r#"error=true http.route="/api/rag \"x\"" lone"#, "limit": 5,
        }))
        .unwrap();

        let parameters = search.parameters(TimeRange { from: 1_000_000, to: 2_000_000 });

        let tags = r#"{"error":"true","http.route":"/api/rag \"x\"","lone":""}"#;
        let expected = [
            ("service", "rag-service"),
            ("tags", tags),
            ("limit", "5"),
            ("start", "1000"),
            ("end", "2000"),
            ("lookback", "custom"),
        ];
        assert_eq!(parameters, expected.map(|(name, value)| (name, value.to_owned())));
    }
}
