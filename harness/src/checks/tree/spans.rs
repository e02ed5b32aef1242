//! What is wrong inside a span, as findings.

use super::super::{subject, text};
use super::attributes::{What, Wrong, mismatches, wrong};
use super::compile::{ERROR_TYPE, ShapeNode};
use super::events::named;
use super::fits::bears_name;
use super::plan::Plan;
use super::report::Report;
use crate::capture::{Attributes, Span, StatusCode};
use crate::contract::Mismatch;
use crate::finding::{Finding, Place, Signal};

impl<'a> Report<'_, '_, 'a, '_> {
    /// Judges a span that stands at `node`.
    pub(super) fn span(&mut self, node: &ShapeNode<'a>, position: usize, renamed: bool) {
        let span = self.trace.span(position);
        let about = About::new(self, &node.path, position);
        let plan = if renamed { self.plans.of_node(node) } else { self.plans.of_span(span, Some(node)) };
        let mut findings = about.inside(plan, span);
        if !bears_name(node, span) {
            name(&about, node, span, &mut findings);
        }
        about.events(node, span, &mut findings);
        about.links(node, span, &mut findings);
        self.findings.append(&mut findings);
    }

    /// Judges a span that has no place in a shape by the rules of its name.
    pub(super) fn free_span(&mut self, position: usize) {
        let span = self.trace.span(position);
        let own = super::super::names::without_ids(&subject::path(self.trace, position)).into_owned();
        let about = About::new(self, &own, position);
        let mut findings = about.inside(self.plans.of_span(span, None), span);
        self.findings.append(&mut findings);
    }
}

/// The span being judged.
pub(super) struct About {
    subject: String,
    place: Place,
}

impl About {
    fn new(report: &Report<'_, '_, '_, '_>, path: &str, position: usize) -> Self {
        Self { subject: report.subject(path), place: subject::place(report.trace, position, "") }
    }

    fn finding(&self, id: &'static str, message: String) -> Finding {
        Finding::violation(id, Signal::Trace, self.subject.clone(), message).at(self.place.clone())
    }

    /// A finding about something inside the span: an attribute, an event.
    fn part(&self, id: &'static str, part: &str, message: String) -> Finding {
        let mut finding = self.finding(id, message);
        finding.subject = format!("{} / {part}", self.subject);
        finding.place.path = format!("{} · {part}", self.place.path);
        finding
    }

    /// Kind, status and attributes.
    fn inside(&self, plan: &Plan<'_>, span: &Span) -> Vec<Finding> {
        let mut findings = Vec::new();
        if let Some(wanted) = plan.kinds.iter().find(|kind| **kind != span.kind) {
            findings.push(
                self.finding("span.kind", format!("the span `{}` is of the wrong kind", span.name))
                    .wanted(wanted.name())
                    .found(span.kind.name())
                    .hint("set the kind where the span is built; it decides how backends draw the call"),
            );
        }
        if let Some(wanted) = plan.statuses.iter().find(|status| **status != span.status.code) {
            findings.push(
                self.finding("span.status", format!("the span `{}` has the wrong status", span.name))
                    .wanted(wanted.name())
                    .found(span.status.code.name())
                    .hint("status is unset on success; an error is set by the span whose work failed, on a server span for 5xx only"),
            );
        }
        findings.extend(wrong(plan, span).map(|wrong| self.attribute(span, &wrong, None)));
        findings
    }

    fn attribute(&self, span: &Span, wrong: &Wrong<'_>, event: Option<(&str, &Attributes)>) -> Finding {
        let is_error_type = wrong.key == ERROR_TYPE && event.is_none();
        let (id, problem) = match wrong.what {
            What::Mismatch(Mismatch::Missing) if is_error_type => ("error-type.missing", "is missing"),
            What::Mismatch(Mismatch::Missing) => ("attribute.missing", "is missing"),
            What::Mismatch(Mismatch::Present) if is_error_type => ("error-type.unexpected", "must not be there"),
            What::Mismatch(Mismatch::Present) => ("attribute.unexpected", "must not be there"),
            What::Mismatch(Mismatch::Type) => ("attribute.type", "has the wrong type"),
            What::Mismatch(Mismatch::Value) => ("attribute.value", "has the wrong value"),
            What::Unexpected if is_error_type && span.status.code != StatusCode::Error => {
                ("error-type.unexpected", "must not be there")
            }
            What::Unexpected => ("attribute.unexpected", "is in no contract and no convention"),
            What::Duplicate => ("attribute.duplicate", "is there twice"),
        };
        let (owner, attributes, part) = match event {
            Some((owner, attributes)) => (owner, attributes, format!("{owner} · {}", wrong.key)),
            None => (&*span.name, &span.attributes, wrong.key.to_owned()),
        };
        let wanted = match (wrong.wanted, wrong.what) {
            (Some(expect), _) => expect.to_string(),
            (None, What::Duplicate) => "one value a key".to_owned(),
            (None, _) => "no such attribute".to_owned(),
        };
        let found = wrong.found.map_or_else(
            || format!("none; {}", text::nothing_but(wrong.key, attributes.iter().map(|(key, _)| &**key))),
            |value| format!("{value} ({})", value.type_name()),
        );
        self.part(id, &part, format!("the attribute `{}` of `{owner}` {problem}", wrong.key))
            .wanted(wanted)
            .found(found)
            .hint(advice(wrong.what))
    }

