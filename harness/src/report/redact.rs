//! Keeps secrets and control characters out of everything printed.

use crate::capture::Canary;
use crate::finding::{Finding, Place, Waiver};

/// Replaces the value of every canary by its name: `[canary:query]`.
#[derive(Clone, Debug, Default)]
pub(super) struct Redactor {
    /// What to look for and what to put in its place, longest first, so that a
    /// canary that contains another is replaced as a whole.
    replacements: Vec<(String, String)>,
}

impl Redactor {
    pub(super) fn new(canaries: &[Canary]) -> Self {
        let mut replacements = Vec::new();
        for canary in canaries.iter().filter(|canary| !canary.value.is_empty()) {
            let value = &canary.value;
            // The forms in which values are printed: as they are, quoted, and in the case folding of header names and hosts.
            let forms = [value.clone(), value.escape_debug().to_string(), value.to_lowercase(), value.to_uppercase()];
            for form in forms {
                let replacement = (form, format!("[canary:{}]", canary.name));
                if !replacements.contains(&replacement) {
                    replacements.push(replacement);
                }
            }
        }
        replacements.sort_by_key(|(form, _)| std::cmp::Reverse(form.len()));
        Self { replacements }
    }

    /// `text` without secrets, and with control characters other than line breaks escaped:
    /// telemetry is not to move the cursor of whoever reads about it.
    pub(super) fn clean(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for (form, name) in &self.replacements {
            if clean.contains(form.as_str()) {
                clean = clean.replace(form.as_str(), name);
            }
        }
        if clean.chars().any(is_unsafe) {
            clean = clean
                .chars()
                .flat_map(|char| {
                    let (escaped, plain) = if is_unsafe(char) { (Some(char), None) } else { (None, Some(char)) };
                    escaped.into_iter().flat_map(char::escape_unicode).chain(plain)
                })
                .collect();
        }
        clean
    }

    pub(super) fn finding(&self, finding: &Finding) -> Finding {
        let place = &finding.place;
        Finding {
            subject: self.clean(&finding.subject),
            place: Place {
                scenario: place.scenario.as_deref().map(|scenario| self.clean(scenario)),
                path: self.clean(&place.path),
                ..place.clone()
            },
            message: self.clean(&finding.message),
            wanted: self.clean(&finding.wanted),
            found: self.clean(&finding.found),
            hint: self.clean(&finding.hint),
            ..finding.clone()
        }
    }

    pub(super) fn waiver(&self, waiver: &Waiver) -> Waiver {
        Waiver {
            finding: self.clean(&waiver.finding),
            subject: self.clean(&waiver.subject),
            reason: self.clean(&waiver.reason),
        }
    }
}

/// Characters that control a terminal, reorder text, or are illegal in XML.
fn is_unsafe(char: char) -> bool {
    (char.is_control() && char != '\n')
        || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
}
