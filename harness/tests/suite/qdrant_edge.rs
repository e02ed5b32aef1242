//! The Qdrant stand-in against Qdrant's own engine: the same points, queries and filters, the same answers.

#![cfg(feature = "qdrant-edge")]

use std::collections::HashMap;

use otelgate_harness::standins;
use qdrant_client::qdrant::{
    Condition, CountPointsBuilder, CreateCollectionBuilder, Distance, Filter, PointStruct, QueryPointsBuilder, Range,
    UpsertPointsBuilder, Value, ValuesCount, VectorParamsBuilder, r#match::MatchValue, point_id::PointIdOptions,
};
use qdrant_client::{Payload, Qdrant};
use qdrant_edge::external::ordered_float::OrderedFloat;
use qdrant_edge::{
    CountRequest, EdgeConfigBuilder, EdgeShard, EdgeVectorParamsBuilder, NamedQuery, PointId, PointInsertOperations,
    PointOperations, PointStructPersisted, QueryEnum, QueryRequest, ScoringQuery, SearchParams, UpdateOperation,
    VectorInternal, VectorStructPersisted, WithPayloadInterface, WithVector,
};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::json;

const NAME: &str = "compared";
const POINTS: u64 = 600;
/// Not a multiple of the lanes of either implementation, so that both have a remainder to add.
const SIZE: usize = 43;
const TOPICS: [&str; 5] = ["alerts", "logs", "metrics", "spans", "traces"];

/// One point as both sides get it.
struct Point {
    id: u64,
    vector: Vec<f32>,
    payload: serde_json::Map<String, serde_json::Value>,
}

#[tokio::test]
async fn ids_and_scores_are_those_of_the_engine() {
    for (distance, engines) in [
        (Distance::Cosine, qdrant_edge::Distance::Cosine),
        (Distance::Dot, qdrant_edge::Distance::Dot),
        (Distance::Euclid, qdrant_edge::Distance::Euclid),
        (Distance::Manhattan, qdrant_edge::Distance::Manhattan),
    ] {
        let mut random = StdRng::seed_from_u64(7);
        let points = points(&mut random);
        let (_server, client) = stand_in(distance, &points).await;
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(folder.path(), engines, &points);

        for (name, filter, same) in filters(&mut random) {
            let case = format!("{distance:?}, {name}");
            let vector = vector(&mut random);
            let middle = compare(&client, &engine, &case, &vector, &filter, &same, None).await;
            if let Some(threshold) = middle {
                let case = format!("{case}, threshold {threshold}");
                compare(&client, &engine, &case, &vector, &filter, &same, Some(threshold)).await;
            }
        }
    }
}

/// Asks both for a page and a count. Returns a score between two neighbours of the page, to be used as a threshold.
async fn compare(
    client: &Qdrant,
    engine: &EdgeShard,
    case: &str,
    vector: &[f32],
    filter: &Filter,
    same: &qdrant_edge::Filter,
    threshold: Option<f32>,
) -> Option<f32> {
    const LIMIT: usize = 20;
    const OFFSET: usize = 3;
    let mut query = QueryPointsBuilder::new(NAME).query(vector.to_vec()).filter(filter.clone());
    if let Some(threshold) = threshold {
        query = query.score_threshold(threshold);
    }
    let nearest = QueryEnum::Nearest(NamedQuery { query: VectorInternal::from(vector.to_vec()), using: None });
    let request = QueryRequest {
        prefetches: Vec::new(),
        query: Some(ScoringQuery::Vector(nearest)),
        filter: Some(same.clone()),
        score_threshold: threshold.map(OrderedFloat),
        limit: LIMIT,
        offset: OFFSET,
        params: Some(SearchParams { exact: true, ..SearchParams::default() }),
        with_vector: WithVector::Bool(false),
        with_payload: WithPayloadInterface::Bool(false),
    };

    let ours = client.query(query.limit(LIMIT as u64).offset(OFFSET as u64)).await.unwrap().result;
    // A shard gives the skipped points too; Qdrant leaves them out once it has merged its shards.
    let theirs: Vec<_> = engine.query(request).unwrap().into_iter().skip(OFFSET).collect();
    let count = client.count(CountPointsBuilder::new(NAME).filter(filter.clone()).exact(true)).await.unwrap();
    let counted = engine.count(CountRequest { filter: Some(same.clone()), exact: true }).unwrap();

    assert!(counted > 0, "{case}: nothing to compare");
    assert_eq!(count.result.unwrap().count, counted as u64, "{case}");
    let our_ids: Vec<u64> = ours.iter().map(|point| number(point.id.as_ref().unwrap())).collect();
    let their_ids: Vec<u64> = theirs.iter().map(|point| engines_number(point.id)).collect();
    assert_eq!(our_ids, their_ids, "{case}");
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert!((ours.score - theirs.score).abs() < 1e-4, "{case}: {} is not {}", ours.score, theirs.score);
    }
    match ours.as_slice() {
        [.., before, last] => Some(f32::midpoint(before.score, last.score)),
        _ => None,
    }
}

