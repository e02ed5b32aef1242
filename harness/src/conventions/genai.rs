//! Spans and metrics of calls to a generative model, v1.41.1 ("Development").

use super::common::{
    ERROR_TYPE, SERVER_ADDRESS, SERVER_PORT, calls_a_port, failed, is_count, is_not_empty, is_port, is_text, label,
};
use super::model::{AttributeRule, Failure, LabelRule, MetricConvention, Presence, SpanConvention, ValueType};
use crate::capture::{MetricKind, Span, SpanKind, Value};
use crate::contract::Pack;

use ValueType::{Any, Bool, Double, Int, Text, Texts};

/// Operations that call a model. Agents, tools and workflows have conventions of their own.
pub(super) const OPERATIONS: &[&str] = &["chat", "generate_content", "text_completion", "embeddings"];

pub(super) static CLIENT: SpanConvention = SpanConvention {
    name: "GenAI client",
    pack: Pack::Genai,
    kind: SpanKind::Client,
    may_be_internal: true,
    attributes: &[
        AttributeRule::required("gen_ai.operation.name", Text).that_is("the name of an operation", is_not_empty),
        AttributeRule::required("gen_ai.provider.name", Text).that_is("the name of a provider", is_not_empty),
        AttributeRule::required("gen_ai.request.model", Text).that_is("the name of a model", is_not_empty),
        AttributeRule::when("gen_ai.response.model", Text, succeeded),
        AttributeRule::when("gen_ai.usage.input_tokens", Int, succeeded).that_is("a count", is_count),
        AttributeRule::when("gen_ai.usage.output_tokens", Int, generated).that_is("a count", is_count),
        AttributeRule::when("gen_ai.response.finish_reasons", Texts, generated),
        AttributeRule::when("server.address", Text, |span| span.kind == SpanKind::Client),
        AttributeRule::when("server.port", Int, calls_a_port).that_is("a port from 1 to 65535", is_port),
        AttributeRule::optional("error.type", Text),
        AttributeRule::optional("gen_ai.response.id", Text),
        AttributeRule::optional("gen_ai.response.time_to_first_chunk", Double),
        AttributeRule::optional("gen_ai.conversation.id", Text),
        AttributeRule::optional("gen_ai.output.type", Text),
        AttributeRule::optional("gen_ai.request.choice.count", Int),
        AttributeRule::optional("gen_ai.request.seed", Int),
        AttributeRule::optional("gen_ai.request.stream", Bool),
        AttributeRule::optional("gen_ai.request.max_tokens", Int).that_is("a count", is_count),
        AttributeRule::optional("gen_ai.request.temperature", Double),
        AttributeRule::optional("gen_ai.request.top_p", Double),
        AttributeRule::optional("gen_ai.request.top_k", Double),
        AttributeRule::optional("gen_ai.request.frequency_penalty", Double),
        AttributeRule::optional("gen_ai.request.presence_penalty", Double),
        AttributeRule::optional("gen_ai.request.stop_sequences", Texts),
        AttributeRule::optional("gen_ai.request.encoding_formats", Texts),
        AttributeRule::optional("gen_ai.embeddings.dimension.count", Int).that_is("a count", is_count),
        AttributeRule::optional("gen_ai.usage.cache_read.input_tokens", Int).that_is("a count", is_count),
        AttributeRule::optional("gen_ai.usage.cache_creation.input_tokens", Int).that_is("a count", is_count),
        AttributeRule::optional("gen_ai.usage.reasoning.output_tokens", Int).that_is("a count", is_count),
        AttributeRule::optional("gen_ai.input.messages", Any),
        AttributeRule::optional("gen_ai.output.messages", Any),
        AttributeRule::optional("gen_ai.system_instructions", Any),
        AttributeRule::optional("gen_ai.tool.definitions", Any),
        AttributeRule::optional("openai.api.type", Text),
        AttributeRule::optional("openai.request.service_tier", Text),
        AttributeRule::optional("openai.response.service_tier", Text),
        AttributeRule::optional("openai.response.system_fingerprint", Text),
    ],
    // Of agents, tools and workflows: spans of those carry them beside the above.
    prefixes: &["gen_ai.tool.", "gen_ai.agent.", "gen_ai.workflow.", "gen_ai.data_source.", "gen_ai.retrieval."],
    wrong_name,
    failure: Failure::OwnStatus,
};

