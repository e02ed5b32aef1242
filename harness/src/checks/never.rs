//! Whether anything appeared that must never appear.

use regex::Regex;

use super::at::{At, Owner, Role};
use super::strings::{self, Reader};
use super::{Check, Index, subject, text};
use crate::capture::{Memo, Str};
use crate::contract::{Contract, NeverRule};
use crate::finding::{Finding, Place, Signal};

pub(super) const CHECK: Check = Check {
    name: "never",
    about: "nothing is there that must never be",
    unit: "strings",
    wanted: |_, contract| !contract.never.is_empty(),
    run,
};

fn run(index: &Index<'_>, contract: &Contract, findings: &mut Vec<Finding>) -> u64 {
    if contract.never.is_empty() {
        return 0;
    }
    let mut scan = Scan::new(index, &contract.never);
    strings::read(index, &mut scan);
    let read = scan.read;
    findings.append(&mut scan.findings);
    read
}

struct Scan<'s, 'c> {
    index: &'s Index<'c>,
    rules: &'s [NeverRule],
    /// Regular expressions of the rules that have one.
    texts: Vec<(usize, Regex)>,
    /// Whether a string breaks no rule on text.
    clean_text: Memo<bool>,
    /// Whether a key breaks no rule on attributes or labels.
    clean_key: Memo<bool>,
    keyed: bool,
    spans: bool,
    read: u64,
    findings: Vec<Finding>,
}

impl<'s, 'c> Scan<'s, 'c> {
    fn new(index: &'s Index<'c>, rules: &'s [NeverRule]) -> Self {
        let mut texts = Vec::new();
        let mut findings = Vec::new();
        for (position, rule) in rules.iter().enumerate() {
            match rule.text.as_deref().map(Regex::new) {
                Some(Ok(regex)) => texts.push((position, regex)),
                // The loader refuses such a contract; one built by hand must not pass for it.
                Some(Err(error)) => findings.push(
                    Finding::violation("never.appeared", Signal::Run, rule.because.clone(), "the rule cannot be read")
                        .wanted("a regular expression")
                        .found(error.to_string()),
                ),
                None => {}
            }
        }
        Self {
            index,
            rules,
            texts,
            clean_text: Memo::new(),
            clean_key: Memo::new(),
            keyed: rules.iter().any(|rule| rule.attribute.is_some() || rule.label.is_some()),
            spans: rules.iter().any(|rule| rule.span.is_some()),
            read: 0,
            findings,
        }
    }

    fn named(&mut self, name: &str, at: At<'_>) {
        for rule in self.rules {
            let broken = match at.owner {
                Owner::Span(trace, position) => {
                    let attributes = &trace.span(position).attributes;
                    rule.span.as_ref().filter(|pattern| pattern.matches(name, attributes)).map(ToString::to_string)
                }
                Owner::Family(_) => rule.metric.clone().filter(|pattern| text::matches(pattern, name)),
                _ => None,
            };
            if let Some(pattern) = broken {
                self.report(rule, &pattern, name, at);
            }
        }
    }

    fn keyed(&mut self, key: &str, at: At<'_>) {
        for rule in self.rules {
            let pattern = if is_label(at.owner) { &rule.label } else { &rule.attribute };
            if let Some(pattern) = pattern.as_ref().filter(|pattern| text::matches(pattern, key)) {
                self.report(rule, pattern, key, at);
            }
        }
    }

    #[cold]
    fn texts(&mut self, text: &str, at: At<'_>) {
        let rules = self.rules;
        let broken: Vec<(usize, String)> = self
            .texts
            .iter()
            .filter_map(|(position, regex)| Some((*position, regex.find(text)?.as_str().to_owned())))
            .collect();
        for (position, found) in broken {
            let rule = &rules[position];
            self.report(rule, rule.text.as_deref().unwrap_or_default(), &found, at);
        }
    }

    fn report(&mut self, rule: &NeverRule, pattern: &str, found: &str, at: At<'_>) {
        let subject = match at.owner {
            // The thing itself is what must not be: its own name says enough.
            Owner::Span(trace, position) if at.role == Role::Name => subject::span(self.index, trace, position),
            Owner::Family(family) if at.role == Role::Name => family.name.to_string(),
            _ => at.subject(self.index),
        };
        let place = match at.owner {
            Owner::Span(trace, position) if at.role == Role::Name => subject::place(trace, position, ""),
            Owner::Family(family) if at.role == Role::Name => {
                Place { path: family.name.to_string(), ..Place::default() }
            }
            _ => at.place(),
        };
        self.findings.push(
            Finding::violation(
                "never.appeared",
                at.signal(),
                subject,
                format!("`{pattern}` must never appear: {}", rule.because),
            )
            .at(place)
            .wanted(format!("nothing that matches `{pattern}`"))
            .found(text::quoted(found).into_owned())
            .hint("stop emitting it, or drop it in the SDK by a view or a processor"),
        );
    }
}

impl Reader for Scan<'_, '_> {
    fn shared(&mut self, text: &Str, at: At<'_>) {
        self.read += 1;
        match at.role {
            // A pattern may name the span's own attributes, so that two spans of one name may differ.
            Role::Name if self.spans || !matches!(at.owner, Owner::Span(..)) => self.named(text, at),
            Role::Key if self.keyed => {
                let rules = self.rules;
                let clean = |key: &str| {
                    let breaks = |pattern: &Option<String>| pattern.as_ref().is_some_and(|it| text::matches(it, key));
                    !rules.iter().any(|rule| breaks(&rule.attribute) || breaks(&rule.label))
                };
                if !self.clean_key.get_or(text, clean) {
                    self.keyed(text, at);
                }
            }
            _ => {}
        }
        if !self.texts.is_empty() {
            let texts = &self.texts;
            if !self.clean_text.get_or(text, |text| !texts.iter().any(|(_, regex)| regex.is_match(text))) {
                self.texts(text, at);
            }
        }
    }

    fn bytes(&mut self, bytes: &[u8], at: At<'_>) {
        self.read += 1;
        if !self.texts.is_empty() {
            self.texts(&String::from_utf8_lossy(bytes), at);
        }
    }
}

/// Whether keys of this owner are a metric's labels.
fn is_label(owner: Owner<'_>) -> bool {
    matches!(owner, Owner::Family(_) | Owner::Exemplar(_))
}
