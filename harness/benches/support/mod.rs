//! Spans like those of a service, and a look at the memory.

use std::sync::Arc;

use otelgate_harness::capture::{Attributes, Origin, Resource, Scope, Span, SpanId, SpanKind, Str, TraceId, Value};

/// The sizes at which growth shows.
pub(crate) const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];

/// Makes spans of eight attributes, one of them unlike in each span.
pub(crate) struct Source {
    origin: Arc<Origin>,
    next: u64,
}

impl Source {
    pub(crate) fn new() -> Self {
        let text = |text: &str| Value::from(text);
        let pair = |key: &str, value: Value| (Str::from(key), value);
        let attributes = [
            pair("service.name", text("rag-service")),
            pair("service.version", text("1.4.2")),
            pair("service.instance.id", text("5b8efff7-9803-4103-a269-b633813fc60c")),
            pair("telemetry.sdk.language", text("rust")),
            pair("telemetry.sdk.name", text("opentelemetry")),
        ];
        let resource = Resource { attributes: Attributes::from_iter(attributes), ..Resource::default() };
        let scope = Scope { name: "rag".into(), version: "1.4.2".into(), ..Scope::default() };
        let origin = Arc::new(Origin { resource: Arc::new(resource), scope: Arc::new(scope) });
        Self { origin, next: 1 }
    }

    pub(crate) fn spans(&mut self, count: usize) -> Vec<Span> {
        (0..count).map(|_| self.span()).collect()
    }

    fn span(&mut self) -> Span {
        let n = self.next;
        self.next += 1;
        let trace = n / 12;
        let start = 1_700_000_000_000_000_000 + n * 1_000;
        let status = if n.is_multiple_of(50) { 500 } else { 200 };
        let operation = ["query", "upsert", "count", "delete"][usize::try_from(n % 4).unwrap_or(0)];
        let attributes = [
            ("http.request.method", Value::from("POST")),
            ("url.full", Value::from(&*format!("http://localhost:6333/collections/documents/{n:016x}"))),
            ("http.response.status_code", Value::Int(status)),
            ("server.address", Value::from("localhost")),
            ("server.port", Value::Int(6333)),
            ("db.system.name", Value::from("qdrant")),
            ("db.operation.name", Value::from(operation)),
            ("score.max", Value::Double(0.5 + f64::from(u8::try_from(n % 256).unwrap_or(0)) / 512.0)),
        ];
        Span {
            trace_id: TraceId(u128::from(trace.wrapping_mul(0x9e37_79b9_7f4a_7c15)).to_be_bytes()),
            span_id: SpanId(n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()),
            parent: (!n.is_multiple_of(12)).then(|| SpanId((n - 1).to_be_bytes())),
            flags: 0x101,
            name: format!("{operation} documents").into(),
            kind: SpanKind::Client,
            start,
            end: start + 250_000,
            attributes: attributes.into_iter().map(|(key, value)| (Str::from(key), value)).collect(),
            origin: self.origin.clone(),
            ..Span::default()
        }
    }
}

/// Memory in use by this process, in bytes.
pub(crate) fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: usize = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
    pages * 4096
}
