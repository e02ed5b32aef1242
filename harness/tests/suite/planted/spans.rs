//! Single spans: their place, name, kind, status and times.

use otelgate_harness::capture::{Event, SpanKind, StatusCode};

use super::{MICROSECOND, STRANGER, planted, span, span_at, span_id, text};

const RERANK: &str = "rag.query > rag.rerank";

#[test]
fn a_span_is_missing() {
    planted(|capture| {
        let rerank = span_at(capture, "cold query", RERANK);
        capture.spans.remove(rerank);
    })
    .first("span.missing", "cold query / rag.query > rag.rerank")
    .on("cold query", "rag.query")
    .at(RERANK)
    .alone();
}

#[test]
fn a_span_with_children_is_missing() {
    planted(|capture| {
        let embedding = span_at(capture, "cold query", "rag.query > rag.embedding");
        capture.spans.remove(embedding);
    })
    .first("span.missing", "cold query / rag.query > rag.embedding")
    .on("cold query", "rag.query")
    .and(&[("relation.broken", "embedding cache misses")]);
}

#[test]
fn the_span_of_the_query_is_missing() {
    planted(|capture| {
        let query = span_at(capture, "cold query", "rag.query");
        capture.spans.remove(query);
    })
    .first("span.missing", "cold query / rag.query")
    .on("cold query", "")
    .and(&[("relation.broken", "every query is one rag.query, one observation")]);
}

#[test]
fn a_span_is_there_once_too_often() {
    planted(|capture| {
        let mut copy = capture.spans[span_at(capture, "cold query", RERANK)].clone();
        copy.span_id = STRANGER;
        capture.spans.push(copy);
    })
    .first("span.count", "cold query / rag.query > rag.rerank")
    .of("cold query")
    .at(RERANK)
    .alone();
}

#[test]
fn a_retry_left_one_span_too_few() {
    planted(|capture| {
        let attempt =
            span_at(capture, "embedding 500", "rag.query > rag.embedding > embeddings text-embedding-3-large > POST");
        capture.spans.remove(attempt);
    })
    .first("span.missing", "embedding 500 / rag.query > rag.embedding > embeddings {gen_ai.request.model} > POST")
    .of("embedding 500")
    .and(&[("propagation.broken", "embedding 500 / model POST /v1/embeddings")]);
}

#[test]
fn a_span_has_no_place_in_the_contract() {
    planted(|capture| {
        let mut copy = capture.spans[span_at(capture, "cold query", RERANK)].clone();
        (copy.span_id, copy.name) = (STRANGER, text("rag.guardrail"));
        capture.spans.push(copy);
    })
    .first("span.unexpected", "cold query / rag.query > rag.guardrail")
    .at("rag.query > rag.guardrail")
    .alone();
}

#[test]
fn two_steps_run_in_the_wrong_order() {
    planted(|capture| {
        let start = span(capture, "cold query", "rag.query > rag.vector_search").start;
        let rerank = span(capture, "cold query", RERANK);
        (rerank.start, rerank.end) = (start - 2 * MICROSECOND, start - MICROSECOND);
    })
    .first("span.order", "cold query / rag.query > rag.vector_search")
    .of("cold query")
    .alone();
}

#[test]
fn a_span_is_of_the_wrong_kind() {
    planted(|capture| span(capture, "cold query", RERANK).kind = SpanKind::Client)
        .first("span.kind", "cold query / rag.query > rag.rerank")
        .on("cold query", RERANK)
        .alone();
}

#[test]
fn a_call_is_an_internal_span() {
    planted(|capture| {
        span(capture, "cold query", "rag.query > rag.vector_search > query rag_documents").kind = SpanKind::Internal;
    })
    .first("span.kind", "cold query / rag.query > rag.vector_search > query {db.collection.name}")
    .on("cold query", "rag.query > rag.vector_search > query rag_documents")
    .and(&[("propagation.broken", "cold query / qdrant /qdrant.Points/Query")]);
}

#[test]
fn a_span_is_renamed() {
    planted(|capture| span(capture, "cold query", RERANK).name = text("rag.reranking"))
        .first("span.name", "cold query / rag.query > rag.rerank")
        .on("cold query", RERANK)
        .at("rag.query > rag.reranking")
        .alone();
}

