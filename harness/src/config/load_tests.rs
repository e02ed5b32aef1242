//! `load:` of `otelgate.yaml`: the load a service is put under, and what has to hold under it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The load a service is put under.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LoadConfig {
    /// What its users do.
    pub workloads: Vec<LoadWorkload>,
    /// How many users there are, each with one request open at a time; 4 if absent.
    #[serde(default = "four")]
    pub users: usize,
    /// How long each phase lasts, in seconds; 20 if absent.
    #[serde(default = "twenty")]
    pub seconds: u64,
    /// What the choice among requests and their words depends on; 1 if absent.
    #[serde(default = "one")]
    pub seed: u64,
    /// Variables of the service under load, instead of those of `service.env`.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Further variables for the phase without telemetry; the standard `OTEL_SDK_DISABLED=true` if absent.
    #[serde(default = "disabled")]
    pub off: BTreeMap<String, String>,
    /// Whether there is a phase without telemetry; yes if absent. Without it, what telemetry adds is not known.
    #[serde(default = "yes")]
    pub without: bool,
    /// The shares of traces to keep, above 0 and at most 1; one phase each. `[1, 0.1]` if absent.
    #[serde(default = "all_and_a_tenth")]
    pub sampling: Vec<f64>,
    /// How long spans, measurements and log lines may take to arrive after the load, in seconds; 10 if absent. Longer than
    /// the delay of the service's exporter.
    #[serde(default = "ten")]
    pub settle_seconds: u64,
    /// How slow the service may be.
    #[serde(default)]
    pub budgets: LoadBudgets,
    /// What else counts requests, beside the driver and the traces.
    #[serde(default)]
    pub counted_by: CountedBy,
    /// What is done to the collector while the load goes on, with `otelgate load --trials`; all of them if absent.
    #[serde(default = "all_trials")]
    pub trials: Vec<Trial>,
    /// Options of goose, before those of the command line.
    #[serde(default)]
    pub goose: Vec<String>,
}

/// What some of the users do.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LoadWorkload {
    /// A workload file. Relative to the configuration.
    pub file: PathBuf,
    /// How many of all users do this, in proportion to the other weights; 1 if absent.
    #[serde(default = "one_user")]
    pub weight: usize,
}

/// How slow the service may be. The 95th percentile counts all kinds of requests as they are mixed.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct LoadBudgets {
    /// 95th percentile without telemetry, in milliseconds; 100 if absent.
    pub p95_without_ms: f64,
    /// 95th percentile when every trace is kept, in milliseconds; 150 if absent.
    pub p95_all_ms: f64,
    /// 95th percentile when a share of the traces is kept, in milliseconds; 120 if absent.
    pub p95_share_ms: f64,
    /// What telemetry may add to the 95th percentile of any kind of request, in milliseconds; 500 if absent.
    pub added_ms: f64,
    /// The most spans that may be dropped, however well accounted for, in percent of those made. No limit if absent.
    pub declared_loss_percent: Option<f64>,
    /// By how much the service's memory may grow in a trial or a soak, in MiB; 64 if absent.
    pub memory_growth_mib: f64,
}

impl Default for LoadBudgets {
    fn default() -> Self {
        Self {
            p95_without_ms: 100.0,
            p95_all_ms: 150.0,
            p95_share_ms: 120.0,
            added_ms: 500.0,
            declared_loss_percent: None,
            memory_growth_mib: 64.0,
        }
    }
}

/// What else counts requests.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct CountedBy {
    /// The Prometheus name, without `_count`, of a histogram that grows by one with each request. Where it is absent,
    /// `http_server_request_duration_seconds`.
    pub histogram: Option<String>,
    /// Series of it that count something else: labels, all of which they have.
    pub except: BTreeMap<String, String>,
    /// What the service logs once a request: by the name of a kind of request, the start of the message.
    pub log_lines: BTreeMap<String, String>,
}

/// Something done to the collector, or to the service, while the load goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trial {
    /// Eight times as many users.
    Saturation,
    /// The collector takes a second for each request.
    Slow,
    /// The collector closes connections without an answer, for a while.
    Down,
    /// The collector answers 503 (over gRPC: UNAVAILABLE), for a while.
    Refusing,
    /// The collector accepts connections and never answers, for a while.
    HalfOpen,
}

impl Trial {
    /// All there are.
    pub const ALL: [Self; 5] = [Self::Saturation, Self::Slow, Self::Down, Self::Refusing, Self::HalfOpen];

    /// Its name, as in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Saturation => "saturation",
            Self::Slow => "slow",
            Self::Down => "down",
            Self::Refusing => "refusing",
            Self::HalfOpen => "half-open",
        }
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn four() -> usize {
    4
}

fn twenty() -> u64 {
    20
}

fn ten() -> u64 {
    10
}

fn one() -> u64 {
    1
}

fn one_user() -> usize {
    1
}

