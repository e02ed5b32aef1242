//! The fuzz targets' checks, on random bytes instead of a fuzzer's.

#[path = "../../fuzz/fuzz_targets/check.rs"]
mod check;

use proptest::{collection::vec, prelude::*};

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spans_of_any_bytes_are_sent_with_all_that_is_in_them(bytes in vec(any::<u8>(), 0..4_096)) {
        check::check(&bytes);
    }
}
