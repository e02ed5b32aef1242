//! The run as a whole: its telemetry, its resource, its answers.

use otelgate_harness::capture::{Attributes, Exchange, Party, SpanKind};

use super::{STRANGE_TRACE, STRANGER, exchange, planted, resource, span, span_at, text};

#[test]
fn there_is_no_telemetry_at_all() {
    planted(|capture| {
        capture.spans.clear();
        capture.scrapes.clear();
        capture.logs.clear();
    })
    .first("run.no-telemetry", "spans")
    .and(&[("run.no-telemetry", "metrics"), ("run.no-telemetry", "logs")]);
}

#[test]
fn there_are_no_spans() {
    planted(|capture| capture.spans.clear()).first("run.no-telemetry", "spans").alone();
}

#[test]
fn there_are_no_metrics() {
    planted(|capture| capture.scrapes.clear()).first("run.no-telemetry", "metrics").alone();
}

#[test]
fn there_are_no_logs() {
    planted(|capture| capture.logs.clear()).first("run.no-telemetry", "logs").alone();
}

#[test]
fn spans_of_another_run_are_mixed_in() {
    planted(|capture| {
        let mut copy = capture.spans[span_at(capture, "health", "")].clone();
        (copy.trace_id, copy.span_id, copy.parent) = (STRANGE_TRACE, STRANGER, None);
        capture.spans.push(copy);
        super::resource_of(capture.spans.last_mut().expect("the copy"), |attributes| {
            attributes.set("otelgate.run.id", "another");
        });
    })
    .first("run.foreign-telemetry", "spans / otelgate.run.id")
    .and(&[("relation.broken", "every request is one server span")]);
}

#[test]
fn a_second_instance_of_the_service_exports_too() {
    planted(|capture| {
        super::resource_of(span(capture, "health", ""), |attributes| {
            attributes.set("service.instance.id", "0e0c6fd8-53d1-44d9-a3fe-b7c1e343ab76");
        });
    })
    .first("run.foreign-telemetry", "spans / service.instance.id")
    .alone();
}

#[test]
fn a_trace_belongs_to_no_request() {
    planted(|capture| {
        let mut copy = capture.spans[span_at(capture, "health", "")].clone();
        (copy.trace_id, copy.span_id, copy.parent) = (STRANGE_TRACE, STRANGER, None);
        capture.spans.push(copy);
    })
    .first("run.foreign-telemetry", "GET /health / GET /health")
    .and(&[("relation.broken", "every request is one server span")]);
}

#[test]
fn an_attribute_of_the_resource_is_missing() {
    planted(|capture| resource(capture, |attributes| drop(attributes.remove("telemetry.sdk.language"))))
        .first("resource.missing", "resource / telemetry.sdk.language")
        .alone();
}

#[test]
fn the_service_has_the_name_of_nobody() {
    planted(|capture| resource(capture, |attributes| attributes.set("service.name", "unknown_service:rag")))
        .first("resource.value", "resource / service.name")
        .alone();
}

#[test]
fn an_answer_is_not_what_the_scenario_expects() {
    planted(|capture| {
        exchange(capture, "cold query").unmet.push("sources: at least one expected, none found".to_owned());
    })
    .first("exchange.unmet", "cold query")
    .of("cold query")
    .alone();
}

#[test]
fn a_request_is_not_answered() {
    planted(|capture| exchange(capture, "usage").status = None)
        .first("exchange.no-answer", "usage")
        .of("usage")
        .alone();
}

#[test]
fn retrieval_finds_the_wrong_documents() {
    planted(|capture| {
        for exchange in capture.exchanges.iter_mut().filter(|exchange| exchange.scenario == "retrieval quality") {
            exchange.facts.insert("relevant_in_top_5".to_owned(), 0.0);
        }
    })
    .first("fact.below", "retrieval quality / relevant_in_top_5")
    .alone();
}

#[test]
fn a_scenario_is_not_in_the_contract() {
    planted(|capture| exchange(capture, "usage").scenario = "usages".to_owned())
        .first("contract.scenario-unknown", "usages")
        .and(&[("contract.unused", "scenario usage")]);
}

#[test]
fn the_collector_refused_telemetry() {
    planted(|capture| {
        capture.exchanges.push(Exchange {
            by: Party::Collector,
            method: "POST".to_owned(),
            path: "/v1/traces".to_owned(),
            status: Some(400),
            response_body: "truncated message".to_owned(),
            ..Exchange::default()
        });
    })
    .first("telemetry.refused", "POST")
    .alone();
}

#[test]
fn the_exporter_traces_itself() {
    planted(|capture| {
        let mut copy = capture.spans[span_at(capture, "health", "")].clone();
        (copy.parent, copy.span_id, copy.name) = (Some(copy.span_id), STRANGER, text("tower.request"));
        (copy.kind, copy.attributes) = (SpanKind::Internal, Attributes::default());
        capture.spans.push(copy);
    })
    .first("never.appeared", "health / tower.request")
    .and(&[("span.unexpected", "health / tower.request")]);
}
