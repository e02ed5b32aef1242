//! What is found in the outcome of a trial.

use otelgate_harness::capture::Capture;
use otelgate_harness::capture::arrived::{BrokenRule, Fired, Proven, Trial};
use otelgate_harness::checks::{CHECKS, OF_ALERTS, judge_by};
use otelgate_harness::contract::Contract;
use otelgate_harness::finding::Finding;

fn well() -> Trial {
    let proven = |alert: &str| Proven {
        alert: alert.to_owned(),
        induced: "driving `failing` every 100 ms".to_owned(),
        query: "rate(errors_total[4s]) > 0".to_owned(),
        within: 20_000,
        fired_after: Some(5_000),
        state: "firing".to_owned(),
        ..Proven::default()
    };
    Trial { windows_divided_by: 100, healthy_for: 9_000, proofs: vec![proven("A"), proven("B")], ..Trial::default() }
}

fn found(trial: Trial) -> Vec<Finding> {
    let mut capture = Capture::default();
    capture.arrived.trial = Some(trial);
    judge_by(OF_ALERTS, &capture, &Contract::default()).findings
}

#[track_caller]
fn assert_found(plant: impl FnOnce(&mut Trial), id: &str, subject: &str, part: &str) {
    let mut trial = well();
    plant(&mut trial);

    let findings = found(trial);

    assert_eq!(findings.iter().map(|found| (found.id, found.subject.as_str())).collect::<Vec<_>>(), [(id, subject)]);
    let told = format!("{:?}", findings[0]);
    assert!(told.contains(part), "wanted {part}\nfound {told}");
}

fn fired(alert: &str) -> Fired {
    Fired { alert: alert.to_owned(), value: "0.5".to_owned(), summary: "half of the queries fail".to_owned() }
}

#[test]
fn a_trial_in_which_all_fired_is_silent() {
    assert_eq!(found(well()), []);
    assert!(CHECKS.iter().any(|check| check.name == "alert_trial"));
}

#[test]
fn an_alert_that_never_fires_is_found_with_what_it_compared() {
    let plant = |trial: &mut Trial| {
        trial.proofs[1] = Proven {
            fired_after: None,
            state: "inactive".to_owned(),
            value: Some("0.2".to_owned()),
            ..trial.proofs[1].clone()
        };
    };
    assert_found(plant, "alert.silent", "B", "inactive; what it compares was 0.2");
}

#[test]
fn an_alert_that_fires_when_all_is_well_is_found() {
    assert_found(|trial| trial.healthy_fired.push(fired("A")), "alert.false-alarm", "A", "half of the queries fail");
}

#[test]
fn an_alert_without_a_proof_is_found() {
    assert_found(|trial| trial.unproven.push("C".to_owned()), "alert.unproven", "C", "none");
}

#[test]
fn a_proof_of_no_alert_is_found() {
    let plant = |trial: &mut Trial| {
        trial.proofs[0] = Proven { alert: "Z".to_owned(), ..Proven::default() };
    };
    assert_found(plant, "alert.unknown", "Z", "no such alert");
}

#[test]
fn an_alert_that_was_firing_before_proves_nothing() {
    let plant = |trial: &mut Trial| {
        trial.proofs[0].stuck = true;
        trial.proofs[0].fired_after = None;
    };
    assert_found(plant, "alert.stuck", "A", "still firing");
}

#[test]
fn an_alert_that_fires_for_anothers_fault_is_found() {
    assert_found(|trial| trial.proofs[0].others.push(fired("B")), "alert.unasked", "B", "trial of A");
}

#[test]
fn a_rule_that_cannot_be_evaluated_is_found() {
    let broken = BrokenRule { name: "A".to_owned(), error: "many-to-many matching".to_owned() };
    assert_found(|trial| trial.broken.push(broken), "alert.broken", "A", "many-to-many");
}

#[test]
fn a_trial_that_proved_nothing_is_found() {
    let findings = found(Trial::default());

    assert_eq!(
        findings.iter().map(|found| (found.id, found.subject.as_str())).collect::<Vec<_>>(),
        [("run.check-found-nothing", "alert_trial")]
    );
}
