//! Functions: what they ask of their arguments, and what they leave of labels and quantities.

use std::sync::Arc;

use promql_parser::label::MatchOp;
use promql_parser::parser::{Call, Expr};

use super::super::interpolate::ANY;
use super::super::truth::{LabelSet, Part, value};
use super::defect::{Defect, Said};
use super::quantity::{Quantity, What};
use super::walk::{Flow, Under, Walk, add, name_of, project, selectors};
use crate::capture::MetricKind;
use crate::finding::Level;

/// Functions over which a counter's restarts do not matter, or whose result says something of its growth.
const COUNTED: &[&str] = &[
    "rate",
    "irate",
    "increase",
    "resets",
    "changes",
    "delta",
    "idelta",
    "deriv",
    "absent",
    "absent_over_time",
    "present_over_time",
    "count_over_time",
    "timestamp",
    "predict_linear",
    "double_exponential_smoothing",
    "holt_winters",
    "histogram_count",
    "histogram_sum",
    "histogram_avg",
    "histogram_fraction",
];

impl Walk<'_> {
    pub(super) fn call(&mut self, call: &Call, under: Under) -> Flow {
        let name = call.func.name;
        let arguments = &call.args.args;
        let rate = matches!(name, "rate" | "irate" | "increase").then_some(name);
        if matches!(name, "histogram_quantile" | "histogram_fraction" | "histogram_quantiles") {
            return self.quantile(call, under);
        }
        let inside = Under { counted: under.counted || COUNTED.contains(&name), rate, ..under };
        let flows: Vec<Flow> = arguments.iter().map(|argument| self.flow(argument, inside)).collect();
        // The vector is the first argument, but for `quantile_over_time`.
        let vector = flows.iter().find(|flow| !flow.scalar).cloned().unwrap_or_default();
        let series = vector.series;
        match name {
            "rate" | "irate" | "deriv" => {
                Flow { series, quantity: vector.quantity.map(Quantity::each_second), ..Flow::default() }
            }
            "label_replace" | "label_join" => {
                let target = arguments.get(1).and_then(|argument| literal(argument));
                let series = match target {
                    Some(label) if !label.contains(ANY) => series.map(|series| add(&series, label)),
                    _ => None,
                };
                Flow { series, quantity: vector.quantity, ..Flow::default() }
            }
            "absent" | "absent_over_time" => {
                Flow { series: absent_labels(arguments.first().map(|argument| &**argument)), ..Flow::default() }
            }
            "vector" => Flow {
                series: Some(vec![LabelSet::new()]),
                number: flows.first().and_then(|flow| flow.number),
                ..Flow::default()
            },
            "scalar" => Flow { quantity: vector.quantity, ..Flow::scalar(None) },
            "time" => Flow { quantity: Some(Quantity::new(What::Moment, 1.0)), ..Flow::scalar(None) },
            "timestamp" => Flow { series, quantity: Some(Quantity::new(What::Moment, 1.0)), ..Flow::default() },
            "pi" | "minute" | "hour" | "month" | "year" | "day_of_month" | "day_of_week" | "day_of_year"
            | "days_in_month"
                if arguments.is_empty() =>
            {
                Flow::scalar(None)
            }
            // It adds labels of another metric.
            "info" => Flow { quantity: vector.quantity, ..Flow::default() },
            "histogram_count" => Flow { series, quantity: Some(Quantity::new(What::Count, 1.0)), ..Flow::default() },
            "count_over_time" | "changes" | "resets" | "present_over_time" => {
                Flow { series, quantity: Some(Quantity::new(What::Count, 1.0)), ..Flow::default() }
            }
            _ if keeps_quantity(name) => Flow { series, quantity: vector.quantity, ..Flow::default() },
            _ => Flow { series, ..Flow::default() },
        }
    }

    /// `histogram_quantile(0.95, …)`.
    fn quantile(&mut self, call: &Call, under: Under) -> Flow {
        let Some(vector) = call.args.args.iter().find(|argument| literal(argument).is_none() && is_vector(argument))
        else {
            return Flow::default();
        };
        let mut chosen = Vec::new();
        selectors(vector, &mut chosen);
        let inside = Under { quantile: true, rate: None, ..under };
        let flow = self.flow(vector, inside);
        let quantity = self.base_quantity(&chosen);
        let Flow { series: Some(series), .. } = flow else { return Flow { quantity, ..Flow::default() } };
        let mut classic = false;
        for selector in &chosen {
            let Some(name) = name_of(selector) else { continue };
            let Some(metric) = self.truth.metric(name) else { continue };
            match (metric.part, metric.kind) {
                (Part::Bucket, _) => classic = true,
                // Native histograms need no label, recorded ones and those of no type may be buckets.
                (_, MetricKind::ExponentialHistogram | MetricKind::Unknown) => {}
                (_, MetricKind::Histogram) if metric.part == Part::Value => {}
                _ if metric.open || metric.labels().contains("le") => {}
                _ => {
                    let stem = name.trim_end_matches("_sum").trim_end_matches("_count");
                    let near =
                        self.truth.metric(&format!("{stem}_bucket")).map(|_| format!("; nearest: {stem}_bucket"));
                    self.said.push(
                        Said::new(
                            Defect::QuantileNotBuckets,
                            name,
                            format!("`{}` takes buckets, and `{name}` has none", call.func.name),
                        )
                        .wanted("the `…_bucket` series of a histogram")
                        .found(format!("a {}{}", metric.kind.name(), near.unwrap_or_default()))
                        .hint("select the `_bucket` series; a summary's quantiles are in its label `quantile`"),
                    );
                    return Flow { quantity, ..Flow::default() };
                }
            }
        }
        if classic {
            if !series.is_empty() && !series.iter().any(|labels| value(labels, "le").is_some()) {
                let name = chosen.first().and_then(|selector| name_of(selector)).unwrap_or_default().to_owned();
                self.said.push(
                    Said::new(
                        Defect::QuantileWithoutLe,
                        &name,
                        format!("`{}` needs the label `le`, and it is aggregated away", call.func.name),
                    )
                    .wanted("`sum by (le, …)`")
                    .found("buckets without their bounds: the result is empty")
                    .hint("add `le` to the `by` clause"),
                );
                return Flow { quantity, ..Flow::default() };
            }
            self.rated(vector, &chosen, call.func.name);
            self.clamped(call, &chosen, &series);
        }
        Flow { series: Some(project(&series, |label| label != "le")), quantity, ..Flow::default() }
    }

    /// What the quantile of these buckets is.
    fn base_quantity(&self, chosen: &[&promql_parser::parser::VectorSelector]) -> Option<Quantity> {
        let name = name_of(chosen.first()?)?;
        let metric = self.truth.metric(name)?;
        let base = super::super::truth::Metric {
            part: Part::Value,
            kind: MetricKind::Histogram,
            unit: metric.unit.clone(),
            ..Default::default()
        };
        Quantity::of(name.trim_end_matches("_bucket"), &base)
    }

    fn rated(&mut self, vector: &Expr, chosen: &[&promql_parser::parser::VectorSelector], function: &str) {
        if calls_rate(vector) {
            return;
        }
        let Some(name) = chosen.first().and_then(|selector| name_of(selector)) else { return };
        // A recording rule may have taken the rate.
        if self.truth.metric(name).is_some_and(|metric| metric.part != Part::Bucket) {
            return;
        }
        self.said.push(
            Said::new(
                Defect::QuantileWithoutRate,
                name,
                format!("`{function}` over raw buckets is of everything since the service started"),
            )
            .level(Level::Improvement)
            .wanted(format!("rate({name}[…])"))
            .found("the buckets themselves")
            .hint(format!("write `rate({name}[$__rate_interval])` around the selector")),
        );
    }

    /// Whether so much lies above the highest bound that the quantile can only be that bound.
    fn clamped(&mut self, call: &Call, chosen: &[&promql_parser::parser::VectorSelector], series: &[LabelSet]) {
        let Some(Expr::NumberLiteral(quantile)) = call.args.args.first().map(|argument| &**argument) else { return };
        let quantile = quantile.val;
        let [selector] = chosen else { return };
        let Some((name, metric)) = name_of(selector).and_then(|name| Some((name, self.truth.metric(name)?))) else {
            return;
        };
        if series.is_empty() || call.func.name != "histogram_quantile" || !(0.0..1.0).contains(&quantile) {
            return;
        }
        let fits = |labels: &LabelSet| {
            selector.matchers.matchers.iter().all(|matcher| {
                matcher.name == "__name__"
                    || matcher.name == "le"
                    || matcher.value.contains(ANY)
                    || value(labels, &matcher.name).is_none()
                    || matcher.is_match(value(labels, &matcher.name).unwrap_or(""))
            })
        };
        let (mut total, mut above, mut highest) = (0.0, 0.0, f64::NAN);
        for histogram in metric.histograms.iter().filter(|histogram| fits(&histogram.labels)) {
            total += histogram.total;
            above += histogram.above;
            highest = highest.max(histogram.highest);
        }
        if total <= 0.0 || above <= total * (1.0 - quantile) {
            return;
        }
        self.said.push(
            Said::new(
                Defect::QuantileClamped,
                name,
                format!("the quantile {quantile} of `{name}` lies above the highest bucket, and is shown as {highest}"),
            )
            .wanted(format!("at most {:.1} % of the observations above the highest bound", (1.0 - quantile) * 100.0))
            .found(format!("{above} of {total} are above {highest}"))
            .hint("give the histogram buckets up to the longest time that matters"),
        );
    }
}

