//! Qdrant.

use std::{
    error::Error,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use qdrant_client::{
    Payload,
    qdrant::{
        CollectionExistsRequest, Condition, CreateCollection, CreateCollectionBuilder, CreateFieldIndexCollection,
        CreateFieldIndexCollectionBuilder, Distance, FieldType, Filter, HealthCheckRequest, PointStruct, QueryPoints,
        QueryPointsBuilder, ScoredPoint, UpsertPoints, UpsertPointsBuilder, Value, VectorParamsBuilder,
        collections_client::CollectionsClient, points_client::PointsClient, qdrant_client::QdrantClient, value::Kind,
    },
};
use tonic::{
    Code, Response, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, ClientTlsConfig},
};

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

/// Settings that no client can be made of.
#[derive(Debug, thiserror::Error)]
pub enum VectorsError {
    /// The URL.
    #[error("the URL cannot be connected to")]
    Url(#[from] tonic::codegen::http::uri::InvalidUri),
    /// TLS.
    #[error("TLS cannot be used")]
    Tls(#[from] tonic::transport::Error),
    /// The API key.
    #[error("the API key holds what no header can")]
    ApiKey(#[from] tonic::metadata::errors::InvalidMetadataValue),
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
///
/// It is made of `qdrant_client`'s generated clients. `qdrant_client::Qdrant` would take the headers of a call as text, and
/// HPACK then remembers each call's `traceparent`: forty of them, with which the next one is compared.
pub(crate) struct Vectors {
    channel: Channel,
    headers: Headers,
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
    pub(crate) fn new(config: &VectorsConfig, telemetry: Telemetry) -> Result<Self, VectorsError> {
        let channel = Channel::from_shared(config.url.to_string())?.connect_timeout(config.timeout);
        let channel = if config.url.scheme() == "https" {
            channel.tls_config(ClientTlsConfig::new().with_native_roots())?
        } else {
            channel
        };
        let mut api_key: Option<MetadataValue<Ascii>> = config.api_key.as_deref().map(str::parse).transpose()?;
        if let Some(key) = &mut api_key {
            key.set_sensitive(true);
        }
        Ok(Self {
            channel: channel.connect_lazy(),
            headers: Headers { api_key, telemetry },
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
        let send = async |client: Client, request: QueryPoints| points_client(client).query(request).await;
        let points = self.call(self.calls.query, request.build(), send).await?;
        points.result.into_iter().map(passage).collect()
    }

    /// Writes points, replacing those with the same ids. Waits until they can be found.
    pub(crate) async fn upsert(&self, points: Vec<Point>) -> Result<(), DependencyError> {
        let points: Vec<PointStruct> = points.into_iter().map(point_struct).collect();
        let request = UpsertPointsBuilder::new(&self.collection, points).wait(true);
        let send = async |client: Client, request: UpsertPoints| points_client(client).upsert(request).await;
        let result = self.call(self.calls.upsert, request.build(), send).await;
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
        let request = CollectionExistsRequest { collection_name: self.collection.clone() };
        let send = async |client: Client, request: CollectionExistsRequest| {
            CollectionsClient::new(client).collection_exists(request).await
        };
        let answer = self.call(self.calls.collection_exists, request, send).await?;
        let exists = answer.result.ok_or(DependencyError::Malformed)?.exists;
        if !exists {
            self.create(dimension).await?;
        }
        self.prepared.store(true, Ordering::Relaxed);
        Ok(())
    }

    async fn create(&self, dimension: usize) -> Result<(), DependencyError> {
        let request = CreateCollectionBuilder::new(&self.collection)
            .vectors_config(VectorParamsBuilder::new(dimension as u64, Distance::Cosine));
        let send =
            async |client: Client, request: CreateCollection| CollectionsClient::new(client).create(request).await;
        match self.call(self.calls.create_collection, request.build(), send).await {
            // Another ingestion was faster.
            Ok(_) | Err(DependencyError::Grpc("ALREADY_EXISTS")) => {}
            Err(error) => return Err(error),
        }
        let index = CreateFieldIndexCollectionBuilder::new(&self.collection, field::TOPIC_ID, FieldType::Keyword);
        let send = async |client: Client, request: CreateFieldIndexCollection| {
            points_client(client).create_field_index(request).await
        };
        self.call(self.calls.create_field_index, index.build(), send).await.map(drop)
    }

    pub(crate) async fn health_check(&self) -> Result<(), DependencyError> {
        let send = async |client: Client, request| QdrantClient::new(client).health_check(request).await;
        self.call(self.calls.health_check, HealthCheckRequest {}, send).await.map(drop)
    }

    /// A call, tried once more if that may help: that the server has closed the connection shows only when it is used.
    async fn call<R: Clone, T: 'static>(
        &self,
        kind: &'static DatabaseCall,
        request: R,
        send: impl AsyncFn(Client, R) -> Result<Response<T>, Status>,
    ) -> Result<T, DependencyError> {
        let call = async {
            // Boxed: the generated clients' futures are kilobytes.
            let calls = Box::pin(async {
                match send(self.client(), request.clone()).await {
                    Err(status) if is_worth_retrying(&status) => send(self.client(), request).await,
                    result => result,
                }
            });
            match tokio::time::timeout(self.timeout, calls).await {
                Ok(result) => result.map(Response::into_inner).map_err(|status| dependency_error(&status)),
                Err(_) => Err(DependencyError::Timeout),
            }
        };
        self.telemetry.observe(spans::Database::new(kind), call).await
    }

    fn client(&self) -> Client {
        InterceptedService::new(self.channel.clone(), self.headers.clone())
    }
}

/// What every call carries.
#[derive(Clone)]
struct Headers {
    api_key: Option<MetadataValue<Ascii>>,
    telemetry: Telemetry,
}

type Client = InterceptedService<Channel, Headers>;

impl Interceptor for Headers {
    fn call(&mut self, mut request: tonic::Request<()>) -> Result<tonic::Request<()>, Status> {
        if let Some(key) = &self.api_key {
            request.metadata_mut().insert("api-key", key.clone());
        }
        self.telemetry.inject(request.metadata_mut().as_mut());
        Ok(request)
    }
}

/// Passages may be long: an answer may be, too.
fn points_client(client: Client) -> PointsClient<Client> {
    PointsClient::new(client).max_decoding_message_size(usize::MAX)
}

fn is_worth_retrying(status: &Status) -> bool {
    matches!(status.code(), Code::Internal | Code::Unavailable | Code::Cancelled | Code::Unknown)
}

fn dependency_error(status: &Status) -> DependencyError {
    // A connection that breaks under a call is told as an unknown error. Only a status that no server sent has a source.
    if status.source().is_some() {
        return DependencyError::Unavailable;
    }
    match status.code() {
        Code::Unavailable => DependencyError::Unavailable,
        Code::DeadlineExceeded => DependencyError::Timeout,
        code => DependencyError::Grpc(code_name(code)),
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
