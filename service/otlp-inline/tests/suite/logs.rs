//! What a collector gets of a log record is what the stock exporter sends of it.

use std::{collections::HashMap, sync::Arc, time::SystemTime};

use opentelemetry::{
    InstrumentationScope, Key, SpanId, TraceFlags, TraceId,
    logs::{AnyValue, LogRecord as _, Logger as _, LoggerProvider as _, Severity},
};
use opentelemetry_otlp::{WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_proto::tonic::{
    collector::logs::v1::ExportLogsServiceRequest,
    common::v1 as proto,
    logs::v1::{LogRecord, ScopeLogs},
};
use opentelemetry_sdk::{Resource, logs::SdkLoggerProvider};
use otlp_inline::{BatchConfig, LogExporter, Otlp};
use proptest::{collection::vec, option, prelude::*, sample::select};

use crate::support::{arbitrary, sink::Sink};

/// A record as it will be emitted.
#[derive(Clone, Debug)]
struct Plan {
    scope: usize,
    target: Option<String>,
    time: Option<SystemTime>,
    observed: SystemTime,
    severity: Option<Severity>,
    severity_text: Option<&'static str>,
    event_name: Option<&'static str>,
    body: Option<AnyValue>,
    attributes: Vec<(String, AnyValue)>,
    trace: Option<(u128, u64, Option<u8>)>,
}

/// Lists and maps in lists and maps, empty ones too.
fn any_value() -> impl Strategy<Value = AnyValue> {
    let leaf = prop_oneof![
        arbitrary::integer().prop_map(AnyValue::from),
        arbitrary::double().prop_map(AnyValue::from),
        arbitrary::text().prop_map(AnyValue::from),
        any::<bool>().prop_map(AnyValue::from),
        vec(any::<u8>(), 0..200).prop_map(|bytes| AnyValue::Bytes(Box::new(bytes))),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|items| AnyValue::ListAny(Box::new(items))),
            vec((arbitrary::text(), inner), 0..4).prop_map(|pairs| {
                let pairs: HashMap<Key, AnyValue> = pairs.into_iter().map(|(key, value)| (key.into(), value)).collect();
                AnyValue::Map(Box::new(pairs))
            }),
        ]
    })
}

const SEVERITIES: [Severity; 24] = [
    Severity::Trace,
    Severity::Trace2,
    Severity::Trace3,
    Severity::Trace4,
    Severity::Debug,
    Severity::Debug2,
    Severity::Debug3,
    Severity::Debug4,
    Severity::Info,
    Severity::Info2,
    Severity::Info3,
    Severity::Info4,
    Severity::Warn,
    Severity::Warn2,
    Severity::Warn3,
    Severity::Warn4,
    Severity::Error,
    Severity::Error2,
    Severity::Error3,
    Severity::Error4,
    Severity::Fatal,
    Severity::Fatal2,
    Severity::Fatal3,
    Severity::Fatal4,
];

fn plan() -> impl Strategy<Value = Plan> {
    let target = option::of(prop_oneof![Just("app::checkout".to_owned()), arbitrary::text()]);
    let trace = option::of((any::<u128>(), any::<u64>(), option::of(any::<u8>())));
    let severity_text = option::of(select(vec!["", "INFO", "très grave"]));
    let event_name = option::of(select(vec!["", "device.app.lifecycle"]));
    let head = (0_usize..3, target, option::of(arbitrary::time()), arbitrary::time());
    let body = (option::of(any_value()), vec((arbitrary::text(), any_value()), 0..8));
    (head, option::of(select(SEVERITIES.to_vec())), severity_text, event_name, body, trace).prop_map(
        |((scope, target, time, observed), severity, severity_text, event_name, (body, attributes), trace)| Plan {
            scope,
            target,
            time,
            observed,
            severity,
            severity_text,
            event_name,
            body,
            attributes,
            trace,
        },
    )
}

fn emit(provider: &SdkLoggerProvider, scopes: &[InstrumentationScope], plans: &[Plan]) {
    for plan in plans {
        let logger = provider.logger_with_scope(scopes[plan.scope].clone());
        let mut record = logger.create_log_record();
        record.set_observed_timestamp(plan.observed);
        if let Some(target) = &plan.target {
            record.set_target(target.clone());
        }
        if let Some(time) = plan.time {
            record.set_timestamp(time);
        }
        if let Some(severity) = plan.severity {
            record.set_severity_number(severity);
        }
        if let Some(text) = plan.severity_text {
            record.set_severity_text(text);
        }
        if let Some(name) = plan.event_name {
            record.set_event_name(name);
        }
        if let Some(body) = &plan.body {
            record.set_body(body.clone());
        }
        record.add_attributes(plan.attributes.iter().cloned());
        if let Some((trace_id, span_id, flags)) = plan.trace {
            let (trace_id, span_id) = (TraceId::from(trace_id), SpanId::from(span_id));
            record.set_trace_context(trace_id, span_id, flags.map(TraceFlags::new));
        }
        logger.emit(record);
    }
}

