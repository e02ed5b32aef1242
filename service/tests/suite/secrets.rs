//! What must never be in telemetry.

use axum::{body::Body, http::Request};
use serde_json::json;

use crate::{
    fakes::model::Behaviour,
    fixture::{Fixture, question},
    tree::attribute,
};

/// The whole telemetry as text.
async fn telemetry(fixture: &Fixture) -> String {
    format!("{:?}\n{}", fixture.traces().all(), fixture.get("/metrics").await.text)
}

#[tokio::test]
async fn nothing_from_requests_documents_prompts_answers_or_upstream_bodies_is_kept() {
    let fixture = Fixture::with(&[("RAG_SYSTEM_PROMPT", "prompt-canary"), ("OPENAI_MAX_RETRIES", "0")]).await;
    let document = json!({
        "id": "id-canary", "title": "title-canary", "topic_id": "topic-canary", "text": "document-canary sampling",
    });
    fixture.post("/api/documents", &json!({ "documents": [document] })).await;
    let body = json!({ "query": "query-canary sampling", "topic_ids": ["topic-canary"] }).to_string();
    for path in ["/api/rag", "/api/rag/stream", "/api/rag?token=url-canary"] {
        let request = Request::post(path).header("authorization", "header-canary").header("user-agent", "agent-canary");
        let answer = fixture.send(request.body(Body::from(body.clone())).unwrap()).await;
        assert!(answer.text.contains("Sampling"), "{}", answer.text);
    }
    fixture.model.embeddings.then(Behaviour::Status(500, vec![])).then(Behaviour::Nonsense);
    for topic in ["a", "b"] {
        let body = json!({ "query": format!("other-canary {topic}"), "topic_ids": [topic] });
        fixture.post("/api/rag", &body).await;
    }

    let telemetry = telemetry(&fixture).await;

    assert!(telemetry.contains("rag.llm_generation") && telemetry.contains("rag_query_errors_total"));
    let leak = telemetry.lines().find(|line| line.contains("canary"));
    assert_eq!(leak, None);
    assert!(!telemetry.contains("keeps some traces"), "the answer");
}

#[tokio::test]
async fn prompt_and_answer_are_kept_for_those_who_ask_for_them() {
    let fixture = Fixture::with_documents(&[("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true")]).await;

    fixture.post("/api/rag", &question("telemetry")).await;

    let traces = fixture.traces();
    let chat = traces.span("chat gpt-4o-mini");
    let input = attribute(chat, "gen_ai.input.messages").unwrap();
    let output = attribute(chat, "gen_ai.output.messages").unwrap();
    assert!(input.contains("How does sampling of traces work?") && input.contains(r#""role":"system""#), "{input}");
    assert!(output.contains("Sampling keeps some traces.") && output.contains(r#""finish_reason":"stop""#), "{output}");
}
