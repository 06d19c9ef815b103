//! G.726 (ITU-T, 12/1990): ADPCM at 16, 24, 32 and 40 kbit/s, two to five bits a sample at 8 kHz.
//! Bit-exact with the Recommendation's uniform output, 14 bits, here as the upper ones of 16.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "the standard computes in 16 bits; each value is limited to them first"
)]

use super::{
    Damaged, Decoder, PacketSize, SignalSpec,
    bits::{BitOrder, Bits},
};

/// How many bits a sample has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum G726Rate {
    /// 16 kbit/s: two bits a sample.
    Kbit16,
    /// 24 kbit/s: three bits a sample.
    Kbit24,
    /// 32 kbit/s: four bits a sample, as G.721 had.
    Kbit32,
    /// 40 kbit/s: five bits a sample.
    Kbit40,
}

impl G726Rate {
    /// The rate that has so many bits a sample.
    pub fn of_bits(bits: u16) -> Option<Self> {
        Some(match bits {
            2 => Self::Kbit16,
            3 => Self::Kbit24,
            4 => Self::Kbit32,
            5 => Self::Kbit40,
            _ => return None,
        })
    }

    /// Bits a sample.
    pub fn bits(self) -> u16 {
        match self {
            Self::Kbit16 => 2,
            Self::Kbit24 => 3,
            Self::Kbit32 => 4,
            Self::Kbit40 => 5,
        }
    }

    fn tables(self) -> &'static Tables {
        match self {
            Self::Kbit16 => &KBIT_16,
            Self::Kbit24 => &KBIT_24,
            Self::Kbit32 => &KBIT_32,
            Self::Kbit40 => &KBIT_40,
        }
    }
}

/// What a code means, by its magnitude: the code of a negative difference is the complement of its
/// opposite's.
struct Tables {
    /// The logarithm of the difference (tables 7 to 10); [`ZERO`] where it is none.
    log_difference: &'static [i32],
    /// The multiplier of the scale factor, W(I), times 32.
    scale: &'static [i32],
    /// The speed's function, F(I), times 512.
    speed: &'static [i32],
}

/// No difference, whatever the scale.
const ZERO: i32 = -2_048;

#[rustfmt::skip]
const KBIT_16: Tables = Tables {
    log_difference: &[116, 365],
    scale: &[-704, 14_048],
    speed: &[0, 0xe00],
};
#[rustfmt::skip]
const KBIT_24: Tables = Tables {
    log_difference: &[ZERO, 135, 273, 373],
    scale: &[-128, 960, 4_384, 18_624],
    speed: &[0, 0x200, 0x400, 0xe00],
};
#[rustfmt::skip]
const KBIT_32: Tables = Tables {
    log_difference: &[ZERO, 4, 135, 213, 273, 323, 373, 425],
    scale: &[-384, 576, 1_312, 2_048, 3_584, 6_336, 11_360, 35_904],
    speed: &[0, 0, 0, 0x200, 0x200, 0x200, 0x600, 0xe00],
};
#[rustfmt::skip]
const KBIT_40: Tables = Tables {
    log_difference: &[ZERO, -66, 28, 104, 169, 224, 274, 318, 358, 395, 429, 459, 488, 514, 539, 566],
    scale: &[
        448, 448, 768, 1_248, 1_280, 1_312, 1_856, 3_200,
        4_512, 5_728, 7_008, 8_960, 11_456, 14_080, 16_928, 22_272,
    ],
    speed: &[
        0, 0, 0, 0, 0, 0x200, 0x200, 0x200,
        0x200, 0x200, 0x400, 0x600, 0x800, 0xa00, 0xc00, 0xc00,
    ],
};

/// Decodes G.726.
#[derive(Clone, Debug)]
pub struct G726Decoder {
    rate: G726Rate,
    order: BitOrder,
    state: State,
}

impl G726Decoder {
    /// A decoder of codes packed in this order: RFC 3551 has the least significant bit first,
    /// ITU-T I.366.2 (AAL2) and WAVE the most significant.
    pub fn new(rate: G726Rate, order: BitOrder) -> Self {
        Self { rate, order, state: State::new() }
    }
}

impl Decoder for G726Decoder {
    fn spec(&self) -> SignalSpec {
        SignalSpec { sample_rate: 8_000, channels: 1 }
    }

    fn packet_size(&self) -> Option<PacketSize> {
        Some(PacketSize { bytes: self.rate.bits().into(), frames: 8 })
    }

