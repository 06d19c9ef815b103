//! GSM in 33-byte frames.
#![no_main]

mod feed;

use audio::codec::{GsmDecoder, GsmPacking};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    feed::feed(&mut GsmDecoder::new(GsmPacking::Headless), data);
});
