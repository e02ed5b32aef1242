//! The context, in and out.

use axum::{body::Body, http::Request};
use opentelemetry::trace::SpanId;

use crate::{
    fakes::header,
    fixture::{Fixture, question},
};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

fn ask_with(headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::post("/api/rag");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(question("telemetry").to_string())).unwrap()
}

fn sampled() -> String {
    format!("00-{TRACE}-{PARENT}-01")
}

#[tokio::test]
async fn a_request_continues_the_trace_it_came_with() {
    let fixture = Fixture::with_documents(&[]).await;

    fixture.send(ask_with(&[("traceparent", &sampled())])).await;

    let traces = fixture.traces();
    assert!(traces.all().iter().all(|span| span.span_context.trace_id().to_string() == TRACE));
    assert_eq!(traces.span("POST /api/rag").parent_span_id.to_string(), PARENT);
}

#[tokio::test]
async fn every_dependency_gets_the_span_of_its_call_as_parent() {
    let fixture = Fixture::with_documents(&[]).await;
    fixture.model.received.lock().unwrap().clear();
    fixture.qdrant.received.lock().unwrap().clear();

    fixture.send(ask_with(&[("traceparent", &sampled()), ("baggage", "tenant=blue")])).await;

    let traces = fixture.traces();
    let parents = |name: &str| -> Vec<Option<String>> {
        let spans = traces.all().iter().filter(|span| span.name == name);
        spans.map(|span| Some(format!("00-{TRACE}-{}-01", span.span_context.span_id()))).collect()
    };
    assert_eq!(header(&fixture.model.received, "traceparent"), parents("POST"));
    assert_eq!(header(&fixture.qdrant.received, "traceparent"), parents("query rag_documents"));
    let baggage = Some("tenant=blue".to_owned());
    assert_eq!(header(&fixture.model.received, "baggage"), [baggage.clone(), baggage.clone()]);
    assert_eq!(header(&fixture.qdrant.received, "baggage"), [baggage]);
}

#[tokio::test]
async fn a_header_that_cannot_be_read_starts_a_new_trace() {
    let fixture = Fixture::with_documents(&[]).await;

    for malformed in
        ["", "00-zz-zz-01", &format!("00-{TRACE}-{PARENT}"), "00-00000000000000000000000000000000-00f067aa0ba902b7-01"]
    {
        fixture.send(ask_with(&[("traceparent", malformed)])).await;

        let traces = fixture.traces();
        let root = traces.all().iter().rfind(|span| span.name == "POST /api/rag").unwrap();
        assert_eq!(root.parent_span_id, SpanId::INVALID, "{malformed}");
        assert_ne!(root.span_context.trace_id().to_string(), TRACE, "{malformed}");
    }
}

#[tokio::test]
async fn an_unsampled_parent_is_passed_on_unsampled_and_nothing_is_kept() {
    let fixture = Fixture::with_documents(&[]).await;
    fixture.model.received.lock().unwrap().clear();

    fixture.send(ask_with(&[("traceparent", &format!("00-{TRACE}-{PARENT}-00"))])).await;

    assert_eq!(fixture.traces().len(), 0);
    for sent in header(&fixture.model.received, "traceparent") {
        let sent = sent.unwrap();
        assert!(sent.starts_with(&format!("00-{TRACE}-")) && sent.ends_with("-00"), "{sent}");
    }
    let queries = fixture.sample("rag_query_duration_seconds_count{cache_hit=\"false\"}").await;
    assert!((queries - 1.0).abs() < f64::EPSILON, "measured all the same");
}

#[tokio::test]
async fn only_the_chosen_propagators_work() {
    let fixture = Fixture::with_documents(&[("OTEL_PROPAGATORS", "baggage")]).await;
    fixture.model.received.lock().unwrap().clear();

    fixture.send(ask_with(&[("traceparent", &sampled()), ("baggage", "tenant=blue")])).await;

    assert_eq!(header(&fixture.model.received, "traceparent"), [None, None]);
    assert_eq!(header(&fixture.model.received, "baggage")[0].as_deref(), Some("tenant=blue"));
}
