//! Brings sound whose sample rate or channels change in the middle to one shape: linear
//! interpolation, which is enough for the seam of a telephone recording. Pure.

use crate::codec::SignalSpec;

/// Converts one run of sound of one shape.
pub(crate) struct Conform {
    from: SignalSpec,
    to: SignalSpec,
    /// Frames in the target's channels that are still needed.
    held: Vec<i16>,
    /// Which frame of the run `held` begins with.
    base: u64,
    /// Frames that came.
    seen: u64,
    /// Frames that were given.
    given: u64,
    mixed: Vec<i16>,
}

/// How many frames a run of `frames` becomes.
pub(crate) fn conformed(frames: u64, from: SignalSpec, to: SignalSpec) -> u64 {
    let all = u128::from(frames) * u128::from(to.sample_rate) / u128::from(from.sample_rate.max(1));
    u64::try_from(all).unwrap_or(u64::MAX)
}

impl Conform {
    pub(crate) fn new(from: SignalSpec, to: SignalSpec) -> Self {
        Self { from, to, held: Vec::new(), base: 0, seen: 0, given: 0, mixed: Vec::new() }
    }

    /// Converts more of the run, and appends what follows from it.
    pub(crate) fn push(&mut self, samples: &[i16], into: &mut Vec<i16>) {
        if self.from == self.to {
            into.extend_from_slice(samples);
            return;
        }
        let mut mixed = std::mem::take(&mut self.mixed);
        mixed.clear();
        mix(samples, self.from.channels.into(), self.to.channels.into(), &mut mixed);
        self.held.extend_from_slice(&mixed);
        self.mixed = mixed;
        self.seen += samples.len() as u64 / u64::from(self.from.channels.max(1));
        self.give(conformed(self.seen, self.from, self.to), false, into);
    }

    /// Ends the run of `frames` frames.
    pub(crate) fn finish(mut self, frames: u64, into: &mut Vec<i16>) {
        if self.from != self.to {
            self.give(conformed(frames, self.from, self.to), true, into);
        }
    }

    fn give(&mut self, most: u64, is_last: bool, into: &mut Vec<i16>) {
        let channels = usize::from(self.to.channels);
        let frames = self.held.len() / channels;
        let (from, to) = (u64::from(self.from.sample_rate), u64::from(self.to.sample_rate));
        if frames == 0 {
            return;
        }
        while self.given < most {
            let scaled = u128::from(self.given) * u128::from(from);
            let whole = u64::try_from(scaled / u128::from(to)).unwrap_or(u64::MAX);
            #[allow(clippy::cast_possible_truncation)] // less than a sample rate
            let part = (scaled % u128::from(to)) as i64;
            let at = usize::try_from(whole - self.base).unwrap_or(usize::MAX);
            if at + 1 >= frames && !is_last {
                break;
            }
            let (one, two) = (at.min(frames - 1), (at + 1).min(frames - 1));
            for channel in 0..channels {
                let one = i64::from(self.held[one * channels + channel]);
                let two = i64::from(self.held[two * channels + channel]);
                let value = one + (two - one) * part / i64::try_from(to).unwrap_or(1).max(1);
                into.push(i16::try_from(value).unwrap_or_default()); // between two samples
            }
            self.given += 1;
        }
        // What lies before the next frame to give is not needed again.
        let next = u128::from(self.given) * u128::from(from) / u128::from(to);
        let next = u64::try_from(next).unwrap_or(u64::MAX);
        let done = usize::try_from(next.saturating_sub(self.base)).unwrap_or(0).min(frames - 1);
        self.held.drain(..done * channels);
        self.base += done as u64;
    }
}

/// Mixes down to the mean, and up by repeating.
fn mix(samples: &[i16], from: usize, to: usize, into: &mut Vec<i16>) {
    for frame in samples.chunks_exact(from.max(1)) {
        if to == 1 {
            let sum: i32 = frame.iter().map(|sample| i32::from(*sample)).sum();
            let count = i32::try_from(frame.len()).unwrap_or(1).max(1);
            into.push(i16::try_from(sum / count).unwrap_or_default()); // a mean
        } else {
            into.extend((0..to).map(|channel| frame[channel.min(frame.len() - 1)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn conform(pieces: &[&[i16]], from: SignalSpec, to: SignalSpec) -> Vec<i16> {
        let mut conform = Conform::new(from, to);
        let mut out = Vec::new();
        let mut samples = 0;
        for piece in pieces {
            samples += piece.len();
            conform.push(piece, &mut out);
        }
        conform.finish((samples / usize::from(from.channels)) as u64, &mut out);
        out
    }

    #[test]
    fn a_rate_and_channels_are_converted() {
        let from = SignalSpec { sample_rate: 8_000, channels: 1 };
        let to = SignalSpec { sample_rate: 16_000, channels: 2 };
        assert_eq!(
            conform(&[&[0, 100], &[200]], from, to),
            [0, 0, 50, 50, 100, 100, 150, 150, 200, 200, 200, 200]
        );
        assert_eq!(conform(&[&[0, 0, 50, 50, 100, 100, 150, 151]], to, from), [0, 100]);
        assert_eq!(conform(&[&[1, 2]], from, from), [1, 2]);
    }

    proptest! {
        #[test]
        fn as_many_frames_come_out_as_are_counted(
            rates in (1_u32..50_000, 1_u32..50_000),
            pieces in prop::collection::vec(prop::collection::vec(any::<i16>(), 0..50), 0..5),
        ) {
            let from = SignalSpec { sample_rate: rates.0, channels: 1 };
            let to = SignalSpec { sample_rate: rates.1, channels: 1 };
            let frames: usize = pieces.iter().map(Vec::len).sum();
            let wanted = conformed(frames as u64, from, to);
            prop_assume!(wanted < 1 << 20);
            let pieces: Vec<&[i16]> = pieces.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(conform(&pieces, from, to).len() as u64, wanted);
        }
    }
}
