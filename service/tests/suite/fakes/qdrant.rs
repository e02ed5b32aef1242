//! A Qdrant that can make a collection, take points and find them by an exact search: gRPC by hand, over axum.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderValue, Response, Uri},
    routing::post,
    serve::ListenerExt as _,
};
use http_body_util::{BodyExt as _, Full};
use prost::Message;
use qdrant_client::qdrant::{
    CollectionExists, CollectionExistsResponse, CollectionOperationResponse, Filter, HealthCheckReply, PointStruct,
    PointsOperationResponse, Query, QueryPoints, QueryResponse, ScoredPoint, UpdateResult, UpsertPoints,
    condition::ConditionOneOf, r#match::MatchValue, point_id::PointIdOptions, query::Variant, value::Kind, vector,
    vector_input, vectors::VectorsOptions,
};
use tokio::net::TcpListener;

use super::{Received, Script};

pub(crate) enum Behaviour {
    /// A gRPC status.
    Fail(tonic::Code),
    Hang,
}

#[derive(Clone, Default)]
pub(crate) struct Qdrant {
    pub(crate) url: String,
    /// For all calls.
    pub(crate) script: Script<Behaviour>,
    pub(crate) received: Received,
    pub(crate) points: Arc<Mutex<BTreeMap<String, PointStruct>>>,
    exists: Arc<Mutex<bool>>,
}

impl Qdrant {
    pub(crate) async fn run() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let qdrant = Self { url: format!("http://{}", listener.local_addr().unwrap()), ..Self::default() };
        let router = Router::new().route("/{service}/{method}", post(call)).with_state(qdrant.clone());
        // As Qdrant has it. Its head, its message and its status are written one by one, and with Nagle's algorithm each
        // may wait 40 ms for the client's acknowledgement of the one before.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        tokio::spawn(async move { axum::serve(listener, router).await });
        qdrant
    }

    fn answer(&self, method: &str, message: &[u8]) -> Vec<u8> {
        match method {
            "/qdrant.Points/Query" => {
                let result = self.search(QueryPoints::decode(message).unwrap());
                QueryResponse { result, ..QueryResponse::default() }.encode_to_vec()
            }
            "/qdrant.Points/Upsert" => {
                let upsert = UpsertPoints::decode(message).unwrap();
                assert_eq!(upsert.wait, Some(true));
                self.points.lock().unwrap().extend(upsert.points.into_iter().map(|point| (id_of(&point), point)));
                let result = Some(UpdateResult::default());
                PointsOperationResponse { result, ..PointsOperationResponse::default() }.encode_to_vec()
            }
            "/qdrant.Points/CreateFieldIndex" => PointsOperationResponse::default().encode_to_vec(),
            "/qdrant.Collections/CollectionExists" => {
                let result = Some(CollectionExists { exists: *self.exists.lock().unwrap() });
                CollectionExistsResponse { result, ..CollectionExistsResponse::default() }.encode_to_vec()
            }
            "/qdrant.Collections/Create" => {
                *self.exists.lock().unwrap() = true;
                CollectionOperationResponse { result: true, ..CollectionOperationResponse::default() }.encode_to_vec()
            }
            "/qdrant.Qdrant/HealthCheck" => HealthCheckReply::default().encode_to_vec(),
            other => panic!("the fake does not know {other}"),
        }
    }

    fn search(&self, query: QueryPoints) -> Vec<ScoredPoint> {
        let topics = topics(query.filter);
        let asked = asked_vector(query.query.unwrap());
        let mut found: Vec<ScoredPoint> = self
            .points
            .lock()
            .unwrap()
            .values()
            .filter(|point| topics.contains(&topic_of(point)))
            .map(|point| ScoredPoint {
                id: point.id.clone(),
                payload: point.payload.clone(),
                score: cosine(&asked, &numbers(point)),
                ..ScoredPoint::default()
            })
            .collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found.truncate(usize::try_from(query.limit.unwrap()).unwrap());
        found
    }
}

/// A message is a flag, four bytes of length, and protobuf; the status comes after it, in the trailers.
async fn call(State(qdrant): State<Qdrant>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response<Body> {
    qdrant.received.lock().unwrap().push(headers);
    let response = Response::builder().header("content-type", "application/grpc");
    match qdrant.script.next() {
        Some(Behaviour::Hang) => std::future::pending().await,
        Some(Behaviour::Fail(code)) => {
            let response = response.header("grpc-status", i32::from(code));
            response.header("grpc-message", "upstream-body-canary").body(Body::empty()).unwrap()
        }
        None => {
            let message = qdrant.answer(uri.path(), &body[5..]);
            let length = u32::try_from(message.len()).unwrap().to_be_bytes();
            let framed = [&[0], length.as_slice(), &message].concat();
            let trailers = HeaderMap::from_iter([("grpc-status".parse().unwrap(), HeaderValue::from(0))]);
            let body = Full::from(framed).with_trailers(async { Some(Ok(trailers)) });
            response.body(Body::new(body)).unwrap()
        }
    }
}

fn topics(filter: Option<Filter>) -> Vec<String> {
    let condition = filter.unwrap().must.remove(0);
    let Some(ConditionOneOf::Field(field)) = condition.condition_one_of else { panic!("no field condition") };
    assert_eq!(field.key, "topic_id");
    match field.r#match.unwrap().match_value.unwrap() {
        MatchValue::Keywords(topics) => topics.strings,
        other => panic!("{other:?}"),
    }
}

fn id_of(point: &PointStruct) -> String {
    match point.id.clone().unwrap().point_id_options.unwrap() {
        PointIdOptions::Uuid(id) => id,
        PointIdOptions::Num(id) => panic!("{id}"),
    }
}

fn topic_of(point: &PointStruct) -> String {
    match point.payload["topic_id"].kind.clone() {
        Some(Kind::StringValue(topic)) => topic,
        other => panic!("{other:?}"),
    }
}

fn numbers(point: &PointStruct) -> Vec<f32> {
    let Some(VectorsOptions::Vector(vector)) = point.vectors.clone().unwrap().vectors_options else { panic!() };
    match vector.vector.unwrap() {
        vector::Vector::Dense(dense) => dense.data,
        other => panic!("{other:?}"),
    }
}

fn asked_vector(query: Query) -> Vec<f32> {
    let Some(Variant::Nearest(input)) = query.variant else { panic!() };
    match input.variant.unwrap() {
        vector_input::Variant::Dense(dense) => dense.data,
        other => panic!("{other:?}"),
    }
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
    dot(a, b) / (dot(a, a).sqrt() * dot(b, b).sqrt())
}
