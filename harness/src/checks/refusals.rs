//! No telemetry request was refused for what it was.

use super::{Check, Index};
use crate::capture::Party;
use crate::contract::Contract;
use crate::finding::{Finding, Place, Signal};

/// The check.
pub(super) const CHECK: Check = Check {
    name: "refusals",
    about: "the receiver could read all telemetry that came",
    unit: "refused requests",
    wanted: |_, _| false,
    run,
};

fn run(index: &Index<'_>, _: &Contract, findings: &mut Vec<Finding>) -> u64 {
    let mut examined = 0;
    for refused in index.capture.exchanges.iter().filter(|exchange| exchange.by == Party::Collector) {
        examined += 1;
        findings.push(
            Finding::violation(
                "telemetry.refused",
                Signal::Run,
                refused.method.clone(),
                "the receiver refused a telemetry request; what was in it is lost",
            )
            .at(Place { path: refused.method.clone(), ..Place::default() })
            .wanted("a request the receiver can read")
            .found(refused.response_body.clone())
            .hint("look at the exporter's protocol, endpoint and limits"),
        );
    }
    examined
}
