//! Whether two runs left the same telemetry.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use otelgate_harness::capture::{Attributes, Capture, LogVia, Span, SpanId, TraceId};

/// What differs from run to run: ids, addresses and times.
const RUN: [&str; 7] = [
    "duration_ms",
    "gen_ai.response.id",
    "gen_ai.response.time_to_first_chunk",
    "otelgate.run.id",
    "server.port",
    "service.instance.id",
    "url.full",
];

/// Asserts that spans and logs of two runs differ in nothing but what differs from run to run, and attributes that the
/// caller leaves out.
pub(super) fn assert_same(one: &Capture, other: &Capture, left_out: &[&str]) {
    let keys = keys(one);
    assert!(RUN.iter().chain(left_out).all(|key| keys.contains(key)), "an attribute left out is nowhere: {RUN:?}");
    let (one, other) = (arrived(one, left_out), arrived(other, left_out));
    assert!(!one.is_empty(), "no request left a trace");
    assert_eq!(one.len(), other.len(), "requests that left a trace");
    for (one, other) in one.iter().zip(&other) {
        let request = one.lines().next().unwrap_or_default();
        for (one, other) in one.lines().zip(other.lines()) {
            assert_eq!(one, other, "{request}");
        }
        assert_eq!(one.lines().count(), other.lines().count(), "{request}");
    }
}

/// All that arrived by OTLP, one text for each request the driver sent, in order.
fn arrived(capture: &Capture, left_out: &[&str]) -> Vec<String> {
    let mut by_trace: BTreeMap<TraceId, Vec<&Span>> = BTreeMap::new();
    for span in &capture.spans {
        by_trace.entry(span.trace_id).or_default().push(span);
    }
    let requests = capture.exchanges.iter().filter(|exchange| !exchange.scenario.is_empty());
    requests
        .filter_map(|request| {
            let header = request.request_headers.get("traceparent")?;
            let trace = TraceId::from_hex(&header[3..35])?;
            let mut text = format!("{} #{}\n", request.scenario, request.step);
            let parent = SpanId::from_hex(&header[36..52]);
            let spans = by_trace.get(&trace)?;
            write_children(&mut text, spans, parent, 1, left_out);
            let mut logs: Vec<String> = capture
                .logs
                .iter()
                .filter(|record| record.via == LogVia::Otlp && record.trace_id == Some(trace))
                .map(|record| {
                    let span = spans.iter().find(|span| Some(span.span_id) == record.span_id).unwrap();
                    let body = &record.body;
                    format!(
                        "  log in {}: {} {body:?} {}",
                        span.name,
                        record.severity_text,
                        pairs(&record.attributes, left_out)
                    )
                })
                .collect();
            logs.sort();
            text.push_str(&logs.join("\n"));
            Some(text)
        })
        .collect()
}

fn write_children(text: &mut String, spans: &[&Span], parent: Option<SpanId>, depth: usize, left_out: &[&str]) {
    let mut children: Vec<&&Span> = spans.iter().filter(|span| span.parent == parent).collect();
    children.sort_by_key(|span| span.start);
    for span in children {
        let indent = "  ".repeat(depth);
        let events: Vec<String> =
            span.events.iter().map(|event| format!("{} {}", event.name, pairs(&event.attributes, left_out))).collect();
        let (status, resource) = (&span.status, pairs(&span.origin.resource.attributes, left_out));
        let scope = &span.origin.scope;
        writeln!(
            text,
            "{indent}{} {:?} {status:?} {:x} {} {events:?} {:?} {:?} of {} {} in {resource}",
            span.name,
            span.kind,
            span.flags,
            pairs(&span.attributes, left_out),
            span.links,
            span.dropped,
            scope.name,
            scope.version
        )
        .unwrap();
        write_children(text, spans, Some(span.span_id), depth + 1, left_out);
    }
}

/// Sorted, and without what differs from run to run.
fn pairs(attributes: &Attributes, left_out: &[&str]) -> String {
    let kept = attributes.iter().filter(|(key, _)| !RUN.contains(&&**key) && !left_out.contains(&&**key));
    let mut pairs: Vec<String> = kept.map(|(key, value)| format!("{key}={value:?}")).collect();
    pairs.sort();
    pairs.join(" ")
}

/// Of all attributes.
fn keys(capture: &Capture) -> BTreeSet<&str> {
    let spans = capture.spans.iter().flat_map(|span| [&span.attributes, &span.origin.resource.attributes]);
    let logs = capture.logs.iter().map(|record| &record.attributes);
    spans.chain(logs).flat_map(Attributes::iter).map(|(key, _)| &**key).collect()
}
