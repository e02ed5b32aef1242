//! The ways in which the service is run side by side.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use otelgate_harness::config::{Config, OverheadConfig};

use super::outcome::Protocol;
use super::sampling::Sampling;

/// One way to run the service.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// Its name.
    pub name: String,
    /// Variables of the service instead of those of `service.env`.
    pub env: BTreeMap<String, String>,
    /// Where its program was built, if not where the configuration is: another commit.
    pub directory: Option<PathBuf>,
    /// Whether it may send telemetry at all.
    pub silent: bool,
    /// Whether every span of it must arrive. What an arm of a user's own choice delivers is told instead.
    pub complete: bool,
}

/// An arm that was asked for by a name nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no arm is named `{name}`; `overhead.arms` has {known}")]
pub struct UnknownArm {
    /// The name.
    pub name: String,
    /// The names there are.
    pub known: String,
}

impl Arm {
    /// The arms every experiment has: without telemetry, with all of it, and without once more.
    #[must_use]
    pub fn standard(config: &OverheadConfig) -> Vec<Self> {
        vec![
            Self::off(Protocol::OFF, config),
            Self::on(Protocol::ON, &config.on, config),
            Self::off(Protocol::SAME, config),
        ]
    }

    /// The arms of these names, in this order.
    ///
    /// # Errors
    /// If there is none of a name.
    pub fn named(names: &[String], config: &OverheadConfig) -> Result<Vec<Self>, UnknownArm> {
        let arm = |name: &String| {
            let env = Self::variables(name, config)?;
            Ok(Self { complete: false, ..Self::on(name, env, config) })
        };
        names.iter().map(arm).collect()
    }

    /// The variables of the arm of this name.
    ///
    /// # Errors
    /// If there is none.
    pub fn variables<'c>(name: &str, config: &'c OverheadConfig) -> Result<&'c BTreeMap<String, String>, UnknownArm> {
        config.arms.get(name).ok_or_else(|| {
            let known: Vec<&str> = config.arms.keys().map(String::as_str).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            UnknownArm { name: name.to_owned(), known }
        })
    }

    /// The arm with telemetry once more, under another name: the difference of the two is the noise of that arm.
    #[must_use]
    pub fn on_again(config: &OverheadConfig) -> Self {
        Self::on("on again", &config.on, config)
    }

    /// ON and OFF of another commit, whose program was built in `directory`.
    #[must_use]
    pub fn at(rev: &str, directory: &Path, config: &OverheadConfig) -> [Self; 2] {
        let [on, off] = super::against::names(rev);
        let there = Some(directory.to_owned());
        [
            Self { directory: there.clone(), ..Self::on(&on, &config.on, config) },
            Self { directory: there, ..Self::off(&off, config) },
        ]
    }

    fn off(name: &str, config: &OverheadConfig) -> Self {
        Self { silent: true, complete: false, ..Self::on(name, &config.off, config) }
    }

    /// An arm that sends everything, with these variables.
    pub(super) fn on(name: &str, env: &BTreeMap<String, String>, config: &OverheadConfig) -> Self {
        let mut merged = config.env.clone();
        merged.extend(env.clone());
        Self { name: name.to_owned(), env: merged, directory: None, silent: false, complete: true }
    }

    /// The configuration of the service as this arm. `pad` characters make all environments as long: where a program's
    /// stack begins, and with it how its data falls into cache lines, depends on that (Mytkowicz et al., "Producing wrong
    /// data without doing anything obviously wrong", ASPLOS 2009).
    #[must_use]
    pub fn config(&self, base: &Config, pad: usize) -> Config {
        let mut config = base.clone();
        config.service.build.clear();
        // A secret in the answers of the model differs from arm to arm, and with it the answers of the service.
        config.canaries.retain(|name| name != "answer");
        config.service.env.extend(self.env.clone());
        config.service.env.insert(PAD.to_owned(), "x".repeat(pad));
        if let Some(directory) = &self.directory {
            config.service.directory.clone_from(directory);
        }
        config
    }

    /// The variables, for a report: what may be a credential is not shown. A report is kept, and passed on.
    pub(super) fn shown_env(&self) -> BTreeMap<String, String> {
        let show = |(name, value): (&String, &String)| {
            let shown = if may_be_secret(name) { HIDDEN.to_owned() } else { value.clone() };
            (name.clone(), shown)
        };
        self.env.iter().map(show).collect()
    }

    /// How long the environment of this arm is without a pad, in bytes.
    #[must_use]
    pub fn length(&self, base: &Config) -> usize {
        let config = self.config(base, 0);
        config.service.env.iter().map(|(name, value)| name.len() + value.len()).sum()
    }

    /// What its sampler makes of the driver's requests.
    #[must_use]
    pub fn sampling(&self, base: &Config) -> Sampling {
        if self.silent { Sampling::None } else { Sampling::of(&self.config(base, 0).service.env) }
    }
}

/// What stands in a report for a value that may be a credential.
const HIDDEN: &str = "(hidden)";

/// Whether a variable of this name usually holds a credential: `OTEL_EXPORTER_OTLP_HEADERS`, `OPENAI_API_KEY` and the like.
fn may_be_secret(name: &str) -> bool {
    const PARTS: [&str; 7] = ["HEADERS", "KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL", "AUTH"];
    let name = name.to_uppercase();
    PARTS.iter().any(|part| name.contains(part))
}

/// The variable that makes all environments as long.
const PAD: &str = "OTELGATE_PAD";

#[cfg(test)]
mod tests {
    use super::Arm;

    #[test]
    fn what_may_be_a_credential_is_not_shown() {
        let env =
            [("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer 1"), ("openai_api_key", "sk-1"), ("QUEUE", "9")];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let arm = Arm { name: "on".to_owned(), env, directory: None, silent: false, complete: true };

        let shown: Vec<String> = arm.shown_env().into_iter().map(|(name, value)| format!("{name}={value}")).collect();

        assert_eq!(shown, ["OTEL_EXPORTER_OTLP_HEADERS=(hidden)", "QUEUE=9", "openai_api_key=(hidden)"]);
    }
}
