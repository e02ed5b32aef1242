//! The Qdrant stand-in, asked by the real client: over its own search, or with the feature `qdrant-edge` over Qdrant's
//! engine, which must give the same answers.

use std::collections::HashMap;
use std::time::Duration;

use otelgate_harness::capture::{Exchange, Party};
use otelgate_harness::standins::qdrant::Engine;
use otelgate_harness::standins::{self, Fault};
use qdrant_client::config::CompressionEncoding;
use qdrant_client::qdrant::{
    Condition, CountPointsBuilder, CreateCollectionBuilder, CreateFieldIndexCollectionBuilder, DeletePointsBuilder,
    Distance, FieldType, Filter, GetPointsBuilder, NestedCondition, PointId, PointStruct, Query, QueryPointsBuilder,
    Range, ScoredPoint, ScrollPointsBuilder, SearchPointsBuilder, SetPayloadPointsBuilder, Struct, UpsertPointsBuilder,
    Value, VectorParamsBuilder, r#match::MatchValue, point_id::PointIdOptions, value::Kind,
};
use qdrant_client::{Payload, Qdrant, QdrantError};
use serde_json::json;
use tonic::{Code, Status};

use super::support::bed::{Bed, Served, on_both_beds};
use super::support::http;

const NAME: &str = "docs";

#[cfg(not(feature = "qdrant-edge"))]
const ENGINE: Engine = Engine::Exact;
#[cfg(feature = "qdrant-edge")]
const ENGINE: Engine = Engine::QdrantEdge;

async fn server(bed: Bed) -> (Served<standins::Qdrant>, Qdrant) {
    let server = bed.qdrant(standins::qdrant().with_engine(ENGINE)).await;
    let client = Qdrant::from_url(&server.url()).skip_compatibility_check().build().unwrap();
    (server, client)
}

/// A collection of five cities on a plane.
async fn cities(bed: Bed, distance: Distance) -> (Served<standins::Qdrant>, Qdrant) {
    let (server, client) = server(bed).await;
    let vectors = VectorParamsBuilder::new(2, distance);
    client.create_collection(CreateCollectionBuilder::new(NAME).vectors_config(vectors)).await.unwrap();
    let points = [
        (1, [1.0, 0.0], json!({"city": "Oslo", "people": 700, "tags": ["port", "capital"], "cold": true})),
        (2, [0.8, 0.6], json!({"city": "Bergen", "people": 290, "tags": ["port"], "cold": true})),
        (3, [0.0, 1.0], json!({"city": "Madrid", "people": 3300, "tags": ["capital"], "cold": false})),
        (4, [-1.0, 0.0], json!({"city": "Bern", "people": 134.5, "tags": [], "mayor": null})),
        (5, [3.0, 4.0], json!({"city": "Rome", "visits": [{"year": 2020, "by": "a"}, {"year": 2024, "by": "b"}]})),
    ]
    .map(|(id, vector, payload_json)| PointStruct::new(id, vector.to_vec(), payload(payload_json)));
    client.upsert_points(UpsertPointsBuilder::new(NAME, points.to_vec()).wait(true)).await.unwrap();
    (server, client)
}

fn payload(json: serde_json::Value) -> Payload {
    let serde_json::Value::Object(object) = json else { panic!("a payload is an object, not {json}") };
    object.into_iter().map(|(key, json)| (key, value(json))).collect::<HashMap<_, _>>().into()
}

pub(crate) fn value(json: serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value { kind: Some(Kind::NullValue(0)) },
        serde_json::Value::Bool(truth) => truth.into(),
        serde_json::Value::Number(number) if number.is_f64() => number.as_f64().unwrap().into(),
        serde_json::Value::Number(number) => number.as_i64().unwrap().into(),
        serde_json::Value::String(text) => text.into(),
        serde_json::Value::Array(list) => list.into_iter().map(value).collect::<Vec<_>>().into(),
        serde_json::Value::Object(object) => {
            let fields = object.into_iter().map(|(key, json)| (key, value(json))).collect();
            Value { kind: Some(Kind::StructValue(Struct { fields })) }
        }
    }
}

