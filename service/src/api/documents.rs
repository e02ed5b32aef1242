//! `POST /api/documents`: documents to be found later.

use axum::{Json, body::Body, extract::State};
use serde::Deserialize;

use super::{Api, body, error::ApiError};
use crate::pipeline::{Document, Ingested};

#[derive(Deserialize)]
struct IngestRequest {
    documents: Vec<Document>,
}

pub(super) async fn ingest(State(api): State<Api>, body: Body) -> Result<Json<Ingested>, ApiError> {
    let IngestRequest { documents } = body::read(body, api.max_body_bytes).await?;
    if documents.is_empty() {
        return Err(ApiError::bad_request("`documents` is empty: send at least one"));
    }
    let incomplete = |document: &Document| {
        [&document.id, &document.topic_id, &document.text].iter().any(|field| field.trim().is_empty())
    };
    if let Some(position) = documents.iter().position(incomplete) {
        return Err(ApiError::bad_request(format!("document {position} has an empty `id`, `topic_id` or `text`")));
    }
    let ingested = api.pipeline.ingest(&documents).await.map_err(|error| ApiError::stage(&error))?;
    tracing::info!(documents = ingested.documents, chunks = ingested.chunks, "ingested documents");
    Ok(Json(ingested))
}
