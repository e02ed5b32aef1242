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
    use std::{borrow::Cow, collections::HashMap, pin::Pin, sync::Arc, time::Duration};

    use opentelemetry::{
        Context, SpanId, global,
        trace::{TraceContextExt as _, Tracer as _},
    };
    use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};

    use crate::{
        config::Config,
        telemetry::{Operation, Outcome, Providers, Recorder, current},
    };

    /// A collector that takes everything.
    #[derive(Debug)]
    struct Sink;

    impl HttpClient for Sink {
        fn send_bytes<'life, 'future>(
            &'life self,
            _: Request<Bytes>,
        ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'future>>
        where
            'life: 'future,
            Self: 'future,
        {
            Box::pin(async { Ok(Response::new(Bytes::new())) })
        }
    }

    struct Work;

    impl Operation for Work {
        type Output = ();

        fn name(&self) -> Cow<'static, str> {
            "work".into()
        }

        fn end(&mut self, _: &Outcome, _: Duration, _: &Recorder<'_>) {}
    }

    /// The span that a library finds, and the one that is ours.
    fn found() -> (SpanId, SpanId) {
        let of_the_api = Context::current().span().span_context().span_id();
        (of_the_api, current::ids().span_id)
    }

    #[tokio::test]
    async fn who_asks_for_a_tracer_finds_the_current_span_from_then_on() {
        let config = Config::from_source(&HashMap::from([("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")])).unwrap();
        let client: Arc<dyn HttpClient> = Arc::new(Sink);
        let providers = Providers::start_over(&config.telemetry, &client);
        let telemetry = providers.telemetry();

        let library = global::tracer("library");
        let outer = telemetry.start(Work);
        let (child, parent, ours) = outer
            .within(async {
                let inner = telemetry.start(Work);
                let found = inner.within(async { found() }).await;
                let context = library.in_span("of the library", |context| context.span().span_context().clone());
                (context, found, self::found())
            })
            .await;

        assert_eq!(parent.0, parent.1);
        assert_eq!(ours.0, ours.1);
        assert_ne!(parent.0, ours.0);
        assert!(child.is_sampled());
        assert_eq!(found(), (SpanId::INVALID, SpanId::INVALID));
    }
}
