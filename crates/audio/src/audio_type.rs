//! The kinds of audio files, with the media types and file name endings that they are known by.

/// A kind of audio file, told from its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AudioType {
    /// RIFF/WAVE, RIFX, RF64 and BW64.
    Wav,
    /// MPEG audio, layers I to III.
    Mpeg,
    /// AAC in ADTS.
    Aac,
    /// FLAC in its own container.
    Flac,
    /// Ogg, whatever is in it.
    Ogg,
    /// MPEG-4 and `QuickTime`.
    Mp4,
    /// 3GPP: MPEG-4 with speech codecs.
    ThreeGpp,
    /// `WebM`
    WebM,
    /// Matroska that is not `WebM` (RFC 9559).
    Matroska,
    /// AMR, narrow band (RFC 4867, section 5).
    Amr,
    /// AMR-WB, wide band (RFC 4867, section 5).
    AmrWb,
    /// AIFF and AIFF-C.
    Aiff,
    /// Core Audio Format.
    Caf,
    /// Sun's `.au`.
    Au,
    /// Samples or frames without a head, as a media type describes them.
    Headless,
}

/// Type, media type, file name ending, name.
const TABLE: [(AudioType, &str, &str, &str); 15] = [
    (AudioType::Wav, "audio/wav", "wav", "WAV"),
    (AudioType::Mpeg, "audio/mpeg", "mp3", "MP3"),
    (AudioType::Aac, "audio/aac", "aac", "AAC"),
    (AudioType::Flac, "audio/flac", "flac", "FLAC"),
    (AudioType::Ogg, "audio/ogg", "ogg", "Ogg"),
    (AudioType::Mp4, "audio/mp4", "m4a", "MPEG-4"),
    (AudioType::ThreeGpp, "audio/3gpp", "3gp", "3GPP"),
    (AudioType::WebM, "audio/webm", "webm", "WebM"),
    (AudioType::Matroska, "audio/matroska", "mka", "Matroska"),
    (AudioType::Amr, "audio/amr", "amr", "AMR"),
    (AudioType::AmrWb, "audio/amr-wb", "amr", "AMR-WB"),
    (AudioType::Aiff, "audio/aiff", "aiff", "AIFF"),
    (AudioType::Caf, "audio/x-caf", "caf", "CAF"),
    (AudioType::Au, "audio/basic", "au", "AU"),
    (AudioType::Headless, "application/octet-stream", "raw", "headless"),
];

impl AudioType {
    /// Every type.
    pub const ALL: [Self; TABLE.len()] = {
        let mut all = [Self::Wav; TABLE.len()];
        let mut at = 0;
        while at < all.len() {
            all[at] = TABLE[at].0;
            at += 1;
        }
        all
    };

    const fn row(self) -> &'static (Self, &'static str, &'static str, &'static str) {
        &TABLE[self as usize]
    }

    /// The media type that browsers know it by.
    pub const fn content_type(self) -> &'static str {
        self.row().1
    }

    /// How its files' names end, without the dot.
    pub const fn extension(self) -> &'static str {
        self.row().2
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        self.row().3
    }

    /// The type that has this media type, as [`AudioType::content_type`] writes it.
    pub fn of_content_type(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.content_type() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_type_leads_back_to_its_type() {
        for (at, kind) in AudioType::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, at, "the table is in the enum's order");
            assert_eq!(AudioType::of_content_type(kind.content_type()), Some(kind));
        }
        assert_eq!(AudioType::of_content_type("text/html"), None);
    }
}
