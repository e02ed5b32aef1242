//! The service with fakes around it and its spans in memory.

use std::collections::HashMap;

use axum::{
    body::Body,
    http::{Request, Response, StatusCode},
};
use http_body_util::BodyExt as _;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SimpleSpanProcessor};
use rag_service::{App, config::Config, telemetry::Providers};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{
    fakes::{model::Model, qdrant::Qdrant, redis::Redis},
    tree::Trees,
};

pub(crate) const QUESTION: &str = "How does sampling of traces work?";

pub(crate) struct Fixture {
    pub(crate) model: Model,
    pub(crate) qdrant: Qdrant,
    pub(crate) redis: Redis,
    pub(crate) app: App,
    exporter: InMemorySpanExporter,
    // Kept alive: the tracer works as long as its provider does.
    _providers: Providers,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With settings besides those of the fakes' addresses.
    pub(crate) async fn with(settings: &[(&'static str, &str)]) -> Self {
        let (model, qdrant, redis) = (Model::run().await, Qdrant::run().await, Redis::run().await);
        let mut all = HashMap::from([
            ("OPENAI_BASE_URL", model.url.as_str()),
            ("OPENAI_API_KEY", "key-canary"),
            ("QDRANT_URL", &qdrant.url),
            ("REDIS_URL", &redis.url),
        ]);
        all.extend(settings.iter().copied());
        let config = Config::from_source(&all).unwrap();
        let exporter = InMemorySpanExporter::default();
        let processor = SimpleSpanProcessor::new(exporter.clone());
        let providers = Providers::with_span_processor(&config.telemetry, processor);
        let app = App::new(&config, &providers.telemetry()).unwrap();
        Self { model, qdrant, redis, app, exporter, _providers: providers }
    }

    /// With two documents about telemetry and one about cooking in it; their traces are forgotten.
    pub(crate) async fn with_documents(settings: &[(&'static str, &str)]) -> Self {
        let fixture = Self::with(settings).await;
        fixture.ingest().await;
        fixture.exporter.reset();
        fixture
    }

    pub(crate) async fn ingest(&self) {
        let documents = json!({ "documents": [
            { "id": "sampling", "title": "Sampling", "topic_id": "telemetry", "text": "Sampling of traces keeps some." },
            { "id": "logs", "title": "Logs", "topic_id": "telemetry", "text": "Logs are lines of text." },
            { "id": "soup", "title": "Soup", "topic_id": "cooking", "text": "Sampling the soup is advised." },
        ] });
        let answer = self.post("/api/documents", &documents).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Request::post(path).body(Body::from(body.to_string())).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn ask(&self, path: &str) -> Answer {
        self.post(path, &question("telemetry")).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.start(request).await;
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        Answer { status, text: String::from_utf8(body.to_vec()).unwrap() }
    }

    /// The head of an answer, its body still to come.
    pub(crate) async fn start(&self, request: Request<Body>) -> Response<Body> {
        self.app.service().oneshot(request).await.unwrap()
    }

    /// The finished traces.
    pub(crate) fn traces(&self) -> Trees {
        Trees::new(self.exporter.get_finished_spans().unwrap())
    }

    /// The value of a sample in `/metrics`, 0 if there is none.
    pub(crate) async fn sample(&self, series: &str) -> f64 {
        let scrape = self.get("/metrics").await.text;
        let line = scrape.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.map_or(0.0, |value| value.parse().unwrap())
    }
}

pub(crate) fn question(topic: &str) -> Value {
    json!({ "query": QUESTION, "topic_ids": [topic] })
}

pub(crate) fn ask_stream() -> Request<Body> {
    Request::post("/api/rag/stream").body(Body::from(question("telemetry").to_string())).unwrap()
}
