//! Sound enough to be published.

/// A WAV of so many seconds of telephone quality: 8 kHz, one channel, 16 bits, a quiet saw.
pub(crate) fn wav(seconds: u32) -> Vec<u8> {
    let rate = 8_000_u32;
    let data = rate * 2 * seconds;
    let mut wav = Vec::new();
    wav.extend_from_slice(b"RIFF");
    wav.extend_from_slice(&(36 + data).to_le_bytes());
    wav.extend_from_slice(b"WAVEfmt ");
    wav.extend_from_slice(&16_u32.to_le_bytes());
    wav.extend_from_slice(&1_u16.to_le_bytes()); // PCM
    wav.extend_from_slice(&1_u16.to_le_bytes()); // channels
    wav.extend_from_slice(&rate.to_le_bytes());
    wav.extend_from_slice(&(rate * 2).to_le_bytes());
    wav.extend_from_slice(&2_u16.to_le_bytes());
    wav.extend_from_slice(&16_u16.to_le_bytes());
    wav.extend_from_slice(b"data");
    wav.extend_from_slice(&data.to_le_bytes());
    wav.extend((0..data / 2).flat_map(|sample| u16::try_from(sample % 999).unwrap().to_le_bytes()));
    wav
}
