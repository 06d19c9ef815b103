//! AMR-WB.
#![no_main]

mod feed;

use audio::codec::{AmrBand, AmrDecoder};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    feed::feed(&mut AmrDecoder::new(AmrBand::Wide), data);
});
