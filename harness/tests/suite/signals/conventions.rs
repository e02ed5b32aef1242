//! Spans at the edges.

use std::sync::Arc;

use otelgate_harness::capture::{Capture, SpanKind, StatusCode, Value};
use otelgate_harness::conventions::{known_attribute, resolve};
use otelgate_harness::finding::Level;

use super::sample::{
    BAD_CHAT, BAD_CLIENT, BAD_SERVER, CHAT, CLIENT, QDRANT, QUERY, REDIS, SERVER, capture, contract, examined, said,
    told,
};

const PACKS: &str = "conventions: [http, database, genai]";

/// What the check says of a healthy capture with one change.
fn after(change: impl Fn(&mut Capture)) -> Vec<(String, String)> {
    let mut capture = capture();
    change(&mut capture);
    let findings = said("conventions", &capture, &contract(PACKS));
    findings.into_iter().map(|finding| (finding.id.to_owned(), finding.subject)).collect()
}

/// The path of the span at a position of the sample.
fn path(position: usize) -> &'static str {
    match position {
        SERVER => "cold query / POST /api/rag",
        QUERY => "cold query / rag.query",
        REDIS => "cold query / rag.query > GET",
        QDRANT => "cold query / rag.query > query documents",
        CHAT => "cold query / rag.query > chat gpt-4o-mini",
        CLIENT => "cold query / rag.query > chat gpt-4o-mini > POST",
        BAD_SERVER => "model down / POST /api/rag",
        BAD_CHAT => "model down / chat gpt-4o-mini",
        _ => "model down / chat gpt-4o-mini > POST",
    }
}

fn one(id: &str, position: usize, key: &str) -> Vec<(String, String)> {
    let tail = if key.is_empty() { String::new() } else { format!(" / {key}") };
    vec![(id.to_owned(), format!("{}{tail}", path(position)))]
}

#[test]
fn healthy_spans_follow_their_conventions() {
    let (examined, findings) = examined("conventions", &capture(), &contract(PACKS));

    assert_eq!(told(&findings), []);
    assert_eq!(examined, 8, "every span but the internal one");
}

#[test]
fn nothing_is_asked_of_packs_that_the_contract_does_not_name() {
    let mut capture = capture();
    capture.spans[SERVER].attributes.remove("url.path");
    capture.spans[REDIS].attributes.remove("server.address");

    let database = said("conventions", &capture, &contract("conventions: [database]"));
    let none = said("conventions", &capture, &contract(""));

    assert_eq!(told(&database), [("attribute.missing", format!("{} / server.address", path(REDIS)).as_str())]);
    assert_eq!(told(&none), []);
}

#[test]
fn every_required_attribute_that_is_lost_is_told_alone() {
    let cases: &[(usize, &[&str])] = &[
        (SERVER, &["http.request.method", "url.path", "url.scheme", "http.route", "http.response.status_code"]),
        (CLIENT, &["http.request.method", "server.address", "server.port", "url.full", "http.response.status_code"]),
        (REDIS, &["db.system.name", "db.operation.name", "server.address", "server.port"]),
        (QDRANT, &["db.system.name", "db.operation.name", "db.collection.name", "server.address", "server.port"]),
        (
            CHAT,
            &[
                "gen_ai.operation.name",
                "gen_ai.provider.name",
                "gen_ai.request.model",
                "gen_ai.response.model",
                "gen_ai.usage.input_tokens",
                "gen_ai.usage.output_tokens",
                "gen_ai.response.finish_reasons",
                "server.address",
            ],
        ),
        (BAD_CHAT, &["gen_ai.request.model", "server.port"]),
    ];
    for (position, keys) in cases {
        for key in *keys {
            let told = after(|it| {
                it.spans[*position].attributes.remove(key);
            });

            assert_eq!(told, one("attribute.missing", *position, key));
        }
    }
}

#[test]
fn a_missing_attribute_names_what_is_like_it() {
    let mut capture = capture();
    let method = capture.spans[SERVER].attributes.remove("url.scheme").unwrap();
    capture.spans[SERVER].attributes.push(Arc::from("url_scheme"), method);

    let findings = said("conventions", &capture, &contract(PACKS));

    assert!(findings[0].found.starts_with("nearest: url_scheme"), "{}", findings[0].found);
    assert_eq!(findings[0].wanted, "string: http or https");
    assert_eq!(findings[0].place.path, "POST /api/rag · url.scheme");
}

