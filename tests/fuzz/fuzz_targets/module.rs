//! Hands what libFuzzer makes to the target `module` of the test kit.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    weighhouse_testkit::targets::feed("module", bytes);
});
