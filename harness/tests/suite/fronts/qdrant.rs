//! In front of Qdrant.

use std::sync::Arc;
use std::time::Duration;

use ::http::{HeaderMap, HeaderValue};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use futures::StreamExt;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use otelgate_harness::capture::Exchange;
use otelgate_harness::standins::{self, Fault};
use qdrant_client::config::CompressionEncoding;
use qdrant_client::qdrant::{
    Condition, CreateCollectionBuilder, DeletePointsBuilder, Distance, Filter, GetPointsBuilder, PointStruct,
    QueryBatchPointsBuilder, QueryPointsBuilder, SearchBatchPointsBuilder, SearchPointsBuilder,
    SetPayloadPointsBuilder, UpsertPointsBuilder, VectorParamsBuilder,
};
use qdrant_client::{Payload, Qdrant, QdrantError};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;
use tonic::{Code, Status};

use crate::support::bed::Bed;
use crate::support::gate::Gate;
use crate::support::http;

const NAME: &str = "docs";

fn client(front: &standins::Qdrant) -> Qdrant {
    Qdrant::from_url(&front.url()).skip_compatibility_check().build().unwrap()
}

fn status(error: QdrantError) -> Status {
    match error {
        QdrantError::ResponseError { status } => status,
        other => panic!("not a gRPC status: {other:?}"),
    }
}

fn points(count: u64) -> Vec<PointStruct> {
    (1..=count).map(|id| PointStruct::new(id, vec![1.0, 0.5], Payload::new())).collect()
}

async fn fill(client: &Qdrant) {
    let vectors = VectorParamsBuilder::new(2, Distance::Dot);
    client.create_collection(CreateCollectionBuilder::new(NAME).vectors_config(vectors)).await.unwrap();
    client.upsert_points(UpsertPointsBuilder::new(NAME, points(3)).wait(true)).await.unwrap();
}

/// A server of one's own making, and a front before it.
async fn made_up(router: Router) -> (standins::Qdrant, String, AbortOnDropHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let front = standins::qdrant().in_front_of(&url).run().await.unwrap();
    (front, url, AbortOnDropHandle::new(serving))
}

fn http2() -> reqwest::Client {
    http::builder().http2_prior_knowledge().build().unwrap()
}

/// A gRPC message as it stands in a body.
fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[0][..], &length, message].concat()
}

fn ok_trailers() -> Frame<Bytes> {
    Frame::trailers(HeaderMap::from_iter([("grpc-status".parse().unwrap(), HeaderValue::from_static("0"))]))
}

fn grpc_body(frames: Vec<Result<Frame<Bytes>, std::io::Error>>) -> Response {
    let body = Body::new(StreamBody::new(futures::stream::iter(frames)));
    Response::builder().header("content-type", "application/grpc").body(body).unwrap()
}

