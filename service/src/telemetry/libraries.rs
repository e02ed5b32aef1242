//! Libraries in the process that speak OpenTelemetry's API by themselves.
//!
//! They look for their parent in the API's context. To make every operation's span current there costs more than to make it
//! current for us alone, and most services have no such library. So it is done from the moment on at which somebody asks
//! for a tracer.

use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry::{InstrumentationScope, trace::TracerProvider};

static ASKED: AtomicBool = AtomicBool::new(false);

/// Whether anybody has asked for a tracer.
#[inline]
pub(super) fn are_there() -> bool {
    ASKED.load(Ordering::Relaxed)
}

/// The provider that libraries find as the global one.
pub(super) struct ForLibraries<P>(pub(super) P);

impl<P: TracerProvider> TracerProvider for ForLibraries<P> {
    type Tracer = P::Tracer;

    fn tracer_with_scope(&self, scope: InstrumentationScope) -> P::Tracer {
        ASKED.store(true, Ordering::Relaxed);
        self.0.tracer_with_scope(scope)
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::{
        Context, SpanId, global,
        trace::{TraceContextExt as _, Tracer as _},
    };

    use crate::telemetry::{
        current,
        support::{Sink, Work, providers},
    };

    /// The span that a library finds, and the one that is ours.
    fn found() -> (SpanId, SpanId) {
        let of_the_api = Context::current().span().span_context().span_id();
        (of_the_api, current::ids().span_id)
    }

    #[tokio::test]
    async fn who_asks_for_a_tracer_finds_the_current_span_from_then_on() {
        let telemetry = providers(&Sink::default(), &[]).telemetry();

        let library = global::tracer("library");
        let outer = telemetry.start(Work::default());
        let (child, inside, outside) = outer
            .within(async {
                let inner = telemetry.start(Work::default());
                let inside = inner.within(async { found() }).await;
                let child = library.in_span("of the library", |context| context.span().span_context().clone());
                (child, inside, found())
            })
            .await;

        assert_eq!(inside.0, inside.1);
        assert_eq!(outside.0, outside.1);
        assert_ne!(inside.0, outside.0);
        assert!(child.is_valid());
        assert_eq!(found(), (SpanId::INVALID, SpanId::INVALID));
    }
}
