//! A chat answer as server-sent events.

use serde::Serialize;

use super::chat::{Completion, Head, Usage};

#[derive(Serialize)]
struct Chunk<'a> {
    object: &'static str,
    #[serde(flatten)]
    head: &'a Head,
    choices: &'a [Choice<'a>],
    /// Absent unless usage was asked for; then null in every chunk but the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[expect(clippy::option_option, reason = "absent, null and a value are three things on the wire")]
    usage: Option<Option<Usage>>,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: u32,
    delta: Delta<'a>,
    logprobs: Option<()>,
    finish_reason: Option<&'static str>,
}

#[derive(Default, Serialize)]
struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
}

/// All events of an answer: the role, a word each, why it ended, the usage if asked for, and `[DONE]`.
pub(super) fn events(completion: &Completion, with_usage: bool) -> Vec<u8> {
    let mut events = Vec::new();
    let mut send = |choices: &[Choice<'_>], usage: Option<Usage>| {
        let usage = with_usage.then_some(usage);
        let chunk = Chunk { object: "chat.completion.chunk", head: &completion.head, choices, usage };
        events.extend_from_slice(b"data: ");
        // Cannot fail: the chunk has only text keys and numbers, and a vector takes every write.
        let _ = serde_json::to_writer(&mut events, &chunk);
        events.extend_from_slice(b"\n\n");
    };
    let choice = |delta, finish_reason| [Choice { index: 0, delta, logprobs: None, finish_reason }];

    send(&choice(Delta { role: Some("assistant"), content: Some("") }, None), None);
    for word in completion.text.split_inclusive(' ') {
        send(&choice(Delta { content: Some(word), ..Delta::default() }, None), None);
    }
    send(&choice(Delta::default(), Some(completion.finish_reason)), None);
    if with_usage {
        send(&[], Some(completion.usage));
    }
    events.extend_from_slice(b"data: [DONE]\n\n");
    events
}
