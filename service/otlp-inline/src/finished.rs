//! Spans that are told when they are over.

use opentelemetry::{
    KeyValue, SpanId,
    trace::{SpanContext, SpanKind, Status},
};

use crate::{
    encode::span::{self as encode, Dropped},
    span::PreparedAttributes,
    tracer::{Scoped, Tracer},
};

/// What is decided when a span starts, by [`Tracer::begin`].
#[derive(Debug, Clone)]
pub struct Begun {
    /// What the span's children, and those who are called under it, are told of it.
    pub context: SpanContext,
    /// What the sampler adds to the span's own attributes; nothing, of the SDK's samplers.
    pub attributes: Vec<KeyValue>,
}

/// All that a span says, when it is over.
#[derive(Debug, Clone, Copy)]
pub struct FinishedSpan<'a> {
    /// Which span it is.
    pub context: &'a SpanContext,
    /// The span around it; an invalid id, if there is none.
    pub parent: SpanId,
    /// Whether that is one of another process.
    pub parent_is_remote: bool,
    /// What it is called.
    pub name: &'a str,
    /// What it stands for.
    pub kind: &'a SpanKind,
    /// When it started, in nanoseconds since 1970.
    pub start: u64,
    /// When it ended, in nanoseconds since 1970.
    pub end: u64,
    /// Attributes that were encoded before; they come first.
    pub prepared: Option<&'a PreparedAttributes>,
    /// Attributes. As many as the limits allow are kept.
    pub attributes: &'a [KeyValue],
    /// What became of it.
    pub status: &'a Status,
}

impl Tracer {
    /// Writes a span that is over, without events and links. Nothing, if it is not sampled.
    ///
    /// It is for layers that know by themselves what a span will say until it is said. A span of the API is an object with
    /// a lock around it, in a context that is made for it; of this one there is nothing but its ids while it runs.
    ///
    /// It is not counted, and not sent, before it is told: a layer that forgets one loses it silently.
    pub fn record(&self, span: &FinishedSpan<'_>) {
        if !span.context.is_sampled() {
            return;
        }
        let scoped = self.scoped();
        scoped.ended(|out| span.encode(scoped, out));
    }
}

impl FinishedSpan<'_> {
    fn encode(&self, scoped: &Scoped, out: &mut Vec<u8>) {
        encode::start(out, self.context, self.parent, self.parent_is_remote, self.kind, self.start);
        let most = usize::try_from(scoped.limits().max_attributes_per_span).unwrap_or(usize::MAX);
        let prepared = self.prepared.map_or(&[][..], PreparedAttributes::list);
        match self.prepared {
            Some(whole) if prepared.len() <= most => out.extend_from_slice(whole.encoded()),
            _ => prepared.iter().take(most).for_each(|attribute| encode::attribute(out, attribute)),
        }
        let room = most.saturating_sub(prepared.len());
        self.attributes.iter().take(room).for_each(|attribute| encode::attribute(out, attribute));
        let dropped = (prepared.len() + self.attributes.len()).saturating_sub(most);
        let dropped = u32::try_from(dropped).unwrap_or(u32::MAX);
        encode::end(out, self.name, self.status, self.end, Dropped { attributes: dropped, ..Dropped::default() });
    }
}
