//! Rules of Prometheus.

use super::super::interpolate::ANY;
use super::super::legend::alert_labels;
use super::super::rules::{Rule, RuleFile};
use super::super::truth::{LabelSet, Truth};
use super::defect::{Asked, On};
use super::expression::{Around, judge, plain};
use super::panel::tell;
use super::{Judged, Options, QueryVerdict};

/// Judges the rules, and adds what they record to `truth`.
pub(super) fn judge_all(files: &[RuleFile], truth: &mut Truth, options: Options, judged: &mut Judged) {
    // What is recorded may be used by rules and panels of any file, whatever the order: first by name alone.
    let recorded: Vec<(&RuleFile, &Rule)> = rules(files).filter(|(_, rule)| rule.records).collect();
    let named: Vec<&str> =
        recorded.iter().map(|(_, rule)| rule.name.as_str()).filter(|name| truth.metric(name).is_none()).collect();
    for name in &named {
        truth.record(name);
    }
    let labels: Vec<(String, Option<Vec<LabelSet>>)> = recorded
        .iter()
        .filter(|(_, rule)| named.contains(&rule.name.as_str()))
        .map(|(_, rule)| {
            let result = judge(&rule.expr, &plain(&rule.expr), &[], &around(truth, options, Vec::new()));
            (rule.name.clone(), result.series.map(|series| labelled(series, rule)))
        })
        .collect();
    truth.recorded(labels);
    for (file, rule) in rules(files) {
        one(file, rule, truth, options, judged);
    }
}

fn rules(files: &[RuleFile]) -> impl Iterator<Item = (&RuleFile, &Rule)> {
    files.iter().flat_map(|file| file.rules.iter().map(move |rule| (file, rule)))
}

fn around(truth: &Truth, options: Options, labels: Vec<String>) -> Around<'_> {
    Around { truth, all_happened: options.all_happened, interval: truth.interval(), graph: false, labels }
}

fn one(file: &RuleFile, rule: &Rule, truth: &Truth, options: Options, judged: &mut Judged) {
    let texts = rule.annotations.iter().chain(&rule.labels);
    let mut labels: Vec<String> = texts.flat_map(|(_, text)| alert_labels(text)).map(str::to_owned).collect();
    labels.sort_unstable();
    labels.dedup();
    // An alert's own labels are not there when its texts are written, but are in `$labels` of nothing else.
    let result = judge(&rule.expr, &plain(&rule.expr), &[], &around(truth, options, labels));
    let asked = Asked {
        on: On::Rule,
        subject: format!("{} / {}", rule.group, rule.name),
        path: format!("{} › {} › {}", file.file, rule.group, rule.name),
        expr: &rule.expr,
    };
    judged.queries += 1;
    let mut verdict =
        QueryVerdict { dashboard: file.file.clone(), subject: rule.name.clone(), ..QueryVerdict::default() };
    tell(&asked, result.said, &mut verdict, judged);
}

/// The series of a recording, with the labels that the rule adds.
fn labelled(series: Vec<LabelSet>, rule: &Rule) -> Vec<LabelSet> {
    series
        .into_iter()
        .map(|mut labels| {
            for (name, text) in &rule.labels {
                labels.retain(|(other, _)| **other != **name);
                let text = if text.contains("{{") { ANY } else { text };
                labels.push((name.as_str().into(), text.into()));
            }
            labels.sort_unstable();
            labels
        })
        .collect()
}
