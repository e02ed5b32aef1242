//! Terms of relations in words.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Calls, Expect, LogChannel, Logs, MetricField, Range, Requests, Spans, Term};
use crate::capture::Party;

impl Term {
    /// What reports call the term: its label or, where it has none, what it selects: `spans "rag.query" where cache.hit is true (bool)`.
    pub fn describe(&self) -> String {
        if let Some(label) = &self.label {
            return label.clone();
        }
        let mut text = self.describe_what();
        for term in &self.minus {
            let _ = write!(text, " - {}", term.describe());
        }
        text
    }

    fn describe_what(&self) -> String {
        if let Some(requests) = &self.requests {
            return describe_requests(requests);
        }
        if let Some(calls) = &self.calls {
            return describe_calls(calls);
        }
        if let Some(spans) = &self.spans {
            return describe_spans(spans);
        }
        if let Some(logs) = &self.logs {
            return describe_logs(logs);
        }
        if let Some(metric) = &self.metric {
            let suffix = match self.field {
                Some(MetricField::Count) => " count",
                Some(MetricField::Sum) => " sum",
                Some(MetricField::Value) | None => "",
            };
            let labels: Vec<String> = self.labels.iter().map(|(name, expect)| condition(name, expect)).collect();
            let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(", ")) };
            return format!("{metric}{labels}{suffix}");
        }
        if let Some(terms) = &self.sum {
            let terms: Vec<String> = terms.iter().map(Self::describe).collect();
            return format!("({})", terms.join(" + "));
        }
        self.number.map_or_else(|| "nothing".to_owned(), |number| number.to_string())
    }

    /// How many of the fields that say what to count are given. Exactly one must be.
    pub fn selectors(&self) -> usize {
        [
            self.requests.is_some(),
            self.calls.is_some(),
            self.spans.is_some(),
            self.logs.is_some(),
            self.metric.is_some(),
            self.sum.is_some(),
            self.number.is_some(),
        ]
        .into_iter()
        .filter(|given| *given)
        .count()
    }
}

fn condition(name: &str, expect: &Expect) -> String {
    match expect {
        Expect::Equal(scalar) => format!("{name}={scalar}"),
        Expect::Holds(_) => format!("{name}: {expect}"),
    }
}

fn conditions(text: &mut String, attributes: &BTreeMap<String, Expect>) {
    let mut word = "where";
    for (name, expect) in attributes {
        // Writing to a string cannot fail.
        let _ = write!(text, " {word} {}", condition(name, expect));
        word = "and";
    }
}

fn answered(text: &mut String, status: Option<Range>) {
    if let Some(status) = status {
        let _ = write!(text, " answered {}", status.to_string().trim_start_matches("exactly "));
    }
}

fn words(text: &mut String, words: &[&Option<String>]) {
    for word in words.iter().filter_map(|word| word.as_deref()) {
        text.push(' ');
        text.push_str(word);
    }
}

fn describe_requests(of: &Requests) -> String {
    let mut text = match &of.fact {
        Some(fact) => format!("{fact} of requests"),
        None => "requests".to_owned(),
    };
    match of.sampled {
        Some(true) => text.push_str(" (sampled)"),
        Some(false) => text.push_str(" (unsampled)"),
        None => {}
    }
    words(&mut text, &[&of.method, &of.path]);
    answered(&mut text, of.status);
    if let Some(scenario) = &of.scenario {
        let _ = write!(text, " in {scenario:?}");
    }
    for (tag, value) in &of.tags {
        let _ = write!(text, " tagged {tag}={value}");
    }
    text
}

fn describe_calls(of: &Calls) -> String {
    let to = match of.to {
        Party::Driver => "the driver",
        Party::Collector => "the OTLP receiver",
        Party::Model => "the model server",
        Party::Qdrant => "Qdrant",
        Party::Redis => "Redis",
    };
    let mut text = match &of.fact {
        Some(fact) => format!("{fact} of calls to {to}"),
        None => format!("calls to {to}"),
    };
    match of.sampled {
        Some(true) => text.push_str(" (sampled)"),
        Some(false) => text.push_str(" (not sampled)"),
        None => {}
    }
    words(&mut text, &[&of.method, &of.path]);
    answered(&mut text, of.status);
    text
}

fn describe_spans(of: &Spans) -> String {
    let mut text = match &of.add {
        _ if of.add_seconds => "seconds of ".to_owned(),
        Some(key) => format!("{key} of spans"),
        None => "spans".to_owned(),
    };
    if let Some(name) = &of.name {
        let _ = write!(text, " {:?}", name.as_str());
    }
    if let Some(kind) = of.kind {
        let _ = write!(text, " of kind {}", kind.name());
    }
    if let Some(status) = of.status {
        let _ = write!(text, " with status {}", status.name());
    }
    conditions(&mut text, &of.attributes);
    text
}

fn describe_logs(of: &Logs) -> String {
    let mut text = "logs".to_owned();
    match of.via {
        Some(LogChannel::Otlp) => text.push_str(" over OTLP"),
        Some(LogChannel::Stdout) => text.push_str(" on standard output"),
        None => {}
    }
    if let Some(message) = &of.message {
        let _ = write!(text, " {message:?}");
    }
    conditions(&mut text, &of.attributes);
    text
}
