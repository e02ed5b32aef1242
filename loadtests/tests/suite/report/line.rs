//! The one line.

use otelgate_loadtests::overhead::outcome::{Outcome, OverheadVerdict, Protocol};
use otelgate_loadtests::report::one_line;

use crate::support::outcomes::{arm, fail, inconclusive, invalid, nothing, pass};

#[test]
fn a_pass_says_all_figures_and_the_verdict_last() {
    let line = one_line(&pass());

    assert_eq!(
        line,
        "OTel CPU overhead 2.4 % [1.7, 3.1] (99 %, sequential) = 9.7 µs/request, 0.6 µs/span × 15 spans; \
         16 launches × 7 s; A/A sd 0.31 %; smallest detectable 1.1 points; spans 100 % delivered; \
         budget 5 % -> PASS"
    );
}

#[test]
fn an_arm_that_took_the_place_of_on_is_named() {
    let line = one_line(&Outcome { on_is: Some("stock SDK".to_owned()), ..pass() });

    assert!(line.starts_with("OTel CPU overhead of \"stock SDK\" 2.4 % [1.7, 3.1] "), "{line}");
}

#[test]
fn a_confirmed_fail_counts_both_runs() {
    let line = one_line(&fail());

    assert!(line.contains("12 + 8 confirming launches × 7 s"), "{line}");
    assert!(line.ends_with("budget 5 % -> FAIL"), "{line}");
}

#[test]
fn an_inconclusive_run_keeps_its_interval() {
    let line = one_line(&inconclusive());

    assert!(line.starts_with("OTel CPU overhead 4.7 % [4.1, 5.3] "), "{line}");
    assert!(line.ends_with("-> INCONCLUSIVE"), "{line}");
}

#[test]
fn an_invalid_run_has_no_figure_for_the_cost() {
    let line = one_line(&invalid());

    assert!(line.starts_with("OTel CPU overhead not measured (spans-lost); 8 launches"), "{line}");
    assert!(line.contains("spans 82.0 % delivered"), "{line}");
    assert!(!line.contains("1.1 % ["), "{line}");
}

#[test]
fn what_was_not_measured_is_never_zero() {
    let line = one_line(&nothing());

    assert_eq!(
        line,
        "OTel CPU overhead not measured (arm-died); 0 launches × 7 s; A/A not measured; \
         smallest detectable not known; spans not measured; budget 5 % -> INVALID"
    );
}

#[test]
fn an_outcome_without_a_cost_does_not_make_one_up() {
    let mut outcome = inconclusive();
    outcome.cost = None;

    let line = one_line(&outcome);

    assert!(line.starts_with("OTel CPU overhead not measured; 24 launches"), "{line}");
    assert_eq!(outcome.verdict, OverheadVerdict::Inconclusive);
}

#[test]
fn an_arm_without_spans_does_not_claim_that_all_arrived() {
    let mut outcome = pass();
    arm(&mut outcome, Protocol::ON).spans_per_request = 0.0;
    let cost = outcome.cost.as_mut().unwrap();
    cost.micros_per_span = None;

    let line = one_line(&outcome);

    assert!(line.contains("µs/request, no spans;") && line.contains("; no spans; budget"), "{line}");
}

#[test]
fn one_look_is_not_called_sequential() {
    let mut outcome = pass();
    outcome.protocol.looks = vec![8];

    assert!(one_line(&outcome).contains("(99 %, one look)"));
}
