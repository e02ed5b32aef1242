//! Names of attributes and metrics.
//!
//! HTTP, database and resource names are those of the OpenTelemetry semantic conventions 1.44.0, GenAI names those of
//! 1.41.1 (the last release that has GenAI in the main repository). `query.*`, `topic_ids.*` and the like are our own.

/// The conventions the telemetry follows.
pub(crate) const SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.44.0";
/// The scope of every span, metric and log of this service.
pub(crate) const SCOPE: &str = "rag-service";

/// Attributes of resources, spans and measurements.
pub(crate) mod attribute {
    pub(crate) const SERVICE_INSTANCE_ID: &str = "service.instance.id";
    pub(crate) const SERVICE_VERSION: &str = "service.version";

    pub(crate) const ERROR_TYPE: &str = "error.type";
    pub(crate) const SERVER_ADDRESS: &str = "server.address";
    pub(crate) const SERVER_PORT: &str = "server.port";
    pub(crate) const NETWORK_PROTOCOL_VERSION: &str = "network.protocol.version";

    pub(crate) const HTTP_REQUEST_METHOD: &str = "http.request.method";
    pub(crate) const HTTP_REQUEST_METHOD_ORIGINAL: &str = "http.request.method_original";
    pub(crate) const HTTP_REQUEST_RESEND_COUNT: &str = "http.request.resend_count";
    pub(crate) const HTTP_RESPONSE_STATUS_CODE: &str = "http.response.status_code";
    pub(crate) const HTTP_ROUTE: &str = "http.route";
    pub(crate) const URL_FULL: &str = "url.full";
    pub(crate) const URL_PATH: &str = "url.path";
    pub(crate) const URL_QUERY: &str = "url.query";
    pub(crate) const URL_SCHEME: &str = "url.scheme";

    pub(crate) const DB_COLLECTION_NAME: &str = "db.collection.name";
    pub(crate) const DB_NAMESPACE: &str = "db.namespace";
    pub(crate) const DB_OPERATION_NAME: &str = "db.operation.name";
    pub(crate) const DB_RESPONSE_STATUS_CODE: &str = "db.response.status_code";
    pub(crate) const DB_SYSTEM_NAME: &str = "db.system.name";

    pub(crate) const GEN_AI_EMBEDDINGS_DIMENSION_COUNT: &str = "gen_ai.embeddings.dimension.count";
    pub(crate) const GEN_AI_INPUT_MESSAGES: &str = "gen_ai.input.messages";
    pub(crate) const GEN_AI_OPERATION_NAME: &str = "gen_ai.operation.name";
    pub(crate) const GEN_AI_OUTPUT_MESSAGES: &str = "gen_ai.output.messages";
    pub(crate) const GEN_AI_PROVIDER_NAME: &str = "gen_ai.provider.name";
    pub(crate) const GEN_AI_REQUEST_ENCODING_FORMATS: &str = "gen_ai.request.encoding_formats";
    pub(crate) const GEN_AI_REQUEST_MAX_TOKENS: &str = "gen_ai.request.max_tokens";
    pub(crate) const GEN_AI_REQUEST_MODEL: &str = "gen_ai.request.model";
    pub(crate) const GEN_AI_REQUEST_STREAM: &str = "gen_ai.request.stream";
    pub(crate) const GEN_AI_REQUEST_TEMPERATURE: &str = "gen_ai.request.temperature";
    pub(crate) const GEN_AI_RESPONSE_FINISH_REASONS: &str = "gen_ai.response.finish_reasons";
    pub(crate) const GEN_AI_RESPONSE_ID: &str = "gen_ai.response.id";
    pub(crate) const GEN_AI_RESPONSE_MODEL: &str = "gen_ai.response.model";
    pub(crate) const GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK: &str = "gen_ai.response.time_to_first_chunk";
    pub(crate) const GEN_AI_TOKEN_TYPE: &str = "gen_ai.token.type";
    pub(crate) const GEN_AI_USAGE_INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";
    pub(crate) const GEN_AI_USAGE_OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";

    pub(crate) const OTEL_COMPONENT_NAME: &str = "otel.component.name";
    pub(crate) const OTEL_COMPONENT_TYPE: &str = "otel.component.type";

    pub(crate) const ANSWER_LENGTH: &str = "answer.length";
    pub(crate) const CACHE_HIT: &str = "cache.hit";
    pub(crate) const CHUNKS_COUNT: &str = "chunks.count";
    pub(crate) const CONTEXT_IDS_COUNT: &str = "context_ids.count";
    pub(crate) const DOCUMENTS_COUNT: &str = "documents.count";
    pub(crate) const INPUT_COUNT: &str = "input.count";
    pub(crate) const MODEL_NAME: &str = "model.name";
    pub(crate) const OUTPUT_COUNT: &str = "output.count";
    pub(crate) const PROMPT_LENGTH: &str = "prompt.length";
    pub(crate) const QUERY_LENGTH: &str = "query.length";
    pub(crate) const QUERY_OUTCOME: &str = "query.outcome";
    pub(crate) const RERANK_TOP_K: &str = "rerank.top_k";
    pub(crate) const RESULTS_COUNT: &str = "results.count";
    pub(crate) const SCORE_MAX: &str = "score.max";
    pub(crate) const SCORE_MIN: &str = "score.min";
    pub(crate) const SEARCH_LIMIT: &str = "search.limit";
    pub(crate) const TEXT_LENGTH: &str = "text.length";
    pub(crate) const TOKENS_COMPLETION: &str = "tokens.completion";
    pub(crate) const TOKENS_PROMPT: &str = "tokens.prompt";
    pub(crate) const TOKENS_TOTAL: &str = "tokens.total";
    pub(crate) const TOPIC_IDS_COUNT: &str = "topic_ids.count";
    pub(crate) const TOP_K: &str = "top_k";

    /// Labels of the `rag.*` metrics.
    pub(crate) const LABEL_CACHE_HIT: &str = "cache_hit";
    pub(crate) const LABEL_MODEL: &str = "model";
    pub(crate) const LABEL_STAGE: &str = "stage";
    pub(crate) const LABEL_TYPE: &str = "type";
}
