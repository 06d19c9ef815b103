//! Tells what a recording is from its first bytes, and, where those have no head, from its media type.
//! Pure.

use std::fmt;

use crate::{
    AudioType,
    appearance::appearance,
    bytes::be32,
    container::{adts, matroska::ebml::vint, mpeg},
    layout::headless::Headless,
};

/// How much of the beginning of a recording is enough to tell what it is, in bytes.
pub const HEAD: usize = 64 * 1024;

/// ISO base media files that hold pictures, not sound.
const PICTURES: [&[u8; 4]; 9] =
    [b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1", b"avif", b"avis", b"crx "];
/// How the brands of those begin that may hold sound (ISO/IEC 14496-12, 4.3; 3GPP TS 26.244).
const SOUND: [&[u8]; 12] = [
    b"M4A", b"M4B", b"M4P", b"M4V", b"mp4", b"iso", b"dash", b"3g", b"f4a", b"qt  ", b"MSNV",
    b"cmf",
];
/// Boxes that a `QuickTime` file without brands begins with.
const QUICKTIME: [&[u8; 4]; 6] = [b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"];

/// What a recording is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file of this type.
    File(AudioType),
    /// Sound without a head.
    Headless(Headless),
}

/// What a recording is, and where in it the sound's own bytes begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recognized {
    pub(crate) kind: Kind,
    /// Bytes that stand before it and are no part of it.
    pub(crate) start: u64,
}

impl Recognized {
    /// The type of the file.
    pub fn audio_type(&self) -> AudioType {
        match self.kind {
            Kind::File(kind) => kind,
            Kind::Headless(_) => AudioType::Headless,
        }
    }
}

/// Bytes that are no audio, or none that can be told. `Display` says what they look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unrecognized {
    looks_like: &'static str,
}

impl Unrecognized {
    /// What the bytes look like, in a few words.
    pub fn looks_like(&self) -> &'static str {
        self.looks_like
    }
}

impl fmt::Display for Unrecognized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it looks like {}", self.looks_like)
    }
}

impl std::error::Error for Unrecognized {}

/// Tells what a recording is from its first bytes: [`HEAD`] of them, if it has so many. `media_type`
/// is what the sender calls it; it decides only where the bytes do not.
pub fn recognize(head: &[u8], media_type: Option<&str>) -> Result<Recognized, Unrecognized> {
    let at_start = |kind| Recognized { kind, start: 0 };
    let blank = head.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let bom = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let file = |kind, start: usize| Recognized { kind: Kind::File(kind), start: start as u64 };
    if let Some(kind) = signature(head) {
        return Ok(file(kind, 0));
    }
    if let Some(found) = tagged(head) {
        return Ok(file(found.0, found.1));
    }
    // Some web servers put a blank line before what they send.
    if let Some((kind, start)) = [blank, bom]
        .into_iter()
        .filter(|start| *start > 0)
        .find_map(|start| Some((signature(&head[start..])?, start)))
    {
        return Ok(file(kind, start));
    }
    if let Some(kind) = frames(head) {
        return Ok(file(kind, 0));
    }
    if let Some(headless) = Headless::of_bytes(head) {
        return Ok(at_start(Kind::Headless(headless)));
    }
    let looks_like = appearance(head);
    let is_opaque = matches!(looks_like, UNKNOWN | ZEROS);
    if is_opaque && let Some(headless) = media_type.and_then(Headless::of_media_type) {
        return Ok(at_start(Kind::Headless(headless)));
    }
    if (is_opaque || looks_like == TEXT)
        && let Some((kind, start)) = behind_junk(head)
    {
        return Ok(file(kind, start));
    }
    Err(Unrecognized { looks_like })
}

pub(crate) const UNKNOWN: &str = "sound without a head, or unknown binary data";
pub(crate) const TEXT: &str = "text";
pub(crate) const ZEROS: &str = "nothing but zeros";

