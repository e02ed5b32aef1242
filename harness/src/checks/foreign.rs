//! Whether all telemetry is of this run, of one instance, and of requests somebody sent.

use std::collections::BTreeMap;

use super::trace_presence::not_continued_traces;
use super::{Check, Index, subject};
use crate::capture::{Capture, Resource};
use crate::contract::Contract;
use crate::finding::{Finding, Place, Signal};

/// The resource attribute that marks telemetry of a run.
pub(super) const RUN_ID: &str = "otelgate.run.id";
const INSTANCE: &str = "service.instance.id";

pub(super) const CHECK: Check = Check {
    name: "foreign",
    about: "no telemetry of another run, instance or request",
    unit: "records",
    wanted: |_, _| true,
    run,
};

fn run(index: &Index<'_>, contract: &Contract, findings: &mut Vec<Finding>) -> u64 {
    let capture = index.capture;
    let groups = group(capture);
    other_runs(capture, &groups, findings);
    other_instances(&groups, findings);
    unexplained(index, contract, findings);
    groups.iter().map(|group| group.records).sum()
}

/// Records of one signal and one resource.
struct Group<'c> {
    name: &'static str,
    signal: Signal,
    resource: &'c Resource,
    records: u64,
}

impl Group<'_> {
    fn describe(&self) -> String {
        let of = |key| self.resource.attributes.get(key).map_or_else(|| "none".to_owned(), ToString::to_string);
        format!(
            "{} {} with {RUN_ID} {}, service.name {}, {INSTANCE} {}",
            self.records,
            self.name,
            of(RUN_ID),
            of("service.name"),
            of(INSTANCE)
        )
    }
}

fn group(capture: &Capture) -> Vec<Group<'_>> {
    let spans = capture.spans.iter().map(|span| ("spans", Signal::Trace, &*span.origin.resource));
    let logs = capture.logs.iter().map(|record| ("logs", Signal::Log, &*record.origin.resource));
    let families = capture.scrapes.iter().flat_map(|scrape| &scrape.families);
    let metrics = families.map(|family| ("metrics", Signal::Metric, &*family.origin.resource));

    let mut groups: Vec<Group<'_>> = Vec::new();
    // Records of one export request share their resource: most are of the group of the one before.
    let mut last: Option<(Signal, &Resource, usize)> = None;
    for (name, signal, resource) in spans.chain(logs).chain(metrics) {
        let at = match last {
            Some((of, known, at)) if of == signal && std::ptr::eq(known, resource) => at,
            _ => groups.iter().position(|group| group.signal == signal && group.resource == resource).unwrap_or_else(
                || {
                    groups.push(Group { name, signal, resource, records: 0 });
                    groups.len() - 1
                },
            ),
        };
        last = Some((signal, resource, at));
        groups[at].records += 1;
    }
    // Exposition text and lines of standard output name no resource.
    groups.retain(|group| !group.resource.attributes.is_empty());
    groups
}

fn other_runs(capture: &Capture, groups: &[Group<'_>], findings: &mut Vec<Finding>) {
    let id = |group: &Group<'_>| group.resource.attributes.str(RUN_ID).map(str::to_owned);
    // A service that lets nobody set its resource marks nothing: then there is nothing to compare.
    if !groups.iter().any(|group| id(group).is_some()) {
        return;
    }
    for group in groups.iter().filter(|group| id(group).as_deref() != Some(&capture.run.id)) {
        findings.push(
            Finding::violation(
                "run.foreign-telemetry",
                group.signal,
                format!("{} / {RUN_ID}", group.name),
                format!("{} {} are not of this run", group.records, group.name),
            )
            .at(Place { path: format!("resource · {RUN_ID}"), ..Place::default() })
            .wanted(format!("{RUN_ID} {:?}", capture.run.id))
            .found(group.describe())
            .hint("another process exports to the same place; give each run a collector of its own"),
        );
    }
}

fn other_instances(groups: &[Group<'_>], findings: &mut Vec<Finding>) {
    // The instance with the most records of a service is the one meant; any other is foreign.
    let mut instances: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let key = |group: &Group<'_>| {
        let attributes = &group.resource.attributes;
        Some((attributes.str("service.name").unwrap_or_default().to_owned(), attributes.str(INSTANCE)?.to_owned()))
    };
    let keys: Vec<_> = groups.iter().map(key).collect();
    for (group, key) in groups.iter().zip(&keys) {
        if let Some((service, instance)) = key {
            *instances.entry((service, instance)).or_default() += group.records;
        }
    }
    for (group, key) in groups.iter().zip(&keys) {
        let Some((service, instance)) = key else { continue };
        let ours = instances
            .iter()
            .filter(|((name, _), _)| name == service)
            .max_by_key(|(_, records)| **records)
            .map_or(instance.as_str(), |((_, instance), _)| instance);
        if instance != ours {
            findings.push(
                Finding::violation(
                    "run.foreign-telemetry",
                    group.signal,
                    format!("{} / {INSTANCE}", group.name),
                    format!("{} {} are of a second instance of {service:?}", group.records, group.name),
                )
                .at(Place { path: format!("resource · {INSTANCE}"), ..Place::default() })
                .wanted("one instance of the service")
                .found(group.describe())
                .hint(
                    "another process of the service exports to the same place, or the service restarted during the run",
                ),
            );
        }
    }
}

fn unexplained(index: &Index<'_>, contract: &Contract, findings: &mut Vec<Finding>) {
    if index.requests().next().is_none() {
        return;
    }
    let ours = not_continued_traces(index, contract);
    let unknown =
        index.traces().filter(|trace| trace.exchange().is_none() && !ours.iter().any(|(id, _)| *id == trace.id()));
    for trace in unknown {
        let root = trace.roots().next().unwrap_or(0);
        // Of another run, as its resource says, or of no trace at all: that is a finding already.
        if trace.id().is_zero()
            || trace.span(root).origin.resource.attributes.str(RUN_ID).is_some_and(|id| id != index.capture.run.id)
        {
            continue;
        }
        findings.push(
            Finding::violation(
                "run.foreign-telemetry",
                Signal::Trace,
                subject::span(index, trace, root),
                format!("a trace belongs to no request of the run; its spans: {}", trace.len()),
            )
            .at(subject::place(trace, root, ""))
            .wanted("a trace id the driver sent, or a request during which the trace began")
            .found(format!("{} in trace {}", trace.span(root).name, trace.id()))
            .hint("somebody else sent requests, or the service begins traces of its own"),
        );
    }
}
