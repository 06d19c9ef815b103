//! Where an object that replaces the source is written, piece by piece; and the WAV head that
//! converted sound gets.

use std::io;

use crate::{AnalysisError, codec::SignalSpec, pcm};

/// Takes the object that is served in place of what came, piece by piece from its beginning. Never
/// called where the source is served as it came.
pub type Output<'a> = &'a mut dyn FnMut(Vec<u8>) -> io::Result<()>;

/// Bytes that are handed over at once.
const PIECE: usize = 64 * 1024;

/// Collects samples or bytes into pieces.
pub(crate) struct PieceWriter<'a> {
    output: Output<'a>,
    piece: Vec<u8>,
}

impl<'a> PieceWriter<'a> {
    pub(crate) fn new(output: Output<'a>) -> Self {
        Self { output, piece: Vec::new() }
    }

    /// Starts a 16-bit PCM WAV of exactly so many frames.
    pub(crate) fn wav(
        output: Output<'a>,
        spec: SignalSpec,
        frames: u64,
    ) -> Result<Self, AnalysisError> {
        let head = pcm::header(spec.sample_rate, spec.channels, frames).ok_or_else(|| {
            AnalysisError::Rejected("the recording is longer than a WAV file holds".to_owned())
        })?;
        Ok(Self { output, piece: head })
    }

    pub(crate) fn samples(&mut self, samples: &[i16]) -> Result<(), AnalysisError> {
        pcm::write(samples, &mut self.piece);
        self.hand_over_full()
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), AnalysisError> {
        self.piece.extend_from_slice(bytes);
        self.hand_over_full()
    }

    fn hand_over_full(&mut self) -> Result<(), AnalysisError> {
        if self.piece.len() < PIECE {
            return Ok(());
        }
        (self.output)(std::mem::take(&mut self.piece)).map_err(AnalysisError::Output)
    }

    /// Hands over the rest.
    pub(crate) fn finish(self) -> Result<(), AnalysisError> {
        if self.piece.is_empty() {
            return Ok(());
        }
        (self.output)(self.piece).map_err(AnalysisError::Output)
    }
}
