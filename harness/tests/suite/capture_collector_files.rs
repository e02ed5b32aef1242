//! Loading what the OpenTelemetry Collector's file exporter wrote.

use std::fs::{self, File};
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use otelgate_harness::capture::{
    LoadErrorKind, MetricKind, PointValue, SpanId, SpanKind, StatusCode, TraceId, Value, load,
};

/// A line as the Collector writes it, with a span of that name.
fn line(name: &str) -> String {
    format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"web"}}}}]}},"scopeSpans":[{{"scope":{{"name":"http"}},"spans":[{{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","parentSpanId":"","name":"{name}","kind":2,"startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661000000000","status":{{}}}}]}}]}}]}}"#
    )
}

fn names(path: &std::path::Path) -> Vec<String> {
    load(path).unwrap().spans.iter().map(|span| span.name.to_string()).collect()
}

#[test]
fn one_file_of_mixed_signals_is_read_by_its_content() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("telemetry");
    let metrics = r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"jobs","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[{"timeUnixNano":"5","asInt":"7"}]}}]}]}]}"#;
    let logs =
        r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityNumber":9,"body":{"stringValue":"hello"}}]}]}]}"#;
    fs::write(&path, format!("{}\n{metrics}\n\n{logs}\n", line("a"))).unwrap();

    let capture = load(&path).unwrap();

    assert_eq!(&*capture.spans[0].name, "a");
    assert_eq!(capture.spans[0].parent, None);
    assert_eq!(capture.spans[0].origin.resource.attributes.str("service.name"), Some("web"));
    let family = &capture.scrapes[0].families[0];
    assert_eq!((&*family.name, family.kind), ("jobs_total", MetricKind::Counter));
    assert_eq!(family.points[0].value, PointValue::Number(7.0));
    assert_eq!(capture.scrapes[0].time, 5);
    assert_eq!(capture.logs[0].body, Value::from("hello"));
}

#[test]
fn rotated_and_compressed_files_come_in_the_order_of_time() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("traces.json"), line("newest") + "\n").unwrap();
    fs::write(dir.path().join("traces-2026-01-02T03-04-05.000.json"), line("newer") + "\n").unwrap();
    let oldest = File::create(dir.path().join("traces-2026-01-01T03-04-05.000.json.gz")).unwrap();
    let mut gz = GzEncoder::new(oldest, Compression::fast());
    writeln!(gz, "{}", line("oldest")).unwrap();
    gz.finish().unwrap();
    fs::write(dir.path().join("README.md"), "not telemetry").unwrap();

    let names = names(dir.path());

    assert_eq!(names, ["oldest", "newer", "newest"]);
}

#[test]
fn spellings_that_the_json_mapping_allows_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("loose.jsonl");
    let span = r#"{"resource_spans":[{"scope_spans":[{"scope":null,"spans":[{
        "trace_id":"5B8EFFF798038103D269B633813FC60C","span_id":"EEE19B7EC3C1B174","name":"caf\u00e9 \ud834\udd1e",
        "kind":"SPAN_KIND_CLIENT","start_time_unix_nano":1544712660000000000,"endTimeUnixNano":"18446744073709551615",
        "attributes":[{"key":"i","value":{"intValue":-9223372036854775808}},{"key":"d","value":{"doubleValue":"-Infinity"}},
            {"key":"w","value":{"doubleValue":3}},{"key":"b","value":{"bytesValue":"-_8"}},{"key":"e","value":{}},
            {"key":"n","value":null},{"key":"new","value":{"stringValue":"x","stringValueStrindex":4}}],
        "events":null,"status":{"code":"STATUS_CODE_ERROR","message":null},"fromTheFuture":{"deep":[1,{"a":2}]}}]}]}]}"#;
    fs::write(&path, span.replace('\n', " ")).unwrap();

    let capture = load(&path).unwrap();

    let span = &capture.spans[0];
    assert_eq!(span.trace_id, TraceId::from_hex("5b8efff798038103d269b633813fc60c").unwrap());
    assert_eq!(span.span_id, SpanId::from_hex("eee19b7ec3c1b174").unwrap());
    assert_eq!((&*span.name, span.kind, span.status.code), ("café 𝄞", SpanKind::Client, StatusCode::Error));
    assert_eq!((span.start, span.end), (1_544_712_660_000_000_000, u64::MAX));
    assert_eq!(span.attributes.get("i"), Some(&Value::Int(i64::MIN)));
    assert_eq!(span.attributes.get("d"), Some(&Value::Double(f64::NEG_INFINITY)));
    assert_eq!(span.attributes.get("w"), Some(&Value::Double(3.0)));
    assert_eq!(span.attributes.get("b"), Some(&Value::Bytes([0xfb, 0xff].into())));
    assert_eq!(span.attributes.get("e"), Some(&Value::Empty));
    assert_eq!(span.attributes.get("n"), Some(&Value::Empty));
    assert_eq!(span.attributes.str("new"), Some("x"));
}

#[test]
fn the_last_line_may_lack_its_line_break() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("traces.jsonl");
    fs::write(&path, format!("{}\r\n{}", line("a"), line("b"))).unwrap();

    let names = names(&path);

    assert_eq!(names, ["a", "b"]);
}

#[test]
fn a_last_line_cut_short_is_an_error_even_inside_a_character() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("traces.jsonl");
    let whole = format!("{}\n{}", line("a"), line("naïve"));
    let cut = whole.find('ï').unwrap() + 1;
    fs::write(&path, &whole.as_bytes()[..cut]).unwrap();

    let error = load(&path).unwrap_err();

    assert!(matches!(error.kind, LoadErrorKind::Truncated), "{error}");
    assert_eq!((error.line, error.offset), (Some(2), Some(cut as u64 - 1)));
}

#[test]
fn a_gzip_file_cut_short_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("traces.json.gz");
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    writeln!(gz, "{}", line("a")).unwrap();
    let whole = gz.finish().unwrap();
    fs::write(&path, &whole[..whole.len() - 12]).unwrap();

    let error = load(&path).unwrap_err();

    assert!(matches!(error.kind, LoadErrorKind::Truncated), "{error}");
    assert_eq!(error.path, path);
}

#[test]
fn a_bad_line_in_the_middle_of_a_large_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("traces.jsonl");
    let good = line("a") + "\n";
    let before = 12_000;
    fs::write(&path, good.repeat(before) + "{\"resourceSpans\": 5}\n" + &good.repeat(5_000)).unwrap();

    let error = load(&path).unwrap_err();

    assert_eq!(error.line, Some(before + 1));
    assert!(error.offset.unwrap() >= (good.len() * before) as u64, "{error}");
    assert!(matches!(error.kind, LoadErrorKind::BadLine(_)), "{error}");
}

#[test]
fn a_file_of_something_else_is_no_telemetry() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("package.json");
    fs::write(&path, r#"{"name": "web", "version": "1.0.0"}"#).unwrap();

    let error = load(&path).unwrap_err();

    assert!(error.to_string().contains("not OTLP JSON"), "{error}");
}

#[test]
fn an_empty_file_is_no_capture() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("traces.json");
    fs::write(&path, "\n\n").unwrap();

    let error = load(&path).unwrap_err();

    assert!(matches!(error.kind, LoadErrorKind::EmptyFile), "{error}");
}
