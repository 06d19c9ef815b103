//! The waveform of a recording's sound, as the server's peaks tell it: what to draw, and which silences there are. Pure.

/// What comes before the numbers.
const HEADER: usize = 24;
/// The version of the format that has channels.
const VERSION: u32 = 2;
/// Each number has 8 bits, not 16.
const IS_8_BIT: u32 = 1;
/// The loudest sample that 8 bits have.
const LOUDEST: u8 = 127;
/// A recording is drawn as if its loudest sample were this at least: hiss must not look like speech.
const LEAST_LOUD: u8 = 16;
/// Below this share of the loudest sample nobody speaks: 24 dB below it.
const SILENT_SHARE: u8 = 16;
/// A shorter silence, in seconds, belongs to speech.
const SHORTEST_SILENCE: f64 = 1.2;
/// So much of a silence is reply at its begin and at its end, in seconds: words begin and end softly.
const MARGIN: f64 = 0.25;

/// A stretch of the recording, in seconds from its start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TimeSpan {
    pub(crate) from: f64,
    pub(crate) to: f64,
}

/// See the module. Times are in seconds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Waveform {
    channels: usize,
    /// How long a point lasts.
    point: f64,
    /// The magnitude of each point, the channels in turn; 0 to 127.
    levels: Vec<u8>,
    loudest: u8,
}

impl Waveform {
    /// Reads audiowaveform's binary format, version 2, with 8 bits
    /// (<https://github.com/bbc/audiowaveform/blob/master/doc/DataFormat.md>). Nothing where it is
    /// anything else, or not whole.
    pub(crate) fn parse(dat: &[u8]) -> Option<Self> {
        let field = |at: usize| {
            let bytes = dat.get(at..at + 4)?.try_into().ok()?;
            Some(u32::from_le_bytes(bytes))
        };
        let (rate, frames, points) = (field(8)?, field(12)?, field(16)? as usize);
        let channels = field(20)? as usize;
        let numbers = dat.get(HEADER..)?;
        let is_whole = points.checked_mul(channels)?.checked_mul(2)? == numbers.len();
        let is_ours = field(0)? == VERSION && field(4)? == IS_8_BIT;
        if !is_ours || !is_whole || rate == 0 || frames == 0 || numbers.is_empty() {
            return None;
        }
        let levels: Vec<u8> = numbers.as_chunks::<2>().0.iter().copied().map(level).collect();
        let loudest = levels.iter().copied().max().unwrap_or_default();
        Some(Self { channels, point: f64::from(frames) / f64::from(rate), levels, loudest })
    }

    /// Two for two channels; any other number of them is drawn as one.
    pub(crate) fn lanes(&self) -> usize {
        if self.channels == 2 { 2 } else { 1 }
    }

    fn points(&self) -> usize {
        self.levels.len() / self.channels
    }

    /// The share of the height, 0 to 1, of each of so many bars. As loud as the recording gets is 1.
    pub(crate) fn bars(&self, lane: usize, bars: usize) -> impl Iterator<Item = f64> {
        let top = f64::from(self.loudest.max(LEAST_LOUD));
        let points = self.points();
        let channels = if self.lanes() == 2 { lane..lane + 1 } else { 0..self.channels };
        (0..bars).map(move |bar| {
            let from = bar * points / bars;
            let to = ((bar + 1) * points / bars).max(from + 1).min(points);
            let of_point = |point| &self.levels[point * self.channels..][channels.clone()];
            let loudest = (from..to).flat_map(of_point).copied().max();
            f64::from(loudest.unwrap_or_default()) / top
        })
    }

    /// What can be passed over: where nobody speaks for long, on no channel.
    pub(crate) fn silences(&self) -> Vec<TimeSpan> {
        let silent = self.loudest / SILENT_SHARE;
        let mut silences = Vec::new();
        let mut began = None;
        let quiet =
            self.levels.chunks(self.channels).map(|levels| levels.iter().all(|l| *l <= silent));
        for (point, is_quiet) in quiet.chain([false]).enumerate() {
            match (is_quiet, began) {
                (true, None) => began = Some(point),
                (false, Some(from)) => {
                    began = None;
                    silences.extend(self.silence(from, point));
                }
                _ => {}
            }
        }
        silences
    }