fn calls_rate(expr: &Expr) -> bool {
    match expr {
        Expr::Call(call) => {
            matches!(call.func.name, "rate" | "irate" | "increase" | "delta" | "sum_over_time")
                || call.args.args.iter().any(|argument| calls_rate(argument))
        }
        Expr::Paren(inner) => calls_rate(&inner.expr),
        Expr::Unary(inner) => calls_rate(&inner.expr),
        Expr::Subquery(inner) => calls_rate(&inner.expr),
        Expr::Aggregate(inner) => calls_rate(&inner.expr),
        Expr::Binary(inner) => calls_rate(&inner.lhs) || calls_rate(&inner.rhs) || inner.op.to_string() == "-",
        _ => false,
    }
}

fn is_vector(expr: &Expr) -> bool {
    let mut found = Vec::new();
    selectors(expr, &mut found);
    !found.is_empty()
}

fn literal(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::StringLiteral(text) => Some(&text.val),
        Expr::Paren(inner) => literal(&inner.expr),
        _ => None,
    }
}

/// What `absent` has as labels: those that the selector asks for.
fn absent_labels(argument: Option<&Expr>) -> Option<Vec<LabelSet>> {
    let mut found = Vec::new();
    selectors(argument?, &mut found);
    let [selector] = found.as_slice() else { return Some(vec![LabelSet::new()]) };
    let equal = selector.matchers.matchers.iter().filter(|matcher| matches!(matcher.op, MatchOp::Equal));
    let labels = equal.filter(|matcher| matcher.name != "__name__");
    Some(vec![labels.map(|matcher| (Arc::from(matcher.name.as_str()), Arc::from(matcher.value.as_str()))).collect()])
}

fn keeps_quantity(name: &str) -> bool {
    matches!(
        name,
        "increase"
            | "delta"
            | "idelta"
            | "avg_over_time"
            | "min_over_time"
            | "max_over_time"
            | "last_over_time"
            | "first_over_time"
            | "quantile_over_time"
            | "mad_over_time"
            | "stddev_over_time"
            | "abs"
            | "ceil"
            | "floor"
            | "round"
            | "clamp"
            | "clamp_min"
            | "clamp_max"
            | "sort"
            | "sort_desc"
            | "sort_by_label"
            | "sort_by_label_desc"
            | "predict_linear"
            | "double_exponential_smoothing"
            | "holt_winters"
            | "histogram_sum"
            | "histogram_avg"
    )
}