/// Everything a front could note otherwise than the stand-in.
async fn session(bed: Bed, gzip: bool) -> Vec<Exchange> {
    let server = bed.qdrant(standins::qdrant()).await;
    let config = Qdrant::from_url(&server.url()).compression(gzip.then_some(CompressionEncoding::Gzip));
    let client = config.api_key("key").skip_compatibility_check().build().unwrap();
    let on = |operation: &str, fault: Fault| Fault { on: Some(operation.to_owned()), times: Some(1), ..fault };
    server.faults().add(on("scroll", Fault { status: Some(8), ..Fault::default() }));
    server.faults().add(on("count", Fault { delay_ms: Some(5), ..Fault::default() }));
    let query = || QueryPointsBuilder::new(NAME).query(vec![1.0, 1.0]).with_payload(true);
    let search = || SearchPointsBuilder::new(NAME, vec![1.0, 1.0], 2);
    let payload = || SetPayloadPointsBuilder::new(NAME, Payload::new()).wait(true);

    fill(&client).await;
    client.query(query()).await.unwrap();
    client
        .query_batch(QueryBatchPointsBuilder::new(NAME, vec![query().into(), query().limit(1).into()]))
        .await
        .unwrap();
    client.search_points(search()).await.unwrap();
    client.search_batch_points(SearchBatchPointsBuilder::new(NAME, vec![search().build(); 2])).await.unwrap();
    client.get_points(GetPointsBuilder::new(NAME, vec![1.into(), 9.into()])).await.unwrap();
    client.scroll(qdrant_client::qdrant::ScrollPointsBuilder::new(NAME)).await.unwrap_err();
    client.scroll(qdrant_client::qdrant::ScrollPointsBuilder::new(NAME)).await.unwrap();
    client.count(qdrant_client::qdrant::CountPointsBuilder::new(NAME)).await.unwrap();
    client.set_payload(payload().points_selector([1, 2])).await.unwrap();
    client.overwrite_payload(payload().points_selector([1])).await.unwrap();
    client.set_payload(payload().points_selector([9])).await.unwrap_err();
    client.query(QueryPointsBuilder::new("nowhere").query(vec![1.0, 0.0])).await.unwrap_err();
    client.list_aliases().await.unwrap_err();
    client.health_check().await.unwrap();

    server.exchanges().into_iter().map(|exchange| Exchange { start: 0, end: 0, ..exchange }).collect()
}

#[tokio::test]
async fn exchanges_are_those_of_the_stand_in_alone() {
    for gzip in [false, true] {
        let alone = session(Bed::Alone, gzip).await;
        let through_a_front = session(Bed::ThroughAFront, gzip).await;

        assert_eq!(alone.len(), 16);
        assert!(alone.iter().filter(|exchange| !exchange.facts.is_empty()).count() >= 9, "{alone:#?}");
        assert_eq!(alone, through_a_front);
    }
}

#[tokio::test]
async fn how_many_points_a_filter_or_a_delete_meant_is_not_made_up() {
    let server = Bed::ThroughAFront.qdrant(standins::qdrant()).await;
    let client = client(&server);
    fill(&client).await;
    let all = || Filter::must_not([Condition::has_id([77])]);

    let payload = SetPayloadPointsBuilder::new(NAME, Payload::new());
    client.set_payload(payload.points_selector(all()).wait(true)).await.unwrap();
    client.delete_points(DeletePointsBuilder::new(NAME).points([1, 77]).wait(true)).await.unwrap();

    let exchanges = server.exchanges();
    for exchange in &exchanges[exchanges.len() - 2..] {
        assert_eq!((exchange.status, exchange.facts.len()), (Some(0), 0), "{exchange:?}");
    }
}

#[tokio::test]
async fn metadata_passes_and_the_real_server_sees_no_fault() {
    let server = Bed::ThroughAFront.qdrant(standins::qdrant()).await;
    let config = Qdrant::from_url(&server.url()).api_key("secret").skip_compatibility_check();
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let client = config.build().unwrap().with_header("traceparent", traceparent).with_header("tracestate", "a=b");
    server.faults().add(Fault { times: Some(1), status: Some(8), ..Fault::default() });

    client.list_collections().await.unwrap_err();
    client.list_collections().await.unwrap();

    let arrived = server.behind().exchanges();
    assert_eq!(arrived.len(), 1, "{arrived:?}");
    let headers = &arrived[0].request_headers;
    assert_eq!((headers["api-key"].as_str(), headers["traceparent"].as_str()), ("secret", traceparent));
    assert_eq!(headers["tracestate"], "a=b");
    assert_eq!(server.exchanges().len(), 2);
}

#[tokio::test]
async fn a_megabyte_of_payload_passes_both_ways() {
    let server = Bed::ThroughAFront.qdrant(standins::qdrant()).await;
    let client = client(&server);
    fill(&client).await;
    let text = "x".repeat(1_000_000);
    let payload = Payload::from([("text", text.clone().into())]);

    let point = PointStruct::new(9, vec![9.0, 9.0], payload);
    client.upsert_points(UpsertPointsBuilder::new(NAME, vec![point]).wait(true)).await.unwrap();
    let get = GetPointsBuilder::new(NAME, vec![9.into()]).with_payload(true);
    let found = client.get_points(get).await.unwrap().result;

    assert_eq!(found[0].payload["text"].as_str().unwrap(), &text);
}

