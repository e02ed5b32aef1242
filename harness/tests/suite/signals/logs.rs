//! What logs say, and where they lead.

use otelgate_harness::capture::{Capture, LogVia, SpanId, TraceContext, TraceId};

use super::sample::{capture, contract, examined, said, told};

const RULES: &str = "
logs:
  stdout-json: true
  correlated: true
  both-channels: true
  uncorrelated: ['listening on *']
  expect:
  - {message: the model *, scenario: model down, severity: warn, count: 1, attributes: {stage: llm}}
";

/// Positions of the record about the model, over OTLP and on standard output.
const OTLP: usize = 2;
const STDOUT: usize = 3;

fn after(change: impl Fn(&mut Capture)) -> Vec<otelgate_harness::finding::Finding> {
    let mut capture = capture();
    change(&mut capture);
    said("logs", &capture, &contract(RULES))
}

#[test]
fn healthy_logs_give_no_finding() {
    let (examined, findings) = examined("logs", &capture(), &contract(RULES));

    assert_eq!(told(&findings), []);
    assert_eq!(examined, 4);
}

#[test]
fn logs_are_not_looked_at_if_nothing_is_said() {
    assert_eq!(examined("logs", &capture(), &contract("")), (0, Vec::new()));
}

#[test]
fn a_line_that_is_no_json_is_told_with_the_line() {
    let findings = after(|it| {
        let mut line = it.logs[STDOUT].clone();
        line.via = LogVia::StdoutText;
        line.body = "thread 'main' panicked at src/main.rs:12:5".into();
        line.trace_id = None;
        it.logs.push(line);
    });

    assert_eq!(told(&findings), [("log.not-json", "stdout log / thread 'main' panicked at #")]);
    assert_eq!(findings[0].found, "thread 'main' panicked at src/main.rs:12:5");
}

#[test]
fn a_record_without_its_trace_is_told_on_each_channel() {
    let findings = after(|it| {
        for log in &mut it.logs[OTLP..=STDOUT] {
            log.span_id = None;
        }
    });

    let wanted = [
        ("log.no-trace-context", "otlp log / the model failed"),
        ("log.no-trace-context", "stdout log / the model failed"),
    ];
    assert_eq!(told(&findings), wanted);
    assert!(findings[0].found.starts_with("no span id"), "{}", findings[0].found);
}

#[test]
fn a_record_that_leads_to_no_span_is_told() {
    let span = after(|it| it.logs[OTLP].span_id = Some(SpanId([8; 8])));
    let trace = after(|it| {
        for log in &mut it.logs[OTLP..=STDOUT] {
            log.trace_id = Some(TraceId([5; 16]));
        }
    });

    assert_eq!(told(&span), [("log.trace-unknown", "otlp log / the model failed")]);
    assert_eq!(trace.iter().filter(|finding| finding.id == "log.trace-unknown").count(), 2);
}

#[test]
fn a_record_of_a_request_that_was_not_sampled_has_no_span_to_lead_to() {
    let findings = after(|it| {
        let trace_id = TraceId([5; 16]);
        let mut request = it.exchanges[1].clone();
        request.trace = Some(TraceContext::Unsampled { trace_id: trace_id.to_string(), span_id: "09".repeat(8) });
        it.exchanges.push(request);
        for log in &mut it.logs[OTLP..=STDOUT] {
            log.trace_id = Some(trace_id);
        }
    });

    assert_eq!(told(&findings), []);
}

#[test]
fn an_expected_record_is_missed_on_each_channel_with_the_nearest_message() {
    let findings = after(|it| {
        for log in &mut it.logs[OTLP..=STDOUT] {
            log.body = "the modal failed".into();
        }
    });

    let wanted =
        [("log.missing", "model down / otlp / the model *"), ("log.missing", "model down / stdout / the model *")];
    assert_eq!(told(&findings), wanted);
    assert_eq!(findings[0].found, "nearest: the modal failed");
    assert_eq!(findings[0].wanted, "exactly 1 on otlp, at least warn, with stage: \"llm\" (string)");
}

#[test]
fn an_expected_record_has_its_severity_scenario_fields_and_count() {
    let changes: [fn(&mut Capture); 3] = [
        |it| it.logs[OTLP].attributes.set("stage", "search"),
        |it| it.exchanges[1].scenario = "another".to_owned(),
        |it| {
            it.logs.extend_from_within(OTLP..=STDOUT);
        },
    ];
    for change in changes {
        let findings = after(change);

        assert!(findings.iter().any(|finding| finding.id == "log.missing"), "{findings:?}");
        assert!(findings.iter().all(|finding| finding.id == "log.missing"), "{findings:?}");
    }
}

#[test]
fn a_severity_below_the_expected_one_does_not_count() {
    let findings = after(|it| {
        it.logs[OTLP].severity = 9;
        it.logs[STDOUT].severity_text = "info".into();
    });

    assert_eq!(findings.len(), 2);
    assert!(findings.iter().all(|finding| finding.id == "log.missing"), "{findings:?}");
}

#[test]
fn a_record_on_one_channel_alone_is_told() {
    let lost = after(|it| {
        it.logs.remove(1);
    });
    let louder = after(|it| it.logs[0].severity = 17);

    assert_eq!(told(&lost), [("log.one-channel", "otlp log / listening on #")]);
    assert_eq!(lost[0].found, "1 over otlp, 0 on stdout");
    assert_eq!(louder.len(), 2, "each side has a record that the other has not");
}