fn ids(points: &[ScoredPoint]) -> Vec<u64> {
    points.iter().map(|point| number(point.id.as_ref().unwrap())).collect()
}

fn number(id: &PointId) -> u64 {
    match id.point_id_options {
        Some(PointIdOptions::Num(number)) => number,
        ref other => panic!("not a number: {other:?}"),
    }
}

fn status(error: QdrantError) -> Status {
    match error {
        QdrantError::ResponseError { status } => status,
        other => panic!("not a gRPC status: {other:?}"),
    }
}

async fn matching(client: &Qdrant, filter: Filter) -> Vec<u64> {
    let found = client.scroll(ScrollPointsBuilder::new(NAME).filter(filter)).await.unwrap();
    found.result.iter().map(|point| number(point.id.as_ref().unwrap())).collect()
}

async fn a_collection_is_created_listed_described_and_deleted(bed: Bed) {
    let (_server, client) = server(bed).await;
    let create = || CreateCollectionBuilder::new(NAME).vectors_config(VectorParamsBuilder::new(4, Distance::Dot));

    assert!(client.create_collection(create()).await.unwrap().result);

    assert!(client.collection_exists(NAME).await.unwrap());
    assert_eq!(client.list_collections().await.unwrap().collections[0].name, NAME);
    let info = client.collection_info(NAME).await.unwrap().result.unwrap();
    assert_eq!(info.points_count, Some(0));
    let again = status(client.create_collection(create()).await.unwrap_err());
    assert_eq!(again.code(), Code::AlreadyExists);
    assert_eq!(again.message(), "Wrong input: Collection `docs` already exists!");
    assert!(client.delete_collection(NAME).await.unwrap().result);
    assert!(!client.collection_exists(NAME).await.unwrap());
    assert!(!client.delete_collection(NAME).await.unwrap().result);
}

async fn errors_have_the_codes_and_texts_of_qdrant(bed: Bed) {
    let (_server, client) = cities(bed, Distance::Cosine).await;

    let missing = client.query(QueryPointsBuilder::new("nowhere").query(vec![1.0, 0.0])).await.unwrap_err();
    let short = client.query(QueryPointsBuilder::new(NAME).query(vec![1.0])).await.unwrap_err();
    let nobody = client.query(QueryPointsBuilder::new(NAME).query(Query::new_nearest(99))).await.unwrap_err();
    let unnamed = client.query(QueryPointsBuilder::new(NAME).query(vec![1.0, 0.0]).using("x")).await.unwrap_err();

    for (error, code, text) in [
        (missing, Code::NotFound, "Not found: Collection `nowhere` doesn't exist!"),
        (short, Code::InvalidArgument, "Wrong input: Vector dimension error: expected dim: 2, got 1"),
        (nobody, Code::NotFound, "Not found: No point with id 99 found"),
        (unnamed, Code::InvalidArgument, "Wrong input: Not existing vector name error: x"),
    ] {
        let status = status(error);
        assert_eq!((status.code(), status.message()), (code, text));
    }
}

async fn a_collection_needs_a_name_that_can_be_one(bed: Bed) {
    let (_server, client) = server(bed).await;

    for name in ["", "a/b", &"x".repeat(256)] {
        let vectors = VectorParamsBuilder::new(4, Distance::Dot);
        let refused = client.create_collection(CreateCollectionBuilder::new(name).vectors_config(vectors)).await;
        assert_eq!(status(refused.unwrap_err()).code(), Code::InvalidArgument, "{name:?}");
    }
}

async fn compressed_requests_are_read_and_answered(bed: Bed) {
    let (server, _client) = cities(bed, Distance::Cosine).await;
    let gzip = Qdrant::from_url(&server.url()).compression(Some(CompressionEncoding::Gzip));
    let client = gzip.skip_compatibility_check().build().unwrap();

    let found = client.query(QueryPointsBuilder::new(NAME).query(vec![1.0, 0.0]).limit(1)).await.unwrap();

    assert_eq!(ids(&found.result), [1]);
}

