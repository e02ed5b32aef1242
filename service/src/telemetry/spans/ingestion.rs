//! `rag.ingestion`: documents on their way into the vector database.

use std::{borrow::Cow, time::Duration};

use opentelemetry::KeyValue;

use super::int;
use crate::{
    pipeline::Ingested,
    telemetry::{Operation, Outcome, Recorder, names::attribute},
};

pub(crate) struct Ingestion {
    pub(crate) documents: usize,
}

impl Operation for Ingestion {
    type Output = Ingested;

    fn name(&self) -> Cow<'static, str> {
        "rag.ingestion".into()
    }

    fn start(&self, attributes: &mut Vec<KeyValue>) {
        attributes.push(int(attribute::DOCUMENTS_COUNT, self.documents));
    }

    fn end(&mut self, outcome: &Outcome<'_, Ingested>, _: Duration, to: &Recorder<'_>) {
        if let Outcome::Succeeded(ingested) = outcome {
            to.set(|| [int(attribute::CHUNKS_COUNT, ingested.chunks)]);
        }
    }
}
