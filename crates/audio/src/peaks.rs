//! The waveform of a recording, as a player draws it. Pure, and as small for an hour as for
//! a day: where there are too many points, each two become one.

/// Points that a channel has at most: more than a wide screen has pixels, and with two channels
/// 32 kB. Long recordings have between half as many and this.
const MOST_POINTS: usize = 8_192;
/// Frames in the first points: an even number of frames that a short recording has many of.
const FEWEST_FRAMES: u32 = 16;
/// The header of the format.
const HEADER: usize = 24;
/// The version of the format that has channels.
const VERSION: i32 = 2;
/// Each number has 8 bits, not 16.
const IS_8_BIT: u32 = 1;

/// The lowest and the highest sample of some frames of a channel.
type Range = (i16, i16);
const NOTHING: Range = (i16::MAX, i16::MIN);

/// Takes a recording in, frame by frame.
#[derive(Debug)]
pub struct Peaks {
    channels: usize,
    /// A power of two times [`FEWEST_FRAMES`].
    frames_per_point: u32,
    /// Whole points, one of each channel in turn.
    points: Vec<Range>,
    /// The point that is being made, and how many frames are in it.
    next: Vec<Range>,
    frames_in_next: u32,
}

impl Peaks {
    /// Of a recording with so many channels; one or more.
    pub fn new(channels: usize) -> Self {
        Self {
            channels,
            frames_per_point: FEWEST_FRAMES,
            points: Vec::new(),
            next: vec![NOTHING; channels],
            frames_in_next: 0,
        }
    }

    /// Takes more of it, one sample of each channel in turn.
    pub fn add(&mut self, mut samples: &[i16]) {
        while samples.len() >= self.channels {
            let room = (self.frames_per_point - self.frames_in_next) as usize;
            let frames = room.min(samples.len() / self.channels);
            let (now, later) = samples.split_at(frames * self.channels);
            for (channel, range) in self.next.iter_mut().enumerate() {
                *range = widened(*range, now, channel, self.channels);
            }
            self.frames_in_next += u32::try_from(frames).unwrap_or(u32::MAX); // never more than `room`
            if self.frames_in_next == self.frames_per_point {
                self.finish_point();
            }
            samples = later;
        }
    }

    fn finish_point(&mut self) {
        self.points.append(&mut self.next);
        self.next.resize(self.channels, NOTHING);
        self.frames_in_next = 0;
        if self.points.len() == MOST_POINTS * self.channels {
            self.halve();
        }
    }

    /// Makes one of each two points.
    fn halve(&mut self) {
        let channels = self.channels;
        let merged = (0..self.points.len() / 2).map(|at| {
            let first = at / channels * 2 * channels + at % channels;
            merge(self.points[first], self.points[first + channels])
        });
        self.points = merged.collect();
        self.frames_per_point *= 2;
    }

    /// The waveform in audiowaveform's binary format, version 2, with 8 bits
    /// (<https://github.com/bbc/audiowaveform/blob/master/doc/DataFormat.md>): the header, then the
    /// lowest and the highest sample of each channel, point by point. Nothing of a recording
    /// without a sound. `rate` is in Hz.
    pub fn to_dat(mut self, rate: u32) -> Option<Vec<u8>> {
        if self.frames_in_next > 0 {
            self.points.append(&mut self.next);
        }
        let length = u32::try_from(self.points.len() / self.channels).ok()?;
        if length == 0 {
            return None;
        }
        let mut dat = Vec::with_capacity(HEADER + self.points.len() * 2);
        dat.extend(VERSION.to_le_bytes());
        dat.extend(IS_8_BIT.to_le_bytes());
        dat.extend(rate.to_le_bytes());
        dat.extend(self.frames_per_point.to_le_bytes());
        dat.extend(length.to_le_bytes());
        dat.extend(u32::try_from(self.channels).ok()?.to_le_bytes());
        dat.extend(
            self.points.iter().flat_map(|(low, high)| [eight_bits(*low), eight_bits(*high)]),
        );
        Some(dat)
    }
}

