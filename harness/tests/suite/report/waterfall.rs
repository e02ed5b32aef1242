//! The first trace of each scenario, and what else a page reads of a report.

use std::time::Duration;

use otelgate_harness::capture::{Capture, Exchange, Party, SpanKind, TraceContext};
use otelgate_harness::finding::Verdict;
use otelgate_harness::report::Report;

use super::sample::{SECRET, TRACE, capture, green, red, span, summary};

/// The sample with the request behind its trace.
fn driven() -> Capture {
    let mut driven = capture();
    driven.exchanges = vec![Exchange {
        by: Party::Driver,
        scenario: "cold query".to_owned(),
        status: Some(200),
        end: 900_000_000,
        trace: Some(TraceContext::Sampled { trace_id: TRACE.to_owned(), span_id: "00000000000000aa".to_owned() }),
        ..Exchange::default()
    }];
    driven
}

#[test]
fn has_parents_before_children_with_their_times_in_the_trace() {
    let capture = driven();

    let waterfalls = Report::new(&green(), &capture, &summary(&capture)).waterfalls();

    assert_eq!(waterfalls.len(), 1);
    let waterfall = &waterfalls[0];
    assert_eq!((waterfall.scenario.as_str(), waterfall.trace_id.as_str()), ("cold query", TRACE));
    assert_eq!(waterfall.length, Duration::from_millis(812));
    let rows: Vec<(usize, &str)> = waterfall.bars.iter().map(|bar| (bar.depth, bar.name.as_str())).collect();
    assert_eq!(
        rows,
        [
            (0, "POST /api/rag"),
            (1, "rag.query"),
            (2, "rag.embedding"),
            (2, "rag.vector_search"),
            (2, "rag.llm_generation"),
            (3, "chat gpt-4o-mini"),
            (0, "SET"),
        ]
    );
    let model = &waterfall.bars[5];
    assert_eq!((model.offset, model.length), (Duration::from_millis(95), Duration::from_millis(605)));
    assert!(model.error && !waterfall.bars[0].error);
}

#[test]
fn a_cycle_and_a_span_that_ends_before_it_starts_are_drawn_once() {
    let mut capture = driven();
    capture.spans =
        vec![span(1, Some(2), "one", SpanKind::Internal, 5, 10), span(2, Some(1), "two", SpanKind::Internal, 6, 3)];

    let waterfalls = Report::new(&green(), &capture, &summary(&capture)).waterfalls();

    let lengths: Vec<Duration> = waterfalls[0].bars.iter().map(|bar| bar.length).collect();
    assert_eq!(lengths, [Duration::from_millis(5), Duration::ZERO]);
}

#[test]
fn of_a_huge_trace_it_says_how_much_is_hidden() {
    let mut capture = driven();
    let child = capture.spans[1].clone();
    for id in 10..260_u16 {
        let mut child = child.clone();
        child.span_id.0[..2].copy_from_slice(&id.to_be_bytes());
        capture.spans.push(child);
    }

    let waterfalls = Report::new(&green(), &capture, &summary(&capture)).waterfalls();

    assert_eq!((waterfalls[0].bars.len(), waterfalls[0].hidden), (200, 57));
}

#[test]
fn holds_no_secret() {
    let mut capture = driven();
    capture.spans[1].name = format!("rag.query {SECRET}").into();

    let waterfalls = Report::new(&green(), &capture, &summary(&capture)).waterfalls();

    assert_eq!(waterfalls[0].bars[1].name, "rag.query [canary:query]");
}

#[test]
fn a_page_reads_findings_as_the_terminal_shows_them() {
    let capture = driven();
    let report = Report::new(&red(), &capture, &summary(&capture));

    assert_eq!((report.verdict(), report.findings().len(), report.waived().len()), (Verdict::Fail, 3, 1));
    assert!(report.detail(&report.findings()[0], 100).contains("rag.rerank  (missing)"));
    assert!(report.line().starts_with("rag-service: 1 trace"), "{}", report.line());
}
