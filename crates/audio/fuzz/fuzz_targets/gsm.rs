//! GSM in 33-byte frames.
#![no_main]

mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::gsm(data));
