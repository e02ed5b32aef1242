//! Log lines of a service's standard output.

use otelgate_harness::capture::{LogVia, SpanId, TraceId, Value, parse_line};

const TRACE: &str = "5b8efff798038103d269b633813fc60c";
const SPAN: &str = "eee19b7ec3c1b174";

#[test]
fn a_line_of_tracing_is_understood() {
    let line = format!(
        r#"{{"timestamp":"2026-02-03T04:05:06.000000007Z","level":"WARN","fields":{{"message":"slow","elapsed_ms":12}},"target":"rag","trace_id":"{TRACE}","span_id":"{SPAN}"}}"#
    );

    let record = parse_line(&line, 99);

    assert_eq!(record.via, LogVia::StdoutJson);
    assert_eq!((record.time, record.observed_time), (1_770_091_506_000_000_007, 99));
    assert_eq!((record.severity, &*record.severity_text), (13, "WARN"));
    assert_eq!(record.body, Value::from("slow"));
    assert_eq!(record.attributes.get("elapsed_ms"), Some(&Value::Int(12)));
    assert_eq!(record.attributes.str("target"), Some("rag"));
    assert_eq!(record.attributes.len(), 2);
    assert_eq!((record.trace_id, record.span_id), (TraceId::from_hex(TRACE), SpanId::from_hex(SPAN)));
}

#[test]
fn ids_are_found_under_the_names_that_loggers_use() {
    for (trace, span) in [
        ("trace_id", "span_id"),
        ("traceId", "spanId"),
        ("otelTraceID", "otelSpanID"),
        ("dd.trace_id", "dd.span_id"),
        ("trace.id", "span.id"),
    ] {
        let record = parse_line(&format!(r#"{{"msg":"x","{trace}":"{TRACE}","{span}":"{SPAN}"}}"#), 0);

        assert_eq!(record.trace_id, TraceId::from_hex(TRACE), "{trace}");
        assert_eq!(record.span_id, SpanId::from_hex(SPAN), "{span}");
        assert!(record.attributes.is_empty(), "{trace}");
    }
}

#[test]
fn ids_inside_the_span_are_found_and_left_there() {
    let record = parse_line(&format!(r#"{{"message":"x","span":{{"name":"q","trace_id":"{TRACE}"}}}}"#), 0);

    assert_eq!(record.trace_id, TraceId::from_hex(TRACE));
    assert!(matches!(record.attributes.get("span"), Some(Value::Map(members)) if members.len() == 2));
}

#[test]
fn an_id_that_is_none_stays_an_attribute() {
    let record = parse_line(r#"{"msg":"x","otelTraceID":"0","trace_id":"00000000000000000000000000000000"}"#, 0);

    assert_eq!(record.trace_id, None);
    assert_eq!(record.attributes.len(), 2);
}

#[test]
fn times_are_read_in_the_unit_their_size_suggests() {
    let wanted = 1_700_000_000_500_000_000;

    for time in
        ["1700000000.5", "1700000000500", "1700000000500000", "1700000000500000000", "\"2023-11-14T22:13:20.5Z\""]
    {
        let record = parse_line(&format!(r#"{{"ts":{time},"msg":"x"}}"#), 0);

        assert_eq!(record.time, wanted, "{time}");
    }
}

#[test]
fn a_time_nobody_understands_stays_an_attribute() {
    let record = parse_line(r#"{"time":"yesterday","msg":"x"}"#, 7);

    assert_eq!((record.time, record.attributes.str("time")), (0, Some("yesterday")));
}

#[test]
fn numeric_levels_are_those_of_pino() {
    let record = parse_line(r#"{"level":50,"time":1700000000500,"msg":"x"}"#, 0);

    assert_eq!((record.severity, &*record.severity_text), (17, "50"));
}

#[test]
fn any_other_line_is_text() {
    for line in ["", "Listening on 8001", "[1, 2]", "\"text\"", "{\"cut\": ", "null"] {
        let record = parse_line(line, 3);

        assert_eq!((record.via, record.body.as_str(), record.observed_time), (LogVia::StdoutText, Some(line), 3));
    }
}