async fn a_point_of_the_wrong_dimension_leaves_nothing_of_its_request_behind(bed: Bed) {
    let (_server, client) = cities(bed, Distance::Cosine).await;
    let points = vec![
        PointStruct::new(10, vec![1.0, 1.0], Payload::new()),
        PointStruct::new(11, vec![1.0, 1.0, 1.0], Payload::new()),
    ];

    let refused = client.upsert_points(UpsertPointsBuilder::new(NAME, points).wait(true)).await.unwrap_err();

    assert_eq!(status(refused).code(), Code::InvalidArgument);
    let count = client.count(CountPointsBuilder::new(NAME).exact(true)).await.unwrap();
    assert_eq!(count.result.unwrap().count, 5);
}

async fn the_nearest_come_first_under_every_distance(bed: Bed) {
    for (distance, expected, best) in [
        (Distance::Cosine, [1, 2, 5, 3, 4], 1.0),
        (Distance::Dot, [5, 1, 2, 3, 4], 3.0),
        (Distance::Euclid, [1, 2, 3, 4, 5], 0.0),
        (Distance::Manhattan, [1, 2, 3, 4, 5], 0.0),
    ] {
        let (_server, client) = cities(bed, distance).await;

        let found = client.query(QueryPointsBuilder::new(NAME).query(vec![1.0, 0.0])).await.unwrap().result;

        assert_eq!(ids(&found), expected, "{distance:?}");
        assert!((found[0].score - best).abs() < 1e-6, "{distance:?}: {}", found[0].score);
    }
}

async fn a_point_named_by_id_is_not_its_own_neighbour(bed: Bed) {
    let (_server, client) = cities(bed, Distance::Cosine).await;

    let found = client.query(QueryPointsBuilder::new(NAME).query(Query::new_nearest(1)).limit(2)).await.unwrap();

    assert_eq!(ids(&found.result), [2, 5]);
}

async fn limit_offset_and_threshold_narrow_the_answer(bed: Bed) {
    let (_server, client) = cities(bed, Distance::Cosine).await;
    let query = || QueryPointsBuilder::new(NAME).query(vec![1.0, 0.0]);

    let page = client.query(query().limit(2).offset(1)).await.unwrap();
    let near = client.query(query().score_threshold(0.6)).await.unwrap();
    let older = client.search_points(SearchPointsBuilder::new(NAME, vec![1.0, 0.0], 2)).await.unwrap();

    assert_eq!(ids(&page.result), [2, 5]);
    // Strictly better than the threshold: point 5 scores exactly 0.6.
    assert_eq!(ids(&near.result), [1, 2]);
    assert_eq!(ids(&older.result), [1, 2]);
}

async fn payload_and_vectors_come_only_when_asked_for(bed: Bed) {
    let (_server, client) = cities(bed, Distance::Cosine).await;
    let query = || QueryPointsBuilder::new(NAME).query(vec![3.0, 4.0]).limit(1);

    let bare = client.query(query()).await.unwrap().result.remove(0);
    let full = client.query(query().with_payload(true).with_vectors(true)).await.unwrap().result.remove(0);

    assert!(bare.payload.is_empty() && bare.vectors.is_none());
    assert_eq!(full.payload["city"].as_str().unwrap(), "Rome");
    let vector = format!("{:?}", full.vectors.unwrap().get_vector().unwrap());
    assert!(vector.contains("0.6") && vector.contains("0.8"), "not normalised: {vector}");
}

