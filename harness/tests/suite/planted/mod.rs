//! Defects planted in a healthy capture of the reference service, one at a time.
//!
//! Each turns the verdict red. The finding that names the defect comes first, at its place, and every other finding is
//! one that the defect explains: each test lists them all, in the order of the report. A span that is lost, for example,
//! is also missing from the counts it is part of, and from under the log records written in it.

mod attributes;
mod logs;
mod metrics;
mod numbers;
mod propagation;
mod requests;
mod run;
mod secrets;
mod spans;
mod traces;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use otelgate_harness::capture::{
    Attributes, Capture, Exchange, Family, LogRecord, LogVia, PointValue, Span, SpanId, Str, TraceContext, TraceId,
    load,
};
use otelgate_harness::checks::judge;
use otelgate_harness::contract::{Contract, read};
use otelgate_harness::finding::{Finding, Outcome, Verdict};

/// An id that no span of the capture has.
const STRANGER: SpanId = SpanId([0xee; 8]);

/// A trace that nobody asked for.
const STRANGE_TRACE: TraceId = TraceId([0xee; 16]);

/// One microsecond, in nanoseconds.
const MICROSECOND: u64 = 1_000;

/// The capture of a run in which nothing was wrong, and what the service promises.
fn healthy() -> &'static (Capture, Contract) {
    static HEALTHY: OnceLock<(Capture, Contract)> = OnceLock::new();
    HEALTHY.get_or_init(|| {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
        let capture = load(&fixtures.join("captures/healthy")).expect("the capture loads");
        let contract = read(&fixtures.join("contracts/rag-service.yaml")).expect("the contract is valid");
        (capture, contract)
    })
}

#[test]
fn without_a_defect_the_capture_passes_and_every_check_looked_at_something() {
    let (capture, contract) = healthy();

    let outcome = judge(capture, contract);

    assert_eq!(outcome.verdict, Verdict::Pass, "{}", told(&outcome.findings));
    assert!(outcome.findings.is_empty(), "{}", told(&outcome.findings));
    assert!(outcome.checks.iter().all(|tally| tally.examined > 0), "{:#?}", outcome.checks);
}

/// Judges the healthy capture with one defect in it.
fn planted(defect: impl FnOnce(&mut Capture)) -> Report {
    let (capture, contract) = healthy();
    let mut capture = capture.clone();
    defect(&mut capture);
    Report(judge(&capture, contract))
}

/// What the checks said of a defect.
#[must_use = "say what else the defect explains: `alone` or `and`"]
struct Report(Outcome);

impl Report {
    /// Asserts that the verdict is red, and that the first finding has this id and subject.
    #[track_caller]
    fn first(self, id: &str, subject: &str) -> Self {
        let findings = &self.0.findings;
        assert_eq!(self.0.verdict, Verdict::Fail, "the defect goes unseen: {}", told(findings));
        assert_eq!((findings[0].id, findings[0].subject.as_str()), (id, subject), "{}", told(findings));
        let Finding { message, wanted, found, hint, .. } = &findings[0];
        assert!([message, wanted, found, hint].iter().all(|text| !text.is_empty()), "{:#?}", findings[0]);
        self
    }

    /// Asserts the path to which the first finding points.
    #[track_caller]
    fn at(self, path: &str) -> Self {
        assert_eq!(self.0.findings[0].place.path, path, "{}", told(&self.0.findings));
        self
    }

    /// Asserts the span to which the first finding points: the healthy capture's, by the request and its path.
    #[track_caller]
    fn on(self, request: &str, path: &str) -> Self {
        let wanted = span_id(&healthy().0, request, path).to_string();
        assert_eq!(self.0.findings[0].place.span_id.as_ref(), Some(&wanted), "{}", told(&self.0.findings));
        self
    }

    /// Asserts the request to which the first finding points.
    #[track_caller]
    fn of(self, request: &str) -> Self {
        let place = &self.0.findings[0].place;
        let (scenario, step) = scenario_and_step(request);
        assert_eq!((place.scenario.as_deref(), place.step), (Some(scenario), Some(step)), "{place:#?}");
        self
    }

    /// Asserts the scenario to which the first finding points, whichever of its requests it was.
    #[track_caller]
    fn of_scenario(self, scenario: &str) -> Self {
        assert_eq!(self.0.findings[0].place.scenario.as_deref(), Some(scenario), "{}", told(&self.0.findings));
        self
    }

    /// Asserts that the first finding is the only one.
    #[track_caller]
    fn alone(self) {
        self.and(&[]);
    }

    /// Asserts that these findings, and no others, follow the first one, in this order.
    #[track_caller]
    fn and(self, further: &[(&str, &str)]) {
        let rest: Vec<_> = self.0.findings[1..].iter().map(|it| (it.id, it.subject.as_str())).collect();
        assert_eq!(rest, further, "{}", told(&self.0.findings));
    }
}

/// Findings in a few words each, for the message of a failed assertion.
fn told(findings: &[Finding]) -> String {
    let line = |it: &Finding| {
        let more = if it.more > 0 { format!(" (+{})", it.more) } else { String::new() };
        format!("{} | {}{more} | {} | {} | {}", it.id, it.subject, it.place.path, it.message, it.found)
    };
    let lines: Vec<String> = findings.iter().map(line).collect();
    format!("{} findings:\n{}\n", findings.len(), lines.join("\n"))
}

