//! Files whose samples or blocks lie one behind the other: WAV, AU, AIFF, CAF, headless. They are
//! measured, and served as they came, behind a new head, or as 16-bit PCM WAV.
//!
//! The number of frames is known before the first one is decoded, because an upload can't go back
//! to its head.

use std::io::{BufReader, Read, Seek};

use crate::{
    Analysis, AnalysisError, AudioType, Facts, Format, Serving,
    analysis::Damage,
    analyzer::{Analyzer, check, seconds},
    codec::{Decoder, SignalSpec},
    input::{Guard, Source},
    layout::{Coding, Layout, Serve},
    output::{Output, PieceWriter},
    rewrite::Rewrite,
};

/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;
/// A head that promises no more than so many seconds above what came is not precise; nothing is
/// missing.
const INEXACT_SECONDS: f64 = 0.1;

/// Analyzes a file that has this layout.
pub(crate) fn analyze<R: Read + Seek>(
    kind: AudioType,
    layout: &Layout,
    file: &mut Source<R>,
    guard: &Guard,
    output: Output<'_>,
) -> Result<Analysis, AnalysisError> {
    let format = Format { container: kind, codec: layout.coding.name() };
    let Some((decoder, at_once)) = layout.decoder() else {
        check(layout.spec)?;
        let facts = Facts { channels: Some(layout.spec.channels), ..undecoded(layout) };
        return Ok(Analysis { format, serving: Serving::Stored, facts, peaks: None });
    };
    let spec = match layout.coding {
        // The rate in the head may be that of the line, and not of the samples.
        Coding::Plain(..) | Coding::MicrosoftAdpcm(_) | Coding::ImaAdpcm(_) => layout.spec,
        _ => decoder.spec(),
    };
    let mut blocks = Blocks { layout, spec: check(spec)?, decoder, at_once };
    let frames = blocks.frames_in(layout.data.end - layout.data.start);
    let mut facts = Facts {
        duration_seconds: Some(seconds(frames, spec.sample_rate)),
        channels: Some(spec.channels),
        damage: None,
    };
    if frames <= 1 {
        return Ok(Analysis { format, serving: Serving::Empty, facts, peaks: None });
    }
    file.narrow(layout.data.clone()).map_err(|_| AnalysisError::of(guard))?;
    let mut analyzer = Analyzer::new(spec)?;
    let serving = match &layout.serve {
        Serve::Convert => {
            let mut writer = PieceWriter::wav(output, spec, frames)?;
            blocks
                .decode_all(file, guard, &mut analyzer, &mut |samples| writer.samples(samples))?;
            writer.finish()?;
            Serving::Converted
        }
        Serve::AsItCame => {
            blocks.decode_all(file, guard, &mut analyzer, &mut |_| Ok(()))?;
            Serving::AsItCame(kind)
        }
        Serve::NewHead(fmt) => {
            blocks.decode_all(file, guard, &mut analyzer, &mut |_| Ok(()))?;
            file.widen().map_err(|_| AnalysisError::of(guard))?;
            with_new_head(fmt, layout)?.write(file, guard, output)?;
            Serving::Rewritten(AudioType::Wav)
        }
    };
    let measured = analyzer.finish();
    let promised = layout.promised.map(|bytes| seconds(blocks.frames_in(bytes), spec.sample_rate));
    facts.damage =
        Damage::of(&measured, promised.filter(|s| *s > measured.seconds() + INEXACT_SECONDS));
    Ok(Analysis { format, serving, facts, peaks: measured.peaks })
}

/// What the head tells of sound that is not decoded.
fn undecoded(layout: &Layout) -> Facts {
    let bytes = layout.data.end - layout.data.start;
    let duration_seconds = match layout.coding {
        Coding::G729 => Some(seconds(bytes / 10 * 80, 8_000)),
        _ => None,
    };
    Facts { duration_seconds, ..Facts::default() }
}