async fn filters_select_by_payload(bed: Bed) {
    let (_server, client) = cities(bed, Distance::Cosine).await;
    let people = |range| Filter::must([Condition::range("people", range)]);
    let year = |year: i64, by: &str| {
        let filter = Filter::must([Condition::matches("year", year), Condition::matches("by", by.to_owned())]);
        Filter::must([Condition::from(NestedCondition { key: "visits".to_owned(), filter: Some(filter) })])
    };
    let two_of_three = [
        Condition::matches("tags", "port".to_owned()),
        Condition::matches("tags", "capital".to_owned()),
        Condition::matches("cold", false),
    ];

    for (filter, expected) in [
        (Filter::default(), vec![1, 2, 3, 4, 5]),
        (Filter::must([Condition::matches("city", "Oslo".to_owned())]), vec![1]),
        (Filter::must([Condition::matches("city", vec!["Oslo".to_owned(), "Bern".to_owned()])]), vec![1, 4]),
        (Filter::must([Condition::matches("people", vec![290, 700])]), vec![1, 2]),
        (Filter::must([Condition::matches("tags", "port".to_owned())]), vec![1, 2]),
        (Filter::must([Condition::matches("cold", true)]), vec![1, 2]),
        (Filter::must_not([Condition::matches("cold", true)]), vec![3, 4, 5]),
        (
            Filter::should([Condition::matches("city", "Rome".to_owned()), Condition::matches("people", 290)]),
            vec![2, 5],
        ),
        (Filter::min_should(2, two_of_three), vec![1, 3]),
        (
            Filter::must([Condition::matches("city", !MatchValue::from(vec!["Oslo".to_owned(), "Rome".to_owned()]))]),
            vec![2, 3, 4],
        ),
        (people(Range { gte: Some(290.0), lt: Some(3300.0), ..Range::default() }), vec![1, 2]),
        (people(Range { lte: Some(134.5), ..Range::default() }), vec![4]),
        (Filter::must([Condition::is_empty("tags")]), vec![4, 5]),
        (Filter::must([Condition::is_null("mayor")]), vec![4]),
        (Filter::must([Condition::has_id([2, 5, 77])]), vec![2, 5]),
        (year(2020, "a"), vec![5]),
        (year(2020, "b"), vec![]),
        (Filter::must([Condition::matches("visits[].year", 2024)]), vec![5]),
    ] {
        let text = format!("{filter:?}");
        assert_eq!(matching(&client, filter).await, expected, "{text}");
    }
}

async fn a_filter_restricts_query_count_and_delete_alike(bed: Bed) {
    let (_server, client) = cities(bed, Distance::Cosine).await;
    let cold = || Filter::must([Condition::matches("cold", true)]);

    let found = client.query(QueryPointsBuilder::new(NAME).query(vec![0.0, 1.0]).filter(cold())).await.unwrap();
    let count = client.count(CountPointsBuilder::new(NAME).filter(cold()).exact(true)).await.unwrap();
    client.delete_points(DeletePointsBuilder::new(NAME).points(cold()).wait(true)).await.unwrap();
    client.delete_points(DeletePointsBuilder::new(NAME).points([5, 77]).wait(true)).await.unwrap();

    assert_eq!(ids(&found.result), [2, 1]);
    assert_eq!(count.result.unwrap().count, 2);
    assert_eq!(matching(&client, Filter::default()).await, [3, 4]);
}

async fn scrolling_pages_through_everything_once(bed: Bed) {
    let (_server, client) = cities(bed, Distance::Cosine).await;
    let mut seen = Vec::new();
    let mut offset: Option<PointId> = None;

    loop {
        let mut page = ScrollPointsBuilder::new(NAME).limit(2).with_payload(false);
        if let Some(from) = offset {
            page = page.offset(from);
        }
        let page = client.scroll(page).await.unwrap();
        seen.extend(page.result.iter().map(|point| number(point.id.as_ref().unwrap())));
        offset = page.next_page_offset;
        if offset.is_none() {
            break;
        }
    }

    assert_eq!(seen, [1, 2, 3, 4, 5]);
}

async fn points_are_replaced_retrieved_and_their_payload_changed(bed: Bed) {
    let (_server, client) = cities(bed, Distance::Dot).await;
    let patch = payload(json!({"people": 800, "cold": null}));

    client
        .upsert_points(UpsertPointsBuilder::new(NAME, vec![PointStruct::new(2, vec![9.0, 9.0], Payload::new())]))
        .await
        .unwrap();
    client.set_payload(SetPayloadPointsBuilder::new(NAME, patch).points_selector([1]).wait(true)).await.unwrap();
    let points = vec![2.into(), 1.into(), 77.into()];
    let found = client.get_points(GetPointsBuilder::new(NAME, points).with_payload(true)).await.unwrap().result;

    assert_eq!(found.len(), 2);
    assert!(found[0].payload.is_empty());
    assert_eq!(found[1].payload["people"].as_integer(), Some(800));
    assert!(!found[1].payload.contains_key("cold"));
    assert_eq!(found[1].payload["city"].as_str().unwrap(), "Oslo");
}

