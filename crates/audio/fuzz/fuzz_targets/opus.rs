//! Opus, mono and stereo: the first byte chooses.
#![no_main]

mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::opus(data));
