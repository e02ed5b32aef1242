//! Streamed queries.

use std::sync::Arc;

use axum::{body::Bytes, http::StatusCode};
use futures::StreamExt as _;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::{
    fakes::model::Behaviour,
    fixture::{Fixture, ask_stream, question},
    tree::{assert_outline, attribute},
};

/// Names and data of the events of a body.
fn events(body: &str) -> Vec<(String, Value)> {
    body.split("\n\n")
        .filter(|event| !event.is_empty())
        .map(|event| {
            let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            (field("event: ").to_owned(), serde_json::from_str(field("data: ")).unwrap())
        })
        .collect()
}

fn names(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(name, _)| name.as_str()).collect()
}

#[tokio::test]
async fn an_answer_comes_in_pieces_then_its_sources_then_the_end() {
    let fixture = Fixture::with_documents(&[]).await;

    let answer = fixture.send(ask_stream()).await;

    let events = events(&answer.text);
    assert_eq!(names(&events), ["answer_chunk", "answer_chunk", "answer_chunk", "citations", "done"]);
    assert_eq!(events[0].1, json!({ "text": "Sampling " }));
    assert_eq!(events[3].1["sources"][0]["document_id"], "sampling");
    let usage = json!({ "prompt_tokens": 40, "completion_tokens": 5, "total_tokens": 45 });
    assert_eq!(events[4].1, json!({ "cached": false, "usage": usage }));
}

#[tokio::test]
async fn a_streamed_query_has_the_tree_of_a_plain_one_and_the_time_to_its_first_chunk() {
    let fixture = Fixture::with_documents(&[]).await;

    fixture.send(ask_stream()).await;

    let traces = fixture.traces();
    assert_outline(
        &traces,
        "
        POST /api/rag/stream SERVER
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
        ",
    );
    let chat = traces.span("chat gpt-4o-mini");
    assert!(attribute(chat, "gen_ai.response.time_to_first_chunk").is_some());
    assert_eq!(attribute(chat, "gen_ai.usage.output_tokens").as_deref(), Some("5"));
    assert_eq!(attribute(traces.span("rag.query"), "query.outcome").as_deref(), Some("\"answered\""));
    let scrape = fixture.get("/metrics").await.text;
    assert!(scrape.contains("gen_ai_client_operation_time_to_first_chunk_seconds_count{"), "{scrape}");
}

#[tokio::test]
async fn every_span_of_a_stream_ends_inside_its_parent() {
    let fixture = Fixture::with_documents(&[]).await;

    fixture.send(ask_stream()).await;

    let traces = fixture.traces();
    for child in traces.all() {
        let parent = traces.all().iter().find(|span| span.span_context.span_id() == child.parent_span_id);
        if let Some(parent) = parent {
            assert!(parent.start_time <= child.start_time && child.end_time <= parent.end_time, "{}", child.name);
        }
    }
}

#[tokio::test]
async fn streamed_and_plain_queries_share_their_answers() {
    let fixture = Fixture::with_documents(&[]).await;
    fixture.send(ask_stream()).await;

    let plain = fixture.ask("/api/rag").await.json();
    let streamed = fixture.send(ask_stream()).await;

    assert_eq!(plain["cached"], true);
    let events = events(&streamed.text);
    assert_eq!(names(&events), ["answer_chunk", "citations", "done"]);
    assert_eq!(events[0].1["text"], plain["answer"]);
    assert_eq!(events[2].1, json!({ "cached": true, "usage": null }));
}

#[tokio::test]
async fn a_stream_without_hits_says_so_in_one_piece() {
    let fixture = Fixture::with_documents(&[]).await;

    let answer = fixture.post("/api/rag/stream", &question("nothing")).await;

    assert_eq!(names(&events(&answer.text)), ["answer_chunk", "citations", "done"]);
    let traces = fixture.traces();
    assert_eq!(attribute(traces.span("rag.query"), "query.outcome").as_deref(), Some("\"no_results\""));
}

#[tokio::test]
async fn what_fails_before_the_first_piece_is_a_plain_error() {
    let fixture = Fixture::with_documents(&[("OPENAI_MAX_RETRIES", "0")]).await;
    fixture.model.chat.then(Behaviour::Status(500, vec![]));

    let answer = fixture.send(ask_stream()).await;

    assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    assert_eq!(answer.json()["error"]["type"], "dependency_error");
}

