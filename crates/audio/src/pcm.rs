//! 16-bit PCM as WAV (Microsoft, "Multiple Channel Audio Data and WAVE Files"), which every browser
//! plays. Pure.

/// In bytes.
const HEADER: u32 = 44;

/// What stands before so many frames, if a WAV can hold them: no more than 4 GiB.
pub(crate) fn header(rate: u32, channels: u16, frames: u64) -> Option<Vec<u8>> {
    let block = channels.checked_mul(2)?;
    let data = u32::try_from(frames.checked_mul(block.into())?).ok()?;
    let riff = data.checked_add(HEADER - 8)?;
    let mut header = Vec::with_capacity(HEADER as usize);
    header.extend(b"RIFF");
    header.extend(riff.to_le_bytes());
    header.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    header.extend(channels.to_le_bytes());
    header.extend(rate.to_le_bytes());
    header.extend(rate.checked_mul(block.into())?.to_le_bytes());
    header.extend(block.to_le_bytes());
    header.extend(b"\x10\0data");
    header.extend(data.to_le_bytes());
    Some(header)
}

/// Writes samples as they stand behind it.
pub(crate) fn write(samples: &[i16], to: &mut Vec<u8>) {
    to.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_says_what_follows() {
        let header = header(8_000, 2, 3).unwrap();
        assert_eq!(header, b"RIFF\x30\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0\x40\x1f\0\0\0\x7d\0\0\x04\0\x10\0data\x0c\0\0\0");
        assert_eq!(header.len(), HEADER as usize);
    }

    #[test]
    fn what_is_too_long_for_a_wav_has_no_header() {
        let most = (u64::from(u32::MAX) - 36) / 2;
        assert!(header(8_000, 1, most).is_some());
        assert_eq!(header(8_000, 1, most + 1), None);
        assert_eq!(header(8_000, 1, u64::MAX), None);
        assert_eq!(header(u32::MAX, 2, 1), None);
    }
}