/// `cached query #2` is the second request of its scenario.
fn scenario_and_step(request: &str) -> (&str, usize) {
    match request.rsplit_once(" #") {
        Some((scenario, number)) => (scenario, number.parse::<usize>().expect("a number") - 1),
        None => (request, 0),
    }
}

/// Position of a request of the driver.
#[track_caller]
fn exchange_at(capture: &Capture, request: &str) -> usize {
    let (scenario, step) = scenario_and_step(request);
    let is_it = |exchange: &Exchange| exchange.scenario == scenario && exchange.step == step;
    capture.exchanges.iter().position(is_it).expect("a request of the scenario")
}

/// A request of the driver.
#[track_caller]
fn exchange<'c>(capture: &'c mut Capture, request: &str) -> &'c mut Exchange {
    let at = exchange_at(capture, request);
    &mut capture.exchanges[at]
}

/// The trace id that a request sent.
#[track_caller]
fn trace_of(capture: &Capture, request: &str) -> TraceId {
    match &capture.exchanges[exchange_at(capture, request)].trace {
        Some(TraceContext::Sampled { trace_id, .. } | TraceContext::Unsampled { trace_id, .. }) => {
            TraceId::from_hex(trace_id).expect("a valid id")
        }
        other => panic!("the request sent no id: {other:?}"),
    }
}

/// Position of a span: the request, and the names below the root (`rag.query > rag.rerank`); the root's path is empty.
/// The first of siblings of one name.
#[track_caller]
fn span_at(capture: &Capture, request: &str, path: &str) -> usize {
    let trace = trace_of(capture, request);
    let members = || capture.spans.iter().enumerate().filter(|(_, span)| span.trace_id == trace);
    let is_root = |span: &Span| members().all(|(_, other)| Some(other.span_id) != span.parent);
    let mut at = members().find(|(_, span)| is_root(span)).expect("a root").0;
    for name in path.split(" > ").filter(|name| !name.is_empty()) {
        let parent = Some(capture.spans[at].span_id);
        let children = members().filter(|(_, span)| span.parent == parent && *span.name == *name);
        at = children.min_by_key(|(_, span)| span.start).expect("a span of the name").0;
    }
    at
}

/// A span, as [`span_at`] finds it.
#[track_caller]
fn span<'c>(capture: &'c mut Capture, request: &str, path: &str) -> &'c mut Span {
    let at = span_at(capture, request, path);
    &mut capture.spans[at]
}

/// A span's id, as [`span_at`] finds it.
#[track_caller]
fn span_id(capture: &Capture, request: &str, path: &str) -> SpanId {
    capture.spans[span_at(capture, request, path)].span_id
}

/// Applies a change to the metric in every scrape.
#[track_caller]
fn metric(capture: &mut Capture, name: &str, mut change: impl FnMut(&mut Family)) {
    let families = capture.scrapes.iter_mut().flat_map(|scrape| &mut scrape.families);
    let named: Vec<&mut Family> = families.filter(|family| *family.name == *name).collect();
    assert!(!named.is_empty(), "no metric `{name}`");
    named.into_iter().for_each(&mut change);
}

/// The metric as it stood at the end of the run.
#[track_caller]
fn last<'c>(capture: &'c mut Capture, name: &str) -> &'c mut Family {
    let scrape = capture.scrapes.last_mut().expect("a scrape");
    scrape.families.iter_mut().find(|family| *family.name == *name).expect("a metric of the name")
}

/// The number of the metric's first series at the end of the run.
#[track_caller]
fn number<'c>(capture: &'c mut Capture, name: &str) -> &'c mut f64 {
    match &mut last(capture, name).points[0].value {
        PointValue::Number(number) => number,
        other => panic!("not a number: {other:?}"),
    }
}

/// The first log record that is the one looked for.
#[track_caller]
fn log(capture: &mut Capture, is_it: impl Fn(&LogRecord) -> bool) -> &mut LogRecord {
    capture.logs.iter_mut().find(|record| is_it(record)).expect("a log record")
}

/// A text as captures hold it.
fn text(text: &str) -> Str {
    Arc::from(text)
}

/// Changes the attributes of a span's resource.
fn resource_of(span: &mut Span, change: impl FnOnce(&mut Attributes)) {
    let mut origin = (*span.origin).clone();
    change(&mut Arc::make_mut(&mut origin.resource).attributes);
    span.origin = Arc::new(origin);
}

/// Changes the attributes of the service's resource, on every record.
fn resource(capture: &mut Capture, change: impl FnOnce(&mut Attributes)) {
    let mut attributes = capture.spans[0].origin.resource.attributes.clone();
    change(&mut attributes);
    let spans = capture.spans.iter_mut().map(|span| &mut span.origin);
    let logs = capture.logs.iter_mut().filter(|log| log.via == LogVia::Otlp).map(|log| &mut log.origin);
    for origin in spans.chain(logs) {
        Arc::make_mut(&mut Arc::make_mut(origin).resource).attributes = attributes.clone();
    }
}
