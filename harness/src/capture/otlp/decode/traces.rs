//! Spans.

use std::sync::Arc;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::span::{Event as WireEvent, Link as WireLink, SpanKind as WireKind};
use opentelemetry_proto::tonic::trace::v1::status::StatusCode as WireCode;
use opentelemetry_proto::tonic::trace::v1::{Span as WireSpan, Status as WireStatus};

use super::common::{attributes, id, optional_id, origin, resource};
use crate::capture::otlp::DecodeError;
use crate::capture::{Dropped, Event, Interner, Link, Origin, Span, SpanId, SpanKind, Status, StatusCode, TraceId};

/// The spans of a request, in wire order.
///
/// # Errors
/// An id of the wrong length.
pub fn traces(request: &ExportTraceServiceRequest, strings: &mut Interner) -> Result<Vec<Span>, DecodeError> {
    let blocks = || request.resource_spans.iter().flat_map(|block| &block.scope_spans);
    let mut spans = Vec::with_capacity(blocks().map(|block| block.spans.len()).sum());
    for by_resource in &request.resource_spans {
        let resource = resource(by_resource.resource.as_ref(), &by_resource.schema_url, strings);
        for by_scope in &by_resource.scope_spans {
            let origin = origin(&resource, by_scope.scope.as_ref(), &by_scope.schema_url, strings);
            for wire in &by_scope.spans {
                spans.push(span(wire, &origin, strings)?);
            }
        }
    }
    Ok(spans)
}

fn span(wire: &WireSpan, origin: &Arc<Origin>, strings: &mut Interner) -> Result<Span, DecodeError> {
    Ok(Span {
        trace_id: TraceId(id(&wire.trace_id, "traceId")?),
        span_id: SpanId(id(&wire.span_id, "spanId")?),
        parent: optional_id(&wire.parent_span_id, "parentSpanId")?.map(SpanId),
        flags: wire.flags,
        name: strings.intern(&wire.name),
        kind: kind(wire.kind),
        start: wire.start_time_unix_nano,
        end: wire.end_time_unix_nano,
        attributes: attributes(&wire.attributes, strings),
        events: wire.events.iter().map(|wire| event(wire, strings)).collect(),
        links: wire.links.iter().map(|wire| link(wire, strings)).collect::<Result<_, _>>()?,
        status: wire.status.as_ref().map_or_else(Status::default, |wire| status(wire, strings)),
        trace_state: strings.intern(&wire.trace_state),
        dropped: Dropped {
            attributes: wire.dropped_attributes_count,
            events: wire.dropped_events_count,
            links: wire.dropped_links_count,
        },
        origin: origin.clone(),
    })
}

fn event(wire: &WireEvent, strings: &mut Interner) -> Event {
    Event {
        time: wire.time_unix_nano,
        name: strings.intern(&wire.name),
        attributes: attributes(&wire.attributes, strings),
        dropped_attributes: wire.dropped_attributes_count,
    }
}

fn link(wire: &WireLink, strings: &mut Interner) -> Result<Link, DecodeError> {
    Ok(Link {
        trace_id: TraceId(id(&wire.trace_id, "link traceId")?),
        span_id: SpanId(id(&wire.span_id, "link spanId")?),
        trace_state: strings.intern(&wire.trace_state),
        attributes: attributes(&wire.attributes, strings),
        dropped_attributes: wire.dropped_attributes_count,
        flags: wire.flags,
    })
}

fn status(wire: &WireStatus, strings: &mut Interner) -> Status {
    Status { code: status_code(wire.code), message: strings.intern(&wire.message) }
}

/// The kind of that number. Protobuf enums are open: a number from a later OTLP is no error.
pub(in crate::capture::otlp) fn kind(number: i32) -> SpanKind {
    match WireKind::try_from(number) {
        Ok(WireKind::Internal) => SpanKind::Internal,
        Ok(WireKind::Server) => SpanKind::Server,
        Ok(WireKind::Client) => SpanKind::Client,
        Ok(WireKind::Producer) => SpanKind::Producer,
        Ok(WireKind::Consumer) => SpanKind::Consumer,
        Ok(WireKind::Unspecified) | Err(_) => SpanKind::Unspecified,
    }
}

/// The status code of that number; unset for a number from a later OTLP.
pub(in crate::capture::otlp) fn status_code(number: i32) -> StatusCode {
    match WireCode::try_from(number) {
        Ok(WireCode::Ok) => StatusCode::Ok,
        Ok(WireCode::Error) => StatusCode::Error,
        Ok(WireCode::Unset) | Err(_) => StatusCode::Unset,
    }
}
