//! Whether there is any telemetry at all.

use super::{Check, Index};
use crate::capture::Capture;
use crate::contract::{Contract, LogContract, Term};
use crate::finding::{Finding, Signal};

pub(super) const CHECK: Check = Check {
    name: "no_telemetry",
    about: "each signal the contract asks for arrived",
    unit: "signals",
    wanted: |_, _| true,
    run,
};

/// Signals the contract asks for and of which nothing at all arrived.
#[derive(Clone, Copy)]
pub(super) struct Absent {
    spans: bool,
    metrics: bool,
    logs: bool,
}

impl Absent {
    pub(super) fn new(capture: &Capture, contract: &Contract) -> Self {
        Self {
            spans: capture.spans.is_empty(),
            metrics: asks_for_metrics(contract) && capture.scrapes.iter().all(|scrape| scrape.families.is_empty()),
            logs: asks_for_logs(contract) && capture.logs.is_empty(),
        }
    }

    /// Whether a finding of this id only says once more, of one part of a signal, that the signal is absent.
    pub(super) fn explains(self, id: &str) -> bool {
        match id {
            "trace.missing" | "log.trace-unknown" | "metric.error-type" | "exemplar.unresolved" => self.spans,
            "metric.missing" | "panel.metric-missing" | "variable.metric-missing" | "rule.metric-missing" => {
                self.metrics
            }
            "log.missing" => self.logs,
            _ => false,
        }
    }

    /// Whether the number of a term is that of an absent signal.
    pub(super) fn counts(self, term: &Term) -> bool {
        self.spans && term.spans.is_some()
            || self.metrics && term.metric.is_some()
            || self.logs && term.logs.is_some()
            || term.minus.iter().chain(term.sum.iter().flatten()).any(|term| self.counts(term))
    }
}

fn asks_for_metrics(contract: &Contract) -> bool {
    contract.metrics.values().any(|rule| !rule.optional)
}

fn asks_for_logs(contract: &Contract) -> bool {
    contract.logs != LogContract::default()
}

fn run(index: &Index<'_>, contract: &Contract, findings: &mut Vec<Finding>) -> u64 {
    let absent = Absent::new(index.capture, contract);
    let signals = [
        ("spans", absent.spans, "check the OTLP endpoint, the sampler and that the service flushes before it exits"),
        ("metrics", absent.metrics, "check that /metrics answers, or that a metric reader is installed"),
        ("logs", absent.logs, "check the log exporter and that standard output is captured"),
    ];
    for (signal, is_absent, hint) in signals {
        if is_absent {
            findings.push(
                Finding::violation("run.no-telemetry", Signal::Run, signal, format!("the run left no {signal} at all"))
                    .wanted(format!("{signal} of the service"))
                    .found("none")
                    .hint(hint),
            );
        }
    }
    1 + u64::from(asks_for_metrics(contract)) + u64::from(asks_for_logs(contract))
}
