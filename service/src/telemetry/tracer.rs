//! The tracer of either pipeline.

use std::borrow::Cow;

use opentelemetry::{
    Context, KeyValue, SpanId,
    trace::{Span as _, SpanBuilder, SpanKind, Status, TraceContextExt as _, Tracer as _},
};
use opentelemetry_sdk::trace::SdkTracer;
use otlp_inline::{Begun, FinishedSpan};

use super::{
    AttributeList, Prepared,
    clock::system_time,
    current::{Current, Entered},
    libraries,
};

/// Starts spans, and ends them. Times are in nanoseconds since 1970.
pub(super) enum Tracer {
    /// Of spans that are told when they are over.
    Inline(otlp_inline::Tracer),
    /// Of spans that are objects of the API: the SDK's.
    Sdk(SdkTracer),
}

/// A span that has started.
pub(super) struct OpenSpan {
    pub(super) current: Current,
    parent: SpanId,
    parent_is_remote: bool,
    pub(super) is_recording: bool,
    /// The context of the API that it is in, if it is in one.
    pub(super) context: Option<Box<Context>>,
}

/// What a span says from its start on. It is asked when that is needed, which may be at its end.
pub(crate) trait Described {
    /// Lists the attributes, if none are prepared.
    fn describe(&self, attributes: &mut AttributeList) -> Description;
}

pub(crate) struct Description {
    pub(super) name: Cow<'static, str>,
    pub(super) kind: SpanKind,
    pub(super) prepared: Option<&'static Prepared>,
}

/// What a span says at its end.
pub(super) struct Ending {
    pub(super) time: u64,
    /// Where all of it is told at the end, those from its start come first.
    pub(super) attributes: AttributeList,
    pub(super) status: Status,
}

impl Tracer {
    /// Starts a span, under the current one if there is no `parent`.
    pub(super) fn start(&self, parent: Option<&Current>, time: u64, span: &dyn Described) -> OpenSpan {
        match self {
            Self::Inline(tracer) => match parent {
                Some(parent) => OpenSpan::told(tracer, parent, span),
                None => OpenSpan::told(tracer, &Current::get(), span),
            },
            Self::Sdk(tracer) => OpenSpan::object_under(tracer, parent, time, span),
        }
    }

    /// Whether all of a span is told at its end.
    pub(super) fn tells_at_the_end(&self) -> bool {
        matches!(self, Self::Inline(_))
    }

    /// Ends a span that is recorded and has started at `started`.
    pub(super) fn end(&self, open: &OpenSpan, started: u64, described: Option<Description>, ending: &mut Ending) {
        match (self, described, &open.context) {
            (Self::Inline(tracer), Some(Description { name, kind, prepared }), _) => {
                tracer.record(&FinishedSpan {
                    context: &open.current.ids().to_api(open.current.more()),
                    parent: open.parent,
                    parent_is_remote: open.parent_is_remote,
                    name: &name,
                    kind: &kind,
                    start: started,
                    end: ending.time,
                    prepared: prepared.map(Prepared::encoded),
                    attributes: ending.attributes.list(),
                    status: &ending.status,
                });
            }
            (Self::Sdk(_), _, Some(context)) => end_object(context, ending),
            // One that is told at its end is described, and one that is an object is in a context.
            (Self::Inline(_), None, _) | (Self::Sdk(_), _, None) => {}
        }
    }
}

impl OpenSpan {
    /// All of it. What is left is of no use.
    #[inline]
    pub(super) fn take(&mut self) -> Self {
        Self { current: self.current.take(), context: self.context.take(), ..*self }
    }

    /// Makes it the current one.
    #[inline]
    pub(super) fn enter(&self) -> Entered {
        self.current.enter(self.context.as_deref())
    }

    /// One that is told at its end.
    #[inline]
    fn told(tracer: &otlp_inline::Tracer, parent: &Current, span: &dyn Described) -> Self {
        let above = parent.ids();
        let followed = if above.is_valid() { tracer.follow(above.flags, above.is_remote) } else { None };
        let current = match followed {
            Some((span_id, flags)) => parent.child(span_id, flags),
            None => begin(tracer, parent, span),
        };
        Self {
            parent: if above.is_valid() { above.span_id } else { SpanId::INVALID },
            parent_is_remote: above.is_remote,
            is_recording: current.ids().is_sampled() && tracer.exports(),
            context: libraries::are_there().then(|| Box::new(current.to_api())),
            current,
        }
    }

    /// One that is an object of the API, under the current one if there is no `parent`. Apart from what is short.
    #[cold]
    fn object_under(tracer: &SdkTracer, parent: Option<&Current>, time: u64, span: &dyn Described) -> Self {
        let start = |context: &Context, baggage| Self::object(tracer, context, baggage, time, span);
        match parent {
            Some(parent) => start(&parent.to_api(), parent.baggage()),
            None => Context::map_current(|context| start(context, Current::get().baggage())),
        }
    }

    fn object(tracer: &SdkTracer, parent: &Context, baggage: Option<Context>, time: u64, span: &dyn Described) -> Self {
        let mut list = AttributeList::new();
        let Description { name, kind, prepared } = span.describe(&mut list);
        let attributes: Vec<KeyValue> = match prepared {
            Some(prepared) => prepared.list().to_vec(),
            None => list.take().collect(),
        };
        let builder = SpanBuilder::from_name(name).with_kind(kind).with_start_time(system_time(time));
        let span = tracer.build_with_context(builder.with_attributes(attributes), parent);
        let (ids, is_recording) = (span.span_context().clone(), span.is_recording());
        Self {
            current: Current::of(&ids, baggage),
            // It knows them itself.
            parent: SpanId::INVALID,
            parent_is_remote: false,
            is_recording,
            // Of one that does not record, its ids are all there is.
            context: Some(Box::new(if is_recording {
                parent.with_span(span)
            } else {
                parent.with_remote_span_context(ids)
            })),
        }
    }
}

#[cold]
fn end_object(context: &Context, ending: &mut Ending) {
    let span = context.span();
    span.set_attributes(ending.attributes.take());
    span.set_status(std::mem::take(&mut ending.status));
    span.end_with_timestamp(system_time(ending.time));
}

/// Where the sampler has to be asked.
#[cold]
fn begin(tracer: &otlp_inline::Tracer, parent: &Current, span: &dyn Described) -> Current {
    let mut list = AttributeList::new();
    let Description { name, kind, prepared } = span.describe(&mut list);
    let attributes = prepared.map_or(list.list(), Prepared::list);
    let Begun { context, attributes } = tracer.begin(&parent.ids().to_api(parent.more()), &name, &kind, attributes);
    debug_assert!(attributes.is_empty(), "a sampler that adds attributes, which are not told");
    Current::of(&context, parent.baggage())
}
