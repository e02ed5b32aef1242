//! Any spans are encoded as something that a decoder takes, with all that is in them.

#![no_main]

mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::check(bytes));
