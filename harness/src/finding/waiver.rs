//! Findings accepted for a reason.

use serde::{Deserialize, Serialize};

use super::{Finding, Signal};

/// Accepts one finding. A waiver that matches nothing is a violation itself, so that it cannot outlive its reason.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Waiver {
    /// The finding's id.
    pub finding: String,
    /// The finding's subject, whole.
    pub subject: String,
    /// Why it is accepted.
    pub reason: String,
}

/// Splits findings into those that stand and those waived, and adds a violation for every waiver that matched nothing.
#[must_use]
pub fn apply(waivers: &[Waiver], findings: Vec<Finding>) -> (Vec<Finding>, Vec<(Finding, Waiver)>) {
    let mut used = vec![false; waivers.len()];
    let mut standing = Vec::new();
    let mut waived = Vec::new();
    for finding in findings {
        let hit = waivers.iter().position(|waiver| waiver.finding == finding.id && waiver.subject == finding.subject);
        match hit {
            Some(index) => {
                used[index] = true;
                waived.push((finding, waivers[index].clone()));
            }
            None => standing.push(finding),
        }
    }
    for (waiver, used) in waivers.iter().zip(used) {
        if !used {
            standing.push(
                Finding::violation(
                    "waiver.stale",
                    Signal::Run,
                    format!("{} / {}", waiver.finding, waiver.subject),
                    "a waiver matches no finding any more",
                )
                .wanted(format!("a finding {} on {}", waiver.finding, waiver.subject))
                .found("none")
                .hint(format!("remove the waiver; its reason was: {}", waiver.reason)),
            );
        }
    }
    (standing, waived)
}
