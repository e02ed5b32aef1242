//! `lane:` of `otelgate.yaml`: a program that answers requests in its own process, so that what they cost can be counted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// A program that drives the service inside its own process; docs/LANE.md says what it is called with and what it prints.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LaneConfig {
    /// A command that makes it, run first.
    #[serde(default)]
    pub build: Vec<String>,
    /// The command that starts it; `--requests N --telemetry on|off --kind KIND` is added.
    pub command: Vec<String>,
    /// The kinds of requests it knows; each is measured by itself.
    pub kinds: Vec<String>,
    /// Variables in which its environment differs from `service.env`.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// How many requests are sent; as many again in a second run, and only what those cost is told. 64 if absent.
    #[serde(default = "sixty_four")]
    pub requests: u32,
    /// The figures to compare with. Relative to the configuration.
    pub baseline: PathBuf,
    /// By how much a figure may exceed the baseline's, in percent of it; 5 if absent: figures of one measurement were seen
    /// to vary by 2.
    #[serde(default = "five")]
    pub tolerance: f64,
    /// How long one run of the program may take, in milliseconds; 120,000 if absent.
    #[serde(default = "two_minutes")]
    pub within_ms: u64,
}

fn sixty_four() -> u32 {
    64
}

fn five() -> f64 {
    5.0
}

fn two_minutes() -> u64 {
    120_000
}

impl LaneConfig {
    /// What is wrong with it, if anything is.
    pub(super) fn problem(&self) -> Option<String> {
        if self.command.is_empty() {
            return Some("`lane.command` is empty: say how the program is started".to_owned());
        }
        if self.kinds.is_empty() {
            return Some("`lane.kinds` is empty: nothing would be measured".to_owned());
        }
        if let Some(twice) = self.kinds.iter().enumerate().find(|(at, kind)| self.kinds[..*at].contains(kind)) {
            return Some(format!("`lane.kinds` names `{}` twice", twice.1));
        }
        if self.requests == 0 {
            return Some("`lane.requests` is 0: nothing would be measured; 64 is a good number".to_owned());
        }
        if !(self.tolerance >= 0.0 && self.tolerance <= 100.0) {
            return Some(format!("`lane.tolerance` is {} %: give a number from 0 to 100, such as 5", self.tolerance));
        }
        None
    }

    pub(super) fn resolve(&mut self, folder: &Path) {
        self.baseline = folder.join(&self.baseline);
    }
}
