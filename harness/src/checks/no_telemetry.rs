//! Whether there is any telemetry at all.

use super::{Check, Index};
use crate::contract::{Contract, LogContract};
use crate::finding::{Finding, Signal};

pub(super) const CHECK: Check = Check {
    name: "no_telemetry",
    about: "each signal the contract asks for arrived",
    unit: "signals",
    wanted: |_, _| true,
    run,
};

fn run(index: &Index<'_>, contract: &Contract, findings: &mut Vec<Finding>) -> u64 {
    let capture = index.capture;
    let asks_metrics = contract.metrics.values().any(|rule| !rule.optional);
    let asks_logs = contract.logs != LogContract::default();
    let families = capture.scrapes.iter().map(|scrape| scrape.families.len()).sum::<usize>();
    let signals = [
        (
            "spans",
            true,
            capture.spans.len(),
            "check the OTLP endpoint, the sampler and that the service flushes before it exits",
        ),
        ("metrics", asks_metrics, families, "check that /metrics answers, or that a metric reader is installed"),
        ("logs", asks_logs, capture.logs.len(), "check the log exporter and that standard output is captured"),
    ];
    let mut examined = 0;
    for (signal, asked, count, hint) in signals {
        examined += u64::from(asked);
        if asked && count == 0 {
            findings.push(
                Finding::violation("run.no-telemetry", Signal::Run, signal, format!("the run left no {signal} at all"))
                    .wanted(format!("{signal} of the service"))
                    .found("none")
                    .hint(hint),
            );
        }
    }
    examined
}
