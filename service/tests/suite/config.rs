//! Settings.

use std::{collections::HashMap, time::Duration};

use rag_service::config::{Config, ConfigError, OtlpProtocol, Propagator, SamplerKind, TelemetryPipeline};

fn read(settings: &[(&'static str, &'static str)]) -> Result<Config, ConfigError> {
    Config::from_source(&settings.iter().copied().collect::<HashMap<_, _>>())
}

#[test]
fn without_any_variable_the_defaults_hold() {
    let config = read(&[]).unwrap();

    assert_eq!(config.bind_address, "0.0.0.0:8001");
    assert_eq!(config.max_body_bytes, 1024 * 1024);
    assert_eq!(config.model.base_url.as_str(), "https://api.openai.com/v1");
    assert_eq!(config.model.chat_model, "gpt-4o-mini");
    assert_eq!(config.model.embedding_model, "text-embedding-3-large");
    assert!((config.model.temperature - 0.3).abs() < f64::EPSILON);
    assert_eq!((config.model.max_tokens, config.model.max_retries), (1_000, 2));
    assert_eq!(config.model.timeout, Duration::from_secs(30));
    assert_eq!(config.vectors.collection, "rag_documents");
    assert_eq!(config.vectors.timeout, Duration::from_secs(5));
    assert_eq!(config.cache.timeout, Duration::from_millis(500));
    assert_eq!((config.rag.search_limit, config.rag.rerank_top_k), (10, 5));
    assert!(config.reranker.is_none());
    let telemetry = config.telemetry;
    assert!(telemetry.enabled && telemetry.metrics_enabled && telemetry.export_traces && telemetry.export_logs);
    assert!(!telemetry.debug && !telemetry.capture_message_content);
    assert_eq!(telemetry.service_name, "rag-service");
    assert_eq!(telemetry.sampler, SamplerKind::ParentBasedTraceIdRatio);
    assert!((telemetry.sampler_ratio - 1.0).abs() < f64::EPSILON);
    assert_eq!(telemetry.pipeline, TelemetryPipeline::Inline);
    assert_eq!(telemetry.otlp.endpoint, "http://localhost:4317");
    assert!(!telemetry.otlp.gzip);
    assert_eq!(telemetry.propagators, [Propagator::TraceContext, Propagator::Baggage]);
}

#[test]
fn an_empty_value_counts_as_unset() {
    let config = read(&[("OTEL_TRACES_SAMPLER_ARG", ""), ("OTEL_ENABLED", " "), ("BIND_ADDRESS", "")]).unwrap();

    assert!(config.telemetry.enabled);
    assert_eq!(config.bind_address, "0.0.0.0:8001");
}

