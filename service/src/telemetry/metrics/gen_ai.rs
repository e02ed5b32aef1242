//! Calls to the model. Buckets as the conventions give them.

use std::time::Duration;

use opentelemetry::{
    KeyValue,
    metrics::{Histogram, Meter},
};

use super::seconds;
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
    pub(super) fn new(meter: &Meter) -> Self {
        Self {
            duration: seconds(meter, "gen_ai.client.operation.duration", "GenAI operation duration.", &SECONDS),
            time_to_first_chunk: seconds(
                meter,
                "gen_ai.client.operation.time_to_first_chunk",
                "Time from the request to the first chunk of a streamed response.",
                &SECONDS,
            ),
            tokens: meter
                .u64_histogram("gen_ai.client.token.usage")
                .with_unit("{token}")
                .with_description("Number of input and output tokens used.")
                .with_boundaries(TOKENS.to_vec())
                .build(),
        }
    }

    pub(crate) fn operation(&self, elapsed: Duration, labels: &[KeyValue]) {
        self.duration.record(elapsed.as_secs_f64(), labels);
    }

    pub(crate) fn first_chunk(&self, elapsed: Duration, labels: &[KeyValue]) {
        self.time_to_first_chunk.record(elapsed.as_secs_f64(), labels);
    }

    pub(crate) fn tokens(&self, token_type: &'static str, count: u64, labels: &[KeyValue]) {
        let mut labels = labels.to_vec();
        labels.push(KeyValue::new(attribute::GEN_AI_TOKEN_TYPE, token_type));
        self.tokens.record(count, &labels);
    }
}
