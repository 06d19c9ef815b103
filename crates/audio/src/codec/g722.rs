//! G.722 (ITU-T, 09/2012), wideband speech at 64 kbit/s (mode 1): each byte holds two samples at
//! 16 kHz, six bits of the lower band and two of the higher. Bit-exact.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the standard computes in 16 bits; each value is limited to them first"
)]

use super::{Damaged, Decoder, PacketSize, SignalSpec};

/// The order of the predictor of zeros.
const ZEROS: usize = 6;

/// Taps of the receiving quadrature mirror filter, every second one (table 11).
const QMF: [i32; 12] = [3, -11, 12, 32, -210, 951, 3_876, -805, 362, -156, 53, -11];

/// The inverse quantizers (tables 18, 20 and 22).
#[rustfmt::skip]
const QM6: [i32; 64] = [
    -136, -136, -136, -136, -24_808, -21_904, -19_008, -16_704,
    -14_984, -13_512, -12_280, -11_192, -10_232, -9_360, -8_576, -7_856,
    -7_192, -6_576, -6_000, -5_456, -4_944, -4_464, -4_008, -3_576,
    -3_168, -2_776, -2_400, -2_032, -1_688, -1_360, -1_040, -728,
    24_808, 21_904, 19_008, 16_704, 14_984, 13_512, 12_280, 11_192,
    10_232, 9_360, 8_576, 7_856, 7_192, 6_576, 6_000, 5_456,
    4_944, 4_464, 4_008, 3_576, 3_168, 2_776, 2_400, 2_032,
    1_688, 1_360, 1_040, 728, 432, 136, -432, -136,
];
#[rustfmt::skip]
const QM4: [i32; 16] = [
    0, -20_456, -12_896, -8_968, -6_288, -4_240, -2_584, -1_200,
    20_456, 12_896, 8_968, 6_288, 4_240, 2_584, 1_200, 0,
];
const QM2: [i32; 4] = [-7_408, -1_616, 7_408, 1_616];

/// The logarithmic multipliers of the scale factors, by code (tables 14 and 17).
#[rustfmt::skip]
const WL: [i32; 16] = [
    -60, 3_042, 1_198, 538, 334, 172, 58, -30,
    3_042, 1_198, 538, 334, 172, 58, -30, -60,
];
const WH: [i32; 4] = [798, -214, 798, -214];

/// Powers of two, 32 to the octave (table 15).
#[rustfmt::skip]
const ILB: [i32; 32] = [
    2_048, 2_093, 2_139, 2_186, 2_233, 2_282, 2_332, 2_383,
    2_435, 2_489, 2_543, 2_599, 2_656, 2_714, 2_774, 2_834,
    2_896, 2_960, 3_025, 3_091, 3_158, 3_228, 3_298, 3_371,
    3_444, 3_520, 3_597, 3_676, 3_756, 3_838, 3_922, 4_008,
];

/// Decodes G.722 at 64 kbit/s.
#[derive(Clone, Debug)]
pub struct G722Decoder {
    low: Band,
    high: Band,
    /// Sums and differences of the two bands, the newest last.
    sums: [i32; 12],
    differences: [i32; 12],
}

impl G722Decoder {
    /// A decoder at the beginning of a stream.
    pub fn new() -> Self {
        Self { low: Band::new(32), high: Band::new(8), sums: [0; 12], differences: [0; 12] }
    }

    fn byte(&mut self, byte: u8) -> [i16; 2] {
        let code = usize::from(byte & 0x3f);
        let reduced = code >> 2;
        // The output has all six bits; what adapts has four, so that other modes adapt alike.
        let low = self.low.signal + ((self.low.scale * QM6[code]) >> 15);
        let low = low.clamp(-16_384, 16_383);
        let difference = (self.low.scale * QM4[reduced]) >> 15;
        self.low.adapt_scale(WL[reduced], 18_432, 8);
        self.low.adapt_predictor(difference);

        let code = usize::from(byte >> 6);
        let difference = (self.high.scale * QM2[code]) >> 15;
        let high = (self.high.signal + difference).clamp(-16_384, 16_383);
        self.high.adapt_scale(WH[code], 22_528, 10);
        self.high.adapt_predictor(difference);

        push(&mut self.sums, low + high);
        push(&mut self.differences, low - high);
        let first =
            self.differences.iter().zip(QMF.iter().rev()).map(|(x, tap)| x * tap).sum::<i32>();
        let second = self.sums.iter().zip(QMF).map(|(x, tap)| x * tap).sum::<i32>();
        [first, second].map(|value| saturated(value >> 11) as i16)
    }
}

