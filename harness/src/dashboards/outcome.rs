//! What judging dashboards alone comes to.

use super::Judged;
use crate::checks::{fold, rank};
use crate::finding::{Finding, Level, Outcome, Tally};

/// Name of the check, in tallies and findings.
const CHECK: &str = "dashboards";

impl Judged {
    /// The outcome of judging dashboards without anything else: findings in the order of telling, and the verdict.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        let mut findings: Vec<Finding> = fold(self.findings);
        for finding in &mut findings {
            finding.check = CHECK;
        }
        findings.sort_by_key(|finding| (finding.level, rank(finding.id)));
        let violations = findings.iter().filter(|finding| finding.level == Level::Violation).count();
        let about = "every panel, variable and rule asks for what is there";
        let tally = Tally { check: CHECK, about, examined: self.queries, unit: "queries", violations };
        Outcome::new(findings, Vec::new(), vec![tally])
    }
}
