//! Which span is current on this thread, and what travels with it.
//!
//! The API's context is a shared list of values, a span among them behind a lock; to make one and to make it current costs
//! more than all that is asked of it here, which is a span's ids. So those are current by themselves. Spans that are
//! objects of the API are current there as well, for whoever looks there.

use std::{
    cell::RefCell,
    marker::PhantomData,
    pin::Pin,
    task::{Context as Task, Poll},
};

use opentelemetry::{
    Context, ContextGuard,
    trace::{SpanContext, TraceContextExt as _},
};
use pin_project_lite::pin_project;

/// A span, by what is told of it to those under it.
#[derive(Debug, Clone)]
pub(crate) struct Current {
    /// Its ids; invalid if there is none.
    pub(super) span: SpanContext,
    /// What else a request came with, which hardly any does.
    pub(super) baggage: Option<Context>,
}

thread_local!(static CURRENT: RefCell<Current> = const { RefCell::new(Current::NONE) });

impl Current {
    /// No span.
    pub(super) const NONE: Self = Self { span: SpanContext::NONE, baggage: None };

    /// As the API has it.
    pub(super) fn to_api(&self) -> Context {
        let context = self.baggage.clone().unwrap_or_default();
        if self.span.is_valid() { context.with_remote_span_context(self.span.clone()) } else { context }
    }
}

/// Looks at what is current.
pub(super) fn with_current<R>(look: impl FnOnce(&Current) -> R) -> R {
    CURRENT.with_borrow(look)
}

/// What is made current together.
#[derive(Clone)]
pub(super) struct Scope {
    pub(super) current: Current,
    /// The same to the API, for a span that is an object of it.
    pub(super) api: Option<Context>,
}

impl Scope {
    /// Makes it current until the guard is dropped.
    pub(super) fn enter(self) -> Entered {
        Entered { before: CURRENT.replace(self.current), _api: self.api.map(Context::attach), _stays: PhantomData }
    }
}

/// Until it is dropped, something is current. Guards end in the reverse of their order.
pub(crate) struct Entered {
    before: Current,
    _api: Option<ContextGuard>,
    /// It belongs to its thread.
    _stays: PhantomData<*const ()>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(std::mem::replace(&mut self.before, Current::NONE));
    }
}

pin_project! {
    /// Work with a scope that is current at every poll.
    pub(crate) struct Within<W> {
        #[pin]
        pub(super) work: W,
        // `None`: whatever is current.
        pub(super) scope: Option<Scope>,
    }
}

impl<W: Future> Future for Within<W> {
    type Output = W::Output;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<W::Output> {
        let this = self.project();
        let _current = this.scope.clone().map(Scope::enter);
        this.work.poll(task)
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::{
        Context, SpanId, TraceFlags, TraceId,
        trace::{SpanContext, TraceContextExt as _, TraceState},
    };

    use super::{Current, Scope, with_current};

    pub(in crate::telemetry) fn scope(id: u64, api: Option<Context>) -> Scope {
        let flags = TraceFlags::SAMPLED;
        let span = SpanContext::new(TraceId::from(1), SpanId::from(id), flags, false, TraceState::NONE);
        Scope { current: Current { span, baggage: None }, api }
    }

    fn current() -> SpanId {
        with_current(|current| current.span.span_id())
    }

    #[test]
    fn what_was_current_is_so_again() {
        assert_eq!(current(), SpanId::INVALID);
        let outer = scope(1, None).enter();
        {
            let _inner = scope(2, None).enter();
            assert_eq!(current(), SpanId::from(2));
        }
        assert_eq!(current(), SpanId::from(1));
        drop(outer);
        assert_eq!(current(), SpanId::INVALID);
    }

    #[test]
    fn it_is_so_again_after_a_panic() {
        let panicked = std::panic::catch_unwind(|| {
            let _entered = scope(1, None).enter();
            panic!("on purpose");
        });

        assert!(panicked.is_err());
        assert_eq!(current(), SpanId::INVALID);
    }

    #[test]
    fn a_span_of_the_api_is_current_there_too() {
        let ids = scope(3, None).current.span;
        {
            let _entered = scope(3, Some(Context::new().with_remote_span_context(ids.clone()))).enter();
            assert_eq!(Context::current().span().span_context(), &ids);
        }
        assert!(!Context::current().has_active_span());
    }
}
