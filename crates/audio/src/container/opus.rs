//! What containers tell of Opus (RFC 7845; "Encapsulation of Opus in ISO Base Media File Format").

use crate::codec::{Decoder, OpusDecoder, OpusHead};

/// Every decoder gives this rate, in Hz.
pub(crate) const RATE: u32 = 48_000;

/// Frames of each configuration, in 1/48 ms (RFC 6716, table 2).
const CONFIGURATIONS: [u64; 32] = [
    480, 960, 1_920, 2_880, 480, 960, 1_920, 2_880, 480, 960, 1_920, 2_880, 480, 960, 480, 960,
    120, 240, 480, 960, 120, 240, 480, 960, 120, 240, 480, 960, 120, 240, 480, 960,
];

/// How many frames a packet has, from its first bytes (RFC 6716, 3.1).
pub(crate) fn frames(packet: &[u8]) -> u64 {
    let Some(first) = packet.first() else { return 0 };
    let count = match first & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => packet.get(1).map_or(0, |byte| u64::from(byte & 63)),
    };
    let frames = count * CONFIGURATIONS[usize::from(first >> 3)];
    if frames <= 5_760 { frames } else { 0 }
}

/// A decoder for the stream that this `OpusHead` introduces.
pub(crate) fn decoder(head: &[u8]) -> Option<Box<dyn Decoder>> {
    Some(Box::new(OpusDecoder::new(OpusHead::read(head)?)))
}

/// A decoder for a stream of MPEG-4, whose `dOps` box says the same in big-endian order.
pub(crate) fn decoder_of_dops(config: &[u8]) -> Option<Box<dyn Decoder>> {
    let fixed = config.get(..11)?;
    let mut head = b"OpusHead\x01".to_vec();
    head.push(fixed[1]);
    head.extend([fixed[3], fixed[2], fixed[7], fixed[6], fixed[5], fixed[4], fixed[9], fixed[8]]);
    head.extend(&config[10..]);
    decoder(&head)
}
