//! Rules on spans, metrics, logs, facts, and what must never appear.

use regex::Regex;

use super::super::load::Source;
use super::super::{MetricKindName, MetricRule, NeverRule, Node};
use super::values;
use crate::yaml::{Cursor, Problem, did_you_mean};

/// Severities of OpenTelemetry's log data model, lowest first.
const SEVERITIES: [&str; 6] = ["trace", "debug", "info", "warn", "error", "fatal"];

pub(super) fn check(source: &Source, problems: &mut Vec<Problem>) {
    let top = source.top();
    let contract = &source.value;
    values::all(top.key("resource"), &contract.resource, problems);
    for (name, rule) in &contract.spans {
        let at = top.key("spans").key(name.as_str());
        values::all(at.key("attributes"), &rule.attributes, problems);
    }
    for (name, root) in &contract.traces {
        node(top.key("traces").key(name), root, problems);
    }
    for (name, rule) in &contract.metrics {
        metric(top.key("metrics").key(name), name, rule, problems);
    }
    for (index, rule) in contract.facts.iter().enumerate() {
        let at = top.key("facts").item(index);
        if rule.over.min == 0 {
            let message = "an empty run would pass; let `over` begin at 1 or more";
            problems.push(at.key("over").problem(message));
        }
        if !rule.mean_at_least.is_finite() {
            problems.push(at.key("mean-at-least").problem("not a finite number; write one"));
        }
    }
    for (index, rule) in contract.never.iter().enumerate() {
        never(top.key("never").item(index), rule, problems);
    }
    logs(source, problems);
}

fn node(at: Cursor<'_>, node_: &Node, problems: &mut Vec<Problem>) {
    values::all(at.key("attributes"), &node_.attributes, problems);
    if let Some(expect) = &node_.error_type {
        values::one(at.key("error-type"), "error.type", expect, problems);
        if node_.attributes.contains_key("error.type") {
            let message = "`error.type` is there twice: as `error-type` and among the attributes; keep one";
            problems.push(at.key("attributes").name("error.type").problem(message));
        }
    }
    for (index, event) in node_.events.iter().flatten().enumerate() {
        values::all(at.key("events").item(index).key("attributes"), &event.attributes, problems);
    }
    if let Some(links) = &node_.links {
        values::all(at.key("links").key("attributes"), &links.attributes, problems);
    }
    for (index, child) in node_.children.iter().enumerate() {
        node(at.key("children").item(index), child, problems);
    }
}

fn metric(at: Cursor<'_>, name: &str, rule: &MetricRule, problems: &mut Vec<Problem>) {
    values::all(at.key("labels"), &rule.labels, problems);
    if let Some(kind) = rule.kind
        && rule.exemplars.is_some()
        && !matches!(kind, MetricKindName::Counter | MetricKindName::Histogram | MetricKindName::ExponentialHistogram)
    {
        problems.push(at.key("exemplars").problem(format!(
            "`{name}` is a {}, and only counters and histograms have exemplars; remove `exemplars` or correct `kind`",
            kind.name()
        )));
    }
    let Some(buckets) = &rule.buckets else { return };
    if let Some(kind) = rule.kind
        && kind != MetricKindName::Histogram
    {
        problems.push(at.key("buckets").problem(format!(
            "`{name}` is a {}, and only a histogram has buckets; remove `buckets` or correct `kind`",
            kind.name()
        )));
    }
    if buckets.is_empty() {
        problems.push(at.key("buckets").problem("the list of buckets is empty; name the upper bounds, or remove it"));
    }
    for (index, bound) in buckets.iter().enumerate() {
        if !bound.is_finite() {
            let message = "a bucket's bound must be a finite number; infinity is always there and is not written";
            problems.push(at.key("buckets").item(index).problem(message));
        } else if index > 0 && *bound <= buckets[index - 1] {
            let message = format!("buckets must rise, and {bound} follows {}; put them in order", buckets[index - 1]);
            problems.push(at.key("buckets").item(index).problem(message));
        }
    }
}

fn never(at: Cursor<'_>, rule: &NeverRule, problems: &mut Vec<Problem>) {
    let NeverRule { span, attribute, metric, label, text, because } = rule;
    let given: Vec<&str> = [
        ("span", span.is_some()),
        ("attribute", attribute.is_some()),
        ("metric", metric.is_some()),
        ("label", label.is_some()),
        ("text", text.is_some()),
    ]
    .into_iter()
    .filter_map(|(name, given)| given.then_some(name))
    .collect();
    if given.len() != 1 {
        let found = if given.is_empty() { "none".to_owned() } else { given.join(" and ") };
        problems.push(at.problem(format!(
            "a rule forbids one thing: write exactly one of span, attribute, metric, label, text; found {found}"
        )));
    }
    if because.trim().is_empty() {
        problems.push(at.key("because").problem("`because` is empty; say why it must never appear"));
    }
    for (key, pattern) in [("attribute", attribute), ("metric", metric), ("label", label), ("text", text)] {
        if pattern.as_ref().is_some_and(String::is_empty) {
            problems.push(at.key(key).problem(format!("`{key}` is empty; name what must never appear")));
        }
    }
    if let Some(Err(error)) = text.as_deref().map(Regex::new) {
        problems.push(at.key("text").problem(error.to_string()));
    }
}

fn logs(source: &Source, problems: &mut Vec<Problem>) {
    for (index, rule) in source.value.logs.expect.iter().enumerate() {
        let at = source.top().key("logs").key("expect").item(index);
        values::all(at.key("attributes"), &rule.attributes, problems);
        if let Some(severity) = &rule.severity
            && !SEVERITIES.contains(&severity.as_str())
        {
            let near = did_you_mean(&severity.to_lowercase(), SEVERITIES);
            let message = format!("`{severity}` is no severity{near}\nknown: {}", SEVERITIES.join(", "));
            problems.push(at.key("severity").problem(message));
        }
    }
}
