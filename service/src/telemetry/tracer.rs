//! The tracer of either pipeline.

use std::borrow::Cow;

use opentelemetry::{
    Context, KeyValue,
    trace::{Span as _, SpanBuilder, SpanContext, SpanKind, Status, TraceContextExt as _, Tracer as _},
};
use opentelemetry_sdk::trace::SdkTracer;
use otlp_inline::{FinishedSpan, SpanIds};

use super::{
    AttributeList, Prepared,
    clock::system_time,
    current::{Current, with_current},
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
pub(super) enum OpenSpan {
    Inline {
        ids: SpanIds,
        /// The same to libraries, if there are any.
        context: Option<Context>,
    },
    Sdk {
        ids: SpanContext,
        context: Context,
        is_recording: bool,
    },
}

/// What a span says from its start on. It is asked when that is needed, which may be at its end.
pub(super) trait Described {
    /// Lists the attributes, if none are prepared.
    fn describe(&self, attributes: &mut AttributeList) -> Description;
}

pub(super) struct Description {
    pub(super) name: Cow<'static, str>,
    pub(super) kind: SpanKind,
    pub(super) prepared: Option<&'static Prepared>,
}

/// What a span says at its end.
pub(super) struct Ending {
    pub(super) time: u64,
    /// What it has said from its start on, if that was not told then.
    pub(super) described: Option<Description>,
    pub(super) attributes: AttributeList,
    pub(super) status: Status,
}

impl Tracer {
    /// Starts a span, under the current one if there is no `parent`.
    pub(super) fn start(&self, parent: Option<&Current>, time: u64, span: &dyn Described) -> OpenSpan {
        match self {
            Self::Inline(tracer) => {
                let start = |parent: &SpanContext| tracer.follow(parent).unwrap_or_else(|| begin(tracer, parent, span));
                let ids = match parent {
                    Some(parent) => start(&parent.span),
                    None => with_current(|current| start(&current.span)),
                };
                let context = libraries::are_there().then(|| context_of(&ids, parent));
                OpenSpan::Inline { ids, context }
            }
            Self::Sdk(tracer) => {
                let parent = parent.map_or_else(Context::current, Current::to_api);
                start_object(tracer, &parent, time, span)
            }
        }
    }

    /// Ends a span that is recorded and has started at `started`.
    pub(super) fn end(&self, open: &OpenSpan, started: u64, ending: &mut Ending) {
        match (self, open, &ending.described) {
            (Self::Inline(tracer), OpenSpan::Inline { ids, .. }, Some(Description { name, kind, prepared })) => {
                let finished = FinishedSpan {
                    name,
                    kind,
                    start: started,
                    end: ending.time,
                    prepared: prepared.map(Prepared::encoded),
                    attributes: ending.attributes.list(),
                    status: &ending.status,
                };
                tracer.record(ids, &finished);
            }
            (_, OpenSpan::Sdk { context, .. }, _) => {
                let span = context.span();
                span.set_attributes(ending.attributes.take());
                span.set_status(std::mem::take(&mut ending.status));
                span.end_with_timestamp(system_time(ending.time));
            }
            // A span ends where it has started, and is described there.
            (Self::Sdk(_) | Self::Inline(_), OpenSpan::Inline { .. }, _) => {}
        }
    }
}

#[cold]
fn context_of(ids: &SpanIds, parent: Option<&Current>) -> Context {
    parent.map_or_else(Context::current, Current::to_api).with_remote_span_context(ids.context().clone())
}

#[cold]
fn begin(tracer: &otlp_inline::Tracer, parent: &SpanContext, span: &dyn Described) -> SpanIds {
    let mut list = AttributeList::new();
    let Description { name, kind, prepared } = span.describe(&mut list);
    tracer.begin(parent, &name, &kind, prepared.map_or(list.list(), Prepared::list))
}

fn start_object(tracer: &SdkTracer, parent: &Context, time: u64, span: &dyn Described) -> OpenSpan {
    let mut list = AttributeList::new();
    let Description { name, kind, prepared } = span.describe(&mut list);
    let attributes: Vec<KeyValue> = match prepared {
        Some(prepared) => prepared.list().to_vec(),
        None => list.take().collect(),
    };
    let builder = SpanBuilder::from_name(name).with_kind(kind).with_start_time(system_time(time));
    let span = tracer.build_with_context(builder.with_attributes(attributes), parent);
    let (ids, is_recording) = (span.span_context().clone(), span.is_recording());
    // Of one that does not record, its ids are all there is.
    let context = if is_recording { parent.with_span(span) } else { parent.with_remote_span_context(ids.clone()) };
    OpenSpan::Sdk { ids, context, is_recording }
}

impl OpenSpan {
    pub(super) fn ids(&self) -> &SpanContext {
        match self {
            Self::Inline { ids, .. } => ids.context(),
            Self::Sdk { ids, .. } => ids,
        }
    }

    pub(super) fn is_recording(&self) -> bool {
        match self {
            Self::Inline { ids, .. } => ids.is_sampled(),
            Self::Sdk { is_recording, .. } => *is_recording,
        }
    }

    /// The context of the API that it is in, if it is in one.
    pub(super) fn context(&self) -> Option<&Context> {
        match self {
            Self::Inline { context, .. } => context.as_ref(),
            Self::Sdk { context, .. } => Some(context),
        }
    }

    /// Whether all of it is told at its end.
    pub(super) fn is_told_at_the_end(&self) -> bool {
        matches!(self, Self::Inline { .. })
    }
}