#[test]
fn the_contract_may_excuse_a_span_from_an_attribute() {
    let rules =
        format!("{PACKS}\nspans:\n  'chat *': {{attributes: {{gen_ai.response.finish_reasons: {{optional: true}}}}}}");
    let mut capture = capture();
    capture.spans[CHAT].attributes.remove("gen_ai.response.finish_reasons");

    let findings = said("conventions", &capture, &contract(&rules));

    assert_eq!(told(&findings), []);
}

#[test]
fn types_and_values_are_held_against_the_tables() {
    let cases: &[(&str, usize, &str, Value)] = &[
        ("attribute.type", SERVER, "http.response.status_code", "200".into()),
        ("attribute.value", SERVER, "http.response.status_code", 99.into()),
        ("attribute.value", SERVER, "url.path", "/api/rag?q=1".into()),
        ("attribute.value", SERVER, "url.scheme", "ftp".into()),
        ("attribute.value", CLIENT, "url.full", "/v1/chat/completions".into()),
        ("attribute.type", CLIENT, "server.port", "8080".into()),
        ("attribute.value", CLIENT, "server.port", 0.into()),
        ("attribute.value", CLIENT, "http.request.resend_count", 0.into()),
        ("attribute.type", CHAT, "gen_ai.usage.input_tokens", 12.5.into()),
        ("attribute.value", CHAT, "gen_ai.usage.output_tokens", Value::Int(-1)),
        ("attribute.type", CHAT, "gen_ai.response.finish_reasons", "stop".into()),
        ("attribute.type", CHAT, "gen_ai.request.temperature", "0.3".into()),
        ("attribute.value", REDIS, "db.system.name", "".into()),
        ("attribute.type", QDRANT, "db.response.returned_rows", "3".into()),
    ];
    for (id, position, key, value) in cases {
        let told = after(|it| it.spans[*position].attributes.set(key, value.clone()));

        assert_eq!(told, one(id, *position, key), "{key} = {value}");
    }
}

#[test]
fn credentials_in_a_url_are_told_and_not_repeated() {
    let mut capture = capture();
    capture.spans[CLIENT].attributes.set("url.full", "http://bob:hunter2@example.org/v1?to=a@b");

    let findings = said("conventions", &capture, &contract(PACKS));

    assert_eq!(told(&findings), [("attribute.value", format!("{} / url.full", path(CLIENT)).as_str())]);
    assert_eq!(findings[0].found, "\"http://(withheld)@example.org/v1?to=a@b\"");
}

#[test]
fn kinds_are_held_against_the_convention() {
    for (position, kind) in [
        (SERVER, SpanKind::Internal),
        (SERVER, SpanKind::Client),
        (CLIENT, SpanKind::Internal),
        (REDIS, SpanKind::Internal),
        (CHAT, SpanKind::Producer),
    ] {
        let told = after(|it| it.spans[position].kind = kind);

        assert_eq!(told, one("span.kind", position, ""), "{kind:?}");
    }
}

#[test]
fn a_model_that_runs_inside_the_process_has_no_server_and_may_be_internal() {
    let told = after(|it| {
        it.spans[CHAT].kind = SpanKind::Internal;
        it.spans[CHAT].attributes.remove("server.address");
        it.spans[CHAT].attributes.remove("server.port");
    });

    assert_eq!(told, []);
}

#[test]
fn names_are_held_against_the_convention() {
    for (position, name, wanted) in [
        (SERVER, "POST", "POST /api/rag"),
        (SERVER, "/api/rag", "POST /api/rag"),
        (CLIENT, "HTTP POST", "POST"),
        (CLIENT, "POST /v1/chat/completions", "POST"),
        (REDIS, "redis", "GET"),
        (QDRANT, "query", "query documents"),
        (CHAT, "chat", "chat gpt-4o-mini"),
    ] {
        let mut capture = capture();
        capture.spans[position].name = Arc::from(name);

        let findings = said("conventions", &capture, &contract(PACKS));

        assert_eq!(findings.len(), 1, "{name}: {findings:?}");
        assert_eq!((findings[0].id, findings[0].wanted.as_str()), ("span.name", format!("{wanted:?}").as_str()));
    }
}

