//! GSM full rate speech (ETSI EN 300 961, GSM 06.10), 13 kbit/s: 260 bits for 160 samples at 8 kHz.
//! Bit-exact. The decoder reads both packings in use: the 33-byte frames of headless files and RTP
//! (RFC 3551 4.5.8), and the 65 bytes for two frames that Microsoft's WAVE format 0x31 has.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "the standard computes in 16 bits; each product and sum is saturated to them first"
)]

use super::{
    Damaged, Decoder, PacketSize, SignalSpec,
    bits::{BitOrder, Bits},
};

/// Samples of a frame.
const FRAME: usize = 160;
/// Samples of a subframe.
const SUBFRAME: usize = 40;
/// How far the long-term predictor looks back, in samples.
const HISTORY: usize = 120;
/// Order of the short-term predictor.
const ORDER: usize = 8;
/// Pulses of a subframe.
const PULSES: usize = 13;
/// The first four bits of a 33-byte frame.
const SIGNATURE: u16 = 0xd;

/// Widths of the coded log-area ratios (table 1.1).
const LAR_BITS: [u32; ORDER] = [6, 6, 5, 5, 4, 4, 3, 3];
/// Table 4.1: least coded value, offset and reciprocal slope of each log-area ratio.
const LAR_MIN: [i16; ORDER] = [-32, -32, -16, -16, -8, -8, -4, -4];
const LAR_B: [i16; ORDER] = [0, 0, 2_048, -2_560, 94, -1_792, -341, -1_144];
const LAR_INV_A: [i16; ORDER] = [13_107, 13_107, 13_107, 13_107, 19_223, 17_476, 31_454, 29_708];
/// Table 4.3b: gains of the long-term predictor.
const LTP_GAIN: [i16; 4] = [3_277, 11_469, 21_299, 32_767];
/// Table 4.6: the normalised direct mantissa.
const MANTISSA: [i16; 8] = [18_431, 20_479, 22_527, 24_575, 26_623, 28_671, 30_719, 32_767];
/// The factor of the de-emphasis.
const DEEMPHASIS: i16 = 28_180;

/// How frames are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GsmPacking {
    /// 33 bytes a frame, the first four bits 0xd.
    Headless,
    /// 65 bytes for two frames, without a signature: WAVE format 0x31, "WAV49".
    Wav49,
}

/// Decodes GSM full rate speech.
#[derive(Clone, Debug)]
pub struct GsmDecoder {
    packing: GsmPacking,
    synthesis: Synthesis,
}

impl GsmDecoder {
    /// A decoder of frames packed in this way.
    pub fn new(packing: GsmPacking) -> Self {
        Self { packing, synthesis: Synthesis::new() }
    }
}

impl Decoder for GsmDecoder {
    fn spec(&self) -> SignalSpec {
        SignalSpec { sample_rate: 8_000, channels: 1 }
    }

    fn packet_size(&self) -> Option<PacketSize> {
        Some(match self.packing {
            GsmPacking::Headless => PacketSize { bytes: 33, frames: FRAME },
            GsmPacking::Wav49 => PacketSize { bytes: 65, frames: 2 * FRAME },
        })
    }

    /// A 33-byte frame without its signature is silent; only where all of `packet` is so, it is
    /// damaged.
    fn decode(&mut self, packet: &[u8], samples: &mut Vec<i16>) -> Result<(), Damaged> {
        match self.packing {
            GsmPacking::Wav49 => {
                let (pairs, []) = packet.as_chunks::<65>() else { return Err(Damaged) };
                for pair in pairs {
                    let mut bits = Bits::new(pair, BitOrder::LeastSignificantFirst);
                    for _ in 0..2 {
                        samples.extend(self.synthesis.frame(&mut bits));
                    }
                }
            }
            GsmPacking::Headless => {
                let (frames, []) = packet.as_chunks::<33>() else { return Err(Damaged) };
                if !frames.is_empty() && frames.iter().all(|frame| !is_signed(frame)) {
                    return Err(Damaged);
                }
                for frame in frames {
                    if !is_signed(frame) {
                        samples.extend([0; FRAME]);
                        continue;
                    }
                    let mut bits = Bits::new(frame, BitOrder::MostSignificantFirst);
                    bits.take(4);
                    samples.extend(self.synthesis.frame(&mut bits));
                }
            }
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.synthesis = Synthesis::new();
    }
}

fn is_signed(frame: &[u8; 33]) -> bool {
    u16::from(frame[0] >> 4) == SIGNATURE
}

/// What a decoder remembers between frames (EN 300 961, 5.3).
#[derive(Clone, Debug)]
struct Synthesis {
    /// The reconstructed short-term residual: the past, and room for one subframe.
    residual: [i16; HISTORY + SUBFRAME],
    last_lag: usize,
    last_lars: [i16; ORDER],
    /// The lattice filter's memory.
    lattice: [i16; ORDER + 1],
    emphasis: i16,
}

impl Synthesis {
    fn new() -> Self {
        Self {
            residual: [0; HISTORY + SUBFRAME],
            last_lag: SUBFRAME,
            last_lars: [0; ORDER],
            lattice: [0; ORDER + 1],
            emphasis: 0,
        }
    }

