//! Log records.

use std::sync::Arc;

use opentelemetry_proto::tonic::logs::v1::SeverityNumber;
use serde::Deserialize;

use super::common::{AnyValue, KeyValue, Resource, Scope, attributes, origin, resource, value};
use super::scalar::{Enum, Id, Int, List, Text};
use crate::capture::{self, Interner, LogVia, Origin, SpanId, TraceId};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct ResourceLogs<'a> {
    resource: Option<Resource<'a>>,
    #[serde(alias = "scope_logs")]
    scope_logs: List<ScopeLogs<'a>>,
    #[serde(alias = "schema_url")]
    schema_url: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct ScopeLogs<'a> {
    scope: Option<Scope<'a>>,
    #[serde(alias = "log_records")]
    log_records: List<LogRecord<'a>>,
    #[serde(alias = "schema_url")]
    schema_url: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct LogRecord<'a> {
    #[serde(alias = "time_unix_nano")]
    time_unix_nano: Int<u64>,
    #[serde(alias = "observed_time_unix_nano")]
    observed_time_unix_nano: Int<u64>,
    #[serde(alias = "severity_number")]
    severity_number: Enum<SeverityNumber>,
    #[serde(alias = "severity_text")]
    severity_text: Text<'a>,
    body: AnyValue<'a>,
    attributes: List<KeyValue<'a>>,
    #[serde(alias = "dropped_attributes_count")]
    dropped_attributes_count: Int<u32>,
    flags: Int<u32>,
    #[serde(alias = "trace_id")]
    trace_id: Id<16>,
    #[serde(alias = "span_id")]
    span_id: Id<8>,
    #[serde(alias = "event_name")]
    event_name: Text<'a>,
}

pub(super) fn records(blocks: &[ResourceLogs<'_>], strings: &mut Interner) -> Vec<capture::LogRecord> {
    let mut records = Vec::new();
    for by_resource in blocks {
        let resource = resource(by_resource.resource.as_ref(), &by_resource.schema_url, strings);
        for by_scope in &*by_resource.scope_logs {
            let origin = origin(&resource, by_scope.scope.as_ref(), &by_scope.schema_url, strings);
            records.extend(by_scope.log_records.iter().map(|json| record(json, &origin, strings)));
        }
    }
    records
}

fn record(json: &LogRecord<'_>, origin: &Arc<Origin>, strings: &mut Interner) -> capture::LogRecord {
    capture::LogRecord {
        via: LogVia::Otlp,
        time: json.time_unix_nano.0,
        observed_time: json.observed_time_unix_nano.0,
        severity: json.severity_number.0,
        severity_text: strings.intern(&json.severity_text),
        body: value(&json.body, strings),
        attributes: attributes(&json.attributes, strings),
        dropped_attributes: json.dropped_attributes_count.0,
        flags: json.flags.0,
        trace_id: json.trace_id.present().map(TraceId),
        span_id: json.span_id.present().map(SpanId),
        event_name: strings.intern(&json.event_name),
        origin: origin.clone(),
    }
}
