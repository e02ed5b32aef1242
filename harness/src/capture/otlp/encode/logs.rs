//! Log records.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::logs::v1::{LogRecord as WireRecord, ResourceLogs, ScopeLogs};

use super::common::{attributes, id, resource, scope, value};
use crate::capture::LogRecord;
use crate::capture::otlp::group::{by_resource, by_scope};

/// The log records as one request, in order, however they reached the capture.
#[must_use]
pub fn logs(records: &[LogRecord]) -> ExportLogsServiceRequest {
    let resource_logs = by_resource(records)
        .map(|(from, records)| ResourceLogs {
            resource: Some(resource(from)),
            scope_logs: by_scope(records)
                .map(|(by, records)| ScopeLogs {
                    scope: Some(scope(by)),
                    log_records: records.iter().map(record).collect(),
                    schema_url: by.schema_url.to_string(),
                })
                .collect(),
            schema_url: from.schema_url.to_string(),
        })
        .collect();
    ExportLogsServiceRequest { resource_logs }
}

fn record(record: &LogRecord) -> WireRecord {
    WireRecord {
        time_unix_nano: record.time,
        observed_time_unix_nano: record.observed_time,
        severity_number: record.severity,
        severity_text: record.severity_text.to_string(),
        body: Some(value(&record.body)),
        attributes: attributes(&record.attributes),
        dropped_attributes_count: record.dropped_attributes,
        flags: record.flags,
        trace_id: id(record.trace_id.map(|id| id.0)),
        span_id: id(record.span_id.map(|id| id.0)),
        event_name: record.event_name.to_string(),
    }
}
