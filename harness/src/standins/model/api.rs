//! The endpoints, as mocks of a wiremock server.

use std::sync::Arc;

use serde_json::{Value, json};
use wiremock::matchers::{any, method, path, path_regex};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::chat;
use super::embeddings;
use super::failure::Failure;

/// What the endpoints need to know.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) dimensions: usize,
    pub(super) api_key: Option<String>,
    pub(super) answer_suffix: String,
}

/// The models that `GET /v1/models` lists. Requests may name any other.
const MODELS: &[&str] = &["gpt-4o", "gpt-4o-mini", "text-embedding-3-large", "text-embedding-3-small"];

/// Mounts all endpoints, behind every mock a user may mount.
pub(super) async fn mount(mocks: &MockServer, settings: Arc<Settings>) {
    /// wiremock asks the mocks in this order: 1 first, users' own at 5.
    const LAST: u8 = u8::MAX;
    let endpoint = |answer: Answer| Endpoint { settings: Arc::clone(&settings), answer };

    let post = |url: &str, answer| Mock::given(method("POST")).and(path(url)).respond_with(endpoint(answer));
    post("/v1/embeddings", embeddings::answer).with_priority(LAST - 1).mount(mocks).await;
    post("/v1/chat/completions", chat::answer).with_priority(LAST - 1).mount(mocks).await;
    let models = Mock::given(method("GET")).and(path_regex("^/v1/models(/[^/]+)?$"));
    models.respond_with(endpoint(list_models)).with_priority(LAST - 1).mount(mocks).await;
    Mock::given(any()).respond_with(endpoint(refuse)).with_priority(LAST).mount(mocks).await;
}

type Answer = fn(&Settings, &Request) -> Result<ResponseTemplate, Failure>;

struct Endpoint {
    settings: Arc<Settings>,
    answer: Answer,
}

impl Respond for Endpoint {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        authorise(&self.settings, request)
            .and_then(|()| (self.answer)(&self.settings, request))
            .unwrap_or_else(ResponseTemplate::from)
            .insert_header("openai-version", "2020-10-01")
            .insert_header("x-request-id", format!("req_{}", uuid::Uuid::new_v4().simple()))
    }
}

fn authorise(settings: &Settings, request: &Request) -> Result<(), Failure> {
    let header = request.headers.get("authorization").and_then(|value| value.to_str().ok());
    let key = header.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim).unwrap_or_default();
    match &settings.api_key {
        _ if key.is_empty() => Err(Failure::no_key()),
        Some(wanted) if wanted != key => Err(Failure::wrong_key()),
        _ => Ok(()),
    }
}

fn list_models(_: &Settings, request: &Request) -> Result<ResponseTemplate, Failure> {
    let described = |id: &str| json!({"id": id, "object": "model", "created": 1_715_367_049, "owned_by": "system"});
    let wanted = request.url.path().strip_prefix("/v1/models/");
    let body = match wanted {
        None => json!({"object": "list", "data": MODELS.iter().map(|id| described(id)).collect::<Vec<Value>>()}),
        Some(id) if MODELS.contains(&id) => described(id),
        Some(id) => return Err(Failure::unknown_model(id)),
    };
    Ok(ResponseTemplate::new(200).set_body_json(body))
}

fn refuse(_: &Settings, request: &Request) -> Result<ResponseTemplate, Failure> {
    let (method, path) = (request.method.as_str(), request.url.path());
    let known = ["/v1/embeddings", "/v1/chat/completions", "/v1/models"].contains(&path);
    Err(if known { Failure::wrong_method(method, path) } else { Failure::unknown_url(method, path) })
}

/// Reads a JSON body.
pub(super) fn body<'a, T: serde::Deserialize<'a>>(request: &'a Request) -> Result<T, Failure> {
    serde_json::from_slice(&request.body).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => Failure::invalid(error.to_string(), None),
        _ => Failure::invalid(
            "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP \
             library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)",
            None,
        ),
    })
}
