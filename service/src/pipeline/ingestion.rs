//! Documents into the vector database.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{AtStage as _, Pipeline, Stage, StageError, chunking::chunks};
use crate::{clients::Point, telemetry::spans};

/// Texts in one embedding call: far below the API's limits, and an error costs little.
const EMBEDDING_BATCH: usize = 64;

/// The namespace of point ids, made once at random. It must never change: ids decide what is replaced.
const POINT_NAMESPACE: Uuid = Uuid::from_u128(0x8f3c_41d2_9b1e_4c55_a6f7_0d2b_7e91_53aa);

/// A document to be found later.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Document {
    /// Ingesting another document under the same id replaces this one's passages.
    pub id: String,
    /// Shown as the source of answers.
    pub title: String,
    /// The topic under which it is found.
    pub topic_id: String,
    /// Plain text.
    pub text: String,
}

/// What an ingestion did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Ingested {
    /// Documents taken.
    pub documents: usize,
    /// Passages they became.
    pub chunks: usize,
}

struct Chunk<'a> {
    document: &'a Document,
    number: u32,
    text: String,
}

impl Pipeline {
    /// Cuts, embeds and stores documents. What was stored before an error stays.
    pub(crate) async fn ingest(&self, documents: &[Document]) -> Result<Ingested, StageError> {
        let span = spans::Ingestion::new(documents.len());
        let work = async {
            let chunks = cut(documents);
            for batch in chunks.chunks(EMBEDDING_BATCH) {
                self.store(batch).await?;
            }
            Ok(Ingested { documents: documents.len(), chunks: chunks.len() })
        };
        self.telemetry.observe(span, work).await
    }

    async fn store(&self, batch: &[Chunk<'_>]) -> Result<(), StageError> {
        let texts = batch.iter().map(|chunk| chunk.text.clone()).collect();
        let embedded = self.model.embed(texts).await.at(Stage::Embedding)?;
        self.vectors.prepare(embedded.dimension()).await.at(Stage::Search)?;
        let points = batch.iter().zip(embedded.items).map(|(chunk, vector)| point(chunk, vector)).collect();
        self.vectors.upsert(points).await.at(Stage::Search)
    }
}

fn cut(documents: &[Document]) -> Vec<Chunk<'_>> {
    documents
        .iter()
        .flat_map(|document| {
            (0..).zip(chunks(&document.text)).map(move |(number, text)| Chunk { document, number, text })
        })
        .collect()
}

fn point(chunk: &Chunk<'_>, vector: Vec<f32>) -> Point {
    let Chunk { document, number, text } = chunk;
    Point {
        id: point_id(&document.id, *number),
        vector,
        document_id: document.id.clone(),
        title: document.title.clone(),
        topic_id: document.topic_id.clone(),
        chunk: *number,
        text: text.clone(),
    }
}

/// The same passage of the same document always has the same id.
fn point_id(document_id: &str, chunk: u32) -> Uuid {
    Uuid::new_v5(&POINT_NAMESPACE, format!("{document_id}\0{chunk}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::point_id;

    #[test]
    fn a_passage_keeps_its_id_and_shares_it_with_no_other() {
        assert_eq!(point_id("a", 0), point_id("a", 0));
        assert_ne!(point_id("a", 1), point_id("a", 0));
        assert_ne!(point_id("a1", 1), point_id("a", 11));
        assert_eq!(point_id("a", 0).get_version_num(), 5);
    }
}
