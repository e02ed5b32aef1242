//! The trace of a query.

use crate::{
    fixture::{Fixture, question},
    tree::assert_outline,
};

const COLD: &str = "
    POST /api/rag SERVER
      rag.query
        GET CLIENT
        rag.embedding
          GET CLIENT
          embeddings text-embedding-3-large CLIENT
            POST CLIENT
          SET CLIENT
        rag.vector_search
          query rag_documents CLIENT
        rag.rerank
        rag.llm_generation
          chat gpt-4o-mini CLIENT
            POST CLIENT
        SET CLIENT
";

#[tokio::test]
async fn a_cold_query_is_answered_from_the_passages_of_its_topic() {
    let fixture = Fixture::with_documents(&[]).await;

    let answer = fixture.ask("/api/rag").await.json();

    assert_eq!(answer["answer"], "Sampling keeps some traces.");
    assert_eq!(answer["cached"], false);
    assert_eq!(answer["sources"][0]["document_id"], "sampling");
    assert_eq!(answer["context"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_cold_query_is_one_tree() {
    let fixture = Fixture::with_documents(&[]).await;

    fixture.ask("/api/rag").await;

    assert_outline(&fixture.traces(), COLD);
}

#[tokio::test]
async fn a_cached_query_looks_into_the_cache_only() {
    let fixture = Fixture::with_documents(&[]).await;
    let cold = fixture.ask("/api/rag").await.json();
    let before = fixture.traces().len();

    let same = serde_json::json!({ "query": "  how does SAMPLING of traces work? ", "topic_ids": ["telemetry"] });
    let answer = fixture.post("/api/rag", &same).await.json();

    assert_eq!(answer["cached"], true);
    assert_eq!(answer["answer"], cold["answer"]);
    assert_eq!(answer["context"], cold["context"]);
    let warm = crate::tree::Trees::new(fixture.traces().all()[before..].to_vec());
    assert_outline(
        &warm,
        "
        POST /api/rag SERVER
          rag.query
            GET CLIENT
    ",
    );
    assert!(warm.attributes("rag.query").contains(&"cache.hit=true".to_owned()));
}

#[tokio::test]
async fn a_known_question_about_another_topic_reuses_its_vector() {
    let fixture = Fixture::with_documents(&[]).await;
    fixture.ask("/api/rag").await;
    let before = fixture.traces().len();

    fixture.post("/api/rag", &question("cooking")).await;

    let second = crate::tree::Trees::new(fixture.traces().all()[before..].to_vec());
    assert!(!second.outline().contains("embeddings"), "{}", second.outline());
    let embedding = second.attributes("rag.embedding");
    assert!(embedding.contains(&"cache.hit=true".to_owned()), "{embedding:?}");
    assert!(embedding.contains(&"tokens.total=0".to_owned()), "{embedding:?}");
}

#[tokio::test]
async fn a_query_without_hits_asks_no_model_and_is_remembered_for_less() {
    let fixture = Fixture::with_documents(&[]).await;

    let answer = fixture.post("/api/rag", &question("nothing")).await.json();

    assert_eq!(answer["sources"], serde_json::json!([]));
    assert_outline(
        &fixture.traces(),
        "
        POST /api/rag SERVER
          rag.query
            GET CLIENT
            rag.embedding
              GET CLIENT
              embeddings text-embedding-3-large CLIENT
                POST CLIENT
              SET CLIENT
            rag.vector_search
              query rag_documents CLIENT
            SET CLIENT
    ",
    );
    assert!(fixture.traces().attributes("rag.query").contains(&"results.count=0".to_owned()));
    assert_eq!(fixture.redis.lifetimes(), [300, 2_592_000]);
}

#[tokio::test]
async fn answers_are_remembered_for_a_quarter_of_an_hour_and_vectors_for_a_month() {
    let fixture = Fixture::with_documents(&[]).await;

    fixture.ask("/api/rag").await;

    assert_eq!(fixture.redis.lifetimes(), [900, 2_592_000]);
}

#[tokio::test]
async fn the_stages_carry_what_they_did() {
    let fixture = Fixture::with_documents(&[]).await;

    fixture.ask("/api/rag").await;

    let traces = fixture.traces();
    assert_eq!(
        traces.attributes("rag.query"),
        [
            "cache.hit=false",
            "query.length=33",
            "query.outcome=\"answered\"",
            "rerank.top_k=5",
            "results.count=2",
            "search.limit=10",
            "topic_ids.count=1",
        ]
    );
    assert_eq!(
        traces.attributes("rag.embedding"),
        ["cache.hit=false", "model.name=\"text-embedding-3-large\"", "text.length=33", "tokens.total=7"]
    );
    let without_scores = |name: &str| {
        let mut lines = traces.attributes(name);
        let all = lines.len();
        lines.retain(|line| !line.starts_with("score."));
        assert_eq!(all - lines.len(), 2, "best and worst score");
        lines
    };
    assert_eq!(
        without_scores("rag.vector_search"),
        ["context_ids.count=2", "results.count=2", "search.limit=10", "topic_ids.count=1"]
    );
    assert_eq!(without_scores("rag.rerank"), ["input.count=2", "output.count=2", "query.length=33", "top_k=5"]);
    let mut generation = traces.attributes("rag.llm_generation");
    generation.retain(|line| !line.starts_with("prompt.length="));
    assert_eq!(
        generation,
        [
            "answer.length=27",
            "model.name=\"gpt-4o-mini\"",
            "tokens.completion=5",
            "tokens.prompt=40",
            "tokens.total=45"
        ]
    );
}
