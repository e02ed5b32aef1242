//! Keeps secrets and control characters out of everything printed.

use std::borrow::Cow;

use super::escape::printable;
use crate::capture::Run;
use crate::capture::arrived::BackEnd;
use crate::checks::Secrets;
use crate::finding::{Finding, Place, Waiver};

/// Replaces the value of every canary by its name: `[canary:query]`.
pub(super) struct Redactor<'c> {
    secrets: Known<'c>,
}

enum Known<'c> {
    None,
    Some(Secrets<'c>),
    /// More than can be looked for: nothing may be printed.
    TooMany,
}

impl<'c> Redactor<'c> {
    pub(super) fn new(run: &'c Run) -> Self {
        let secrets = match Secrets::new(run) {
            Ok(None) => Known::None,
            Ok(Some(secrets)) => Known::Some(secrets),
            Err(_) => Known::TooMany,
        };
        Self { secrets }
    }

    /// `text` without secrets, and with control characters other than line breaks escaped:
    /// telemetry is not to move the cursor of whoever reads about it.
    pub(super) fn clean(&self, text: &str) -> String {
        let clean = match &self.secrets {
            Known::None => Cow::Borrowed(text),
            Known::Some(secrets) => secrets.redact(text),
            Known::TooMany => Cow::Borrowed("[hidden: too many canaries to look for]"),
        };
        printable(&clean)
    }

    pub(super) fn back_end(&self, back_end: &BackEnd) -> BackEnd {
        BackEnd {
            name: self.clean(&back_end.name),
            product: self.clean(&back_end.product),
            version: back_end.version.as_deref().map(|version| self.clean(version)),
            maker: back_end.maker,
        }
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