async fn uuids_and_payload_indexes_are_accepted(bed: Bed) {
    let (_server, client) = cities(bed, Distance::Dot).await;
    let uuid = "550e8400-e29b-41d4-a716-446655440000";

    let point = PointStruct::new(uuid, vec![9.0, 9.0], Payload::new());
    client.upsert_points(UpsertPointsBuilder::new(NAME, vec![point]).wait(true)).await.unwrap();
    let index = CreateFieldIndexCollectionBuilder::new(NAME, "city", FieldType::Keyword);
    client.create_field_index(index).await.unwrap();
    let best = client.query(QueryPointsBuilder::new(NAME).query(vec![1.0, 1.0]).limit(1)).await.unwrap().result;

    assert_eq!(best[0].id, Some(uuid.into()));
    let info = client.collection_info(NAME).await.unwrap().result.unwrap();
    assert!(info.payload_schema.contains_key("city"));
    let bad = vec![PointStruct::new("not-a-uuid", vec![9.0, 9.0], Payload::new())];
    let refused = client.upsert_points(UpsertPointsBuilder::new(NAME, bad)).await.unwrap_err();
    assert_eq!(status(refused).message(), "Unable to parse UUID: not-a-uuid");
}

async fn what_it_cannot_do_it_refuses(bed: Bed) {
    let (server, client) = cities(bed, Distance::Dot).await;
    let sample = QueryPointsBuilder::new(NAME).query(Query::new_sample(qdrant_client::qdrant::Sample::Random));
    let text = Filter::must([Condition::matches_text("city", "Oslo")]);

    let sampled = status(client.query(sample).await.unwrap_err());
    let texted = status(client.count(CountPointsBuilder::new(NAME).filter(text)).await.unwrap_err());
    let aliases = status(client.list_aliases().await.unwrap_err());

    assert_eq!(sampled.message(), "the Qdrant stand-in does not support queries other than nearest");
    assert_eq!(texted.message(), "the Qdrant stand-in does not support full-text matches");
    for refused in [sampled, texted, aliases] {
        assert_eq!(refused.code(), Code::Unimplemented);
    }
    assert_eq!(server.exchanges().last().unwrap().status, Some(Code::Unimplemented as u16));
}

async fn every_request_is_recorded_with_its_metadata(bed: Bed) {
    let (server, client) = cities(bed, Distance::Dot).await;
    let traced = client.with_header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

    traced.query(QueryPointsBuilder::new(NAME).query(vec![1.0, 1.0]).limit(3)).await.unwrap();

    let exchange = server.exchanges().pop().unwrap();
    assert_eq!(
        (exchange.by, exchange.method.as_str(), exchange.status),
        (Party::Qdrant, "/qdrant.Points/Query", Some(0))
    );
    assert!(exchange.request_headers["traceparent"].starts_with("00-0af7"));
    assert_eq!(exchange.facts.get("results"), Some(&3.0));
    assert!(exchange.start > 0 && exchange.start <= exchange.end);
}

async fn a_status_fault_answers_with_that_code_as_often_as_told(bed: Bed) {
    let (server, client) = cities(bed, Distance::Dot).await;
    let query = || QueryPointsBuilder::new(NAME).query(vec![1.0, 1.0]);
    server.faults().add(Fault {
        on: Some("query".to_owned()),
        times: Some(1),
        status: Some(8),
        message: Some("too busy".to_owned()),
        ..Fault::default()
    });

    let refused = status(client.query(query()).await.unwrap_err());
    let well = client.query(query()).await;

    assert_eq!((refused.code(), refused.message()), (Code::ResourceExhausted, "too busy"));
    assert!(well.is_ok());
}

