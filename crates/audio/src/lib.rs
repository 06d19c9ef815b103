//! What a recording is: which kind of audio its first bytes say ([`sniff`]), and what is heard in
//! all of it ([`decode`]): how long it plays, its channels, its outline, and the same sound as
//! browsers play it. Bytes in, plain data out: believes no file name and no header of HTTP, and
//! knows no run, no storage and no database.

mod appearance;
mod bytes;
mod cancel;
pub mod codec;
mod decode;
mod mpeg;
mod pcm;
mod peaks;
mod sniff;

pub use appearance::appearance;
pub use cancel::{CancelFlag, CancelOnDrop};
pub use decode::{Converted, DecodeError, Decoded, Facts, decode};
pub use peaks::{Peaks, is_whole_dat};
pub use sniff::sniff;

/// How much of the beginning of a recording is enough to tell its kind, in bytes.
pub const HEAD: usize = 64 * 1024;

/// A kind of audio that can be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AudioType {
    /// RIFF/WAVE, RF64 and BW64.
    Wav,
    /// MPEG audio, layers I to III.
    Mpeg,
    /// AAC in ADTS.
    Aac,
    /// FLAC in its own container.
    Flac,
    /// Ogg, whatever is in it.
    Ogg,
    /// MPEG-4 and 3GPP.
    Mp4,
    /// `WebM`
    WebM,
    /// Matroska that is not `WebM` (RFC 9559).
    Matroska,
    /// AMR, narrow and wide band (RFC 4867, section 5).
    Amr,
    /// AIFF and AIFF-C.
    Aiff,
    /// Core Audio Format.
    Caf,
    /// Sun's `.au`.
    Au,
}

impl AudioType {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Wav,
        Self::Mpeg,
        Self::Aac,
        Self::Flac,
        Self::Ogg,
        Self::Mp4,
        Self::WebM,
        Self::Matroska,
        Self::Amr,
        Self::Aiff,
        Self::Caf,
        Self::Au,
    ];

    /// The media type that browsers know it by.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Wav => "audio/wav",
            Self::Mpeg => "audio/mpeg",
            Self::Aac => "audio/aac",
            Self::Flac => "audio/flac",
            Self::Ogg => "audio/ogg",
            Self::Mp4 => "audio/mp4",
            Self::WebM => "audio/webm",
            Self::Matroska => "audio/matroska",
            Self::Amr => "audio/amr",
            Self::Aiff => "audio/aiff",
            Self::Caf => "audio/x-caf",
            Self::Au => "audio/basic",
        }
    }

    /// How its files' names end, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Mpeg => "mp3",
            Self::Aac => "aac",
            Self::Flac => "flac",
            Self::Ogg => "ogg",
            Self::Mp4 => "m4a",
            Self::WebM => "webm",
            Self::Matroska => "mka",
            Self::Amr => "amr",
            Self::Aiff => "aiff",
            Self::Caf => "caf",
            Self::Au => "au",
        }
    }

    /// The kind that has this media type, as [`AudioType::content_type`] writes it.
    pub fn of_content_type(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.content_type() == text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_content_type_leads_back_to_its_kind() {
        for kind in AudioType::ALL {
            assert_eq!(AudioType::of_content_type(kind.content_type()), Some(kind));
        }
        assert_eq!(AudioType::of_content_type("text/html"), None);
    }

    /// Any bytes, most of them behind the beginning of something that is looked into.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let openings = prop::sample::select(vec![
            &b""[..],
            b"RIFF\xff\xff\xff\xffWAVEfmt ",
            b"RIFF\x10\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0",
            b"ID3\x04\0\0\0\0\0\x02",
            b"\xff\xfb\x90\x64",
            b"\xff\xf1\x50\x80",
            b"\x1a\x45\xdf\xa3",
            b"\0\0\0\x20ftyp",
        ]);
        (openings, prop::collection::vec(any::<u8>(), 0..600))
            .prop_map(|(opening, rest)| [opening, &rest].concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_096))]
        #[test]
        fn no_bytes_make_it_panic(head in bytes()) {
            appearance(&head);
            sniff(&head);
        }
    }
}
