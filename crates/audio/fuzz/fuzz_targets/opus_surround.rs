//! Opus in several streams, with a header of the fuzzer's.
#![no_main]

mod feed;

use audio::codec::{OpusDecoder, OpusHead};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((head, data)) = data.split_at_checked(29) else { return };
    if let Some(head) = OpusHead::read(head) {
        feed::feed(&mut OpusDecoder::new(head), data);
    }
});
