//! `rag.ingestion`: documents on their way into the vector database.

use std::{borrow::Cow, time::Duration};

use super::Any;
use crate::{
    pipeline::Ingested,
    telemetry::{AttributeList, Operation, Outcome, Recorder, names::attribute},
};

#[derive(Clone, Copy)]
pub(crate) struct Ingestion {
    documents: usize,
    chunks: Option<usize>,
}

impl Ingestion {
    pub(crate) fn new(documents: usize) -> Self {
        Self { documents, chunks: None }
    }
}

impl Operation for Ingestion {
    type Output = Ingested;

    fn take(&mut self) -> Any {
        Any::Other(Box::new(*self))
    }

    fn name(&self) -> Cow<'static, str> {
        "rag.ingestion".into()
    }

    fn start(&self, attributes: &mut AttributeList) {
        attributes.count(attribute::DOCUMENTS_COUNT, self.documents);
    }

    fn note(&mut self, ingested: &Ingested) {
        self.chunks = Some(ingested.chunks);
    }

    fn end(&mut self, _: &Outcome, _: Duration, to: &Recorder<'_>) {
        if let Some(chunks) = self.chunks {
            to.set(|attributes| attributes.count(attribute::CHUNKS_COUNT, chunks));
        }
    }
}
