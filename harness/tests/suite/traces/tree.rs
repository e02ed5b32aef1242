//! Spans and their places.

use otelgate_harness::capture::build::{Builder, span};
use otelgate_harness::capture::{Attributes, Capture, SpanId};
use otelgate_harness::checks::judge;
use otelgate_harness::contract::parse;

use super::{STRANGER, assert_only, at, edit, healthy, id};
use crate::support::rag;

fn add_child(capture: &mut Capture, parent: &str, name: &str, like: &str) {
    let mut extra = capture.spans[at(capture, like)].clone();
    extra.parent = Some(id(capture, parent));
    (extra.span_id, extra.name) = (STRANGER, name.into());
    capture.spans.push(extra);
}

/// Hangs the children of `from` under `to`.
fn hand_over(capture: &mut Capture, from: SpanId, to: SpanId) {
    for span in capture.spans.iter_mut().filter(|span| span.parent == Some(from)) {
        span.parent = Some(to);
    }
}

#[test]
fn a_leaf_that_is_gone_is_missing() {
    let mut capture = healthy();
    capture.spans.remove(at(&capture, "rag.rerank"));

    let finding = assert_only(&capture, "span.missing", "cold query / rag.query > rag.rerank");

    assert_eq!(finding.wanted, "exactly 1 of `rag.rerank`");
    assert!(finding.found.starts_with("under `rag.query`: `GET`, `rag.embedding`"), "{}", finding.found);
    assert_eq!(finding.place.span_id, Some(id(&capture, "rag.query").to_string()));
    assert_eq!(finding.place.scenario.as_deref(), Some("cold query"));
}

#[test]
fn a_middle_span_that_is_gone_is_missing_and_its_orphans_are_explained() {
    for name in ["rag.query", "rag.embedding", "rag.vector_search", "rag.llm_generation", "chat gpt-4o-mini"] {
        let mut capture = healthy();
        capture.spans.remove(at(&capture, name));

        let finding = super::only(&capture);

        assert_eq!(finding.id, "span.missing", "{name}: {finding:#?}");
    }
}

#[test]
fn a_middle_span_never_made_is_missing_and_its_children_under_its_parent_are_explained() {
    let mut capture = healthy();
    let (gone, parent) = (id(&capture, "rag.query"), id(&capture, "POST /api/rag"));
    hand_over(&mut capture, gone, parent);
    capture.spans.remove(at(&capture, "rag.query"));

    assert_only(&capture, "span.missing", "cold query / rag.query");
}

#[test]
fn a_subtree_that_is_gone_is_one_missing_span() {
    let mut capture = healthy();
    capture.spans.retain(|span| !["rag.llm_generation", "chat gpt-4o-mini"].contains(&&*span.name));
    capture.spans.remove(capture.spans.iter().rposition(|span| &*span.name == "POST").unwrap());

    assert_only(&capture, "span.missing", "cold query / rag.query > rag.llm_generation");
}

#[test]
fn a_server_span_never_made_is_missing() {
    let mut capture = healthy();
    let driver = capture.spans[0].parent;
    edit(&mut capture, "rag.query").parent = driver;
    capture.spans.remove(0);

    assert_only(&capture, "span.missing", "cold query / {http.request.method} {http.route}");
}

#[test]
fn a_span_under_a_sibling_is_misplaced() {
    let mut capture = healthy();
    let sibling = id(&capture, "rag.embedding");
    edit(&mut capture, "rag.rerank").parent = Some(sibling);
    let rerank = at(&capture, "rag.rerank");
    let (start, end) = {
        let around = &capture.spans[at(&capture, "rag.embedding")];
        (around.start, around.end)
    };
    (capture.spans[rerank].start, capture.spans[rerank].end) = (start + 1, end - 1);

    let finding = assert_only(&capture, "span.misplaced", "cold query / rag.query > rag.rerank");

    assert_eq!(
        (finding.wanted.as_str(), finding.found.as_str()),
        ("the parent `rag.query`", "the parent `rag.embedding`")
    );
}

#[test]
fn a_span_moved_beside_one_of_the_same_name_is_misplaced_and_not_a_count() {
    let mut capture = healthy();
    let (query, set) = (id(&capture, "rag.query"), at(&capture, "SET"));
    capture.spans[set].parent = Some(query);

    assert_only(&capture, "span.misplaced", "cold query / rag.query > rag.embedding > SET");
}

#[test]
fn a_span_of_another_name_in_its_place_is_renamed_with_its_subtree() {
    for name in ["rag.rerank", "rag.embedding", "rag.query", "query rag_documents"] {
        let mut capture = healthy();
        edit(&mut capture, name).name = "reworded".into();

        let finding = super::only(&capture);

        assert_eq!((finding.id, finding.found.as_str()), ("span.name", "`reworded`"), "{name}: {finding:#?}");
        assert_eq!(finding.wanted, format!("`{name}`"));
    }
}

#[test]
fn a_root_of_another_name_is_renamed() {
    let mut capture = healthy();
    edit(&mut capture, "POST /api/rag").name = "handle_request".into();

    assert_only(&capture, "span.name", "cold query / {http.request.method} {http.route}");
}

#[test]
fn a_name_of_attributes_that_does_not_follow_them_is_a_wrong_name() {
    let mut capture = healthy();
    edit(&mut capture, "chat gpt-4o-mini").name = "chat gpt-5".into();

    assert_only(&capture, "span.name", "cold query / rag.query > rag.llm_generation > chat {gen_ai.request.model}");
}

