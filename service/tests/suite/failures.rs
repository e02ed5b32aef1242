//! Each stage failing: the answer, the count, the trace.

use std::collections::HashMap;

use axum::http::StatusCode;
use rag_service::{App, config::Config, telemetry::Telemetry};

use crate::{
    fakes::{header, model, qdrant, redis},
    fixture::{Answer, Fixture},
    tree::{assert_outline, attribute},
};

const SHORT: [(&str, &str); 3] =
    [("OPENAI_TIMEOUT_MS", "150"), ("QDRANT_TIMEOUT_MS", "150"), ("REDIS_TIMEOUT_MS", "150")];

/// A failed query: its status, the stage in its message, its `error.type` on the query's span, its count.
async fn assert_failed(fixture: &Fixture, answer: &Answer, status: u16, stage: &str, error_type: &str) {
    assert_eq!(answer.status, StatusCode::from_u16(status).unwrap(), "{}", answer.text);
    let body = answer.json();
    let message = body["error"]["message"].as_str().unwrap();
    assert!(message.starts_with(&format!("stage {stage}: ")), "{message}");
    assert!(!answer.text.contains("canary"), "{message}");

    let traces = fixture.traces();
    let query = traces.span("rag.query");
    assert_eq!(attribute(query, "error.type"), Some(format!("\"{error_type}\"")), "{}", traces.outline());
    assert_eq!(attribute(query, "query.outcome").as_deref(), Some("\"failed\""));
    let server = traces.all().iter().find(|span| span.name.starts_with("POST /api/rag")).unwrap();
    assert_eq!(attribute(server, "error.type"), Some(format!("\"{status}\"")));
    for other in ["request", "cache", "embedding", "search", "rerank", "llm"] {
        let count = fixture.sample(&format!("rag_query_errors_total{{stage=\"{other}\"}}")).await;
        assert!((count - f64::from(u8::from(other == stage))).abs() < f64::EPSILON, "{other}: {count}");
    }
}

#[tokio::test]
async fn a_refused_embedding_call_is_tried_again_after_the_delay_the_server_asks_for() {
    let fixture = Fixture::with_documents(&[]).await;
    fixture.model.embeddings.then(model::Behaviour::Status(429, vec![("retry-after-ms", "1")]));

    let answer = fixture.ask("/api/rag").await;

    assert_eq!(answer.status, StatusCode::OK);
    let traces = fixture.traces();
    assert!(
        traces
            .outline()
            .contains("\n      embeddings text-embedding-3-large CLIENT\n        POST CLIENT !\n        POST CLIENT\n"),
        "{}",
        traces.outline()
    );
    let attempts: Vec<_> = traces.all().iter().filter(|span| span.name == "POST").collect();
    let of_attempts = |key: &str| attempts.iter().map(|span| attribute(span, key)).collect::<Vec<_>>();
    assert_eq!(of_attempts("http.request.resend_count"), [None, Some("1".into()), None]);
    assert_eq!(of_attempts("http.response.status_code"), [Some("429".into()), Some("200".into()), Some("200".into())]);
    assert_eq!(of_attempts("error.type"), [Some("\"429\"".into()), None, None]);
}

#[tokio::test]
async fn an_embedding_call_that_keeps_failing_fails_the_query_with_its_stage() {
    let fixture = Fixture::with_documents(&[]).await;
    for _ in 0..3 {
        fixture.model.embeddings.then(model::Behaviour::Status(500, vec![("retry-after-ms", "1")]));
    }

    let answer = fixture.ask("/api/rag").await;

    assert_failed(&fixture, &answer, 502, "embedding", "500").await;
    assert_outline(
        &fixture.traces(),
        "
        POST /api/rag SERVER !
          rag.query !
            GET CLIENT
            rag.embedding !
              GET CLIENT
              embeddings text-embedding-3-large CLIENT !
                POST CLIENT !
                POST CLIENT !
                POST CLIENT !
        ",
    );
}

