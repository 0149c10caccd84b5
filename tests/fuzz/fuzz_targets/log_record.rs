//! Hands what libFuzzer makes to the target `log_record` of the test kit.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    weighhouse_testkit::targets::feed("log_record", bytes);
});
