//! A recording's waveform, read from the server's peaks: the SVG paths to draw, and the silences to skip. Pure.

use std::fmt::Write as _;

/// The length of the header in bytes.
const HEADER: usize = 24;
/// The version of the format that has channels.
const VERSION: u32 = 2;
/// The flag for samples of 8 bits; without it they have 16.
const IS_8_BIT: u32 = 1;
/// The largest magnitude of an 8-bit sample.
const LOUDEST: u8 = 127;
/// The least peak that fills the height: a recording of hiss alone must not look like speech.
const LEAST_LOUD: u8 = 16;
/// Silence is below the loudest sample divided by this: 24 dB below it.
const SILENT_SHARE: u8 = 16;
/// The shortest silence that can be skipped, in seconds.
const SHORTEST_SILENCE: f64 = 1.2;
/// The seconds of a silence that are played at each of its ends: words begin and end softly.
const MARGIN: f64 = 0.25;

/// The number of bars of a drawn waveform.
const BARS: usize = 200;
/// The width of a bar and the gap to the next, in units of the drawing: it is `BARS * STEP` wide.
const STEP: usize = 3;
/// The height of the drawing, in its units. Each of two lanes has half of it.
const HEIGHT: u32 = 200;
/// The share of a lane's height that the loudest bar fills.
const FILL: f64 = 0.92;
/// The least height of a bar: silence is a thin line.
const LEAST_HEIGHT: u32 = 2;

/// A stretch of the recording, in seconds from its start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TimeSpan {
    pub(crate) from: f64,
    pub(crate) to: f64,
}

/// A waveform of one or more channels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Waveform {
    channels: usize,
    /// Seconds that one point covers.
    point: f64,
    /// The magnitude of each point, channels interleaved; 0 to 127.
    levels: Vec<u8>,
    loudest: u8,
}

impl Waveform {
    /// Reads audiowaveform's binary format, version 2, with 8 bits
    /// (<https://github.com/bbc/audiowaveform/blob/master/doc/DataFormat.md>). `None` for any other
    /// data, or where some is missing.
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

    /// The SVG path of a lane: a vertical line for each bar, to be stroked 2 units wide. The second
    /// lane of a waveform that has one lane is empty.
    pub(crate) fn path(&self, lane: usize) -> String {
        let mut path = String::new();
        if lane >= self.lanes() {
            return path;
        }
        let lane_height = if self.lanes() == 2 { HEIGHT / 2 } else { HEIGHT };
        let middle = lane_height / 2 + if lane == 0 { 0 } else { lane_height };
        for (index, bar) in self.bars(lane, BARS).enumerate() {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between 0 and the lane's height"
            )]
            let height = ((bar * FILL * f64::from(lane_height)) as u32).max(LEAST_HEIGHT);
            let (left, top) = (index * STEP + 1, middle - height / 2);
            // Writing to a string can't fail.
            let _ = write!(path, "M{left} {top}v{height}");
        }
        path
    }

    /// The height of each of `bars` bars, 0 to 1; the loudest of the recording is 1.
    fn bars(&self, lane: usize, bars: usize) -> impl Iterator<Item = f64> {
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

    /// The silences that can be skipped: silent on every channel, and long enough.
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

/// Writes silences as `read_silences` reads them: pairs of milliseconds, `1250-2750 8000-9500`.
#[cfg(any(feature = "ssr", test))]
pub(crate) fn write_silences(silences: &[TimeSpan]) -> String {
    let millis = |seconds: f64| format!("{:.0}", seconds * 1000.0);
    let pairs = silences.iter().map(|it| format!("{}-{}", millis(it.from), millis(it.to)));
    pairs.collect::<Vec<_>>().join(" ")
}

/// Reads what [`write_silences`] wrote; skips what it can't read.
#[cfg(any(feature = "hydrate", test))]
pub(crate) fn read_silences(text: &str) -> Vec<TimeSpan> {
    let seconds = |millis: &str| Some(f64::from(millis.parse::<u32>().ok()?) / 1000.0);
    text.split(' ')
        .filter_map(|pair| {
            let (from, to) = pair.split_once('-')?;
            Some(TimeSpan { from: seconds(from)?, to: seconds(to)? })
        })
        .collect()
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
    fn each_lane_has_a_path_of_one_line_a_bar() {
        let waveform = Waveform::parse(&dat(2, &[100, 0, 50, 0])).unwrap();
        let (first, second) = (waveform.path(0), waveform.path(1));
        assert!(first.starts_with("M1 4v92M4 4v92"), "{first}");
        assert!(first.ends_with("M598 27v46"), "{first}");
        assert!(second.starts_with("M1 149v2M4 149v2"), "{second}");
        assert_eq!(first.matches('M').count(), BARS);
        let mono = Waveform::parse(&dat(1, &[100])).unwrap();
        assert!(mono.path(0).starts_with("M1 8v184"));
        assert_eq!(mono.path(1), "");
    }

    #[test]
    fn silences_are_read_as_they_were_written() {
        let silences = [TimeSpan { from: 1.25, to: 2.75 }, TimeSpan { from: 8.0, to: 9.5 }];
        assert_eq!(write_silences(&silences), "1250-2750 8000-9500");
        assert_eq!(read_silences("1250-2750 8000-9500"), silences);
        assert_eq!(read_silences(""), []);
        assert_eq!(read_silences("x 1-y 5"), []);
    }

    #[test]
    fn three_channels_are_drawn_as_one() {
        let waveform = Waveform::parse(&dat(3, &[10, 100, 20, 50, 0, 0])).unwrap();
        assert_eq!(waveform.lanes(), 1);
        assert_eq!(waveform.bars(0, 2).collect::<Vec<_>>(), [1.0, 0.5]);
    }

    #[test]
    fn hiss_alone_stays_low() {
        let waveform = Waveform::parse(&dat(1, &[1, 2, 1])).unwrap();
        assert!(waveform.bars(0, 3).all(|bar| bar <= 0.125));
    }

    #[test]
    fn a_silence_covers_every_channel_and_keeps_its_margins() {
        let mut samples = [[100, 1]; 8].to_vec();
        samples.extend([[2, 1]; 16]); // two seconds
        samples.extend([[2, 90]; 4]);
        samples.extend([[0, 0]; 8]); // a second: too short
        samples.extend([[90, 0]; 4]);
        let waveform = Waveform::parse(&dat(2, samples.as_flattened())).unwrap();
        assert_eq!(waveform.silences(), [TimeSpan { from: 1.25, to: 2.75 }]);
    }

    #[test]
    fn silence_at_the_end_counts() {
        let mut samples = vec![100];
        samples.extend([0; 15]);
        let waveform = Waveform::parse(&dat(1, &samples)).unwrap();
        assert_eq!(waveform.silences(), [TimeSpan { from: 0.375, to: 1.75 }]);
    }
}
