//! A collector that misbehaves on demand, and the handle's own promises.

use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use otelgate_harness::capture::otlp::encode;
use otelgate_harness::capture::{Span, SpanId, TraceId};
use otelgate_harness::standins::{Collector, Fault, collector};
use prost::Message;
use reqwest::StatusCode;
use tonic::Code;
use tonic::transport::Channel;
use tonic_types::StatusExt;

use super::support::http;

fn spans(count: u8) -> Vec<Span> {
    (1..=count).map(|n| Span { trace_id: TraceId([n; 16]), span_id: SpanId([n; 8]), ..Span::default() }).collect()
}

async fn post(collector: &Collector, spans: &[Span]) -> reqwest::Result<reqwest::Response> {
    let request = http::client().post(collector.http_url() + "/v1/traces");
    request.header("content-type", "application/x-protobuf").body(encode::traces(spans).encode_to_vec()).send().await
}

async fn client(collector: &Collector) -> TraceServiceClient<Channel> {
    TraceServiceClient::connect(collector.grpc_url()).await.unwrap()
}

#[tokio::test]
async fn an_http_status_and_when_to_come_back() {
    let collector = collector().run().await.unwrap();
    let fault = Fault { status: Some(503), retry_after: Some(7), times: Some(1), ..Fault::default() };
    collector.faults().add(Fault { on: Some("traces".to_owned()), message: Some("full".to_owned()), ..fault });

    let first = post(&collector, &spans(1)).await.unwrap();
    let second = post(&collector, &spans(1)).await.unwrap();

    assert_eq!((first.status(), second.status()), (StatusCode::SERVICE_UNAVAILABLE, StatusCode::OK));
    assert_eq!(first.headers()["retry-after"], "7");
    let status = tonic_types::Status::decode(first.bytes().await.unwrap()).unwrap();
    assert_eq!((status.code, status.message.as_str()), (Code::Unavailable as i32, "full"));
    assert_eq!(collector.counts().spans, 1);
    assert_eq!(collector.refusals(), [], "a fault that was asked for is no refusal");
}

#[tokio::test]
async fn a_grpc_code_and_when_to_come_back() {
    let collector = collector().run().await.unwrap();
    let code = Code::Unavailable as i32;
    collector.faults().add(Fault {
        status: Some(u16::try_from(code).unwrap()),
        retry_after: Some(7),
        times: Some(1),
        ..Fault::default()
    });
    let mut client = client(&collector).await;

    let first = client.export(encode::traces(&spans(1))).await.unwrap_err();
    client.export(encode::traces(&spans(1))).await.unwrap();

    assert_eq!(first.code(), Code::Unavailable);
    let retry = first.get_details_retry_info().unwrap();
    assert_eq!(retry.retry_delay, Some(Duration::from_secs(7)));
    assert_eq!(collector.counts().spans, 1);
    assert_eq!(collector.refusals(), []);
}

#[tokio::test]
async fn partial_success_is_reported_on_every_transport() {
    let collector = collector().run().await.unwrap();
    collector.faults().add(Fault { reject: Some(2), message: Some("too odd".to_owned()), ..Fault::default() });

    let over_grpc = client(&collector).await.export(encode::traces(&spans(3))).await.unwrap().into_inner();
    let over_http = post(&collector, &spans(3)).await.unwrap().bytes().await.unwrap();
    let request = http::client().post(collector.http_url() + "/v1/logs").header("content-type", "application/json");
    let over_json: serde_json::Value = request.body("{}").send().await.unwrap().json().await.unwrap();

    let partial = over_grpc.partial_success.clone().unwrap();
    assert_eq!((partial.rejected_spans, partial.error_message.as_str()), (2, "too odd"));
    assert_eq!(over_http, over_grpc.encode_to_vec());
    let wanted = serde_json::json!({"partialSuccess": {"rejectedLogRecords": "2", "errorMessage": "too odd"}});
    assert_eq!(over_json, wanted);
}

#[tokio::test]
async fn a_cut_closes_the_connection_without_an_answer() {
    let collector = collector().run().await.unwrap();
    collector.faults().add(Fault { cut: true, times: Some(2), ..Fault::default() });

    let over_http = post(&collector, &spans(1)).await;
    let over_grpc = client(&collector).await.export(encode::traces(&spans(1))).await;

    assert!(over_http.is_err_and(|error| error.status().is_none()));
    assert_eq!(over_grpc.unwrap_err().code(), Code::Unknown);
    assert_eq!(collector.counts().spans, 0);
    assert_eq!(post(&collector, &spans(1)).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_delay_answers_late_and_well() {
    let collector = collector().run().await.unwrap();
    collector.faults().add(Fault { delay_ms: Some(50), ..Fault::default() });
    let begun = Instant::now();

    let response = post(&collector, &spans(1)).await.unwrap();

    assert_eq!(response.status(), StatusCode::OK);
    assert!(begun.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn a_waiter_wakes_when_the_spans_are_there() {
    let collector = collector().run().await.unwrap();
    let mut changed = collector.changed();

    let sent = spans(2);
    let (waited, sent) = tokio::join!(changed.wait_for(|counts| counts.spans >= 2), post(&collector, &sent));

    assert_eq!(waited.unwrap().spans, 2);
    assert_eq!(sent.unwrap().status(), StatusCode::OK);
    assert_eq!(collector.inspect(|received| received.spans.len()), 2);
}

#[tokio::test]
async fn taking_leaves_nothing_and_forgets_no_count() {
    let collector = collector().run().await.unwrap();
    post(&collector, &spans(2)).await.unwrap();

    let taken = collector.take();

    assert_eq!(taken.spans, spans(2));
    assert!(collector.received().spans.is_empty());
    assert_eq!(collector.counts().spans, 2);
}

#[tokio::test]
async fn nobody_connected_to_a_collector_left_alone() {
    let collector = collector().run().await.unwrap();

    let before = collector.connections();
    post(&collector, &spans(1)).await.unwrap();

    assert_eq!((before, collector.connections()), (0, 1));
}

#[tokio::test]
async fn dropping_the_handle_closes_ports_and_connections() {
    let collector = collector().run().await.unwrap();
    let url = collector.http_url();
    let mut client = client(&collector).await;
    client.export(encode::traces(&spans(1))).await.unwrap();

    drop(collector);

    client.export(encode::traces(&spans(1))).await.unwrap_err();
    assert!(http::client().get(url).send().await.is_err());
}