impl Default for G722Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder for G722Decoder {
    fn spec(&self) -> SignalSpec {
        SignalSpec { sample_rate: 16_000, channels: 1 }
    }

    fn packet_size(&self) -> Option<PacketSize> {
        Some(PacketSize { bytes: 1, frames: 2 })
    }

    fn decode(&mut self, packet: &[u8], samples: &mut Vec<i16>) -> Result<(), Damaged> {
        samples.extend(packet.iter().flat_map(|&byte| self.byte(byte)));
        Ok(())
    }

    fn reset(&mut self) {
        *self = Self::new();
    }
}

/// The adaptive predictor and scale factor of one band (clause 6.2).
#[derive(Clone, Debug)]
struct Band {
    /// The predicted signal, and the part of it that the zeros give.
    signal: i32,
    zeros: i32,
    /// The scale factor, logarithmic and linear.
    log_scale: i32,
    scale: i32,
    poles: [i32; 2],
    /// The last two reconstructed signals and partially reconstructed signals.
    past: [i32; 2],
    partial: [i32; 2],
    weights: [i32; ZEROS],
    differences: [i32; ZEROS],
}

impl Band {
    fn new(scale: i32) -> Self {
        Self {
            signal: 0,
            zeros: 0,
            log_scale: 0,
            scale,
            poles: [0; 2],
            past: [0; 2],
            partial: [0; 2],
            weights: [0; ZEROS],
            differences: [0; ZEROS],
        }
    }

    /// Blocks LOGSCL and SCALEL of the lower band, LOGSCH and SCALEH of the higher.
    fn adapt_scale(&mut self, multiplier: i32, most: i32, octaves: i32) {
        self.log_scale = (((self.log_scale * 127) >> 7) + multiplier).clamp(0, most);
        let mantissa = ILB[(self.log_scale >> 6 & 31) as usize & 31];
        let shift = octaves - (self.log_scale >> 11);
        self.scale = if shift < 0 { mantissa << -shift } else { mantissa >> shift } << 2;
    }

    /// Blocks RECONS, PARREC, UPPOL1, UPPOL2, UPZERO, FILTEP, FILTEZ and PREDIC.
    fn adapt_predictor(&mut self, difference: i32) {
        let reconstructed = saturated(self.signal + difference);
        let partial = saturated(self.zeros + difference);
        let sign = |a: i32, b: i32| (a < 0) == (b < 0);
        let same = self.partial.map(|past| sign(past, partial));

        let first = saturated(self.poles[0] << 2);
        let first = if same[0] { saturated(-first) } else { first };
        let second =
            (first >> 7) + if same[1] { 128 } else { -128 } + ((self.poles[1] * 32_512) >> 15);
        let second = second.clamp(-12_288, 12_288);
        let most = saturated(15_360 - second);
        let first = if same[0] { 192 } else { -192 } + ((self.poles[0] * 32_640) >> 15);
        self.poles = [saturated(first).clamp(-most, most), second];

        let step = if difference == 0 { 0 } else { 128 };
        for (weight, past) in self.weights.iter_mut().zip(&self.differences) {
            let step = if sign(*past, difference) { step } else { -step };
            *weight = saturated(step + ((*weight * 32_640) >> 15));
        }
        push_front(&mut self.differences, difference);
        self.past = [reconstructed, self.past[0]];
        self.partial = [partial, self.partial[0]];

        let product = |(weight, value): (&i32, &i32)| (weight * saturated(2 * value)) >> 15;
        let poles = self.poles.iter().zip(&self.past).map(product).sum::<i32>();
        // From the oldest: the sum saturates on its way.
        let zeros = self.weights.iter().zip(&self.differences).rev();
        self.zeros = zeros.map(product).fold(0, |sum, value| saturated(sum + value));
        self.signal = saturated(saturated(poles) + self.zeros);
    }
}

fn push(delay: &mut [i32], value: i32) {
    delay.rotate_left(1);
    if let Some(last) = delay.last_mut() {
        *last = value;
    }
}

fn push_front(delay: &mut [i32], value: i32) {
    delay.rotate_right(1);
    delay[0] = value;
}

fn saturated(value: i32) -> i32 {
    value.clamp(i16::MIN.into(), i16::MAX.into())
}
