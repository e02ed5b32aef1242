//! The frame of one trace: a row for each span.

use serde_json::{Map, Value, json};

use super::answer::{Reference, Span, Trace};
use crate::standins::grafana::frame::{Field, Frame, Meta, Values};
use crate::standins::grafana::number;

pub(super) fn frame(trace: &Trace, ref_id: &str) -> Frame {
    let spans = &trace.spans;
    let text = |of: fn(&Span) -> &String| Values::Text(spans.iter().map(|span| of(span).clone()).collect());
    let json = |of: fn(&Span) -> Value| Values::Json(spans.iter().map(of).collect());
    let milliseconds =
        |of: fn(&Span) -> i64| Values::Float(spans.iter().map(|span| number::float(of(span)) / 1000.0).collect());
    let service_tags = |span: &Span| trace.processes.get(&span.process).map(|process| json!(process.tags));

    let fields = vec![
        Field::new("traceID", text(|span| &span.trace_id)),
        Field::new("spanID", text(|span| &span.id)),
        Field::new("parentSpanID", Values::OptionalText(spans.iter().map(|span| parent(span).cloned()).collect())),
        Field::new("operationName", text(|span| &span.operation_name)),
        Field::new("serviceName", Values::Text(spans.iter().map(|span| trace.service(span).to_owned()).collect())),
        Field::new(
            "serviceTags",
            Values::Json(spans.iter().map(|span| service_tags(span).unwrap_or_default()).collect()),
        ),
        Field::new("startTime", milliseconds(|span| span.start_time)),
        Field::new("duration", milliseconds(|span| span.duration)),
        Field::new("logs", json(|span| json!(span.logs))),
        Field::new("references", json(|span| json!(others(span)))),
        Field::new("tags", json(|span| json!(span.tags))),
        Field::new("warnings", json(|span| span.warnings.clone())),
        Field::new("stackTraces", json(|span| span.stack_traces.clone())),
    ];
    let meta = Meta {
        visualisation: Some("trace"),
        custom: Map::from_iter([("traceFormat".to_owned(), json!("jaeger"))]),
        ..Meta::default()
    };
    Frame { name: ref_id.to_owned(), meta: Some(meta), fields }
}

fn parent(span: &Span) -> Option<&String> {
    span.references.iter().find(|reference| reference.kind == "CHILD_OF").map(|reference| &reference.span_id)
}

/// The references that are not the one to the parent.
fn others(span: &Span) -> Vec<&Reference> {
    let parent = parent(span);
    span.references.iter().filter(|reference| parent != Some(&reference.span_id)).collect()
}
