//! Recordings made for a test, and what was made of them.

use std::{io::Cursor, path::Path};

use audio::{AudioType, CancelFlag, DecodeError, Decoded, decode};

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

/// A recording that could be decoded.
pub(crate) struct Heard {
    pub(crate) decoded: Decoded,
    /// What was converted, if anything was.
    pub(crate) converted: Option<Vec<u8>>,
}

/// Decodes a recording as the kind that it looks like.
pub(crate) fn hear(bytes: &[u8]) -> Result<Heard, DecodeError> {
    hear_as(audio::sniff(bytes).unwrap(), bytes)
}

pub(crate) fn hear_as(kind: AudioType, bytes: &[u8]) -> Result<Heard, DecodeError> {
    let mut converted = None;
    let stop = CancelFlag::new();
    let decoded = decode(kind, Cursor::new(bytes), bytes.len() as u64, &stop, &mut |piece| {
        converted.get_or_insert_with(Vec::new).extend(piece);
        Ok(())
    })?;
    Ok(Heard { decoded, converted })
}
