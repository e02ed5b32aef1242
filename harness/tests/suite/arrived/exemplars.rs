//! Exemplars that the metric store took over.

use otelgate_harness::capture::Capture;
use otelgate_harness::capture::arrived::StoredExemplar;

use super::{alone, healthy, metrics, planted, told};

fn exemplar(trace: &str, span: &str) -> StoredExemplar {
    let labels =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    StoredExemplar {
        series: labels(&[("__name__", "rag_query_duration_seconds_bucket"), ("le", "0.5")]),
        labels: labels(&[("trace_id", trace), ("span_id", span)]),
        value: 0.2,
        time: u64::MAX / 2,
    }
}

fn with(exemplar: StoredExemplar) -> impl FnOnce(&mut Capture) {
    move |capture| metrics(capture).exemplars.push(exemplar)
}

#[test]
fn an_exemplar_of_a_trace_that_arrived_can_be_opened() {
    let span = &healthy().0.spans[0];

    let findings = planted(with(exemplar(&span.trace_id.to_string(), &span.span_id.to_string())));

    assert_eq!(told(&findings), []);
}

#[test]
fn an_exemplar_of_no_trace_is_told_under_the_metric_s_name() {
    let findings = planted(with(exemplar(&"ab".repeat(16), &"cd".repeat(8))));

    let finding = alone(&findings, "exemplar.unresolved", "rag_query_duration_seconds");
    assert_eq!(finding.found, format!("no span of trace {} was exported", "ab".repeat(16)));
}

#[test]
fn an_exemplar_without_an_id_is_told() {
    let findings = planted(with(exemplar("no id", "none")));

    assert_eq!(alone(&findings, "exemplar.unresolved", "rag_query_duration_seconds").found, "it has no trace id");
}
