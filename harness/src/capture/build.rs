//! Captures made by hand: traces for tests, benchmarks and examples.
//!
//! ```
//! use otelgate_harness::capture::SpanKind;
//! use otelgate_harness::capture::build::{Builder, span};
//!
//! let capture = Builder::new()
//!     .sampled("cold query", span("POST /api/rag").kind(SpanKind::Server).child(span("rag.query")))
//!     .unsampled("cold query")
//!     .build();
//!
//! assert_eq!(capture.spans.len(), 2);
//! assert_eq!(capture.spans[1].parent, Some(capture.spans[0].span_id));
//! ```

use std::borrow::Borrow;
use std::sync::Arc;

use super::{
    Attributes, Capture, Event, Exchange, Interner, Link, Origin, Party, Resource, Run, Span, SpanId, SpanKind,
    StatusCode, TraceContext, TraceId, Value,
};

/// First moment of a built capture, in nanoseconds since the Unix epoch.
const BEGINNING: u64 = 1_750_000_000_000_000_000;

/// Time between two consecutive moments of a built capture, in nanoseconds.
const TICK: u64 = 1_000;

/// The run's id and the service's name.
const BUILT: &str = "built";

/// A span to be, and those under it.
#[derive(Clone, Debug, Default)]
pub struct SpanSpec {
    name: String,
    kind: SpanKind,
    status: StatusCode,
    attributes: Vec<(String, Value)>,
    events: Vec<String>,
    links: usize,
    children: Vec<SpanSpec>,
}

/// An internal span called `name`, without attributes or children.
#[must_use]
pub fn span(name: &str) -> SpanSpec {
    SpanSpec { name: name.to_owned(), kind: SpanKind::Internal, ..SpanSpec::default() }
}

impl SpanSpec {
    /// The same span of another kind.
    #[must_use]
    pub fn kind(mut self, kind: SpanKind) -> Self {
        self.kind = kind;
        self
    }

    /// The same span with a status.
    #[must_use]
    pub fn status(mut self, code: StatusCode) -> Self {
        self.status = code;
        self
    }

    /// The same span with one more attribute.
    #[must_use]
    pub fn attribute(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.attributes.push((key.to_owned(), value.into()));
        self
    }

    /// The same span with one more event.
    #[must_use]
    pub fn event(mut self, name: &str) -> Self {
        self.events.push(name.to_owned());
        self
    }

    /// The same span with one more link, to a span of another trace.
    #[must_use]
    pub fn link(mut self) -> Self {
        self.links += 1;
        self
    }

    /// The same span with one more child, after those it has.
    #[must_use]
    pub fn child(mut self, child: SpanSpec) -> Self {
        self.children.push(child);
        self
    }
}

