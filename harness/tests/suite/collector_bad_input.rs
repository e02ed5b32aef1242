//! What the collector refuses, how, and that it keeps a note of it.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use otelgate_harness::capture::otlp::{encode, json};
use otelgate_harness::capture::{Span, SpanId, TraceId};
use otelgate_harness::standins::{Collector, Received, Transport, collector};
use prost::Message;
use reqwest::{Method, Response, StatusCode};
use tonic::Code;

use super::support::http;

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

fn span() -> Span {
    Span { trace_id: TraceId([1; 16]), span_id: SpanId([2; 8]), name: "a span".into(), ..Span::default() }
}

fn protobuf() -> Vec<u8> {
    encode::traces(&[span()]).encode_to_vec()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(bytes).unwrap();
    gz.finish().unwrap()
}

async fn post(collector: &Collector, path: &str, content_type: &str, body: impl Into<reqwest::Body>) -> Response {
    post_encoded(collector, path, content_type, "identity", body).await
}

async fn post_encoded(
    collector: &Collector,
    path: &str,
    content_type: &str,
    encoding: &str,
    body: impl Into<reqwest::Body>,
) -> Response {
    let request = http::client()
        .post(collector.http_url() + path)
        .header("content-type", content_type)
        .header("content-encoding", encoding)
        .body(body);
    request.send().await.unwrap()
}

/// The answer is a `google.rpc.Status` in the encoding of its request, and the refusal was noted with the same reason.
async fn is_refused(collector: &Collector, response: Response, status: StatusCode, transport: Transport, reason: &str) {
    assert_eq!(response.status(), status);
    let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    let body = response.bytes().await.unwrap();
    let message = match transport {
        Transport::HttpJson => {
            assert_eq!(content_type, JSON);
            let status: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert!(status["code"].is_i64());
            status["message"].as_str().unwrap().to_owned()
        }
        Transport::HttpProtobuf => {
            assert_eq!(content_type, PROTOBUF);
            let status = tonic_types::Status::decode(body).unwrap();
            assert_ne!(status.code, 0);
            status.message
        }
        _ => String::from_utf8(body.to_vec()).unwrap(),
    };
    assert!(message.contains(reason), "{message}");
    let refusals = collector.refusals();
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    assert_eq!((refusals[0].transport, refusals[0].reason.as_str()), (transport, message.as_str()));
    assert!(refusals[0].when > 1_700_000_000_000_000_000);
    assert_eq!(collector.counts().refusals, 1);
    assert_eq!(collector.counts().spans, 0);
}

#[tokio::test]
async fn truncated_protobuf_is_a_bad_request() {
    let collector = collector().run().await.unwrap();
    let whole = protobuf();

    let response = post(&collector, "/v1/traces", PROTOBUF, whole[..whole.len() - 3].to_vec()).await;

    is_refused(&collector, response, StatusCode::BAD_REQUEST, Transport::HttpProtobuf, "not the protobuf").await;
}

#[tokio::test]
async fn truncated_json_is_a_bad_request() {
    let collector = collector().run().await.unwrap();
    let whole = serde_json::to_string(&json::traces(&[span()])).unwrap();

    let response = post(&collector, "/v1/traces", JSON, whole[..whole.len() - 3].to_owned()).await;

    is_refused(&collector, response, StatusCode::BAD_REQUEST, Transport::HttpJson, "EOF while parsing").await;
}

#[tokio::test]
async fn json_that_is_no_utf8_is_a_bad_request() {
    let collector = collector().run().await.unwrap();

    let response = post(&collector, "/v1/logs", JSON, b"{\"x\": \"\xff\"}".to_vec()).await;

    is_refused(&collector, response, StatusCode::BAD_REQUEST, Transport::HttpJson, "not UTF-8").await;
}