#[tokio::test]
async fn methods_and_bytes_nobody_here_knows_pass_unchanged() {
    let echo = |request: Request| async {
        let trace = request.headers()["traceparent"].clone();
        let body = request.into_body().collect().await.unwrap().to_bytes();
        let mut response = grpc_body(vec![Ok(Frame::data(body)), Ok(ok_trailers())]);
        response.headers_mut().insert("seen", trace);
        response
    };
    let (front, _, _serving) = made_up(Router::new().fallback(echo)).await;
    // Field 1000, which no message of Qdrant's has.
    let message = framed(b"\xc2\x3e\x07unknown");

    for path in ["/qdrant.Points/NotYetInvented", "/qdrant.Points/Query", "/grpc.reflection.v1.ServerReflection/Info"] {
        let request = http2().post(front.url() + path).header("content-type", "application/grpc");
        let response =
            request.header("traceparent", "t").header("te", "trailers").body(message.clone()).send().await.unwrap();

        assert_eq!(response.headers()["seen"], "t");
        assert_eq!(response.bytes().await.unwrap(), message, "{path}");
        let exchange = front.exchanges().pop().unwrap();
        assert_eq!((exchange.method.as_str(), exchange.status), (path, Some(0)));
    }
}

#[tokio::test]
async fn a_stream_passes_piece_by_piece() {
    let (first, second) = (framed(b"first"), framed(b"second"));
    let more = Arc::new(tokio::sync::Notify::new());
    let (frames, wait) = ([first.clone(), second.clone()], Arc::clone(&more));
    let watch = move || async move {
        let [first, second] = frames;
        let later = futures::stream::once(async move {
            wait.notified().await;
            Ok::<_, std::io::Error>(Frame::data(second.into()))
        });
        let frames = futures::stream::iter([Ok(Frame::data(first.into()))]).chain(later);
        let body = Body::new(StreamBody::new(frames.chain(futures::stream::iter([Ok(ok_trailers())]))));
        Response::builder().header("content-type", "application/grpc").body(body).unwrap()
    };
    let (front, _, _serving) = made_up(Router::new().fallback(watch)).await;

    let request = http2().post(front.url() + "/grpc.health.v1.Health/Watch").header("content-type", "application/grpc");
    let mut response = request.send().await.unwrap();

    assert_eq!(response.chunk().await.unwrap().unwrap(), first);
    assert_eq!(front.exchanges(), []);
    more.notify_one();
    assert_eq!(response.chunk().await.unwrap().unwrap(), second);
    assert_eq!(response.chunk().await.unwrap(), None);
    assert_eq!(front.exchanges()[0].status, Some(0));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable_and_may_come_later() {
    let gate = Gate::new();
    let address = gate.address();
    let front = standins::qdrant().in_front_of(format!("http://{address}")).run().await.unwrap();
    let client = client(&front);

    let refused = status(client.list_collections().await.unwrap_err());
    let real = standins::qdrant().run().await.unwrap();
    let _open = gate.open(&real.url());
    let answered = client.list_collections().await;

    assert_eq!(refused.code(), Code::Unavailable);
    let start = format!("Qdrant at http://{address} gave no answer: ");
    assert!(refused.message().starts_with(&start) && refused.message().contains("refused"), "{}", refused.message());
    let exchange = front.exchanges().remove(0);
    assert_eq!((exchange.status, exchange.response_body.as_str()), (Some(14), refused.message()));
    assert!(answered.is_ok(), "{answered:?}");
}

#[tokio::test]
async fn a_server_that_dies_under_a_call_is_unavailable() {
    let server = Bed::ThroughAFront.qdrant(standins::qdrant()).await;
    server.behind().faults().add(Fault { cut: true, ..Fault::default() });

    let broken = status(client(&server).list_collections().await.unwrap_err());

    assert_eq!(broken.code(), Code::Unavailable);
    assert!(broken.message().contains(&server.behind().url()), "{}", broken.message());
    let exchange = server.exchanges().pop().unwrap();
    assert_eq!((exchange.status, exchange.response_body.as_str()), (Some(14), broken.message()));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_unavailable_and_never_half_there() {
    let half = || Ok(Frame::data(Bytes::from_static(&[0, 0, 0, 0, 9, 1])));
    let reset = || Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted));
    for (broken, why) in [(false, "without a gRPC status"), (true, "gave no answer")] {
        let frames = move || if broken { vec![half(), reset()] } else { vec![half()] };
        let answer = move || async move { grpc_body(frames()) };
        let (front, url, _serving) = made_up(Router::new().fallback(answer)).await;

        let broken = status(client(&front).list_collections().await.unwrap_err());
        let request = http2().post(front.url() + "/some.Other/Method").header("content-type", "application/grpc");
        let streamed = request.send().await.unwrap().bytes().await;

        assert_eq!(broken.code(), Code::Unavailable);
        assert!(broken.message().contains(&url) && broken.message().contains(why), "{}", broken.message());
        assert!(streamed.is_ok(), "the status comes in the trailers");
        let statuses: Vec<_> = front.exchanges().iter().map(|exchange| exchange.status).collect();
        assert_eq!(statuses[statuses.len() - 2..], [Some(14); 2]);
    }
}

