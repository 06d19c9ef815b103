//! Recordings made for a test, and what was made of them.

use std::{io::Cursor, path::Path};

use audio::{Analysis, AnalysisError, CancelFlag, Serving};

/// A file of the folder beside this.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    std::fs::read(folder.join(name)).unwrap()
}

/// What a WAV is made of.
pub(crate) struct Wav {
    pub(crate) tag: u16,
    pub(crate) channels: u16,
    pub(crate) rate: u32,
    pub(crate) block: u16,
    pub(crate) bits: u16,
}

impl Wav {
    pub(crate) const PCM: Self = Self { tag: 1, channels: 1, rate: 8_000, block: 2, bits: 16 };
    pub(crate) const ALAW: Self = Self { tag: 6, block: 1, bits: 8, ..Self::PCM };
    pub(crate) const MULAW: Self = Self { tag: 7, ..Self::ALAW };

    pub(crate) fn file(&self, data: &[u8]) -> Vec<u8> {
        self.claiming(u32::try_from(data.len()).unwrap(), data)
    }

    /// As if it had so many bytes of samples.
    pub(crate) fn claiming(&self, claimed: u32, data: &[u8]) -> Vec<u8> {
        let mut wav = b"RIFF".to_vec();
        wav.extend(claimed.wrapping_add(36).to_le_bytes());
        wav.extend(b"WAVEfmt \x10\0\0\0");
        wav.extend(self.tag.to_le_bytes());
        wav.extend(self.channels.to_le_bytes());
        wav.extend(self.rate.to_le_bytes());
        wav.extend((self.rate.wrapping_mul(self.block.into())).to_le_bytes());
        wav.extend(self.block.to_le_bytes());
        wav.extend(self.bits.to_le_bytes());
        wav.extend(b"data");
        wav.extend(claimed.to_le_bytes());
        wav.extend(data);
        wav
    }
}

/// What was made of a recording.
#[derive(Debug)]
pub(crate) struct Analyzed {
    pub(crate) analysis: Analysis,
    /// What the output took, if anything.
    pub(crate) output: Option<Vec<u8>>,
}

impl Analyzed {
    /// What browsers are served.
    pub(crate) fn served<'a>(&'a self, source: &'a [u8]) -> &'a [u8] {
        match self.analysis.serving {
            Serving::AsItCame(_) => source,
            _ => self.output.as_deref().unwrap_or_default(),
        }
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.analysis.facts.duration_seconds.unwrap()
    }
}

pub(crate) fn analyze(bytes: &[u8]) -> Result<Analyzed, AnalysisError> {
    analyze_as(bytes, None)
}

pub(crate) fn analyze_as(
    bytes: &[u8],
    media_type: Option<&str>,
) -> Result<Analyzed, AnalysisError> {
    let mut output = None;
    let len = bytes.len() as u64;
    let cancel = CancelFlag::new();
    let analysis = audio::analyze(Cursor::new(bytes), len, media_type, &cancel, &mut |piece| {
        output.get_or_insert_with(Vec::new).extend(piece);
        Ok(())
    })?;
    Ok(Analyzed { analysis, output })
}

/// The recording as 16-bit PCM WAV.
pub(crate) fn to_wav(bytes: &[u8]) -> Vec<u8> {
    let mut wav = Vec::new();
    let len = bytes.len() as u64;
    audio::to_wav(Cursor::new(bytes), len, &CancelFlag::new(), &mut |piece| {
        wav.extend(piece);
        Ok(())
    })
    .unwrap();
    wav
}
