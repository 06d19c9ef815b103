//! WAV and Sun files: their samples block by block through a decoder, and, where browsers do not
//! play them, out again as 16-bit PCM WAV.
//!
//! Our own reading of the heads, and not symphonia's: that refuses files whose lengths are not true,
//! which telephone exchanges write a lot of; and it has to be known before the first sample how many
//! there will be, because an upload can't go back to its header.

use std::io::{BufReader, Read, Seek};

use symphonia::{
    core::{
        audio::Channels,
        codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions},
        packet::PacketRef,
        units::{Duration, Timestamp},
    },
    default::get_codecs,
};

use super::{
    Converted, DecodeError, Decoded,
    ear::Ear,
    layout::{Layout, NoLayout},
    source::{Guard, Source},
};
use crate::{AudioType, Facts, pcm};

/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;
/// And decoded at once, where samples stand each for itself.
const PLAIN_PIECE: u64 = 16 * 1024;

/// Decodes a file that has this layout.
pub(super) fn decode<R: Read + Seek>(
    kind: AudioType,
    layout: Result<Layout, NoLayout>,
    file: Source<R>,
    guard: &Guard,
    converted: Converted<'_>,
) -> Result<Decoded, DecodeError> {
    let layout = match layout {
        Ok(layout) => layout,
        Err(NoLayout::Broken(why)) => {
            return Err(DecodeError::Unplayable(format!("the recording can't be played: {why}")));
        }
        Err(NoLayout::Unread) => return Err(DecodeError::of(guard)),
    };
    let mut ear = Ear::new(layout.shape)?;
    let channels = u16::try_from(layout.shape.channels).unwrap_or(u16::MAX); // an ear hears few
    let Some(mut decoder) = Blocks::new(&layout, channels) else {
        let facts = Facts { duration_seconds: None, channels: Some(channels) };
        return Ok(Decoded { kind, facts, peaks: None });
    };
    let file = file.part(layout.data.clone()).map_err(|_| DecodeError::of(guard))?;
    if layout.must_convert {
        let header = pcm::header(layout.shape.rate, channels, layout.frames());
        let mut piece = header.ok_or_else(|| {
            let what = "the recording is too long for browsers: as PCM it has more than 4 GiB";
            DecodeError::Unplayable(what.to_owned())
        })?;
        decoder.listen(file, guard, &mut ear, &mut |samples| {
            pcm::write(samples, &mut piece);
            if piece.len() < PIECE {
                return Ok(());
            }
            converted(std::mem::take(&mut piece)).map_err(DecodeError::Output)
        })?;
        converted(piece).map_err(DecodeError::Output)?;
    } else {
        decoder.listen(file, guard, &mut ear, &mut |_| Ok(()))?;
    }
    let kind = if layout.must_convert { AudioType::Wav } else { kind };
    let (facts, peaks) = ear.finish();
    Ok(Decoded { kind, facts, peaks })
}

/// A decoder, and how its blocks are cut.
struct Blocks<'a> {
    layout: &'a Layout,
    decoder: Box<dyn AudioDecoder>,
    /// Bytes decoded at once: one block or, where each frame is one, many.
    at_once: u64,
}

impl<'a> Blocks<'a> {
    /// Nothing where nothing decodes it.
    fn new(layout: &'a Layout, channels: u16) -> Option<Self> {
        let codec = layout.codec()?;
        let block = layout.block();
        let at_once = if layout.is_plain() { (PLAIN_PIECE / block).max(1) * block } else { block };
        let mut parameters = AudioCodecParameters::new();
        parameters
            .for_codec(codec)
            .with_sample_rate(layout.shape.rate)
            .with_channels(Channels::Discrete(channels))
            .with_max_frames_per_packet(layout.frames_in(at_once))
            .with_frames_per_block(layout.frames_in(block));
        let decoder = get_codecs().make_audio_decoder(&parameters, &AudioDecoderOptions::default());
        Some(Self { layout, decoder: decoder.ok()?, at_once })
    }

    /// Decodes all of `file`, and gives the samples away as they are heard. What is damaged is
    /// silent, so that there are as many as the layout says.
    fn listen<R: Read + Seek>(
        &mut self,
        file: Source<R>,
        guard: &Guard,
        ear: &mut Ear,
        give: &mut dyn FnMut(&[i16]) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let mut file = BufReader::with_capacity(PIECE, file);
        let (mut bytes, mut samples) = (Vec::new(), Vec::new());
        let (mut sound, mut damaged) = (0_u64, 0_u64);
        loop {
            guard.renew();
            bytes.clear();
            let read = (&mut file).take(self.at_once).read_to_end(&mut bytes);
            let read = read.map_err(|_| DecodeError::of(guard))? as u64;
            let frames = self.frames_in(read);
            if frames == 0 {
                break;
            }
            if self.decode(&mut bytes, frames, &mut samples) {
                sound += 1;
            } else {
                damaged += 1;
            }
            ear.hear(&samples)?;
            give(&samples)?;
        }
        if damaged > 0 && sound == 0 {
            return Err(DecodeError::nothing());
        }
        Ok(())
    }

    fn frames_in(&self, bytes: u64) -> u64 {
        if self.layout.is_plain() {
            bytes / self.layout.block()
        } else {
            self.layout.frames_in(bytes)
        }
    }

    /// Decodes so many frames; says whether they could be.
    fn decode(&mut self, bytes: &mut Vec<u8>, frames: u64, samples: &mut Vec<i16>) -> bool {
        let wanted = usize::try_from(frames).unwrap_or(0) * self.layout.shape.channels;
        let (mut known, mut all) = (bytes.len(), frames);
        if !self.layout.is_plain() {
            // Of a last block that is cut off, as much is heard as is there.
            known = usize::try_from(self.layout.block()).unwrap_or(known);
            all = self.layout.frames_in(self.layout.block());
        }
        bytes.resize(known, 0);
        let packet = PacketRef::new(0, Timestamp::ZERO, Duration::new(all), bytes);
        let is_sound = match self.decoder.decode_ref(&packet) {
            Ok(decoded) => {
                decoded.copy_to_vec_interleaved(samples);
                samples.len() >= wanted
            }
            Err(_) => false,
        };
        if !is_sound {
            samples.clear();
        }
        samples.resize(wanted, 0);
        is_sound
    }
}
