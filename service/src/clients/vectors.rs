//! Qdrant.

use std::error::Error;
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use qdrant_client::{
    Payload, Qdrant, QdrantError,
    qdrant::{
        Condition, CreateCollectionBuilder, CreateFieldIndexCollectionBuilder, Distance, FieldType, Filter,
        PointStruct, QueryPointsBuilder, ScoredPoint, UpsertPointsBuilder, Value, VectorParamsBuilder, value::Kind,
    },
};
use tonic::Code;

use super::{DependencyError, Endpoint};
use crate::{
    config::VectorsConfig,
    pipeline::Passage,
    telemetry::{
        Telemetry,
        spans::{self, DatabaseCall},
    },
};

/// Payload fields of a point.
mod field {
    pub(super) const CHUNK: &str = "chunk";
    pub(super) const DOCUMENT_ID: &str = "document_id";
    pub(super) const TEXT: &str = "text";
    pub(super) const TITLE: &str = "title";
    pub(super) const TOPIC_ID: &str = "topic_id";
}

/// A passage with its vector.
pub(crate) struct Point {
    pub(crate) id: uuid::Uuid,
    pub(crate) vector: Vec<f32>,
    pub(crate) document_id: String,
    pub(crate) title: String,
    pub(crate) topic_id: String,
    pub(crate) chunk: u32,
    pub(crate) text: String,
}

/// What the database is asked for.
struct Calls {
    query: &'static DatabaseCall,
    upsert: &'static DatabaseCall,
    collection_exists: &'static DatabaseCall,
    create_collection: &'static DatabaseCall,
    create_field_index: &'static DatabaseCall,
    health_check: &'static DatabaseCall,
}

/// The client of the vector database. Connects at the first call.
pub(crate) struct Vectors {
    qdrant: Qdrant,
    calls: Calls,
    collection: String,
    timeout: Duration,
    telemetry: Telemetry,
    /// Whether the collection is known to exist.
    prepared: AtomicBool,
}

impl Calls {
    fn new(config: &VectorsConfig) -> Self {
        let server = Endpoint::of(&config.url, 6334);
        let call = |operation| DatabaseCall::qdrant(operation, Some(&config.collection), &server);
        Self {
            query: call("query"),
            upsert: call("upsert"),
            collection_exists: call("collection_exists"),
            create_collection: call("create_collection"),
            create_field_index: call("create_field_index"),
            health_check: DatabaseCall::qdrant("health_check", None, &server),
        }
    }
}

impl Vectors {
    pub(crate) fn new(config: &VectorsConfig, telemetry: Telemetry) -> Result<Self, QdrantError> {
        let qdrant = Qdrant::from_url(config.url.as_str())
            // Ours ends a call first, so that one dead connection is not tried twice for the same time.
            .timeout(config.timeout * 2)
            .connect_timeout(config.timeout)
            .api_key(config.api_key.clone())
            // The check prints to stdout and blocks.
            .skip_compatibility_check()
            .build()?;
        Ok(Self {
            qdrant,
            calls: Calls::new(config),
            collection: config.collection.clone(),
            timeout: config.timeout,
            telemetry,
            prepared: AtomicBool::new(false),
        })
    }

    pub(crate) fn collection(&self) -> &str {
        &self.collection
    }

    /// The `limit` passages nearest to `vector` among those of any of `topics`, the nearest first.
    pub(crate) async fn search(
        &self,
        vector: &[f32],
        topics: &[String],
        limit: u64,
    ) -> Result<Vec<Passage>, DependencyError> {
        let request = QueryPointsBuilder::new(&self.collection)
            .query(vector.to_vec())
            .filter(Filter::must([Condition::matches(field::TOPIC_ID, topics.to_vec())]))
            .limit(limit)
            .with_payload(true);
        let points = self.call(self.calls.query, async |qdrant| qdrant.query(request).await).await?;
        points.result.into_iter().map(passage).collect()
    }

    /// Writes points, replacing those with the same ids. Waits until they can be found.
    pub(crate) async fn upsert(&self, points: Vec<Point>) -> Result<(), DependencyError> {
        let points: Vec<PointStruct> = points.into_iter().map(point_struct).collect();
        let request = UpsertPointsBuilder::new(&self.collection, points).wait(true);
        let result = self.call(self.calls.upsert, async |qdrant| qdrant.upsert_points(request).await).await;
        if result == Err(DependencyError::Grpc("NOT_FOUND")) {
            // Somebody removed the collection; the next ingestion makes it again.
            self.prepared.store(false, Ordering::Relaxed);
        }
        result.map(drop)
    }

