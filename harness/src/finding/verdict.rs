//! The verdict over all findings of a run.

use std::fmt;

use serde::Serialize;

use super::{Finding, Level, Waiver};

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub enum Verdict {
    /// No violation, and every check had something to check.
    Pass,
    /// At least one violation.
    Fail,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
        })
    }
}

/// What one check looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// The check's name.
    pub check: &'static str,
    /// What it asks, in one sentence.
    pub about: &'static str,
    /// How many things it examined, in its own unit.
    pub examined: u64,
    /// The unit: `spans`, `traces`, `series`.
    pub unit: &'static str,
    /// How many violations it found.
    pub violations: usize,
}

/// Everything the checks said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The verdict.
    pub verdict: Verdict,
    /// Findings that stand, most telling first.
    pub findings: Vec<Finding>,
    /// Findings waived, with the reason.
    pub waived: Vec<(Finding, Waiver)>,
    /// What each check looked at, in the order of the register.
    pub checks: Vec<Tally>,
}

impl Outcome {
    /// The verdict that follows from `findings`.
    #[must_use]
    pub fn new(findings: Vec<Finding>, waived: Vec<(Finding, Waiver)>, checks: Vec<Tally>) -> Self {
        let red = findings.iter().any(|finding| finding.level == Level::Violation);
        Self { verdict: if red { Verdict::Fail } else { Verdict::Pass }, findings, waived, checks }
    }
}
