//! `rag.ingestion`: documents on their way into the vector database.

use std::time::Duration;

use opentelemetry::trace::SpanBuilder;

use super::{int, internal};
use crate::{
    pipeline::Ingested,
    telemetry::{Operation, Outcome, Recorder, names::attribute},
};

pub(crate) struct Ingestion {
    pub(crate) documents: usize,
}

impl Operation for Ingestion {
    type Output = Ingested;

    fn builder(&self) -> SpanBuilder {
        internal("rag.ingestion", vec![int(attribute::DOCUMENTS_COUNT, self.documents)])
    }

    fn end(&mut self, outcome: &Outcome<'_, Ingested>, _: Duration, to: &Recorder<'_>) {
        if let Outcome::Succeeded(ingested) = outcome {
            to.set(|| [int(attribute::CHUNKS_COUNT, ingested.chunks)]);
        }
    }
}
