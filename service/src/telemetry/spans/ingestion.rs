//! `rag.ingestion`: documents on their way into the vector database.

use std::{borrow::Cow, time::Duration};

use crate::{
    pipeline::Ingested,
    telemetry::{AttributeList, Operation, Outcome, Recorder, names::attribute},
};

pub(crate) struct Ingestion {
    pub(crate) documents: usize,
}

impl Operation for Ingestion {
    type Output = Ingested;

    fn name(&self) -> Cow<'static, str> {
        "rag.ingestion".into()
    }

    fn start(&self, attributes: &mut AttributeList) {
        attributes.count(attribute::DOCUMENTS_COUNT, self.documents);
    }

    fn end(&mut self, outcome: &Outcome<'_, Ingested>, _: Duration, to: &Recorder<'_>) {
        if let Outcome::Succeeded(ingested) = outcome {
            to.set(|attributes| attributes.count(attribute::CHUNKS_COUNT, ingested.chunks));
        }
    }
}
