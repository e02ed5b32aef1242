//! Whether each alert fires when its fault is there, and none when all is well.

use super::{Check, Index};
use crate::capture::arrived::{Fired, Proven, Trial};
use crate::contract::Contract;
use crate::finding::{Finding, Signal};

pub(super) const CHECK: Check = Check {
    name: "alert_trial",
    about: "each alert fires for its fault, none when all is well",
    unit: "alerts",
    // Whoever puts alerts to the trial wants them proven: a trial without any has shown nothing.
    wanted: |capture, _| capture.arrived.trial.is_some(),
    run,
};

fn run(index: &Index<'_>, _: &Contract, findings: &mut Vec<Finding>) -> u64 {
    let Some(trial) = &index.capture.arrived.trial else { return 0 };
    for rule in &trial.broken {
        findings.push(
            finding("alert.broken", &rule.name, format!("Prometheus cannot evaluate it: {}", rule.error))
                .wanted("a rule that evaluates")
                .found(rule.error.clone())
                .hint(
                    "mend the expression; `promtool check rules` finds what does not parse, not what cannot be joined",
                ),
        );
    }
    for fired in &trial.healthy_fired {
        findings.push(
            finding("alert.false-alarm", &fired.alert, format!("it fires although all is well: {}", said(fired)))
                .wanted(format!("silence while healthy questions are asked for {}", seconds(trial.healthy_for)))
                .found(format!("firing, value {}", fired.value))
                .hint("raise its threshold, or guard it against too little traffic"),
        );
    }
    for proven in &trial.proofs {
        judge(proven, trial, findings);
    }
    for alert in &trial.unproven {
        findings.push(
            finding("alert.unproven", alert, "nothing shows that it would ever fire")
                .wanted("an entry in the file of proofs")
                .found("none")
                .hint("say which fault it is there for: a scenario to drive, or what to stop"),
        );
    }
    trial.proofs.len() as u64
}

fn judge(proven: &Proven, trial: &Trial, findings: &mut Vec<Finding>) {
    let alert = &proven.alert;
    if proven.query.is_empty() {
        findings.push(
            finding("alert.unknown", alert, "there is no such alert")
                .wanted("an alert of this name in the rule files")
                .found("none")
                .hint("correct the name in the file of proofs, or remove the entry"),
        );
        return;
    }
    if proven.stuck {
        findings.push(
            finding("alert.stuck", alert, "it was firing before its fault was induced, and did not stop")
                .wanted("silence before its fault is there, so that firing means something")
                .found(format!("still {} a minute later", proven.state))
                .hint("look at what keeps it: a fault proven before it, a range much longer than its hold, keep_firing_for"),
        );
    } else if proven.fired_after.is_none() {
        let reached = proven.value.as_ref().map_or(String::new(), |value| format!("; what it compares was {value}"));
        findings.push(
            finding("alert.silent", alert, format!("it did not fire within {}", seconds(proven.within)))
                .wanted(format!("firing after {}", proven.induced))
                .found(format!("{}{reached}", if proven.state.is_empty() { "no state" } else { &proven.state }))
                .hint(format!(
                    "its expression, with all windows divided by {}, is `{}`: is the metric there, and can the threshold \
                     be met?",
                    trial.windows_divided_by, proven.query
                )),
        );
    }
    for other in &proven.others {
        findings.push(
            finding("alert.unasked", &other.alert, format!("it fired in the trial of {alert}: {}", said(other)))
                .wanted(format!("{alert} alone"))
                .found(format!("firing, value {}", other.value))
                .hint("if the fault rightly sets it off, name it in `also` of that proof; if not, make it more particular"),
        );
    }
}

fn finding(id: &'static str, alert: &str, message: impl Into<String>) -> Finding {
    Finding::violation(id, Signal::Metric, alert.to_owned(), message.into())
}

fn said(fired: &Fired) -> &str {
    if fired.summary.is_empty() { "it has no summary" } else { &fired.summary }
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100)
}
