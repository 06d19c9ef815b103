//! Opus in several streams, with a header of the fuzzer's.
#![no_main]

mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::opus_surround(data));
