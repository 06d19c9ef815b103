//! G.722.
#![no_main]

mod feed;

use audio::codec::G722Decoder;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    feed::feed(&mut G722Decoder::new(), data);
});
