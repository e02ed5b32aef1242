//! In front of a back end: what goes on to it.

use std::io::Write;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::BodyExt;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use otelgate_harness::capture::build::{Builder, span};
use otelgate_harness::capture::otlp::{encode, json};
use otelgate_harness::capture::{Span, SpanId, StatusCode, TraceId};
use otelgate_harness::standins::{Account, Collector, Fault, Signal, collector};
use prost::Message;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;
use tonic::codec::CompressionEncoding;

use crate::support::http;

pub(super) const SOON: std::time::Duration = std::time::Duration::from_secs(30);

pub(super) async fn two() -> (Collector, Collector) {
    let back_end = collector().run().await.unwrap();
    let front = collector().in_front_of(back_end.grpc_url()).run().await.unwrap();
    (front, back_end)
}

/// Spans that have all a span can have.
pub(super) fn spans(count: u8) -> Vec<Span> {
    let mut tree = span("root").attribute("k", "v").event("e").link();
    for _ in 1..count {
        tree = tree.child(span("child").attribute("n", 42).status(StatusCode::Error));
    }
    Builder::new().sampled("scenario", tree).build().spans
}

pub(super) async fn send(front: &Collector, spans: &[Span]) -> u16 {
    post(front, "/v1/traces", "application/x-protobuf", encode::traces(spans).encode_to_vec(), false).await
}

async fn post(front: &Collector, path: &str, kind: &str, body: Vec<u8>, gzip: bool) -> u16 {
    let mut request = http::client().post(front.http_url() + path).header("content-type", kind);
    let mut body = body;
    if gzip {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&body).unwrap();
        body = encoder.finish().unwrap();
        request = request.header("content-encoding", "gzip");
    }
    request.body(body).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn every_transport_arrives_as_it_was_captured() {
    let (front, back_end) = two().await;
    let sent = spans(4);
    let json = serde_json::to_vec(&json::traces(&sent)).unwrap();
    let protobuf = encode::traces(&sent).encode_to_vec();

    for gzip in [false, true] {
        assert_eq!(post(&front, "/v1/traces", "application/x-protobuf", protobuf.clone(), gzip).await, 200);
        assert_eq!(post(&front, "/v1/traces", "application/json", json.clone(), gzip).await, 200);
        let mut client = TraceServiceClient::connect(front.grpc_url()).await.unwrap();
        if gzip {
            client = client.send_compressed(CompressionEncoding::Gzip);
        }
        client.export(encode::traces(&sent)).await.unwrap();
    }

    assert!(front.settled(SOON).await);
    let (captured, arrived) = (front.received(), back_end.received());
    assert_eq!(captured.spans, vec![sent; 6].concat());
    assert_eq!(arrived, captured);
    let onward = front.onward().unwrap();
    assert_eq!(onward.url, back_end.grpc_url());
    assert_eq!(onward.spans, Account { handed_on: 24, accepted: 24, lost: Vec::new() });
    assert_eq!(onward.spans.in_flight(), 0);
}

/// A back end that shows the bytes of each request.
async fn bytes() -> (String, mpsc::UnboundedReceiver<Bytes>, AbortOnDropHandle<()>) {
    let (seen, bodies) = mpsc::unbounded_channel();
    let keep = |State(seen): State<mpsc::UnboundedSender<Bytes>>, request: Request| async move {
        assert_eq!(request.uri().path(), "/opentelemetry.proto.collector.trace.v1.TraceService/Export");
        seen.send(request.into_body().collect().await.unwrap().to_bytes()).unwrap();
        let response = Response::builder().header("content-type", "application/grpc").header("grpc-status", "0");
        response.body(axum::body::Body::empty()).unwrap()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(keep).with_state(seen);
    let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, bodies, AbortOnDropHandle::new(serving))
}

#[tokio::test]
async fn protobuf_goes_on_as_the_bytes_it_came_as() {
    let (url, mut bodies, _serving) = bytes().await;
    let front = collector().in_front_of(url).run().await.unwrap();
    let mut body = encode::traces(&spans(2)).encode_to_vec();
    // Field 1000, which no message of OTLP has.
    body.extend_from_slice(b"\xc2\x3e\x07unknown");

    assert_eq!(post(&front, "/v1/traces", "application/x-protobuf", body.clone(), true).await, 200);

    assert_eq!(bodies.recv().await.unwrap()[5..], body);
}

