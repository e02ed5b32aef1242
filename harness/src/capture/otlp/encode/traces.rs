//! Spans.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::span::{Event as WireEvent, Link as WireLink, SpanKind as WireKind};
use opentelemetry_proto::tonic::trace::v1::status::StatusCode as WireCode;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span as WireSpan, Status as WireStatus};

use super::common::{attributes, id, resource, scope};
use crate::capture::otlp::group::{by_resource, by_scope};
use crate::capture::{Event, Link, Span, SpanKind, Status, StatusCode};

/// The spans as one request, in order.
#[must_use]
pub fn traces(spans: &[Span]) -> ExportTraceServiceRequest {
    let resource_spans = by_resource(spans)
        .map(|(from, spans)| ResourceSpans {
            resource: Some(resource(from)),
            scope_spans: by_scope(spans)
                .map(|(by, spans)| ScopeSpans {
                    scope: Some(scope(by)),
                    spans: spans.iter().map(span).collect(),
                    schema_url: by.schema_url.to_string(),
                })
                .collect(),
            schema_url: from.schema_url.to_string(),
        })
        .collect();
    ExportTraceServiceRequest { resource_spans }
}

fn span(span: &Span) -> WireSpan {
    WireSpan {
        trace_id: span.trace_id.0.to_vec(),
        span_id: span.span_id.0.to_vec(),
        trace_state: span.trace_state.to_string(),
        parent_span_id: id(span.parent.map(|parent| parent.0)),
        flags: span.flags,
        name: span.name.to_string(),
        kind: kind(span.kind),
        start_time_unix_nano: span.start,
        end_time_unix_nano: span.end,
        attributes: attributes(&span.attributes),
        dropped_attributes_count: span.dropped.attributes,
        events: span.events.iter().map(event).collect(),
        dropped_events_count: span.dropped.events,
        links: span.links.iter().map(link).collect(),
        dropped_links_count: span.dropped.links,
        status: Some(status(&span.status)),
    }
}

fn event(event: &Event) -> WireEvent {
    WireEvent {
        time_unix_nano: event.time,
        name: event.name.to_string(),
        attributes: attributes(&event.attributes),
        dropped_attributes_count: event.dropped_attributes,
    }
}

fn link(link: &Link) -> WireLink {
    WireLink {
        trace_id: link.trace_id.0.to_vec(),
        span_id: link.span_id.0.to_vec(),
        trace_state: link.trace_state.to_string(),
        attributes: attributes(&link.attributes),
        dropped_attributes_count: link.dropped_attributes,
        flags: link.flags,
    }
}

fn status(status: &Status) -> WireStatus {
    WireStatus { message: status.message.to_string(), code: status_code(status.code) }
}

/// The number of the kind in OTLP.
pub(in crate::capture::otlp) fn kind(kind: SpanKind) -> i32 {
    let wire = match kind {
        SpanKind::Unspecified => WireKind::Unspecified,
        SpanKind::Internal => WireKind::Internal,
        SpanKind::Server => WireKind::Server,
        SpanKind::Client => WireKind::Client,
        SpanKind::Producer => WireKind::Producer,
        SpanKind::Consumer => WireKind::Consumer,
    };
    wire.into()
}

/// The number of the status code in OTLP.
pub(in crate::capture::otlp) fn status_code(code: StatusCode) -> i32 {
    let wire = match code {
        StatusCode::Unset => WireCode::Unset,
        StatusCode::Ok => WireCode::Ok,
        StatusCode::Error => WireCode::Error,
    };
    wire.into()
}
