//! A `verify` run made by hand, for the page to show.

use std::sync::Arc;

use otelgate_harness::capture::{
    Capture, Exchange, Party, Run, Span, SpanId, SpanKind, Status, StatusCode, TraceContext, TraceId,
};
use otelgate_harness::finding::{Finding, Outcome, Place, Signal};
use otelgate_harness::report::RunSummary;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// One request of the scenario `cold <query>` with its trace; times are milliseconds.
pub(super) fn capture() -> Capture {
    let mut failed = span(5, 3, "chat gpt-4o-mini", SpanKind::Client, 95, 700);
    failed.status = Status { code: StatusCode::Error, message: Arc::from("") };
    Capture {
        run: Run {
            id: "run-43".to_owned(),
            service: "rag-service".to_owned(),
            scenarios: vec!["cold <query>".to_owned()],
            canaries: Vec::new(),
        },
        exchanges: vec![Exchange {
            by: Party::Driver,
            scenario: "cold <query>".to_owned(),
            method: "POST".to_owned(),
            path: "/api/rag".to_owned(),
            status: Some(200),
            start: 0,
            end: 820_000_000,
            trace: Some(TraceContext::Sampled { trace_id: TRACE.to_owned(), span_id: "00000000000000aa".to_owned() }),
            ..Exchange::default()
        }],
        spans: vec![
            span(1, 0xaa, "POST /api/rag", SpanKind::Server, 1, 812),
            span(2, 1, "rag.vector_search", SpanKind::Internal, 60, 90),
            span(3, 1, "rag.llm_generation", SpanKind::Internal, 92, 750),
            failed,
        ],
        ..Capture::default()
    }
}

fn span(id: u8, parent: u8, name: &str, kind: SpanKind, start: u64, end: u64) -> Span {
    Span {
        trace_id: TraceId::from_hex(TRACE).unwrap(),
        span_id: SpanId([0, 0, 0, 0, 0, 0, 0, id]),
        parent: Some(SpanId([0, 0, 0, 0, 0, 0, 0, parent])),
        name: Arc::from(name),
        kind,
        start: start * 1_000_000,
        end: end * 1_000_000,
        ..Span::default()
    }
}

/// One violation that points into the trace.
pub(super) fn outcome() -> Outcome {
    let missing =
        Finding::violation("span.missing", Signal::Trace, "cold query / rag.rerank", "`rag.rerank` is missing").at(
            Place {
                scenario: Some("cold <query>".to_owned()),
                step: Some(0),
                trace_id: Some(TRACE.to_owned()),
                span_id: Some("0000000000000001".to_owned()),
                path: "POST /api/rag > rag.rerank".to_owned(),
            },
        );
    Outcome::new(vec![missing], Vec::new(), Vec::new())
}

pub(super) fn summary(capture: &Capture) -> RunSummary {
    RunSummary::of(capture)
}