fn yes() -> bool {
    true
}

fn disabled() -> BTreeMap<String, String> {
    [("OTEL_SDK_DISABLED".to_owned(), "true".to_owned())].into()
}

fn all_and_a_tenth() -> Vec<f64> {
    vec![1.0, 0.1]
}

fn all_trials() -> Vec<Trial> {
    Trial::ALL.to_vec()
}

impl LoadConfig {
    /// The load of these workload files, with the defaults for everything else.
    #[must_use]
    pub fn of_files(files: impl IntoIterator<Item = PathBuf>) -> Self {
        Self {
            workloads: files.into_iter().map(|file| LoadWorkload { file, weight: 1 }).collect(),
            users: four(),
            seconds: twenty(),
            seed: one(),
            env: BTreeMap::new(),
            off: disabled(),
            without: true,
            sampling: all_and_a_tenth(),
            settle_seconds: ten(),
            budgets: LoadBudgets::default(),
            counted_by: CountedBy::default(),
            trials: all_trials(),
            goose: Vec::new(),
        }
    }

    /// What in it cannot be meant, if anything: the key, and what to do.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let weights: usize = self.workloads.iter().map(|workload| workload.weight).sum();
        if self.workloads.is_empty() || weights == 0 {
            return Some("`load.workloads` has none with a weight above 0: nothing would be sent".to_owned());
        }
        if self.users < self.workloads.len() {
            return Some(format!(
                "`load.users` is {}, fewer than the {} workloads: some would not be sent at all",
                self.users,
                self.workloads.len()
            ));
        }
        if self.seconds == 0 {
            return Some("`load.seconds` is 0: nothing would be measured".to_owned());
        }
        if let Some(share) = self.sampling.iter().find(|share| !(**share > 0.0 && **share <= 1.0)) {
            return Some(format!(
                "`load.sampling` has {share}, which is no share of traces: give numbers above 0 and at most 1, such as 0.1"
            ));
        }
        if self.sampling.is_empty() && !self.without {
            return Some(
                "`load.sampling` is empty and `load.without` is false: there is no phase left to run".to_owned(),
            );
        }
        self.budgets.problem()
    }

    /// Makes its paths relative to `folder`.
    pub(super) fn resolve(&mut self, folder: &Path) {
        for workload in &mut self.workloads {
            workload.file = folder.join(&workload.file);
        }
    }
}

impl LoadBudgets {
    fn problem(&self) -> Option<String> {
        let positive = [
            ("p95-without-ms", self.p95_without_ms),
            ("p95-all-ms", self.p95_all_ms),
            ("p95-share-ms", self.p95_share_ms),
            ("added-ms", self.added_ms),
            ("memory-growth-mib", self.memory_growth_mib),
        ];
        let wrong = positive.into_iter().find(|(_, budget)| !(*budget > 0.0 && budget.is_finite()));
        let wrong = wrong.or_else(|| {
            let loss = self.declared_loss_percent.filter(|percent| !(0.0..=100.0).contains(percent));
            loss.map(|percent| ("declared-loss-percent", percent))
        });
        wrong.map(|(name, budget)| {
            format!("`load.budgets.{name}` is {budget}, which cannot be held: give a number above 0, such as 100")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(yaml: &str) -> LoadConfig {
        serde_saphyr::from_str(&format!("workloads: [{{file: mixed.yaml}}]\n{yaml}")).unwrap()
    }

    #[track_caller]
    fn assert_problem(yaml: &str, part: &str) {
        let problem = config(yaml).problem().unwrap_or_default();
        assert!(problem.contains(part), "wanted: {part}\nfound: {problem}");
    }

    #[test]
    fn files_alone_are_a_load_with_the_budgets_of_the_specification() {
        let config = config("");

        assert_eq!(config.problem(), None);
        let wanted = LoadBudgets {
            p95_without_ms: 100.0,
            p95_all_ms: 150.0,
            p95_share_ms: 120.0,
            added_ms: 500.0,
            declared_loss_percent: None,
            memory_growth_mib: 64.0,
        };
        assert_eq!(config.budgets, wanted);
    }

    #[test]
    fn what_cannot_be_meant_is_named_by_its_key() {
        assert_problem("seconds: 0", "`load.seconds` is 0");
        assert_problem("users: 0", "fewer than the 1 workloads");
        assert_problem("sampling: [0.5, 1.5]", "`load.sampling` has 1.5");
        assert_problem("sampling: [.nan]", "`load.sampling` has NaN");
        assert_problem("sampling: []\nwithout: false", "no phase left");
        assert_problem("budgets: {p95-all-ms: 0}", "`load.budgets.p95-all-ms` is 0");
        assert_problem("budgets: {added-ms: -1}", "`load.budgets.added-ms` is -1");
        assert_problem("budgets: {declared-loss-percent: 101}", "`load.budgets.declared-loss-percent` is 101");
    }
}
