//! Whether the dashboards and rules of the configuration show what the service emits.

use super::{Check, Index};
use crate::contract::Contract;
use crate::dashboards::{Judged, Options, Truth, judge, judge_answers};
use crate::finding::Finding;

/// By the metrics of the capture.
pub(super) const CHECK: Check = Check {
    name: "dashboards",
    about: "every panel, variable and rule asks for what is there",
    unit: "queries",
    wanted: |_, contract| !contract.dashboards.is_empty(),
    run,
};

/// By what Grafana answered.
pub(super) const ANSWERS: Check = Check {
    name: "panels",
    about: "every panel, variable and annotation was answered",
    unit: "answers",
    wanted: |capture, _| capture.arrived.panels.is_some(),
    run: run_answers,
};

/// Scenarios drove the service: what did not happen in them is not known to happen at all.
const OPTIONS: Options = Options { all_happened: true };

fn run(index: &Index<'_>, contract: &Contract, findings: &mut Vec<Finding>) -> u64 {
    if contract.dashboards.is_empty() {
        return 0;
    }
    let judged = by_metrics(index, contract);
    findings.extend(judged.findings);
    judged.queries
}

fn run_answers(index: &Index<'_>, contract: &Contract, findings: &mut Vec<Finding>) -> u64 {
    let Some(panels) = &index.capture.arrived.panels else { return 0 };
    judge_answers(panels, &contract.dashboards, &by_metrics(index, contract), OPTIONS, findings)
}

fn by_metrics(index: &Index<'_>, contract: &Contract) -> Judged {
    judge(&contract.dashboards, &Truth::of_capture(index.capture), OPTIONS)
}
