//! Documents on their way in.

use axum::http::StatusCode;
use serde_json::json;

use crate::{
    fakes::qdrant::Behaviour,
    fixture::Fixture,
    tree::{Trees, assert_outline},
};

fn documents(count: usize) -> serde_json::Value {
    let document = |number| json!({ "id": format!("d{number}"), "title": "T", "topic_id": "t", "text": "Some text." });
    json!({ "documents": (0..count).map(document).collect::<Vec<_>>() })
}

#[tokio::test]
async fn the_first_ingestion_makes_the_collection_and_later_ones_do_not() {
    let fixture = Fixture::new().await;

    let first = fixture.post("/api/documents", &documents(2)).await;
    let seen = fixture.traces().len();
    fixture.post("/api/documents", &documents(1)).await;

    assert_eq!(first.json(), json!({ "documents": 2, "chunks": 2 }));
    let spans = fixture.traces().all().to_vec();
    assert_outline(
        &Trees::new(spans[..seen].to_vec()),
        "
        POST /api/documents SERVER
          rag.ingestion
            embeddings text-embedding-3-large CLIENT
              POST CLIENT
            collection_exists rag_documents CLIENT
            create_collection rag_documents CLIENT
            create_field_index rag_documents CLIENT
            upsert rag_documents CLIENT
        ",
    );
    assert_outline(
        &Trees::new(spans[seen..].to_vec()),
        "
        POST /api/documents SERVER
          rag.ingestion
            embeddings text-embedding-3-large CLIENT
              POST CLIENT
            upsert rag_documents CLIENT
        ",
    );
    assert_eq!(fixture.traces().attributes("rag.ingestion"), ["chunks.count=2", "documents.count=2"]);
}

#[tokio::test]
async fn passages_are_embedded_and_stored_in_batches() {
    let fixture = Fixture::new().await;

    fixture.post("/api/documents", &documents(130)).await;

    let outline = fixture.traces().outline();
    assert_eq!(outline.matches("embeddings ").count(), 3, "{outline}");
    assert_eq!(outline.matches("upsert ").count(), 3, "{outline}");
    assert_eq!(fixture.qdrant.points.lock().unwrap().len(), 130);
}

#[tokio::test]
async fn ingesting_a_document_again_replaces_it() {
    let fixture = Fixture::new().await;
    fixture.post("/api/documents", &documents(3)).await;

    fixture.post("/api/documents", &documents(3)).await;

    assert_eq!(fixture.qdrant.points.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_failed_ingestion_names_its_stage_and_counts_as_no_query() {
    let fixture = Fixture::new().await;
    fixture.qdrant.script.then(Behaviour::Fail(tonic::Code::PermissionDenied));

    let answer = fixture.post("/api/documents", &documents(1)).await;

    assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    assert_eq!(answer.json()["error"]["message"], "stage search: the vector database answered with an error");
    assert!(fixture.sample("rag_query_errors_total{stage=\"search\"}").await.abs() < f64::EPSILON);
}
