//! Which traces an arm must export, known beforehand.

use std::collections::BTreeMap;

use otelgate_harness::capture::TraceId;

use crate::conservation;

/// What a sampler makes of a request whose parent is sampled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sampling {
    /// Every trace is exported.
    All,
    /// None is.
    None,
    /// Those whose trace id is below this part of all.
    Ratio(f64),
}

impl Sampling {
    /// What the standard variables of an arm's environment say: `OTEL_SDK_DISABLED`, `OTEL_TRACES_EXPORTER`,
    /// `OTEL_TRACES_SAMPLER` and its `_ARG`. The driver's parents are sampled, so a sampler that follows them keeps all.
    #[must_use]
    pub fn of(env: &BTreeMap<String, String>) -> Self {
        let is = |name: &str, value: &str| env.get(name).is_some_and(|found| found.eq_ignore_ascii_case(value));
        if is("OTEL_SDK_DISABLED", "true")
            || is("OTEL_TRACES_EXPORTER", "none")
            || is("OTEL_TRACES_SAMPLER", "always_off")
        {
            return Self::None;
        }
        let ratio = env.get("OTEL_TRACES_SAMPLER_ARG").and_then(|ratio| ratio.parse().ok()).unwrap_or(1.0);
        if is("OTEL_TRACES_SAMPLER", "traceidratio") { Self::Ratio(ratio) } else { Self::All }
    }

    /// Whether this trace must be exported.
    #[must_use]
    pub fn keeps(self, trace: TraceId) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Ratio(ratio) => conservation::keeps(ratio, trace),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::TraceIds;

    fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_standard_variables_are_read() {
        assert_eq!(Sampling::of(&env(&[])), Sampling::All);
        assert_eq!(Sampling::of(&env(&[("OTEL_TRACES_SAMPLER", "always_off")])), Sampling::None);
        assert_eq!(Sampling::of(&env(&[("OTEL_TRACES_EXPORTER", "none")])), Sampling::None);
        assert_eq!(Sampling::of(&env(&[("OTEL_SDK_DISABLED", "true")])), Sampling::None);
        let ratio = env(&[("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0.1")]);
        assert_eq!(Sampling::of(&ratio), Sampling::Ratio(0.1));
        let parent = env(&[("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0.1")]);
        assert_eq!(Sampling::of(&parent), Sampling::All, "the driver's parents are sampled");
    }

    #[test]
    fn a_ratio_keeps_about_its_part() {
        let ids = TraceIds::of(7);

        let kept = (0..10_000).filter(|item| Sampling::Ratio(0.1).keeps(ids.id(*item))).count();

        // Binomial with p = 0.1: five standard deviations are 150.
        assert!((850..1150).contains(&kept), "{kept}");
    }
}