#[tokio::test]
async fn an_id_of_the_wrong_length_is_a_bad_request() {
    let collector = collector().run().await.unwrap();
    let mut request = encode::traces(&[span()]);
    request.resource_spans[0].scope_spans[0].spans[0].span_id = vec![1; 9];

    let response = post(&collector, "/v1/traces", PROTOBUF, request.encode_to_vec()).await;

    let reason = "spanId has 9 bytes instead of 8";
    is_refused(&collector, response, StatusCode::BAD_REQUEST, Transport::HttpProtobuf, reason).await;
}

#[tokio::test]
async fn another_content_type_is_unsupported() {
    let collector = collector().run().await.unwrap();

    let response = post(&collector, "/v1/traces", "text/plain", protobuf()).await;

    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    is_refused(&collector, response, status, Transport::Http, "\"text/plain\" is not OTLP's").await;
}

#[tokio::test]
async fn another_content_encoding_is_unsupported() {
    let collector = collector().run().await.unwrap();

    let response = post_encoded(&collector, "/v1/traces", PROTOBUF, "zstd", protobuf()).await;

    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    is_refused(&collector, response, status, Transport::HttpProtobuf, "\"zstd\" is not supported").await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_too_large() {
    let collector = collector().with_max_body_bytes(64).run().await.unwrap();

    let response = post(&collector, "/v1/traces", PROTOBUF, vec![0; 65]).await;

    let status = StatusCode::PAYLOAD_TOO_LARGE;
    is_refused(&collector, response, status, Transport::HttpProtobuf, "larger than 64 bytes").await;
}

#[tokio::test]
async fn a_gzip_bomb_is_too_large() {
    let collector = collector().with_max_body_bytes(1 << 20).run().await.unwrap();
    let bomb = gzip(&vec![0; 32 << 20]);
    assert!(bomb.len() < 1 << 20);

    let response = post_encoded(&collector, "/v1/traces", PROTOBUF, "gzip", bomb).await;

    let status = StatusCode::PAYLOAD_TOO_LARGE;
    is_refused(&collector, response, status, Transport::HttpProtobuf, "the decompressed body is larger").await;
}

#[tokio::test]
async fn gzip_cut_short_is_a_bad_request() {
    let collector = collector().run().await.unwrap();
    let whole = gzip(&protobuf());

    let response = post_encoded(&collector, "/v1/traces", PROTOBUF, "gzip", whole[..whole.len() - 9].to_vec()).await;

    let status = StatusCode::BAD_REQUEST;
    is_refused(&collector, response, status, Transport::HttpProtobuf, "not the gzip it should be").await;
}

#[tokio::test]
async fn another_path_is_not_found() {
    let collector = collector().run().await.unwrap();

    let response = post(&collector, "/v1/trace", PROTOBUF, protobuf()).await;

    let status = StatusCode::NOT_FOUND;
    is_refused(&collector, response, status, Transport::HttpProtobuf, "no such path: /v1/trace").await;
}

#[tokio::test]
async fn another_method_is_not_allowed() {
    let collector = collector().run().await.unwrap();

    let request = http::client().request(Method::GET, collector.http_url() + "/v1/metrics");
    let response = request.send().await.unwrap();

    assert_eq!(response.headers()["allow"], "POST");
    let status = StatusCode::METHOD_NOT_ALLOWED;
    is_refused(&collector, response, status, Transport::Http, "GET /v1/metrics is not allowed").await;
}

#[tokio::test]
async fn an_empty_request_is_fine() {
    let collector = collector().run().await.unwrap();

    for path in ["/v1/traces", "/v1/metrics", "/v1/logs"] {
        let protobuf = post(&collector, path, PROTOBUF, Vec::new()).await;
        let json = post(&collector, path, "application/json; charset=utf-8", "{}").await;

        assert_eq!((protobuf.status(), json.status()), (StatusCode::OK, StatusCode::OK));
        assert_eq!(protobuf.headers()["content-type"], PROTOBUF);
        assert_eq!(json.headers()["content-type"], JSON);
        assert_eq!(json.text().await.unwrap(), "{}");
    }
    assert_eq!(collector.refusals(), []);
    assert!(collector.received() == Received::default());
}

#[tokio::test]
async fn a_refused_request_does_not_spoil_the_next() {
    let collector = collector().run().await.unwrap();
    let _ = post(&collector, "/v1/traces", PROTOBUF, vec![0xff; 9]).await;

    let response = post(&collector, "/v1/traces", PROTOBUF, protobuf()).await;

    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(collector.received().spans, [span()]);
}

/// A gRPC call with `message` as it is, framed, with headers of its own.
async fn grpc(collector: &Collector, path: &str, headers: &[(&str, &str)], frame: Vec<u8>) -> Response {
    let client = http::builder().http2_prior_knowledge().build().unwrap();
    let mut request = client.post(collector.grpc_url() + path).body(frame);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

fn frame(compressed: u8, message: &[u8]) -> Vec<u8> {
    let mut frame = vec![compressed];
    frame.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    frame.extend(message);
    frame
}

const EXPORT: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const GRPC: (&str, &str) = ("content-type", "application/grpc");

fn grpc_is_refused(collector: &Collector, response: &Response, code: Code, reason: &str) {
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["grpc-status"], (code as i32).to_string().as_str());
    let refusals = collector.refusals();
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    assert_eq!(refusals[0].transport, Transport::Grpc);
    assert!(refusals[0].reason.contains(reason), "{refusals:?}");
}

#[tokio::test]
async fn a_truncated_grpc_message_is_an_invalid_argument() {
    let collector = collector().run().await.unwrap();
    let whole = protobuf();

    let response = grpc(&collector, EXPORT, &[GRPC], frame(0, &whole[..whole.len() - 3])).await;

    grpc_is_refused(&collector, &response, Code::InvalidArgument, "not the protobuf");
}

#[tokio::test]
async fn a_grpc_message_over_the_limit_exhausts_the_resource() {
    let collector = collector().with_max_body_bytes(64).run().await.unwrap();

    let response = grpc(&collector, EXPORT, &[GRPC], frame(0, &[0; 65])).await;

    grpc_is_refused(&collector, &response, Code::ResourceExhausted, "65 bytes, the limit is: 64 bytes");
}

#[tokio::test]
async fn a_grpc_gzip_bomb_exhausts_the_resource() {
    let collector = collector().with_max_body_bytes(1 << 20).run().await.unwrap();
    let bomb = frame(1, &gzip(&vec![0; 32 << 20]));

    let response = grpc(&collector, EXPORT, &[GRPC, ("grpc-encoding", "gzip")], bomb).await;

    grpc_is_refused(&collector, &response, Code::ResourceExhausted, "size limit");
}

#[tokio::test]
async fn another_grpc_method_is_unimplemented() {
    let collector = collector().run().await.unwrap();

    let response =
        grpc(&collector, "/opentelemetry.proto.collector.trace.v1.TraceService/Import", &[GRPC], frame(0, b"")).await;

    grpc_is_refused(&collector, &response, Code::Unimplemented, "TraceService/Import");
}

#[tokio::test]
async fn another_grpc_encoding_is_unimplemented() {
    let collector = collector().run().await.unwrap();

    let response = grpc(&collector, EXPORT, &[GRPC, ("grpc-encoding", "zstd")], frame(1, b"x")).await;

    grpc_is_refused(&collector, &response, Code::Unimplemented, "zstd");
}

#[tokio::test]
async fn plain_http_on_the_grpc_port_is_told_so() {
    let collector = collector().run().await.unwrap();

    let request = http::client().post(collector.grpc_url() + EXPORT).header("content-type", PROTOBUF);
    let response = request.body(protobuf()).send().await.unwrap();

    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    is_refused(&collector, response, status, Transport::Http, "this port speaks OTLP/gRPC").await;
}

#[tokio::test]
async fn an_empty_grpc_request_is_fine() {
    let collector = collector().run().await.unwrap();

    let mut client = TraceServiceClient::connect(collector.grpc_url()).await.unwrap();
    let answer = client.export(ExportTraceServiceRequest::default()).await.unwrap();

    assert_eq!(answer.into_inner().partial_success, None);
    assert_eq!(collector.refusals(), []);
}