    /// Of a packet that ends within eight codes, as many as are whole.
    fn frames_in(&self, packet: &[u8]) -> Option<usize> {
        Some(packet.len() * 8 / usize::from(self.rate.bits()))
    }

    fn decode(&mut self, packet: &[u8], samples: &mut Vec<i16>) -> Result<(), Damaged> {
        let mut bits = Bits::new(packet, self.order);
        let count = self.frames_in(packet).unwrap_or(0);
        samples.extend(
            (0..count).map(|_| self.state.sample(self.rate, bits.take(self.rate.bits().into()))),
        );
        Ok(())
    }

    fn reset(&mut self) {
        self.state = State::new();
    }
}

/// A number as the predictor multiplies it: sign, exponent, and six bits of mantissa (4.2.6, FLOAT).
#[derive(Clone, Copy, Debug)]
struct Float {
    negative: bool,
    exponent: i32,
    mantissa: i32,
}

impl Float {
    const ZERO: Self = Self { negative: false, exponent: 0, mantissa: 32 };

    fn of(negative: bool, magnitude: i32) -> Self {
        let exponent = length(magnitude);
        let mantissa = if magnitude == 0 { 32 } else { (magnitude << 6) >> exponent };
        Self { negative, exponent, mantissa }
    }

    /// The product with a coefficient (FMULT).
    fn times(self, coefficient: i32) -> i32 {
        let coefficient = coefficient >> 2;
        let magnitude = if coefficient > 0 { coefficient } else { -coefficient & 0x1fff };
        let own = Self::of(false, magnitude);
        let exponent = own.exponent + self.exponent;
        let mantissa = (own.mantissa * self.mantissa + 48) >> 4;
        let product = if exponent > 26 {
            (mantissa << 7 << (exponent - 26)) & 0x7fff
        } else {
            (mantissa << 7) >> (26 - exponent)
        };
        if self.negative == (coefficient < 0) { product } else { -product }
    }
}

/// The bits that a number needs.
fn length(magnitude: i32) -> i32 {
    (i32::BITS - magnitude.leading_zeros()) as i32
}

/// What a decoder remembers between samples; the names of the Recommendation beside each.
#[derive(Clone, Debug)]
struct State {
    /// The scale factor, fast (YU) and slow (YL).
    fast_scale: i32,
    slow_scale: i32,
    /// The speed's averages, short (DMS) and long (DML), and the speed (AP).
    short_average: i32,
    long_average: i32,
    speed: i32,
    /// Coefficients of the two poles (A) and six zeros (B).
    poles: [i32; 2],
    zeros: [i32; 6],
    /// Past reconstructed signals (SR) and differences (DQ).
    signals: [Float; 2],
    differences: [Float; 6],
    /// The signs of past partial signals (PK).
    negative: [bool; 2],
    /// Whether a tone, as of a modem, is coming (TD).
    tone: bool,
}

impl State {
    fn new() -> Self {
        Self {
            fast_scale: 544,
            slow_scale: 34_816,
            short_average: 0,
            long_average: 0,
            speed: 0,
            poles: [0; 2],
            zeros: [0; 6],
            signals: [Float::ZERO; 2],
            differences: [Float::ZERO; 6],
            negative: [false; 2],
            tone: false,
        }
    }

    fn sample(&mut self, rate: G726Rate, code: u16) -> i16 {
        let bits = rate.bits();
        let tables = rate.tables();
        let negative = code >> (bits - 1) & 1 == 1;
        let magnitude = usize::from(if negative { !code } else { code } & ((1 << (bits - 1)) - 1));

        let from_zeros: i32 =
            self.differences.iter().zip(self.zeros).map(|(value, b)| value.times(b)).sum();
        let from_poles: i32 =
            self.signals.iter().zip(self.poles).map(|(value, a)| value.times(a)).sum();
        let estimate = wrapped(from_zeros + from_poles) >> 1;
        let from_zeros = wrapped(from_zeros) >> 1;

        let scale = self.scale();
        let difference = difference(tables.log_difference[magnitude], scale);
        let signed = if negative { -difference } else { difference };
        let signal = wrapped(estimate + signed);
        let partial = wrapped(from_zeros + signed);

        self.update(
            rate,
            &Sample {
                scale,
                multiplier: tables.scale[magnitude],
                speed: tables.speed[magnitude],
                negative,
                difference,
                signal,
                partial,
            },
        );
        (signal * 4).clamp(i16::MIN.into(), i16::MAX.into()) as i16
    }

