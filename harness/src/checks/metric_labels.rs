//! Whether the values of labels are few.

use std::collections::BTreeSet;

use super::{Check, Index, label, series, text};
use crate::capture::{Capture, Family};
use crate::contract::Contract;
use crate::finding::{Finding, Place, Signal};

/// More values than this are no longer few, whatever they are.
const MOST_VALUES: usize = 100;

/// Fewer values than this are no sign of growth.
const GROWTH_FROM: usize = 20;

/// A text of more words than this was written for a person.
const MOST_WORDS: usize = 8;

pub(super) const CHECK: Check = Check {
    name: "metric_labels",
    about: "no label has values without end",
    unit: "labels",
    wanted: super::asks_of_metrics,
    run,
};

fn run(index: &Index<'_>, _: &Contract, findings: &mut Vec<Finding>) -> u64 {
    let mut examined = 0;
    let requests = index.requests().count();
    for family in series::latest(index.capture) {
        overflow(family, findings);
        // `target_info` and its like carry what identifies the process, once.
        if family.name.ends_with("_info") {
            continue;
        }
        for name in names(family) {
            examined += 1;
            let values: BTreeSet<_> = values(family, name);
            let why = values
                .iter()
                .find_map(|value| Some(format!("{:?} {}", text::quoted(value), why_unbounded(value)?)))
                .or_else(|| (values.len() > MOST_VALUES).then(|| format!("{} different values", values.len())))
                .or_else(|| grows(index.capture, family, name, values.len(), requests));
            if let Some(why) = why {
                findings.push(unbounded(family, name, why));
            }
        }
    }
    examined
}

fn names(family: &Family) -> BTreeSet<&str> {
    let all = family.points.iter().flat_map(|point| &point.labels).map(|(name, _)| &**name);
    all.filter(|name| !label::is_always_allowed(name) && !label::same(name, label::OVERFLOW)).collect()
}

fn values<'f>(family: &'f Family, name: &str) -> BTreeSet<std::borrow::Cow<'f, str>> {
    family.points.iter().filter_map(|point| point.labels.get(name)).map(label::text).collect()
}

fn overflow(family: &Family, findings: &mut Vec<Finding>) {
    if family.points.iter().any(|point| label::find(&point.labels, label::OVERFLOW).is_some()) {
        findings.push(
            Finding::violation(
                "metric.overflow",
                Signal::Metric,
                &*family.name,
                "the instrument ran over its limit of series",
            )
            .at(Place { path: format!("{}{{{}}}", family.name, label::OVERFLOW), ..Place::default() })
            .wanted("every series on its own")
            .found("a series that takes what is over the limit: its labels are lost")
            .hint("find the label with too many values, and drop it by a view"),
        );
    }
}

fn unbounded(family: &Family, name: &str, why: String) -> Finding {
    let metric = &family.name;
    Finding::violation(
        "metric.label-unbounded",
        Signal::Metric,
        format!("{metric} / {name}"),
        format!("the label `{name}` can have values without end"),
    )
    .at(Place { path: format!("{metric}{{{name}}}"), ..Place::default() })
    .wanted("few values, known in advance")
    .found(why)
    .hint("each value is a series for as long as the process lives: use a class of it, or put it on the span")
}

/// Why a value cannot be one of few, in words that follow the value.
fn why_unbounded(value: &str) -> Option<&'static str> {
    let hexadecimal = value.bytes().all(|byte| byte.is_ascii_hexdigit());
    if value.len() >= 10 && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some("is a time or an id");
    }
    if value.len() >= 16 && hexadecimal {
        return Some("is an id");
    }
    if uuid::Uuid::try_parse(value).is_ok() {
        return Some("is a UUID");
    }
    if is_date(value) {
        return Some("is a time");
    }
    if value.contains('/') && value.split(['/', '?', '=', '&']).any(is_id) {
        return Some("is a path with an id in it");
    }
    (value.split_whitespace().count() > MOST_WORDS).then_some("is a sentence")
}

/// Whether a part of a path names one thing of many.
fn is_id(part: &str) -> bool {
    let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let long = part.len() >= 16 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits || long || uuid::Uuid::try_parse(part).is_ok()
}

/// Whether a text begins as RFC 3339 dates do.
fn is_date(value: &str) -> bool {
    let bytes = value.as_bytes();
    bytes.len() >= 10
        && bytes[..10].iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// Whether the label had more values with more requests, one for every second of them at least.
fn grows(capture: &Capture, family: &Family, name: &str, now: usize, requests: usize) -> Option<String> {
    if now < GROWTH_FROM || now * 2 < requests {
        return None;
    }
    let earlier: Vec<usize> = series::sources(capture)
        .iter()
        .flatten()
        .flat_map(|scrape| scrape.families.iter().filter(|other| other.name == family.name))
        .map(|family| values(family, name).len())
        .collect();
    let [first, .., last] = earlier.as_slice() else { return None };
    (last > first).then(|| format!("{first} values in the first scrape, {last} in the last, after {requests} requests"))
}
