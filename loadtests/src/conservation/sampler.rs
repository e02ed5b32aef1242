//! Which traces a sampler by ratio keeps.

use otelgate_harness::capture::TraceId;

/// Whether `traceidratio` keeps this trace: the low 63 bits of its id against the ratio, as the OpenTelemetry SDKs have
/// it (`sample_based_on_probability` in `opentelemetry_sdk` 0.33, `trace/sampler.rs`).
///
/// The driver sets the `sampled` flag by this rule too. So a service whose sampler follows its caller
/// (`parentbased_traceidratio`) and one whose sampler decides for itself (`traceidratio`) must keep the same traces.
#[must_use]
pub fn keeps(ratio: f64, trace: TraceId) -> bool {
    if ratio >= 1.0 {
        return true;
    }
    let low = u128::from_be_bytes(trace.0) & u128::from(u64::MAX);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "0 to 2^63, as the SDK has it"
    )]
    let bound = (ratio.max(0.0) * (1_u64 << 63) as f64) as u64;
    low >> 1 < u128::from(bound)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::workload::TraceIds;

    fn trace(low: u64) -> TraceId {
        TraceId(u128::from(low).to_be_bytes())
    }

    #[test]
    fn the_boundary_is_where_the_sdk_has_it() {
        let bound = 1_u64 << 62;

        assert!(keeps(0.5, trace((bound - 1) << 1)));
        assert!(!keeps(0.5, trace(bound << 1)));
    }

    #[test]
    fn all_or_nothing_is_that() {
        assert!(keeps(1.0, trace(u64::MAX)));
        assert!(!keeps(0.0, trace(0)));
    }

    #[test]
    fn a_tenth_of_a_launch_is_about_a_tenth() {
        let ids = TraceIds::of(7);

        let kept = (0..10_000).filter(|item| keeps(0.1, ids.id(*item))).count();

        // Six standard deviations of a binomial of 10,000 and 0.1: 180.
        assert!((820..=1180).contains(&kept), "{kept}");
    }

    proptest! {
        #[test]
        fn who_keeps_a_share_keeps_a_larger_one(low: u64, ratio in 0.0..1.0_f64, more in 0.0..1.0_f64) {
            let larger = (ratio + more).min(1.0);
            prop_assert!(!keeps(ratio, trace(low)) || keeps(larger, trace(low)));
        }
    }
}
