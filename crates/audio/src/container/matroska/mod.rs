//! `WebM` and Matroska (RFC 9559). `WebM` with a duration and cues is served as it came. What a browser
//! recorded has neither: the same clusters are put into a new file that has both. Codecs that `WebM`
//! does not have become PCM.

pub(crate) mod ebml;
mod survey;

use std::io::{self, Read, Seek};

use symphonia::core::codecs::audio::well_known as codec;

use self::{
    ebml::{element, element_head},
    survey::{Blocks, Codec, Survey},
};
use super::opus;
use crate::{
    Analysis, AnalysisError, AudioType, Facts, Format, Serving,
    adapter::SymphoniaDecoder,
    analysis::Damage,
    analyzer::{MOST_SECONDS, Measured, check},
    codec::{Decoder, SignalSpec, VorbisDecoder},
    input::{Guard, Source},
    output::{Output, PieceWriter},
    pipeline::{self, Next, Packets, Sink, Trim},
    rewrite::Rewrite,
};

/// A gap between packets that is no rounding of times, in seconds.
const GAP_SECONDS: f64 = 0.1;
/// How far a duration may be off, in seconds.
const INEXACT_SECONDS: f64 = 0.1;

/// Analyzes a file. `as_wav`: what is asked for is PCM, whatever browsers play.
pub(crate) fn analyze<R: Read + Seek>(
    kind: AudioType,
    as_wav: bool,
    source: &mut Source<R>,
    guard: &Guard,
    output: Output<'_>,
) -> Result<Analysis, AnalysisError> {
    let survey = Survey::of(source).map_err(|_| AnalysisError::of(guard))?;
    let Some(survey) = survey else {
        return Err(AnalysisError::Rejected("the recording has no sound".to_owned()));
    };
    let codec = survey.track.codec;
    let format = Format { container: kind, codec: codec.name() };
    let spec = check(survey.track.spec)?;
    let facts = Facts { duration_seconds: None, channels: Some(spec.channels), damage: None };
    if survey.blocks <= 1 {
        let facts = Facts { duration_seconds: Some(0.0), ..facts };
        return Ok(Analysis { format, serving: Serving::Empty, facts, peaks: None });
    }
    let stored = Analysis { format, serving: Serving::Stored, facts, peaks: None };
    let Some(spec) = shape(&survey, spec, source, guard)? else { return Ok(stored) };
    let mut measured = run(&survey, spec, source, guard, &mut |_| Ok(()))?;
    let seconds = measured.seconds();
    let is_webm = matches!(codec, Codec::Opus | Codec::Vorbis);
    let serving = if as_wav || !is_webm {
        let mut writer = PieceWriter::wav(output, spec, measured.frames)?;
        measured = run(&survey, spec, source, guard, &mut |samples| writer.samples(samples))?;
        writer.finish()?;
        Serving::Converted
    } else if kind == AudioType::WebM && survey.is_servable(seconds) {
        Serving::AsItCame(AudioType::WebM)
    } else {
        match rewritten(&survey, seconds) {
            Some(plan) => {
                plan.write(source, guard, output)?;
                Serving::Rewritten(AudioType::WebM)
            }
            None => Serving::AsItCame(kind),
        }
    };
    let facts = Facts {
        duration_seconds: Some(measured.seconds()),
        damage: Damage::of(&measured, survey.promised(seconds)),
        channels: Some(spec.channels),
    };
    Ok(Analysis { format, serving, facts, peaks: measured.peaks })
}

impl Survey {
    /// Whether browsers find the length and every position by themselves.
    fn is_servable(&self, seconds: f64) -> bool {
        let is_true = |claimed: f64| (claimed - seconds).abs() < INEXACT_SECONDS;
        self.has_cues && self.first_time < 50 && self.is_whole && self.duration.is_some_and(is_true)
    }

    /// How long the recording should be, where more is promised than came.
    fn promised(&self, seconds: f64) -> Option<f64> {
        self.duration.filter(|claimed| !self.is_whole && *claimed > seconds + 1.0)
    }
}

/// The same clusters in a file with duration and cues.
fn rewritten(survey: &Survey, seconds: f64) -> Option<Rewrite> {
    const TIMESTAMP: u32 = 0xe7;
    const CLUSTER: u32 = 0x1f43_b675;
    let number = |value: u64| value.to_be_bytes();
    let scale = survey.scale;
    #[allow(clippy::cast_precision_loss)] // far from 2^53
    let units = seconds * 1e9 / scale as f64;
    let info = element(
        0x1549_a966,
        &[
            &element(0x2a_d7b1, &[&number(scale)]),
            &element(0x4489, &[&units.to_be_bytes()]),
            &element(0x4d80, &[b"audio"]),
            &element(0x5741, &[b"audio"]),
        ],
    );
    let tracks = element(0x1654_ae6b, &[&survey.tracks]);
    let time = |cluster: &survey::Cluster| {
        element(TIMESTAMP, &[&number(cluster.time.saturating_sub(survey.first_time))])
    };
    let cue = |at: u64, cluster: &survey::Cluster| {
        let positions = element(
            0xb7,
            &[&element(0xf7, &[&number(survey.track.number)]), &element(0xf1, &[&number(at)])],
        );
        element(
            0xbb,
            &[
                &element(0xb3, &[&number(cluster.time.saturating_sub(survey.first_time))]),
                &positions,
            ],
        )
    };
    if survey.is_plan_full {
        return None;
    }
    // Every cue has one length, so that positions follow from their count.
    let first = survey.clusters.first()?;
    let cues_size = (cue(0, first).len() * survey.clusters.len()) as u64;
    let mut at =
        (info.len() + tracks.len() + element_head(0x1c53_bb6b, cues_size).len()) as u64 + cues_size;
    let mut cues = element_head(0x1c53_bb6b, cues_size);
    let mut clusters = Rewrite::default();
    for cluster in &survey.clusters {
        cues.extend(cue(at, cluster));
        let time = time(cluster);
        let size = time.len() as u64 + cluster.size();
        let mut head = element_head(CLUSTER, size);
        at += head.len() as u64 + size;
        head.extend(time);
        clusters.bytes(head);
        for range in &cluster.blocks {
            if !clusters.source(range.clone()) {
                return None;
            }
        }
    }
    let ebml = element(
        0x1a45_dfa3,
        &[
            &element(0x4286, &[&[1]]),
            &element(0x42f7, &[&[1]]),
            &element(0x42f2, &[&[4]]),
            &element(0x42f3, &[&[8]]),
            &element(0x4282, &[b"webm"]),
            &element(0x4287, &[&[4]]),
            &element(0x4285, &[&[2]]),
        ],
    );
    let mut plan = Rewrite::default();
    plan.bytes([ebml, element_head(0x1853_8067, at), info, tracks, cues].concat());
    plan.append(clusters);
    Some(plan)
}