#[test]
fn a_value_that_cannot_be_used_is_told_with_its_variable_and_the_next_step() {
    for (variable, value, message) in [
        (
            "OTEL_TRACES_SAMPLER_ARG",
            "1.5",
            "OTEL_TRACES_SAMPLER_ARG=`1.5` cannot be used: it is out of range: use a number in 0.0..=1.0",
        ),
        (
            "OTEL_TRACES_SAMPLER_ARG",
            "NaN",
            "OTEL_TRACES_SAMPLER_ARG=`NaN` cannot be used: it is out of range: use a number in 0.0..=1.0",
        ),
        (
            "OTEL_METRICS_EXEMPLAR_FILTER",
            "always_on",
            "OTEL_METRICS_EXEMPLAR_FILTER=`always_on` cannot be used: use `trace_based` or `always_off`; an exemplar of \
             a trace that was not kept leads nowhere",
        ),
        ("RAG_SEARCH_LIMIT", "many", "RAG_SEARCH_LIMIT=`many` cannot be used: it is no number: use one in 1..=1000"),
        ("OTEL_ENABLED", "maybe", "OTEL_ENABLED=`maybe` cannot be used: use `true` or `false`"),
        (
            "OTEL_EXPORTER_OTLP_PROTOCOL",
            "http/json",
            "OTEL_EXPORTER_OTLP_PROTOCOL=`http/json` cannot be used: use `grpc` or `http/protobuf`",
        ),
        (
            "OTEL_EXPORTER_OTLP_COMPRESSION",
            "zstd",
            "OTEL_EXPORTER_OTLP_COMPRESSION=`zstd` cannot be used: use `gzip` or `none`",
        ),
        ("TELEMETRY_PIPELINE", "fast", "TELEMETRY_PIPELINE=`fast` cannot be used: use `inline` or `sdk`"),
        (
            "QDRANT_URL",
            "localhost:6334",
            "QDRANT_URL cannot be used: use a URL that starts with `http://` or `https://`",
        ),
        ("REDIS_URL", "http://cache", "REDIS_URL cannot be used: use a URL that starts with `redis://`"),
    ] {
        let error = read(&[(variable, value)]).unwrap_err();

        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn every_variable_with_a_form_refuses_nonsense() {
    for variable in [
        "DEBUG",
        "MAX_BODY_BYTES",
        "OPENAI_BASE_URL",
        "OPENAI_CHAT_MAX_TOKENS",
        "OPENAI_CHAT_TEMPERATURE",
        "OPENAI_MAX_RETRIES",
        "OPENAI_TIMEOUT_MS",
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
        "OTEL_BSP_MAX_QUEUE_SIZE",
        "OTEL_BSP_SCHEDULE_DELAY",
        "OTEL_EXPORTER_OTLP_HEADERS",
        "OTEL_EXPORTER_OTLP_TIMEOUT",
        "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
        "OTEL_LOGS_EXPORTER",
        "OTEL_METRICS_EXEMPLAR_FILTER",
        "OTEL_PROPAGATORS",
        "OTEL_RESOURCE_ATTRIBUTES",
        "OTEL_SDK_DISABLED",
        "OTEL_TRACES_EXPORTER",
        "OTEL_TRACES_SAMPLER",
        "PROMETHEUS_METRICS_ENABLED",
        "QDRANT_TIMEOUT_MS",
        "QDRANT_URL",
        "RAG_RERANK_TOP_K",
        "REDIS_TIMEOUT_MS",
        "REDIS_URL",
        "RERANKER_URL",
        "SHUTDOWN_TIMEOUT_MS",
    ] {
        let error = read(&[(variable, "nonsense")]).expect_err(variable);

        assert_eq!(error.variable, variable);
    }
}

#[test]
fn secrets_are_in_no_message() {
    for (variable, value) in [
        ("REDIS_URL", "redi://user:canary@host"),
        ("OPENAI_API_KEY", "canary\u{7}"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization canary"),
    ] {
        let error = read(&[(variable, value)]).unwrap_err();

        assert!(!error.to_string().contains("canary"), "{error}");
    }
    let config = read(&[("OPENAI_API_KEY", "canary"), ("OTEL_EXPORTER_OTLP_HEADERS", "key=canary")]).unwrap();
    assert!(!format!("{config:?}").contains("canary"), "{config:?}");
}

#[test]
fn the_six_samplers_have_their_standard_names() {
    for (name, kind) in [
        ("always_on", SamplerKind::AlwaysOn),
        ("always_off", SamplerKind::AlwaysOff),
        ("traceidratio", SamplerKind::TraceIdRatio),
        ("parentbased_always_on", SamplerKind::ParentBasedAlwaysOn),
        ("parentbased_always_off", SamplerKind::ParentBasedAlwaysOff),
        ("parentbased_traceidratio", SamplerKind::ParentBasedTraceIdRatio),
    ] {
        assert_eq!(read(&[("OTEL_TRACES_SAMPLER", name)]).unwrap().telemetry.sampler, kind);
    }
}

#[test]
fn the_protocol_decides_the_default_endpoint() {
    let config = read(&[("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")]).unwrap();

    assert_eq!(config.telemetry.otlp.protocol, OtlpProtocol::HttpProtobuf);
    assert_eq!(config.telemetry.otlp.endpoint, "http://localhost:4318");
}

#[test]
fn the_service_name_wins_over_the_resource_attribute() {
    let attributes = ("OTEL_RESOURCE_ATTRIBUTES", "service.name=a, deployment.environment.name=test");

    assert_eq!(read(&[attributes]).unwrap().telemetry.service_name, "a");
    assert_eq!(read(&[attributes, ("OTEL_SERVICE_NAME", "b")]).unwrap().telemetry.service_name, "b");
}

#[test]
fn the_reranker_gets_its_path_once() {
    for url in ["http://rank:8080", "http://rank:8080/", "http://rank:8080/rerank"] {
        let config = read(&[("RERANKER_URL", url)]).unwrap();

        assert_eq!(config.reranker.unwrap().url.as_str(), "http://rank:8080/rerank");
    }
}
