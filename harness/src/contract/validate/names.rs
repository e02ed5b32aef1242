//! Names: none given twice, none that does not exist, none without use.

use std::collections::{BTreeMap, BTreeSet};

use super::super::OneOrMany;
use super::super::load::Source;
use crate::finding::{CATALOG, entry};
use crate::yaml::{Cursor, Problem, did_you_mean};

/// The shape that means *no trace at all*.
const NO_TRACE: &str = "none";

pub(super) fn check(sources: &[Source], problems: &mut Vec<Problem>) {
    duplicates(sources, problems);
    shapes(sources, problems);
    for source in sources {
        waivers(source, problems);
    }
}

/// Names given twice: within a list, or in two files. Within one map the YAML reader refuses them.
fn duplicates(sources: &[Source], problems: &mut Vec<Problem>) {
    let mut seen = Seen::default();
    for source in sources {
        let top = source.top();
        let contract = &source.value;
        for (section, what, names) in [
            ("resource", "resource attribute", contract.resource.keys().map(String::as_str).collect::<Vec<_>>()),
            ("spans", "span rule", contract.spans.keys().map(super::super::NamePattern::as_str).collect()),
            ("traces", "trace", contract.traces.keys().map(String::as_str).collect()),
            ("scenarios", "scenario", contract.scenarios.keys().map(String::as_str).collect()),
            ("metrics", "metric", contract.metrics.keys().map(String::as_str).collect()),
        ] {
            for name in names {
                seen.add(what, name, top.key(section).name(name), problems);
            }
        }
        for (index, relation) in contract.relations.iter().enumerate() {
            seen.add("relation", &relation.name, top.key("relations").item(index).key("name"), problems);
        }
        for (index, waiver) in contract.waivers.iter().enumerate() {
            let name = format!("{} / {}", waiver.finding, waiver.subject);
            seen.add("waiver", &name, top.key("waivers").item(index), problems);
        }
    }
}

/// Where each name was seen first.
#[derive(Default)]
struct Seen<'s>(BTreeMap<(&'static str, String), Cursor<'s>>);

impl<'s> Seen<'s> {
    fn add(&mut self, what: &'static str, name: &str, at: Cursor<'s>, problems: &mut Vec<Problem>) {
        match self.0.get(&(what, name.to_owned())) {
            Some(first) => {
                problems.push(at.problem(format!("{what} `{name}` is there twice, first at {first}; keep one")));
            }
            None => {
                self.0.insert((what, name.to_owned()), at);
            }
        }
    }
}

/// Shapes that scenarios name and do not exist, and shapes that no scenario names.
fn shapes(sources: &[Source], problems: &mut Vec<Problem>) {
    let known: BTreeSet<&str> =
        sources.iter().flat_map(|source| source.value.traces.keys()).map(String::as_str).collect();
    let used: BTreeSet<&str> =
        sources.iter().flat_map(|source| source.value.scenarios.values()).flat_map(OneOrMany::iter).collect();
    for source in sources {
        let scenarios = source.top().key("scenarios");
        for (scenario, shapes) in &source.value.scenarios {
            let at = scenarios.key(scenario);
            if shapes.iter().next().is_none() {
                problems.push(at.problem(format!(
                    "scenario `{scenario}` has an empty list; name a trace for each request, or `{NO_TRACE}`"
                )));
            }
            for (index, shape) in shapes.iter().enumerate() {
                if shape == NO_TRACE || known.contains(shape) {
                    continue;
                }
                let at = if matches!(shapes, OneOrMany::One(_)) { at } else { at.item(index) };
                let near = did_you_mean(shape, known.iter().copied().chain([NO_TRACE]));
                problems.push(
                    at.problem(format!("scenario `{scenario}` names trace `{shape}`, which does not exist{near}")),
                );
            }
        }
        let traces = source.top().key("traces");
        for name in source.value.traces.keys() {
            if name == NO_TRACE {
                let message =
                    format!("`{NO_TRACE}` stands for no trace at all and cannot name one; choose another name");
                problems.push(traces.name(name).problem(message));
            } else if !used.contains(name.as_str()) {
                let message = format!("no scenario names trace `{name}`; name it under `scenarios`, or remove it");
                problems.push(traces.name(name).problem(message));
            }
        }
    }
}

fn waivers(source: &Source, problems: &mut Vec<Problem>) {
    for (index, waiver) in source.value.waivers.iter().enumerate() {
        let at = source.top().key("waivers").item(index);
        if entry(&waiver.finding).is_none() {
            let near = did_you_mean(&waiver.finding, CATALOG.iter().map(|entry| entry.id));
            let message = format!("there is no finding `{}`{near}; docs/FINDINGS.md lists all", waiver.finding);
            problems.push(at.key("finding").problem(message));
        }
        if waiver.subject.trim().is_empty() {
            let message = "the subject is empty; copy it from the report, whole";
            problems.push(at.key("subject").problem(message));
        }
        if waiver.reason.trim().is_empty() {
            let message = "the reason is empty; say why the finding is accepted";
            problems.push(at.key("reason").problem(message));
        }
    }
}
