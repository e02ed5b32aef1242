//! Defects that touch everything one request left: a context lost on the way, a trace exported twice.

use otelgate_harness::capture::{Capture, PointValue, SpanId, TraceId};

use super::{STRANGE_TRACE, exchange_at, metric, planted, span, span_at, span_id, trace_of};

/// What no longer agrees when one cold query left its spans twice.
const COUNTED_TWICE: &[(&str, &str)] = &[
    ("relation.broken", "every request is one server span"),
    ("relation.broken", "every query is one rag.query, one observation"),
    ("relation.broken", "chat calls"),
    ("relation.broken", "embedding calls"),
    ("relation.broken", "prompt tokens in spans"),
    ("relation.broken", "completion tokens in spans"),
    ("relation.broken", "embedding tokens in spans"),
    ("relation.broken", "searches"),
    ("relation.broken", "passages found"),
    ("relation.broken", "embedding cache misses"),
];

/// Every span of a cold query below its root.
const COPIES: [(&str, &str); 14] = [
    ("span.duplicate-id", "cold query / rag.query"),
    ("span.duplicate-id", "cold query / rag.query > GET"),
    ("span.duplicate-id", "cold query / rag.query > rag.embedding"),
    ("span.duplicate-id", "cold query / rag.query > rag.embedding > GET"),
    ("span.duplicate-id", "cold query / rag.query > rag.embedding > embeddings text-embedding-3-large"),
    ("span.duplicate-id", "cold query / rag.query > rag.embedding > embeddings text-embedding-3-large > POST"),
    ("span.duplicate-id", "cold query / rag.query > rag.embedding > SET"),
    ("span.duplicate-id", "cold query / rag.query > rag.vector_search"),
    ("span.duplicate-id", "cold query / rag.query > rag.vector_search > query rag_documents"),
    ("span.duplicate-id", "cold query / rag.query > rag.rerank"),
    ("span.duplicate-id", "cold query / rag.query > rag.llm_generation"),
    ("span.duplicate-id", "cold query / rag.query > rag.llm_generation > chat gpt-4o-mini"),
    ("span.duplicate-id", "cold query / rag.query > rag.llm_generation > chat gpt-4o-mini > POST"),
    ("span.duplicate-id", "cold query / rag.query > SET"),
];

/// Positions of the span and of all spans under it.
fn subtree(capture: &Capture, top: usize) -> Vec<usize> {
    let mut found = vec![top];
    let mut next = 0;
    while let Some(at) = found.get(next).copied() {
        let (trace, id) = (capture.spans[at].trace_id, Some(capture.spans[at].span_id));
        let children = capture.spans.iter().enumerate();
        found.extend(children.filter(|(_, span)| span.trace_id == trace && span.parent == id).map(|(at, _)| at));
        next += 1;
    }
    found
}

/// Makes the span the root of a trace of its own, with all under it and the calls and log records made there.
fn lose_context(capture: &mut Capture, request: &str, path: &str) {
    let top = span_at(capture, request, path);
    let moved = subtree(capture, top);
    capture.spans[top].parent = None;
    let ids: Vec<SpanId> = moved.iter().map(|at| capture.spans[*at].span_id).collect();
    let old = capture.spans[top].trace_id.to_string();
    for at in moved {
        capture.spans[at].trace_id = STRANGE_TRACE;
    }
    for log in capture.logs.iter_mut().filter(|log| log.span_id.is_some_and(|id| ids.contains(&id))) {
        log.trace_id = Some(STRANGE_TRACE);
    }
    let families = capture.scrapes.iter_mut().flat_map(|scrape| &mut scrape.families);
    let exemplars = families.flat_map(|family| &mut family.points).flat_map(|point| &mut point.exemplars);
    for exemplar in exemplars.filter(|exemplar| exemplar.span_id.is_some_and(|id| ids.contains(&id))) {
        exemplar.trace_id = Some(STRANGE_TRACE);
    }
    for call in capture.exchanges.iter_mut().filter(|exchange| exchange.trace.is_none()) {
        if let Some(header) = call.request_headers.get_mut("traceparent")
            && ids.iter().any(|id| header.contains(&id.to_string()))
        {
            *header = header.replace(&old, &STRANGE_TRACE.to_string());
        }
    }
}

#[test]
fn the_context_is_lost_on_the_way_to_the_pipeline() {
    planted(|capture| lose_context(capture, "cold query", "rag.query"))
        .first("trace.not-continued", "cold query / rag.query")
        .on("cold query", "rag.query")
        .of("cold query")
        .and(&[("span.missing", "cold query / rag.query")]);
}

#[test]
fn the_context_is_lost_on_a_stream() {
    planted(|capture| lose_context(capture, "streamed query", "rag.query > rag.llm_generation"))
        .first("trace.not-continued", "streamed query / rag.llm_generation")
        .on("streamed query", "rag.query > rag.llm_generation")
        .of("streamed query")
        .and(&[("span.missing", "streamed query / rag.query > rag.llm_generation")]);
}

#[test]
fn the_context_is_lost_around_one_call() {
    planted(|capture| lose_context(capture, "cold query", "rag.query > rag.vector_search > query rag_documents"))
        .first("trace.not-continued", "cold query / query rag_documents")
        .on("cold query", "rag.query > rag.vector_search > query rag_documents")
        .of("cold query")
        .and(&[
            ("trace.root-kind", "query rag_documents / query rag_documents"),
            ("span.missing", "cold query / rag.query > rag.vector_search > query {db.collection.name}"),
        ]);
}

