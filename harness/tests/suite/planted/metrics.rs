//! Metrics: whether they are there, and of what shape.

use otelgate_harness::capture::{Attributes, MetricKind, PointValue, Value};

use super::{healthy, last, metric, number, planted, text};

const QUERY_DURATION: &str = "rag_query_duration_seconds";
const SERVER_DURATION: &str = "http_server_request_duration_seconds";

#[test]
fn a_metric_is_missing() {
    planted(|capture| {
        for scrape in &mut capture.scrapes {
            scrape.families.retain(|family| &*family.name != "process_open_fds");
        }
    })
    .first("metric.missing", "process_open_fds")
    .at("process_open_fds")
    .alone();
}

#[test]
fn a_metric_that_numbers_are_compared_with_is_renamed() {
    planted(|capture| {
        metric(capture, "rag_embedding_cache_hits_total", |family| family.name = text("rag_embedding_cache_hit_total"));
    })
    .first("metric.missing", "rag_embedding_cache_hits_total")
    .at("rag_embedding_cache_hits_total")
    .and(&[("relation.broken", "embedding cache hits")]);
}

#[test]
fn a_metric_is_of_the_wrong_kind() {
    planted(|capture| metric(capture, "rag_openai_chat_calls_total", |family| family.kind = MetricKind::Gauge))
        .first("metric.kind", "rag_openai_chat_calls_total")
        .at("rag_openai_chat_calls_total")
        .alone();
}

#[test]
fn a_metric_has_the_wrong_unit() {
    planted(|capture| metric(capture, QUERY_DURATION, |family| family.unit = text("ms")))
        .first("metric.unit", QUERY_DURATION)
        .at(QUERY_DURATION)
        .alone();
}

#[test]
fn a_histogram_lost_a_bucket() {
    planted(|capture| {
        metric(capture, QUERY_DURATION, |family| {
            for point in &mut family.points {
                if let PointValue::Histogram(histogram) = &mut point.value {
                    histogram.bounds.remove(3);
                    let merged = histogram.counts.remove(3);
                    histogram.counts[3] += merged;
                }
            }
        });
    })
    .first("metric.buckets", QUERY_DURATION)
    .at(QUERY_DURATION)
    .alone();
}

#[test]
fn a_label_is_lost() {
    planted(|capture| {
        metric(capture, "rag_openai_embedding_calls_total", |family| {
            for point in &mut family.points {
                point.labels.remove("model");
            }
        });
    })
    .first("metric.label-missing", "rag_openai_embedding_calls_total / model")
    .at("rag_openai_embedding_calls_total{model}")
    .alone();
}

#[test]
fn a_label_of_a_convention_is_lost() {
    planted(|capture| {
        metric(capture, SERVER_DURATION, |family| {
            for point in &mut family.points {
                point.labels.remove("http_request_method");
            }
        });
    })
    .first("metric.label-missing", "http_server_request_duration_seconds / http_request_method")
    .at("http_server_request_duration_seconds{http_request_method}")
    .alone();
}

#[test]
fn a_label_has_the_wrong_value() {
    planted(|capture| {
        metric(capture, "rag_openai_chat_calls_total", |family| {
            for point in &mut family.points {
                point.labels.set("model", "gpt-4o");
            }
        });
    })
    .first("metric.label-value", "rag_openai_chat_calls_total / model")
    .at("rag_openai_chat_calls_total{model}")
    .alone();
}

#[test]
fn a_label_is_not_in_the_contract() {
    planted(|capture| {
        metric(capture, "rag_vector_search_results", |family| {
            for point in &mut family.points {
                point.labels.set("collection", "rag_documents");
            }
        });
    })
    .first("metric.label-unexpected", "rag_vector_search_results / collection")
    .at("rag_vector_search_results{collection}")
    .alone();
}

#[test]
fn a_label_has_values_without_end() {
    planted(|capture| {
        for (number, point) in last(capture, SERVER_DURATION).points.iter_mut().enumerate() {
            point.labels.set("url_path", &*format!("/api/documents/{number}"));
        }
    })
    .first("metric.label-unbounded", "http_server_request_duration_seconds / url_path")
    .at("http_server_request_duration_seconds{url_path}")
    .alone();
}

#[test]
fn a_label_carries_trace_ids() {
    planted(|capture| {
        let id = &*healthy().0.spans[0].trace_id.to_string();
        last(capture, SERVER_DURATION).points[0].labels.set("trace_id", id);
    })
    .first("never.appeared", "http_server_request_duration_seconds / trace_id")
    .at("http_server_request_duration_seconds{trace_id}")
    .and(&[("metric.label-unbounded", "http_server_request_duration_seconds / trace_id")]);
}

#[test]
fn an_instrument_ran_over_its_limit_of_series() {
    planted(|capture| {
        last(capture, "gen_ai_client_token_usage").points[0].labels =
            [(text("otel_metric_overflow"), Value::from("true"))].into_iter().collect::<Attributes>();
    })
    .first("metric.overflow", "gen_ai_client_token_usage")
    .at("gen_ai_client_token_usage{otel_metric_overflow}")
    .and(&[("relation.broken", "prompt tokens")]);
}

#[test]
fn a_series_is_lost() {
    planted(|capture| {
        metric(capture, "rag_query_errors_total", |family| {
            family.points.retain(|point| point.labels.str("stage") != Some("rerank"));
        });
    })
    .first("metric.series", "rag_query_errors_total")
    .at("rag_query_errors_total")
    .alone();
}

#[test]
fn a_histogram_counts_more_than_its_buckets_hold() {
    planted(|capture| {
        if let PointValue::Histogram(histogram) =
            &mut last(capture, "db_client_operation_duration_seconds").points[0].value
        {
            histogram.count += 1;
        }
    })
    .first("metric.invalid", "db_client_operation_duration_seconds")
    .alone();
}

#[test]
fn a_gauge_is_not_a_number() {
    planted(|capture| *number(capture, "process_open_fds") = f64::NAN)
        .first("metric.invalid", "process_open_fds")
        .alone();
}

#[test]
fn a_counter_went_down() {
    planted(|capture| {
        let now = *number(capture, "process_cpu_seconds_total");
        if let PointValue::Number(first) = &mut capture.scrapes[0]
            .families
            .iter_mut()
            .find(|family| &*family.name == "process_cpu_seconds_total")
            .expect("the metric")
            .points[0]
            .value
        {
            *first = now + 1.0;
        }
    })
    .first("metric.decreased", "process_cpu_seconds_total")
    .alone();
}

#[test]
fn a_metric_names_a_failure_unlike_its_span() {
    planted(|capture| {
        for point in &mut last(capture, SERVER_DURATION).points {
            if point.labels.str("error_type") == Some("503") {
                point.labels.set("error_type", "unavailable");
            }
        }
    })
    .first("metric.error-type", "http_server_request_duration_seconds / 503")
    .at("http_server_request_duration_seconds{error_type}")
    .and(&[("metric.error-type", "http_server_request_duration_seconds / unavailable")]);
}
