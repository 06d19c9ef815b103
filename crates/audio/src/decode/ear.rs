//! Hears a recording from its beginning to its end: how long it is, and its outline. Holds no sound
//! but the piece that it hears.

use super::DecodeError;
use crate::{Facts, peaks::Peaks};

/// More channels than any telephone call has; each costs memory.
pub(super) const MOST_CHANNELS: usize = 16;
/// In Hz; more than any recorder offers.
pub(super) const HIGHEST_RATE: u32 = 192_000;
/// The longest that is heard: two days, more than 2 GiB of telephone PCM hold. A few megabytes of
/// packed silence could claim years.
pub(super) const MOST_SECONDS: u64 = 48 * 60 * 60;

/// How many frames a second and how many samples in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// In Hz.
    pub(super) rate: u32,
    pub(super) channels: usize,
}

impl Shape {
    fn check(self) -> Result<Self, DecodeError> {
        if self.channels == 0 || self.channels > MOST_CHANNELS {
            let what = format!("the recording claims {} channels", self.channels);
            return Err(DecodeError::Unplayable(what));
        }
        if self.rate == 0 || self.rate > HIGHEST_RATE {
            let what = format!("the recording claims {} samples a second", self.rate);
            return Err(DecodeError::Unplayable(what));
        }
        Ok(self)
    }
}

/// See the module.
pub(super) struct Ear {
    shape: Shape,
    peaks: Peaks,
    frames: u64,
}

impl Ear {
    /// For a recording of this shape, if one can have it.
    pub(super) fn new(shape: Shape) -> Result<Self, DecodeError> {
        let shape = shape.check()?;
        Ok(Self { shape, peaks: Peaks::new(shape.channels), frames: 0 })
    }

    pub(super) fn shape(&self) -> Shape {
        self.shape
    }

    /// Hears more: one sample of each channel in turn.
    pub(super) fn hear(&mut self, samples: &[i16]) -> Result<(), DecodeError> {
        self.peaks.add(samples);
        self.frames += (samples.len() / self.shape.channels) as u64;
        if self.frames > MOST_SECONDS * u64::from(self.shape.rate) {
            let what = format!("the recording is longer than {} hours", MOST_SECONDS / 3_600);
            return Err(DecodeError::Unplayable(what));
        }
        Ok(())
    }

    /// How long it was, and its outline, if it has one.
    pub(super) fn finish(self) -> (Facts, Option<Vec<u8>>) {
        #[allow(clippy::cast_precision_loss)] // exact for more years than a recording has
        let frames = self.frames as f64;
        let facts = Facts {
            duration_seconds: Some(frames / f64::from(self.shape.rate)),
            channels: u16::try_from(self.shape.channels).ok(),
        };
        (facts, self.peaks.to_dat(self.shape.rate))
    }
}
