//! Vorbis, its headers behind two bytes that say their length.
#![no_main]

mod feed;

use audio::codec::VorbisDecoder;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((length, data)) = data.split_first_chunk() else { return };
    let length = usize::from(u16::from_le_bytes(*length) & 0x3fff);
    let (headers, data) = data.split_at(length.min(data.len()));
    if let Some(mut decoder) = VorbisDecoder::new(headers) {
        feed::feed(&mut decoder, data);
    }
});
