//! Whether the service answered, and as the scenario expected.

use super::{Check, Index, subject};
use crate::contract::Contract;
use crate::finding::{Finding, Signal};

pub(super) const CHECK: Check = Check {
    name: "exchanges",
    about: "every request was answered as its scenario expects",
    unit: "requests",
    wanted: |_, contract| !contract.scenarios.is_empty(),
    run,
};

fn run(index: &Index<'_>, _: &Contract, findings: &mut Vec<Finding>) -> u64 {
    let mut examined = 0;
    for exchange in index.requests() {
        examined += 1;
        let subject = || subject::request(index, exchange);
        if exchange.status.is_none() && !exchange.left {
            findings.push(
                Finding::violation("exchange.no-answer", Signal::Exchange, subject(), "the service did not answer")
                    .at(subject::request_place(exchange))
                    .wanted("an answer")
                    .found("none: refused, reset or timed out")
                    .hint("look at the service's log at that moment; did it crash or hang?"),
            );
        }
        for unmet in &exchange.unmet {
            findings.push(
                Finding::violation("exchange.unmet", Signal::Exchange, subject(), unmet.clone())
                    .at(subject::request_place(exchange))
                    .wanted("what the scenario expects of the answer")
                    .found(exchange.status.map_or_else(|| "no answer".to_owned(), |status| format!("status {status}")))
                    .hint("mend the service, or the scenario's expectation"),
            );
        }
    }
    examined
}
