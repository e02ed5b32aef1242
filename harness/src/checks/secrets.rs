//! Finds planted secrets in text, in every form in which a careless service may write them.

use std::borrow::Cow;
use std::fmt::Write as _;

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError};
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::capture::{Canary, Run};
use crate::finding::Finding;

/// Forms shorter than this would match by chance.
const SHORTEST_FORM: usize = 6;

/// The secrets of a run, ready to be looked for.
pub(crate) struct Secrets<'c> {
    canaries: &'c [Canary],
    forms: AhoCorasick,
    /// For each form, whose it is.
    owners: Vec<usize>,
}

impl<'c> Secrets<'c> {
    /// Prepares the canaries of `run`; `None` if it has none.
    ///
    /// # Errors
    /// When the forms are too many for one automaton: tens of thousands of canaries.
    pub(crate) fn new(run: &'c Run) -> Result<Option<Self>, BuildError> {
        let mut patterns = Vec::new();
        let mut owners = Vec::new();
        for (owner, canary) in run.canaries.iter().enumerate() {
            for form in forms(&canary.value) {
                patterns.push(form);
                owners.push(owner);
            }
        }
        if patterns.is_empty() {
            return Ok(None);
        }
        let forms =
            AhoCorasick::builder().ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).build(&patterns)?;
        Ok(Some(Self { canaries: &run.canaries, forms, owners }))
    }

    /// Whether any secret is in `bytes`, in any form.
    pub(super) fn any(&self, bytes: &[u8]) -> bool {
        self.forms.is_match(bytes)
    }

    /// Positions, in the run's list, of the canaries in `bytes`; each once.
    pub(super) fn all(&self, bytes: &[u8]) -> Vec<usize> {
        let mut found: Vec<usize> =
            self.forms.find_overlapping_iter(bytes).map(|hit| self.owners[hit.pattern().as_usize()]).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The canary at `position` of the run's list.
    pub(super) fn name(&self, position: usize) -> &'c str {
        &self.canaries[position].name
    }

    /// `text` with each secret replaced by the name of its canary.
    pub(crate) fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !self.any(text.as_bytes()) {
            return Cow::Borrowed(text);
        }
        let mut out = String::new();
        let mut rest = 0;
        for hit in self.forms.find_iter(text) {
            out.push_str(&text[rest..hit.start()]);
            let owner = self.owners[hit.pattern().as_usize()];
            // Writing to a string cannot fail.
            let _ = write!(out, "[canary:{}]", self.name(owner));
            rest = hit.end();
        }
        out.push_str(&text[rest..]);
        Cow::Owned(out)
    }

    /// `finding` with no secret anywhere in it.
    pub(super) fn redact_finding(&self, finding: &mut Finding) {
        let place = &mut finding.place;
        let texts = [
            &mut finding.subject,
            &mut finding.message,
            &mut finding.wanted,
            &mut finding.found,
            &mut finding.hint,
            &mut place.path,
        ];
        for text in texts.into_iter().chain(place.scenario.as_mut()) {
            if let Cow::Owned(clean) = self.redact(text) {
                *text = clean;
            }
        }
    }
}

/// Takes every secret of `run` out of every finding: a report must not spread what it warns of.
pub(super) fn redact_all(run: &Run, findings: &mut [Finding]) {
    // With too many secrets to look for, the check on canaries says so.
    if let Ok(Some(secrets)) = Secrets::new(run) {
        for finding in findings {
            secrets.redact_finding(finding);
        }
    }
}

/// The secret as it is, JSON-escaped, percent-encoded, in hexadecimal, and in base64 at each of three alignments.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned(), json_escaped(secret), percent_encoded(secret), hexadecimal(secret)];
    for shift in 0..3 {
        forms.push(base64_inside(&STANDARD_NO_PAD, secret, shift));
        forms.push(base64_inside(&URL_SAFE_NO_PAD, secret, shift));
    }
    forms.retain(|form| form.len() >= SHORTEST_FORM || form == secret);
    forms.retain(|form| !form.is_empty());
    forms.sort();
    forms.dedup();
    forms
}

fn json_escaped(secret: &str) -> String {
    let quoted = serde_json::Value::from(secret).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn percent_encoded(secret: &str) -> String {
    let mut out = String::new();
    for byte in secret.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn hexadecimal(secret: &str) -> String {
    secret.bytes().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// What of the base64 of a longer text is the secret's alone, if it begins `shift` bytes after a multiple of three.
fn base64_inside(engine: &impl base64::Engine, secret: &str, shift: usize) -> String {
    let mut bytes = vec![0; shift];
    bytes.extend_from_slice(secret.as_bytes());
    let encoded = engine.encode(&bytes);
    // The first characters mix with the bytes before, the last one with the byte after.
    let begin = [0, 2, 3][shift % 3];
    let end = bytes.len() * 8 / 6;
    encoded.get(begin..end).unwrap_or_default().to_owned()
}
