//! Whether all telemetry says which service it is of.

use std::collections::BTreeMap;

use super::{Check, Index, text};
use crate::capture::{Capture, LogVia, Resource, Scrape, Value};
use crate::contract::{Contract, Expect, Mismatch, Pack};
use crate::conventions;
use crate::finding::{Finding, Place, Signal};

pub(super) const CHECK: Check = Check {
    name: "resource",
    about: "each resource names the service, its instance, its SDK",
    unit: "resources",
    wanted: |_, contract| !contract.resource.is_empty() || contract.conventions.contains(&Pack::Resource),
    run,
};

fn run(index: &Index<'_>, contract: &Contract, findings: &mut Vec<Finding>) -> u64 {
    let resources = distinct(index.capture);
    let mut examined = 0;
    for (resource, of) in resources {
        examined += 1;
        for (key, expect) in &contract.resource {
            against(resource, key, expect, of, findings);
        }
        if contract.conventions.contains(&Pack::Resource) {
            conventional(resource, &contract.resource, of, findings);
        }
    }
    examined
}

/// The distinct resources, each with the first signal it came with.
fn distinct(capture: &Capture) -> Vec<(&Resource, &'static str)> {
    let spans = capture.spans.iter().map(|span| (&*span.origin.resource, "spans"));
    let logs = capture
        .logs
        .iter()
        .filter(|record| record.via == LogVia::Otlp)
        .map(|record| (&*record.origin.resource, "logs"));
    let families =
        capture.scrapes.iter().filter(|scrape| &*scrape.source == Scrape::OTLP).flat_map(|scrape| &scrape.families);
    let metrics = families.map(|family| (&*family.origin.resource, "metrics"));

    let mut seen: Vec<(&Resource, &'static str)> = Vec::new();
    let mut last: Option<&Resource> = None;
    for (resource, of) in spans.chain(logs).chain(metrics) {
        if last.is_some_and(|last| std::ptr::eq(last, resource)) {
            continue;
        }
        last = Some(resource);
        if !seen.iter().any(|(known, _)| std::ptr::eq(*known, resource) || *known == resource) {
            seen.push((resource, of));
        }
    }
    seen
}

fn against(resource: &Resource, key: &str, expect: &Expect, of: &str, findings: &mut Vec<Finding>) {
    let found = resource.attributes.get(key);
    let Some(mismatch) = expect.mismatch(found) else { return };
    let finding = if mismatch == Mismatch::Missing { missing(resource, key, of) } else { value(key, of, found) };
    findings.push(finding.wanted(expect.to_string()));
}

fn conventional(resource: &Resource, contract: &BTreeMap<String, Expect>, of: &str, findings: &mut Vec<Finding>) {
    for rule in conventions::RESOURCE {
        // What the contract says of the same attribute wins.
        if contract.contains_key(rule.key) {
            continue;
        }
        match resource.attributes.get(rule.key) {
            None if rule.required => findings.push(missing(resource, rule.key, of).wanted(rule.wanted)),
            Some(found) if !(rule.holds)(found) => findings.push(value(rule.key, of, Some(found)).wanted(rule.wanted)),
            _ => {}
        }
    }
}

fn missing(resource: &Resource, key: &str, of: &str) -> Finding {
    let keys = resource.attributes.iter().map(|(key, _)| &**key);
    Finding::violation(
        "resource.missing",
        Signal::Resource,
        format!("resource / {key}"),
        format!("the resource of {of} lacks `{key}`"),
    )
    .at(Place { path: format!("resource · {key}"), ..Place::default() })
    .found(text::nothing_but(key, keys))
    .hint("set it where the SDK is built, or in OTEL_RESOURCE_ATTRIBUTES")
}

fn value(key: &str, of: &str, found: Option<&Value>) -> Finding {
    Finding::violation(
        "resource.value",
        Signal::Resource,
        format!("resource / {key}"),
        format!("the resource of {of} has a wrong `{key}`"),
    )
    .at(Place { path: format!("resource · {key}"), ..Place::default() })
    .found(found.map_or_else(|| "none".to_owned(), |value| text::quoted(&value.to_string()).into_owned()))
    .hint("set it where the SDK is built, or in OTEL_RESOURCE_ATTRIBUTES")
}
