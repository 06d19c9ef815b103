//! GSM in 65-byte pairs.
#![no_main]

mod feed;

use audio::codec::{GsmDecoder, GsmPacking};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    feed::feed(&mut GsmDecoder::new(GsmPacking::Wav49), data);
});
