//! The SDK's samplers decide here as they do there.

use std::sync::Arc;

use opentelemetry::{
    Context, SpanId, TraceFlags, TraceId,
    trace::{Span, SpanContext, SpanKind, TraceContextExt as _, TraceState, Tracer, TracerProvider},
};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use otlp_inline::Otlp;

use crate::support::{ids::Counting, sink::Sink};

fn samplers() -> Vec<Sampler> {
    let simple = [
        Sampler::AlwaysOn,
        Sampler::AlwaysOff,
        Sampler::TraceIdRatioBased(0.0),
        Sampler::TraceIdRatioBased(0.3),
        Sampler::TraceIdRatioBased(1.0),
    ];
    let parent_based = simple.clone().map(|root| Sampler::ParentBased(Box::new(root)));
    simple.into_iter().chain(parent_based).collect()
}

fn parents() -> Vec<Context> {
    let state = TraceState::from_key_value([("vendor", "value")]).unwrap();
    let mut parents = vec![Context::new()];
    for (trace_id, span_id) in [(0xABCD_u128 << 100, 0xEF_u64), (u128::MAX, u64::MAX), (1, 1), (0, 7), (7, 0), (0, 0)] {
        for flags in [0_u8, 1, 2, 3, 0xFF] {
            for remote in [false, true] {
                let context = SpanContext::new(
                    TraceId::from(trace_id),
                    SpanId::from(span_id),
                    TraceFlags::new(flags),
                    remote,
                    state.clone(),
                );
                parents.push(Context::new().with_remote_span_context(context));
            }
        }
    }
    parents
}

/// What the spans under each parent carry on, and whether they record.
fn decide<P>(provider: &P) -> Vec<(SpanContext, bool)>
where
    P: TracerProvider,
    <P::Tracer as Tracer>::Span: Span,
{
    let tracer = provider.tracer("samplers");
    let start = |parent: &Context| {
        let span = tracer.start_with_context("span", parent);
        (span.span_context().clone(), span.is_recording())
    };
    // Each parent often, because the ids decide as well.
    (0..20).flat_map(|_| parents()).map(|parent| start(&parent)).collect()
}

#[test]
fn every_sampler_decides_as_it_does_in_the_sdk() {
    for sampler in samplers() {
        let stock =
            SdkTracerProvider::builder().with_sampler(sampler.clone()).with_id_generator(Counting::default()).build();
        let sink = Sink::default();
        let inline = otlp_inline::TracerProvider::builder(
            Otlp::http("http://localhost").with_http_client(Arc::new(sink.clone())),
        )
        .with_sampler(sampler.clone())
        .with_id_generator(Counting::default())
        .build()
        .unwrap();

        let decided = decide(&inline);

        assert_eq!(decided, decide(&stock), "{sampler:?}");
        inline.force_flush().unwrap();
        let exported: usize = sink.take_spans().iter().map(count).sum();
        assert_eq!(exported, decided.iter().filter(|(context, _)| context.is_sampled()).count(), "{sampler:?}");
    }
}

fn count(request: &opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest) -> usize {
    request.resource_spans.iter().flat_map(|spans| &spans.scope_spans).map(|spans| spans.spans.len()).sum()
}

#[test]
fn a_sampler_of_roots_decides_as_the_sdk_does_with_a_parent_based_one() {
    for root in [Sampler::AlwaysOn, Sampler::AlwaysOff, Sampler::TraceIdRatioBased(0.3)] {
        let otlp = Otlp::http("http://localhost").with_http_client(Arc::new(Sink::default()));
        let inline = otlp_inline::TracerProvider::builder(otlp)
            .with_root_sampler(root.clone())
            .with_id_generator(Counting::default())
            .build()
            .unwrap();
        let stock = SdkTracerProvider::builder()
            .with_sampler(Sampler::parent_based(root.clone()))
            .with_id_generator(Counting::default())
            .build();

        assert_eq!(decide(&inline), decide(&stock), "{root:?}");
    }
}

/// As [`decide`], of spans that are told when they are over.
fn decide_at_the_start(tracer: &otlp_inline::Tracer) -> Vec<(SpanContext, bool)> {
    let start = |parent: &Context| {
        let span = parent.span();
        let parent = span.span_context();
        let context = match parent.is_valid().then(|| tracer.follow(parent.trace_flags(), parent.is_remote())).flatten()
        {
            Some((id, flags)) => SpanContext::new(parent.trace_id(), id, flags, false, parent.trace_state().clone()),
            None => tracer.begin(parent, "span", &SpanKind::Internal, &[]).context,
        };
        let is_sampled = context.is_sampled();
        (context, is_sampled)
    };
    (0..20).flat_map(|_| parents()).map(|parent| start(&parent)).collect()
}

#[test]
fn spans_that_are_told_when_they_are_over_are_decided_upon_as_others() {
    for sampler in samplers() {
        let provider = |is_of_roots: bool| {
            let otlp = Otlp::http("http://localhost").with_http_client(Arc::new(Sink::default()));
            let builder = otlp_inline::TracerProvider::builder(otlp).with_id_generator(Counting::default());
            let builder = if is_of_roots {
                builder.with_root_sampler(sampler.clone())
            } else {
                builder.with_sampler(sampler.clone())
            };
            builder.build().unwrap()
        };
        for is_of_roots in [false, true] {
            let decided = decide_at_the_start(&provider(is_of_roots).tracer("samplers"));

            assert_eq!(decided, decide(&provider(is_of_roots)), "{sampler:?}, of roots: {is_of_roots}");
        }
    }
}

