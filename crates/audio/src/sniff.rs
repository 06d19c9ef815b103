//! Tells the kind of audio from its first bytes. Pure.

use super::{AudioType, bytes::be32, mpeg};

/// ISO base media files that hold pictures, not sound.
const PICTURES: [&[u8; 4]; 9] =
    [b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1", b"avif", b"avis", b"crx "];
/// How the brands of those begin that may hold sound (ISO/IEC 14496-12, 4.3; 3GPP TS 26.244).
const SOUND: [&[u8]; 9] = [b"M4A", b"M4B", b"M4P", b"M4V", b"mp4", b"iso", b"dash", b"3g", b"f4a"];

/// The kind of audio that these first bytes of a recording ([`super::HEAD`] of them, if it has so
/// many) belong to.
pub fn sniff(head: &[u8]) -> Option<AudioType> {
    signature(head).or_else(|| tagged(head)).or_else(|| frames(head))
}

fn signature(head: &[u8]) -> Option<AudioType> {
    let form = head.get(8..12).unwrap_or_default();
    match head.get(..4)? {
        b"RIFF" | b"RF64" | b"BW64" if form == b"WAVE" => Some(AudioType::Wav),
        b"FORM" if form == b"AIFF" || form == b"AIFC" => Some(AudioType::Aiff),
        b"fLaC" => Some(AudioType::Flac),
        b"OggS" => Some(AudioType::Ogg),
        b"caff" => Some(AudioType::Caf),
        b".snd" => Some(AudioType::Au),
        b"#!AM" if head.get(4) == Some(&b'R') => Some(AudioType::Amr),
        b"\x1a\x45\xdf\xa3" => ebml(head),
        _ if head.get(4..8) == Some(b"ftyp") => iso_base_media(head),
        _ => None,
    }
}

/// An ID3 tag stands before MP3, but some write it before other things too.
fn tagged(head: &[u8]) -> Option<AudioType> {
    let tag = mpeg::id3_length(head)?;
    let behind = head.get(tag..).unwrap_or_default();
    Some(signature(behind).or_else(|| frames(behind)).unwrap_or(AudioType::Mpeg))
}

/// Two headers in a row, the second where the first says: bytes that look like one are common.
fn frames(head: &[u8]) -> Option<AudioType> {
    if mpeg::is_stream(head) {
        Some(AudioType::Mpeg)
    } else if is_adts(head) {
        Some(AudioType::Aac)
    } else {
        None
    }
}

fn is_adts(head: &[u8]) -> bool {
    adts_frame(head)
        .and_then(|length| head.get(length..))
        .is_some_and(|next| adts_frame(next).is_some() && next[1] == head[1] && same(head, next))
}

/// The fields that do not change from frame to frame: profile, sampling rate, channels.
fn same(one: &[u8], other: &[u8]) -> bool {
    one[2] & 0b1111_1101 == other[2] & 0b1111_1101 && one[3] >> 6 == other[3] >> 6
}

/// The length of the ADTS frame that begins here (ISO/IEC 14496-3, 1.A.2).
fn adts_frame(bytes: &[u8]) -> Option<usize> {
    let header = bytes.get(..7)?;
    let is_header = header[0] == 0xff && header[1] & 0b1111_0110 == 0b1111_0000;
    let rate = header[2] >> 2 & 0b1111;
    let length = usize::from(header[3] & 0b11) << 11
        | usize::from(header[4]) << 3
        | usize::from(header[5] >> 5);
    (is_header && rate < 13 && length > header.len()).then_some(length)
}

fn iso_base_media(head: &[u8]) -> Option<AudioType> {
    let length = usize::try_from(be32(head, 0)?).ok()?.min(head.len());
    let major: &[u8; 4] = head.get(8..12)?.try_into().ok()?;
    let compatible = head.get(16..length).unwrap_or_default().chunks_exact(4);
    let is_sound = |brand: &[u8]| SOUND.iter().any(|known| brand.starts_with(known));
    let fits =
        !PICTURES.contains(&major) && (is_sound(major) || compatible.into_iter().any(is_sound));
    fits.then_some(AudioType::Mp4)
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

/// A variable-size integer (RFC 8794, section 4): its value and how many bytes it takes.
fn vint(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let width = first.leading_zeros() as usize + 1;
    let rest = bytes.get(1..width).filter(|_| width <= 8)?;
    let marked = rest.iter().fold(u64::from(first), |value, byte| value << 8 | u64::from(*byte));
    Some((marked & !(1 << (7 * width)), width))
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

    fn tag(behind: &[u8]) -> Vec<u8> {
        [b"ID3\x04\0\0\0\0\0\x04....", behind].concat()
    }

    #[test]
    fn each_kind_is_known_by_its_first_bytes() {
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
            (b"#!AMR-WB\n", AudioType::Amr),
            (b"\0\0\0\x1cftypM4A \0\0\0\0M4A mp42isom", AudioType::Mp4),
            (b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2", AudioType::Mp4),
            (b"\0\0\0\x14ftypXXXX\0\0\0\0mp42", AudioType::Mp4),
            (b"\0\0\0\x14ftyp3gp4\0\0\0\x003gp4", AudioType::Mp4),
            (WEBM, AudioType::WebM),
            (MATROSKA, AudioType::Matroska),
            (ADTS, AudioType::Aac),
        ] {
            assert_eq!(sniff(head), Some(kind), "{head:?}");
        }
    }

    #[test]
    fn behind_a_tag_it_is_mp3_unless_it_is_seen_to_be_something_else() {
        for (behind, kind) in [
            (&b""[..], AudioType::Mpeg),
            (b"\xff\xfb\x90\x64", AudioType::Mpeg),
            (b"fLaC\0\0\0\x22", AudioType::Flac),
            (ADTS, AudioType::Aac),
        ] {
            assert_eq!(sniff(&tag(behind)), Some(kind), "{behind:?}");
        }
        assert_eq!(sniff(b"ID3\x04\0\0\0\x7f\x7f\x7f a longer tag"), Some(AudioType::Mpeg));
    }

    #[test]
    fn what_only_resembles_audio_is_none() {
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
            assert_eq!(sniff(head), None, "{head:?}");
        }
    }
}
