//! `POST /v1/chat/completions`.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wiremock::{Request, ResponseTemplate};

use super::answer::{self, Said};
use super::api::{self, Settings};
use super::failure::Failure;
use super::{sse, tokens};

/// Tokens that a message costs beside its text, and those that open the answer: OpenAI's own rule.
const TOKENS_PER_MESSAGE: u32 = 4;
const TOKENS_FOR_THE_ANSWER: u32 = 3;

#[derive(Deserialize)]
struct Ask {
    model: String,
    messages: Vec<Message>,
    #[serde(default)]
    stream: bool,
    stream_options: Option<StreamOptions>,
    max_tokens: Option<u32>,
    max_completion_tokens: Option<u32>,
    temperature: Option<f64>,
    n: Option<u32>,
    #[serde(default)]
    logprobs: Option<bool>,
    response_format: Option<ResponseFormat>,
    stop: Option<Value>,
}

#[derive(Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
}

#[derive(Deserialize)]
struct ResponseFormat {
    r#type: String,
}

#[derive(Deserialize)]
struct Message {
    role: String,
    content: Option<Content>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "'content' must be a string or an array of parts")]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
struct Part {
    text: Option<String>,
}

/// An answer that has been worked out, in no format yet.
#[derive(Debug)]
pub(super) struct Completion {
    pub(super) head: Head,
    pub(super) text: String,
    pub(super) finish_reason: &'static str,
    pub(super) usage: Usage,
}

/// What every chunk of an answer repeats.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Head {
    pub(super) id: String,
    pub(super) created: u64,
    pub(super) model: String,
    pub(super) system_fingerprint: &'static str,
}

/// Tokens used.
#[expect(clippy::struct_field_names, reason = "the names are those of the wire")]
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Usage {
    prompt_tokens: u32,
    completion_tokens: u32,
    total_tokens: u32,
}

#[derive(Serialize)]
struct Whole<'a> {
    object: &'static str,
    #[serde(flatten)]
    head: &'a Head,
    choices: [Choice<'a>; 1],
    usage: Usage,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: u32,
    message: AnswerMessage<'a>,
    logprobs: Option<()>,
    finish_reason: &'static str,
}

#[derive(Serialize)]
struct AnswerMessage<'a> {
    role: &'static str,
    content: &'a str,
    refusal: Option<()>,
}

/// Answers a chat.
pub(super) fn answer(settings: &Settings, request: &Request) -> Result<ResponseTemplate, Failure> {
    let ask: Ask = api::body(request)?;
    check(&ask)?;
    let completion = complete(settings, &ask)?;
    if ask.stream {
        let with_usage = ask.stream_options.is_some_and(|options| options.include_usage);
        let events = sse::events(&completion, with_usage);
        return Ok(ResponseTemplate::new(200).set_body_raw(events, "text/event-stream; charset=utf-8"));
    }
    let message = AnswerMessage { role: "assistant", content: &completion.text, refusal: None };
    let choice = Choice { index: 0, message, logprobs: None, finish_reason: completion.finish_reason };
    Ok(ResponseTemplate::new(200).set_body_json(Whole {
        object: "chat.completion",
        head: &completion.head,
        choices: [choice],
        usage: completion.usage,
    }))
}

fn check(ask: &Ask) -> Result<(), Failure> {
    if ask.messages.is_empty() {
        let message = "Invalid 'messages': empty array. Expected an array with minimum length 1.";
        return Err(Failure::invalid(message, Some("messages")));
    }
    if ask.temperature.is_some_and(|temperature| !(0.0..=2.0).contains(&temperature)) {
        let message = "Invalid 'temperature': expected a number from 0 to 2.";
        return Err(Failure::invalid(message, Some("temperature")));
    }
    let refuse = |asked: bool, feature, param| if asked { Err(Failure::unsupported(feature, param)) } else { Ok(()) };
    refuse(ask.n.is_some_and(|n| n != 1), "more than one choice", "n")?;
    refuse(ask.logprobs == Some(true), "log probabilities", "logprobs")?;
    refuse(ask.stop.as_ref().is_some_and(|stop| !stop.is_null()), "stop sequences", "stop")?;
    let structured = ask.response_format.as_ref().is_some_and(|format| format.r#type != "text");
    refuse(structured, "structured answers", "response_format")
}

fn complete(settings: &Settings, ask: &Ask) -> Result<Completion, Failure> {
    let said = ask.messages.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let prompt: u32 = said.iter().map(|message| tokens::count(&message.text) + TOKENS_PER_MESSAGE).sum();
    let mut text = answer::answer(&said);
    text.push_str(&settings.answer_suffix);

    let mut finish_reason = "stop";
    if let Some(short) = ask.max_completion_tokens.or(ask.max_tokens).and_then(|most| tokens::truncate(&text, most)) {
        finish_reason = "length";
        text = short.to_owned();
    }
    let prompt_tokens = prompt + TOKENS_FOR_THE_ANSWER;
    let completion_tokens = tokens::count(&text);
    let total_tokens = prompt_tokens + completion_tokens;
    Ok(Completion {
        head: Head {
            id: format!("chatcmpl-{}", uuid::Uuid::new_v4().simple()),
            created: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs(),
            model: dated(&ask.model).to_owned(),
            system_fingerprint: "fp_0123456789",
        },
        text,
        finish_reason,
        usage: Usage { prompt_tokens, completion_tokens, total_tokens },
    })
}

fn read(message: &Message) -> Result<Said, Failure> {
    let by_system = matches!(message.role.as_str(), "system" | "developer");
    if !by_system && !matches!(message.role.as_str(), "user" | "assistant" | "tool") {
        let text = format!(
            "Invalid value: '{}'. Supported values are: 'system', 'assistant', 'user' and 'tool'.",
            message.role
        );
        return Err(Failure::invalid(text, Some("messages")));
    }
    let text = match &message.content {
        Some(Content::Text(text)) => text.clone(),
        Some(Content::Parts(parts)) => {
            let texts = parts.iter().map(|part| part.text.as_deref()).collect::<Option<Vec<_>>>();
            texts.ok_or_else(|| Failure::unsupported("message parts other than text", "messages"))?.join("\n")
        }
        None => String::new(),
    };
    Ok(Said { by_system, text })
}

/// The snapshot that an alias stands for: answers name it instead of the model asked for.
fn dated(model: &str) -> &str {
    match model {
        "gpt-4o-mini" => "gpt-4o-mini-2024-07-18",
        "gpt-4o" => "gpt-4o-2024-08-06",
        other => other,
    }
}
