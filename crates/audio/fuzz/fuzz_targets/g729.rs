//! G.729.
#![no_main]

mod feed;

use audio::codec::G729Decoder;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    feed::feed(&mut G729Decoder::new(), data);
});
