//! Events and links of a span against its node.

use super::attributes::mismatches;
use crate::capture::{Event, Link, Span};
use crate::contract::{EventRule, LinkRule, Node};

/// Whether events and links are as the node says.
pub(super) fn hold(node: &Node, span: &Span) -> bool {
    let events = node.events.as_ref().is_none_or(|rules| {
        span.events.iter().all(|event| rules.iter().any(|rule| *rule.name == *event.name))
            && rules.iter().all(|rule| {
                rule.count.contains(named(span, rule).count() as u64)
                    && named(span, rule).all(|event| event_holds(rule, event))
            })
    });
    let links = node.links.as_ref().is_none_or(|rule| {
        rule.count.contains(span.links.len() as u64) && span.links.iter().all(|link| link_holds(rule, link))
    });
    events && links
}

/// The events a rule speaks of.
pub(super) fn named<'s>(span: &'s Span, rule: &'s EventRule) -> impl Iterator<Item = &'s Event> {
    span.events.iter().filter(|event| *event.name == *rule.name)
}

fn event_holds(rule: &EventRule, event: &Event) -> bool {
    mismatches(rule.attributes.iter().map(|(key, expect)| (key.as_str(), expect)), &event.attributes).next().is_none()
}

fn link_holds(rule: &LinkRule, link: &Link) -> bool {
    mismatches(rule.attributes.iter().map(|(key, expect)| (key.as_str(), expect)), &link.attributes).next().is_none()
}
