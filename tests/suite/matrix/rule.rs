//! What the specification's samplers keep, written anew from its text.
//!
//! <https://opentelemetry.io/docs/specs/otel/trace/sdk/#built-in-samplers>, and for the ratio the rule that SDKs share: a
//! trace is kept if the lower 63 bits of the last half of its id, read as a number without its lowest bit, are below the
//! ratio's share of all such numbers.

/// The parent that a request brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parent {
    None,
    Sampled,
    Unsampled,
}

/// A ratio of whole tenths, so that nothing has to be rounded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tenths(pub(super) u8);

impl Tenths {
    /// The first of the 2^63 numbers that is not kept.
    pub(super) fn bound(self) -> u64 {
        let share = (1_u128 << 63) * u128::from(self.0) / 10;
        u64::try_from(share).unwrap()
    }

    /// As `OTEL_TRACES_SAMPLER_ARG` takes it.
    pub(super) fn text(self) -> String {
        format!("{}.{}", self.0 / 10, self.0 % 10)
    }
}

/// Whether a sampler keeps the trace of this id, 32 hexadecimal digits, from a request with this parent.
pub(super) fn keeps(sampler: &str, ratio: Tenths, parent: Parent, trace_id: &str) -> bool {
    match (sampler.strip_prefix("parentbased_"), parent) {
        (Some(_), Parent::Sampled) => true,
        (Some(_), Parent::Unsampled) => false,
        (Some(of_roots), Parent::None) => keeps_by_itself(of_roots, ratio, trace_id),
        (None, _) => keeps_by_itself(sampler, ratio, trace_id),
    }
}

fn keeps_by_itself(sampler: &str, ratio: Tenths, trace_id: &str) -> bool {
    match sampler {
        "always_on" => true,
        "always_off" => false,
        "traceidratio" => {
            let last_half = u64::from_str_radix(&trace_id[16..], 16).unwrap();
            last_half >> 1 < ratio.bound()
        }
        other => panic!("`{other}` is no standard sampler"),
    }
}
