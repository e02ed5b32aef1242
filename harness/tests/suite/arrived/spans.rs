//! Spans between the receiver and the trace store.

use std::sync::Arc;

use otelgate_harness::capture::{Event, Link, Scope, Span, SpanId, SpanKind, StatusCode, TraceId, Value};

use super::{alone, healthy, planted, said, stored, stored_span, told};

const SEARCH: &str = "rag.vector_search";
const OF_SEARCH: &str = "cold query / rag.query > rag.vector_search";

/// The trace of the query asked first.
fn cold() -> TraceId {
    let span = healthy().0.spans.iter().find(|span| &*span.name == SEARCH).expect("a search");
    span.trace_id
}

/// What one changed field gives: its name is in the subject.
#[track_caller]
fn differs(field: &str, change: impl FnOnce(&mut Span)) {
    let findings = planted(|capture| change(stored_span(capture, SEARCH)));

    let finding = alone(&findings, "arrival.span-differs", &format!("{OF_SEARCH} / {field}"));
    assert!(finding.place.path.ends_with(&format!(" · {field}")), "{:?}", finding.place);
    assert_ne!(finding.wanted, finding.found);
}

#[test]
fn a_trace_lost_between_receiver_and_store_is_one_finding() {
    let findings = planted(|capture| stored(capture).retain(|span| span.trace_id != cold()));

    let finding = alone(&findings, "arrival.trace-missing", "cold query");
    assert_eq!(finding.place.trace_id, Some(cold().to_string()));
    assert_eq!(finding.wanted, "the 11 spans that the receiver beside it has");
}

#[test]
fn spans_lost_out_of_a_trace_are_counted_and_named() {
    let findings = planted(|capture| {
        stored(capture).retain(|span| span.trace_id != cold() || !["SET", SEARCH].contains(&&*span.name));
    });

    let finding = alone(&findings, "arrival.span-missing", "cold query");
    assert_eq!(finding.message, "3 of 11 spans of a trace are not in the trace store");
    assert!(finding.found.contains("rag.query > rag.vector_search"), "{}", finding.found);
}

#[test]
fn a_store_without_any_span_is_one_finding() {
    let findings = planted(|capture| stored(capture).clear());

    let finding = alone(&findings, "arrival.trace-missing", "all traces");
    assert_eq!((finding.wanted.as_str(), finding.found.as_str()), ("44 spans, as the receiver beside it has", "none"));
}

#[test]
fn a_span_stored_twice_is_told() {
    let findings = planted(|capture| {
        let again = stored_span(capture, SEARCH).clone();
        stored(capture).push(again);
    });

    let finding = alone(&findings, "arrival.duplicate", OF_SEARCH);
    assert_eq!((finding.wanted.as_str(), finding.found.as_str()), ("once", "2 times"));
}

#[test]
fn a_span_that_only_the_store_has_is_told() {
    let findings = planted(|capture| {
        let extra = Span { span_id: SpanId([0xee; 8]), ..stored_span(capture, SEARCH).clone() };
        stored(capture).push(extra);
    });

    alone(&findings, "arrival.span-extra", "cold query / rag.vector_search");
}

#[test]
fn a_trace_that_only_the_store_has_is_told() {
    let findings = planted(|capture| {
        let extra = Span { trace_id: TraceId([0xee; 16]), ..stored_span(capture, SEARCH).clone() };
        stored(capture).push(extra);
    });

    alone(&findings, "arrival.span-extra", "no trace of the receiver / rag.vector_search");
}

#[test]
fn spans_of_another_run_in_a_shared_store_are_not_judged() {
    let findings = planted(|capture| {
        let mut other = stored_span(capture, SEARCH).clone();
        other.span_id = SpanId([0xee; 8]);
        let mut origin = (*other.origin).clone();
        Arc::make_mut(&mut origin.resource).attributes.set("otelgate.run.id", "another");
        other.origin = Arc::new(origin);
        stored(capture).push(other);
    });

    assert_eq!(told(&findings), []);
}