/// The spans of a trace that is the caller's, or begins here: the first of this process, one under it, and one under that.
fn chains(first: &dyn Fn(&Context) -> SpanContext, under: &dyn Fn(&Context) -> SpanContext) -> Vec<SpanContext> {
    let entries = parents().into_iter().filter(|parent| !parent.span().span_context().is_valid() || is_remote(parent));
    let chain = |parent: Context| {
        let first = first(&parent);
        let second = under(&Context::new().with_remote_span_context(first.clone()));
        let third = under(&Context::new().with_remote_span_context(second.clone()));
        [first, second, third]
    };
    entries.flat_map(chain).collect()
}

fn is_remote(parent: &Context) -> bool {
    parent.span().span_context().is_remote()
}

#[test]
fn a_sampler_by_trace_id_that_is_asked_at_the_entry_decides_for_all_under_it() {
    for sampler in [Sampler::AlwaysOn, Sampler::TraceIdRatioBased(0.0), Sampler::TraceIdRatioBased(0.5)] {
        let provider = || {
            let otlp = Otlp::http("http://localhost").with_http_client(Arc::new(Sink::default()));
            let builder = otlp_inline::TracerProvider::builder(otlp).with_trace_id_sampler(sampler.clone());
            builder.with_id_generator(Counting::default()).build().unwrap()
        };
        let stock = SdkTracerProvider::builder()
            .with_sampler(sampler.clone())
            .with_id_generator(Counting::default())
            .build()
            .tracer("samplers");
        let stock = |parent: &Context| stock.start_with_context("span", parent).span_context().clone();
        let expected = chains(&stock, &stock);

        let spans = provider().tracer("samplers");
        let span = |parent: &Context| spans.start_with_context("span", parent).span_context().clone();
        assert_eq!(chains(&span, &span), expected, "{sampler:?}");

        let tracer = provider().tracer("samplers");
        let begin = |parent: &Context| {
            let span = parent.span();
            let (above, valid) = (span.span_context(), span.span_context().is_valid());
            assert!(!valid || tracer.follow(above.trace_flags(), above.is_remote()).is_none(), "it is asked");
            tracer.begin(above, "span", &SpanKind::Internal, &[]).context
        };
        let follow = |parent: &Context| {
            let span = parent.span();
            let above = span.span_context();
            let (id, flags) = tracer.follow(above.trace_flags(), false).expect("it is not asked");
            SpanContext::new(above.trace_id(), id, flags, false, above.trace_state().clone())
        };
        assert_eq!(chains(&begin, &follow), expected, "{sampler:?}, told when they are over");
    }
}

#[test]
fn without_sampling_it_is_as_with_the_sampler_that_drops_all() {
    let provider = || {
        let otlp = Otlp::http("http://localhost").with_http_client(Arc::new(Sink::default()));
        otlp_inline::TracerProvider::builder(otlp)
            .without_sampling()
            .with_id_generator(Counting::default())
            .build()
            .unwrap()
    };
    let stock =
        SdkTracerProvider::builder().with_sampler(Sampler::AlwaysOff).with_id_generator(Counting::default()).build();
    let stock = decide(&stock);

    assert_eq!(decide(&provider()), stock);
    assert_eq!(decide_at_the_start(&provider().tracer("samplers")), stock);
}

#[test]
fn a_provider_whose_spans_go_nowhere_decides_as_others() {
    let provider = || otlp_inline::TracerProvider::discarding().with_id_generator(Counting::default()).build().unwrap();
    let stock = SdkTracerProvider::builder().with_id_generator(Counting::default()).build();

    assert_eq!(decide(&provider()), decide(&stock));
    assert!(!provider().tracer("samplers").exports());
    let provider = provider();
    provider.force_flush().unwrap();
    provider.shutdown_with_timeout(std::time::Duration::from_secs(1)).unwrap();
}

#[test]
fn without_a_setting_roots_are_sampled_and_parents_are_followed() {
    let otlp = Otlp::http("http://localhost").with_http_client(Arc::new(Sink::default()));
    let inline = otlp_inline::TracerProvider::builder(otlp).with_id_generator(Counting::default()).build().unwrap();
    let stock = SdkTracerProvider::builder().with_id_generator(Counting::default()).build();

    assert_eq!(decide(&inline), decide(&stock));
}

#[test]
fn nothing_is_recorded_while_telemetry_is_suppressed() {
    let otlp = Otlp::http("http://localhost").with_http_client(Arc::new(Sink::default()));
    let inline = otlp_inline::TracerProvider::builder(otlp).build().unwrap();
    let tracer = inline.tracer("samplers");

    let _suppressed = Context::enter_telemetry_suppressed_scope();
    let span = tracer.start("the exporter's own");

    assert!(!span.is_recording());
    assert!(!span.span_context().is_valid());
}
