//! Log records.

use std::sync::Arc;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::logs::v1::LogRecord as WireRecord;

use super::common::{attributes, optional_id, origin, resource, value};
use crate::capture::otlp::DecodeError;
use crate::capture::{Interner, LogRecord, LogVia, Origin, SpanId, TraceId};

/// The log records of a request, in wire order.
///
/// # Errors
/// An id of the wrong length.
pub fn logs(request: &ExportLogsServiceRequest, strings: &mut Interner) -> Result<Vec<LogRecord>, DecodeError> {
    let blocks = || request.resource_logs.iter().flat_map(|block| &block.scope_logs);
    let mut records = Vec::with_capacity(blocks().map(|block| block.log_records.len()).sum());
    for by_resource in &request.resource_logs {
        let resource = resource(by_resource.resource.as_ref(), &by_resource.schema_url, strings);
        for by_scope in &by_resource.scope_logs {
            let origin = origin(&resource, by_scope.scope.as_ref(), &by_scope.schema_url, strings);
            for wire in &by_scope.log_records {
                records.push(record(wire, &origin, strings)?);
            }
        }
    }
    Ok(records)
}

fn record(wire: &WireRecord, origin: &Arc<Origin>, strings: &mut Interner) -> Result<LogRecord, DecodeError> {
    Ok(LogRecord {
        via: LogVia::Otlp,
        time: wire.time_unix_nano,
        observed_time: wire.observed_time_unix_nano,
        severity: wire.severity_number,
        severity_text: strings.intern(&wire.severity_text),
        body: value(wire.body.as_ref(), strings),
        attributes: attributes(&wire.attributes, strings),
        dropped_attributes: wire.dropped_attributes_count,
        flags: wire.flags,
        trace_id: optional_id(&wire.trace_id, "traceId")?.map(TraceId),
        span_id: optional_id(&wire.span_id, "spanId")?.map(SpanId),
        event_name: strings.intern(&wire.event_name),
        origin: origin.clone(),
    })
}
