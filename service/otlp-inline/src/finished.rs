//! Spans that are told when they are over.

use opentelemetry::{
    KeyValue, SpanId,
    trace::{SpanContext, SpanKind, Status},
};

use crate::{
    encode::span::{self as encode, Dropped},
    scratch::with_buffer,
    span::PreparedAttributes,
    tracer::{Scoped, Tracer},
};

/// Where a span stands in its trace: what is decided when it starts, by [`Tracer::begin`].
#[derive(Debug, Clone)]
pub struct SpanIds {
    pub(crate) context: SpanContext,
    pub(crate) parent: SpanId,
    pub(crate) parent_is_remote: bool,
    /// What the sampler added.
    pub(crate) attributes: Vec<KeyValue>,
}

/// All that a span says, when it is over.
#[derive(Debug, Clone, Copy)]
pub struct FinishedSpan<'a> {
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

impl SpanIds {
    /// What the span's children, and those who are called under it, are told of it.
    #[must_use]
    pub fn context(&self) -> &SpanContext {
        &self.context
    }

    /// Whether it goes anywhere when it is told.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        self.context.is_sampled()
    }
}

impl Tracer {
    /// Writes a span that is over, without events and links. Nothing, if it is not sampled.
    ///
    /// It is for layers that know by themselves what a span will say until it is said. A span of the API is an object with
    /// a lock around it, in a context that is made for it; of this one there is nothing but its [`SpanIds`] while it runs.
    ///
    /// It is not counted, and not sent, before it is told: a layer that forgets one loses it silently.
    pub fn record(&self, ids: &SpanIds, span: &FinishedSpan<'_>) {
        if !ids.is_sampled() {
            return;
        }
        let scoped = self.scoped();
        with_buffer(|bytes| {
            span.encode(ids, scoped, bytes);
            scoped.ended(bytes);
        });
    }
}

impl FinishedSpan<'_> {
    fn encode(&self, ids: &SpanIds, scoped: &Scoped, out: &mut Vec<u8>) {
        encode::start(out, &ids.context, ids.parent, ids.parent_is_remote, self.kind, self.start);
        let mut room = usize::try_from(scoped.limits().max_attributes_per_span).unwrap_or(usize::MAX);
        let mut attributes = 0;
        if let Some(prepared) = self.prepared {
            attributes += prepared.list().len();
            if prepared.list().len() <= room {
                out.extend_from_slice(prepared.encoded());
                room -= prepared.list().len();
            } else {
                prepared.list().iter().take(room).for_each(|attribute| encode::attribute(out, attribute));
                room = 0;
            }
        }
        for more in [self.attributes, &ids.attributes] {
            attributes += more.len();
            let kept = &more[..more.len().min(room)];
            room -= kept.len();
            kept.iter().for_each(|attribute| encode::attribute(out, attribute));
        }
        let kept = usize::try_from(scoped.limits().max_attributes_per_span).unwrap_or(usize::MAX);
        let dropped = u32::try_from(attributes.saturating_sub(kept)).unwrap_or(u32::MAX);
        encode::end(out, self.name, self.status, self.end, Dropped { attributes: dropped, ..Dropped::default() });
    }
}
