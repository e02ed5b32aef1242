//! Spans.

use std::sync::Arc;

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use serde::Deserialize;

use super::common::{KeyValue, Resource, Scope, attributes, origin, resource};
use super::scalar::{Enum, Id, Int, List, Text};
use crate::capture::otlp::decode::{kind, status_code};
use crate::capture::{self, Dropped, Interner, Origin, SpanId, TraceId};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct ResourceSpans<'a> {
    resource: Option<Resource<'a>>,
    #[serde(alias = "scope_spans")]
    scope_spans: List<ScopeSpans<'a>>,
    #[serde(alias = "schema_url")]
    schema_url: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct ScopeSpans<'a> {
    scope: Option<Scope<'a>>,
    spans: List<Span<'a>>,
    #[serde(alias = "schema_url")]
    schema_url: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
#[expect(clippy::struct_field_names, reason = "OTLP's names")]
struct Span<'a> {
    #[serde(alias = "trace_id")]
    trace_id: Id<16>,
    #[serde(alias = "span_id")]
    span_id: Id<8>,
    #[serde(alias = "trace_state")]
    trace_state: Text<'a>,
    #[serde(alias = "parent_span_id")]
    parent_span_id: Id<8>,
    flags: Int<u32>,
    name: Text<'a>,
    kind: Enum<SpanKind>,
    #[serde(alias = "start_time_unix_nano")]
    start_time_unix_nano: Int<u64>,
    #[serde(alias = "end_time_unix_nano")]
    end_time_unix_nano: Int<u64>,
    attributes: List<KeyValue<'a>>,
    #[serde(alias = "dropped_attributes_count")]
    dropped_attributes_count: Int<u32>,
    events: List<Event<'a>>,
    #[serde(alias = "dropped_events_count")]
    dropped_events_count: Int<u32>,
    links: List<Link<'a>>,
    #[serde(alias = "dropped_links_count")]
    dropped_links_count: Int<u32>,
    status: Option<Status<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Event<'a> {
    #[serde(alias = "time_unix_nano")]
    time_unix_nano: Int<u64>,
    name: Text<'a>,
    attributes: List<KeyValue<'a>>,
    #[serde(alias = "dropped_attributes_count")]
    dropped_attributes_count: Int<u32>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Link<'a> {
    #[serde(alias = "trace_id")]
    trace_id: Id<16>,
    #[serde(alias = "span_id")]
    span_id: Id<8>,
    #[serde(alias = "trace_state")]
    trace_state: Text<'a>,
    attributes: List<KeyValue<'a>>,
    #[serde(alias = "dropped_attributes_count")]
    dropped_attributes_count: Int<u32>,
    flags: Int<u32>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Status<'a> {
    message: Text<'a>,
    code: Enum<StatusCode>,
}

pub(super) fn spans(blocks: &[ResourceSpans<'_>], strings: &mut Interner) -> Vec<capture::Span> {
    let count = blocks.iter().flat_map(|block| &*block.scope_spans).map(|block| block.spans.len()).sum();
    let mut spans = Vec::with_capacity(count);
    for by_resource in blocks {
        let resource = resource(by_resource.resource.as_ref(), &by_resource.schema_url, strings);
        for by_scope in &*by_resource.scope_spans {
            let origin = origin(&resource, by_scope.scope.as_ref(), &by_scope.schema_url, strings);
            spans.extend(by_scope.spans.iter().map(|json| span(json, &origin, strings)));
        }
    }
    spans
}

fn span(json: &Span<'_>, origin: &Arc<Origin>, strings: &mut Interner) -> capture::Span {
    capture::Span {
        trace_id: TraceId(json.trace_id.0),
        span_id: SpanId(json.span_id.0),
        parent: json.parent_span_id.present().map(SpanId),
        flags: json.flags.0,
        name: strings.intern(&json.name),
        kind: kind(json.kind.0),
        start: json.start_time_unix_nano.0,
        end: json.end_time_unix_nano.0,
        attributes: attributes(&json.attributes, strings),
        events: json.events.iter().map(|json| event(json, strings)).collect(),
        links: json.links.iter().map(|json| link(json, strings)).collect(),
        status: json.status.as_ref().map_or_else(capture::Status::default, |json| capture::Status {
            code: status_code(json.code.0),
            message: strings.intern(&json.message),
        }),
        trace_state: strings.intern(&json.trace_state),
        dropped: Dropped {
            attributes: json.dropped_attributes_count.0,
            events: json.dropped_events_count.0,
            links: json.dropped_links_count.0,
        },
        origin: origin.clone(),
    }
}

fn event(json: &Event<'_>, strings: &mut Interner) -> capture::Event {
    capture::Event {
        time: json.time_unix_nano.0,
        name: strings.intern(&json.name),
        attributes: attributes(&json.attributes, strings),
        dropped_attributes: json.dropped_attributes_count.0,
    }
}

fn link(json: &Link<'_>, strings: &mut Interner) -> capture::Link {
    capture::Link {
        trace_id: TraceId(json.trace_id.0),
        span_id: SpanId(json.span_id.0),
        trace_state: strings.intern(&json.trace_state),
        attributes: attributes(&json.attributes, strings),
        dropped_attributes: json.dropped_attributes_count.0,
        flags: json.flags.0,
    }
}
