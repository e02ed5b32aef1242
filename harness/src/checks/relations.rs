//! Whether numbers of different signals agree.

use std::collections::BTreeSet;

use super::no_telemetry::Absent;
use super::terms::{Terms, metrics_of};
use super::{Check, Index, text};
use crate::contract::{Contract, Relation};
use crate::finding::{Finding, Place, Signal};

/// Sums of doubles in another order differ in their last digits; numbers of a run never by so little.
const TOLERANCE: f64 = 1e-9;

pub(super) const CHECK: Check = Check {
    name: "relations",
    about: "requests, spans, metrics, logs and dependencies agree",
    unit: "numbers",
    wanted: |_, contract| !contract.relations.is_empty(),
    run,
};

fn run(index: &Index<'_>, contract: &Contract, findings: &mut Vec<Finding>) -> u64 {
    let mut terms = Terms::new(index, &contract.relations);
    let mut examined = 0;
    let absent = Absent::new(index.capture, contract);
    for relation in &contract.relations {
        // Where a signal is not there at all, that its numbers are none is no news.
        if relation.equal.iter().any(|term| absent.counts(term)) {
            continue;
        }
        let values: Vec<f64> = relation.equal.iter().map(|term| terms.value(term)).collect();
        examined += values.len() as u64;
        let unknown = unknown_metrics(index, relation);
        if values.iter().any(|value| !equal(relation, *value, values[0])) {
            findings.push(broken(relation, &values, &unknown));
        } else if values.iter().all(|value| *value == 0.0) && !relation.may_be_zero {
            findings.push(zero(relation, &values, &unknown));
        }
    }
    examined
}

/// Whether two numbers are the same, to the last digits or to the share the relation allows.
fn equal(relation: &Relation, left: f64, right: f64) -> bool {
    let largest = left.abs().max(right.abs());
    (left - right).abs() <= relation.within.map_or(TOLERANCE * largest.max(1.0), |share| share * largest)
}

/// Every term with its number, in one line.
fn line(relation: &Relation, values: &[f64]) -> String {
    let terms: Vec<String> =
        relation.equal.iter().zip(values).map(|(term, value)| format!("{} = {value}", term.describe())).collect();
    terms.join("; ")
}

fn broken(relation: &Relation, values: &[f64], unknown: &[String]) -> Finding {
    // What most terms say is taken for right; the first, where they are divided.
    let votes = |value: f64| values.iter().filter(|other| equal(relation, **other, value)).count();
    let mut right = values[0];
    for value in values {
        if votes(*value) > votes(right) {
            right = *value;
        }
    }
    let odd: Vec<String> = relation
        .equal
        .iter()
        .zip(values)
        .filter(|(_, value)| !equal(relation, **value, right))
        .map(|(term, value)| {
            let by = (value - right).abs();
            format!("{} is {by} too {}", term.describe(), if *value > right { "many" } else { "few" })
        })
        .collect();
    let mut found = line(relation, values);
    for problem in unknown {
        found.push_str("; ");
        found.push_str(problem);
    }
    finding("relation.broken", relation, odd.join("; "))
        .wanted(match relation.within {
            Some(share) => format!("all within {} % of each other, near {right} as it seems", share * 100.0),
            None => format!("all equal, to {right} as it seems"),
        })
        .found(found)
        .hint("one of the signals lost or doubled something: look at the odd one out first")
}

fn zero(relation: &Relation, values: &[f64], unknown: &[String]) -> Finding {
    let mut found = line(relation, values);
    for problem in unknown {
        found.push_str("; ");
        found.push_str(problem);
    }
    finding("relation.zero", relation, "all terms are zero: nothing was compared with nothing".to_owned())
        .wanted("at least one of what the relation is about")
        .found(found)
        .hint("drive a scenario in which it happens, mend the selectors, or say `may-be-zero: true`")
}

fn finding(id: &'static str, relation: &Relation, message: String) -> Finding {
    Finding::violation(id, Signal::Run, &*relation.name, message)
        .at(Place { path: relation.name.clone(), ..Place::default() })
}

/// The metrics a relation names that were in no scrape.
fn unknown_metrics(index: &Index<'_>, relation: &Relation) -> Vec<String> {
    let names: BTreeSet<&str> = relation.equal.iter().flat_map(metrics_of).collect();
    let known: BTreeSet<&str> =
        index.capture.scrapes.iter().flat_map(|scrape| &scrape.families).map(|family| &*family.name).collect();
    names
        .into_iter()
        .filter(|name| !known.contains(name))
        .map(|name| format!("no metric `{name}` was ever there ({})", text::nothing_but(name, known.iter().copied())))
        .collect()
}