    /// Makes the collection, for vectors of `dimension`, unless it is there.
    pub(crate) async fn prepare(&self, dimension: usize) -> Result<(), DependencyError> {
        if self.prepared.load(Ordering::Relaxed) {
            return Ok(());
        }
        let exists = self
            .call(self.calls.collection_exists, async |qdrant| qdrant.collection_exists(&self.collection).await)
            .await?;
        if !exists {
            self.create(dimension).await?;
        }
        self.prepared.store(true, Ordering::Relaxed);
        Ok(())
    }

    async fn create(&self, dimension: usize) -> Result<(), DependencyError> {
        let request = CreateCollectionBuilder::new(&self.collection)
            .vectors_config(VectorParamsBuilder::new(dimension as u64, Distance::Cosine));
        match self.call(self.calls.create_collection, async |qdrant| qdrant.create_collection(request).await).await {
            // Another ingestion was faster.
            Ok(_) | Err(DependencyError::Grpc("ALREADY_EXISTS")) => {}
            Err(error) => return Err(error),
        }
        let index = CreateFieldIndexCollectionBuilder::new(&self.collection, field::TOPIC_ID, FieldType::Keyword);
        self.call(self.calls.create_field_index, async |qdrant| qdrant.create_field_index(index).await).await.map(drop)
    }

    pub(crate) async fn health_check(&self) -> Result<(), DependencyError> {
        self.call(self.calls.health_check, async |qdrant| qdrant.health_check().await).await.map(drop)
    }

    /// The client gets the span's context as metadata: clones share the connection, but not their headers.
    async fn call<T: 'static>(
        &self,
        kind: &'static DatabaseCall,
        call: impl AsyncFnOnce(Qdrant) -> Result<T, QdrantError>,
    ) -> Result<T, DependencyError> {
        let call = async {
            let mut qdrant = self.qdrant.clone();
            self.telemetry.inject_pairs(&mut qdrant.config.custom_headers);
            // Boxed: the generated client's futures are tens of kilobytes.
            match tokio::time::timeout(self.timeout, Box::pin(call(qdrant))).await {
                Ok(result) => result.map_err(|error| dependency_error(&error)),
                Err(_) => Err(DependencyError::Timeout),
            }
        };
        self.telemetry.observe(spans::Database::new(kind), call).await
    }
}

fn dependency_error(error: &QdrantError) -> DependencyError {
    match error {
        QdrantError::ResponseError { status } | QdrantError::ResourceExhaustedError { status, .. } => {
            // The client reports a connection it cannot make as an internal error of its own, and one that breaks under
            // a call as an unknown one. Only a status that no server sent has a source.
            let refused = status.code() == Code::Internal && status.message().starts_with("Failed to connect");
            let broken = status.source().is_some();
            match status.code() {
                _ if refused || broken => DependencyError::Unavailable,
                Code::Unavailable => DependencyError::Unavailable,
                Code::DeadlineExceeded => DependencyError::Timeout,
                code => DependencyError::Grpc(code_name(code)),
            }
        }
        QdrantError::Io(_) => DependencyError::Unavailable,
        _ => DependencyError::Malformed,
    }
}

fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

fn passage(point: ScoredPoint) -> Result<Passage, DependencyError> {
    let mut payload = point.payload;
    let mut text = |name: &str| match payload.remove(name).and_then(|value| value.kind) {
        Some(Kind::StringValue(text)) => Ok(text),
        _ => Err(DependencyError::Malformed),
    };
    Ok(Passage {
        document_id: text(field::DOCUMENT_ID)?,
        title: text(field::TITLE)?,
        text: text(field::TEXT)?,
        chunk: payload
            .get(field::CHUNK)
            .and_then(Value::as_integer)
            .and_then(|chunk| u32::try_from(chunk).ok())
            .ok_or(DependencyError::Malformed)?,
        score: f64::from(point.score),
    })
}

fn point_struct(point: Point) -> PointStruct {
    let mut payload = Payload::new();
    payload.insert(field::DOCUMENT_ID, point.document_id);
    payload.insert(field::TITLE, point.title);
    payload.insert(field::TOPIC_ID, point.topic_id);
    payload.insert(field::CHUNK, i64::from(point.chunk));
    payload.insert(field::TEXT, point.text);
    PointStruct::new(point.id.to_string(), point.vector, payload)
}
