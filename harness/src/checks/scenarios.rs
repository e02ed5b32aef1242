//! Whether the run and the contract speak of the same scenarios.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Check, Index, subject, text};
use crate::contract::{Contract, OneOrMany};
use crate::finding::{Finding, Place, Signal};

/// The shape that stands for *no trace at all*.
pub(super) const NO_TRACE: &str = "none";

pub(super) const CHECK: Check = Check {
    name: "scenarios",
    about: "contract and scenarios cover each other",
    unit: "scenarios",
    wanted: |_, contract| !contract.scenarios.is_empty(),
    run,
};

fn run(index: &Index<'_>, contract: &Contract, findings: &mut Vec<Finding>) -> u64 {
    if contract.scenarios.is_empty() && contract.traces.is_empty() {
        return 0;
    }
    let mut driven: FxHashMap<&str, usize> = FxHashMap::default();
    let mut shapes: FxHashSet<&str> = FxHashSet::default();
    for request in index.requests().filter(|request| !request.scenario.is_empty()) {
        let steps = driven.entry(request.scenario.as_str()).or_default();
        *steps = (*steps).max(request.step + 1);
        let shape = contract.scenarios.get(&request.scenario).map(|shapes| shapes.at(request.step));
        match shape {
            Some(Some(shape)) if shape == NO_TRACE || contract.traces.contains_key(shape) => {
                shapes.insert(shape);
            }
            // A contract without scenarios leaves them all open.
            None if contract.scenarios.is_empty() => {}
            _ => findings.push(unknown(index, contract, request, shape.flatten())),
        }
    }
    for (scenario, wanted) in &contract.scenarios {
        let steps = driven.get(scenario.as_str()).copied().unwrap_or_default();
        if steps == 0 {
            findings.push(unused("scenario", scenario, driven.keys().copied()));
        } else if let OneOrMany::Many(wanted) = wanted
            && wanted.len() > steps
        {
            findings.push(too_few_requests(scenario, wanted.len(), steps));
        }
    }
    for shape in contract.traces.keys().filter(|shape| !shapes.contains(shape.as_str())) {
        // A shape of a scenario that was not driven is that scenario's finding.
        let of_idle_scenario = contract.scenarios.iter().any(|(scenario, wanted)| {
            !driven.contains_key(scenario.as_str()) && wanted.iter().any(|name| name == shape)
        });
        if !of_idle_scenario {
            findings.push(unused("trace shape", shape, contract.scenarios.values().flat_map(OneOrMany::iter)));
        }
    }
    driven.len() as u64
}

fn unknown(index: &Index<'_>, contract: &Contract, request: &crate::capture::Exchange, shape: Option<&str>) -> Finding {
    let subject = subject::request(index, request);
    let (message, wanted, near) = match (shape, contract.scenarios.get(&request.scenario)) {
        (Some(shape), _) => (
            format!("the contract gives this request the trace shape `{shape}`, which it does not describe"),
            format!("`{shape}` under `traces:`"),
            text::nothing_but(shape, contract.traces.keys().map(String::as_str)),
        ),
        (None, Some(_)) => (
            format!("the scenario sent request {}, and the contract names no shape for it", request.step + 1),
            "a shape for each request of the scenario".to_owned(),
            "none".to_owned(),
        ),
        (None, None) => (
            format!(
                "the scenario `{}` was driven, and the contract does not say which trace it leaves",
                request.scenario
            ),
            format!("`{}` under `scenarios:`", request.scenario),
            text::nothing_but(&request.scenario, contract.scenarios.keys().map(String::as_str)),
        ),
    };
    Finding::violation("contract.scenario-unknown", Signal::Run, subject, message)
        .at(subject::request_place(request))
        .wanted(wanted)
        .found(near)
        .hint("add it to the contract; write `none` if the request is to leave no trace")
}

fn unused<'n>(what: &str, name: &str, others: impl Iterator<Item = &'n str>) -> Finding {
    let place = if what == "scenario" {
        Place { scenario: Some(name.to_owned()), ..Place::default() }
    } else {
        Place { path: name.to_owned(), ..Place::default() }
    };
    Finding::violation(
        "contract.unused",
        Signal::Run,
        format!("{what} {name}"),
        format!("no request of the run used the {what} `{name}` of the contract"),
    )
    .at(place)
    .wanted("at least one request")
    .found(format!("none; {}", text::nothing_but(name, others)))
    .hint("drive it, mend its name, or take it out of the contract")
}

fn too_few_requests(scenario: &str, wanted: usize, steps: usize) -> Finding {
    Finding::violation(
        "contract.unused",
        Signal::Run,
        format!("scenario {scenario} #{}", steps + 1),
        format!("the contract names more traces for the scenario `{scenario}` than it sent requests"),
    )
    .at(Place { scenario: Some(scenario.to_owned()), ..Place::default() })
    .wanted(format!("{wanted} requests"))
    .found(format!("{steps} requests"))
    .hint("drive the missing requests, or shorten the list in the contract")
}
