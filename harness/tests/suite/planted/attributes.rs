//! Attributes of spans.

use otelgate_harness::capture::Value;

use super::{planted, span, text};

const RERANK: &str = "rag.query > rag.rerank";
const CHAT: &str = "rag.query > rag.llm_generation > chat gpt-4o-mini";
const SEARCH: &str = "rag.query > rag.vector_search > query rag_documents";

#[test]
fn an_attribute_is_missing() {
    planted(|capture| drop(span(capture, "cold query", RERANK).attributes.remove("top_k")))
        .first("attribute.missing", "cold query / rag.query > rag.rerank / top_k")
        .on("cold query", RERANK)
        .at("rag.query > rag.rerank · top_k")
        .alone();
}

#[test]
fn an_attribute_of_a_convention_is_missing() {
    planted(|capture| drop(span(capture, "cold query", CHAT).attributes.remove("gen_ai.provider.name")))
        .first("attribute.missing", &format!("cold query / {CHAT} / gen_ai.provider.name"))
        .on("cold query", CHAT)
        .alone();
}

#[test]
fn an_attribute_has_the_wrong_type() {
    planted(|capture| span(capture, "cold query", RERANK).attributes.set("top_k", "5"))
        .first("attribute.type", "cold query / rag.query > rag.rerank / top_k")
        .on("cold query", RERANK)
        .alone();
}

#[test]
fn an_attribute_has_the_wrong_value() {
    planted(|capture| span(capture, "cold query", RERANK).attributes.set("top_k", 50))
        .first("attribute.value", "cold query / rag.query > rag.rerank / top_k")
        .on("cold query", RERANK)
        .alone();
}

#[test]
fn an_attribute_is_not_in_the_contract() {
    planted(|capture| span(capture, "cold query", RERANK).attributes.set("rerank.model", "words"))
        .first("attribute.unexpected", "cold query / rag.query > rag.rerank / rerank.model")
        .on("cold query", RERANK)
        .alone();
}

#[test]
fn an_attribute_is_there_twice() {
    planted(|capture| span(capture, "cold query", RERANK).attributes.push(text("top_k"), Value::Int(5)))
        .first("attribute.duplicate", "cold query / rag.query > rag.rerank / top_k")
        .on("cold query", RERANK)
        .alone();
}

#[test]
fn an_attribute_has_its_name_of_long_ago() {
    planted(|capture| {
        let attributes = &mut span(capture, "cold query", SEARCH).attributes;
        let operation = attributes.remove("db.operation.name").expect("the operation");
        attributes.push(text("db.operation"), operation);
    })
    .first("attribute.missing", "cold query / rag.query > rag.vector_search > query rag_documents / db.operation.name")
    .on("cold query", SEARCH)
    .and(&[(
        "attribute.deprecated",
        "cold query / rag.query > rag.vector_search > query rag_documents / db.operation",
    )]);
}

#[test]
fn a_prompt_is_recorded() {
    planted(|capture| span(capture, "cold query", CHAT).attributes.set("gen_ai.input.messages", "[…]"))
        .first("never.appeared", &format!("cold query / {CHAT} / gen_ai.input.messages"))
        .on("cold query", CHAT)
        .alone();
}

#[test]
fn a_failed_call_does_not_say_why() {
    planted(|capture| drop(span(capture, "vectors down", SEARCH).attributes.remove("error.type")))
        .first(
            "error-type.missing",
            "vectors down / rag.query > rag.vector_search > query {db.collection.name} / error.type",
        )
        .on("vectors down", SEARCH)
        .alone();
}

#[test]
fn a_successful_call_says_why_it_failed() {
    planted(|capture| span(capture, "cold query", SEARCH).attributes.set("error.type", "connection_error"))
        .first("error-type.unexpected", "cold query / rag.query > rag.vector_search > query rag_documents / error.type")
        .on("cold query", SEARCH)
        .alone();
}

#[test]
fn the_outcome_of_a_query_is_told_wrongly() {
    planted(|capture| {
        span(capture, "client leaves mid-stream", "rag.query").attributes.set("query.outcome", "answered");
    })
    .first("attribute.value", "client leaves mid-stream / rag.query / query.outcome")
    .on("client leaves mid-stream", "rag.query")
    .alone();
}
