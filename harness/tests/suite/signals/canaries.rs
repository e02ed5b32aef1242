//! Planted secrets, wherever and however they are written.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use otelgate_harness::capture::{Capture, Event, Link, LogVia, Scope, Status, StatusCode, Value};
use otelgate_harness::checks::judge;

use super::sample::{self, HTTP_SERVER, QUERY, SECRET, capture, contract, examined, said, told};

/// A place a secret can leak into: its name, how it gets there, and what the finding calls it.
type Leak = (&'static str, fn(&mut Capture, &str), &'static str);

const LEAKS: &[Leak] = &[
    ("attribute", |it, text| it.spans[QUERY].attributes.set("note", text), "cold query / rag.query / note"),
    (
        "part of a list in a map",
        |it, text| {
            let list = Value::Array(Arc::from([Value::from(text)]));
            let map = Value::Map(Arc::from([(Arc::from("list"), list)]));
            it.spans[QUERY].attributes.push(Arc::from("note"), map);
        },
        "cold query / rag.query / note",
    ),
    (
        "bytes",
        |it, text| it.spans[QUERY].attributes.push(Arc::from("raw"), Value::Bytes(Arc::from(text.as_bytes()))),
        "cold query / rag.query / raw",
    ),
    (
        "event",
        |it, text| {
            let attributes = sample::attributes(&[("exception.message", text.into())]);
            it.spans[QUERY].events.push(Event { name: Arc::from("exception"), attributes, ..Event::default() });
        },
        "cold query / rag.query / event exception / exception.message",
    ),
    (
        "link",
        |it, text| {
            let attributes = sample::attributes(&[("why", text.into())]);
            it.spans[QUERY].links.push(Link { attributes, ..Link::default() });
        },
        "cold query / rag.query / link / why",
    ),
    (
        "status message",
        |it, text| it.spans[QUERY].status = Status { code: StatusCode::Error, message: Arc::from(text) },
        "cold query / rag.query / status message",
    ),
    ("trace state", |it, text| it.spans[QUERY].trace_state = Arc::from(text), "cold query / rag.query / trace state"),
    (
        "resource",
        |it, text| {
            let mut origin = (*sample::origin()).clone();
            let mut resource = (*origin.resource).clone();
            resource.attributes.set("process.command_args", text);
            origin.resource = Arc::new(resource);
            it.spans[QUERY].origin = Arc::new(origin);
        },
        "resource / process.command_args",
    ),
    (
        "scope",
        |it, text| {
            let mut origin = (*sample::origin()).clone();
            origin.scope = Arc::new(Scope { name: Arc::from("rag"), version: Arc::from(text), ..Scope::default() });
            it.spans[QUERY].origin = Arc::new(origin);
        },
        "scope rag / version",
    ),
    (
        "label",
        |it, text| it.scrapes[1].families[HTTP_SERVER].points[0].labels.set("user", text),
        "http_server_request_duration_seconds / user",
    ),
    (
        "help",
        |it, text| it.scrapes[1].families[HTTP_SERVER].help = Arc::from(text),
        "http_server_request_duration_seconds / help",
    ),
    (
        "exemplar",
        |it, text| it.scrapes[1].families[HTTP_SERVER].points[0].exemplars[0].labels.set("user", text),
        "http_server_request_duration_seconds / exemplar / user",
    ),
    ("comment of exposition text", |it, text| it.scrapes[1].text = format!("# {text}\n"), "exposition text / comment"),
    ("log field", |it, text| it.logs[2].attributes.set("query", text), "otlp log / the model failed / query"),
    (
        "line of standard output",
        |it, text| {
            it.logs[3].via = LogVia::StdoutText;
            it.logs[3].body = format!("panicked at {text}").as_str().into();
        },
        "stdout log / panicked at # / body",
    ),
];

#[test]
fn a_secret_is_found_wherever_it_leaks_and_never_repeated() {
    for (place, leak, subject) in LEAKS {
        let mut capture = capture();
        leak(
            &mut capture,
            &format!("before {SECRET} after").replace(' ', if place.contains("line") { "-" } else { " " }),
        );

        let findings = said("canaries", &capture, &contract(""));

        assert_eq!(told(&findings), [("canary.leaked", format!("query / {subject}").as_str())], "{place}");
        assert!(!format!("{findings:?}").contains("7f3a"), "{place}: the value is in {findings:?}");
    }
}

#[test]
fn a_secret_in_a_name_or_a_key_is_withheld_from_every_part_of_the_report() {
    let leaks: [fn(&mut Capture); 3] = [
        |it| it.spans[QUERY].name = Arc::from(format!("ask {SECRET}").as_str()),
        |it| it.spans[QUERY].attributes.set(SECRET, 1),
        |it| it.scrapes[1].families[HTTP_SERVER].name = Arc::from(format!("m_{SECRET}").as_str()),
    ];
    for leak in leaks {
        let mut capture = capture();
        leak(&mut capture);

        let outcome = judge(&capture, &contract("conventions: [http]"));

        assert!(outcome.findings.iter().any(|finding| finding.id == "canary.leaked"), "{:?}", outcome.findings);
        assert!(!format!("{:?}", outcome.findings).contains("7f3a"), "the value is in {:?}", outcome.findings);
    }
}

fn hexadecimal(text: &str) -> String {
    text.bytes().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

#[test]
fn a_secret_is_found_in_every_spelling() {
    let spellings = [
        SECRET.to_uppercase(),
        SECRET.replace('+', "%2B").replace('/', "%2F").replace('"', "%22"),
        SECRET.replace('+', "%2b").replace('/', "%2f").replace('"', "%22"),
        SECRET.replace('"', "\\\""),
        hexadecimal(SECRET),
        STANDARD.encode(SECRET),
        STANDARD.encode(format!("a{SECRET}b")),
        STANDARD.encode(format!("ab{SECRET}")),
    ];
    for spelling in spellings {
        let mut capture = capture();
        capture.spans[QUERY].attributes.set("note", spelling.as_str());

        let findings = said("canaries", &capture, &contract(""));

        assert_eq!(findings.len(), 1, "{spelling}");
    }
}

#[test]
fn a_run_that_leaks_nothing_has_every_string_read() {
    let (examined, findings) = examined("canaries", &capture(), &contract(""));

    assert_eq!(told(&findings), []);
    assert!(examined > 200, "only {examined} strings read");
}

#[test]
fn a_canary_that_was_never_sent_proves_nothing() {
    let mut capture = capture();
    for exchange in &mut capture.exchanges {
        exchange.request_body.clear();
    }

    let findings = said("canaries", &capture, &contract(""));

    assert_eq!(told(&findings), [("canary.not-planted", "query")]);
}

#[test]
fn a_canary_in_a_header_to_a_dependency_counts_as_planted() {
    let mut capture = capture();
    for exchange in &mut capture.exchanges {
        exchange.request_body.clear();
    }
    capture.exchanges[2].request_headers.insert("authorization".to_owned(), format!("Bearer {SECRET}"));

    let findings = said("canaries", &capture, &contract(""));

    assert_eq!(told(&findings), []);
}