#[test]
fn a_span_is_named_after_the_thing_it_is_about() {
    planted(|capture| span(capture, "unknown route", "").name = text("GET /api/nothing-here/4711"))
        .first("span.name", "unknown route / GET")
        .on("unknown route", "")
        .and(&[
            ("span.unbounded-name", "unknown route / GET /api/nothing-here/#"),
            ("attribute.missing", "unknown route / GET /api/nothing-here/# / http.route"),
        ]);
}

#[test]
fn the_status_of_a_server_span_is_error_for_a_404() {
    planted(|capture| span(capture, "unknown route", "").status.code = StatusCode::Error)
        .first("span.status", "unknown route / GET")
        .on("unknown route", "")
        .alone();
}

#[test]
fn the_status_of_a_failed_span_is_forgotten() {
    planted(|capture| span(capture, "embedding 500", "rag.query > rag.embedding").status.code = StatusCode::Unset)
        .first("span.status", "embedding 500 / rag.query > rag.embedding")
        .on("embedding 500", "rag.query > rag.embedding")
        .alone();
}

#[test]
fn a_child_ends_after_its_parent() {
    planted(|capture| {
        let end = span(capture, "cold query", "rag.query > rag.embedding").end;
        span(capture, "cold query", "rag.query > rag.embedding > SET").end = end + 1_000 * MICROSECOND;
    })
    .first("span.outside-parent", "cold query / rag.query > rag.embedding > SET")
    .on("cold query", "rag.query > rag.embedding > SET")
    .alone();
}

#[test]
fn a_span_is_ended_early() {
    planted(|capture| {
        let span = span(capture, "cold query", "rag.query > rag.llm_generation");
        span.end = span.start + MICROSECOND;
    })
    .first("span.outside-parent", "cold query / rag.query > rag.llm_generation > chat gpt-4o-mini")
    .on("cold query", "rag.query > rag.llm_generation > chat gpt-4o-mini")
    .alone();
}

#[test]
fn the_root_of_a_stream_ends_with_the_head_of_the_answer() {
    planted(|capture| {
        let root = span(capture, "streamed query", "");
        root.end = root.start + MICROSECOND;
    })
    .first("span.outside-parent", "streamed query / rag.query")
    .on("streamed query", "rag.query")
    .alone();
}

#[test]
fn a_span_ends_before_it_starts() {
    planted(|capture| {
        let span = span(capture, "cold query", RERANK);
        span.end = span.start - 1;
    })
    .first("span.negative-duration", "cold query / rag.query > rag.rerank")
    .on("cold query", RERANK)
    .alone();
}

#[test]
fn a_span_has_no_end() {
    planted(|capture| span(capture, "cold query", RERANK).end = 0)
        .first("span.no-time", "cold query / rag.query > rag.rerank")
        .on("cold query", RERANK)
        .alone();
}

#[test]
fn the_sdk_dropped_attributes_at_its_limit() {
    planted(|capture| span(capture, "cold query", RERANK).dropped.attributes = 3)
        .first("span.dropped", "cold query / rag.query > rag.rerank")
        .on("cold query", RERANK)
        .alone();
}

#[test]
fn the_sdk_dropped_attributes_of_an_event() {
    planted(|capture| {
        let span = span(capture, "cold query", RERANK);
        let event = Event { time: span.start, name: text("reranked"), dropped_attributes: 1, ..Event::default() };
        span.events.push(event);
    })
    .first("span.dropped", "cold query / rag.query > rag.rerank")
    .on("cold query", RERANK)
    .alone();
}

#[test]
fn a_call_hangs_under_the_step_before() {
    planted(|capture| {
        let parent = span_id(capture, "cold query", "rag.query > rag.embedding");
        span(capture, "cold query", "rag.query > rag.vector_search > query rag_documents").parent = Some(parent);
    })
    .first("span.misplaced", "cold query / rag.query > rag.vector_search > query {db.collection.name}")
    .on("cold query", "rag.query > rag.vector_search > query rag_documents")
    .alone();
}