#[test]
fn a_whole_trace_was_exported_twice() {
    planted(|capture| {
        let trace = trace_of(capture, "cold query");
        let copies: Vec<_> = capture.spans.iter().filter(|span| span.trace_id == trace).cloned().collect();
        capture.spans.extend(copies);
    })
    .first("span.duplicate-id", "cold query / POST /api/rag")
    .on("cold query", "")
    .and(&[COPIES.as_slice(), COUNTED_TWICE].concat());
}

#[test]
fn the_whole_trace_of_an_unsampled_request_was_exported() {
    planted(|capture| {
        let (from, to) = (trace_of(capture, "cold query"), trace_of(capture, "unsampled parent"));
        let request = capture.exchanges[exchange_at(capture, "unsampled parent")].clone();
        let shift = request.start - capture.exchanges[exchange_at(capture, "cold query")].start;
        let copies: Vec<_> = capture.spans.iter().filter(|span| span.trace_id == from).cloned().collect();
        let root = span_id(capture, "cold query", "");
        let logged = capture.logs.iter().find(|log| log.trace_id == Some(to)).and_then(|log| log.span_id);
        let header = request.request_headers.get("traceparent").cloned().unwrap_or_default();
        for mut copy in copies {
            (copy.trace_id, copy.start, copy.end) = (to, copy.start + shift, copy.end + shift);
            if copy.span_id == root {
                (copy.span_id, copy.parent) = (logged.unwrap(), SpanId::from_hex(&header[36..52]));
            } else if copy.parent == Some(root) {
                copy.parent = logged;
            }
            capture.spans.push(copy);
        }
    })
    .first("trace.unsampled-exported", "unsampled parent")
    .of("unsampled parent")
    .and(COUNTED_TWICE);
}

#[test]
fn the_spans_of_one_request_are_in_the_trace_of_another() {
    planted(|capture| {
        let other = trace_of(capture, "health");
        let parent = span_id(capture, "health", "");
        let top = span_at(capture, "cold query", "rag.query > rag.rerank");
        let moved = &mut capture.spans[top];
        (moved.trace_id, moved.parent) = (other, Some(parent));
    })
    .first("span.missing", "cold query / rag.query > rag.rerank")
    .on("cold query", "rag.query")
    .and(&[("span.unexpected", "health / rag.rerank"), ("span.outside-parent", "health / rag.rerank")]);
}

#[test]
fn a_metric_lost_the_label_that_tells_its_series_apart() {
    planted(|capture| {
        metric(capture, "rag_query_errors_total", |family| {
            let total = family.points.iter().map(|point| match point.value {
                PointValue::Number(number) => number,
                _ => 0.0,
            });
            let total: f64 = total.sum();
            family.points.truncate(1);
            family.points[0].labels.remove("stage");
            family.points[0].value = PointValue::Number(total);
        });
    })
    .first("metric.label-missing", "rag_query_errors_total / stage")
    .at("rag_query_errors_total{stage}")
    .and(&[
        ("metric.series", "rag_query_errors_total"),
        ("relation.broken", "failed queries are counted once, at the stage that failed"),
        ("relation.broken", "failures of the embedding stage"),
        ("relation.broken", "failures of the search stage"),
        ("relation.broken", "failures of the llm stage"),
        ("relation.broken", "bad requests"),
        ("relation.broken", "failed cache commands"),
    ]);
}

#[test]
fn the_tokens_of_one_answer_are_counted_wrongly_everywhere_in_its_trace() {
    planted(|capture| {
        span(capture, "cold query", "rag.query > rag.llm_generation").attributes.set("tokens.prompt", 1);
        let chat = "rag.query > rag.llm_generation > chat gpt-4o-mini";
        span(capture, "cold query", chat).attributes.set("gen_ai.usage.input_tokens", 1);
    })
    .first("relation.broken", "prompt tokens in spans")
    .and(&[("relation.broken", "all tokens in spans")]);
}

#[test]
fn a_span_has_no_trace_id() {
    planted(|capture| span(capture, "cold query", "rag.query > rag.rerank").trace_id = TraceId([0; 16]))
        .first("span.invalid-id", "rag.rerank / rag.rerank")
        .on("cold query", "rag.query > rag.rerank")
        .and(&[("span.missing", "cold query / rag.query > rag.rerank")]);
}

#[test]
fn the_batch_with_the_end_of_a_trace_was_lost() {
    planted(|capture| {
        let trace = trace_of(capture, "cold query");
        let root = span_id(capture, "cold query", "");
        let query = span_id(capture, "cold query", "rag.query");
        capture.spans.retain(|span| span.trace_id != trace || (span.span_id != root && span.span_id != query));
    })
    .first("trace.no-root", "cold query")
    .of("cold query")
    .and(&[
        ("log.trace-unknown", "otlp log / answered a query"),
        ("log.trace-unknown", "stdout log / answered a query"),
        ("relation.broken", "every request is one server span"),
        ("relation.broken", "every query is one rag.query, one observation"),
    ]);
}
