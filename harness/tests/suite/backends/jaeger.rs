//! Jaeger's query API.

use otelgate_harness::backends::{BackEndErrorKind, Jaeger};
use otelgate_harness::capture::TraceId;

use super::{answering, nowhere, recorded};

const TRACE: &str = "5b8efff798038103d269b633813fc60c";

fn id() -> TraceId {
    TraceId::from_hex(TRACE).unwrap()
}

async fn asked(status: u16, body: &str) -> Result<usize, String> {
    let server = answering(&format!("/api/v3/traces/{TRACE}"), status, body).await;
    let jaeger = Jaeger::new(&server.uri()).unwrap();
    jaeger.trace(id()).await.map(|spans| spans.len()).map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_trace_is_read_as_it_is_stored() {
    let server = answering(&format!("/api/v3/traces/{TRACE}"), 200, &recorded("jaeger/trace.json")).await;

    let spans = Jaeger::new(&server.uri()).unwrap().trace(id()).await.unwrap();

    assert_eq!(spans.len(), 8);
    assert!(spans.iter().all(|span| span.origin.resource.attributes.str("service.name") == Some("rag-service")));
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests[0].url.query(), Some("raw_traces=true"));
}

#[tokio::test]
async fn a_trace_it_does_not_know_has_no_spans() {
    let unknown = r#"{"error":{"httpCode":404,"message":"No traces found"}}"#;

    assert_eq!(asked(404, unknown).await, Ok(0));
}

#[tokio::test]
async fn a_404_of_another_server_is_an_error() {
    let error = asked(404, "<html>nginx</html>").await.unwrap_err();

    assert!(error.contains("answered 404, beginning \"<html>nginx</html>\""), "{error}");
    assert!(error.contains(TRACE), "{error}");
}

#[tokio::test]
async fn what_is_no_otlp_is_an_error_with_its_beginning() {
    let error = asked(200, "{\"data\":[]}").await.unwrap_err();

    assert!(error.contains("neither `result` nor `resourceSpans` in it, beginning \"{\\\"data\\\":[]}\""), "{error}");
}

#[tokio::test]
async fn a_long_body_is_quoted_in_part() {
    let error = asked(500, &"ä".repeat(10_000)).await.unwrap_err();

    assert!(error.len() < 600, "{} bytes", error.len());
    assert!(error.contains("answered 500"), "{error}");
}

#[tokio::test]
async fn nobody_at_the_address_is_told_and_may_pass() {
    let url = nowhere().await;

    let error = Jaeger::new(&url).unwrap().services().await.unwrap_err();

    assert!(error.is_passing());
    assert!(
        error.to_string().starts_with(&format!("Jaeger, asked at {url}/api/v3/services: nobody answers (")),
        "{error}"
    );
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_at_once() {
    for address in ["localhost:16686", "not a url", "ftp://host/"] {
        let error = Jaeger::new(address).unwrap_err();
        assert!(matches!(error.kind, BackEndErrorKind::Url(_)), "{error}");
        assert!(error.to_string().contains("write it like http://"), "{error}");
    }
}

#[tokio::test]
async fn a_password_in_the_address_is_used_and_not_shown() {
    let server = answering("/prefix/api/v3/services", 403, "").await;
    let url = server.uri().replace("http://", "http://user:secret@") + "/prefix";

    let jaeger = Jaeger::new(&url).unwrap();
    let error = jaeger.services().await.unwrap_err().to_string();

    assert!(!error.contains("secret") && !jaeger.url().contains("secret"), "{error}");
    assert!(error.contains("answered 403, without a body; give user and password in the URL"), "{error}");
    let requests = server.received_requests().await.unwrap();
    assert!(requests[0].headers.contains_key("authorization"), "{requests:?}");
}

#[tokio::test]
async fn services_are_listed() {
    let server = answering("/api/v3/services", 200, r#"{"services":["a","b"]}"#).await;

    assert_eq!(Jaeger::new(&server.uri()).unwrap().services().await.unwrap(), ["a", "b"]);
}

#[tokio::test]
async fn no_services_are_none() {
    // What Jaeger answers before it has any span.
    let server = answering("/api/v3/services", 200, "{}").await;

    assert_eq!(Jaeger::new(&server.uri()).unwrap().services().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn the_version_is_that_of_its_page() {
    let page = "<pre>\nJAEGER_VERSION = {\"gitCommit\":\"\",\"gitVersion\":\"v2.13.0\",\"buildDate\":\"\"};\n</pre>";
    let server = answering("/", 200, page).await;

    assert_eq!(Jaeger::new(&server.uri()).unwrap().version().await.unwrap().as_deref(), Some("2.13.0"));
}

#[tokio::test]
async fn a_search_asks_for_the_attribute_and_gives_ids() {
    let server = answering(
        "/api/traces",
        200,
        &format!(r#"{{"data":[{{"traceID":"{TRACE}","spans":[]}},{{"traceID":"1f"}}]}}"#),
    )
    .await;

    let jaeger = Jaeger::new(&server.uri()).unwrap();
    let ids = jaeger.find("rag-service", ("otelgate.run.id", "r1"), 1_000, 2_001).await.unwrap();

    assert_eq!(ids, [id(), TraceId::from_hex(&format!("{:0>32}", "1f")).unwrap()]);
    let requests = server.received_requests().await.unwrap();
    let query: Vec<(String, String)> = requests[0].url.query_pairs().into_owned().collect();
    let wanted = [
        ("service", "rag-service"),
        ("tags", r#"{"otelgate.run.id":"r1"}"#),
        ("start", "1"),
        ("end", "3"),
        ("limit", "10000"),
    ];
    assert_eq!(query, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn a_search_that_reached_its_limit_is_an_error() {
    let traces = vec![format!(r#"{{"traceID":"{TRACE}"}}"#); 10_000].join(",");
    let server = answering("/api/traces", 200, &format!(r#"{{"data":[{traces}]}}"#)).await;

    let error = Jaeger::new(&server.uri()).unwrap().find("a", ("b", "c"), 0, 1).await.unwrap_err();

    assert!(error.to_string().contains("the most it may"), "{error}");
}
