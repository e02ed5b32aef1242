//! Calls to the model. Buckets as the conventions give them.

use std::time::Duration;

use opentelemetry::KeyValue;

use super::{Histogram, Instruments, KnownHistogram};
use crate::telemetry::names::attribute;

const SECONDS: [f64; 14] = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKENS: [f64; 14] = [
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

pub(crate) struct GenAiMetrics {
    duration: Histogram<f64>,
    time_to_first_chunk: Histogram<f64>,
    tokens: Histogram<u64>,
}

impl GenAiMetrics {
    pub(super) fn new(make: &mut Instruments<'_>) -> Self {
        Self {
            duration: make.seconds("gen_ai.client.operation.duration", "GenAI operation duration.", &SECONDS),
            time_to_first_chunk: make.seconds(
                "gen_ai.client.operation.time_to_first_chunk",
                "Time from the request to the first chunk of a streamed response.",
                &SECONDS,
            ),
            tokens: make.counts(
                "gen_ai.client.token.usage",
                "{token}",
                "Number of input and output tokens used.",
                &TOKENS,
            ),
        }
    }

    pub(crate) fn operation(&self, elapsed: Duration, labels: &[KeyValue]) {
        self.duration.record(elapsed.as_secs_f64(), labels);
    }

    pub(crate) fn first_chunk(&self, elapsed: Duration, labels: &[KeyValue]) {
        self.time_to_first_chunk.record(elapsed.as_secs_f64(), labels);
    }

    /// `labels` get the type for as long as this takes.
    pub(crate) fn tokens(&self, token_type: &'static str, count: u64, labels: &mut Vec<KeyValue>) {
        labels.push(KeyValue::new(attribute::GEN_AI_TOKEN_TYPE, token_type));
        self.tokens.record(count, labels);
        labels.pop();
    }

    /// A call that succeeded and was answered by a model that answered before: its series are known after the first.
    pub(crate) fn succeeded(&self, known: &KnownCall, elapsed: Duration, labels: impl Fn(&mut Vec<KeyValue>)) {
        self.duration.record_known(&known.duration, elapsed.as_secs_f64(), labels);
    }

    /// The tokens of such a call.
    pub(crate) fn tokens_of(
        &self,
        known: &KnownCall,
        direction: Direction,
        count: u64,
        labels: impl Fn(&mut Vec<KeyValue>),
    ) {
        let (series, token_type) = match direction {
            Direction::Input => (&known.input, "input"),
            Direction::Output => (&known.output, "output"),
        };
        self.tokens.record_known(series, count, |list| {
            labels(list);
            list.push(KeyValue::new(attribute::GEN_AI_TOKEN_TYPE, token_type));
        });
    }
}

/// The series of one kind of call.
#[derive(Default)]
pub(crate) struct KnownCall {
    duration: KnownHistogram<f64>,
    input: KnownHistogram<u64>,
    output: KnownHistogram<u64>,
}

/// Whose tokens.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Direction {
    /// The prompt's.
    Input,
    /// The answer's.
    Output,
}
