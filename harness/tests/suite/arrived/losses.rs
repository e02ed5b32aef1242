//! What Jaeger loses by design, from what it gave back of a span with everything in it.

use std::fs;

use otelgate_harness::capture::{Capture, Interner, Run, Span, otlp::json};
use otelgate_harness::checks::{LOSSES, Stores};

use super::{fixtures, said, stored, told};

/// The spans of a recorded request or answer.
fn spans(name: &str) -> Vec<Span> {
    let text = fs::read_to_string(fixtures().join("backends/jaeger").join(name)).expect("a recording");
    let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let otlp = document.get("result").unwrap_or(&document).to_string();
    json::read(&otlp, &mut Interner::default()).expect("OTLP").spans
}

/// A capture of what was sent, and what a store gave back of it.
fn through(store: &str) -> Capture {
    let mut capture = Capture { spans: spans("sent.json"), ..Capture::default() };
    capture.run = Run { id: "r1".to_owned(), ..Run::default() };
    capture.arrived.traces = Some(spans(store));
    capture
}

#[test]
fn what_the_memory_store_gave_back_differs_only_in_what_the_table_lists() {
    assert_eq!(told(&said(&through("memory.json"))), []);
}

#[test]
fn what_badger_gave_back_differs_only_in_what_the_table_lists() {
    assert_eq!(told(&said(&through("badger.json"))), []);
}

#[test]
fn a_loss_of_the_older_model_is_a_finding_where_the_store_keeps_otlp() {
    let mut capture = through("memory.json");
    let span = stored(&mut capture).iter_mut().find(|span| span.flags != 0).expect("a span with flags");
    span.flags = 0;

    let findings = said(&capture);

    assert_eq!(told(&findings), [("arrival.span-differs", "n5 / n1 / flags")]);
}

#[test]
fn an_attribute_that_is_not_the_json_of_the_list_is_a_finding_in_any_store() {
    let mut capture = through("badger.json");
    let span = stored(&mut capture).iter_mut().find(|span| &*span.name == "n1").expect("the span");
    span.attributes.set("arr", "[1,\"y\",null]");

    assert_eq!(told(&said(&capture)), [("arrival.span-differs", "n5 / n1 / arr")]);
}

#[test]
fn times_cut_to_microseconds_are_accepted_only_where_all_of_them_are() {
    let cut = |time: &mut u64| *time -= *time % 1_000;
    let mut all = through("badger.json");
    for span in stored(&mut all) {
        cut(&mut span.start);
        cut(&mut span.end);
        span.events.iter_mut().for_each(|event| cut(&mut event.time));
    }
    let mut all_but_one = all.clone();
    let spans = stored(&mut all_but_one);
    let whole = through("badger.json").arrived.traces.expect("spans");
    spans[0] = whole[0].clone();

    let findings = said(&all_but_one);

    assert_eq!(told(&said(&all)), []);
    assert!(!findings.is_empty(), "the cut ones are told once another kept its nanoseconds");
    let times = ["start", "end", "time"];
    assert!(findings.iter().all(|it| times.iter().any(|time| it.subject.ends_with(time))), "{:?}", told(&findings));
}

#[test]
fn the_document_has_the_table() {
    let document = fs::read_to_string(fixtures().join("../docs/ARRIVAL.md")).expect("the document");

    for loss in LOSSES {
        let row = format!("| {} | {} | {} |", loss.what, loss.becomes, loss.stores.name());
        assert!(document.contains(&row), "docs/ARRIVAL.md lacks the row\n{row}");
    }
    let rows = document.lines().filter(|line| line.starts_with("| ")).count();
    assert_eq!(rows, LOSSES.len() + 2, "docs/ARRIVAL.md has another number of rows, the two of the heading included");
    assert!(LOSSES.iter().any(|loss| loss.stores == Stores::All));
}
