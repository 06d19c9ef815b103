//! Opus (RFC 6716, with RFC 8251's changes) at 48 kHz, and its identification header (RFC 7845 5.1).
//! `rusty-opus` decodes.

#![allow(
    clippy::cast_possible_truncation,
    reason = "samples are clamped to 16 bits before they become them"
)]

use rusty_opus::{OpusDecoder as Single, multistream::OpusMSDecoder as Several};

use super::{Damaged, Decoder, SignalSpec};

/// Every decoder gives this rate, whatever was recorded (RFC 7845 5.1, 4).
const RATE: u16 = 48_000;
/// The longest packet has 120 ms (RFC 6716 3.2.5).
const MOST_FRAMES: usize = 5_760;

/// What an identification header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpusHead {
    /// Channels that come out, 1 to 8.
    pub channels: u8,
    /// Frames at 48 kHz to leave out at the beginning.
    pub pre_skip: u16,
    /// What the sound is amplified by, in 1/256 dB.
    pub output_gain: i16,
    /// Whether there are several streams (mapping family 1).
    is_multistream: bool,
}

impl OpusHead {
    /// Reads a header; `None` where it is none, or where channels are mapped in a way that nothing
    /// here decodes (families other than 0 and 1, and orders that are not family 1's own).
    pub fn read(header: &[u8]) -> Option<Self> {
        let fields: &[u8; 19] = header.first_chunk()?;
        let channels = fields[9];
        // Minor versions are compatible (RFC 7845 5.1, 2).
        if !fields.starts_with(b"OpusHead") || fields[8] > 15 {
            return None;
        }
        let is_multistream = match fields[18] {
            0 if (1..=2).contains(&channels) => false,
            1 if (1..=8).contains(&channels) => {
                let (streams, coupled, order) = FAMILY_1[usize::from(channels) - 1];
                let mapping = [&[streams, coupled][..], order].concat();
                if !header[19..].starts_with(&mapping) {
                    return None;
                }
                true
            }
            _ => return None,
        };
        Some(Self {
            channels,
            pre_skip: u16::from_le_bytes([fields[10], fields[11]]),
            output_gain: i16::from_le_bytes([fields[16], fields[17]]),
            is_multistream,
        })
    }
}

/// Family 1: streams, coupled streams, and each channel's place among what they decode to, in
/// Vorbis' order (RFC 7845 5.1.1.2).
#[rustfmt::skip]
const FAMILY_1: [(u8, u8, &[u8]); 8] = [
    (1, 0, &[0]),
    (1, 1, &[0, 1]),
    (2, 1, &[0, 2, 1]),
    (2, 2, &[0, 1, 2, 3]),
    (3, 2, &[0, 4, 1, 2, 3]),
    (4, 2, &[0, 4, 1, 2, 3, 5]),
    (4, 3, &[0, 4, 1, 2, 3, 5, 6]),
    (5, 3, &[0, 6, 1, 2, 3, 4, 5, 7]),
];

/// Decodes the packets of one Opus stream.
pub struct OpusDecoder {
    head: OpusHead,
    gain: f32,
    streams: Streams,
    /// Room for the longest packet.
    floats: Vec<f32>,
}

enum Streams {
    Single(Box<Single>),
    Several(Box<Several>),
}

impl OpusDecoder {
    /// A decoder of what this header introduces. Its gain is applied; its pre-skip is the caller's
    /// to leave out.
    #[expect(clippy::missing_panics_doc, reason = "it does not panic")]
    pub fn new(head: OpusHead) -> Self {
        let channels = usize::from(head.channels);
        let streams = if head.is_multistream {
            let several = Several::new(RATE.into(), channels, 1);
            Streams::Several(Box::new(several.expect("a header has 1 to 8 channels")))
        } else {
            let single = Single::new(RATE.into(), channels);
            Streams::Single(Box::new(single.expect("a header without mapping has 1 or 2 channels")))
        };
        let gain = 10_f32.powf(f32::from(head.output_gain) / (20.0 * 256.0));
        Self { head, gain, streams, floats: vec![0.0; MOST_FRAMES * channels] }
    }
}

impl Decoder for OpusDecoder {
    fn spec(&self) -> SignalSpec {
        SignalSpec { sample_rate: RATE.into(), channels: self.head.channels.into() }
    }

    fn frames_in(&self, packet: &[u8]) -> Option<usize> {
        Some(frames_in(packet).unwrap_or(0))
    }

    fn decode(&mut self, packet: &[u8], samples: &mut Vec<i16>) -> Result<(), Damaged> {
        // An empty packet would be concealed, and for as long as there is room.
        let expected = frames_in(packet).ok_or(Damaged)?;
        let frames = match &mut self.streams {
            Streams::Single(decoder) => decoder.decode(packet, MOST_FRAMES, &mut self.floats),
            Streams::Several(decoder) => decoder.decode(packet, MOST_FRAMES, &mut self.floats),
        };
        match frames {
            Ok(frames) if frames == expected => {}
            _ => return Err(Damaged),
        }
        let count = expected * usize::from(self.head.channels);
        let scale = 32_768.0 * self.gain;
        samples.extend(self.floats[..count].iter().map(|value| {
            (value * scale).round_ties_even().clamp(i16::MIN.into(), i16::MAX.into()) as i16
        }));
        Ok(())
    }

    fn reset(&mut self) {
        *self = Self::new(self.head);
    }
}

/// The frames at 48 kHz that a packet has, by its first bytes (RFC 6716 3.1 and 3.2); `None` where
/// no packet begins so.
fn frames_in(packet: &[u8]) -> Option<usize> {
    let toc = *packet.first()?;
    let frame = match toc >> 3 {
        config @ 0..12 => [480, 960, 1_920, 2_880][usize::from(config & 3)],
        config @ 12..16 => [480, 960][usize::from(config & 1)],
        config => [120, 240, 480, 960][usize::from(config & 3)],
    };
    let count = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => usize::from(packet.get(1)? & 63),
    };
    Some(count * frame).filter(|frames| (1..=MOST_FRAMES).contains(frames))
}
