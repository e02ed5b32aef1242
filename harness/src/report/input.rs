//! What every renderer reads.

use super::palette::Palette;
use super::redact::Redactor;
use super::{RunSummary, detail, verdict};
use crate::capture::Capture;
use crate::checks::Index;
use crate::finding::{Finding, Level, Outcome, Tally, Verdict, Waiver};

/// An outcome ready to be rendered. Canaries are already replaced by their names.
pub struct Report<'c> {
    pub(super) capture: &'c Capture,
    pub(super) verdict: Verdict,
    pub(super) findings: Vec<Finding>,
    pub(super) waived: Vec<(Finding, Waiver)>,
    pub(super) checks: Vec<Tally>,
    pub(super) summary: RunSummary,
    /// Scenarios driven, then those that only findings name.
    pub(super) scenarios: Vec<String>,
    /// The capture, arranged; absent if no finding points into a trace, because arranging a large capture takes a while.
    pub(super) index: Option<Index<'c>>,
    pub(super) redactor: Redactor<'c>,
}

impl<'c> Report<'c> {
    /// Takes together what there is to say about a run.
    #[must_use]
    pub fn new(outcome: &Outcome, capture: &'c Capture, summary: &RunSummary) -> Self {
        let redactor = Redactor::new(&capture.run);
        let findings: Vec<Finding> = outcome.findings.iter().map(|finding| redactor.finding(finding)).collect();
        let mut scenarios: Vec<String> = capture.run.scenarios.iter().map(|name| redactor.clean(name)).collect();
        for scenario in findings.iter().filter_map(|finding| finding.place.scenario.as_ref()) {
            if !scenarios.contains(scenario) {
                scenarios.push(scenario.clone());
            }
        }
        let points_into_trace = findings.iter().any(|finding| finding.place.trace_id.is_some());
        Self {
            capture,
            verdict: outcome.verdict,
            findings,
            waived: outcome
                .waived
                .iter()
                .map(|(finding, waiver)| (redactor.finding(finding), redactor.waiver(waiver)))
                .collect(),
            checks: outcome.checks.clone(),
            summary: RunSummary {
                service: redactor.clean(&summary.service),
                run_id: redactor.clean(&summary.run_id),
                stack: redactor.clean(&summary.stack),
                versions: summary
                    .versions
                    .iter()
                    .map(|(name, text)| (redactor.clean(name), redactor.clean(text)))
                    .collect(),
                // What a back end says of itself comes over the network.
                back_ends: summary.back_ends.iter().map(|back_end| redactor.back_end(back_end)).collect(),
                ..summary.clone()
            },
            scenarios,
            index: points_into_trace.then(|| Index::new(capture)),
            redactor,
        }
    }

    /// The verdict.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// All findings that stand, most telling first.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What is waived, and by what.
    #[must_use]
    pub fn waived(&self) -> &[(Finding, Waiver)] {
        &self.waived
    }

    /// The run in one line, as the terminal report ends.
    #[must_use]
    pub fn line(&self) -> String {
        verdict::line(self)
    }

    /// A finding as the terminal report shows it, without colour, in lines of about `columns`.
    #[must_use]
    pub fn detail(&self, finding: &Finding, columns: usize) -> String {
        detail::lines(self, finding, Palette::default(), columns).join("\n")
    }

    /// Violations that stand, most telling first.
    pub(super) fn violations(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.level == Level::Violation)
    }

    /// Findings that do not turn the verdict red.
    pub(super) fn remarks(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.level != Level::Violation)
    }

    /// How many violations of `check` stand, and how many are waived.
    pub(super) fn of_check(&self, check: &str) -> (usize, usize) {
        let standing = self.violations().filter(|finding| finding.check == check).map(weight).sum();
        let waived = self.waived.iter().map(|(finding, _)| finding).filter(|finding| finding.check == check);
        (standing, waived.map(weight).sum())
    }
}

/// How many findings `finding` stands for.
pub(super) fn weight(finding: &Finding) -> usize {
    1 + finding.more
}
