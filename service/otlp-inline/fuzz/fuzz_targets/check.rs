//! Spans made of bytes.

use std::{
    pin::Pin,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use arbitrary::{Arbitrary, Unstructured};
use http::{Request, Response};
use opentelemetry::{
    Array, Context, KeyValue, SpanId, StringValue, TraceFlags, TraceId, Value,
    trace::{
        Span as _, SpanBuilder, SpanContext, SpanKind, Status, TraceContextExt as _, Tracer as _, TracerProvider as _,
    },
};
use opentelemetry_http::{Bytes, HttpClient, HttpError};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    trace::v1::{Span, span},
};
use opentelemetry_sdk::trace::SpanLimits;
use otlp_inline::{Otlp, TracerProvider};
use prost::Message as _;

/// What the bytes say.
#[derive(Arbitrary, Debug)]
struct Case<'a> {
    setting: u8,
    spans: Vec<Plan<'a>>,
}

#[derive(Arbitrary, Debug)]
struct Plan<'a> {
    scope: u8,
    parent: Option<To>,
    kind: u8,
    name: Text<'a>,
    start: Time,
    attributes: Vec<Pair<'a>>,
    steps: Vec<Step<'a>>,
    end: Time,
}

#[derive(Arbitrary, Debug)]
enum Step<'a> {
    Attribute(Pair<'a>),
    Event(Text<'a>, Time, Vec<Pair<'a>>),
    Link(To, Vec<Pair<'a>>),
    Ok,
    Error(Text<'a>),
    Name(Text<'a>),
}

#[derive(Arbitrary, Debug)]
struct Pair<'a>(Text<'a>, Given<'a>);

#[derive(Arbitrary, Debug)]
enum Given<'a> {
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(Text<'a>),
    Bools(Vec<bool>),
    Ints(Vec<i64>),
    Doubles(Vec<f64>),
    Texts(Vec<Text<'a>>),
}

/// Text as it is in the bytes, or longer than they are.
#[derive(Arbitrary, Debug)]
enum Text<'a> {
    Short(&'a str),
    Long(char, u16),
}

#[derive(Arbitrary, Debug)]
struct To {
    trace_id: u128,
    span_id: u64,
    flags: u8,
    is_remote: bool,
}

#[derive(Arbitrary, Debug, Clone, Copy)]
struct Time {
    is_before_1970: bool,
    seconds: u64,
    nanos: u32,
}

/// How many of each a span has, and how many it was given beyond its limits.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    attributes: (usize, u32),
    events: (usize, u32),
    links: (usize, u32),
    of_events: Vec<(usize, u32)>,
    of_links: Vec<(usize, u32)>,
}

/// A provider of its own limits, and what it sent.
struct Setting {
    limits: SpanLimits,
    provider: TracerProvider,
    sent: Sent,
}

#[derive(Clone, Debug, Default)]
struct Sent(Arc<Mutex<Vec<Bytes>>>);

/// Many, few, none at all.
static SETTINGS: LazyLock<Mutex<[Setting; 3]>> = LazyLock::new(|| Mutex::new([128, 2, 0].map(Setting::new)));

/// Has the spans that `bytes` say happen, and checks what is sent of them.
///
/// # Panics
/// If that is not what they were.
pub(crate) fn check(bytes: &[u8]) {
    let Ok(case) = Case::arbitrary(&mut Unstructured::new(bytes)) else { return };
    let settings = SETTINGS.lock().unwrap_or_else(PoisonError::into_inner);
    let setting = &settings[usize::from(case.setting) % settings.len()];
    let expected: Vec<_> = case.spans.iter().map(|plan| (happen(&setting.provider, plan), plan)).collect();

    setting.provider.force_flush().expect("exported");

    let spans = setting.sent.take();
    assert_eq!(spans.len(), expected.len());
    for (id, plan) in expected {
        let span = spans.iter().find(|span| span.span_id == id.to_bytes()).expect("the span");
        assert_eq!(counted(span), counts(plan, setting.limits), "{plan:?}");
        assert_eq!(span.name, named(plan));
        assert_eq!((span.start_time_unix_nano, span.end_time_unix_nano), (plan.start.sent(), plan.end.sent()));
    }
}

fn happen(provider: &TracerProvider, plan: &Plan<'_>) -> SpanId {
    let tracer = provider.tracer(["one", "two", "three"][usize::from(plan.scope) % 3]);
    let kinds = [SpanKind::Internal, SpanKind::Server, SpanKind::Client, SpanKind::Producer, SpanKind::Consumer];
    let builder = SpanBuilder::from_name(plan.name.owned())
        .with_kind(kinds[usize::from(plan.kind) % kinds.len()].clone())
        .with_start_time(plan.start.time())
        .with_attributes(pairs(&plan.attributes));
    let context = match &plan.parent {
        None => Context::new(),
        Some(to) => Context::new().with_remote_span_context(to.context()),
    };
    let mut span = tracer.build_with_context(builder, &context);
    for step in &plan.steps {
        match step {
            Step::Attribute(pair) => span.set_attribute(pair.owned()),
            Step::Event(name, time, attributes) => {
                span.add_event_with_timestamp(name.owned(), time.time(), pairs(attributes));
            }
            Step::Link(to, attributes) => span.add_link(to.context(), pairs(attributes)),
            Step::Ok => span.set_status(Status::Ok),
            Step::Error(description) => span.set_status(Status::error(description.owned())),
            Step::Name(name) => span.update_name(name.owned()),
        }
    }
    span.end_with_timestamp(plan.end.time());
    span.span_context().span_id()
}

fn counts(plan: &Plan<'_>, limits: SpanLimits) -> Counts {
    let steps = || plan.steps.iter();
    let set = steps().filter(|step| matches!(step, Step::Attribute(_))).count();
    let of_events = steps().filter_map(|step| match step {
        Step::Event(_, _, attributes) => Some(kept(attributes.len(), limits.max_attributes_per_event)),
        _ => None,
    });
    let of_links = steps().filter_map(|step| match step {
        Step::Link(_, attributes) => Some(kept(attributes.len(), limits.max_attributes_per_link)),
        _ => None,
    });
    Counts {
        attributes: kept(plan.attributes.len() + set, limits.max_attributes_per_span),
        events: kept(of_events.clone().count(), limits.max_events_per_span),
        links: kept(of_links.clone().count(), limits.max_links_per_span),
        of_events: of_events.take(limits.max_events_per_span as usize).collect(),
        of_links: of_links.take(limits.max_links_per_span as usize).collect(),
    }
}

/// How many of so many are within the limit, and how many beyond it.
fn kept(given: usize, limit: u32) -> (usize, u32) {
    let kept = given.min(limit as usize);
    (kept, u32::try_from(given - kept).expect("few"))
}

fn counted(span: &Span) -> Counts {
    let of_event = |event: &span::Event| (event.attributes.len(), event.dropped_attributes_count);
    let of_link = |link: &span::Link| (link.attributes.len(), link.dropped_attributes_count);
    Counts {
        attributes: (span.attributes.len(), span.dropped_attributes_count),
        events: (span.events.len(), span.dropped_events_count),
        links: (span.links.len(), span.dropped_links_count),
        of_events: span.events.iter().map(of_event).collect(),
        of_links: span.links.iter().map(of_link).collect(),
    }
}

/// The last name given.
fn named(plan: &Plan<'_>) -> String {
    let renamed = plan.steps.iter().rev().find_map(|step| match step {
        Step::Name(name) => Some(name.owned()),
        _ => None,
    });
    renamed.unwrap_or_else(|| plan.name.owned())
}

fn pairs(pairs: &[Pair<'_>]) -> Vec<KeyValue> {
    pairs.iter().map(Pair::owned).collect()
}

impl Pair<'_> {
    fn owned(&self) -> KeyValue {
        let value = match &self.1 {
            Given::Bool(value) => Value::Bool(*value),
            Given::Int(value) => Value::I64(*value),
            Given::Double(value) => Value::F64(*value),
            Given::Text(value) => Value::String(value.owned().into()),
            Given::Bools(values) => Value::Array(Array::Bool(values.clone())),
            Given::Ints(values) => Value::Array(Array::I64(values.clone())),
            Given::Doubles(values) => Value::Array(Array::F64(values.clone())),
            Given::Texts(values) => {
                Value::Array(Array::String(values.iter().map(|text| StringValue::from(text.owned())).collect()))
            }
        };
        KeyValue::new(self.0.owned(), value)
    }
}

impl Text<'_> {
    fn owned(&self) -> String {
        match self {
            Self::Short(text) => (*text).to_owned(),
            Self::Long(letter, length) => std::iter::repeat_n(*letter, usize::from(*length)).collect(),
        }
    }
}

impl To {
    fn context(&self) -> SpanContext {
        SpanContext::new(
            TraceId::from(self.trace_id),
            SpanId::from(self.span_id),
            // Sampled: a span that is not is not sent.
            TraceFlags::new(self.flags | 1),
            self.is_remote,
            opentelemetry::trace::TraceState::NONE,
        )
    }
}

impl Time {
    /// As far from 1970 as the system's clock can say.
    fn time(self) -> SystemTime {
        let distance = Duration::new(self.seconds & i64::MAX.cast_unsigned(), self.nanos % 1_000_000_000);
        let time =
            if self.is_before_1970 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) };
        time.unwrap_or(UNIX_EPOCH)
    }

    /// In nanoseconds, of which there are 64 bits, and none before 1970.
    fn sent(self) -> u64 {
        let since = self.time().duration_since(UNIX_EPOCH).unwrap_or_default();
        since.as_secs().wrapping_mul(1_000_000_000).wrapping_add(since.subsec_nanos().into())
    }
}

impl Setting {
    fn new(most: u32) -> Self {
        let limits = SpanLimits {
            max_attributes_per_span: most,
            max_events_per_span: most,
            max_links_per_span: most,
            max_attributes_per_event: most,
            max_attributes_per_link: most,
        };
        let sent = Sent::default();
        let otlp = Otlp::http("http://localhost").with_http_client(Arc::new(sent.clone()));
        let provider = TracerProvider::builder(otlp).with_span_limits(limits).build().expect("a provider");
        Self { limits, provider, sent }
    }
}

impl Sent {
    fn take(&self) -> Vec<Span> {
        let requests = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let requests = requests.into_iter().map(|body| ExportTraceServiceRequest::decode(body).expect("protobuf"));
        let scopes = requests.flat_map(|request| request.resource_spans).flat_map(|spans| spans.scope_spans);
        scopes.flat_map(|spans| spans.spans).collect()
    }
}

impl HttpClient for Sent {
    fn send_bytes<'life, 'future>(
        &'life self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'future>>
    where
        'life: 'future,
        Self: 'future,
    {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(request.into_body());
        Box::pin(async { Ok(Response::new(Bytes::new())) })
    }
}