#[tokio::test]
async fn a_server_of_another_protocol_is_named() {
    let redis = standins::redis().run().await.unwrap();
    let url = redis.url().replace("redis", "http");
    let front = standins::qdrant().in_front_of(&url).run().await.unwrap();

    let refused = status(client(&front).list_collections().await.unwrap_err());

    assert_eq!(refused.code(), Code::Unavailable);
    assert!(refused.message().contains(&url), "{}", refused.message());
    assert!(refused.message().ends_with("(is that its gRPC address?)"), "{}", refused.message());
}

#[tokio::test]
async fn a_client_that_gives_up_leaves_the_real_server_too() {
    let server = Bed::ThroughAFront.qdrant(standins::qdrant()).await;
    server.behind().faults().add(Fault { delay_ms: Some(3_600_000), ..Fault::default() });
    let client = client(&server);

    let gave_up = tokio::time::timeout(Duration::from_millis(50), client.list_collections()).await;
    let left = |server: &standins::Qdrant| server.exchanges().iter().any(|exchange| exchange.left);
    while !left(&server) || !left(server.behind()) {
        tokio::task::yield_now().await;
    }

    assert!(gave_up.is_err());
}

#[tokio::test]
async fn what_is_not_grpc_is_told_so() {
    let server = Bed::ThroughAFront.qdrant(standins::qdrant()).await;

    let response = http::client().get(server.url() + "/collections").send().await.unwrap();

    assert_eq!(response.status(), 415);
    assert_eq!(response.text().await.unwrap(), "not a gRPC request: this is the gRPC port of Qdrant");
    assert_eq!(server.behind().exchanges(), []);
}

#[tokio::test]
async fn a_url_that_is_none_is_refused_with_an_example() {
    for (url, why) in [
        ("http://", "it is not a URL"),
        ("127.0.0.1:6334", "it has no scheme"),
        ("grpc://127.0.0.1:6334", "`grpc` is not a scheme it speaks"),
    ] {
        let error = standins::qdrant().in_front_of(url).run().await.unwrap_err();

        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
        let text = error.to_string();
        assert!(text.contains(why) && text.ends_with("write it like `http://127.0.0.1:6334`"), "{url:?}: {text}");
    }
}
