//! AMR and AMR-WB files (RFC 4867, section 5). No browser plays them: they become PCM.

use std::io::{self, Read, Seek};

use super::window::Window;
use crate::{
    Analysis, AnalysisError, AudioType, Facts, Format, Serving,
    analysis::Damage,
    codec::{AmrBand, AmrDecoder, Decoder},
    input::{Guard, Source},
    output::{Output, PieceWriter},
    pipeline::{self, Next, Packets, Sink, Trim},
};

/// The largest frame, in bytes.
const MOST_FRAME: usize = 64;

/// A decoder.
#[allow(clippy::unnecessary_wraps)] // as the other codecs' are
pub(crate) fn decoder(is_wide: bool) -> Option<Box<dyn Decoder>> {
    Some(Box::new(AmrDecoder::new(band(is_wide))))
}

fn band(is_wide: bool) -> AmrBand {
    if is_wide { AmrBand::Wide } else { AmrBand::Narrow }
}

/// Analyzes a file that begins at `start`.
pub(crate) fn analyze<R: Read + Seek>(
    kind: AudioType,
    start: u64,
    source: &mut Source<R>,
    guard: &Guard,
    output: Output<'_>,
) -> Result<Analysis, AnalysisError> {
    let failed = |_| AnalysisError::of(guard);
    let format = Format { container: kind, codec: kind.name() };
    let head = source.read_at(start, 16).map_err(failed)?;
    let band = band(kind == AudioType::AmrWb);
    let magic = head.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    if head.starts_with(b"#!AMR_MC") || head.starts_with(b"#!AMR-WB_MC") {
        let facts = Facts::default();
        return Ok(Analysis { format, serving: Serving::Stored, facts, peaks: None });
    }
    let data = start + magic as u64;
    let mut decoder = AmrDecoder::new(band);
    let spec = decoder.spec();
    let in_frame = u64::from(spec.sample_rate / 50);
    let (mut count, mut packet) = (0_u64, Vec::new());
    let mut frames = Frames { window: Window::new(source, data, u64::MAX), band, in_frame };
    while frames.next(&mut packet).map_err(failed)?.is_some() {
        count += 1;
        packet.clear();
        guard.renew();
    }
    if count <= 1 {
        let facts = Facts { duration_seconds: Some(0.0), channels: Some(1), damage: None };
        return Ok(Analysis { format, serving: Serving::Empty, facts, peaks: None });
    }
    let mut writer = PieceWriter::wav(output, spec, count * in_frame)?;
    let mut hand_on = |samples: &[i16]| writer.samples(samples);
    let mut sink = Sink::new(spec, Trim { skip: 0, keep: count * in_frame }, &mut hand_on)?;
    let mut frames = Frames { window: Window::new(source, data, u64::MAX), band, in_frame };
    pipeline::decode(&mut frames, &mut decoder, &mut sink, guard)?;
    sink.fill_up(count * in_frame)?;
    let measured = sink.finish();
    writer.finish()?;
    let facts = Facts {
        duration_seconds: Some(measured.seconds()),
        channels: Some(1),
        damage: Damage::of(&measured, None),
    };
    Ok(Analysis { format, serving: Serving::Converted, facts, peaks: measured.peaks })
}

/// The frames of a file. What is none is passed over.
struct Frames<'a, R> {
    window: Window<'a, R>,
    band: AmrBand,
    in_frame: u64,
}

impl<R: Read + Seek> Packets for Frames<'_, R> {
    fn next(&mut self, packet: &mut Vec<u8>) -> io::Result<Option<Next>> {
        loop {
            self.window.fill(MOST_FRAME)?;
            let bytes = self.window.bytes();
            let Some(first) = bytes.first() else { return Ok(None) };
            // The bits beside type and quality are zero.
            let size = self.band.frame_size(*first).filter(|_| first & 0x83 == 0);
            match size {
                Some(size) if size <= bytes.len() => {
                    packet.extend_from_slice(self.window.take(size));
                    return Ok(Some(Next::Packet(self.in_frame)));
                }
                // A last frame that is cut off.
                Some(_) => return Ok(None),
                None => self.window.skip(1),
            }
        }
    }
}
