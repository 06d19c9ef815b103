//! Files whose packets symphonia finds: MP3, AAC, FLAC, Ogg, MP4. What is damaged is left out;
//! what nothing here decodes is not decoded, and no fault of the file.

use std::io::{Read, Seek};

use symphonia::{
    core::{
        audio::Channels,
        codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions},
        errors::Error,
        formats::{FormatOptions, FormatReader, Track, TrackType, probe::ProbeableFormat as _},
        io::{MediaSourceStream, MediaSourceStreamOptions},
    },
    default::{
        formats::{AdtsReader, FlacReader, IsoMp4Reader, MpaReader, OggReader},
        get_codecs,
    },
};

use super::{
    DecodeError, Decoded,
    ear::{Ear, MOST_CHANNELS, MOST_SECONDS, Shape},
    source::{Guard, Source, Trouble},
};
use crate::{AudioType, Facts};

/// More frames in one packet than any codec has: a decoder makes room for as many as are claimed.
const MOST_FRAMES_PER_PACKET: u64 = 1 << 16;
/// So many packets in a row without a sound, and nothing more is expected: an index may claim
/// billions of them.
const MOST_SILENT_PACKETS: u32 = 10_000;

/// Decodes a file; nothing for a kind that nothing here reads.
pub(super) fn decode<R: Read + Seek + Send>(
    kind: AudioType,
    source: Source<R>,
    guard: &Guard,
) -> Result<Decoded, DecodeError> {
    let unknown = Decoded { kind, facts: Facts::default(), peaks: None };
    let stream = MediaSourceStream::new(Box::new(source), MediaSourceStreamOptions::default());
    let options = FormatOptions::default();
    let opened = match kind {
        AudioType::Mpeg => MpaReader::try_probe_new(stream, options),
        AudioType::Aac => AdtsReader::try_probe_new(stream, options),
        AudioType::Flac => FlacReader::try_probe_new(stream, options),
        AudioType::Ogg => OggReader::try_probe_new(stream, options),
        AudioType::Mp4 => IsoMp4Reader::try_probe_new(stream, options),
        _ => return Ok(unknown),
    };
    let mut file = match opened {
        Ok(file) => file,
        Err(error) => {
            return match ending(&error, guard)? {
                Ending::Beyond => Ok(unknown),
                Ending::Broken => Err(DecodeError::nothing()),
            };
        }
    };
    let Some(track) = file.default_track(TrackType::Audio) else {
        return Err(DecodeError::Unplayable("the recording has no sound".to_owned()));
    };
    let (id, facts) = (track.id, claimed(track));
    let parameters = track.codec_params.as_ref().and_then(|parameters| parameters.audio());
    let Some(mut decoder) = parameters.and_then(decoder) else {
        return Ok(Decoded { facts, ..unknown });
    };
    match listen(&mut *file, id, &mut *decoder, guard)? {
        Listened::Heard(ear) => {
            let (facts, peaks) = ear.finish();
            Ok(Decoded { kind, facts, peaks })
        }
        Listened::Beyond => Ok(Decoded { facts, ..unknown }),
        Listened::Nothing => Err(DecodeError::nothing()),
    }
}

/// What a file says that can't be decoded here. A length that nothing bears out is as good as none.
fn claimed(track: &Track) -> Facts {
    let parameters = track.codec_params.as_ref().and_then(|parameters| parameters.audio());
    let channels = parameters.and_then(|parameters| parameters.channels.as_ref());
    let duration = track.time_base.zip(track.duration);
    let time = duration.and_then(|(base, duration)| base.calc_duration(duration));
    Facts {
        duration_seconds: time
            .filter(|time| u64::try_from(time.as_secs()).is_ok_and(|whole| whole < MOST_SECONDS))
            .map(|time| time.as_secs_f64()),
        channels: channels
            .map(Channels::count)
            .filter(|count| (1..=MOST_CHANNELS).contains(count))
            .and_then(|count| u16::try_from(count).ok()),
    }
}

/// Nothing where nothing decodes it, or where it claims more than is decoded here.
fn decoder(parameters: &AudioCodecParameters) -> Option<Box<dyn AudioDecoder>> {
    let is_large = |frames: Option<u64>| frames.is_some_and(|n| n > MOST_FRAMES_PER_PACKET);
    let channels = parameters.channels.as_ref().map_or(0, Channels::count);
    if channels > MOST_CHANNELS
        || is_large(parameters.max_frames_per_packet)
        || is_large(parameters.frames_per_block)
    {
        return None;
    }
    get_codecs().make_audio_decoder(parameters, &AudioDecoderOptions::default()).ok()
}

/// What came of decoding.
enum Listened {
    Heard(Ear),
    /// Not a single packet could be decoded, and some of them not here.
    Beyond,
    /// Not a single packet could be decoded.
    Nothing,
}

/// Hears all of one track, as far as it can be decoded.
fn listen(
    file: &mut dyn FormatReader,
    track: u32,
    decoder: &mut dyn AudioDecoder,
    guard: &Guard,
) -> Result<Listened, DecodeError> {
    let mut ear: Option<Ear> = None;
    let mut samples = Vec::new();
    let (mut silent, mut is_beyond) = (0, false);
    while silent < MOST_SILENT_PACKETS {
        silent += 1;
        guard.renew();
        let packet = match file.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            // The end, or what comes behind it is lost.
            Err(error) => {
                ending(&error, guard)?;
                break;
            }
        };
        if guard.is_stopped() {
            return Err(DecodeError::Stopped);
        }
        if packet.track_id != track {
            continue;
        }
        let sound = match decoder.decode(&packet) {
            Ok(sound) => sound,
            Err(error) => {
                is_beyond |= matches!(error, Error::Unsupported(_));
                continue;
            }
        };
        if sound.frames() == 0 {
            continue;
        }
        let spec = sound.spec();
        let shape = Shape { rate: spec.rate(), channels: spec.channels().count() };
        let ear = match &mut ear {
            Some(ear) => ear,
            None => ear.insert(Ear::new(shape)?),
        };
        // A player can't change its shape in the middle either.
        if ear.shape() == shape {
            sound.copy_to_vec_interleaved(&mut samples);
            ear.hear(&samples)?;
            silent = 0;
        }
    }
    Ok(match ear {
        Some(ear) => Listened::Heard(ear),
        None if is_beyond => Listened::Beyond,
        None => Listened::Nothing,
    })
}

/// Why symphonia went no further.
enum Ending {
    /// It may be all right, but it is not for this decoder.
    Beyond,
    /// It ends here, or is damaged.
    Broken,
}

/// What an error of symphonia's means, unless the trouble is ours.
fn ending(error: &Error, guard: &Guard) -> Result<Ending, DecodeError> {
    match guard.trouble() {
        Some(Trouble::Stopped) => Err(DecodeError::Stopped),
        Some(Trouble::Storage(error)) => Err(DecodeError::Storage(error)),
        Some(Trouble::TooMuch) => Ok(Ending::Beyond),
        None => match error {
            // So symphonia calls it too where a file has not what every one of its kind has.
            Error::Unsupported(what) if what.contains("missing") => Ok(Ending::Broken),
            Error::Unsupported(_) | Error::LimitError(_) => Ok(Ending::Beyond),
            _ => Ok(Ending::Broken),
        },
    }
}