    fn silence(&self, from: usize, to: usize) -> Option<TimeSpan> {
        #[expect(clippy::cast_precision_loss, reason = "some thousand points")]
        let (from, to) = (from as f64 * self.point, to as f64 * self.point);
        (to - from >= SHORTEST_SILENCE).then_some(TimeSpan { from: from + MARGIN, to: to - MARGIN })
    }
}

/// The magnitude of a point, from its lowest and its highest sample.
fn level([low, high]: [u8; 2]) -> u8 {
    let magnitude = |sample: u8| sample.cast_signed().unsigned_abs();
    magnitude(low).max(magnitude(high)).min(LOUDEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Eight points a second, given by their highest samples, the channels in turn.
    fn dat(channels: u32, highest: &[i8]) -> Vec<u8> {
        let points = u32::try_from(highest.len()).unwrap() / channels;
        let mut dat: Vec<u8> =
            [2, 1, 8000, 1000, points, channels].into_iter().flat_map(u32::to_le_bytes).collect();
        dat.extend(highest.iter().flat_map(|high| [-high, *high].map(i8::cast_unsigned)));
        dat
    }

    #[test]
    fn data_that_is_not_a_whole_waveform_is_rejected() {
        let whole = dat(2, &[1, 2, 3, 4]);
        assert!(Waveform::parse(&whole).is_some());
        for broken in [&whole[..whole.len() - 1], &whole[..20], &[], b"<!doctype html>, and so on"]
        {
            assert_eq!(Waveform::parse(broken), None);
        }
        for (field, value) in
            [(0, 1), (4, 0), (8, 0), (12, 0), (16, u32::MAX), (20, 0), (20, u32::MAX)]
        {
            let mut lying = whole.clone();
            lying[field..field + 4].copy_from_slice(&u32::to_le_bytes(value));
            assert_eq!(Waveform::parse(&lying), None, "{field}: {value}");
        }
    }

    #[test]
    fn a_bar_is_as_high_as_the_loudest_of_its_points() {
        let waveform = Waveform::parse(&dat(2, &[100, 0, 50, 0, 25, 10, 0, 20])).unwrap();
        let bars = |lane, bars| waveform.bars(lane, bars).collect::<Vec<_>>();
        assert_eq!(bars(0, 2), [1.0, 0.25]);
        assert_eq!(bars(1, 4), [0.0, 0.0, 0.1, 0.2]);
        assert_eq!(bars(0, 8), [1.0, 1.0, 0.5, 0.5, 0.25, 0.25, 0.0, 0.0]);
    }

    #[test]
    fn three_channels_are_drawn_as_one() {
        let waveform = Waveform::parse(&dat(3, &[10, 100, 20, 50, 0, 0])).unwrap();
        assert_eq!(waveform.lanes(), 1);
        assert_eq!(waveform.bars(0, 2).collect::<Vec<_>>(), [1.0, 0.5]);
    }

    #[test]
    fn hiss_alone_is_not_drawn_like_speech() {
        let waveform = Waveform::parse(&dat(1, &[1, 2, 1])).unwrap();
        assert!(waveform.bars(0, 3).all(|bar| bar <= 0.125));
    }

    #[test]
    fn a_silence_is_silent_on_every_channel_and_keeps_its_margins() {
        let mut samples = [[100, 1]; 8].to_vec();
        samples.extend([[2, 1]; 16]); // two seconds
        samples.extend([[2, 90]; 4]);
        samples.extend([[0, 0]; 8]); // a second: too short
        samples.extend([[90, 0]; 4]);
        let waveform = Waveform::parse(&dat(2, samples.as_flattened())).unwrap();
        assert_eq!(waveform.silences(), [TimeSpan { from: 1.25, to: 2.75 }]);
    }

    #[test]
    fn silence_at_the_end_is_one_too() {
        let mut samples = vec![100];
        samples.extend([0; 15]);
        let waveform = Waveform::parse(&dat(1, &samples)).unwrap();
        assert_eq!(waveform.silences(), [TimeSpan { from: 0.375, to: 1.75 }]);
    }
}
