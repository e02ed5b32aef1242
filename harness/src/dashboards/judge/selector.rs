//! Selectors: does the metric exist, has it these labels, had they these values.

use std::sync::Arc;
use std::time::Duration;

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::VectorSelector;

use super::super::duration;
use super::super::interpolate::{ANY, ANY_RANGE};
use super::super::truth::{LabelSet, Metric, Truth, value};
use super::defect::{Defect, Said};
use super::quantity::Quantity;
use super::walk::{Flow, MOST_SERIES, Under, Walk, is_exact_name, name_of};
use crate::capture::MetricKind;
use crate::checks::text::nothing_but;
use crate::finding::Level;

/// Labels that are recorded when something fails, and then only: that none was seen proves nothing.
const ON_FAILURE: &[&str] = &["error_type", "exception_type", "exception", "error"];

/// Most names or values that a finding lists.
const LISTED: usize = 12;

impl Walk<'_> {
    pub(super) fn selector(&mut self, selector: &VectorSelector, under: Under) -> Flow {
        let matchers = &selector.matchers;
        if !matchers.or_matchers.is_empty() {
            return Flow::default();
        }
        let Some(name) = name_of(selector) else { return self.by_pattern(&matchers.matchers) };
        // Alerts come and go with what happens.
        if name.contains(ANY) || name == "ALERTS" || name == "ALERTS_FOR_STATE" {
            return Flow::default();
        }
        let Some(metric) = self.truth.metric(name) else {
            if !self.truth.is_unknown() && !Truth::is_made_by_prometheus(name) {
                self.metric_missing(name);
            }
            return Flow::default();
        };
        let quantity = Quantity::of(name, metric);
        self.kind(name, metric, under);
        if metric.open {
            return Flow { quantity, ..Flow::default() };
        }
        let labelled: Vec<&Matcher> = matchers.matchers.iter().filter(|matcher| !is_exact_name(matcher)).collect();
        let series = self.matching(name, metric, &labelled);
        let series = series.filter(|series| series.len() <= MOST_SERIES);
        if let Some(series) = &series {
            self.selected.extend(series.iter().flatten().map(|(label, _)| Arc::clone(label)));
        }
        Flow { series, quantity, ..Flow::default() }
    }

    /// A selector that names no metric, or names it by a pattern.
    fn by_pattern(&mut self, matchers: &[Matcher]) -> Flow {
        let names: Vec<&Matcher> = matchers.iter().filter(|matcher| matcher.name == "__name__").collect();
        if self.truth.is_unknown() || names.is_empty() || names.iter().any(|matcher| matcher.value.contains(ANY)) {
            return Flow::default();
        }
        let fits = |name: &str| names.iter().all(|matcher| matcher.is_match(name));
        if !self.truth.names().any(fits) && !names.iter().any(|matcher| Truth::is_made_by_prometheus(&matcher.value)) {
            let pattern = &names[0].value;
            self.said.push(
                Said::new(Defect::MetricMissing, pattern, format!("no metric has a name like `{pattern}`"))
                    .wanted(format!("a metric whose name fits `{pattern}`"))
                    .found(nothing_but(pattern, self.truth.names()))
                    .hint("compare the pattern with the names in the scrape"),
            );
        }
        Flow::default()
    }

    fn metric_missing(&mut self, name: &str) {
        if self.said.iter().any(|said| said.defect == Defect::MetricMissing && said.about == name) {
            return;
        }
        let near = self.truth.nearest(name);
        let found =
            if near.is_empty() { "nothing like it".to_owned() } else { format!("nearest: {}", near.join(", ")) };
        let hint = match near.first() {
            Some(near) => format!("write `{near}` if that is meant; else the service no longer exposes `{name}`"),
            None => format!("expose `{name}`, or drop the query: nothing it could mean is there"),
        };
        self.said.push(
            Said::new(Defect::MetricMissing, name, format!("the metric `{name}` never existed"))
                .wanted(format!("`{name}`"))
                .found(found)
                .hint(hint),
        );
    }

    /// The series that fit; `None` if they are not known, or if a finding says that there are none.
    fn matching(&mut self, name: &str, metric: &Metric, matchers: &[&Matcher]) -> Option<Vec<LabelSet>> {
        let mut sound = true;
        let mut telling: Vec<&Matcher> = Vec::new();
        for matcher in matchers {
            let label = matcher.name.as_str();
            if matcher.value.contains(ANY) || label.contains(ANY) {
                // That the label exists can be said all the same, unless an empty value is welcome.
                let there = metric.series.iter().any(|series| value(series, label).is_some());
                let strict = matches!(matcher.op, MatchOp::Equal | MatchOp::Re(_)) && !label.contains(ANY);
                if strict && !there && !self.truth.may_be_of_target(label) {
                    self.label_missing(label, &metric.series);
                    sound = false;
                }
                continue;
            }
            // What fits the empty value fits series without the label.
            if matcher.is_match("") {
                telling.push(matcher);
                continue;
            }
            if !metric.series.iter().any(|series| value(series, label).is_some()) {
                if !self.truth.may_be_of_target(label) {
                    self.label_missing(label, &metric.series);
                    sound = false;
                }
                continue;
            }
            if metric.series.iter().any(|series| value(series, label).is_some_and(|value| fits(matcher, value))) {
                telling.push(matcher);
            } else {
                self.value_missing(name, metric, matcher);
                sound = false;
            }
        }
        if !sound {
            return None;
        }
        let chosen: Vec<LabelSet> = metric
            .series
            .iter()
            .filter(|series| telling.iter().all(|matcher| fits(matcher, value(series, &matcher.name).unwrap_or(""))))
            .map(|series| self.with_target_labels(series))
            .collect();
        if chosen.is_empty() && !metric.series.is_empty() {
            self.never_together(name, &telling);
            return None;
        }
        Some(chosen)
    }

    /// The series with the labels that Prometheus would add, where the expression speaks of them.
    fn with_target_labels(&self, series: &LabelSet) -> LabelSet {
        let missing = self.of_targets.iter().filter(|label| value(series, label).is_none());
        let mut labels = series.clone();
        labels.extend(missing.map(|label| (Arc::clone(label), Arc::from(ANY))));
        labels.sort_unstable();
        labels
    }

    /// Says that none of `series` has the label.
    pub(super) fn label_missing(&mut self, label: &str, series: &[LabelSet]) {
        if self.said.iter().any(|said| said.defect == Defect::LabelMissing && said.about == label) {
            return;
        }
        let mut has: Vec<&str> = series.iter().flatten().map(|(name, _)| &**name).collect();
        has.sort_unstable();
        has.dedup();
        has.retain(|name| !self.of_targets.iter().any(|added| **added == **name));
        let gone = self.selected.iter().any(|name| **name == *label);
        let (message, hint) = if gone {
            (
                format!("the label `{label}` is aggregated away before it is asked for"),
                "name it in the inner `by` as well",
            )
        } else {
            (
                format!("the label `{label}` never existed on it"),
                "use a label it has, or record this one in the service",
            )
        };
        let near = nothing_but(label, has.iter().copied());
        let near = if near.starts_with("nearest") { format!("; {near}") } else { String::new() };
        let found =
            if has.is_empty() { "no label at all".to_owned() } else { format!("it has {}{near}", listed(&has)) };
        let level = if !gone && ON_FAILURE.contains(&label) { Level::Information } else { Level::Violation };
        self.said.push(
            Said::new(Defect::LabelMissing, label, message)
                .level(level)
                .wanted(format!("a label `{label}`"))
                .found(found)
                .hint(hint),
        );
    }

    fn value_missing(&mut self, name: &str, metric: &Metric, matcher: &Matcher) {
        let (label, wanted) = (&matcher.name, &matcher.value);
        let values: Vec<&str> = metric.values(label).into_iter().collect();
        let twin = values.iter().find(|value| plain(value) == plain(wanted));
        // What did not happen yet may still happen; what is spelt otherwise never will.
        let level = if twin.is_some() || self.all_happened { Level::Violation } else { Level::Information };
        let near = match twin {
            Some(twin) => format!("; nearest: {twin}"),
            None => String::new(),
        };
        let hint = match twin {
            Some(twin) => format!("write `{twin}`: that is how the service spells it"),
            None => {
                "if it only happens when something fails, drive that in a scenario, or name the panel in `may-be-empty`"
                    .to_owned()
            }
        };
        self.said.push(
            Said::new(
                Defect::LabelValue,
                &format!("{name}{{{label}}}"),
                format!("the label `{label}` of `{name}` never had the value `{wanted}`: it has {}", listed(&values)),
            )
            .level(level)
            .wanted(format!("{label}{}\"{wanted}\"", matcher.op))
            .found(format!("it has {}{near}", listed(&values)))
            .hint(hint)
            .mark(wanted.clone()),
        );
    }

    fn never_together(&mut self, name: &str, matchers: &[&Matcher]) {
        let wanted: Vec<String> = matchers.iter().map(|it| format!("{}{}\"{}\"", it.name, it.op, it.value)).collect();
        let level = if self.all_happened { Level::Violation } else { Level::Information };
        self.said.push(
            Said::new(
                Defect::LabelValue,
                name,
                format!("each of these values exists on `{name}`, but no series has all of them"),
            )
            .level(level)
            .wanted(format!("{{{}}}", wanted.join(", ")))
            .found("no such series")
            .hint("look which labels go together; if it only happens when something fails, drive that in a scenario"),
        );
    }

    /// Whether the function around suits the kind.
    fn kind(&mut self, name: &str, metric: &Metric, under: Under) {
        if let Some(function) = under.rate
            && metric.kind == MetricKind::Gauge
        {
            // Some exporters call their counters gauges.
            let named_as_counter = ["_total", "_count", "_sum", "_bucket"].iter().any(|suffix| name.ends_with(suffix));
            let level = if named_as_counter { Level::Improvement } else { Level::Violation };
            let instead = if function == "increase" { "delta" } else { "deriv" };
            self.said.push(
                Said::new(Defect::RateOnGauge, name, format!("`{function}` takes a counter, and `{name}` is a gauge"))
                    .level(level)
                    .wanted(format!("a counter inside `{function}`"))
                    .found("a gauge: each decrease is taken for a restart, and the whole value is added once more")
                    .hint(format!("show the gauge itself, or use `{instead}`")),
            );
        }
        if self.graph && !under.counted && metric.is_cumulative() && !under.quantile {
            self.said.push(
                Said::new(
                    Defect::RawCounter,
                    name,
                    format!("`{name}` only grows: its graph is a ramp that ends at each restart"),
                )
                .level(Level::Improvement)
                .wanted("a rate or an increase")
                .found("the raw counter")
                .hint(format!("write `rate({name}[$__rate_interval])`, or show it as a single number")),
            );
        }
    }

    /// Whether a range holds enough scrapes.
    pub(super) fn range(&mut self, range: Duration, selector: &VectorSelector, under: Under) {
        let (Some(interval), Some(function)) = (self.interval, under.rate) else { return };
        if range == ANY_RANGE || range >= interval * 4 {
            return;
        }
        let short = range < interval * 2;
        let (range, every) = (duration::text(range), duration::text(interval));
        let message = if short {
            format!("`{function}` needs two scrapes, and {range} hold one, at one each {every}")
        } else {
            format!("`{function}` over {range} has a gap when one scrape of {every} is late or lost")
        };
        self.said.push(
            Said::new(Defect::RangeShort, name_of(selector).unwrap_or_default(), message)
                .level(if short { Level::Violation } else { Level::Improvement })
                .wanted(format!("at least {}", duration::text(interval * 4)))
                .found(range)
                .hint("write `$__rate_interval`, or four scrape intervals"),
        );
    }
}

/// Whether the value fits. Bounds and quantiles are compared as numbers: `1` and `1.0` are one bucket.
fn fits(matcher: &Matcher, value: &str) -> bool {
    if matcher.is_match(value) {
        return true;
    }
    if !matches!(matcher.name.as_str(), "le" | "quantile") {
        return false;
    }
    match &matcher.op {
        MatchOp::Equal => {
            matches!((matcher.value.parse::<f64>(), value.parse::<f64>()), (Ok(one), Ok(two)) if one.total_cmp(&two).is_eq())
        }
        MatchOp::Re(pattern) => pattern.is_match(&format!("{value}.0")),
        MatchOp::NotEqual | MatchOp::NotRe(_) => false,
    }
}

/// A value without what people spell differently: case, separators, a slash at the end.
fn plain(value: &str) -> String {
    value.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// `a, b, c and 4 more`.
pub(super) fn listed(names: &[&str]) -> String {
    let quoted: Vec<&str> = names.iter().take(LISTED).copied().collect();
    let text = quoted.join(", ");
    if names.len() > LISTED { format!("{text} and {} more", names.len() - LISTED) } else { text }
}
