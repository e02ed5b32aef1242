//! Numbers of different signals that are no longer equal.

use otelgate_harness::capture::{PointValue, Value};

use super::{last, number, planted, span};

#[test]
fn a_counter_is_unlike_the_calls_made() {
    planted(|capture| *number(capture, "rag_openai_chat_calls_total") += 1.0)
        .first("relation.broken", "chat calls")
        .at("chat calls")
        .alone();
}

#[test]
fn a_request_is_observed_twice() {
    planted(|capture| {
        if let PointValue::Histogram(histogram) =
            &mut last(capture, "http_server_request_duration_seconds").points[0].value
        {
            histogram.count += 1;
            histogram.counts[0] += 1;
        }
    })
    .first("relation.broken", "every request is one observation")
    .alone();
}

#[test]
fn a_failure_is_counted_at_the_wrong_stage() {
    planted(|capture| {
        for point in &mut last(capture, "rag_query_errors_total").points {
            if let PointValue::Number(number) = &mut point.value {
                match point.labels.str("stage") {
                    Some("search") => *number -= 1.0,
                    Some("rerank") => *number += 1.0,
                    _ => {}
                }
            }
        }
    })
    .first("relation.broken", "failures of the search stage")
    .alone();
}

#[test]
fn the_tokens_of_a_span_are_unlike_those_of_its_call() {
    planted(|capture| {
        let generation = span(capture, "cold query", "rag.query > rag.llm_generation");
        let tokens = generation.attributes.get("tokens.prompt").and_then(Value::as_int).expect("tokens");
        generation.attributes.set("tokens.prompt", tokens + 1);
    })
    .first("relation.broken", "prompt tokens in spans")
    .alone();
}

#[test]
fn the_tokens_of_a_metric_are_unlike_those_the_model_sent() {
    planted(|capture| *number(capture, "rag_openai_embedding_tokens_total") += 1.0)
        .first("relation.broken", "embedding tokens")
        .alone();
}

#[test]
fn a_cache_hit_is_not_counted() {
    planted(|capture| *number(capture, "rag_embedding_cache_hits_total") -= 1.0)
        .first("relation.broken", "embedding cache hits")
        .alone();
}
