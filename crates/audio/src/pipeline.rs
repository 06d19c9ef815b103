//! From packets to measured sound: every packet through a decoder, silence in the place of damaged
//! ones, what the encoder added left out.

use std::io;

use crate::{
    AnalysisError,
    analyzer::{Analyzer, MOST_SECONDS, Measured},
    codec::{Decoder, SignalSpec},
    conform::Conform,
    input::Guard,
};

/// The most bytes a packet may have.
pub(crate) const MOST_PACKET: usize = 4 << 20;
/// So many packets in a row that hold no sound end a recording: an index may claim billions.
const MOST_SILENT_PACKETS: u32 = 10_000;

/// Frames of silence that are taken at once.
const SILENCE: usize = 4_096;

/// Takes samples of one shape.
pub(crate) type HandOn<'a> = &'a mut dyn FnMut(&[i16]) -> Result<(), AnalysisError>;

/// Which frames of the decoded sound are the recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trim {
    /// Frames to leave out at the beginning.
    pub(crate) skip: u64,
    /// Frames to keep behind those.
    pub(crate) keep: u64,
}

impl Trim {
    pub(crate) const NONE: Self = Self { skip: 0, keep: u64::MAX };
}

/// Measures samples, trims them, and hands them on.
pub(crate) struct Sink<'a> {
    analyzer: Analyzer,
    trim: Trim,
    hand_on: HandOn<'a>,
}

impl<'a> Sink<'a> {
    pub(crate) fn new(
        spec: SignalSpec,
        trim: Trim,
        hand_on: HandOn<'a>,
    ) -> Result<Self, AnalysisError> {
        Ok(Self { analyzer: Analyzer::new(spec)?, trim, hand_on })
    }

    pub(crate) fn spec(&self) -> SignalSpec {
        self.analyzer.spec()
    }

    pub(crate) fn frames(&self) -> u64 {
        self.analyzer.frames()
    }

    pub(crate) fn count_damaged(&mut self, frames: u64) {
        self.analyzer.count_damaged(frames);
    }

    /// Takes whole frames.
    pub(crate) fn take(&mut self, samples: &[i16]) -> Result<(), AnalysisError> {
        let channels = usize::from(self.spec().channels);
        let frames = samples.len() / channels;
        let Trim { skip, keep } = &mut self.trim;
        let from = usize::try_from(*skip).unwrap_or(usize::MAX).min(frames);
        let count = usize::try_from(*keep).unwrap_or(usize::MAX).min(frames - from);
        *skip -= from as u64;
        *keep -= count as u64;
        let samples = &samples[from * channels..(from + count) * channels];
        self.analyzer.add(samples)?;
        (self.hand_on)(samples)
    }

    /// Takes so many frames of silence.
    pub(crate) fn silence(&mut self, frames: u64, is_damage: bool) -> Result<(), AnalysisError> {
        let channels = usize::from(self.spec().channels);
        let silence = vec![0; SILENCE * channels];
        let mut left = frames.min(MOST_SECONDS * u64::from(self.spec().sample_rate));
        if is_damage {
            self.count_damaged(left);
        }
        while left > 0 {
            let piece = usize::try_from(left).unwrap_or(usize::MAX).min(SILENCE);
            self.take(&silence[..piece * channels])?;
            left -= piece as u64;
        }
        Ok(())
    }

    /// The next frames are trimmed anew: another stream begins.
    pub(crate) fn set_trim(&mut self, trim: Trim) {
        self.trim = trim;
    }

    /// Appends silence until so many frames were taken: a head that was written promises them.
    pub(crate) fn fill_up(&mut self, frames: u64) -> Result<(), AnalysisError> {
        self.trim = Trim::NONE;
        self.silence(frames.saturating_sub(self.analyzer.frames()), false)
    }

    pub(crate) fn finish(self) -> Measured {
        self.analyzer.finish()
    }
}

/// What comes next in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A packet that should have so many frames; 0 where only decoding tells.
    Packet(u64),
    /// So many frames for which there is no packet.
    Gap {
        frames: u64,
        /// Packets are lost; else the sender left silence out.
        is_damage: bool,
    },
}

/// The packets of a stream, in their order.
pub(crate) trait Packets {
    /// Puts the next packet into `packet`. Nothing at the end.
    fn next(&mut self, packet: &mut Vec<u8>) -> io::Result<Option<Next>>;

    /// Frames at the end of that packet that are no part of the recording.
    fn discarded(&self) -> u64 {
        0
    }
}

/// Decodes all packets into `sink`; an error where not one of them could be decoded.
pub(crate) fn decode(
    packets: &mut dyn Packets,
    decoder: &mut dyn Decoder,
    sink: &mut Sink<'_>,
    guard: &Guard,
) -> Result<(), AnalysisError> {
    let (mut packet, mut samples, mut conformed) = (Vec::new(), Vec::new(), Vec::new());
    let mut conform: Option<(SignalSpec, Conform, u64)> = None;
    let (mut last_frames, mut silent, mut has_sound) = (0, 0, false);
    while silent < MOST_SILENT_PACKETS {
        guard.renew();
        if guard.is_cancelled() {
            return Err(AnalysisError::Cancelled);
        }
        packet.clear();
        let next = packets.next(&mut packet).map_err(|_| AnalysisError::of(guard))?;
        let frames = match next {
            Some(Next::Packet(frames)) => frames,
            Some(Next::Gap { frames, is_damage }) => {
                silent += 1;
                sink.silence(frames, is_damage)?;
                continue;
            }
            None => break,
        };
        samples.clear();
        let decoded = decoder.decode(&packet, &mut samples);
        let spec = decoder.spec();
        let count = samples.len() as u64 / u64::from(spec.channels.max(1));
        if let Ok(()) = decoded {
            silent = if count == 0 { silent + 1 } else { 0 };
            has_sound |= count > 0;
            last_frames = if count == 0 { last_frames } else { count };
            let kept = count.saturating_sub(packets.discarded());
            let kept = usize::try_from(kept).unwrap_or(usize::MAX);
            samples.truncate(kept.saturating_mul(spec.channels.into()));
        } else {
            let frames = if frames == 0 { last_frames } else { frames }.min(1 << 16);
            silent += 1;
            sink.count_damaged(frames);
            samples.clear();
            samples.resize(usize::try_from(frames).unwrap_or(0) * usize::from(spec.channels), 0);
        }
        if spec == sink.spec() {
            sink.take(&samples)?;
            continue;
        }
        conformed.clear();
        match &mut conform {
            Some((from, conform, frames)) if *from == spec => {
                *frames += count;
                conform.push(&samples, &mut conformed);
            }
            other => {
                if let Some((_, conform, frames)) = other.take() {
                    conform.finish(frames, &mut conformed);
                }
                let (_, conform, _) = other.insert((spec, Conform::new(spec, sink.spec()), count));
                conform.push(&samples, &mut conformed);
            }
        }
        sink.take(&conformed)?;
    }
    if let Some((_, conform, frames)) = conform {
        conformed.clear();
        conform.finish(frames, &mut conformed);
        sink.take(&conformed)?;
    }
    if has_sound { Ok(()) } else { Err(AnalysisError::nothing()) }
}
