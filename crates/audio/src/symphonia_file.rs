//! Files whose packets symphonia finds: FLAC, and CAF with a codec that has packets.

use std::io::{Read, Seek};

use symphonia::{
    core::{
        audio::Channels,
        codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions},
        formats::{FormatOptions, FormatReader, TrackType, probe::ProbeableFormat as _},
        io::{MediaSourceStream, MediaSourceStreamOptions},
    },
    default::{
        formats::{CafReader, FlacReader},
        get_codecs,
    },
};

use crate::{
    Analysis, AnalysisError, AudioType, Facts, Format, Serving,
    analysis::Damage,
    analyzer::{Analyzer, MOST_CHANNELS, Measured},
    codec::SignalSpec,
    input::{Guard, Source, Trouble},
    output::{Output, PieceWriter},
};

/// The most frames in a packet: a decoder makes room for as many as are claimed.
const MOST_FRAMES_PER_PACKET: u64 = 1 << 16;
/// So many packets in a row without sound end a recording.
const MOST_SILENT_PACKETS: u32 = 10_000;

/// Analyzes a file that browsers do not play: it becomes PCM where it can be decoded.
pub(crate) fn analyze<R: Read + Seek + Send>(
    kind: AudioType,
    start: u64,
    source: &mut Source<R>,
    guard: &Guard,
    output: Output<'_>,
) -> Result<Analysis, AnalysisError> {
    let (mut analysis, frames) = measure(kind, start, source, guard)?;
    let Some(spec) = analysis.peaks.as_deref().and_then(spec_of) else { return Ok(analysis) };
    let mut writer = PieceWriter::wav(output, spec, frames)?;
    let mut left = frames;
    run(kind, start, source, guard, &mut |samples| {
        left = left.saturating_sub(samples.len() as u64 / u64::from(spec.channels));
        writer.samples(samples)
    })?;
    for _ in 0..left {
        writer.samples(&vec![0; spec.channels.into()])?;
    }
    writer.finish()?;
    analysis.serving = Serving::Converted;
    Ok(analysis)
}

/// The shape of sound that has this waveform.
fn spec_of(dat: &[u8]) -> Option<SignalSpec> {
    let sample_rate = crate::bytes::le32(dat, 8)?;
    Some(SignalSpec { sample_rate, channels: crate::bytes::le32(dat, 20)?.try_into().ok()? })
}

/// Measures a file; also says how many frames it has.
pub(crate) fn measure<R: Read + Seek + Send>(
    kind: AudioType,
    start: u64,
    source: &mut Source<R>,
    guard: &Guard,
) -> Result<(Analysis, u64), AnalysisError> {
    let format = Format { container: kind, codec: kind.name() };
    let stored =
        Analysis { format, serving: Serving::Stored, facts: Facts::default(), peaks: None };
    let Some(measured) = run(kind, start, source, guard, &mut |_| Ok(()))? else {
        return Ok((stored, 0));
    };
    let serving = if measured.frames <= 1 { Serving::Empty } else { Serving::AsItCame(kind) };
    let facts = Facts {
        duration_seconds: Some(measured.seconds()),
        channels: Some(measured.spec.channels),
        damage: Damage::of(&measured, None),
    };
    Ok((Analysis { format, serving, facts, peaks: measured.peaks }, measured.frames))
}

/// Decodes a file; nothing for a codec that nothing here decodes.
fn run<R: Read + Seek + Send>(
    kind: AudioType,
    start: u64,
    source: &mut Source<R>,
    guard: &Guard,
    hand_on: &mut dyn FnMut(&[i16]) -> Result<(), AnalysisError>,
) -> Result<Option<Measured>, AnalysisError> {
    let end = source.len();
    source.narrow(start..end).map_err(|_| AnalysisError::of(guard))?;
    let result = decode(kind, source, guard, hand_on);
    source.widen().map_err(|_| AnalysisError::of(guard))?;
    result
}

