//! Kind, status, attributes, events and links of spans in their places.

use otelgate_harness::capture::{Event, SpanKind, StatusCode, Value};

use super::{assert_only, at, edit, healthy};

#[test]
fn a_wrong_kind_is_one_finding() {
    for name in ["POST /api/rag", "rag.query", "rag.rerank", "GET"] {
        let mut capture = healthy();
        edit(&mut capture, name).kind = SpanKind::Producer;

        let finding = super::only(&capture);

        assert_eq!((finding.id, finding.found.as_str()), ("span.kind", "producer"), "{name}: {finding:#?}");
    }
}

#[test]
fn a_wrong_status_is_one_finding() {
    let mut capture = healthy();
    edit(&mut capture, "POST /api/rag").status.code = StatusCode::Error;

    let finding = assert_only(&capture, "span.status", "cold query / {http.request.method} {http.route}");

    assert_eq!((finding.wanted.as_str(), finding.found.as_str()), ("unset", "error"));
}

#[test]
fn a_missing_attribute_is_one_finding() {
    let mut capture = healthy();
    edit(&mut capture, "rag.embedding").attributes.remove("tokens.total");

    let finding = assert_only(&capture, "attribute.missing", "cold query / rag.query > rag.embedding / tokens.total");

    assert_eq!(finding.wanted, "int, at least 1");
    assert_eq!(finding.place.path, "rag.query > rag.embedding · tokens.total");
}

#[test]
fn a_missing_attribute_of_a_rule_is_one_finding() {
    let mut capture = healthy();
    edit(&mut capture, "rag.query").attributes.remove("query.length");

    assert_only(&capture, "attribute.missing", "cold query / rag.query / query.length");
}

#[test]
fn a_missing_attribute_the_name_is_made_of_is_the_attributes_finding() {
    let mut capture = healthy();
    edit(&mut capture, "POST /api/rag").attributes.remove("http.route");

    assert_only(&capture, "attribute.missing", "cold query / {http.request.method} {http.route} / http.route");
}

#[test]
fn a_wrong_type_is_one_finding() {
    let mut capture = healthy();
    edit(&mut capture, "rag.embedding").attributes.set("tokens.total", "12");

    let finding = assert_only(&capture, "attribute.type", "cold query / rag.query > rag.embedding / tokens.total");

    assert_eq!(finding.found, "\"12\" (string)");
}

#[test]
fn a_wrong_value_is_one_finding() {
    let mut capture = healthy();
    edit(&mut capture, "rag.embedding").attributes.set("cache.hit", true);

    let finding = assert_only(&capture, "attribute.value", "cold query / rag.query > rag.embedding / cache.hit");

    assert_eq!((finding.wanted.as_str(), finding.found.as_str()), ("false (bool)", "true (bool)"));
}

#[test]
fn an_attribute_beyond_the_contract_is_one_finding() {
    let mut capture = healthy();
    edit(&mut capture, "rag.rerank").attributes.set("document.text", "secret");

    assert_only(&capture, "attribute.unexpected", "cold query / rag.query > rag.rerank / document.text");
}

#[test]
fn an_attribute_the_conventions_know_is_welcome() {
    let mut capture = healthy();
    edit(&mut capture, "GET").attributes.set("db.operation.name", "GET");

    assert_eq!(super::findings(&capture), []);
}

#[test]
fn a_key_set_twice_is_one_finding() {
    let mut capture = healthy();
    edit(&mut capture, "rag.rerank").attributes.push("top_k".into(), Value::Int(5));

    assert_only(&capture, "attribute.duplicate", "cold query / rag.query > rag.rerank / top_k");
}

#[test]
fn an_error_type_that_is_missing_or_too_much_has_ids_of_its_own() {
    let path = "cold query / rag.query > rag.embedding > embeddings {gen_ai.request.model} > POST / error.type";
    let mut without = healthy();
    edit(&mut without, "POST").attributes.remove("error.type");
    let mut with = healthy();
    let second = at(&with, "POST") + 1;
    with.spans[second].attributes.set("error.type", "200");

    assert_only(&without, "error-type.missing", path);
    assert_only(&with, "error-type.unexpected", path);
}

#[test]
fn an_error_type_of_another_value_is_a_wrong_value() {
    let mut capture = healthy();
    edit(&mut capture, "POST").attributes.set("error.type", "500");

    assert_only(
        &capture,
        "attribute.value",
        "cold query / rag.query > rag.embedding > embeddings {gen_ai.request.model} > POST / error.type",
    );
}

#[test]
fn an_event_that_is_gone_is_missing() {
    let mut capture = healthy();
    edit(&mut capture, "rag.rerank").events.clear();

    assert_only(&capture, "event.missing", "cold query / rag.query > rag.rerank / reranked");
}

#[test]
fn an_event_the_contract_does_not_know_is_unexpected() {
    let mut capture = healthy();
    edit(&mut capture, "rag.rerank").events.push(Event { name: "panic".into(), ..Event::default() });

    assert_only(&capture, "event.unexpected", "cold query / rag.query > rag.rerank / panic");
}

#[test]
fn a_link_that_is_gone_is_a_count() {
    let mut capture = healthy();
    edit(&mut capture, "rag.rerank").links.clear();

    let finding = assert_only(&capture, "link.count", "cold query / rag.query > rag.rerank");

    assert_eq!((finding.wanted.as_str(), finding.found.as_str()), ("exactly 1", "0"));
}
