//! Feeds a decoder with packets cut out of what the fuzzer makes.

use audio::codec::Decoder;

/// No packet gives more frames.
const MOST_FRAMES: usize = 65_536;

/// Decodes `data` in packets, each behind two bytes that say its length, and holds the decoder to what
/// it promises.
pub(crate) fn feed(decoder: &mut dyn Decoder, mut data: &[u8]) {
    let channels = usize::from(decoder.spec().channels);
    let mut samples = Vec::new();
    while let Some((length, rest)) = data.split_first_chunk() {
        let length = usize::from(u16::from_le_bytes(*length) & 0x7ff);
        let (packet, rest) = rest.split_at(length.min(rest.len()));
        data = rest;
        samples.clear();
        let promised = decoder.frames_in(packet);
        match decoder.decode(packet, &mut samples) {
            Ok(()) => {
                let frames = samples.len() / channels;
                assert_eq!(frames * channels, samples.len());
                assert!(frames <= MOST_FRAMES);
                assert!(promised.is_none_or(|promised| promised == frames));
            }
            Err(_) => assert!(samples.is_empty()),
        }
    }
}
