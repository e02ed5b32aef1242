//! Which span is current on this thread, and what travels with it.
//!
//! The API's context is a shared list of values, a span among them behind a lock; to make one and to make it current costs
//! more than all that is asked of it here, which is a span's ids. So those are current by themselves. Spans that are
//! objects of the API are current there as well, for whoever looks there.

use std::{
    cell::{Cell, RefCell},
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{Context as Task, Poll},
};

use opentelemetry::{
    Context, ContextGuard, SpanId, TraceFlags, TraceId,
    trace::{SpanContext, TraceContextExt as _, TraceState},
};
use pin_project_lite::pin_project;

/// Which span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ids {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) flags: TraceFlags,
    /// Whether it is one of another process.
    pub(crate) is_remote: bool,
}

/// What travels with a span beside its ids, which hardly any request has.
#[derive(Debug, Default)]
pub(super) struct More {
    pub(super) trace_state: TraceState,
    pub(super) baggage: Option<Context>,
}

/// A span, by what is told of it to those under it.
#[derive(Debug, Clone)]
pub(crate) struct Current {
    ids: Ids,
    more: Option<Arc<More>>,
}

/// The ids that are current, and whether there is a [`More`] to them. Of the size of the ids alone.
#[derive(Clone, Copy)]
struct Here {
    trace_id: TraceId,
    span_id: SpanId,
    flags: TraceFlags,
    is_remote: bool,
    has_more: bool,
}

// Two, because one that needs no tidying up is cheap to look at.
thread_local! {
    static HERE: Cell<Here> = const { Cell::new(Here::of(Ids::NONE, false)) };
    static MORE: RefCell<Option<Arc<More>>> = const { RefCell::new(None) };
}

impl Here {
    const fn of(ids: Ids, has_more: bool) -> Self {
        let Ids { trace_id, span_id, flags, is_remote } = ids;
        Self { trace_id, span_id, flags, is_remote, has_more }
    }

    fn ids(self) -> Ids {
        let Self { trace_id, span_id, flags, is_remote, .. } = self;
        Ids { trace_id, span_id, flags, is_remote }
    }
}

impl Ids {
    /// No span.
    pub(crate) const NONE: Self =
        Self { trace_id: TraceId::INVALID, span_id: SpanId::INVALID, flags: TraceFlags::NOT_SAMPLED, is_remote: false };

    pub(crate) fn is_valid(&self) -> bool {
        self.trace_id != TraceId::INVALID && self.span_id != SpanId::INVALID
    }

    pub(crate) fn is_sampled(&self) -> bool {
        self.flags.is_sampled()
    }

    /// As the API has them.
    pub(super) fn to_api(self, more: Option<&More>) -> SpanContext {
        let state = more.map_or(TraceState::NONE, |more| more.trace_state.clone());
        SpanContext::new(self.trace_id, self.span_id, self.flags, self.is_remote, state)
    }
}

impl Current {
    /// No span.
    pub(super) const NONE: Self = Self { ids: Ids::NONE, more: None };

    pub(super) fn new(ids: Ids, more: Option<Arc<More>>) -> Self {
        Self { ids, more }
    }

    /// Of a span of the API, with baggage.
    pub(super) fn of(span: &SpanContext, baggage: Option<Context>) -> Self {
        let state = span.trace_state();
        let more = (*state != TraceState::NONE || baggage.is_some())
            .then(|| Arc::new(More { trace_state: state.clone(), baggage }));
        let ids = Ids {
            trace_id: span.trace_id(),
            span_id: span.span_id(),
            flags: span.trace_flags(),
            is_remote: span.is_remote(),
        };
        Self::new(ids, more)
    }

    /// That of this thread.
    #[inline]
    pub(super) fn get() -> Self {
        let here = HERE.get();
        Self { ids: here.ids(), more: if here.has_more { MORE.with_borrow(Clone::clone) } else { None } }
    }

    /// All of it; the ids are left.
    #[inline]
    pub(super) fn take(&mut self) -> Self {
        Self { ids: self.ids, more: self.more.take() }
    }

    #[inline]
    pub(super) fn ids(&self) -> Ids {
        self.ids
    }

    pub(super) fn more(&self) -> Option<&More> {
        self.more.as_deref()
    }

    pub(super) fn baggage(&self) -> Option<Context> {
        self.more()?.baggage.clone()
    }

    /// A span under it, of this process.
    #[inline]
    pub(super) fn child(&self, span_id: SpanId, flags: TraceFlags) -> Self {
        Self { ids: Ids { span_id, flags, is_remote: false, ..self.ids }, more: self.more.clone() }
    }

    /// As the API has it.
    pub(super) fn to_api(&self) -> Context {
        let context = self.baggage().unwrap_or_default();
        if self.ids.is_valid() { context.with_remote_span_context(self.ids.to_api(self.more())) } else { context }
    }

