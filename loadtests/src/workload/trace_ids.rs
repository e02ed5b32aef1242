//! Trace ids that say which item they belong to.

use otelgate_harness::capture::TraceId;

/// The trace ids of one launch: the first half of each is the launch's, the second the item's number, mixed so that it
/// looks random to a sampler that decides by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceIds {
    launch: u64,
}

impl TraceIds {
    /// The ids of the launch with this number, which is not 0.
    #[must_use]
    pub fn of(launch: u64) -> Self {
        Self { launch }
    }

    /// The trace id of an item.
    #[must_use]
    pub fn id(self, item: u64) -> TraceId {
        TraceId((u128::from(self.launch) << 64 | u128::from(mix(item))).to_be_bytes())
    }

    /// The number of the item whose trace this is; `None` if it is none of this launch.
    #[must_use]
    pub fn item(self, trace: TraceId) -> Option<u64> {
        let number = u128::from_be_bytes(trace.0);
        let (launch, item) = (u64::try_from(number >> 64).ok()?, u64::try_from(number & u128::from(u64::MAX)).ok()?);
        (launch == self.launch).then(|| unmix(item))
    }
}

/// The finaliser of splitmix64 (Steele, Lea, Flood 2014): a bijection of 64 bits without visible order.
fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Its inverse: the multipliers' inverses modulo 2^64, and each shift undone.
fn unmix(mut z: u64) -> u64 {
    z = (z ^ (z >> 31) ^ (z >> 62)).wrapping_mul(0x3196_42b2_d24d_8ec3);
    z = (z ^ (z >> 27) ^ (z >> 54)).wrapping_mul(0x96de_1b17_3f11_9089);
    z = z ^ (z >> 30) ^ (z >> 60);
    z.wrapping_sub(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_id_says_its_item(launch in 1_u64.., item: u64) {
            prop_assert_eq!(TraceIds::of(launch).item(TraceIds::of(launch).id(item)), Some(item));
        }

        #[test]
        fn the_id_of_another_launch_says_nothing(launch in 1_u64..u64::MAX, item: u64) {
            prop_assert_eq!(TraceIds::of(launch + 1).item(TraceIds::of(launch).id(item)), None);
        }
    }
}
