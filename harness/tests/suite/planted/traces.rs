//! Whole traces: roots, parents, ids, and whether the trace is there at all.

use otelgate_harness::capture::{Capture, Exchange, SpanId, SpanKind, TraceId};

use super::{STRANGE_TRACE, STRANGER, exchange_at, planted, span, span_at, span_id, trace_of};

const SERVER_SPANS: (&str, &str) = ("relation.broken", "every request is one server span");

/// The span id that a request sent.
fn sent_parent(request: &Exchange) -> Option<SpanId> {
    let header = request.request_headers.get("traceparent")?;
    SpanId::from_hex(header.split('-').nth(2)?)
}

/// Moves a trace, with the logs and calls that name it, to another id.
fn retrace(capture: &mut Capture, from: TraceId, to: TraceId) {
    for span in capture.spans.iter_mut().filter(|span| span.trace_id == from) {
        span.trace_id = to;
    }
    for log in capture.logs.iter_mut().filter(|log| log.trace_id == Some(from)) {
        log.trace_id = Some(to);
    }
    for exchange in capture.exchanges.iter_mut().filter(|exchange| exchange.trace.is_none()) {
        if let Some(header) = exchange.request_headers.get_mut("traceparent") {
            *header = header.replace(&from.to_string(), &to.to_string());
        }
    }
}

#[test]
fn the_root_is_missing() {
    planted(|capture| {
        let root = span_at(capture, "cold query", "");
        capture.spans.remove(root);
    })
    .first("trace.no-root", "cold query")
    .of("cold query")
    .and(&[
        ("log.trace-unknown", "otlp log / answered a query"),
        ("log.trace-unknown", "stdout log / answered a query"),
        SERVER_SPANS,
    ]);
}

#[test]
fn the_only_span_of_a_trace_is_missing() {
    planted(|capture| {
        let root = span_at(capture, "health", "");
        capture.spans.remove(root);
    })
    .first("trace.missing", "health")
    .of("health")
    .and(&[SERVER_SPANS]);
}

#[test]
fn a_child_is_orphaned() {
    planted(|capture| span(capture, "cold query", "rag.query > rag.rerank").parent = Some(STRANGER))
        .first("span.orphan", "cold query / rag.rerank")
        .on("cold query", "rag.query > rag.rerank")
        .alone();
}

#[test]
fn a_trace_has_a_second_root() {
    planted(|capture| span(capture, "cold query", "rag.query > rag.rerank").parent = None)
        .first("trace.many-roots", "cold query / rag.rerank")
        .of("cold query")
        .alone();
}

#[test]
fn a_span_hangs_under_its_sibling() {
    planted(|capture| {
        let sibling = span_id(capture, "cold query", "rag.query > rag.vector_search");
        span(capture, "cold query", "rag.query > rag.rerank").parent = Some(sibling);
    })
    .first("span.misplaced", "cold query / rag.query > rag.rerank")
    .on("cold query", "rag.query > rag.rerank")
    .alone();
}

#[test]
fn a_span_hangs_under_its_own_child() {
    planted(|capture| {
        let child = span_id(capture, "cold query", "rag.query > rag.embedding");
        span(capture, "cold query", "rag.query").parent = Some(child);
    })
    .first("trace.cycle", "cold query / rag.query")
    .of("cold query")
    .alone();
}

#[test]
fn two_spans_share_an_id() {
    planted(|capture| {
        let taken = span_id(capture, "cold query", "rag.query > rag.vector_search");
        span(capture, "cold query", "rag.query > rag.rerank").span_id = taken;
    })
    .first("span.duplicate-id", "cold query / rag.query > rag.rerank")
    .of("cold query")
    .alone();
}

#[test]
fn a_span_was_exported_twice() {
    planted(|capture| {
        let at = span_at(capture, "cold query", "rag.query > rag.rerank");
        capture.spans.push(capture.spans[at].clone());
    })
    .first("span.duplicate-id", "cold query / rag.query > rag.rerank")
    .on("cold query", "rag.query > rag.rerank")
    .alone();
}

#[test]
fn a_span_has_no_id() {
    planted(|capture| span(capture, "cold query", "rag.query > rag.rerank").span_id = SpanId([0; 8]))
        .first("span.invalid-id", "cold query / rag.query > rag.rerank")
        .of("cold query")
        .alone();
}

#[test]
fn a_trace_was_exported_for_an_unsampled_request() {
    planted(|capture| {
        let request = capture.exchanges[exchange_at(capture, "unsampled parent")].clone();
        let mut copy = capture.spans[span_at(capture, "cold query", "")].clone();
        copy.trace_id = trace_of(capture, "unsampled parent");
        copy.parent = sent_parent(&request);
        // The span in which the request's log record was written.
        let logged = capture.logs.iter().find(|log| log.trace_id == Some(copy.trace_id)).and_then(|log| log.span_id);
        copy.span_id = logged.expect("a record with a span id");
        (copy.start, copy.end) = (request.start, request.end);
        capture.spans.push(copy);
    })
    .first("trace.unsampled-exported", "unsampled parent")
    .of("unsampled parent")
    .and(&[SERVER_SPANS]);
}

#[test]
fn the_service_began_a_trace_of_its_own() {
    planted(|capture| {
        span(capture, "cold query", "").parent = None;
        let trace = trace_of(capture, "cold query");
        retrace(capture, trace, STRANGE_TRACE);
    })
    .first("trace.not-continued", "cold query")
    .of("cold query")
    .alone();
}

#[test]
fn the_service_kept_the_trace_id_and_dropped_the_parent() {
    planted(|capture| span(capture, "health", "").parent = None)
        .first("trace.not-continued", "health / GET /health")
        .on("health", "")
        .alone();
}

#[test]
fn the_root_is_of_a_client() {
    planted(|capture| span(capture, "health", "").kind = SpanKind::Client)
        .first("span.kind", "health / GET /health")
        .on("health", "")
        .and(&[SERVER_SPANS]);
}