pub(crate) fn stock(resource: &Resource, sink: &Sink) -> SdkLoggerProvider {
    let exporter = opentelemetry_otlp::LogExporter::builder()
        .with_http()
        .with_protocol(opentelemetry_otlp::Protocol::HttpBinary)
        .with_endpoint("http://localhost/v1/logs")
        .with_http_client(sink.clone())
        .build()
        .unwrap();
    SdkLoggerProvider::builder().with_resource(resource.clone()).with_batch_exporter(exporter).build()
}

fn inline(resource: &Resource, sink: &Sink) -> SdkLoggerProvider {
    let otlp = Otlp::http("http://localhost").with_http_client(Arc::new(sink.clone()));
    let exporter = LogExporter::start(&otlp, resource, BatchConfig::default(), None).unwrap();
    SdkLoggerProvider::builder().with_resource(resource.clone()).with_log_processor(exporter).build()
}

/// Scopes that differ in nothing that is sent are one, and have no order; a map and a resource have none either.
fn printed(mut requests: Vec<ExportLogsServiceRequest>) -> String {
    for logs in requests.iter_mut().flat_map(|request| &mut request.resource_logs) {
        let resource = logs.resource.as_mut().expect("a resource");
        resource.attributes.sort_by(|one, other| one.key.cmp(&other.key));
        for record in logs.scope_logs.iter_mut().flat_map(|logs| &mut logs.log_records) {
            order_maps(record);
        }
        let mut scopes: Vec<(String, ScopeLogs)> = Vec::new();
        for logs in logs.scope_logs.drain(..) {
            // The stock exporter knows scopes whose attributes are in another order as one.
            let mut sorted = logs.scope.clone().expect("a scope");
            sorted.attributes.sort_by(|one, other| one.key.cmp(&other.key));
            let key = format!("{sorted:?} {:?}", logs.schema_url);
            match scopes.iter_mut().find(|(known, _)| *known == key) {
                Some((_, known)) => known.log_records.extend(logs.log_records),
                None => scopes.push((key, logs)),
            }
        }
        // Records of two loggers in one scope are in the order of their loggers on one side.
        for (_, logs) in &mut scopes {
            logs.log_records.sort_by_cached_key(|record| format!("{record:?}"));
        }
        scopes.sort_by(|(one, _), (other, _)| one.cmp(other));
        logs.scope_logs = scopes.into_iter().map(|(_, logs)| logs).collect();
    }
    format!("{requests:#?}")
}

fn order_maps(record: &mut LogRecord) {
    record.body.iter_mut().for_each(order_maps_in);
    record.attributes.iter_mut().filter_map(|pair| pair.value.as_mut()).for_each(order_maps_in);
}

fn order_maps_in(value: &mut proto::AnyValue) {
    match &mut value.value {
        Some(proto::any_value::Value::ArrayValue(list)) => list.values.iter_mut().for_each(order_maps_in),
        Some(proto::any_value::Value::KvlistValue(map)) => {
            map.values.sort_by(|one, other| one.key.cmp(&other.key));
            map.values.iter_mut().filter_map(|pair| pair.value.as_mut()).for_each(order_maps_in);
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_log_records_arrive_as_the_stock_exporter_sends_them(
        resource in arbitrary::resource(),
        scopes in vec(arbitrary::scope(), 3),
        plans in vec(plan(), 1..8),
    ) {
        let (sent_inline, sent_stock) = (Sink::default(), Sink::default());
        let (inline, stock) = (inline(&resource, &sent_inline), stock(&resource, &sent_stock));

        emit(&inline, &scopes, &plans);
        emit(&stock, &scopes, &plans);

        inline.force_flush().unwrap();
        stock.force_flush().unwrap();
        let (inline, stock) = (printed(sent_inline.take_logs()), printed(sent_stock.take_logs()));
        prop_assert!(inline == stock, "inline:\n{inline}\n\nstock:\n{stock}");
    }
}

#[test]
fn a_record_has_the_ids_of_the_active_span() {
    use opentelemetry::trace::{TraceContextExt as _, Tracer as _, TracerProvider as _};

    let (spans, logs) = (Sink::default(), Sink::default());
    let otlp = Otlp::http("http://localhost").with_http_client(Arc::new(spans.clone()));
    let tracing = otlp_inline::TracerProvider::builder(otlp).build().unwrap();
    let logging = inline(&Resource::builder_empty().build(), &logs);
    let logger = logging.logger("app");

    let context = tracing.tracer("app").in_span("work", |context| {
        logger.emit(logger.create_log_record());
        context.span().span_context().clone()
    });

    logging.force_flush().unwrap();
    let record = &logs.take_logs()[0].resource_logs[0].scope_logs[0].log_records[0];
    assert_eq!(record.trace_id, context.trace_id().to_bytes());
    assert_eq!(record.span_id, context.span_id().to_bytes());
    assert_eq!(record.flags, 1);
}
