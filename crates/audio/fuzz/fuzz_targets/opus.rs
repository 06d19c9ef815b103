//! Opus, mono and stereo: the first byte chooses.
#![no_main]

mod feed;

use audio::codec::{OpusDecoder, OpusHead};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((choice, data)) = data.split_first() else { return };
    let head = [b"OpusHead\x01", &[1 + (choice & 1), 0, 0, 0, 0, 0, 0, 0, 0, 0][..]].concat();
    feed::feed(&mut OpusDecoder::new(OpusHead::read(&head).expect("a header")), data);
});
