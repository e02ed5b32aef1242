//! Whether metrics are there and of the shape the contract and the conventions give them.

use super::label;
use super::metric_shape::{Labels, Shape};
use super::{Check, Index, series, text};
use crate::capture::{Family, Point, PointValue, Value};
use crate::contract::{Contract, Range};
use crate::finding::{Finding, Place, Signal};

pub(super) const CHECK: Check = Check {
    name: "metrics",
    about: "every metric promised is there, in the shape promised",
    unit: "series",
    wanted: super::asks_of_metrics,
    run,
};

fn run(index: &Index<'_>, contract: &Contract, findings: &mut Vec<Finding>) -> u64 {
    let families = series::latest(index.capture);
    for (name, rule) in &contract.metrics {
        if !rule.optional && !families.iter().any(|family| *family.name == **name) {
            findings.push(missing(index, name, &families));
        }
    }
    let mut examined = 0;
    for family in families {
        let Some(shape) = Shape::of(family, contract) else { continue };
        examined += family.points.len() as u64;
        kind(family, &shape, findings);
        unit(family, &shape, findings);
        buckets(family, &shape, findings);
        labels(family, &shape.labels, findings);
        if let Some(series) = shape.series {
            count(family, series, findings);
        }
    }
    examined
}

fn finding(id: &'static str, family: &Family, message: impl Into<String>) -> Finding {
    Finding::violation(id, Signal::Metric, &*family.name, message)
        .at(Place { path: family.name.to_string(), ..Place::default() })
}

fn label_finding(id: &'static str, family: &Family, label: &str, message: impl Into<String>) -> Finding {
    let name = &family.name;
    Finding::violation(id, Signal::Metric, format!("{name} / {label}"), message)
        .at(Place { path: format!("{name}{{{label}}}"), ..Place::default() })
}

fn missing(index: &Index<'_>, name: &str, families: &[&Family]) -> Finding {
    let earlier = index.capture.scrapes.iter().any(|scrape| scrape.families.iter().any(|family| &*family.name == name));
    let found = if earlier {
        "it was in an earlier scrape, and not in the last one".to_owned()
    } else {
        text::nothing_but(name, families.iter().map(|family| &*family.name))
    };
    Finding::violation("metric.missing", Signal::Metric, name, format!("the metric `{name}` is not there"))
        .at(Place { path: name.to_owned(), ..Place::default() })
        .wanted(format!("`{name}`"))
        .found(found)
        .hint("register the instrument, and record it in the scenarios driven; a renamed metric breaks dashboards and alerts")
}

fn kind(family: &Family, shape: &Shape<'_>, findings: &mut Vec<Finding>) {
    if let Some(wanted) = shape.kind.filter(|wanted| *wanted != family.kind.name()) {
        findings.push(
            finding("metric.kind", family, "the metric is of another kind")
                .wanted(wanted)
                .found(family.kind.name())
                .hint("`rate`, `histogram_quantile` and the like silently give nonsense on another kind"),
        );
    }
}

fn unit(family: &Family, shape: &Shape<'_>, findings: &mut Vec<Finding>) {
    let Some(wanted) = shape.unit else { return };
    // Prometheus names carry no dimensionless unit, and none in braces.
    let unsaid = wanted.is_empty() || wanted == "1" || (wanted.starts_with('{') && wanted.ends_with('}'));
    if *family.unit != *wanted && !(family.unit.is_empty() && unsaid) {
        findings.push(
            finding("metric.unit", family, "the metric has another unit")
                .wanted(format!("{wanted:?}"))
                .found(if family.unit.is_empty() { "none".to_owned() } else { format!("{:?}", family.unit) })
                .hint("give the unit to the instrument; the exporter makes the name's suffix from it"),
        );
    }
}

