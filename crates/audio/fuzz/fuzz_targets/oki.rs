//! Dialogic's ADPCM.
#![no_main]

mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::oki(data));