#[test]
fn status_follows_from_the_http_status_and_the_side() {
    let status = |position: usize, http: i64, code: StatusCode| {
        after(move |it| {
            it.spans[position].attributes.set("http.response.status_code", http);
            it.spans[position].status.code = code;
        })
    };

    assert_eq!(status(SERVER, 404, StatusCode::Error), one("span.status", SERVER, ""));
    assert_eq!(status(SERVER, 404, StatusCode::Unset), []);
    assert_eq!(status(SERVER, 200, StatusCode::Ok), one("span.status", SERVER, ""));
    assert_eq!(status(BAD_SERVER, 502, StatusCode::Unset), one("span.status", BAD_SERVER, ""));
    assert_eq!(status(BAD_CLIENT, 500, StatusCode::Unset), one("span.status", BAD_CLIENT, ""));
    assert_eq!(status(SERVER, 200, StatusCode::Error), one("error-type.missing", SERVER, "error.type"));
}

#[test]
fn a_client_fails_on_the_server_s_word_that_it_did_wrong() {
    let told = after(|it| it.spans[CLIENT].attributes.set("http.response.status_code", 429));

    let wanted = [one("span.status", CLIENT, ""), one("error-type.missing", CLIENT, "error.type")].concat();
    assert_eq!(told, wanted);
}

#[test]
fn failures_have_an_error_type_and_successes_none() {
    for position in [BAD_SERVER, BAD_CHAT, BAD_CLIENT] {
        let told = after(|it| {
            it.spans[position].attributes.remove("error.type");
        });

        assert!(told.contains(&one("error-type.missing", position, "error.type")[0]), "{told:?}");
    }
    for position in [SERVER, REDIS, CLIENT] {
        let told = after(|it| it.spans[position].attributes.set("error.type", "timeout"));

        assert_eq!(told, one("error-type.unexpected", position, "error.type"));
    }
    let told = after(|it| it.spans[BAD_CLIENT].attributes.set("error.type", "503"));
    assert_eq!(told, one("attribute.value", BAD_CLIENT, "error.type"));
}

#[test]
fn a_call_that_got_no_answer_needs_no_status_code() {
    let told = after(|it| {
        it.spans[BAD_CLIENT].attributes.remove("http.response.status_code");
        it.spans[BAD_CLIENT].attributes.set("error.type", "timeout");
    });

    assert_eq!(told, []);
}

#[test]
fn a_stream_that_its_client_left_has_no_usage_to_tell() {
    let told = after(|it| {
        it.spans[CHAT].attributes.set("gen_ai.request.stream", true);
        for key in ["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "gen_ai.response.finish_reasons"] {
            it.spans[CHAT].attributes.remove(key);
        }
    });

    assert_eq!(told, []);
}

#[test]
fn an_old_name_is_an_improvement_that_names_the_new_one() {
    let mut capture = capture();
    capture.spans[QUERY].attributes.set("http.method", "GET");

    let findings = said("conventions", &capture, &contract(PACKS));

    assert_eq!(told(&findings), [("attribute.deprecated", format!("{} / http.method", path(QUERY)).as_str())]);
    assert_eq!((findings[0].level, findings[0].wanted.as_str()), (Level::Improvement, "http.request.method"));
}

#[test]
fn spans_of_an_older_version_answer_to_no_convention() {
    let mut span = capture().spans[SERVER].clone();
    span.attributes.remove("http.request.method");
    span.attributes.set("http.method", "POST");

    assert!(resolve(&span).is_none());
}

#[test]
fn known_attributes_are_those_of_the_span_s_own_convention() {
    let spans = capture().spans;

    assert!(known_attribute(&spans[SERVER], "user_agent.original"));
    assert!(known_attribute(&spans[SERVER], "http.request.header.accept"));
    assert!(known_attribute(&spans[CLIENT], "http.request.resend_count"));
    assert!(known_attribute(&spans[CHAT], "gen_ai.response.id"));
    assert!(known_attribute(&spans[QUERY], "error.type"));
    assert!(!known_attribute(&spans[SERVER], "gen_ai.response.id"));
    assert!(!known_attribute(&spans[SERVER], "http.debug"));
    assert!(!known_attribute(&spans[QUERY], "server.address"));
}