/// Whether these bytes are a waveform that [`Peaks::to_dat`] wrote, and all of it.
pub fn is_whole_dat(bytes: &[u8]) -> bool {
    let field = |at| super::bytes::le32(bytes, at).map(u64::from);
    let numbers = field(16).zip(field(20)).and_then(|(length, channels)| {
        (length.checked_mul(channels)?).checked_mul(2)?.checked_add(HEADER as u64)
    });
    bytes.starts_with(&VERSION.to_le_bytes())
        && field(4) == Some(u64::from(IS_8_BIT))
        && numbers == Some(bytes.len() as u64)
}

/// `range`, and all samples of this channel.
fn widened(range: Range, samples: &[i16], channel: usize, channels: usize) -> Range {
    let (mut low, mut high) = range;
    // Plain steps: this is the one loop that sees every sample.
    let mut at = channel;
    while at < samples.len() {
        let sample = samples[at];
        low = low.min(sample);
        high = high.max(sample);
        at += channels;
    }
    (low, high)
}

fn merge(one: Range, other: Range) -> Range {
    (one.0.min(other.0), one.1.max(other.1))
}

/// As audiowaveform does it: by division, so that almost silence is 0 on both sides.
fn eight_bits(sample: i16) -> u8 {
    i8::try_from(sample / 256).unwrap_or_default().to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn dat(channels: usize, samples: &[i16]) -> Vec<u8> {
        let mut peaks = Peaks::new(channels);
        peaks.add(samples);
        peaks.to_dat(8_000).unwrap()
    }

    fn field(dat: &[u8], at: usize) -> u32 {
        u32::from_le_bytes(dat[at..at + 4].try_into().unwrap())
    }

    #[test]
    fn a_short_recording_has_a_header_and_a_point_for_each_channel() {
        let dat = dat(2, &[256, -256, 512, 0, -32_768, 32_767]);
        assert_eq!(dat[..8], [2, 0, 0, 0, 1, 0, 0, 0]);
        let header = [8, 12, 16, 20].map(|at| field(&dat, at));
        assert_eq!(header, [8_000, FEWEST_FRAMES, 1, 2], "rate, frames a point, points, channels");
        let numbers: Vec<_> = dat[24..].iter().map(|byte| byte.cast_signed()).collect();
        assert_eq!(numbers, [-128, 2, -1, 127]);
    }

    #[test]
    fn a_long_recording_has_as_many_points_and_forgets_no_peak() {
        let mut samples = vec![0; 1 << 20];
        samples[700_001] = 25_600;
        let dat = dat(1, &samples);
        let [frames, points] = [12, 16].map(|at| field(&dat, at));
        assert_eq!((frames, points), (256, 4_096));
        assert_eq!(dat.len(), 24 + 2 * 4_096);
        let at = 24 + 2 * (700_001 / 256);
        assert_eq!(dat[at..at + 2], [0, 100]);
        assert!(dat[24..].iter().filter(|byte| **byte != 0).eq([&100]));
    }

    #[test]
    fn no_samples_give_no_waveform() {
        assert_eq!(Peaks::new(1).to_dat(8_000), None);
    }

    #[test]
    fn only_a_whole_file_is_a_waveform() {
        let whole = dat(2, &[1; 100]);
        assert!(is_whole_dat(&whole));
        for cut in 0..whole.len() {
            assert!(!is_whole_dat(&whole[..cut]), "{cut}");
        }
        assert!(!is_whole_dat(&vec![0; whole.len()]));
        assert!(!is_whole_dat(&[&whole[..16], &[0xff; 8], &whole[24..]].concat()));
    }

    proptest! {
        #[test]
        fn it_does_not_matter_in_which_pieces_it_comes(
            samples in prop::collection::vec(any::<i16>(), 2..5_000),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..9),
        ) {
            let samples = &samples[..samples.len() / 2 * 2];
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(samples.len() / 2) * 2).collect();
            cuts.sort_unstable();
            let mut peaks = Peaks::new(2);
            let mut from = 0;
            for cut in cuts.into_iter().chain([samples.len()]) {
                peaks.add(&samples[from..cut]);
                from = cut;
            }
            prop_assert_eq!(peaks.to_dat(8_000).unwrap(), dat(2, samples));
        }
    }
}
