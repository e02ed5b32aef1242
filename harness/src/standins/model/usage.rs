//! The tokens an answer tells of, read from what is really sent: the only count that the service can know of.

use serde::Deserialize;

#[derive(Deserialize)]
struct Answer {
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    prompt_tokens: f64,
    #[serde(default)]
    completion_tokens: f64,
}

/// The facts of a JSON answer, or of one event of a stream; none if it tells no usage.
pub(super) fn facts(operation: &str, bytes: &[u8]) -> Vec<(&'static str, f64)> {
    let json = bytes.strip_prefix(b"data:").unwrap_or(bytes);
    let Some(usage) = serde_json::from_slice::<Answer>(json).ok().and_then(|answer| answer.usage) else {
        return Vec::new();
    };
    match operation {
        "embeddings" => vec![("embedding_tokens", usage.prompt_tokens)],
        _ => vec![("prompt_tokens", usage.prompt_tokens), ("completion_tokens", usage.completion_tokens)],
    }
}
