//! Whether the metric store's clock is ours.

use crate::checks::{Check, Index};
use crate::contract::Contract;
use crate::finding::{Finding, Place, Signal};

pub(super) const CHECK: Check = Check {
    name: "arrived_clock",
    about: "the metric store's clock agrees with ours",
    unit: "clocks",
    wanted: |capture, _| capture.arrived.metrics.is_some(),
    run,
};

/// How far the clocks may be apart, in nanoseconds: 30 s. An alert looks at minutes, and a graph's point leads to the
/// traces of its minute.
const APART: u64 = 30 * SECOND;

/// In nanoseconds.
const SECOND: u64 = 1_000_000_000;

fn run(index: &Index<'_>, _: &Contract, findings: &mut Vec<Finding>) -> u64 {
    let Some(metrics) = &index.capture.arrived.metrics else { return 0 };
    let apart = metrics.clock_ahead.unsigned_abs();
    if apart > APART {
        let direction = if metrics.clock_ahead > 0 { "ahead of" } else { "behind" };
        findings.push(
            Finding::violation(
                "arrival.clock",
                Signal::Metric,
                "metric store",
                "the metric store's clock is not that of the service",
            )
            .at(Place { path: "clock".to_owned(), ..Place::default() })
            .wanted(format!("at most {} s apart", APART / SECOND))
            // To the nearest second: a reading has an error, and 299.999 s is not 299 s.
            .found(format!("{} s {direction} ours", (apart + SECOND / 2) / SECOND))
            .hint("samples get the store's time: set its clock (NTP), or graphs and traces will not meet"),
        );
    }
    1
}