    /// Makes it current until the guard is dropped; to the API as `context`, if there is one.
    #[inline(never)]
    pub(super) fn enter(&self, context: Option<&Context>) -> Entered {
        let has_more = self.more.is_some();
        let rest = if has_more || context.is_some() { Some(Box::new(self.enter_rest(context))) } else { None };
        Entered { before: HERE.replace(Here::of(self.ids, has_more)), _rest: rest, _stays: PhantomData }
    }

    #[cold]
    fn enter_rest(&self, context: Option<&Context>) -> EnteredRest {
        let has_more = self.more.is_some();
        EnteredRest {
            more: if has_more { MORE.replace(self.more.clone()) } else { None },
            has_more,
            _context: context.map(|context| context.clone().attach()),
        }
    }
}

/// Which span is current on this thread.
#[inline]
pub(super) fn ids() -> Ids {
    HERE.get().ids()
}

/// Until it is dropped, something is current. Guards end in the reverse of their order.
pub(crate) struct Entered {
    before: Here,
    _rest: Option<Box<EnteredRest>>,
    /// It belongs to its thread.
    _stays: PhantomData<*const ()>,
}

/// What hardly any span has.
struct EnteredRest {
    /// The one before, if what is current now has a [`More`].
    more: Option<Arc<More>>,
    has_more: bool,
    _context: Option<ContextGuard>,
}

impl Drop for Entered {
    #[inline]
    fn drop(&mut self) {
        HERE.set(self.before);
    }
}

impl Drop for EnteredRest {
    fn drop(&mut self) {
        if self.has_more {
            MORE.set(self.more.take());
        }
    }
}

pin_project! {
    /// Work under a span that is current at every poll.
    pub(crate) struct Within<W> {
        #[pin]
        pub(super) work: W,
        // `None`: whatever is current.
        pub(super) span: Option<(Current, Option<Box<Context>>)>,
    }
}

impl<W: Future> Future for Within<W> {
    type Output = W::Output;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<W::Output> {
        let this = self.project();
        let _current = this.span.as_ref().map(|(span, context)| span.enter(context.as_deref()));
        this.work.poll(task)
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::{
        Context, KeyValue, SpanId, TraceFlags, TraceId,
        baggage::BaggageExt as _,
        trace::{SpanContext, TraceContextExt as _, TraceState},
    };

    use super::{Current, Ids, ids};

    fn span(id: u64) -> Current {
        let ids =
            Ids { trace_id: TraceId::from(1), span_id: SpanId::from(id), flags: TraceFlags::SAMPLED, ..Ids::NONE };
        Current::new(ids, None)
    }

    fn span_with_baggage(id: u64) -> Current {
        let flags = TraceFlags::SAMPLED;
        let span = SpanContext::new(TraceId::from(1), SpanId::from(id), flags, true, TraceState::NONE);
        Current::of(&span, Some(Context::new().with_baggage([KeyValue::new("tenant", "a")])))
    }

    fn has_baggage() -> bool {
        Current::get().more().is_some_and(|more| more.baggage.is_some())
    }

    #[test]
    fn what_was_current_is_so_again() {
        assert_eq!(ids(), Ids::NONE);
        let outer = span(1).enter(None);
        {
            let _inner = span(2).enter(None);
            assert_eq!(ids().span_id, SpanId::from(2));
        }
        assert_eq!(ids().span_id, SpanId::from(1));
        drop(outer);
        assert_eq!(ids(), Ids::NONE);
    }

    #[test]
    fn baggage_comes_and_goes_with_its_span() {
        let _outer = span_with_baggage(1).enter(None);
        assert!(has_baggage());
        {
            let _without = span(2).enter(None);
            assert!(!has_baggage());
            let _with = span_with_baggage(3).enter(None);
            assert!(has_baggage());
        }
        assert!(has_baggage());
        assert_eq!(ids().span_id, SpanId::from(1));
    }

    #[test]
    fn it_is_so_again_after_a_panic() {
        let panicked = std::panic::catch_unwind(|| {
            let _entered = span_with_baggage(1).enter(None);
            panic!("on purpose");
        });

        assert!(panicked.is_err());
        assert_eq!(ids(), Ids::NONE);
        assert!(!has_baggage());
    }

    #[test]
    fn what_is_told_to_the_api_is_the_same() {
        let span = span_with_baggage(3);
        let context = span.to_api();
        {
            let _entered = span.enter(Some(&context));
            assert_eq!(Context::current().span().span_context(), &ids().to_api(None));
            assert_eq!(Context::current().baggage().len(), 1);
        }
        assert!(!Context::current().has_active_span());
        assert!(!Current::NONE.to_api().has_active_span());
    }
}