/// Builds a [`Capture`] of requests and their traces, one after the other.
///
/// Ids count up from 1, and so do the moments: two builders told the same build the same. The resource names the run and
/// the service, both `built`.
#[derive(Debug)]
pub struct Builder {
    capture: Capture,
    strings: Interner,
    origin: Arc<Origin>,
    ids: u64,
    moments: u64,
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl Builder {
    /// An empty capture.
    #[must_use]
    pub fn new() -> Self {
        let mut resource = Resource::default();
        resource.attributes.set("service.name", BUILT);
        resource.attributes.set("otelgate.run.id", BUILT);
        let run = Run { id: BUILT.to_owned(), service: BUILT.to_owned(), ..Run::default() };
        Self {
            capture: Capture { run, ..Capture::default() },
            strings: Interner::default(),
            origin: Arc::new(Origin { resource: Arc::new(resource), ..Origin::default() }),
            ids: 0,
            moments: 0,
        }
    }

    /// Adds a request with a sampled `traceparent`, and the trace it left.
    #[must_use]
    pub fn sampled(mut self, scenario: &str, root: impl Borrow<SpanSpec>) -> Self {
        self.push_sampled(scenario, root.borrow());
        self
    }

    /// Adds a request with a `traceparent` that is not sampled; it leaves no trace.
    #[must_use]
    pub fn unsampled(mut self, scenario: &str) -> Self {
        let (trace_id, parent) = (self.trace_id(), self.span_id());
        let context = TraceContext::Unsampled { trace_id: trace_id.to_string(), span_id: parent.to_string() };
        self.request(scenario, context, None);
        self
    }

    /// Adds a request without a `traceparent`, and the trace the service began for it.
    #[must_use]
    pub fn untraced(mut self, scenario: &str, root: impl Borrow<SpanSpec>) -> Self {
        let trace_id = self.trace_id();
        self.request(scenario, TraceContext::None, Some((trace_id, None, root.borrow())));
        self
    }

    /// Adds a trace that no request asked for.
    #[must_use]
    pub fn background(mut self, root: impl Borrow<SpanSpec>) -> Self {
        let trace_id = self.trace_id();
        self.trace(trace_id, None, root.borrow());
        self
    }

    /// As [`sampled`](Self::sampled), for loops.
    pub fn push_sampled(&mut self, scenario: &str, root: &SpanSpec) {
        let (trace_id, parent) = (self.trace_id(), self.span_id());
        let context = TraceContext::Sampled { trace_id: trace_id.to_string(), span_id: parent.to_string() };
        self.request(scenario, context, Some((trace_id, Some(parent), root)));
    }

    /// The capture.
    #[must_use]
    pub fn build(self) -> Capture {
        self.capture
    }

    fn request(&mut self, scenario: &str, trace: TraceContext, left: Option<(TraceId, Option<SpanId>, &SpanSpec)>) {
        let step = self.capture.exchanges.iter().rev().take_while(|earlier| earlier.scenario == scenario).count();
        let start = self.moment();
        if let Some((trace_id, parent, root)) = left {
            self.trace(trace_id, parent, root);
        }
        let end = self.moment();
        self.capture.exchanges.push(Exchange {
            by: Party::Driver,
            scenario: scenario.to_owned(),
            step,
            method: "POST".to_owned(),
            path: "/".to_owned(),
            status: Some(200),
            start,
            end,
            trace: Some(trace),
            ..Exchange::default()
        });
    }

    fn trace(&mut self, trace_id: TraceId, parent: Option<SpanId>, spec: &SpanSpec) {
        let span_id = self.span_id();
        let position = self.capture.spans.len();
        let attributes: Attributes =
            spec.attributes.iter().map(|(key, value)| (self.strings.intern(key), self.shared(value))).collect();
        let start = self.moment();
        let span = Span {
            trace_id,
            span_id,
            parent,
            name: self.strings.intern(&spec.name),
            kind: spec.kind,
            start,
            attributes,
            events: spec
                .events
                .iter()
                .map(|name| Event { time: start, name: self.strings.intern(name), ..Event::default() })
                .collect(),
            links: (0..spec.links)
                .map(|_| Link { trace_id: TraceId([7; 16]), span_id: SpanId([7; 8]), ..Link::default() })
                .collect(),
            status: super::Status { code: spec.status, message: self.strings.intern("") },
            trace_state: self.strings.intern(""),
            origin: self.origin.clone(),
            ..Span::default()
        };
        self.capture.spans.push(span);
        for child in &spec.children {
            self.trace(trace_id, Some(span_id), child);
        }
        self.capture.spans[position].end = self.moment();
    }

    fn shared(&mut self, value: &Value) -> Value {
        match value {
            Value::Str(text) => Value::Str(self.strings.intern(text)),
            other => other.clone(),
        }
    }

    fn trace_id(&mut self) -> TraceId {
        self.ids += 1;
        let mut bytes = [0x10; 16];
        bytes[8..].copy_from_slice(&self.ids.to_be_bytes());
        TraceId(bytes)
    }

    fn span_id(&mut self) -> SpanId {
        self.ids += 1;
        SpanId(self.ids.to_be_bytes())
    }

    fn moment(&mut self) -> u64 {
        self.moments += 1;
        BEGINNING + self.moments * TICK
    }
}