    fn frame(&mut self, bits: &mut Bits<'_>) -> [i16; FRAME] {
        let coded = LAR_BITS.map(|width| bits.take(width));
        let lars = std::array::from_fn(|i| {
            let value = add(coded[i] as i16, LAR_MIN[i]) << 10;
            let value = mult_r(LAR_INV_A[i], sub(value, LAR_B[i] << 1));
            add(value, value)
        });
        let mut samples = [0; FRAME];
        for part in samples.as_chunks_mut::<SUBFRAME>().0 {
            *part = self.excitation(bits);
        }
        self.short_term(&lars, &mut samples);
        self.last_lars = lars;
        for sample in &mut samples {
            self.emphasis = add(*sample, mult_r(self.emphasis, DEEMPHASIS));
            *sample = add(self.emphasis, self.emphasis) & !7;
        }
        samples
    }

    /// One subframe of the residual: regular pulses on top of what the long-term predictor gives
    /// (5.3.1 and 5.3.2).
    fn excitation(&mut self, bits: &mut Bits<'_>) -> [i16; SUBFRAME] {
        let lag = usize::from(bits.take(7));
        let gain = LTP_GAIN[usize::from(bits.take(2))];
        let grid = usize::from(bits.take(2));
        let (exponent, mantissa) = exponent_and_mantissa(bits.take(6));
        let mut pulses = [0; SUBFRAME];
        for pulse in pulses[grid..].iter_mut().step_by(3).take(PULSES) {
            *pulse = dequantized(bits.take(3), exponent, mantissa);
        }
        if (SUBFRAME..=HISTORY).contains(&lag) {
            self.last_lag = lag;
        }
        for (i, pulse) in pulses.iter().enumerate() {
            let past = self.residual[HISTORY + i - self.last_lag];
            self.residual[HISTORY + i] = add(*pulse, mult_r(gain, past));
        }
        let subframe = std::array::from_fn(|i| self.residual[HISTORY + i]);
        self.residual.copy_within(SUBFRAME.., 0);
        subframe
    }

    /// The lattice filter, its coefficients interpolated from the last frame's at the beginning of
    /// this one (5.3.3 and 5.2.9).
    fn short_term(&mut self, lars: &[i16; ORDER], samples: &mut [i16; FRAME]) {
        let last = self.last_lars;
        let mix = |weigh: fn(i16, i16) -> i16| {
            std::array::from_fn(|i| reflection(weigh(last[i], lars[i])))
        };
        let parts: [(usize, [i16; ORDER]); 4] = [
            (13, mix(|old, new| add(add(old >> 2, new >> 2), old >> 1))),
            (27, mix(|old, new| add(old >> 1, new >> 1))),
            (40, mix(|old, new| add(add(old >> 2, new >> 2), new >> 1))),
            (FRAME, mix(|_, new| new)),
        ];
        let mut start = 0;
        for (end, coefficients) in parts {
            for sample in &mut samples[start..end] {
                let mut value = *sample;
                for i in (0..ORDER).rev() {
                    value = sub(value, mult_r(coefficients[i], self.lattice[i]));
                    self.lattice[i + 1] = add(self.lattice[i], mult_r(coefficients[i], value));
                }
                self.lattice[0] = value;
                *sample = value;
            }
            start = end;
        }
    }
}

/// A log-area ratio as a reflection coefficient (5.2.9.2).
fn reflection(lar: i16) -> i16 {
    let magnitude = lar.saturating_abs();
    let value = match magnitude {
        ..11_059 => magnitude << 1,
        11_059..20_070 => magnitude + 11_059,
        20_070.. => add(magnitude >> 2, 26_112),
    };
    if lar < 0 { -value } else { value }
}

/// The block's amplitude, decoded (5.3.1; table 4.5).
fn exponent_and_mantissa(coded: u16) -> (i32, usize) {
    let coded = i32::from(coded);
    let mut exponent = if coded > 15 { (coded >> 3) - 1 } else { 0 };
    let mut mantissa = coded - (exponent << 3);
    if mantissa == 0 {
        return (-4, 7);
    }
    while mantissa <= 7 {
        mantissa = mantissa << 1 | 1;
        exponent -= 1;
    }
    (exponent, (mantissa - 8) as usize)
}

/// One pulse (5.3.1, APCM inverse quantization).
fn dequantized(coded: u16, exponent: i32, mantissa: usize) -> i16 {
    let shift = 6 - exponent; // 0 to 10
    let rounding = if shift == 0 { 0 } else { 1 << (shift - 1) };
    let value = (((coded << 1) as i16) - 7) << 12;
    add(mult_r(MANTISSA[mantissa], value), rounding) >> shift
}

fn add(a: i16, b: i16) -> i16 {
    a.saturating_add(b)
}

fn sub(a: i16, b: i16) -> i16 {
    a.saturating_sub(b)
}

/// The rounded product of two fractions.
fn mult_r(a: i16, b: i16) -> i16 {
    let product = (i32::from(a) * i32::from(b) + 16_384) >> 15;
    product.min(i16::MAX.into()) as i16
}