fn buckets(family: &Family, shape: &Shape<'_>, findings: &mut Vec<Finding>) {
    let Some(wanted) = shape.buckets else { return };
    let wrong = family.points.iter().find_map(|point| match &point.value {
        PointValue::Histogram(histogram) if !histogram.counts.is_empty() && !equal(&histogram.bounds, wanted) => {
            Some(&histogram.bounds)
        }
        _ => None,
    });
    let Some(found) = wrong else { return };
    let without = |all: &[f64], some: &[f64]| -> Vec<String> {
        all.iter().filter(|bound| !some.iter().any(|other| close(**bound, *other))).map(f64::to_string).collect()
    };
    let (lost, extra) = (without(wanted, found), without(found, wanted));
    let mut differences = Vec::new();
    if !lost.is_empty() {
        differences.push(format!("lost {}", lost.join(", ")));
    }
    if !extra.is_empty() {
        differences.push(format!("extra {}", extra.join(", ")));
    }
    findings.push(
        finding("metric.buckets", family, "the histogram has other buckets")
            .wanted(list(wanted))
            .found(format!("{}: {}", differences.join("; "), list(found)))
            .hint(
                "set the boundaries on the instrument or by a view; quantiles of different buckets cannot be compared",
            ),
    );
}

fn equal(left: &[f64], right: &[f64]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| close(*left, *right))
}

/// Equal but for what decimal text loses.
fn close(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-9 * left.abs().max(right.abs())
}

fn list(bounds: &[f64]) -> String {
    let bounds: Vec<String> = bounds.iter().map(f64::to_string).collect();
    format!("[{}]", bounds.join(", "))
}

fn labels(family: &Family, wanted: &Labels<'_>, findings: &mut Vec<Finding>) {
    for (name, rule) in &wanted.named {
        let mut missing = None;
        let mut wrong = None;
        for point in &family.points {
            if is_overflow(point) {
                continue;
            }
            match label::find(&point.labels, name) {
                None if rule.is_needed(&point.labels) => missing = missing.or(Some(point)),
                Some(value) if !rule.admits(value) => wrong = wrong.or(Some((value, rule.is_forbidden()))),
                _ => {}
            }
        }
        if let Some(point) = missing {
            findings.push(
                label_finding("metric.label-missing", family, name, format!("a series lacks the label `{name}`"))
                    .wanted(rule.wanted())
                    .found(series::key(point))
                    .hint("pass the attribute wherever the instrument records"),
            );
        }
        match wrong {
            Some((value, true)) => findings.push(unexpected(family, name, value)),
            Some((value, false)) => findings.push(
                label_finding("metric.label-value", family, name, format!("the label `{name}` has a wrong value"))
                    .wanted(rule.wanted())
                    .found(format!("{:?}", text::quoted(&label::text(value))))
                    .hint("record one of the values the contract or the conventions allow"),
            ),
            None => {}
        }
    }
    if wanted.open {
        return;
    }
    let mut reported: Vec<&str> = Vec::new();
    for (name, value) in family.points.iter().flat_map(|point| &point.labels) {
        let known = label::is_always_allowed(name)
            || label::same(name, label::OVERFLOW)
            || wanted.named.iter().any(|(known, _)| label::same(name, known));
        if !known && !reported.contains(&&**name) {
            reported.push(name);
            findings.push(unexpected(family, name, value));
        }
    }
}

fn unexpected(family: &Family, name: &str, value: &Value) -> Finding {
    label_finding("metric.label-unexpected", family, name, format!("the label `{name}` is not in the contract"))
        .wanted(format!("no label `{name}`"))
        .found(format!("{name}={:?}", text::quoted(&label::text(value))))
        .hint("each label multiplies the series: drop it by a view, or name it in the contract")
}

fn is_overflow(point: &Point) -> bool {
    label::find(&point.labels, label::OVERFLOW).is_some()
}

fn count(family: &Family, wanted: Range, findings: &mut Vec<Finding>) {
    let found = family.points.len() as u64;
    if !wanted.contains(found) {
        findings.push(
            finding("metric.series", family, format!("the metric has {found} series"))
                .wanted(wanted.to_string())
                .found(found.to_string())
                .hint("fewer: a case was never recorded; more: a label has values nobody thought of"),
        );
    }
}
