//! Whether spans follow OpenTelemetry's semantic conventions.

use super::parallel::over_traces;
use super::{Check, Index, Trace, subject, text};
use crate::capture::{Span, Value};
use crate::contract::{Contract, Pack};
use crate::conventions::{AttributeRule, Examiner, Problem, SpanConvention};
use crate::finding::{Finding, Level, Signal};

pub(super) const CHECK: Check = Check {
    name: "conventions",
    about: "edges follow OpenTelemetry's semantic conventions",
    unit: "spans",
    wanted: |_, contract| contract.conventions.iter().any(|pack| *pack != Pack::Resource),
    run,
};

fn run(index: &Index<'_>, contract: &Contract, findings: &mut Vec<Finding>) -> u64 {
    if contract.conventions.iter().all(|pack| *pack == Pack::Resource) {
        return 0;
    }
    let examiner = || (Examiner::new(&contract.conventions), 0);
    let counts = over_traces(index, findings, examiner, |(conventions, count), trace, findings| {
        for position in 0..trace.len() {
            let mut problems = Vec::new();
            let convention = conventions.examine(trace.span(position), |problem| problems.push(problem));
            *count += u64::from(convention.is_some());
            for problem in problems {
                let teller = Teller { index, contract, trace, position, convention };
                findings.extend(teller.tell(problem));
            }
        }
    });
    counts.iter().map(|(_, count)| count).sum()
}

/// Tells problems of one span.
struct Teller<'i> {
    index: &'i Index<'i>,
    contract: &'i Contract,
    trace: Trace<'i>,
    position: usize,
    convention: Option<&'static SpanConvention>,
}

impl Teller<'_> {
    fn tell(&self, problem: Problem<'_>) -> Option<Finding> {
        let span = self.trace.span(self.position);
        let of = self.convention.map_or("", |convention| convention.name);
        let finding = match problem {
            Problem::Missing(rule) => {
                if self.excused(rule) {
                    return None;
                }
                self.attribute("attribute.missing", rule.key, format!("every {of} span must carry `{}`", rule.key))
                    .wanted(rule.wanted())
                    .found(text::nothing_but(rule.key, span.attributes.iter().map(|(key, _)| &**key)))
                    .hint("set the attribute where the span is made; the conventions say when it is required")
            }
            Problem::Type(rule, value) => self
                .attribute(
                    "attribute.type",
                    rule.key,
                    format!("`{}` has another type than the conventions give it", rule.key),
                )
                .wanted(rule.wanted())
                .found(format!("{} ({})", shown(value), value.type_name()))
                .hint("backends index by type: the same key with two types is two fields"),
            Problem::Value(rule, value) => self
                .attribute(
                    "attribute.value",
                    rule.key,
                    format!("`{}` has a value that the conventions do not allow", rule.key),
                )
                .wanted(rule.wanted())
                .found(shown(value))
                .hint("set the value the conventions describe"),
            Problem::Kind(kind) => self
                .span("span.kind", format!("this {of} span is of another kind"))
                .wanted(kind.name())
                .found(span.kind.name())
                .hint("set the kind where the span is made: service maps are drawn from it"),
            Problem::Name(name) => self
                .span("span.name", format!("this {of} span is not named as the conventions say"))
                .wanted(format!("{name:?}"))
                .found(format!("{:?}", span.name))
                .hint("dashboards group by the name: it must be the same for equal work, and without ids"),
            Problem::Status(code, because) => self
                .span("span.status", format!("the span's status is wrong: {because}"))
                .wanted(code.name())
                .found(span.status.code.name())
                .hint("server spans fail on 5xx alone, client spans on 4xx too; success leaves the status unset"),
            Problem::ErrorTypeMissing(because) => self
                .attribute("error-type.missing", "error.type", format!("{because}, and there is no `error.type`"))
                .wanted("a class of error, of few values: the status code, an exception's name")
                .found("none")
                .hint("set `error.type` where the failure is known, on the span and on its metric alike"),
            Problem::ErrorTypeUnexpected(value) => self
                .attribute("error-type.unexpected", "error.type", "`error.type` is on a span that says it succeeded")
                .wanted("no `error.type`, or the status error")
                .found(format!("{} with status {}", shown(value), span.status.code.name()))
                .hint("error rates count spans with `error.type`: set it on failures alone, together with the status"),
            Problem::ErrorTypeUnlikeStatus(value, status) => self
                .attribute("attribute.value", "error.type", "`error.type` is another status than the span's")
                .wanted(format!("\"{status}\", or a class of error that is no status"))
                .found(shown(value))
                .hint("set `error.type` from the same status as `http.response.status_code`"),
            Problem::Deprecated(key, new) => self
                .attribute("attribute.deprecated", key, format!("`{key}` has been renamed in the conventions"))
                .wanted(new)
                .found(key)
                .hint("emit the new name; for the time of a move, OTEL_SEMCONV_STABILITY_OPT_IN allows both")
                .with_level(Level::Improvement),
        };
        Some(finding)
    }

    /// Whether the contract says that spans of this name may lack the attribute.
    fn excused(&self, rule: &AttributeRule) -> bool {
        let span: &Span = self.trace.span(self.position);
        self.contract
            .spans
            .iter()
            .filter(|(pattern, _)| pattern.matches(&span.name, &span.attributes))
            .any(|(_, spans)| spans.attributes.get(rule.key).is_some_and(crate::contract::Expect::allows_absence))
    }

    fn attribute(&self, id: &'static str, key: &str, message: impl Into<String>) -> Finding {
        Finding::violation(id, Signal::Trace, subject::attribute(self.index, self.trace, self.position, key), message)
            .at(subject::place(self.trace, self.position, key))
    }

    fn span(&self, id: &'static str, message: String) -> Finding {
        Finding::violation(id, Signal::Trace, subject::span(self.index, self.trace, self.position), message)
            .at(subject::place(self.trace, self.position, ""))
    }
}

/// The value for a report. A URL loses its user name and password: a report must not spread what it warns of.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    let clean = match text.split_once("://") {
        Some((scheme, rest)) => match rest.find(['/', '?', '#']).map_or(rest, |end| &rest[..end]).rfind('@') {
            Some(at) => format!("{scheme}://(withheld){}", &rest[at..]),
            None => text,
        },
        None => text,
    };
    text::quoted(&clean).into_owned()
}
