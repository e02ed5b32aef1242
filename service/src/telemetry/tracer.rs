//! The tracer of either pipeline.

use std::{borrow::Cow, time::SystemTime};

use opentelemetry::{
    Context, KeyValue,
    trace::{Span, SpanBuilder, SpanKind, TraceContextExt as _, Tracer as _},
};
use opentelemetry_sdk::trace::SdkTracer;

use super::Prepared;

/// Starts spans. Not the API's boxed tracer, which costs an allocation more for each span.
pub(super) enum Tracer {
    /// Of spans that are written as OTLP while they happen.
    Inline(otlp_inline::Tracer),
    /// The SDK's.
    Sdk(SdkTracer),
}

/// What a span starts with.
#[derive(Debug, Clone, Copy)]
pub(super) enum Attributes<'a> {
    Prepared(&'a Prepared),
    Listed(&'a [KeyValue]),
}

impl Tracer {
    /// A context with a new span in it, and whether that records.
    pub(super) fn start(
        &self,
        name: Cow<'static, str>,
        kind: SpanKind,
        time: SystemTime,
        attributes: Attributes<'_>,
        parent: &Context,
    ) -> (Context, bool) {
        match self {
            Self::Inline(tracer) => {
                let span = match attributes {
                    Attributes::Prepared(prepared) => {
                        tracer.start_prepared(name, &kind, time, prepared.encoded(), parent)
                    }
                    Attributes::Listed(list) => tracer.start_at(name, &kind, time, list, parent),
                };
                within(span, parent)
            }
            Self::Sdk(tracer) => {
                let attributes = match attributes {
                    Attributes::Prepared(prepared) => prepared.list(),
                    Attributes::Listed(list) => list,
                };
                let builder = SpanBuilder::from_name(name).with_kind(kind).with_start_time(time);
                let span = tracer.build_with_context(builder.with_attributes(attributes.iter().cloned()), parent);
                within(span, parent)
            }
        }
    }
}

fn within(span: impl Span + Send + Sync + 'static, parent: &Context) -> (Context, bool) {
    if span.is_recording() {
        (parent.with_span(span), true)
    } else {
        // Its ids are all there is to it.
        (parent.with_remote_span_context(span.span_context().clone()), false)
    }
}