async fn stand_in(distance: Distance, points: &[Point]) -> (standins::Qdrant, Qdrant) {
    let server = standins::qdrant().run().await.unwrap();
    let client = Qdrant::from_url(&server.url()).skip_compatibility_check().build().unwrap();
    let params = VectorParamsBuilder::new(SIZE as u64, distance);
    client.create_collection(CreateCollectionBuilder::new(NAME).vectors_config(params)).await.unwrap();
    let point = |point: &Point| {
        let payload: HashMap<String, Value> =
            point.payload.iter().map(|(key, json)| (key.clone(), super::qdrant::value(json.clone()))).collect();
        PointStruct::new(point.id, point.vector.clone(), Payload::from(payload))
    };
    let points: Vec<PointStruct> = points.iter().map(point).collect();
    client.upsert_points(UpsertPointsBuilder::new(NAME, points).wait(true)).await.unwrap();
    (server, client)
}

fn engine(folder: &std::path::Path, distance: qdrant_edge::Distance, points: &[Point]) -> EdgeShard {
    let params = EdgeVectorParamsBuilder::new(SIZE, distance).build();
    let config = EdgeConfigBuilder::new().vector(qdrant_edge::DEFAULT_VECTOR_NAME, params).build();
    let engine = EdgeShard::new(folder, config).unwrap();
    let point = |point: &Point| PointStructPersisted {
        id: PointId::NumId(point.id),
        vector: VectorStructPersisted::Single(point.vector.clone()),
        payload: Some(qdrant_edge::Payload(point.payload.clone())),
    };
    let list = PointInsertOperations::PointsList(points.iter().map(point).collect());
    engine.update(UpdateOperation::PointOperation(PointOperations::UpsertPoints(list))).unwrap();
    engine
}

fn points(random: &mut StdRng) -> Vec<Point> {
    (1..=POINTS).map(|id| Point { id, vector: vector(random), payload: payload(random) }).collect()
}

fn vector(random: &mut StdRng) -> Vec<f32> {
    (0..SIZE).map(|_| random.random_range(-1.0..1.0)).collect()
}

/// Fields of every kind a filter tells apart: present, missing, null, empty, single, many, nested.
fn payload(random: &mut StdRng) -> serde_json::Map<String, serde_json::Value> {
    let mut payload = serde_json::Map::new();
    let mut set = |key: &str, value: serde_json::Value| payload.insert(key.to_owned(), value);
    set("topic", json!(TOPICS.choose(random)));
    set("year", json!(random.random_range(2000..2030)));
    match random.random_range(0..5) {
        0 => {}
        1 => drop(set("tags", json!([]))),
        2 => drop(set("tags", json!(null))),
        3 => drop(set("tags", json!(TOPICS.choose(random)))),
        _ => drop(set("tags", json!(TOPICS.choose_multiple(random, 2).collect::<Vec<_>>()))),
    }
    if random.random_bool(0.5) {
        set("weight", json!(random.random_range(0.0..10.0)));
    }
    if random.random_bool(0.5) {
        set("live", json!(random.random_bool(0.5)));
    }
    if random.random_bool(0.3) {
        set("deep", json!({"er": {"level": random.random_range(0..4)}}));
    }
    let runs: Vec<_> = (0..random.random_range(0..3))
        .map(|_| json!({"ok": random.random_bool(0.5), "n": random.random_range(0..3)}))
        .collect();
    set("runs", json!(runs));
    payload
}

