//! Measures decoded sound from its beginning to its end: its length and its waveform. Holds no
//! samples.

use crate::{AnalysisError, codec::SignalSpec, peaks::Peaks};

/// The most channels a recording may have; each costs memory.
pub(crate) const MOST_CHANNELS: u16 = 16;
/// The highest sample rate, in Hz.
pub(crate) const HIGHEST_RATE: u32 = 192_000;
/// The longest recording: two days, more than 2 GiB of telephone PCM hold. A few megabytes of
/// packed silence could claim years.
pub(crate) const MOST_SECONDS: u64 = 48 * 60 * 60;

/// Checks what a head claims.
pub(crate) fn check(spec: SignalSpec) -> Result<SignalSpec, AnalysisError> {
    let SignalSpec { sample_rate, channels } = spec;
    if channels == 0 || channels > MOST_CHANNELS {
        return Err(AnalysisError::Rejected(format!("the recording claims {channels} channels")));
    }
    if sample_rate == 0 || sample_rate > HIGHEST_RATE {
        let what = format!("the recording claims {sample_rate} samples a second");
        return Err(AnalysisError::Rejected(what));
    }
    Ok(spec)
}

/// Takes sound in, and knows its length and its waveform.
pub(crate) struct Analyzer {
    spec: SignalSpec,
    peaks: Peaks,
    frames: u64,
    /// Frames of silence that stand in for damaged parts.
    damaged: u64,
}

/// What was measured.
pub(crate) struct Measured {
    pub(crate) spec: SignalSpec,
    pub(crate) frames: u64,
    pub(crate) damaged: u64,
    pub(crate) peaks: Option<Vec<u8>>,
}

impl Measured {
    pub(crate) fn seconds(&self) -> f64 {
        seconds(self.frames, self.spec.sample_rate)
    }
}

impl Analyzer {
    /// For sound of this shape, if a recording may have it.
    pub(crate) fn new(spec: SignalSpec) -> Result<Self, AnalysisError> {
        let spec = check(spec)?;
        Ok(Self { spec, peaks: Peaks::new(spec.channels.into()), frames: 0, damaged: 0 })
    }

    pub(crate) fn spec(&self) -> SignalSpec {
        self.spec
    }

    pub(crate) fn frames(&self) -> u64 {
        self.frames
    }

    /// Measures more: one sample of each channel in turn.
    pub(crate) fn add(&mut self, samples: &[i16]) -> Result<(), AnalysisError> {
        self.peaks.add(samples);
        self.frames += samples.len() as u64 / u64::from(self.spec.channels);
        if self.frames > MOST_SECONDS * u64::from(self.spec.sample_rate) {
            let what = format!("the recording is longer than {} hours", MOST_SECONDS / 3_600);
            return Err(AnalysisError::Rejected(what));
        }
        Ok(())
    }

    /// Counts frames of silence in the place of damaged parts.
    pub(crate) fn count_damaged(&mut self, frames: u64) {
        self.damaged += frames;
    }

    pub(crate) fn finish(self) -> Measured {
        Measured {
            spec: self.spec,
            frames: self.frames,
            damaged: self.damaged.min(self.frames),
            peaks: self.peaks.to_dat(self.spec.sample_rate),
        }
    }
}

/// How long so many frames play.
#[allow(clippy::cast_precision_loss)] // exact for more years than a recording has
pub(crate) fn seconds(frames: u64, sample_rate: u32) -> f64 {
    frames as f64 / f64::from(sample_rate.max(1))
}
