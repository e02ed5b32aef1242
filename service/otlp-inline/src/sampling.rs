//! Which spans are kept, and by whose decision.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use opentelemetry::{
    Context, KeyValue, SpanId, TraceFlags,
    trace::{Link, SpanContext, SpanKind, TraceContextExt as _},
};
use opentelemetry_sdk::trace::{SamplingDecision, ShouldSample};

use crate::{
    ids::{self, Ids},
    span::Identity,
};

/// Who decides which spans are kept.
#[derive(Debug)]
pub(crate) enum Sampling {
    /// A sampler, for each span.
    Every(Box<dyn ShouldSample>),
    /// A sampler, for spans without a parent; the others do as their parent does.
    Roots(Box<dyn ShouldSample>),
    /// A sampler, for spans without a parent in this process; the others do as their parent does.
    Entries(Box<dyn ShouldSample>),
    /// Nobody: none is kept.
    Never,
}

/// A span that is asked about.
pub(crate) struct Asked<'a> {
    pub(crate) parent: &'a Context,
    pub(crate) name: &'a str,
    pub(crate) kind: &'a SpanKind,
    pub(crate) attributes: &'a [KeyValue],
    pub(crate) links: &'a [Link],
}

/// What the sampler decided.
pub(crate) enum Sampled {
    /// A span that only carries this on.
    No(SpanContext),
    Yes(Identity),
}

/// What [`Tracer::follow`](crate::Tracer::follow) looks at. Beside each other: it is called in the middle of a request, once
/// a span, and each place more is one to fetch.
#[derive(Clone, Debug)]
pub(crate) struct Following {
    by: Follows,
    /// Whether a generator of ids was given.
    asks_for_ids: bool,
    exports: bool,
    is_shut_down: Arc<AtomicBool>,
}

/// Which spans under another one need no question.
#[derive(Clone, Copy, Debug)]
enum Follows {
    None,
    /// They do as their parent does.
    Parent,
    /// They do as their parent does, if it is one of this process.
    Local,
    /// None is kept.
    Never,
}

impl Sampling {
    #[inline]
    pub(crate) fn decide(&self, ids: &Ids, span: &Asked<'_>) -> Sampled {
        let Asked { parent: parent_context, name, kind, attributes, links } = *span;
        let parent_span = parent_context.span();
        let parent = parent_span.span_context();
        let has_parent = parent.is_valid();
        let decider = match self {
            Sampling::Roots(_) if has_parent => return follow(parent, ids.new_span_id()),
            Sampling::Entries(_) if has_parent && !parent.is_remote() => {
                return follow(parent, ids.new_span_id());
            }
            Sampling::Every(sampler) | Sampling::Roots(sampler) | Sampling::Entries(sampler) => sampler,
            Sampling::Never => {
                let trace_id = if has_parent { parent.trace_id() } else { ids.new_trace_id() };
                let (id, flags) = (ids.new_span_id(), TraceFlags::NOT_SAMPLED);
                return Sampled::No(SpanContext::new(trace_id, id, flags, false, parent.trace_state().clone()));
            }
        };
        // A parent without valid ids is none: a trace id of zeros would be continued otherwise.
        let parent = if has_parent { parent } else { &SpanContext::NONE };
        let trace_id = if has_parent { parent.trace_id() } else { ids.new_trace_id() };
        let sampled = decider.should_sample(Some(parent_context), trace_id, name, kind, attributes, links);
        let flags = match sampled.decision {
            SamplingDecision::Drop => TraceFlags::default(),
            SamplingDecision::RecordOnly => parent.trace_flags().with_sampled(false),
            SamplingDecision::RecordAndSample => parent.trace_flags().with_sampled(true),
        };
        let context = SpanContext::new(trace_id, ids.new_span_id(), flags, false, sampled.trace_state);
        if sampled.decision == SamplingDecision::Drop {
            return Sampled::No(context);
        }
        Sampled::Yes(Identity {
            context,
            parent: parent.span_id(),
            parent_is_remote: has_parent && parent.is_remote(),
            attributes: sampled.attributes,
        })
    }
}

/// As its parent does.
#[inline]
fn follow(parent: &SpanContext, span_id: SpanId) -> Sampled {
    let flags = if parent.is_sampled() { parent.trace_flags() } else { TraceFlags::default() };
    let context = SpanContext::new(parent.trace_id(), span_id, flags, false, parent.trace_state().clone());
    if parent.is_sampled() {
        let parent_is_remote = parent.is_remote();
        Sampled::Yes(Identity { context, parent: parent.span_id(), parent_is_remote, attributes: Vec::new() })
    } else {
        Sampled::No(context)
    }
}

impl Following {
    /// `exports`: whether spans go anywhere.
    pub(crate) fn new(sampling: &Sampling, ids: &Ids, exports: bool, is_shut_down: Arc<AtomicBool>) -> Self {
        let by = match sampling {
            Sampling::Roots(_) => Follows::Parent,
            Sampling::Entries(_) => Follows::Local,
            Sampling::Never => Follows::Never,
            Sampling::Every(_) => Follows::None,
        };
        Self { by, asks_for_ids: matches!(ids, Ids::Given(_)), exports, is_shut_down }
    }

    /// `given`: an id by the generator that was given, if one was.
    #[inline]
    pub(crate) fn follow(
        &self,
        parent: TraceFlags,
        parent_is_remote: bool,
        given: impl FnOnce() -> SpanId,
    ) -> Option<(SpanId, TraceFlags)> {
        let flags = match self.by {
            Follows::None => return None,
            Follows::Local if parent_is_remote => return None,
            Follows::Parent | Follows::Local if parent.is_sampled() => parent,
            Follows::Parent | Follows::Local | Follows::Never => TraceFlags::NOT_SAMPLED,
        };
        if self.is_shut_down.load(Ordering::Relaxed) {
            return None;
        }
        Some((if self.asks_for_ids { given() } else { ids::new_span_id() }, flags))
    }

    pub(crate) fn exports(&self) -> bool {
        self.exports
    }
}