    fn events(&self, node: &ShapeNode<'_>, span: &Span, findings: &mut Vec<Finding>) {
        let Some(rules) = &node.node.events else { return };
        for rule in rules {
            let count = named(span, rule).count() as u64;
            if !rule.count.contains(count) {
                let id = if count < rule.count.min { "event.missing" } else { "event.unexpected" };
                findings.push(
                    self.part(id, &rule.name, format!("the event `{}` is on the span {count} times", rule.name))
                        .wanted(rule.count.to_string())
                        .found(listed(span))
                        .hint("look for the code that adds the event; if it may vary, write a range"),
                );
            }
            for event in named(span, rule) {
                let expected = rule.attributes.iter().map(|(key, expect)| (key.as_str(), expect));
                let wrongs = mismatches(expected, &event.attributes);
                findings
                    .extend(wrongs.map(|wrong| self.attribute(span, &wrong, Some((&rule.name, &event.attributes)))));
            }
        }
        for (at, event) in span.events.iter().enumerate() {
            let known = rules.iter().any(|rule| *rule.name == *event.name);
            if known || span.events[..at].iter().any(|earlier| earlier.name == event.name) {
                continue;
            }
            let names: Vec<String> = rules.iter().map(|rule| format!("`{}`", rule.name)).collect();
            findings.push(
                self.part(
                    "event.unexpected",
                    &event.name,
                    format!("the event `{}` is not in the contract", event.name),
                )
                .wanted(if names.is_empty() { "no event".to_owned() } else { format!("only {}", names.join(", ")) })
                .found(listed(span))
                .hint("add it to the contract, or take `events` out to allow any"),
            );
        }
    }

    fn links(&self, node: &ShapeNode<'_>, span: &Span, findings: &mut Vec<Finding>) {
        let Some(rule) = &node.node.links else { return };
        if !rule.count.contains(span.links.len() as u64) {
            findings.push(
                self.finding("link.count", format!("the span `{}` has {} links", span.name, span.links.len()))
                    .wanted(rule.count.to_string())
                    .found(span.links.len().to_string())
                    .hint("links are given when a span is started: look for the context that should be linked"),
            );
        }
        for link in &span.links {
            let expected = rule.attributes.iter().map(|(key, expect)| (key.as_str(), expect));
            let wrongs = mismatches(expected, &link.attributes);
            findings.extend(wrongs.map(|wrong| self.attribute(span, &wrong, Some(("link", &link.attributes)))));
        }
    }
}

/// A name that is not the node's. If an attribute it is made of is wrong, that is the finding, and not the name.
fn name(about: &About, node: &ShapeNode<'_>, span: &Span, findings: &mut Vec<Finding>) {
    let pattern = &node.node.span;
    let told = |key: &str| findings.iter().any(|finding| finding.place.path.ends_with(&format!(" · {key}")));
    if pattern.could_match(&span.name) {
        if pattern.keys().any(told) {
            return;
        }
        if let Some(key) = pattern.keys().find(|key| span.attributes.get(key).is_none()) {
            let message = format!("the attribute `{key}`, of which the name `{pattern}` is made, is missing");
            let finding = about.part("attribute.missing", key, message);
            findings.push(
                finding.wanted("a string or an int").found("none").hint(advice(What::Mismatch(Mismatch::Missing))),
            );
            return;
        }
    }
    findings.push(
        about
            .finding("span.name", format!("the span in the place of `{pattern}` is called `{}`", span.name))
            .wanted(format!("`{pattern}`"))
            .found(format!("`{}`", span.name))
            .hint("dashboards and alerts select by name: change it back, or change the contract and those with it"),
    );
}

fn listed(span: &Span) -> String {
    if span.events.is_empty() {
        return "no event".to_owned();
    }
    let names: Vec<String> = span.events.iter().map(|event| format!("`{}`", event.name)).collect();
    names.join(", ")
}

fn advice(what: What) -> &'static str {
    match what {
        What::Mismatch(Mismatch::Missing) => {
            "set it before the span ends, on every path that leads to its end; if it may be absent, write `optional: true`"
        }
        What::Mismatch(Mismatch::Present) | What::Unexpected => {
            "stop setting it, or name it in the contract; `open: true` in the span's rule allows any"
        }
        What::Mismatch(Mismatch::Type) => "backends index by type: pass a number as a number, and text as text",
        What::Mismatch(Mismatch::Value) => {
            "compare with what the request really did: either the service miscounts, or the contract is out of date"
        }
        What::Duplicate => "set each key once: some backends keep the first value, some the last",
    }
}
