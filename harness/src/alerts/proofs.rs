//! Which fault proves which alert.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::config::ConfigError;
use crate::scenario::{self, Loaded};

/// A file of proofs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Proofs {
    /// Version of the format; 1.
    pub version: u32,
    /// All ranges, offsets, holds and intervals of the rules are divided by this during the trial.
    pub windows_divided_by: u32,
    /// Files with the scenarios that are named below. Relative to this file.
    pub scenarios: Vec<PathBuf>,
    /// Variables of the service while it is on trial, instead of those of `service.env`: what it waits for has to be
    /// shorter where windows are.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Scenarios driven once, before anything else: what the service must hold to answer.
    #[serde(default)]
    pub prepare: Vec<String>,
    /// What is driven while nothing may fire.
    pub healthy: Healthy,
    /// One entry an alert, in the order of the trial.
    pub proofs: Vec<Proof>,
    /// The scenarios read.
    #[serde(skip)]
    pub loaded: Vec<Loaded>,
}

/// The healthy part of a trial.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Healthy {
    /// The scenario, driven again and again.
    pub drive: String,
    /// Time between the beginnings of two rounds, in milliseconds; 100 if absent.
    #[serde(default = "a_tenth")]
    pub every_ms: u64,
}

/// How one alert is made to fire.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Proof {
    /// The alert.
    pub alert: String,
    /// The scenario that induces its fault, driven until it fires. `${round}` counts from 1.
    pub drive: Option<String>,
    /// What is stopped, instead or as well. Comes last in the file: it does not come back.
    pub stop: Option<Stopped>,
    /// Time between the beginnings of two rounds, in milliseconds; 100 if absent.
    #[serde(default = "a_tenth")]
    pub every_ms: u64,
    /// How long it may take to fire, in milliseconds. Twice its shortest range and hold, and ten seconds, if absent.
    pub within_ms: Option<u64>,
    /// Alerts that rightly fire as well.
    #[serde(default)]
    pub also: Vec<String>,
}

/// What a proof can stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stopped {
    /// The service under test.
    Service,
}

fn a_tenth() -> u64 {
    100
}

impl Proofs {
    /// The scenario of this name; [`read`] has made sure that all that are named are there.
    pub(super) fn scenario(&self, name: &str) -> Option<&Loaded> {
        self.loaded.iter().find(|loaded| loaded.scenario.scenario == name)
    }

    /// Those of `alerts` that no proof is for, in their order.
    pub(super) fn unproven<'a>(&self, alerts: impl Iterator<Item = &'a str>) -> Vec<String> {
        let proven: BTreeSet<&str> = self.proofs.iter().map(|proof| proof.alert.as_str()).collect();
        alerts.filter(|name| !proven.contains(name)).map(str::to_owned).collect()
    }
}

/// Reads a file of proofs and the scenarios it names.
///
/// # Errors
/// If it cannot be read or parsed, names a scenario that is not there, induces nothing, proves an alert twice, or goes
/// on after the service has been stopped.
pub fn read(path: &Path) -> Result<Proofs, ConfigError> {
    let document = crate::yaml::read::<Proofs>(path)?;
    let top = document.top();
    let folder = path.parent().unwrap_or(Path::new(""));
    let files: Vec<PathBuf> = document.value.scenarios.iter().map(|file| folder.join(file)).collect();
    let loaded =
        scenario::read_all(&files).map_err(|error| ConfigError { place: error.place, message: error.message })?;
    let there = |name: &str| loaded.iter().any(|loaded| loaded.scenario.scenario == name);
    let missing = |name: &str| {
        let names = loaded.iter().map(|loaded| loaded.scenario.scenario.as_str());
        format!("no scenario `{name}` in the files of `scenarios`{}", crate::yaml::did_you_mean(name, names))
    };

    let proofs = &document.value;
    if proofs.windows_divided_by == 0 {
        return Err(top
            .key("windows-divided-by")
            .problem("windows cannot be divided by 0; 1 leaves them as they are")
            .into());
    }
    if !there(&proofs.healthy.drive) {
        return Err(top.key("healthy").key("drive").problem(missing(&proofs.healthy.drive)).into());
    }
    for (at, name) in proofs.prepare.iter().enumerate() {
        if !there(name) {
            return Err(top.key("prepare").item(at).problem(missing(name)).into());
        }
    }
    if proofs.proofs.is_empty() {
        return Err(top.key("proofs").problem("`proofs` is empty: nothing would be proven").into());
    }
    let mut seen = BTreeSet::new();
    let mut stopped = false;
    for (at, proof) in proofs.proofs.iter().enumerate() {
        let here = top.key("proofs").item(at);
        if stopped {
            return Err(here.problem("comes after a proof that stops the service; put that one last").into());
        }
        if !seen.insert(&proof.alert) {
            return Err(here.key("alert").problem(format!("`{}` is proven twice", proof.alert)).into());
        }
        match &proof.drive {
            Some(name) if !there(name) => return Err(here.key("drive").problem(missing(name)).into()),
            None if proof.stop.is_none() => {
                return Err(here.problem("induces nothing: say what to `drive`, or what to `stop`").into());
            }
            _ => {}
        }
        stopped = proof.stop.is_some();
    }
    let mut proofs = document.value;
    proofs.loaded = loaded;
    Ok(proofs)
}