fn decoder(survey: &Survey, spec: SignalSpec) -> Option<Box<dyn Decoder>> {
    let private = &survey.track.private;
    let symphonia = |id, extra: &[u8]| -> Option<Box<dyn Decoder>> {
        Some(Box::new(SymphoniaDecoder::of_packets(id, spec, extra)?))
    };
    match survey.track.codec {
        Codec::Opus => opus::decoder(private),
        Codec::Vorbis => Some(Box::new(VorbisDecoder::new(private)?)),
        Codec::Aac => symphonia(codec::CODEC_ID_AAC, private),
        Codec::Mp3 => symphonia(codec::CODEC_ID_MP3, &[]),
        Codec::Flac => symphonia(codec::CODEC_ID_FLAC, private.get(8..42)?),
        Codec::Unknown => None,
    }
}

/// The shape that the first packets decode to; nothing where nothing here decodes them.
fn shape<R: Read + Seek>(
    survey: &Survey,
    spec: SignalSpec,
    source: &mut Source<R>,
    guard: &Guard,
) -> Result<Option<SignalSpec>, AnalysisError> {
    let Some(mut decoder) = decoder(survey, spec) else { return Ok(None) };
    let mut blocks = Blocks::new(survey, source);
    let (mut packet, mut samples) = (Vec::new(), Vec::new());
    for _ in 0..16 {
        packet.clear();
        let block = blocks.next(&mut packet).map_err(|_| AnalysisError::of(guard))?;
        if block.is_none() {
            break;
        }
        if decoder.decode(&packet, &mut samples).is_ok() && !samples.is_empty() {
            return check(decoder.spec()).map(Some);
        }
    }
    Err(AnalysisError::nothing())
}

/// Decodes all of the track.
fn run<R: Read + Seek>(
    survey: &Survey,
    spec: SignalSpec,
    source: &mut Source<R>,
    guard: &Guard,
    hand_on: &mut dyn FnMut(&[i16]) -> Result<(), AnalysisError>,
) -> Result<Measured, AnalysisError> {
    let mut decoder = decoder(survey, spec).ok_or_else(AnalysisError::nothing)?;
    let delay = u128::from(survey.track.delay) * u128::from(spec.sample_rate) / 1_000_000_000;
    let skip = u64::try_from(delay).unwrap_or(0);
    let mut sink = Sink::new(spec, Trim { skip, keep: u64::MAX }, hand_on)?;
    let mut packets =
        Timed { blocks: Blocks::new(survey, source), survey, spec, frames: 0, pending: None };
    pipeline::decode(&mut packets, decoder.as_mut(), &mut sink, guard)?;
    Ok(sink.finish())
}

/// The packets of a track, with silence where their times leave a gap.
struct Timed<'a, R> {
    blocks: Blocks<'a, R>,
    survey: &'a Survey,
    spec: SignalSpec,
    frames: u64,
    pending: Option<Vec<u8>>,
}

impl<R: Read + Seek> Packets for Timed<'_, R> {
    fn next(&mut self, packet: &mut Vec<u8>) -> io::Result<Option<Next>> {
        if let Some(pending) = self.pending.take() {
            *packet = pending;
            return Ok(Some(self.packet(packet)));
        }
        let Some(time) = self.blocks.next(packet)? else { return Ok(None) };
        // Only Opus tells the length of a packet without decoding it.
        if self.survey.track.codec == Codec::Opus {
            let since = time.saturating_sub(self.survey.first_time);
            #[allow(clippy::cast_precision_loss)] // far from 2^53
            let seconds = since as f64 * self.survey.scale as f64 / 1e9;
            #[allow(clippy::cast_precision_loss)]
            let ahead = seconds - self.frames as f64 / f64::from(self.spec.sample_rate);
            #[allow(clippy::cast_precision_loss)]
            if ahead > GAP_SECONDS && seconds < MOST_SECONDS as f64 {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // positive
                let frames = (ahead * f64::from(self.spec.sample_rate)) as u64;
                self.frames += frames;
                self.pending = Some(std::mem::take(packet));
                return Ok(Some(Next::Gap { frames, is_damage: false }));
            }
        }
        Ok(Some(self.packet(packet)))
    }

    fn discarded(&self) -> u64 {
        let frames = u128::from(self.blocks.discard()) * u128::from(self.spec.sample_rate);
        u64::try_from(frames / 1_000_000_000).unwrap_or(0)
    }
}

impl<R> Timed<'_, R> {
    fn packet(&mut self, packet: &[u8]) -> Next {
        let frames = if self.survey.track.codec == Codec::Opus { opus::frames(packet) } else { 0 };
        self.frames += frames;
        Next::Packet(frames)
    }
}
