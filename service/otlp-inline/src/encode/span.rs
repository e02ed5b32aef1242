//! A span: OTLP's `Span`, field by field as they become known. Protobuf takes fields in any order, so what is known
//! at the start is written at the start.

use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry::{
    KeyValue, SpanId,
    trace::{SpanContext, SpanKind, Status, TraceState},
};

use super::{
    attribute,
    wire::{self, Fields},
};

/// Fields of `Span`.
mod field {
    pub(super) const TRACE_ID: u32 = 1;
    pub(super) const SPAN_ID: u32 = 2;
    pub(super) const TRACE_STATE: u32 = 3;
    pub(super) const PARENT_SPAN_ID: u32 = 4;
    pub(super) const NAME: u32 = 5;
    pub(super) const KIND: u32 = 6;
    pub(super) const START: u32 = 7;
    pub(super) const END: u32 = 8;
    pub(super) const ATTRIBUTES: u32 = 9;
    pub(super) const DROPPED_ATTRIBUTES: u32 = 10;
    pub(super) const EVENTS: u32 = 11;
    pub(super) const DROPPED_EVENTS: u32 = 12;
    pub(super) const LINKS: u32 = 13;
    pub(super) const DROPPED_LINKS: u32 = 14;
    pub(super) const STATUS: u32 = 15;
    pub(super) const FLAGS: u32 = 16;
}

/// Fields of `Span.Event`.
mod event_field {
    pub(super) const TIME: u32 = 1;
    pub(super) const NAME: u32 = 2;
    pub(super) const ATTRIBUTES: u32 = 3;
    pub(super) const DROPPED_ATTRIBUTES: u32 = 4;
}

/// Fields of `Span.Link`.
mod link_field {
    pub(super) const TRACE_ID: u32 = 1;
    pub(super) const SPAN_ID: u32 = 2;
    pub(super) const TRACE_STATE: u32 = 3;
    pub(super) const ATTRIBUTES: u32 = 4;
    pub(super) const DROPPED_ATTRIBUTES: u32 = 5;
    pub(super) const FLAGS: u32 = 6;
}

/// Fields of `Status`.
mod status_field {
    pub(super) const MESSAGE: u32 = 2;
    pub(super) const CODE: u32 = 3;
}

/// Bits of `flags` above W3C's eight: whether the parent (of a link: the span linked to) is known to be remote or not,
/// and whether it is.
const HAS_IS_REMOTE: u32 = 0x100;
const IS_REMOTE: u32 = 0x200;

/// What was left out of a span because of its limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Dropped {
    pub(crate) attributes: u32,
    pub(crate) events: u32,
    pub(crate) links: u32,
}

/// Nanoseconds since 1970; times before it are 1970.
#[expect(clippy::cast_possible_truncation, reason = "64 bits are what OTLP has: they end in 2554")]
pub(crate) fn nanos(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}

/// What is known at the start, but the name. Times are in nanoseconds since 1970.
pub(crate) fn start(
    out: &mut Vec<u8>,
    context: &SpanContext,
    parent: SpanId,
    parent_is_remote: bool,
    kind: &SpanKind,
    nanos: u64,
) {
    let mut ids = Fields::<28>::new();
    ids.bytes(field::TRACE_ID, context.trace_id().to_bytes());
    ids.bytes(field::SPAN_ID, context.span_id().to_bytes());
    ids.append_to(out);
    trace_state(out, field::TRACE_STATE, context.trace_state());
    if parent != SpanId::INVALID {
        let mut parent_id = Fields::<10>::new();
        parent_id.bytes(field::PARENT_SPAN_ID, parent.to_bytes());
        parent_id.append_to(out);
    }
    let mut rest = Fields::<17>::new();
    rest.fixed32(field::FLAGS, flags(context, parent_is_remote));
    rest.fixed64(field::START, nanos);
    rest.varint_field(field::KIND, kind_number(kind));
    rest.append_to(out);
}

/// An attribute of the span.
pub(crate) fn attribute(out: &mut Vec<u8>, attribute: &KeyValue) {
    attribute::attribute(out, field::ATTRIBUTES, attribute);
}