#[tokio::test]
async fn a_refusal_that_lasts_longer_than_the_call_may_is_not_waited_for() {
    let fixture = Fixture::with_documents(&[]).await;
    fixture.model.embeddings.then(model::Behaviour::Status(429, vec![("retry-after", "3600")]));

    let answer = fixture.ask("/api/rag").await;

    assert_failed(&fixture, &answer, 502, "embedding", "429").await;
}

#[tokio::test]
async fn an_error_that_will_not_go_away_is_not_tried_again() {
    let fixture = Fixture::with_documents(&[]).await;
    fixture.model.embeddings.then(model::Behaviour::Status(401, vec![]));

    let answer = fixture.ask("/api/rag").await;

    assert_failed(&fixture, &answer, 502, "embedding", "401").await;
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_fails_the_stage() {
    let fixture = Fixture::with_documents(&[]).await;
    fixture.model.embeddings.then(model::Behaviour::Nonsense);

    let answer = fixture.ask("/api/rag").await;

    assert_failed(&fixture, &answer, 502, "embedding", "invalid_response").await;
}

#[tokio::test]
async fn a_vector_database_that_answers_with_an_error_fails_the_search() {
    let fixture = Fixture::with_documents(&[]).await;
    fixture.qdrant.script.then(qdrant::Behaviour::Fail(tonic::Code::NotFound));

    let answer = fixture.ask("/api/rag").await;

    assert_failed(&fixture, &answer, 502, "search", "NOT_FOUND").await;
    let traces = fixture.traces();
    let call = traces.span("query rag_documents");
    assert_eq!(attribute(call, "error.type").as_deref(), Some("\"NOT_FOUND\""));
    assert_eq!(attribute(call, "db.response.status_code").as_deref(), Some("\"NOT_FOUND\""));
}

/// A connection that the server has closed is found so only by its next call, and that fails with one of these.
#[tokio::test]
async fn a_call_of_the_vector_database_that_may_work_again_is_tried_once_more() {
    use tonic::Code;
    for code in [Code::Internal, Code::Unavailable, Code::Cancelled, Code::Unknown] {
        let fixture = Fixture::with_documents(&[]).await;
        fixture.qdrant.received.lock().unwrap().clear();
        fixture.qdrant.script.then(qdrant::Behaviour::Fail(code));

        let answer = fixture.ask("/api/rag").await;

        assert_eq!(answer.status, StatusCode::OK, "{code:?}: {}", answer.text);
        let parents = header(&fixture.qdrant.received, "traceparent");
        assert_eq!(parents.len(), 2, "{code:?}");
        assert!(parents[0].is_some() && parents[0] == parents[1], "one span for both");
    }
}

#[tokio::test]
async fn a_call_of_the_vector_database_is_not_tried_for_ever() {
    let fixture = Fixture::with_documents(&[]).await;
    for _ in 0..2 {
        fixture.qdrant.script.then(qdrant::Behaviour::Fail(tonic::Code::Internal));
    }

    let answer = fixture.ask("/api/rag").await;

    assert_failed(&fixture, &answer, 502, "search", "INTERNAL").await;
}

#[tokio::test]
async fn an_api_key_that_no_header_can_hold_is_told_at_the_start() {
    let config = Config::from_source(&HashMap::from([("OPENAI_API_KEY", "key"), ("QDRANT_API_KEY", "a\nb")]));

    let error = App::new(&config.unwrap(), &Telemetry::disabled()).unwrap_err();

    assert_eq!(error.to_string(), "the client of Qdrant cannot be made: check QDRANT_URL and QDRANT_API_KEY");
    assert!(!format!("{error:?}").contains("a\\nb"), "{error:?}");
}

#[tokio::test]
async fn a_vector_database_that_is_down_makes_the_query_unavailable() {
    let fixture = Fixture::with(&[("QDRANT_URL", "http://127.0.0.1:1")]).await;

    let answer = fixture.ask("/api/rag").await;

    assert_failed(&fixture, &answer, 503, "search", "connection_error").await;
}

#[tokio::test]
async fn a_vector_database_that_does_not_answer_is_a_timeout() {
    let fixture = Fixture::with_documents(&SHORT).await;
    fixture.qdrant.script.then(qdrant::Behaviour::Hang);

    let answer = fixture.ask("/api/rag").await;

    assert_failed(&fixture, &answer, 504, "search", "timeout").await;
}

#[tokio::test]
async fn a_chat_model_that_fails_fails_the_generation() {
    let fixture = Fixture::with_documents(&[("OPENAI_MAX_RETRIES", "0")]).await;
    fixture.model.chat.then(model::Behaviour::Status(500, vec![]));

    let answer = fixture.ask("/api/rag").await;

    assert_failed(&fixture, &answer, 502, "llm", "500").await;
    assert!(
        fixture
            .traces()
            .outline()
            .ends_with("    rag.llm_generation !\n      chat gpt-4o-mini CLIENT !\n        POST CLIENT !\n")
    );
}

#[tokio::test]
async fn a_chat_model_that_is_too_slow_is_a_timeout_at_every_level() {
    let fixture = Fixture::with_documents(&SHORT).await;
    fixture.model.chat.then(model::Behaviour::Hang);

    let answer = fixture.ask("/api/rag").await;

    assert_failed(&fixture, &answer, 504, "llm", "timeout").await;
    let traces = fixture.traces();
    let failed = traces.all().iter().filter(|span| attribute(span, "error.type").as_deref() == Some("\"timeout\""));
    let mut names: Vec<&str> = failed.map(|span| span.name.as_ref()).collect();
    names.sort_unstable();
    assert_eq!(names, ["POST", "chat gpt-4o-mini", "rag.llm_generation", "rag.query"]);
}

#[tokio::test]
async fn a_reranker_that_fails_fails_the_query() {
    let fixture = Fixture::with_documents(&[("RERANKER_URL", "http://127.0.0.1:1")]).await;

    let answer = fixture.ask("/api/rag").await;

    assert_failed(&fixture, &answer, 503, "rerank", "connection_error").await;
    assert!(fixture.traces().outline().ends_with("    rag.rerank !\n      POST CLIENT !\n"));
}

#[tokio::test]
async fn a_cache_that_is_down_is_a_miss_and_no_failure() {
    let fixture = Fixture::with_documents(&[("REDIS_URL", "redis://127.0.0.1:1")]).await;

    let answer = fixture.ask("/api/rag").await;

    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let traces = fixture.traces();
    assert_eq!(traces.outline().matches("GET CLIENT !").count(), 2, "{}", traces.outline());
    assert_eq!(traces.outline().matches("SET CLIENT !").count(), 2, "{}", traces.outline());
    assert_eq!(attribute(traces.span("rag.query"), "error.type"), None);
    assert_eq!(attribute(traces.span("GET"), "error.type").as_deref(), Some("\"connection_error\""));
    let count = fixture.sample("rag_query_errors_total{stage=\"cache\"}").await;
    assert!((count - 4.0).abs() < f64::EPSILON, "{count}");
}

#[tokio::test]
async fn every_way_in_which_a_cache_fails_is_told_apart() {
    for (behaviour, error_type) in [
        (redis::Behaviour::Error("LOADING upstream-canary"), "\"LOADING\""),
        (redis::Behaviour::Hang, "\"timeout\""),
        (redis::Behaviour::Cut, "\"connection_error\""),
    ] {
        let fixture = Fixture::with_documents(&SHORT).await;
        fixture.redis.script.then(behaviour);

        let answer = fixture.ask("/api/rag").await;

        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let traces = fixture.traces();
        let first = traces.all().iter().find(|span| span.name == "GET").unwrap();
        assert_eq!(attribute(first, "error.type").as_deref(), Some(error_type));
    }
}

#[tokio::test]
async fn a_cache_that_comes_back_is_used_again() {
    let fixture = Fixture::with_documents(&[]).await;
    fixture.redis.script.then(redis::Behaviour::Cut);
    fixture.ask("/api/rag").await;

    let answer = fixture.ask("/api/rag").await;

    assert_eq!(answer.json()["cached"], true);
}
