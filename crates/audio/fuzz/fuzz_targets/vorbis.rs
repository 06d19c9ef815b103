//! Vorbis, its headers behind two bytes that say their length.
#![no_main]

mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::vorbis(data));