/// An event. Of its attributes, `dropped` were left out already.
pub(crate) fn event(out: &mut Vec<u8>, name: &str, time: SystemTime, attributes: &[KeyValue], dropped: u32) {
    let of_attributes: usize =
        attributes.iter().map(|pair| attribute::attribute_length(event_field::ATTRIBUTES, pair)).sum();
    let length = 9
        + wire::text_length(event_field::NAME, name)
        + of_attributes
        + wire::number_length(event_field::DROPPED_ATTRIBUTES, dropped.into());
    wire::head(out, field::EVENTS, length);
    wire::fixed64(out, event_field::TIME, nanos(time));
    wire::text(out, event_field::NAME, name);
    for pair in attributes {
        attribute::attribute(out, event_field::ATTRIBUTES, pair);
    }
    wire::number(out, event_field::DROPPED_ATTRIBUTES, dropped.into());
}

/// A link. Of its attributes, `dropped` were left out already.
pub(crate) fn link(out: &mut Vec<u8>, to: &SpanContext, attributes: &[KeyValue], dropped: u32) {
    let state = header(to.trace_state());
    let of_attributes: usize =
        attributes.iter().map(|pair| attribute::attribute_length(link_field::ATTRIBUTES, pair)).sum();
    let length = wire::bytes_length(link_field::TRACE_ID, 16)
        + wire::bytes_length(link_field::SPAN_ID, 8)
        + wire::text_length(link_field::TRACE_STATE, &state)
        + of_attributes
        + wire::number_length(link_field::DROPPED_ATTRIBUTES, dropped.into())
        + 5;
    wire::head(out, field::LINKS, length);
    wire::bytes(out, link_field::TRACE_ID, &to.trace_id().to_bytes());
    wire::bytes(out, link_field::SPAN_ID, &to.span_id().to_bytes());
    wire::text(out, link_field::TRACE_STATE, &state);
    for pair in attributes {
        attribute::attribute(out, link_field::ATTRIBUTES, pair);
    }
    wire::number(out, link_field::DROPPED_ATTRIBUTES, dropped.into());
    wire::fixed32(out, link_field::FLAGS, flags(to, to.is_remote()));
}

/// What is known at the end.
pub(crate) fn end(out: &mut Vec<u8>, name: &str, status: &Status, nanos: u64, dropped: Dropped) {
    wire::text(out, field::NAME, name);
    if dropped != Dropped::default() {
        wire::number(out, field::DROPPED_ATTRIBUTES, dropped.attributes.into());
        wire::number(out, field::DROPPED_EVENTS, dropped.events.into());
        wire::number(out, field::DROPPED_LINKS, dropped.links.into());
    }
    let mut rest = Fields::<11>::new();
    rest.fixed64(field::END, nanos);
    if *status == Status::Unset {
        // Present even if unset, as the stock exporter has it.
        rest.head(field::STATUS, 0);
        return rest.append_to(out);
    }
    rest.append_to(out);
    let (code, message) = match status {
        Status::Unset => (0, ""),
        Status::Ok => (1, ""),
        Status::Error { description } => (2, description.as_ref()),
    };
    let length = wire::text_length(status_field::MESSAGE, message) + wire::number_length(status_field::CODE, code);
    wire::head(out, field::STATUS, length);
    wire::text(out, status_field::MESSAGE, message);
    wire::number(out, status_field::CODE, code);
}

fn flags(context: &SpanContext, is_remote: bool) -> u32 {
    let remote = if is_remote { IS_REMOTE } else { 0 };
    u32::from(context.trace_flags().to_u8()) | HAS_IS_REMOTE | remote
}

fn kind_number(kind: &SpanKind) -> u64 {
    match kind {
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    }
}

fn trace_state(out: &mut Vec<u8>, field: u32, state: &TraceState) {
    if *state != TraceState::NONE {
        wire::text(out, field, &header(state));
    }
}

/// The API makes a header of an empty state as well; there hardly ever is one that is not empty.
fn header(state: &TraceState) -> String {
    if *state == TraceState::NONE { String::new() } else { state.header() }
}