/// The same samples behind a true head.
fn with_new_head(fmt: &[u8], layout: &Layout) -> Result<Rewrite, AnalysisError> {
    let size = layout.data.end - layout.data.start;
    let size_of = |bytes: u64| {
        u32::try_from(bytes).map_err(|_| {
            AnalysisError::Rejected("the recording is longer than a WAV file holds".to_owned())
        })
    };
    let (data, pad) = (size_of(size)?, size & 1);
    let riff = size_of(4 + 8 + fmt.len() as u64 + 8 + size + pad)?;
    let mut head = b"RIFF".to_vec();
    head.extend(riff.to_le_bytes());
    head.extend(b"WAVEfmt ");
    head.extend(size_of(fmt.len() as u64)?.to_le_bytes());
    head.extend(fmt);
    head.extend(b"data");
    head.extend(data.to_le_bytes());
    let mut plan = Rewrite::default();
    plan.bytes(head);
    let _ = plan.source(layout.data.clone()); // a plan has room for one part
    plan.bytes(vec![0; usize::from(pad == 1)]);
    Ok(plan)
}

/// A decoder, and how its blocks are cut.
struct Blocks<'a> {
    layout: &'a Layout,
    spec: SignalSpec,
    decoder: Box<dyn Decoder>,
    /// Bytes that are decoded at once: whole blocks.
    at_once: usize,
}

impl Blocks<'_> {
    /// The frames in so many bytes of the file.
    fn frames_in(&self, bytes: u64) -> u64 {
        let at_once = self.at_once as u64;
        let rest = usize::try_from(bytes % at_once).unwrap_or(0); // less than `at_once`
        bytes / at_once * self.frames_in_piece(self.at_once) + self.frames_in_piece(rest)
    }

    /// The frames in a piece of no more than `at_once` bytes.
    fn frames_in_piece(&self, bytes: usize) -> u64 {
        if self.layout.has_partial_blocks() {
            self.layout.block_frames(bytes as u64)
        } else {
            self.decoder.frames_in(&vec![0; bytes]).unwrap_or_default() as u64
        }
    }

    /// Decodes all of `file`, and hands the samples on. What is damaged is silent, so that there are
    /// as many frames as were counted.
    fn decode_all<R: Read + Seek>(
        &mut self,
        file: &mut Source<R>,
        guard: &Guard,
        analyzer: &mut Analyzer,
        hand_on: &mut dyn FnMut(&[i16]) -> Result<(), AnalysisError>,
    ) -> Result<(), AnalysisError> {
        let mut file = BufReader::with_capacity(PIECE, file);
        let (mut bytes, mut samples) = (Vec::new(), Vec::new());
        let mut decoded = 0_u64;
        loop {
            guard.renew();
            bytes.clear();
            let read = (&mut file).take(self.at_once as u64).read_to_end(&mut bytes);
            let read = read.map_err(|_| AnalysisError::of(guard))?;
            let frames = self.frames_in_piece(read);
            if frames == 0 {
                break;
            }
            let damaged = self.decode(&mut bytes, frames, &mut samples);
            analyzer.count_damaged(damaged);
            decoded += frames - damaged;
            analyzer.add(&samples)?;
            hand_on(&samples)?;
        }
        if decoded == 0 {
            return Err(AnalysisError::nothing());
        }
        Ok(())
    }

    /// Decodes so many frames; returns how many of them are silence in the place of damage.
    fn decode(&mut self, bytes: &mut Vec<u8>, frames: u64, samples: &mut Vec<i16>) -> u64 {
        let channels = usize::from(self.spec.channels);
        let wanted = usize::try_from(frames).unwrap_or(0) * channels;
        samples.clear();
        if self.layout.has_partial_blocks() {
            // Of a last block that is cut off, as much is decoded as is there.
            bytes.resize(self.at_once, 0);
        }
        if self.decoder.decode(bytes, samples).is_err() {
            samples.clear();
            // One damaged block in a piece of many must not silence all of them.
            let size = self.decoder.packet_size().map_or(bytes.len(), |size| size.bytes);
            if !self.layout.has_partial_blocks() && size < bytes.len() {
                return self.decode_each(bytes, size, wanted, samples);
            }
        }
        let missing = wanted.saturating_sub(samples.len());
        samples.resize(wanted, 0);
        (missing / channels) as u64
    }

    fn decode_each(
        &mut self,
        bytes: &[u8],
        size: usize,
        wanted: usize,
        samples: &mut Vec<i16>,
    ) -> u64 {
        let channels = usize::from(self.spec.channels);
        let mut damaged = 0;
        for packet in bytes.chunks(size) {
            let frames = self.decoder.frames_in(packet).unwrap_or_default();
            let whole = samples.len() + frames * channels;
            if self.decoder.decode(packet, samples).is_err() {
                damaged += frames as u64;
            }
            samples.resize(whole, 0);
        }
        samples.resize(wanted, 0);
        damaged
    }
}