/// Neither failed nor cut off.
fn succeeded(span: &Span) -> bool {
    !failed(span) && span.attributes.get("error.type").is_none() && !is_cut_off(span)
}

/// A stream that its client left has had no last chunk, and that is where usage and finish reasons come from.
fn is_cut_off(span: &Span) -> bool {
    span.attributes.get("gen_ai.request.stream") == Some(&Value::Bool(true))
        && span.attributes.get("gen_ai.usage.output_tokens").is_none()
        && span.attributes.get("gen_ai.response.finish_reasons").is_none()
}

/// Succeeded, and in an operation that has an output to count.
fn generated(span: &Span) -> bool {
    succeeded(span) && span.attributes.str("gen_ai.operation.name") != Some("embeddings")
}

fn wrong_name(span: &Span) -> Option<String> {
    let operation = span.attributes.str("gen_ai.operation.name")?;
    let model = span.attributes.str("gen_ai.request.model")?;
    let right = span.name.strip_prefix(operation).and_then(|rest| rest.strip_prefix(' ')) == Some(model);
    (!right).then(|| format!("{operation} {model}"))
}

/// The advice of the conventions for durations of model calls, in seconds.
const DURATION_BUCKETS: &[f64] =
    &[0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

/// The advice of the conventions for numbers of tokens: powers of four.
const TOKEN_BUCKETS: &[f64] = &[
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1_024.0,
    4_096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];

const OPERATION: LabelRule = label("gen_ai_operation_name", Presence::Always, "the name of an operation", is_text);
const PROVIDER: LabelRule = label("gen_ai_provider_name", Presence::Always, "the name of a provider", is_text);
const REQUEST_MODEL: LabelRule = label("gen_ai_request_model", Presence::Always, "the name of a model", is_text);
const RESPONSE_MODEL: LabelRule = label("gen_ai_response_model", Presence::Never, "the name of a model", is_text);
const TOKEN_TYPE: LabelRule =
    label("gen_ai_token_type", Presence::Always, "input or output", |text| matches!(text, "input" | "output"));

const CALL_LABELS: &[LabelRule] =
    &[OPERATION, PROVIDER, REQUEST_MODEL, RESPONSE_MODEL, ERROR_TYPE, SERVER_ADDRESS, SERVER_PORT];
const CHUNK_LABELS: &[LabelRule] = &[OPERATION, PROVIDER, REQUEST_MODEL, RESPONSE_MODEL, SERVER_ADDRESS, SERVER_PORT];

pub(super) const METRICS: &[MetricConvention] = &[
    MetricConvention {
        name: "gen_ai_client_operation_duration_seconds",
        instrument: "gen_ai.client.operation.duration",
        pack: Pack::Genai,
        kind: MetricKind::Histogram,
        unit: "s",
        buckets: DURATION_BUCKETS,
        labels: CALL_LABELS,
        errors_of: Some(&CLIENT),
    },
    MetricConvention {
        name: "gen_ai_client_token_usage",
        instrument: "gen_ai.client.token.usage",
        pack: Pack::Genai,
        kind: MetricKind::Histogram,
        unit: "{token}",
        buckets: TOKEN_BUCKETS,
        labels: &[OPERATION, PROVIDER, REQUEST_MODEL, RESPONSE_MODEL, TOKEN_TYPE, SERVER_ADDRESS, SERVER_PORT],
        errors_of: None,
    },
    MetricConvention {
        name: "gen_ai_client_operation_time_to_first_chunk_seconds",
        instrument: "gen_ai.client.operation.time_to_first_chunk",
        pack: Pack::Genai,
        kind: MetricKind::Histogram,
        unit: "s",
        buckets: DURATION_BUCKETS,
        labels: CHUNK_LABELS,
        errors_of: None,
    },
    MetricConvention {
        name: "gen_ai_client_operation_time_per_output_chunk_seconds",
        instrument: "gen_ai.client.operation.time_per_output_chunk",
        pack: Pack::Genai,
        kind: MetricKind::Histogram,
        unit: "s",
        buckets: DURATION_BUCKETS,
        labels: CHUNK_LABELS,
        errors_of: None,
    },
];