fn signature(head: &[u8]) -> Option<AudioType> {
    let form = head.get(8..12).unwrap_or_default();
    match head.get(..4)? {
        b"RIFF" | b"RIFX" | b"RF64" | b"BW64" if form == b"WAVE" => Some(AudioType::Wav),
        b"FORM" if form == b"AIFF" || form == b"AIFC" => Some(AudioType::Aiff),
        b"fLaC" => Some(AudioType::Flac),
        b"OggS" => Some(AudioType::Ogg),
        b"caff" => Some(AudioType::Caf),
        b".snd" => Some(AudioType::Au),
        b"#!AM" if head.starts_with(b"#!AMR-WB") => Some(AudioType::AmrWb),
        b"#!AM" if head.starts_with(b"#!AMR") => Some(AudioType::Amr),
        b"\x1a\x45\xdf\xa3" => ebml(head),
        _ if head.get(4..8) == Some(b"ftyp") => iso_base_media(head),
        _ => quicktime(head),
    }
}

/// An ID3 tag stands before MP3, but some write it before other things too.
fn tagged(head: &[u8]) -> Option<(AudioType, usize)> {
    let mut at = 0;
    while let Some(length) = mpeg::id3_length(head.get(at..).unwrap_or_default()) {
        at += length;
    }
    if at == 0 {
        return None;
    }
    let behind = head.get(at..).unwrap_or_default();
    let kind = signature(behind).or_else(|| frames(behind)).unwrap_or(AudioType::Mpeg);
    Some((kind, at.min(head.len())))
}

/// Headers in a row, each where the one before says: bytes that look like one are common.
fn frames(head: &[u8]) -> Option<AudioType> {
    if mpeg::is_stream(head) {
        Some(AudioType::Mpeg)
    } else if adts::is_stream(head) {
        Some(AudioType::Aac)
    } else {
        None
    }
}

/// Frames behind zeros, the rest of a frame, or a tag that is none of ID3.
fn behind_junk(head: &[u8]) -> Option<(AudioType, usize)> {
    (1..head.len()).find_map(|at| {
        let behind = &head[at..];
        if behind[0] != 0xff {
            return None;
        }
        let is_long = mpeg::is_stream(behind);
        is_long.then_some((AudioType::Mpeg, at))
    })
}

fn iso_base_media(head: &[u8]) -> Option<AudioType> {
    let length = usize::try_from(be32(head, 0)?).ok()?.min(head.len());
    let major: &[u8; 4] = head.get(8..12)?.try_into().ok()?;
    let compatible = head.get(16..length).unwrap_or_default().chunks_exact(4);
    let is_sound = |brand: &[u8]| SOUND.iter().any(|known| brand.starts_with(known));
    let fits =
        !PICTURES.contains(&major) && (is_sound(major) || compatible.into_iter().any(is_sound));
    let kind = if major.starts_with(b"3g") { AudioType::ThreeGpp } else { AudioType::Mp4 };
    fits.then_some(kind)
}

/// `QuickTime` before there were brands: a box of a size that can be.
fn quicktime(head: &[u8]) -> Option<AudioType> {
    let name = head.get(4..8)?;
    let size = be32(head, 0)?;
    let is_first = QUICKTIME.iter().any(|known| *known == name) && !(2..8).contains(&size);
    is_first.then_some(AudioType::Mp4)
}

/// The `DocType` in the header (RFC 8794, section 11.2). Its elements are few and small.
fn ebml(head: &[u8]) -> Option<AudioType> {
    let mut at = 4;
    at += vint(head.get(at..)?)?.1;
    while at < head.len().min(256) {
        let id = id_length(*head.get(at)?)?;
        let name = head.get(at..at + id)?;
        let (size, width) = vint(head.get(at + id..)?)?;
        let from = at + id + width;
        let to = from.checked_add(usize::try_from(size).ok()?)?;
        if name == b"\x42\x82" {
            return match head.get(from..to)?.trim_ascii_end() {
                b"webm" => Some(AudioType::WebM),
                b"matroska" => Some(AudioType::Matroska),
                _ => None,
            };
        }
        at = to;
    }
    None
}

