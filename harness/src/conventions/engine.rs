//! Holds spans against their conventions.

use std::collections::BTreeSet;

use super::model::{AttributeRule, Failure, Need, SpanConvention};
use super::{SPANS, resolve, successor};
use crate::capture::{Attributes, Memo, Span, SpanKind, StatusCode, Str, Value};
use crate::contract::Pack;

/// How a span breaks its convention.
pub enum Problem<'s> {
    /// An attribute is missing.
    Missing(&'static AttributeRule),
    /// An attribute has another type.
    Type(&'static AttributeRule, &'s Value),
    /// An attribute has the type, but not a value that makes sense.
    Value(&'static AttributeRule, &'s Value),
    /// The span's kind is not this.
    Kind(SpanKind),
    /// The span's name is not this.
    Name(String),
    /// The span's status is not this, for this reason.
    Status(StatusCode, String),
    /// The span failed, as this says, and has no `error.type`.
    ErrorTypeMissing(&'static str),
    /// The span succeeded and has this `error.type`.
    ErrorTypeUnexpected(&'s Value),
    /// `error.type` is the text of a status, and not of the one the span has.
    ErrorTypeUnlikeStatus(&'s Value, i64),
    /// The attribute has been renamed, to this.
    Deprecated(&'s str, &'static str),
}

/// What the tables say of one attribute key.
#[derive(Clone, Copy)]
struct KeyInfo {
    /// For each convention of [`SPANS`], the position of its rule for the key.
    rule: [Option<u8>; SPANS.len()],
    successor: Option<&'static str>,
}

/// Holds spans against the packs a contract asks for.
pub struct Examiner {
    packs: BTreeSet<Pack>,
    keys: Memo<KeyInfo>,
}

impl Examiner {
    /// An examiner for these packs.
    pub fn new(packs: &[Pack]) -> Self {
        Self { packs: packs.iter().copied().collect(), keys: Memo::new() }
    }

    /// Tells `problem` everything in which `span` breaks its convention; returns that convention, if there is one.
    pub fn examine<'s>(
        &mut self,
        span: &'s Span,
        mut problem: impl FnMut(Problem<'s>),
    ) -> Option<&'static SpanConvention> {
        let convention = resolve(span).filter(|convention| self.packs.contains(&convention.pack));
        let position = convention.and_then(|it| SPANS.iter().position(|known| std::ptr::eq(*known, it)));

        let mut present = 0_u64;
        for (key, value) in &span.attributes {
            let info = self.key(key);
            if let Some(new) = info.successor {
                problem(Problem::Deprecated(key, new));
            }
            let (Some(convention), Some(position)) = (convention, position) else { continue };
            let Some(at) = info.rule[position] else { continue };
            present |= 1 << at;
            let rule = &convention.attributes[usize::from(at)];
            if !rule.of_type.admits(value) {
                problem(Problem::Type(rule, value));
            } else if rule.holds.is_some_and(|(_, holds)| !holds(value)) {
                problem(Problem::Value(rule, value));
            }
        }

        let convention = convention?;
        for (at, rule) in convention.attributes.iter().enumerate() {
            if present & (1 << at) == 0 && is_needed(rule, span) {
                problem(Problem::Missing(rule));
            }
        }
        if let Some(kind) = wrong_kind(convention, span) {
            problem(Problem::Kind(kind));
        }
        if let Some(name) = (convention.wrong_name)(span) {
            problem(Problem::Name(name));
        }
        outcome(convention, span, &mut problem);
        Some(convention)
    }

    fn key(&mut self, key: &Str) -> KeyInfo {
        self.keys.get_or(key, |key| KeyInfo {
            rule: std::array::from_fn(|at| position_of(SPANS[at], key)),
            successor: successor(key),
        })
    }
}

fn position_of(convention: &SpanConvention, key: &str) -> Option<u8> {
    convention.attributes.iter().position(|rule| rule.key == key).and_then(|at| u8::try_from(at).ok())
}

fn is_needed(rule: &AttributeRule, span: &Span) -> bool {
    match rule.need {
        Need::Always => true,
        Need::When(condition) => condition(span),
        Need::Never => false,
    }
}

fn wrong_kind(convention: &SpanConvention, span: &Span) -> Option<SpanKind> {
    let is_inside =
        || convention.may_be_internal && span.kind == SpanKind::Internal && !calls_a_server(&span.attributes);
    (span.kind != convention.kind && !is_inside()).then_some(convention.kind)
}

fn calls_a_server(attributes: &Attributes) -> bool {
    attributes.get("server.address").is_some() || attributes.get("server.port").is_some()
}

/// Holds status and `error.type` against each other and against the HTTP status.
fn outcome<'s>(convention: &SpanConvention, span: &'s Span, problem: &mut impl FnMut(Problem<'s>)) {
    let error_type = span.attributes.get("error.type");
    let code = span.status.code;
    let http_status = span.attributes.get("http.response.status_code").and_then(Value::as_int);
    match (convention.failure, http_status) {
        (Failure::HttpStatus(from), Some(status)) => http_outcome(from, status, code, error_type, problem),
        // No HTTP status was sent or received: a failure on the way, which only the span can tell.
        _ => match (code, error_type) {
            (StatusCode::Error, None) => problem(Problem::ErrorTypeMissing("the span's status is error")),
            (StatusCode::Unset | StatusCode::Ok, Some(value)) => problem(Problem::ErrorTypeUnexpected(value)),
            _ => {}
        },
    }
}

fn http_outcome<'s>(
    from: i64,
    status: i64,
    code: StatusCode,
    error_type: Option<&'s Value>,
    problem: &mut impl FnMut(Problem<'s>),
) {
    let as_status = error_type.and_then(Value::as_str).and_then(|text| text.parse::<i64>().ok());
    if status >= from {
        if code != StatusCode::Error {
            problem(Problem::Status(StatusCode::Error, format!("the HTTP status is {status}")));
        }
        match error_type {
            None => problem(Problem::ErrorTypeMissing("the HTTP status is a failure")),
            Some(value) if as_status.is_some_and(|text| text != status) => {
                problem(Problem::ErrorTypeUnlikeStatus(value, status));
            }
            Some(_) => {}
        }
        return;
    }
    match (code, error_type) {
        (StatusCode::Error, _) if status >= 400 => {
            problem(Problem::Status(
                StatusCode::Unset,
                format!("the HTTP status is {status}: the client's mistake, not the server's"),
            ));
        }
        // A success by its status can still fail later: the client left, the body broke off.
        (StatusCode::Error, None) => problem(Problem::ErrorTypeMissing("the span's status is error")),
        (StatusCode::Error, Some(value)) if as_status.is_some() => {
            problem(Problem::ErrorTypeUnlikeStatus(value, status));
        }
        (StatusCode::Unset, Some(value)) if status < 400 => problem(Problem::ErrorTypeUnexpected(value)),
        (StatusCode::Ok, _) => {
            problem(Problem::Status(StatusCode::Unset, format!("the HTTP status is {status}, which says it all")));
        }
        _ => {}
    }
}