/// Filters, each as the client and as the engine writes it.
fn filters(random: &mut StdRng) -> Vec<(&'static str, Filter, qdrant_edge::Filter)> {
    let topic = (*TOPICS.choose(random).unwrap()).to_owned();
    let two: Vec<String> = TOPICS.choose_multiple(random, 2).map(|topic| (*topic).to_owned()).collect();
    let year: i64 = random.random_range(2005..2025);
    let ids: Vec<u64> = (0..50).map(|_| random.random_range(1..=POINTS)).collect();
    let range = Range { gte: Some(2008.0), lt: Some(2020.0), ..Range::default() };
    let count = ValuesCount { gte: Some(2), ..ValuesCount::default() };
    let run = Filter::must([Condition::matches("ok", true), Condition::matches("n", 1)]);
    let three =
        [Condition::matches("topic", topic.clone()), Condition::matches("live", true), Condition::range("year", range)];
    let three_same = json!([
        {"key": "topic", "match": {"value": topic}},
        {"key": "live", "match": {"value": true}},
        {"key": "year", "range": {"gte": 2008, "lt": 2020}},
    ]);
    let except = Condition::matches("tags", !MatchValue::from(two.clone()));
    let nested = Filter::must_not([Condition::from(Filter::should([
        Condition::matches("topic", topic.clone()),
        Condition::matches("live", false),
    ]))]);

    [
        ("none", Filter::default(), json!({})),
        ("keyword", Filter::must([three[0].clone()]), json!({"must": [three_same[0]]})),
        (
            "keyword in an array",
            Filter::must([Condition::matches("tags", topic.clone())]),
            json!({"must": [{"key": "tags", "match": {"value": topic}}]}),
        ),
        ("bool", Filter::must([three[1].clone()]), json!({"must": [three_same[1]]})),
        (
            "integer",
            Filter::must([Condition::matches("year", year)]),
            json!({"must": [{"key": "year", "match": {"value": year}}]}),
        ),
        ("range", Filter::must([three[2].clone()]), json!({"must": [three_same[2]]})),
        (
            "range of doubles",
            Filter::must([Condition::range("weight", Range { gt: Some(2.5), lte: Some(7.5), ..Range::default() })]),
            json!({"must": [{"key": "weight", "range": {"gt": 2.5, "lte": 7.5}}]}),
        ),
        (
            "any",
            Filter::must([Condition::matches("tags", two.clone())]),
            json!({"must": [{"key": "tags", "match": {"any": two}}]}),
        ),
        ("except", Filter::must([except]), json!({"must": [{"key": "tags", "match": {"except": two}}]})),
        ("is empty", Filter::must([Condition::is_empty("tags")]), json!({"must": [{"is_empty": {"key": "tags"}}]})),
        ("is null", Filter::must([Condition::is_null("tags")]), json!({"must": [{"is_null": {"key": "tags"}}]})),
        (
            "values count",
            Filter::must([Condition::values_count("tags", count)]),
            json!({"must": [{"key": "tags", "values_count": {"gte": 2}}]}),
        ),
        (
            "path",
            Filter::must([Condition::matches("deep.er.level", 2)]),
            json!({"must": [{"key": "deep.er.level", "match": {"value": 2}}]}),
        ),
        (
            "path into an array",
            Filter::must([Condition::matches("runs[].n", 2)]),
            json!({"must": [{"key": "runs[].n", "match": {"value": 2}}]}),
        ),
        ("ids", Filter::must([Condition::has_id(ids.clone())]), json!({"must": [{"has_id": ids}]})),
        (
            "nested",
            Filter::must([Condition::nested("runs", run)]),
            json!({"must": [{"nested": {"key": "runs", "filter": {"must": [
                {"key": "ok", "match": {"value": true}}, {"key": "n", "match": {"value": 1}},
            ]}}}]}),
        ),
        ("should", Filter::should(three.clone()), json!({"should": three_same})),
        ("must not", Filter::must_not(three.clone()), json!({"must_not": three_same})),
        (
            "at least two",
            Filter::min_should(2, three),
            json!({"min_should": {"conditions": three_same, "min_count": 2}}),
        ),
        (
            "filter in a filter",
            nested,
            json!({"must_not": [{"should": [three_same[0], {"key": "live", "match": {"value": false}}]}]}),
        ),
    ]
    .map(|(name, filter, json)| (name, filter, serde_json::from_value(json).unwrap()))
    .to_vec()
}

fn number(id: &qdrant_client::qdrant::PointId) -> u64 {
    match id.point_id_options {
        Some(PointIdOptions::Num(number)) => number,
        ref other => panic!("not a number: {other:?}"),
    }
}

fn engines_number(id: PointId) -> u64 {
    match id {
        PointId::NumId(number) => number,
        PointId::Uuid(uuid) => panic!("not a number: {uuid}"),
    }
}

#[tokio::test]
async fn a_health_check_names_the_version_the_workspace_is_locked_to() {
    let server = standins::qdrant().with_engine(standins::qdrant::Engine::QdrantEdge).run().await.unwrap();
    let client = Qdrant::from_url(&server.url()).skip_compatibility_check().build().unwrap();

    let title = client.health_check().await.unwrap().title;

    let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock")).unwrap();
    let version = title.strip_prefix("otelgate stand-in over qdrant-edge ").expect("a title with a version");
    assert!(lock.contains(&format!("name = \"qdrant-edge\"\nversion = \"{version}\"\n")), "{title}");
}
