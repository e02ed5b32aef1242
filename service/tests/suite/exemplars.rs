//! OpenMetrics on `/metrics`, and the exemplars in it.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use http_body_util::BodyExt as _;

use crate::{
    fakes::model::Behaviour,
    fixture::{Fixture, ask_stream, question},
};

/// As Prometheus 3 sends it.
const ACCEPT: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
    application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
    text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

fn openmetrics() -> Request<Body> {
    Request::get("/metrics").header(header::ACCEPT, ACCEPT).body(Body::empty()).unwrap()
}

async fn scrape(fixture: &Fixture) -> String {
    fixture.send(openmetrics()).await.text
}

/// An exemplar and the sample it stands on.
struct Exemplar {
    series: String,
    trace_id: String,
    span_id: String,
}

fn exemplars(page: &str) -> Vec<Exemplar> {
    let quoted = |text: &str, label: &str| {
        let (_, rest) = text.split_once(&format!("{label}=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let written = page.lines().filter_map(|line| line.split_once(" # "));
    written
        .map(|(sample, exemplar)| Exemplar {
            series: sample.rsplit_once(' ').unwrap().0.to_owned(),
            trace_id: quoted(exemplar, "trace_id"),
            span_id: quoted(exemplar, "span_id"),
        })
        .collect()
}

/// A query each: cold, cached, streamed, failed, and one that cannot be read.
async fn ask_everything(fixture: &Fixture) {
    fixture.ask("/api/rag").await;
    fixture.ask("/api/rag").await;
    fixture.post("/api/rag/stream", &question("cooking")).await;
    fixture.model.chat.then(Behaviour::Status(500, vec![]));
    fixture.post("/api/rag", &serde_json::json!({ "query": "why?", "topic_ids": ["telemetry"] })).await;
    fixture.post("/api/rag", &serde_json::json!({ "query": "", "topic_ids": [] })).await;
}

#[tokio::test]
async fn who_asks_for_openmetrics_gets_it_and_everybody_else_text() {
    let fixture = Fixture::new().await;
    let content_type = async |request| {
        let head = fixture.start(request).await;
        let value = head.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        (value, head.into_body().collect().await.unwrap().to_bytes().ends_with(b"\n# EOF\n"))
    };

    let asked = content_type(openmetrics()).await;
    let plain = content_type(Request::get("/metrics").body(Body::empty()).unwrap()).await;

    assert_eq!(asked, ("application/openmetrics-text; version=1.0.0; charset=utf-8".to_owned(), true));
    assert_eq!(plain, ("text/plain; version=0.0.4".to_owned(), false));
}

#[tokio::test]
async fn both_formats_have_the_same_series() {
    let fixture = Fixture::with_documents(&[]).await;
    ask_everything(&fixture).await;
    // By name and labels; a bound as the number it is, for `1` and `1.0` are one bucket to Prometheus.
    let series = |page: &str| -> BTreeSet<String> {
        let samples = page.lines().filter(|line| !line.starts_with('#'));
        samples
            .map(|line| {
                let line = line.split_once(" # ").map_or(line, |(sample, _)| sample);
                let series = line.rsplit_once(' ').unwrap().0;
                match series.split_once("le=\"") {
                    Some((before, bound)) => {
                        format!("{before}le={:?}", bound.trim_end_matches("\"}").parse::<f64>().unwrap())
                    }
                    None => series.to_owned(),
                }
            })
            .collect()
    };

    let text = series(&fixture.get("/metrics").await.text);
    let openmetrics = series(&scrape(&fixture).await);

    assert_eq!(text.difference(&openmetrics).collect::<Vec<_>>(), Vec::<&String>::new());
    assert_eq!(openmetrics.difference(&text).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[tokio::test]
async fn every_instrument_has_exemplars_and_all_lead_to_a_span() {
    let fixture = Fixture::with(&[("OPENAI_MAX_RETRIES", "0")]).await;
    fixture.ingest().await;
    ask_everything(&fixture).await;
    fixture.send(ask_stream()).await;

    let found = exemplars(&scrape(&fixture).await);

    let names: BTreeSet<&str> = found.iter().map(|exemplar| exemplar.series.split('{').next().unwrap()).collect();
    let wanted = [
        "db_client_operation_duration_seconds_bucket",
        "gen_ai_client_operation_duration_seconds_bucket",
        "gen_ai_client_operation_time_to_first_chunk_seconds_bucket",
        "gen_ai_client_token_usage_bucket",
        "http_client_request_duration_seconds_bucket",
        "http_server_request_duration_seconds_bucket",
        "rag_embedding_cache_hits_total",
        "rag_embedding_cache_misses_total",
        "rag_openai_chat_calls_total",
        "rag_openai_chat_tokens_total",
        "rag_openai_embedding_calls_total",
        "rag_openai_embedding_tokens_total",
        "rag_openai_tokens_total",
        "rag_query_duration_seconds_bucket",
        "rag_query_errors_total",
        "rag_vector_search_results_bucket",
    ];
    assert_eq!(names.into_iter().collect::<Vec<_>>(), wanted);
    let traces = fixture.traces();
    let spans: BTreeMap<String, String> = traces
        .all()
        .iter()
        .map(|span| (span.span_context.span_id().to_string(), span.span_context.trace_id().to_string()))
        .collect();
    let lost: Vec<&str> = found
        .iter()
        .filter(|exemplar| spans.get(&exemplar.span_id) != Some(&exemplar.trace_id))
        .map(|exemplar| exemplar.series.as_str())
        .collect();
    assert_eq!(lost, Vec::<&str>::new());
}

#[tokio::test]
async fn an_exemplar_names_the_very_span_that_was_measured() {
    let fixture = Fixture::with_documents(&[]).await;
    fixture.ask("/api/rag").await;

    let page = scrape(&fixture).await;

    let traces = fixture.traces();
    for (series, name) in [
        ("rag_query_duration_seconds_bucket", "rag.query"),
        ("gen_ai_client_operation_duration_seconds_bucket{gen_ai_operation_name=\"chat\"", "chat gpt-4o-mini"),
        ("rag_vector_search_results_bucket", "rag.vector_search"),
    ] {
        let found: Vec<Exemplar> =
            exemplars(&page).into_iter().filter(|exemplar| exemplar.series.starts_with(series)).collect();
        let span = traces.span(name);
        assert_eq!(found.len(), 1, "{series}");
        assert_eq!(found[0].span_id, span.span_context.span_id().to_string(), "{series}");
        assert_eq!(found[0].trace_id, span.span_context.trace_id().to_string(), "{series}");
    }
}

#[tokio::test]
async fn what_is_not_sampled_or_not_wanted_leaves_no_exemplar() {
    for setting in [("OTEL_TRACES_SAMPLER", "always_off"), ("OTEL_METRICS_EXEMPLAR_FILTER", "always_off")] {
        let fixture = Fixture::with_documents(&[setting]).await;
        ask_everything(&fixture).await;

        let page = scrape(&fixture).await;

        assert!(page.contains("\nrag_query_duration_seconds_count{cache_hit=\"true\"} 1\n"), "{setting:?}\n{page}");
        assert_eq!(exemplars(&page).len(), 0, "{setting:?}");
    }
}

#[tokio::test]
async fn switched_off_metrics_are_not_found_in_any_format() {
    for variable in ["OTEL_ENABLED", "PROMETHEUS_METRICS_ENABLED"] {
        let fixture = Fixture::with(&[(variable, "false")]).await;

        let answer = fixture.send(openmetrics()).await;

        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{variable}");
    }
}
