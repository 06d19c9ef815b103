//! G.726 at each rate, in both bit orders: the first byte chooses.
#![no_main]

mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::g726(data));