    /// The scale factor that is in force (MIX).
    fn scale(&self) -> i32 {
        if self.speed >= 256 {
            return self.fast_scale;
        }
        let slow = self.slow_scale >> 6;
        let between = self.fast_scale - slow;
        // Toward zero, for both signs.
        slow + between.signum() * ((between.abs() * (self.speed >> 2)) >> 6)
    }

    fn update(&mut self, rate: G726Rate, new: &Sample) {
        // TRANS: a jump of the signal while a tone was there.
        let whole = self.slow_scale >> 15;
        let threshold =
            if whole > 9 { 31 << 10 } else { (32 + (self.slow_scale >> 10 & 31)) << whole };
        let transition = self.tone && new.difference > (threshold + (threshold >> 1)) >> 1;

        // FILTD, LIMB, FILTE.
        let fast = new.scale + ((new.multiplier - new.scale) >> 5);
        self.fast_scale = fast.clamp(544, 5_120);
        self.slow_scale += self.fast_scale + (-self.slow_scale >> 6);

        if transition {
            self.poles = [0; 2];
            self.zeros = [0; 6];
        } else {
            self.adapt_poles(new.partial);
            self.adapt_zeros(rate, new);
        }
        self.differences.rotate_right(1);
        self.differences[0] = Float::of(new.negative, new.difference);
        self.signals[1] = self.signals[0];
        self.signals[0] = Float::of(new.signal < 0, new.signal.abs() & 0x7fff);
        self.negative = [new.partial < 0, self.negative[0]];

        self.tone = !transition && self.poles[1] < -11_776;
        self.short_average += (new.speed - self.short_average) >> 5;
        self.long_average += ((new.speed << 2) - self.long_average) >> 7;
        let changing =
            ((self.short_average << 2) - self.long_average).abs() >= self.long_average >> 3;
        if transition {
            self.speed = 256;
        } else if new.scale < 1_536 || self.tone || changing {
            self.speed += (0x200 - self.speed) >> 4;
        } else {
            self.speed += -self.speed >> 4;
        }
    }

    /// UPA2, LIMC, UPA1, LIMD.
    fn adapt_poles(&mut self, partial: i32) {
        let negative = partial < 0;
        let first_differs = negative != self.negative[0];
        let second_differs = negative != self.negative[1];
        let mut second = self.poles[1] - (self.poles[1] >> 7);
        if partial != 0 {
            let first = if first_differs { self.poles[0] } else { -self.poles[0] };
            second += match first {
                ..-8_191 => -0x100,
                8_192.. => 0xff,
                _ => first >> 5,
            };
            second += if second_differs { -0x80 } else { 0x80 };
            second = second.clamp(-12_288, 12_288);
        }
        let mut first = self.poles[0] - (self.poles[0] >> 8);
        if partial != 0 {
            first += if first_differs { -192 } else { 192 };
        }
        let most = 15_360 - second;
        self.poles = [first.clamp(-most, most), second];
    }

    /// UPB.
    fn adapt_zeros(&mut self, rate: G726Rate, new: &Sample) {
        let leak = if rate == G726Rate::Kbit40 { 9 } else { 8 };
        for (zero, past) in self.zeros.iter_mut().zip(&self.differences) {
            let step = match (new.difference, past.negative == new.negative) {
                (0, _) => 0,
                (_, true) => 128,
                (_, false) => -128,
            };
            // At 40 kbit/s the leak lets coefficients grow beyond 16 bits, where they wrap.
            *zero = wrapped(*zero - (*zero >> leak) + step);
        }
    }
}

/// What a sample adapts the decoder with.
struct Sample {
    scale: i32,
    multiplier: i32,
    speed: i32,
    negative: bool,
    /// The magnitude of the quantized difference.
    difference: i32,
    signal: i32,
    partial: i32,
}

/// The quantized difference's magnitude (RECONST, ADDA, ANTILOG).
fn difference(logarithm: i32, scale: i32) -> i32 {
    let logarithm = logarithm + (scale >> 2);
    if logarithm < 0 {
        return 0;
    }
    let exponent = logarithm >> 7 & 15;
    let mantissa = 128 + (logarithm & 127);
    (mantissa << 7) >> (14 - exponent).max(0)
}

/// As 16 bits wrap.
fn wrapped(value: i32) -> i32 {
    (value as i16).into()
}