#[test]
fn one_too_many_is_a_count() {
    let mut capture = healthy();
    let mut copy = capture.spans[at(&capture, "rag.rerank")].clone();
    copy.span_id = STRANGER;
    capture.spans.push(copy);

    let finding = assert_only(&capture, "span.count", "cold query / rag.query > rag.rerank");

    assert_eq!((finding.wanted.as_str(), finding.found.as_str()), ("exactly 1", "2"));
}

#[test]
fn one_too_few_of_several_is_a_count() {
    let contract = parse(
        "{version: 1, traces: {t: {span: job, children: [{span: read, count: 3..}]}}, scenarios: {s: t}}",
        "contract",
    )
    .unwrap();
    let capture = Builder::new().sampled("s", span("job").child(span("read")).child(span("read"))).build();

    let findings = judge(&capture, &contract).findings;

    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!((findings[0].id, findings[0].subject.as_str()), ("span.count", "s / read"));
    assert_eq!((findings[0].wanted.as_str(), findings[0].found.as_str()), ("at least 3", "2"));
}

#[test]
fn a_span_the_contract_does_not_know_is_unexpected() {
    let mut capture = healthy();
    add_child(&mut capture, "rag.query", "rag.audit", "rag.rerank");

    let finding = assert_only(&capture, "span.unexpected", "cold query / rag.query > rag.audit");

    assert!(finding.wanted.starts_with("under `rag.query` only `GET`, `rag.embedding`"), "{}", finding.wanted);
}

#[test]
fn a_span_between_parent_and_child_is_unexpected_alone() {
    let mut capture = healthy();
    add_child(&mut capture, "rag.query", "wrapper", "rag.rerank");
    edit(&mut capture, "rag.rerank").parent = Some(STRANGER);

    assert_only(&capture, "span.unexpected", "cold query / rag.query > wrapper");
}

#[test]
fn an_optional_span_may_be_there_and_elsewhere_is_misplaced() {
    let optional = |parent: &str| {
        let mut capture = healthy();
        add_child(&mut capture, parent, "retry", "chat gpt-4o-mini");
        let (start, end) = {
            let around = &capture.spans[at(&capture, parent)];
            (around.start, around.end)
        };
        let retry = edit(&mut capture, "retry");
        retry.attributes = Attributes::default();
        (retry.start, retry.end) = (start, end);
        capture
    };

    assert_eq!(super::findings(&optional("chat gpt-4o-mini")), []);
    assert_only(
        &optional("rag.vector_search"),
        "span.misplaced",
        "cold query / rag.query > rag.llm_generation > chat {gen_ai.request.model} > retry",
    );
}

#[test]
fn children_out_of_the_order_written_are_one_finding() {
    let mut capture = healthy();
    let (rerank, search) = (at(&capture, "rag.rerank"), at(&capture, "rag.embedding"));
    let start = capture.spans[search].start;
    let (query, get) = (at(&capture, "rag.query"), at(&capture, "GET"));
    assert!(capture.spans[query].start < capture.spans[get].start);
    (capture.spans[rerank].start, capture.spans[rerank].end) = (start - 1, start - 1);

    let finding = assert_only(&capture, "span.order", "cold query / rag.query > rag.embedding");

    assert!(finding.found.starts_with("`GET`, `rag.rerank`, `rag.embedding`"), "{}", finding.found);
}

#[test]
fn children_left_open_are_judged_by_the_rules_of_their_names_alone() {
    let contract = parse(
        "{version: 1, spans: {read: {attributes: {size: {type: int}}}}, \
         traces: {t: {span: job, open-children: true}}, scenarios: {s: t}}",
        "contract",
    )
    .unwrap();
    let good = span("read").attribute("size", 3);
    let capture = |read| Builder::new().sampled("s", span("job").child(span("any").child(read))).build();

    assert_eq!(judge(&capture(good), &contract).findings, []);
    let findings = judge(&capture(span("read")), &contract).findings;
    let found: Vec<_> = findings.iter().map(|finding| (finding.id, finding.subject.as_str())).collect();
    assert_eq!(found, [("attribute.missing", "s / any > read / size")]);
}

#[test]
fn siblings_of_one_name_are_told_apart_by_attributes_whatever_their_order() {
    let mut capture = healthy();
    let posts: Vec<usize> = (0..capture.spans.len()).filter(|at| &*capture.spans[*at].name == "POST").take(2).collect();
    let times = |at: usize| (capture.spans[at].start, capture.spans[at].end);
    let (first, second) = (times(posts[0]), times(posts[1]));
    (capture.spans[posts[0]].start, capture.spans[posts[0]].end) = second;
    (capture.spans[posts[1]].start, capture.spans[posts[1]].end) = first;

    assert_eq!(super::findings(&capture), []);
}

#[test]
fn the_second_request_of_a_scenario_is_named_by_its_number() {
    let mut capture =
        Builder::new().sampled("cold query", rag::cold_query()).sampled("cold query", rag::cold_query()).build();
    let second = capture.spans.iter().rposition(|span| &*span.name == "rag.rerank").unwrap();
    capture.spans.remove(second);

    let finding = assert_only(&capture, "span.missing", "cold query #2 / rag.query > rag.rerank");

    assert_eq!(finding.place.step, Some(1));
}