#[tokio::test]
async fn a_stream_that_breaks_ends_with_an_error_event_and_failed_spans() {
    let fixture = Fixture::with_documents(&[]).await;
    let cut = Arc::new(Notify::new());
    fixture.model.chat.then(Behaviour::CutWhen(Arc::clone(&cut)));
    let response = fixture.start(ask_stream()).await;
    let status = response.status();
    let mut body = response.into_body().into_data_stream();
    let first = body.next().await.unwrap().unwrap();

    cut.notify_one();
    let rest: Vec<Bytes> = body.map(Result::unwrap).collect().await;

    assert_eq!(status, StatusCode::OK);
    let events = events(std::str::from_utf8(&[first.as_ref(), &rest.concat()].concat()).unwrap());
    assert_eq!(names(&events), ["answer_chunk", "error"]);
    assert_eq!(events[1].1["error"]["message"], "stage llm: the chat model cannot be reached");
    assert_broken(&fixture).await;
}

#[tokio::test]
async fn a_stream_that_ends_before_the_model_has_finished_is_broken_too() {
    let fixture = Fixture::with_documents(&[]).await;
    fixture.model.chat.then(Behaviour::EndEarly);

    let answer = fixture.send(ask_stream()).await;

    assert_eq!(names(&events(&answer.text)), ["answer_chunk", "error"]);
    assert_broken(&fixture).await;
    assert_eq!(fixture.redis.lifetimes(), [2_592_000], "half an answer is not remembered");
}

async fn assert_broken(fixture: &Fixture) {
    let outline = fixture.traces().outline();
    assert!(outline.starts_with("POST /api/rag/stream SERVER\n  rag.query !\n"), "{outline}");
    assert!(
        outline.ends_with("    rag.llm_generation !\n      chat gpt-4o-mini CLIENT !\n        POST CLIENT\n"),
        "{outline}"
    );
    let count = fixture.sample("rag_query_errors_total{stage=\"llm\"}").await;
    assert!((count - 1.0).abs() < f64::EPSILON, "{count}");
}

#[tokio::test]
async fn a_stream_that_stalls_is_a_timeout() {
    let fixture = Fixture::with_documents(&[("OPENAI_TIMEOUT_MS", "150")]).await;
    fixture.model.chat.then(Behaviour::Stall);

    let answer = fixture.send(ask_stream()).await;

    assert_eq!(events(&answer.text)[1].1["error"]["type"], "timeout");
    let traces = fixture.traces();
    assert_eq!(attribute(traces.span("rag.query"), "error.type").as_deref(), Some("\"timeout\""));
}

#[tokio::test]
async fn a_client_that_leaves_ends_every_span_and_is_measured() {
    let fixture = Fixture::with_documents(&[]).await;
    fixture.model.chat.then(Behaviour::Stall);
    let response = fixture.start(ask_stream()).await;
    let mut body = response.into_body().into_data_stream();
    let first = body.next().await.unwrap().unwrap();
    assert!(first.starts_with(b"event: answer_chunk"));

    drop(body);

    let traces = fixture.traces();
    assert_outline(
        &traces,
        "
        POST /api/rag/stream SERVER
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
              chat gpt-4o-mini CLIENT !
                POST CLIENT
        ",
    );
    let query = traces.span("rag.query");
    assert_eq!(attribute(query, "query.outcome").as_deref(), Some("\"abandoned\""));
    assert_eq!(attribute(query, "error.type"), None);
    assert_eq!(attribute(traces.span("chat gpt-4o-mini"), "error.type").as_deref(), Some("\"cancelled\""));
    let queries = fixture.sample("rag_query_duration_seconds_count{cache_hit=\"false\"}").await;
    assert!((queries - 1.0).abs() < f64::EPSILON, "{queries}");
    let active = "http_server_active_requests{http_request_method=\"POST\",url_scheme=\"http\"}";
    assert!(fixture.sample(active).await.abs() < f64::EPSILON);
}

#[tokio::test]
async fn pieces_are_not_held_back_until_the_client_acknowledges_the_ones_before() {
    let Fixture { app, model, qdrant: _qdrant, redis: _redis, .. } = Fixture::with_documents(&[]).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api/rag/stream", listener.local_addr().unwrap());
    let serving = tokio::spawn(app.run(listener, std::future::pending()));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();

    // On a connection that has been used, a client acknowledges late, by 40 ms on Linux: Nagle's algorithm would make
    // every answer wait for that. The quickest of ten says whether it does, however busy the machine is.
    let mut quickest = std::time::Duration::MAX;
    for asked in 0..10 {
        model.chat.then(Behaviour::InPieces);
        let began = std::time::Instant::now();
        let question = json!({ "query": format!("How does sampling work? ({asked})"), "topic_ids": ["telemetry"] });
        let answer = client.post(&url).body(question.to_string()).send().await.unwrap();
        assert!(answer.text().await.unwrap().contains("event: done"));
        quickest = quickest.min(began.elapsed());
    }

    assert!(quickest.as_millis() < 35, "the quickest answer took {} ms", quickest.as_millis());
    serving.abort();
}
