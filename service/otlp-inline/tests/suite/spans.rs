//! What a collector gets of a span is what the stock exporter sends of it.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, SystemTime},
};

use opentelemetry::{
    Context, InstrumentationScope, KeyValue, SpanId, TraceFlags, TraceId,
    trace::{
        Event, Link, Span, SpanBuilder, SpanContext, SpanKind, Status, TraceContextExt as _, TraceState, Tracer,
        TracerProvider,
    },
};
use opentelemetry_otlp::{WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_sdk::{
    Resource,
    trace::{SamplingDecision, SamplingResult, SdkTracerProvider, ShouldSample, SpanLimits},
};
use otlp_inline::{FinishedSpan, Otlp, PreparedAttributes};
use proptest::{collection::vec, option, prelude::*};

use crate::support::{arbitrary, ids::Counting, sink::Sink};

/// A span as it will happen.
#[derive(Clone, Debug)]
struct Plan {
    scope: usize,
    parent: Option<SpanContext>,
    kind: Option<SpanKind>,
    name: String,
    start: SystemTime,
    attributes: Option<Vec<KeyValue>>,
    events: Option<Vec<Event>>,
    links: Option<Vec<Link>>,
    steps: Vec<Step>,
    end: SystemTime,
    /// Done when the span has ended: of no effect.
    too_late: Vec<Step>,
}

/// What happens to a span.
#[derive(Clone, Debug)]
enum Step {
    Attribute(KeyValue),
    Attributes(Vec<KeyValue>),
    Event(String, SystemTime, Vec<KeyValue>),
    Link(SpanContext, Vec<KeyValue>),
    Status(Status),
    Name(String),
}

/// What all spans of a provider have in common.
#[derive(Clone, Debug)]
struct Setting {
    resource: Resource,
    limits: SpanLimits,
    sampler: Adding,
}

/// A sampler that adds to what it samples.
#[derive(Clone, Debug)]
struct Adding {
    decisions: Vec<SamplingDecision>,
    attributes: Vec<KeyValue>,
    trace_state: TraceState,
}

impl ShouldSample for Adding {
    fn should_sample(
        &self,
        _: Option<&Context>,
        _: opentelemetry::TraceId,
        name: &str,
        _: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        // Depends on everything that both have to tell it.
        let number = name.len() + attributes.len() + links.len();
        SamplingResult {
            decision: self.decisions[number % self.decisions.len()].clone(),
            attributes: self.attributes.clone(),
            trace_state: self.trace_state.clone(),
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let status = prop_oneof![
        Just(Status::Unset),
        Just(Status::Ok),
        arbitrary::text().prop_map(|description| Status::Error { description: description.into() }),
    ];
    prop_oneof![
        4 => arbitrary::attribute().prop_map(Step::Attribute),
        1 => arbitrary::attributes().prop_map(Step::Attributes),
        3 => (arbitrary::text(), arbitrary::time(), arbitrary::attributes())
            .prop_map(|(name, time, attributes)| Step::Event(name, time, attributes)),
        2 => (arbitrary::span_context(), arbitrary::attributes())
            .prop_map(|(to, attributes)| Step::Link(to, attributes)),
        2 => status.prop_map(Step::Status),
        1 => arbitrary::text().prop_map(Step::Name),
    ]
}

fn plan() -> impl Strategy<Value = Plan> {
    let kind = option::of(prop_oneof![
        Just(SpanKind::Internal),
        Just(SpanKind::Server),
        Just(SpanKind::Client),
        Just(SpanKind::Producer),
        Just(SpanKind::Consumer),
    ]);
    let event = (arbitrary::text(), arbitrary::time(), arbitrary::attributes(), 0_u32..3)
        .prop_map(|(name, time, attributes, dropped)| Event::new(name, time, attributes, dropped));
    let link = (arbitrary::span_context(), arbitrary::attributes(), 0_u32..3)
        .prop_map(|(to, attributes, dropped)| Link::new(to, attributes, dropped));
    let start = (
        0_usize..3,
        option::of(arbitrary::span_context()),
        kind,
        arbitrary::text(),
        arbitrary::time(),
        option::of(arbitrary::attributes()),
        option::of(vec(event, 0..4)),
        option::of(vec(link, 0..4)),
    );
    (start, vec(step(), 0..10), arbitrary::time(), vec(step(), 0..2)).prop_map(
        |((scope, parent, kind, name, start, attributes, events, links), steps, end, too_late)| Plan {
            scope,
            parent,
            kind,
            name,
            start,
            attributes,
            events,
            links,
            steps,
            end,
            too_late,
        },
    )
}

fn setting() -> impl Strategy<Value = Setting> {
    let decision = prop_oneof![
        6 => Just(SamplingDecision::RecordAndSample),
        1 => Just(SamplingDecision::RecordOnly),
        1 => Just(SamplingDecision::Drop),
    ];
    let sampler = (vec(decision, 1..4), arbitrary::attributes(), arbitrary::trace_state())
        .prop_map(|(decisions, attributes, trace_state)| Adding { decisions, attributes, trace_state });
    (arbitrary::resource(), arbitrary::limits(), sampler).prop_map(|(resource, limits, sampler)| Setting {
        resource,
        limits,
        sampler,
    })
}

/// Has all spans happen at once, and end in their order or the other way round.
fn happen<P>(provider: &P, scopes: &[InstrumentationScope], plans: &[Plan], reversed: bool)
where
    P: TracerProvider,
    <P::Tracer as Tracer>::Span: Span,
{
    let mut open: Vec<_> = plans.iter().map(|plan| (start(provider, scopes, plan), plan)).collect();
    let longest = plans.iter().map(|plan| plan.steps.len()).max().unwrap_or_default();
    for index in 0..longest {
        for (span, plan) in &mut open {
            if let Some(step) = plan.steps.get(index) {
                take(span, step.clone());
            }
        }
    }
    if reversed {
        open.reverse();
    }
    for (mut span, plan) in open {
        span.end_with_timestamp(plan.end);
        for step in &plan.too_late {
            take(&mut span, step.clone());
        }
    }
}

fn start<P: TracerProvider>(provider: &P, scopes: &[InstrumentationScope], plan: &Plan) -> <P::Tracer as Tracer>::Span {
    let tracer = provider.tracer_with_scope(scopes[plan.scope].clone());
    let Plan { kind, name, start, attributes, events, links, .. } = plan.clone();
    let builder =
        SpanBuilder { span_kind: kind, name: name.into(), start_time: Some(start), attributes, events, links };
    let context = match &plan.parent {
        None => Context::new(),
        Some(parent) => Context::new().with_remote_span_context(parent.clone()),
    };
    tracer.build_with_context(builder, &context)
}

fn take(span: &mut impl Span, step: Step) {
    match step {
        Step::Attribute(attribute) => span.set_attribute(attribute),
        Step::Attributes(attributes) => span.set_attributes(attributes),
        Step::Event(name, time, attributes) => span.add_event_with_timestamp(name, time, attributes),
        Step::Link(to, attributes) => span.add_link(to, attributes),
        Step::Status(status) => span.set_status(status),
        Step::Name(name) => span.update_name(name),
    }
}

/// The stock SDK and its own exporter, into a sink.
fn stock(setting: &Setting, sink: &Sink) -> SdkTracerProvider {
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_protocol(opentelemetry_otlp::Protocol::HttpBinary)
        .with_endpoint("http://localhost/v1/traces")
        .with_http_client(sink.clone())
        .build()
        .unwrap();
    SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(setting.resource.clone())
        .with_sampler(Box::new(setting.sampler.clone()) as Box<dyn ShouldSample>)
        .with_id_generator(Counting::default())
        .with_span_limits(setting.limits)
        .build()
}

/// What is held against it.
fn inline(setting: &Setting, sink: &Sink) -> otlp_inline::TracerProvider {
    otlp_inline::TracerProvider::builder(Otlp::http("http://localhost").with_http_client(Arc::new(sink.clone())))
        .with_resource(setting.resource.clone())
        .with_sampler(Box::new(setting.sampler.clone()) as Box<dyn ShouldSample>)
        .with_id_generator(Counting::default())
        .with_span_limits(setting.limits)
        .build()
        .unwrap()
}

/// The requests as text, in which `NaN` equals itself. A resource is a map, which each provider goes through in an order
/// of its own.
fn printed(mut requests: Vec<ExportTraceServiceRequest>) -> String {
    for spans in requests.iter_mut().flat_map(|request| &mut request.resource_spans) {
        let resource = spans.resource.as_mut().expect("a resource");
        resource.attributes.sort_by(|one, other| one.key.cmp(&other.key));
        // By which of them had a span first, sampled or not.
        spans.scope_spans.sort_by_cached_key(|scope| format!("{scope:?}"));
    }
    format!("{requests:#?}")
}

#[track_caller]
fn assert_same(inline: Vec<ExportTraceServiceRequest>, stock: Vec<ExportTraceServiceRequest>) {
    let (inline, stock) = (printed(inline), printed(stock));
    if inline != stock {
        let at = inline.lines().zip(stock.lines()).position(|(one, other)| one != other).unwrap_or_default();
        let around = |text: &str| text.lines().skip(at.saturating_sub(20)).take(40).collect::<Vec<_>>().join("\n");
        panic!("inline:\n{}\n\nstock:\n{}", around(&inline), around(&stock));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_spans_arrive_as_the_stock_exporter_sends_them(
        setting in setting(),
        scopes in vec(arbitrary::scope(), 3),
        plans in vec(plan(), 1..6),
        reversed in any::<bool>(),
    ) {
        let (sent_inline, sent_stock) = (Sink::default(), Sink::default());
        let (inline, stock) = (inline(&setting, &sent_inline), stock(&setting, &sent_stock));

        happen(&inline, &scopes, &plans, reversed);
        happen(&stock, &scopes, &plans, reversed);

        inline.force_flush().unwrap();
        stock.force_flush().unwrap();
        assert_same(sent_inline.take_spans(), only_sampled(sent_stock.take_spans()));
    }
}

/// The SDK's batch processor exports spans that are recorded and not sampled as well, unlike its simple one. The
/// specification (<https://opentelemetry.io/docs/specs/otel/trace/sdk/#sampling>) has exporters get none of them.
fn only_sampled(mut requests: Vec<ExportTraceServiceRequest>) -> Vec<ExportTraceServiceRequest> {
    for request in &mut requests {
        for spans in &mut request.resource_spans {
            for scope in &mut spans.scope_spans {
                scope.spans.retain(|span| span.flags & 1 == 1);
            }
            spans.scope_spans.retain(|scope| !scope.spans.is_empty());
        }
        request.resource_spans.retain(|spans| !spans.scope_spans.is_empty());
    }
    requests.retain(|request| !request.resource_spans.is_empty());
    requests
}

/// Everything is sampled, as it is.
fn everything() -> Setting {
    let decisions = vec![SamplingDecision::RecordAndSample];
    let sampler = Adding { decisions, attributes: Vec::new(), trace_state: TraceState::NONE };
    Setting { resource: Resource::builder_empty().build(), limits: SpanLimits::default(), sampler }
}

#[test]
fn text_of_megabytes_arrives_whole() {
    let huge = |letter: &str| letter.repeat(2_200_000);
    let attribute = |key: String| KeyValue::new(key, huge("v"));
    let now = SystemTime::now();
    let plan = Plan {
        scope: 0,
        parent: None,
        kind: None,
        name: huge("n"),
        start: now,
        attributes: Some(vec![attribute(huge("k"))]),
        events: None,
        links: None,
        steps: vec![
            Step::Event(huge("e"), now, vec![attribute("of the event".to_owned())]),
            Step::Link(SpanContext::empty_context(), vec![attribute("of the link".to_owned())]),
            Step::Status(Status::error(huge("s"))),
        ],
        end: now,
        too_late: Vec::new(),
    };
    let scopes = [InstrumentationScope::builder(huge("o")).build()];
    let (sent_inline, sent_stock) = (Sink::default(), Sink::default());
    let (inline, stock) = (inline(&everything(), &sent_inline), stock(&everything(), &sent_stock));

    happen(&inline, &scopes, std::slice::from_ref(&plan), false);
    happen(&stock, &scopes, &[plan], false);

    inline.force_flush().unwrap();
    stock.force_flush().unwrap();
    assert_same(sent_inline.take_spans(), sent_stock.take_spans());
}

/// Two levels under an active span, an error told to the innermost, ends by drop.
fn nest<P>(provider: &P)
where
    P: TracerProvider,
    P::Tracer: Send + Sync + 'static,
    <P::Tracer as Tracer>::Span: Span + Send + Sync + 'static,
{
    let tracer = provider.tracer("nested");
    tracer.in_span("root", |_| {
        tracer.in_span("child", |child| {
            child.span().set_attribute(KeyValue::new("of", "the child"));
            tracer.in_span("grandchild", |grandchild| {
                grandchild.span().record_error(&std::fmt::Error);
                grandchild.span().set_status(Status::error("it failed"));
            });
        });
        drop(tracer.start("second child"));
    });
}

#[test]
fn spans_under_the_active_one_arrive_as_its_children() {
    let (sent_inline, sent_stock) = (Sink::default(), Sink::default());
    let (inline, stock) = (inline(&everything(), &sent_inline), stock(&everything(), &sent_stock));

    nest(&inline);
    nest(&stock);

    inline.force_flush().unwrap();
    stock.force_flush().unwrap();
    let at_no_time = |sink: &Sink| {
        let mut requests = sink.take_spans();
        let spans = requests.iter_mut().flat_map(|request| &mut request.resource_spans);
        for span in spans.flat_map(|spans| &mut spans.scope_spans).flat_map(|spans| &mut spans.spans) {
            assert!(0 < span.start_time_unix_nano && span.start_time_unix_nano <= span.end_time_unix_nano);
            (span.start_time_unix_nano, span.end_time_unix_nano) = (0, 0);
            span.events.iter_mut().for_each(|event| event.time_unix_nano = 0);
        }
        requests
    };
    let (inline, stock) = (at_no_time(&sent_inline), at_no_time(&sent_stock));
    assert_eq!(inline[0].resource_spans[0].scope_spans[0].spans.len(), 4);
    assert_same(inline, stock);
}

/// The span of a plan, told when it is over; the first `prepared` of its attributes were encoded before.
fn tell(provider: &otlp_inline::TracerProvider, scopes: &[InstrumentationScope], plan: &Plan, prepared: usize) {
    let tracer = provider.tracer_with_scope(scopes[plan.scope].clone());
    let kind = plan.kind.clone().unwrap_or(SpanKind::Internal);
    let attributes = plan.attributes.as_deref().unwrap_or_default();
    let parent = plan.parent.as_ref().unwrap_or(&SpanContext::NONE);
    let begun = tracer.begin(parent, &plan.name, &kind, attributes);
    let (first, rest) = attributes.split_at(prepared.min(attributes.len()));
    let rest = [rest, &begun.attributes].concat();
    let prepared = PreparedAttributes::new(first.to_vec());
    let span = FinishedSpan {
        context: &begun.context,
        parent: if parent.is_valid() { parent.span_id() } else { SpanId::INVALID },
        parent_is_remote: parent.is_valid() && parent.is_remote(),
        name: &plan.name,
        kind: &kind,
        start: nanos(plan.start),
        end: nanos(plan.end),
        prepared: (!first.is_empty()).then_some(&prepared),
        attributes: &rest,
        status: plan.steps.iter().find_map(Step::status).unwrap_or(&Status::Unset),
    };
    tracer.record(&span);
}

/// As OTLP has it: times before 1970 are 1970, and 64 bits are what there is.
#[expect(clippy::cast_possible_truncation, reason = "as the exporters do")]
fn nanos(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}

impl Step {
    fn status(&self) -> Option<&Status> {
        match self {
            Self::Status(status) => Some(status),
            _ => None,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spans_that_are_told_when_they_are_over_are_those_of_the_api(
        setting in setting(),
        scopes in vec(arbitrary::scope(), 3),
        mut plans in vec(plan(), 1..6),
        prepared in 0_usize..6,
    ) {
        for plan in &mut plans {
            (plan.events, plan.links) = (None, None);
            plan.steps = plan.steps.drain(..).filter(|step| step.status().is_some()).take(1).collect();
        }
        let (sent_told, sent_stock) = (Sink::default(), Sink::default());
        let (told, stock) = (inline(&setting, &sent_told), stock(&setting, &sent_stock));

        for plan in &plans {
            tell(&told, &scopes, plan, prepared);
            happen(&stock, &scopes, std::slice::from_ref(plan), false);
        }

        told.force_flush().unwrap();
        stock.force_flush().unwrap();
        assert_same(sent_told.take_spans(), only_sampled(sent_stock.take_spans()));
    }
}

/// A provider whose layer holds one span back, and has `record` called when it is asked for.
fn holding_back(
    sink: &Sink,
    record: impl Fn(&otlp_inline::Tracer) + Send + Sync + 'static,
) -> otlp_inline::TracerProvider {
    let tracer = Arc::new(OnceLock::<otlp_inline::Tracer>::new());
    let later = Arc::clone(&tracer);
    let otlp = Otlp::http("http://localhost").with_http_client(Arc::new(sink.clone()));
    let provider = otlp_inline::TracerProvider::builder(otlp)
        .with_held_back(move || later.get().into_iter().for_each(&record))
        .build()
        .unwrap();
    tracer.set(provider.tracer("layer")).unwrap();
    provider
}

fn record_one(tracer: &otlp_inline::Tracer) {
    let kind = SpanKind::Internal;
    // Begun long before.
    let (trace_id, span_id) = (TraceId::from(1), SpanId::from(2));
    tracer.record(&FinishedSpan {
        context: &SpanContext::new(trace_id, span_id, TraceFlags::SAMPLED, false, TraceState::NONE),
        parent: SpanId::INVALID,
        parent_is_remote: false,
        name: "held back",
        kind: &kind,
        start: 1,
        end: 2,
        prepared: None,
        attributes: &[],
        status: &Status::Unset,
    });
}

fn spans_in(requests: &[ExportTraceServiceRequest]) -> usize {
    let scopes = requests.iter().flat_map(|request| &request.resource_spans).flat_map(|spans| &spans.scope_spans);
    scopes.map(|scope| scope.spans.len()).sum()
}

#[test]
fn what_is_held_back_is_asked_for_by_a_flush_and_by_the_shutdown() {
    let sink = Sink::default();
    let provider = holding_back(&sink, record_one);

    provider.force_flush().unwrap();
    assert_eq!(spans_in(&sink.take_spans()), 1);
    provider.shutdown_with_timeout(Duration::from_secs(5)).unwrap();

    assert_eq!(spans_in(&sink.take_spans()), 1);
}

#[test]
fn a_layer_that_panics_when_it_is_asked_takes_no_other_span_with_it() {
    let sink = Sink::default();
    let provider = holding_back(&sink, |_| panic!("on purpose"));

    drop(provider.tracer("other").start("span"));
    provider.force_flush().unwrap();

    assert_eq!(spans_in(&sink.take_spans()), 1);
}
