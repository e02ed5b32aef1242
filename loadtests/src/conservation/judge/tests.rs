use super::*;

/// Every request of 1,000 sampled, three spans each, all of them everywhere.
fn healthy() -> Counted {
    Counted {
        requests: Requests { sent: 1000, answered: 1000, bad: 0, broken: 0 },
        roots: Some(Roots { wanted: 1000, once: 1000, ..Roots::default() }),
        histogram: Some(1000),
        lines: Some(Lines { wanted: 600, once: 600, missing: 0, more: 0 }),
        sdk: Some(Sdk { handed: 3000, queue_full: 0, exported: Some(3000), failed: 0 }),
        received: Some(Received { spans: 3000, refused: 0, reason: None }),
    }
}

#[track_caller]
fn assert_ids(counted: &Counted, wanted: &[&str]) {
    let judgement = judge(counted);
    let ids: Vec<&str> = judgement.violations.iter().map(|violation| violation.id.as_str()).collect();
    assert_eq!(ids, wanted, "{judgement:#?}");
    for violation in &judgement.violations {
        assert!(!violation.wanted.is_empty() && !violation.found.is_empty() && !violation.todo.is_empty());
    }
}

fn missing(roots: u64) -> Roots {
    Roots { wanted: 1000, once: 1000 - roots, missing: roots, examples: vec!["07".to_owned()], ..Roots::default() }
}

#[test]
fn what_adds_up_violates_nothing() {
    assert_ids(&healthy(), &[]);
    assert_eq!(judge(&healthy()).notes, Vec::<String>::new());
}

#[test]
fn a_full_queue_that_is_declared_is_noted_and_no_violation() {
    let sdk = Some(Sdk { handed: 2900, queue_full: 100, exported: Some(2900), failed: 0 });
    let received = Some(Received { spans: 2900, ..Received::default() });
    let counted = Counted { sdk, received, roots: Some(missing(34)), ..healthy() };

    assert_ids(&counted, &[]);
    assert!(judge(&counted).notes[0].contains("100 at the queue"));
}

#[test]
fn a_failed_export_that_is_declared_is_noted_and_no_violation() {
    let sdk = Some(Sdk { handed: 3000, queue_full: 0, exported: Some(2500), failed: 500 });
    let received = Some(Received { spans: 2500, ..Received::default() });
    let counted = Counted { sdk, received, roots: Some(missing(200)), ..healthy() };

    assert_ids(&counted, &[]);
    assert!(judge(&counted).notes[0].contains("500 by the exporter"));
}

#[test]
fn an_export_that_timed_out_and_arrived_all_the_same_is_no_violation() {
    let sdk = Some(Sdk { handed: 3000, queue_full: 0, exported: Some(2500), failed: 500 });

    assert_ids(&Counted { sdk, ..healthy() }, &[]);
}

#[test]
fn a_trace_that_nobody_declared_lost_is_told() {
    assert_ids(&Counted { roots: Some(missing(1)), ..healthy() }, &["conservation.undeclared"]);
}

#[test]
fn more_missing_traces_than_declared_spans_are_told() {
    let sdk = Some(Sdk { handed: 2990, queue_full: 10, exported: Some(2990), failed: 0 });
    let received = Some(Received { spans: 2990, ..Received::default() });

    assert_ids(&Counted { sdk, received, roots: Some(missing(11)), ..healthy() }, &["conservation.undeclared"]);
}

#[test]
fn without_the_sdks_metrics_any_missing_trace_is_told_and_what_would_explain_it() {
    let counted = Counted { sdk: None, roots: Some(missing(1)), ..healthy() };

    assert_ids(&counted, &["conservation.undeclared"]);
    assert!(judge(&counted).violations[0].todo.contains("otel.sdk.processor.span.processed"));
}

#[test]
fn a_collector_that_answers_well_and_keeps_nothing_is_named() {
    let received = Some(Received { spans: 2400, ..Received::default() });

    assert_ids(&Counted { received, roots: Some(missing(200)), ..healthy() }, &["conservation.receiver"]);
}

#[test]
fn an_exporter_that_forgets_is_named() {
    let sdk = Some(Sdk { handed: 3000, queue_full: 0, exported: Some(2400), failed: 0 });
    let received = Some(Received { spans: 2400, ..Received::default() });

    assert_ids(&Counted { sdk, received, roots: Some(missing(200)), ..healthy() }, &["conservation.export"]);
}

#[test]
fn spans_that_no_exporter_counted_are_told() {
    let received = Some(Received { spans: 3003, ..Received::default() });

    assert_ids(&Counted { received, ..healthy() }, &["conservation.uncounted"]);
}

#[test]
fn a_request_with_two_roots_is_told() {
    let roots = Some(Roots { wanted: 1000, once: 999, more: 1, ..Roots::default() });

    assert_ids(&Counted { roots, ..healthy() }, &["conservation.duplicate"]);
}

#[test]
fn a_trace_that_the_sampler_must_drop_is_told() {
    let roots = Some(Roots { wanted: 100, once: 100, unsampled: 1, ..Roots::default() });

    assert_ids(&Counted { roots, ..healthy() }, &["conservation.sampler"]);
}

#[test]
fn a_histogram_that_misses_a_request_or_has_one_too_many_is_told() {
    for histogram in [999, 1001] {
        assert_ids(&Counted { histogram: Some(histogram), ..healthy() }, &["conservation.histogram"]);
    }
}

#[test]
fn a_histogram_may_or_may_not_have_a_request_that_was_cut_off() {
    for histogram in [999, 1000] {
        let requests = Requests { sent: 1000, answered: 999, bad: 0, broken: 1 };

        assert_ids(&Counted { requests, histogram: Some(histogram), ..healthy() }, &["load.lost-request"]);
    }
}

#[test]
fn a_line_too_few_or_too_many_is_told() {
    for (missing, more) in [(1, 0), (0, 1)] {
        let lines = Some(Lines { wanted: 600, once: 599, missing, more });

        assert_ids(&Counted { lines, ..healthy() }, &["conservation.log-lines"]);
    }
}

#[test]
fn what_the_collector_refuses_is_told_with_its_reason() {
    let reason = Some("no protobuf".to_owned());
    let received = Some(Received { spans: 3000, refused: 1, reason });
    let counted = Counted { received, ..healthy() };

    assert_ids(&counted, &["conservation.refused"]);
    assert!(judge(&counted).violations[0].found.contains("no protobuf"));
}

#[test]
fn a_bad_answer_is_told() {
    let requests = Requests { sent: 1000, answered: 999, bad: 1, broken: 0 };

    assert_ids(&Counted { requests, ..healthy() }, &["load.bad-answer"]);
}

#[test]
fn a_load_without_requests_proves_nothing() {
    assert_ids(&Counted::default(), &["load.nothing-sent"]);
}
