//! Whether span names are few: a name is what people group by.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::parallel::over_traces;
use super::{Check, Index, Trace, promises_spans, subject};
use crate::capture::{Span, SpanKind, Value};
use crate::contract::Contract;
use crate::finding::{Finding, Signal};

pub(super) const CHECK: Check =
    Check { name: "names", about: "no span name has values without end", unit: "spans", wanted: promises_spans, run };

/// Most names of one kind and scope that may differ in their digits alone.
const MOST_ALIKE: usize = 20;

/// Digits in a row that no version, date or model name has.
const LONG_NUMBER: usize = 6;

/// Hexadecimal digits in a row that are an id and not a word.
const LONG_HEX: usize = 16;

type Key = (usize, usize, SpanKind, usize);

/// Where a name was first seen, and whether it needs a look at each span.
#[derive(Clone, Copy)]
struct Seen {
    trace: usize,
    position: usize,
    may_be_path: bool,
}

fn run(index: &Index<'_>, _: &Contract, findings: &mut Vec<Finding>) -> u64 {
    let seen = over_traces(index, findings, FxHashMap::default, |seen, trace, findings| {
        look(index, seen, trace, findings);
    });
    let mut first: FxHashMap<(&str, SpanKind, &str), Seen> = FxHashMap::default();
    for seen in seen.into_iter().flat_map(FxHashMap::into_values) {
        let span = index.trace_at(seen.trace).span(seen.position);
        let known = first.entry((&*span.name, span.kind, &*span.origin.scope.name)).or_insert(seen);
        if (seen.trace, seen.position) < (known.trace, known.position) {
            *known = seen;
        }
    }
    let mut names: Vec<_> = first.into_iter().collect();
    names.sort_unstable_by_key(|(_, seen)| (seen.trace, seen.position));
    let mut alike: FxHashMap<(Cow<'_, str>, SpanKind, &str), Vec<Seen>> = FxHashMap::default();
    for ((name, kind, scope), seen) in &names {
        if let Some(what) = unbounded_part(name) {
            let trace = index.trace_at(seen.trace);
            findings.push(unbounded(index, trace, seen.position, &format!("it contains {what}")));
        } else if name.bytes().any(|byte| byte.is_ascii_digit()) {
            alike.entry((without_numbers(name), *kind, scope)).or_default().push(*seen);
        }
    }
    let mut alike: Vec<_> = alike.into_values().filter(|names| names.len() > MOST_ALIKE).collect();
    alike.sort_unstable_by_key(|names| (names[0].trace, names[0].position));
    for names in alike {
        let trace = index.trace_at(names[0].trace);
        let why = format!("{} names differ from it only in their numbers", names.len() - 1);
        findings.push(unbounded(index, trace, names[0].position, &why));
    }
    index.capture.spans.len() as u64
}

fn look(index: &Index<'_>, seen: &mut FxHashMap<Key, Seen>, trace: Trace<'_>, findings: &mut Vec<Finding>) {
    for (position, span) in trace.spans().enumerate() {
        // Names of one capture are shared, so the address stands for the text.
        let scope = std::sync::Arc::as_ptr(&span.origin.scope).addr();
        let known =
            seen.entry((span.name.as_ptr().addr(), span.name.len(), span.kind, scope)).or_insert_with(|| Seen {
                trace: trace.position(),
                position,
                may_be_path: span.kind == SpanKind::Server && span.name.contains('/'),
            });
        if known.may_be_path && is_concrete_path(span) && unbounded_part(&span.name).is_none() {
            findings.push(unbounded(
                index,
                trace,
                position,
                "it contains the path of the request instead of its route",
            ));
        }
    }
}

/// Whether a server span is called after the path of its request, where the route has a pattern or there is no route.
fn is_concrete_path(span: &Span) -> bool {
    let Some(path) = span.attributes.str("url.path") else { return false };
    if path.len() < 2 || !span.name.ends_with(path) {
        return false;
    }
    match span.attributes.str("http.route") {
        Some(route) => route != path,
        None => span.attributes.get("http.response.status_code").and_then(Value::as_int) == Some(404),
    }
}

fn unbounded(index: &Index<'_>, trace: Trace<'_>, position: usize, why: &str) -> Finding {
    let span = trace.span(position);
    Finding::violation(
        "span.unbounded-name",
        Signal::Trace,
        subject::span(index, trace, position),
        format!("the span's name has no bounds: {why}"),
    )
    .at(subject::place(trace, position, ""))
    .wanted(format!("a name that few values fill, such as `{}`", without_ids(&span.name)))
    .found(format!("`{}`", span.name))
    .hint("put what varies into an attribute, and name the span after the route, the operation or the template")
}

/// What part of a name has no bounds, if one has.
fn unbounded_part(name: &str) -> Option<&'static str> {
    if name.contains('?') {
        return Some("a query (`?`)");
    }
    if name.split_whitespace().any(is_email) {
        return Some("an e-mail address");
    }
    words(name).find_map(|word| match id_kind(word) {
        Some(kind) => Some(kind),
        None if longest_number(word) >= LONG_NUMBER => Some("a long number"),
        None => None,
    })
}

fn is_email(word: &str) -> bool {
    word.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !host.contains('@'))
}

/// Runs of letters, digits and `-`.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').filter(|word| !word.is_empty())
}

fn id_kind(word: &str) -> Option<&'static str> {
    if is_uuid(word) {
        return Some("a UUID");
    }
    let is_hex = |part: &str| {
        part.len() >= LONG_HEX
            && part.bytes().all(|byte| byte.is_ascii_hexdigit())
            && part.bytes().any(|byte| byte.is_ascii_digit())
    };
    word.split('-').any(is_hex).then_some("a long hexadecimal number")
}

fn is_uuid(word: &str) -> bool {
    let bytes = word.as_bytes();
    // A UUID may end a longer word: `job-5f0c…`.
    bytes.windows(36).any(|window| {
        window.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    })
}

fn longest_number(word: &str) -> usize {
    word.split(|letter: char| !letter.is_ascii_digit()).map(str::len).max().unwrap_or(0)
}

/// The text with every number replaced by `#`.
fn without_numbers(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Cow::Borrowed(text);
    }
    let mut bare = String::with_capacity(text.len());
    for letter in text.chars() {
        if !letter.is_ascii_digit() {
            bare.push(letter);
        } else if !bare.ends_with('#') {
            bare.push('#');
        }
    }
    Cow::Owned(bare)
}

/// The text with ids, long numbers, queries and e-mail addresses replaced by `#`, so that it is the same in every run.
pub(super) fn without_ids(text: &str) -> Cow<'_, str> {
    if unbounded_part(text).is_none() && !text.split('/').any(is_number) {
        return Cow::Borrowed(text);
    }
    let path = text.split('?').next().unwrap_or_default();
    let mut bare = String::with_capacity(path.len());
    for word in path.split_inclusive(|letter: char| letter.is_whitespace() || letter == '/') {
        let body = word.trim_end_matches(|letter: char| letter.is_whitespace() || letter == '/');
        if is_email(body) || is_number(body) || unbounded_part(body).is_some() {
            bare.push('#');
        } else {
            bare.push_str(body);
        }
        bare.push_str(&word[body.len()..]);
    }
    Cow::Owned(bare)
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}
