//! Dialogic's ADPCM ("VOX", OKI MSM6258): four bits a sample, the upper half of a byte first, of 12-bit
//! sound. After Dialogic's Application Note 00-1366-001.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a sample is clamped to 12 bits before it becomes one"
)]

use super::{Damaged, Decoder, PacketSize, SignalSpec};

/// Step sizes: each a tenth larger than the one before.
#[rustfmt::skip]
const STEPS: [i32; 49] = [
    16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118, 130, 143,
    157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963,
    1_060, 1_166, 1_282, 1_411, 1_552,
];

/// Decodes Dialogic's ADPCM.
#[derive(Clone, Debug)]
pub struct OkiDecoder {
    sample_rate: u32,
    /// The step's place in the table, and the last sample, of 12 bits.
    step: usize,
    sample: i32,
}

impl OkiDecoder {
    /// A decoder of sound at this rate: 8,000 or 6,000 Hz.
    pub fn new(sample_rate: u32) -> Self {
        Self { sample_rate, step: 0, sample: 0 }
    }

    fn sample(&mut self, code: u8) -> i16 {
        let magnitude = usize::from(code & 7);
        let difference = ((2 * i32::from(code & 7) + 1) * STEPS[self.step]) >> 3;
        let difference = if code & 8 == 0 { difference } else { -difference };
        self.sample = (self.sample + difference).clamp(-2_048, 2_047);
        self.step = match magnitude {
            0..4 => self.step.saturating_sub(1),
            _ => (self.step + 2 * (magnitude - 3)).min(STEPS.len() - 1),
        };
        (self.sample * 16) as i16
    }
}

impl Decoder for OkiDecoder {
    fn spec(&self) -> SignalSpec {
        SignalSpec { sample_rate: self.sample_rate, channels: 1 }
    }

    fn packet_size(&self) -> Option<PacketSize> {
        Some(PacketSize { bytes: 1, frames: 2 })
    }

    fn decode(&mut self, packet: &[u8], samples: &mut Vec<i16>) -> Result<(), Damaged> {
        samples.extend(
            packet.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|code| self.sample(code)),
        );
        Ok(())
    }

    fn reset(&mut self) {
        *self = Self::new(self.sample_rate);
    }
}
