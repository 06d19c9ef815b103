//! GSM in 65-byte pairs.
#![no_main]

mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::wav49(data));