#[tokio::test]
async fn what_is_refused_does_not_go_on() {
    let (front, back_end) = two().await;
    front.faults().add(Fault { on: Some("traces".to_owned()), times: Some(1), status: Some(503), ..Fault::default() });

    let by_a_fault = send(&front, &spans(1)).await;
    let as_nonsense = post(&front, "/v1/traces", "application/x-protobuf", vec![0xff; 9], false).await;
    let accepted = send(&front, &spans(1)).await;

    assert_eq!((by_a_fault, as_nonsense, accepted), (503, 400, 200));
    assert!(front.settled(SOON).await);
    assert_eq!(back_end.counts().spans, 1);
    assert_eq!(back_end.refusals(), []);
    assert_eq!(front.onward().unwrap().spans.handed_on, 1);
}

#[tokio::test]
async fn metrics_and_logs_go_on_only_when_asked_to() {
    let back_end = collector().run().await.unwrap();
    let url = back_end.grpc_url();
    let traces = collector().in_front_of(&url).run().await.unwrap();
    let others =
        collector().in_front_of(&url).with_onward_signals([Signal::Metrics, Signal::Logs]).run().await.unwrap();
    let metrics = r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[{"asInt":"1"},{"asInt":"2","attributes":[{"key":"a","value":{"stringValue":"b"}}]}]}}]}]}]}"#;
    let logs =
        r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"hi"},"severityNumber":9}]}]}]}"#;

    for front in [&traces, &others] {
        assert_eq!(post(front, "/v1/metrics", "application/json", metrics.into(), false).await, 200);
        assert_eq!(post(front, "/v1/logs", "application/json", logs.into(), false).await, 200);
        assert_eq!(send(front, &spans(1)).await, 200);
        assert!(front.settled(SOON).await);
    }

    let arrived = back_end.received();
    assert_eq!((arrived.spans.len(), arrived.scrapes.len()), (1, 1));
    assert_eq!(arrived.logs, others.received().logs);
    assert_eq!(arrived.scrapes[0].families, others.received().scrapes[0].families);
    let onward = others.onward().unwrap();
    assert_eq!((onward.spans.handed_on, onward.data_points.accepted, onward.log_records.accepted), (0, 2, 1));
}

#[tokio::test]
async fn a_collector_in_front_of_nothing_is_settled() {
    let alone = collector().run().await.unwrap();
    send(&alone, &spans(1)).await;

    assert!(alone.settled(SOON).await);
    assert_eq!(alone.onward(), None);
}

#[tokio::test]
async fn a_request_can_be_lost_in_between_without_anybody_knowing() {
    let (front, back_end) = two().await;
    let lose = |fault| Fault { on: Some("onward".to_owned()), times: Some(1), ..fault };
    // Concerns the client alone, although it names no operation.
    front.faults().add(Fault { delay_ms: Some(1), ..Fault::default() });
    front.faults().add(lose(Fault { cut: true, ..Fault::default() }));
    front.faults().add(lose(Fault { status: Some(200), ..Fault::default() }));
    front.faults().add(lose(Fault { delay_ms: Some(20), ..Fault::default() }));
    let traces: Vec<Span> =
        (1..=4).map(|n| Span { trace_id: TraceId([n; 16]), span_id: SpanId([n; 8]), ..Span::default() }).collect();

    for trace in &traces {
        assert_eq!(send(&front, std::slice::from_ref(trace)).await, 200);
    }

    assert!(front.settled(SOON).await);
    assert_eq!(front.received().spans, traces);
    assert_eq!(back_end.received().spans, traces[2..]);
    assert_eq!(front.onward().unwrap().spans, Account { handed_on: 4, accepted: 4, lost: Vec::new() });
}

#[tokio::test]
async fn a_url_that_is_none_is_refused_with_an_example() {
    let error = collector().in_front_of("127.0.0.1:4317").run().await.unwrap_err();

    let wanted = "cannot stand in front of `127.0.0.1:4317`: it has no scheme; write it like `http://127.0.0.1:4317`";
    assert_eq!(error.to_string(), wanted);
}