#[test]
fn every_field_that_came_back_changed_is_named() {
    differs("parent", |span| span.parent = Some(SpanId([7; 8])));
    differs("parent", |span| span.parent = None);
    differs("name", |span| span.name = "rag.search".into());
    differs("kind", |span| span.kind = SpanKind::Client);
    differs("status", |span| span.status.code = StatusCode::Error);
    differs("status message", |span| span.status.message = "why".into());
    differs("trace state", |span| span.trace_state = "a=1".into());
    differs("flags", |span| span.flags ^= 0x100);
    differs("start", |span| span.start += 1);
    differs("end", |span| span.end -= 1);
    differs("dropped attributes", |span| span.dropped.attributes = 1);
    differs("dropped events", |span| span.dropped.events = 1);
    differs("dropped links", |span| span.dropped.links = 1);
    differs("number of events", |span| span.events.push(Event::default()));
    differs("number of links", |span| span.links.push(Link::default()));
}

#[test]
fn every_way_an_attribute_can_change_is_told() {
    differs("search.limit", |span| drop(span.attributes.remove("search.limit")));
    differs("search.limit", |span| span.attributes.set("search.limit", 11));
    differs("search.limit", |span| span.attributes.set("search.limit", "10"));
    differs("search.limit", |span| span.attributes.set("search.limit", 10.0));
    differs("search.limit", |span| span.attributes.push("search.limit".into(), Value::Int(10)));
    differs("added", |span| span.attributes.set("added", true));
}

#[test]
fn the_order_of_attributes_means_nothing() {
    let findings = planted(|capture| {
        let span = stored_span(capture, SEARCH);
        let mut reversed = span.attributes.as_slice().to_vec();
        reversed.reverse();
        span.attributes = reversed.into_iter().collect();
    });

    assert_eq!(told(&findings), []);
}

#[test]
fn events_and_links_are_compared_in_their_order() {
    let mut capture = healthy().0.clone();
    let event = |name: &str, time| Event { name: name.into(), time, ..Event::default() };
    let link = |id| Link { trace_id: TraceId([id; 16]), span_id: SpanId([id; 8]), ..Link::default() };
    let sent = capture.spans.iter_mut().find(|span| &*span.name == SEARCH).expect("a search");
    sent.events = vec![event("first", 1), event("second", 2)];
    sent.links = vec![link(1)];
    let mut same = capture.clone();
    let span = stored_span(&mut same, SEARCH);
    (span.events, span.links) = (vec![event("first", 1), event("second", 2)], vec![link(1)]);
    let mut other = same.clone();
    let span = stored_span(&mut other, SEARCH);
    span.events[1].time = 3;
    span.events[0].attributes.set("added", true);
    span.links[0].span_id = SpanId([2; 8]);

    let findings = said(&other);

    assert_eq!(told(&said(&same)), []);
    let fields = ["event 1 · added", "event 2 · time", "link 1 · span"];
    let subjects = fields.map(|field| format!("{OF_SEARCH} / {field}"));
    let wanted: Vec<_> = subjects.iter().map(|subject| ("arrival.span-differs", subject.as_str())).collect();
    assert_eq!(told(&findings), wanted);
}

#[test]
fn a_changed_resource_or_scope_is_told_once_for_all_spans() {
    let resource = planted(|capture| {
        for span in stored(capture) {
            let mut origin = (*span.origin).clone();
            Arc::make_mut(&mut origin.resource).attributes.set("deployment.environment.name", "test");
            span.origin = Arc::new(origin);
        }
    });
    let scope = planted(|capture| {
        for span in stored(capture) {
            let mut origin = (*span.origin).clone();
            origin.scope = Arc::new(Scope { name: "other".into(), ..(*origin.scope).clone() });
            span.origin = Arc::new(origin);
        }
    });

    let finding = alone(&resource, "arrival.span-differs", "resource · deployment.environment.name");
    assert_eq!((finding.wanted.as_str(), finding.found.as_str()), ("none", "\"test\""));
    alone(&scope, "arrival.span-differs", "scope · name");
}
