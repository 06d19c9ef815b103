//! Sound enough to be published.

/// A WAV of so many seconds of telephone quality: 8 kHz, one channel, 16 bits, a quiet saw.
pub(crate) fn wav(seconds: u32) -> Vec<u8> {
    let samples = 0..seconds * 8_000;
    let data = samples.flat_map(|sample| u16::try_from(sample % 999).unwrap().to_le_bytes());
    file(1, 2, &data.collect::<Vec<_>>())
}

/// A WAV of so many seconds as telephones code it: 8 kHz, one channel, μ-law, as loud as can be.
pub(crate) fn mulaw(seconds: u16) -> Vec<u8> {
    file(7, 1, &[0x80, 0x00].repeat(usize::from(seconds) * 4_000))
}

/// With this format tag and so many bytes a sample.
fn file(tag: u16, width: u16, data: &[u8]) -> Vec<u8> {
    let (rate, length) = (8_000_u32, u32::try_from(data.len()).unwrap());
    let mut wav = Vec::new();
    wav.extend_from_slice(b"RIFF");
    wav.extend_from_slice(&(36 + length).to_le_bytes());
    wav.extend_from_slice(b"WAVEfmt ");
    wav.extend_from_slice(&16_u32.to_le_bytes());
    wav.extend_from_slice(&tag.to_le_bytes());
    wav.extend_from_slice(&1_u16.to_le_bytes()); // channels
    wav.extend_from_slice(&rate.to_le_bytes());
    wav.extend_from_slice(&(rate * u32::from(width)).to_le_bytes());
    wav.extend_from_slice(&width.to_le_bytes());
    wav.extend_from_slice(&(width * 8).to_le_bytes());
    wav.extend_from_slice(b"data");
    wav.extend_from_slice(&length.to_le_bytes());
    wav.extend_from_slice(data);
    wav
}