/// Identifiers have at most four bytes (RFC 8794, section 5).
fn id_length(first: u8) -> Option<usize> {
    Some(first.leading_zeros() as usize + 1).filter(|length| *length <= 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two ADTS frames of 9 bytes: AAC-LC, 44.1 kHz, stereo.
    const ADTS: &[u8] = b"\xff\xf1\x50\x80\x01\x3f\xfc\0\0\xff\xf1\x50\x80\x01\x3f\xfc\0\0";
    const WEBM: &[u8] = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\
                          \x42\xf3\x81\x08\x42\x82\x84webm\x42\x87\x81\x04";
    const MATROSKA: &[u8] = b"\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x0b\x42\x82\x88matroska";

    fn kind_of(head: &[u8]) -> Option<AudioType> {
        recognize(head, None).ok().map(|found| found.audio_type())
    }

    fn tag(behind: &[u8]) -> Vec<u8> {
        [b"ID3\x04\0\0\0\0\0\x04....", behind].concat()
    }

    #[test]
    fn each_type_is_known_by_its_first_bytes() {
        for (head, kind) in [
            (&b"RIFF\x24\0\0\0WAVEfmt "[..], AudioType::Wav),
            (b"RF64\xff\xff\xff\xffWAVEds64", AudioType::Wav),
            (b"FORM\0\0\0\x20AIFFCOMM", AudioType::Aiff),
            (b"FORM\0\0\0\x20AIFCFVER", AudioType::Aiff),
            (b"fLaC\0\0\0\x22", AudioType::Flac),
            (b"OggS\0\x02", AudioType::Ogg),
            (b"caff\0\x01", AudioType::Caf),
            (b".snd\0\0\0\x18", AudioType::Au),
            (b"#!AMR\n", AudioType::Amr),
            (b"#!AMR-WB\n", AudioType::AmrWb),
            (b"\0\0\0\x1cftypM4A \0\0\0\0M4A mp42isom", AudioType::Mp4),
            (b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2", AudioType::Mp4),
            (b"\0\0\0\x14ftypXXXX\0\0\0\0mp42", AudioType::Mp4),
            (b"\0\0\0\x14ftyp3gp4\0\0\0\x003gp4", AudioType::ThreeGpp),
            (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", AudioType::Mp4),
            (b"\0\0\0\x08wide\0\0\0\x08mdat", AudioType::Mp4),
            (b"RIFX\0\0\0\x24WAVEfmt ", AudioType::Wav),
            (b"\r\n\r\nRIFF\x24\0\0\0WAVEfmt ", AudioType::Wav),
            (WEBM, AudioType::WebM),
            (MATROSKA, AudioType::Matroska),
            (ADTS, AudioType::Aac),
        ] {
            assert_eq!(kind_of(head), Some(kind), "{head:?}");
        }
    }

    #[test]
    fn a_tag_stands_before_mp3_unless_the_bytes_behind_it_say_otherwise() {
        for (behind, kind) in [
            (&b""[..], AudioType::Mpeg),
            (b"\xff\xfb\x90\x64", AudioType::Mpeg),
            (b"fLaC\0\0\0\x22", AudioType::Flac),
            (ADTS, AudioType::Aac),
        ] {
            assert_eq!(kind_of(&tag(behind)), Some(kind), "{behind:?}");
        }
        assert_eq!(kind_of(b"ID3\x04\0\0\0\x7f\x7f\x7f a longer tag"), Some(AudioType::Mpeg));
    }

    #[test]
    fn bytes_that_only_resemble_audio_are_not_recognized() {
        for head in [
            &b""[..],
            b"RIFF",
            b"RIFF\x24\0\0\0AVI LIST",
            b"RIFF\x24\0\0\0WEBPVP8 ",
            b"FORM\0\0\0\x20ILBM",
            b"\0\0\0\x18ftypheic\0\0\0\0mif1isom",
            b"\0\0\0\x18ftypavif\0\0\0\0mif1iso8",
            b"\x1a\x45\xdf\xa3\x80",
            b"\x1a\x45\xdf\xa3\x87\x42\x82\x84else",
            b"ID3 is a kind of tag",
            b"\xff\xf1\x50\x80\x01\x3f\xfc\0\0 no second frame",
            b"\xff\xfe\x41\0\x42\0 UTF-16",
            b"\xff\xd8\xff\xe0\0\x10JFIF",
            b"%PDF-1.7",
            b"sorry",
            &[0xff; 64],
            &[0; 64],
        ] {
            assert_eq!(kind_of(head), None, "{head:?}");
        }
    }
}
