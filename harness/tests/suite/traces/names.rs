//! Span names without bounds.

use otelgate_harness::capture::SpanKind::Server;
use otelgate_harness::capture::build::{Builder, SpanSpec, span};
use otelgate_harness::checks::judge;
use otelgate_harness::contract::Contract;

fn said(roots: impl IntoIterator<Item = SpanSpec>) -> Vec<(&'static str, String)> {
    let capture = roots.into_iter().fold(Builder::new(), Builder::background).build();
    let findings = judge(&capture, &Contract::default()).findings;
    findings.into_iter().map(|finding| (finding.id, finding.subject)).collect()
}

#[test]
fn names_with_versions_models_and_routes_are_fine() {
    let names =
        ["chat gpt-4o-2024-08-06", "GET /users/{id}", "query rag_documents", "embeddings text-embedding-3-large"];

    assert_eq!(said(names.map(span)), []);
}

#[test]
fn names_with_ids_have_no_bounds_and_their_subject_has_no_id() {
    for (name, subject) in [
        ("load 5f0c1a52-9d1e-4d0c-8c5e-0123456789ab", "load #"),
        ("load 4bf92f3577b34da6a3ce929d0e0e4736", "load #"),
        ("load order 20240117", "load order #"),
        ("GET /search?q=rust", "GET /search"),
        ("mail ada@example.org", "mail #"),
    ] {
        let expected = vec![("span.unbounded-name", format!("{subject} / {subject}"))];
        assert_eq!(said([span(name)]), expected, "{name}");
    }
}

#[test]
fn a_server_span_called_after_its_path_has_no_bounds() {
    let request = |name: &str, route: &str| {
        span(name).kind(Server).attribute("url.path", "/users/ada").attribute("http.route", route)
    };

    assert_eq!(said([request("GET /users/{name}", "/users/{name}")]), []);
    assert_eq!(said([request("GET /users/ada", "/users/ada")]), []);
    assert_eq!(
        said([request("GET /users/ada", "/users/{name}")]),
        [("span.unbounded-name", "GET /users/ada / GET /users/ada".to_owned())]
    );
}

#[test]
fn an_unknown_path_in_the_name_of_a_404_has_no_bounds() {
    let request =
        span("GET /nowhere").kind(Server).attribute("url.path", "/nowhere").attribute("http.response.status_code", 404);

    assert_eq!(said([request]), [("span.unbounded-name", "GET /nowhere / GET /nowhere".to_owned())]);
}

#[test]
fn more_than_twenty_names_that_differ_in_numbers_have_no_bounds() {
    let numbered = |count: usize| (0..count).map(|number| span(&format!("shard {number}")));

    assert_eq!(said(numbered(20)), []);
    assert_eq!(said(numbered(21)).len(), 1);
}
