//! Settings, from environment variables.
//!
//! `OTEL_EXPORTER_OTLP_*`, `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_BSP_*` and `OTEL_TRACES_SAMPLER` are
//! read by the libraries whose settings they are, as in any service.

use std::str::FromStr;
use std::time::Duration;

use crate::faults::FaultConfig;

/// Looks up a variable.
pub(crate) type Source<'s> = &'s dyn Fn(&str) -> Option<String>;

/// A way to instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Not at all: neither spans nor metrics.
    None,
    /// The API of OpenTelemetry, over its SDK.
    Direct,
    /// The API used directly, over `otlp-inline`.
    Inline,
    /// Spans that are told when they are over, over `otlp-inline`.
    Told,
    /// `tracing`, bridged as the example of tracing-opentelemetry does it: everything at level INFO and above.
    Tracing,
    /// `tracing`, bridged as the documentation of tracing-opentelemetry begins: without any filter.
    TracingUnfiltered,
    /// `tracing`, bridged for this crate's spans alone, with everything off that can be.
    TracingTrimmed,
    /// fastrace.
    Fastrace,
}

impl Way {
    const NAMES: [(&'static str, Self); 8] = [
        ("none", Self::None),
        ("direct", Self::Direct),
        ("inline", Self::Inline),
        ("told", Self::Told),
        ("tracing", Self::Tracing),
        ("tracing-unfiltered", Self::TracingUnfiltered),
        ("tracing-trimmed", Self::TracingTrimmed),
        ("fastrace", Self::Fastrace),
    ];
}

/// All settings.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// `INSTRUMENTATION`: one of `none`, `direct`, `inline`, `told`, `tracing`, `tracing-unfiltered`, `tracing-trimmed`,
    /// `fastrace`.
    pub(crate) way: Way,
    /// `BIND_ADDRESS`; a free port of the loopback address if absent.
    pub(crate) bind_address: String,
    /// `OTEL_BSP_SCHEDULE_DELAY`, in milliseconds, for what does not read it itself.
    pub(crate) schedule_delay: Option<Duration>,
    /// What to do wrong.
    pub(crate) faults: FaultConfig,
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum ConfigError {
    #[error("INSTRUMENTATION is not set; set it to one of {}", known_ways())]
    NoWay,
    #[error("INSTRUMENTATION=`{way}` is not known; it is one of {}", known_ways())]
    UnknownWay { way: String },
    #[error("{name}=`{value}` is not a whole number; set it to one, such as {name}=100, or unset it")]
    NotANumber { name: &'static str, value: String },
}

fn known_ways() -> String {
    Way::NAMES.map(|(name, _)| name).join(", ")
}

impl FromStr for Way {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let known = Self::NAMES.iter().find(|(name, _)| *name == text);
        known.map(|(_, way)| *way).ok_or_else(|| ConfigError::UnknownWay { way: text.to_owned() })
    }
}

impl Config {
    /// Reads the settings. A variable that is empty counts as unset, as OpenTelemetry has it.
    pub(crate) fn from_source(source: Source<'_>) -> Result<Self, ConfigError> {
        let get = |name: &str| source(name).filter(|value| !value.is_empty());
        let number = |name: &'static str| -> Result<Option<u64>, ConfigError> {
            get(name).map(|value| value.parse().map_err(|_| ConfigError::NotANumber { name, value })).transpose()
        };
        let micros = |name| Ok(Duration::from_micros(number(name)?.unwrap_or(0)));
        Ok(Self {
            way: get("INSTRUMENTATION").ok_or(ConfigError::NoWay)?.parse()?,
            bind_address: get("BIND_ADDRESS").unwrap_or_else(|| "127.0.0.1:0".to_owned()),
            schedule_delay: number("OTEL_BSP_SCHEDULE_DELAY")?.map(Duration::from_millis),
            faults: FaultConfig {
                spin_request: micros("SPIN_REQUEST_MICROS")?,
                spin_export: micros("SPIN_EXPORT_MICROS")?,
                drop_every: number("DROP_EVERY")?.filter(|every| *every > 0),
                answer_salt: get("ANSWER_SALT").unwrap_or_default(),
                die_after: number("DIE_AFTER")?,
                refuse_after: number("REFUSE_AFTER")?,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let get = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Config::from_source(&get)
    }

    #[test]
    fn without_faults_nothing_is_done_wrong() {
        let config = read(&[("INSTRUMENTATION", "direct")]).unwrap();

        assert_eq!((config.way, config.faults), (Way::Direct, FaultConfig::default()));
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let config = read(&[("INSTRUMENTATION", "none"), ("DIE_AFTER", ""), ("BIND_ADDRESS", "")]).unwrap();

        assert_eq!((config.faults.die_after, config.bind_address.as_str()), (None, "127.0.0.1:0"));
    }

    #[test]
    fn an_unknown_way_is_told_with_those_there_are() {
        let told = read(&[("INSTRUMENTATION", "direkt")]).unwrap_err().to_string();

        assert_eq!(
            told,
            "INSTRUMENTATION=`direkt` is not known; it is one of none, direct, inline, told, tracing, \
             tracing-unfiltered, tracing-trimmed, fastrace"
        );
    }

    #[test]
    fn a_way_must_be_chosen() {
        assert_eq!(read(&[]).unwrap_err(), ConfigError::NoWay);
    }

    #[test]
    fn what_is_no_number_is_told_with_its_name() {
        let told = read(&[("INSTRUMENTATION", "none"), ("SPIN_REQUEST_MICROS", "2ms")]).unwrap_err().to_string();

        assert_eq!(
            told,
            "SPIN_REQUEST_MICROS=`2ms` is not a whole number; set it to one, such as SPIN_REQUEST_MICROS=100, or unset it"
        );
    }
}