async fn a_cut_connection_is_reset_without_an_answer(bed: Bed) {
    let (server, client) = cities(bed, Distance::Dot).await;
    server.faults().add(Fault { on: Some("query".to_owned()), cut: true, ..Fault::default() });

    let cut = status(client.query(QueryPointsBuilder::new(NAME).query(vec![1.0, 1.0])).await.unwrap_err());

    // tonic's word for a connection that broke under a call; grpc-core says UNAVAILABLE.
    assert_eq!((cut.code(), cut.message()), (Code::Unknown, "transport error"), "{cut:?}");
    assert!(format!("{cut:?}").contains("ConnectionReset"), "{cut:?}");
    let exchange = server.exchanges().pop().unwrap();
    assert_eq!((exchange.status, exchange.left), (None, false));
}

async fn a_client_that_gives_up_is_recorded_as_having_left(bed: Bed) {
    let (server, client) = cities(bed, Distance::Dot).await;
    server.faults().add(Fault { on: Some("count".to_owned()), delay_ms: Some(3_600_000), ..Fault::default() });

    let call = client.count(CountPointsBuilder::new(NAME));
    let gave_up = tokio::time::timeout(Duration::from_millis(20), call).await;
    let left = |exchange: &Exchange| exchange.method == "/qdrant.Points/Count" && exchange.left;
    while !server.exchanges().iter().any(left) {
        tokio::task::yield_now().await;
    }

    assert!(gave_up.is_err());
}

async fn dropping_the_handle_closes_port_and_connections(bed: Bed) {
    let (server, client) = cities(bed, Distance::Dot).await;
    let url = server.url();
    assert!(server.connections() >= 1);

    drop(server);

    assert!(client.health_check().await.is_err());
    assert!(tokio::net::TcpStream::connect(url.trim_start_matches("http://")).await.is_err());
}

#[tokio::test]
async fn a_health_check_says_that_it_is_a_stand_in_and_over_what() {
    let (server, client) = server(Bed::Alone).await;

    let health = client.health_check().await.unwrap();
    let rest: serde_json::Value = http::client().get(server.rest_url()).send().await.unwrap().json().await.unwrap();

    let over = if cfg!(feature = "qdrant-edge") { "over qdrant-edge " } else { "over an exact search" };
    assert!(health.title.starts_with(&format!("otelgate stand-in {over}")), "{}", health.title);
    assert!(health.version.starts_with("1.20.0+otelgate."), "{}", health.version);
    assert_eq!(rest, json!({"title": health.title, "version": health.version}));
}

#[tokio::test]
async fn rest_has_a_port_of_its_own_if_asked_for() {
    let anywhere = "127.0.0.1:0".parse().unwrap();
    let server = standins::qdrant().listen(anywhere).listen_rest(anywhere).run().await.unwrap();

    let ready = http::client().get(format!("{}/readyz", server.rest_url())).send().await.unwrap();

    assert_ne!(server.rest_url(), server.url());
    assert_eq!(ready.status(), 200);
}

on_both_beds! {
    a_collection_is_created_listed_described_and_deleted
    errors_have_the_codes_and_texts_of_qdrant
    a_collection_needs_a_name_that_can_be_one
    compressed_requests_are_read_and_answered
    a_point_of_the_wrong_dimension_leaves_nothing_of_its_request_behind
    the_nearest_come_first_under_every_distance
    a_point_named_by_id_is_not_its_own_neighbour
    limit_offset_and_threshold_narrow_the_answer
    payload_and_vectors_come_only_when_asked_for
    filters_select_by_payload
    a_filter_restricts_query_count_and_delete_alike
    scrolling_pages_through_everything_once
    points_are_replaced_retrieved_and_their_payload_changed
    uuids_and_payload_indexes_are_accepted
    what_it_cannot_do_it_refuses
    every_request_is_recorded_with_its_metadata
    a_status_fault_answers_with_that_code_as_often_as_told
    a_cut_connection_is_reset_without_an_answer
    a_client_that_gives_up_is_recorded_as_having_left
    dropping_the_handle_closes_port_and_connections
}
