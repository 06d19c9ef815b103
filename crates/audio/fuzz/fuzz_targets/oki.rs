//! Dialogic's ADPCM.
#![no_main]

mod feed;

use audio::codec::OkiDecoder;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    feed::feed(&mut OkiDecoder::new(8_000), data);
});