fn decode<R: Read + Seek + Send>(
    kind: AudioType,
    source: &mut Source<R>,
    guard: &Guard,
    hand_on: &mut dyn FnMut(&[i16]) -> Result<(), AnalysisError>,
) -> Result<Option<Measured>, AnalysisError> {
    guard.renew();
    let stream = MediaSourceStream::new(Box::new(source), MediaSourceStreamOptions::default());
    let options = FormatOptions::default();
    let opened = match kind {
        AudioType::Flac => FlacReader::try_probe_new(stream, options),
        AudioType::Caf => CafReader::try_probe_new(stream, options),
        _ => return Ok(None),
    };
    let Ok(mut file) = opened else { return Err(trouble(guard)) };
    let Some(track) = file.default_track(TrackType::Audio) else {
        return Err(AnalysisError::Rejected("the recording has no sound".to_owned()));
    };
    let id = track.id;
    let parameters = track.codec_params.as_ref().and_then(|parameters| parameters.audio());
    let Some(mut decoder) = parameters.and_then(decoder) else { return Ok(None) };
    packets(&mut *file, id, &mut *decoder, guard, hand_on).map(Some)
}

/// A read that failed, or a broken file.
fn trouble(guard: &Guard) -> AnalysisError {
    match guard.trouble() {
        Some(Trouble::Cancelled) => AnalysisError::Cancelled,
        Some(Trouble::Storage(error)) => AnalysisError::Storage(error),
        Some(Trouble::TooMuch) | None => AnalysisError::nothing(),
    }
}

/// Nothing where nothing decodes it, or where it claims more than is decoded here.
fn decoder(parameters: &AudioCodecParameters) -> Option<Box<dyn AudioDecoder>> {
    let is_large = |frames: Option<u64>| frames.is_some_and(|n| n > MOST_FRAMES_PER_PACKET);
    let channels = parameters.channels.as_ref().map_or(0, Channels::count);
    if channels > usize::from(MOST_CHANNELS)
        || is_large(parameters.max_frames_per_packet)
        || is_large(parameters.frames_per_block)
    {
        return None;
    }
    get_codecs().make_audio_decoder(parameters, &AudioDecoderOptions::default()).ok()
}

/// Decodes all of one track. What is damaged is silent.
fn packets(
    file: &mut dyn FormatReader,
    track: u32,
    decoder: &mut dyn AudioDecoder,
    guard: &Guard,
    hand_on: &mut dyn FnMut(&[i16]) -> Result<(), AnalysisError>,
) -> Result<Measured, AnalysisError> {
    let mut analyzer: Option<Analyzer> = None;
    let mut samples = Vec::new();
    let mut silent = 0;
    while silent < MOST_SILENT_PACKETS {
        silent += 1;
        guard.renew();
        let packet = match file.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            // The end, or what comes behind it is lost.
            Err(_) => match guard.trouble() {
                Some(Trouble::Cancelled) => return Err(AnalysisError::Cancelled),
                Some(Trouble::Storage(error)) => return Err(AnalysisError::Storage(error)),
                Some(Trouble::TooMuch) | None => break,
            },
        };
        if guard.is_cancelled() {
            return Err(AnalysisError::Cancelled);
        }
        if packet.track_id != track {
            continue;
        }
        let Ok(sound) = decoder.decode(&packet) else {
            if let Some(analyzer) = &mut analyzer {
                let frames = packet.dur.get().min(MOST_FRAMES_PER_PACKET);
                let count = usize::try_from(frames).unwrap_or(0);
                let silence = vec![0; count * usize::from(analyzer.spec().channels)];
                analyzer.count_damaged(frames);
                analyzer.add(&silence)?;
                hand_on(&silence)?;
            }
            continue;
        };
        if sound.frames() == 0 {
            continue;
        }
        let spec = sound.spec();
        let channels = u16::try_from(spec.channels().count()).unwrap_or(u16::MAX);
        let spec = SignalSpec { sample_rate: spec.rate(), channels };
        let analyzer = match &mut analyzer {
            Some(analyzer) => analyzer,
            none => none.insert(Analyzer::new(spec)?),
        };
        if analyzer.spec() == spec {
            sound.copy_to_vec_interleaved(&mut samples);
            analyzer.add(&samples)?;
            hand_on(&samples)?;
            silent = 0;
        }
    }
    analyzer.map(Analyzer::finish).ok_or_else(AnalysisError::nothing)
}
