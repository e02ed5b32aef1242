//! What Grafana answered: data, zero, no data, error, and why.

use std::collections::BTreeMap;

use otelgate_harness::capture::arrived::{AnsweredSeries, Asker, PanelAnswer, SourceHealth, StoredPanels};
use otelgate_harness::dashboards::{Dashboards, MayBeEmpty, Options, Shown, judge, judge_answers};
use otelgate_harness::finding::{Finding, Level};

use super::{one_query, together, truth};

fn series(numbers: &[f64]) -> AnsweredSeries {
    AnsweredSeries::of(String::new(), BTreeMap::new(), numbers.iter().copied())
}

fn answer(series: Vec<AnsweredSeries>) -> PanelAnswer {
    PanelAnswer {
        dashboard: "d".to_owned(),
        asker: Asker::Panel,
        subject: "P".to_owned(),
        id: Some(1),
        ref_id: "A".to_owned(),
        source: "prometheus".to_owned(),
        query: "sent".to_owned(),
        series,
        ..PanelAnswer::default()
    }
}

fn failed(error: &str) -> PanelAnswer {
    PanelAnswer { error: Some(error.to_owned()), ..answer(Vec::new()) }
}

fn panels(answers: Vec<PanelAnswer>) -> StoredPanels {
    StoredPanels { from: 0, until: 60_000_000_000, answers, ..StoredPanels::default() }
}

fn told(panels: &StoredPanels, dashboards: &Dashboards, all_happened: bool) -> Vec<Finding> {
    let options = Options { all_happened };
    let judged = judge(dashboards, &truth(), options);
    let mut findings = Vec::new();
    let examined = judge_answers(panels, dashboards, &judged, options, &mut findings);
    assert_eq!(examined, panels.answers.len() as u64);
    findings
}

fn ids(findings: &[Finding]) -> Vec<(&str, Level)> {
    findings.iter().map(|finding| (finding.id, finding.level)).collect()
}

#[test]
fn data_zero_no_data_and_error_are_told_apart() {
    for (answer, wanted) in [
        (answer(vec![series(&[0.0, 1.0])]), Shown::Data),
        (PanelAnswer { rows: 3, ..answer(Vec::new()) }, Shown::Data),
        (PanelAnswer { values: vec!["a".to_owned()], ..answer(Vec::new()) }, Shown::Data),
        (answer(vec![series(&[0.0, 0.0])]), Shown::Zero),
        (answer(vec![series(&[f64::NAN, f64::NAN])]), Shown::Zero),
        (answer(vec![series(&[])]), Shown::NoData),
        (answer(Vec::new()), Shown::NoData),
        (failed("x"), Shown::Error),
    ] {
        assert_eq!(Shown::of(&answer), wanted, "{answer:?}");
    }
}

#[test]
fn each_is_a_finding_of_its_own_and_data_is_none() {
    let right = together(&[one_query("rate(errors_total[5m])")]);

    assert_eq!(ids(&told(&panels(vec![answer(vec![series(&[1.0])])]), &right, true)), []);
    assert_eq!(ids(&told(&panels(vec![failed("bad_data")]), &right, true)), [("panel.error", Level::Violation)]);
    assert_eq!(
        ids(&told(&panels(vec![answer(vec![series(&[0.0])])]), &right, true)),
        [("panel.zero", Level::Improvement)]
    );
    let none = told(&panels(vec![answer(Vec::new())]), &right, true);
    assert_eq!(ids(&none), [("panel.no-data", Level::Violation)]);
    assert_eq!(none[0].subject, "d / P / A");
    assert!(
        none[0].found.contains("no series in the 60 s asked for; metric, labels and values exist"),
        "{}",
        none[0].found
    );
    assert_eq!(none[0].place.path, "d › P (panel 1) › A\nsent");
    // Nobody knows whether it should have happened.
    assert_eq!(ids(&told(&panels(vec![answer(Vec::new())]), &right, false)), [("panel.no-data", Level::Improvement)]);
}

#[test]
fn no_data_that_the_metrics_explain_is_told_once_by_its_cause() {
    let wrong = together(&[one_query("rate(errors[5m])")]);
    let judged = judge(&wrong, &truth(), Options { all_happened: true });

    assert_eq!(judged.verdicts[0].no_data_because, ["the metric `errors` never existed (nearest: errors_total)"]);
    assert_eq!(ids(&told(&panels(vec![answer(Vec::new())]), &wrong, true)), []);
}

#[test]
fn numbers_that_are_none_are_told() {
    let right = together(&[one_query("rate(errors_total[5m])")]);

    let findings = told(&panels(vec![answer(vec![series(&[f64::NAN])])]), &right, true);

    assert!(findings[0].found.contains("a division by zero?"), "{}", findings[0].found);
}

#[test]
fn a_panel_that_may_be_empty_may_be_zero_or_without_data_but_not_an_error() {
    let mut right = together(&[one_query("rate(errors_total[5m])")]);
    let entry = MayBeEmpty {
        dashboard: "d".to_owned(),
        panel: "P".to_owned(),
        query: None,
        because: "nothing fails".to_owned(),
    };
    right.may_be_empty = vec![entry];

    assert_eq!(ids(&told(&panels(vec![answer(Vec::new())]), &right, true)), []);
    assert_eq!(ids(&told(&panels(vec![answer(vec![series(&[0.0])])]), &right, true)), []);
    assert_eq!(ids(&told(&panels(vec![failed("x")]), &right, true)), [("panel.error", Level::Violation)]);
    let needless = told(&panels(vec![answer(vec![series(&[1.0])])]), &right, true);
    assert_eq!(ids(&needless), [("panel.may-be-empty-stale", Level::Improvement)]);
    assert!(needless[0].hint.contains("nothing fails"), "{}", needless[0].hint);
}

#[test]
fn a_variable_without_values_is_told_and_a_quiet_annotation_is_not() {
    let right = together(&[one_query("rate(errors_total[5m])")]);
    let of =
        |asker| PanelAnswer { asker, subject: "x".to_owned(), id: None, ref_id: String::new(), ..answer(Vec::new()) };

    assert_eq!(
        ids(&told(&panels(vec![of(Asker::Variable)]), &right, false)),
        [("variable.no-value", Level::Violation)]
    );
    assert_eq!(ids(&told(&panels(vec![of(Asker::Annotation)]), &right, true)), []);
}

#[test]
fn a_data_source_that_does_not_answer_is_told_in_place_of_its_panels() {
    let right = together(&[one_query("rate(errors_total[5m])")]);
    let mut panels = panels(vec![failed("connection refused")]);
    panels.sources = vec![SourceHealth {
        uid: "prometheus".to_owned(),
        trouble: Some("connection refused".to_owned()),
        ..SourceHealth::default()
    }];
    panels.absent = vec!["d".to_owned()];

    let findings = told(&panels, &right, true);

    assert_eq!(
        ids(&findings),
        [("dashboard.source-unhealthy", Level::Violation), ("dashboard.absent", Level::Violation)]
    );
}
