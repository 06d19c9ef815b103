//! Vorbis I (Xiph.Org, 2020-07-04). symphonia decodes; what a setup header claims is bounded here first,
//! because a code book of a few bytes may claim millions of entries.

use symphonia::{
    core::{
        audio::Channels,
        codecs::audio::{
            AudioCodecParameters, AudioDecoder, AudioDecoderOptions, well_known::CODEC_ID_VORBIS,
        },
        packet::PacketRef,
        units::{Duration, Timestamp},
    },
    default::get_codecs,
};

use super::{
    Damaged, Decoder, SignalSpec,
    bits::{BitOrder, Bits},
};

/// Bytes of the identification header.
const IDENTIFICATION: usize = 30;
/// Entries of all code books together: about 12,000 in files of libvorbis.
const MOST_ENTRIES: u32 = 1 << 15;
/// Numbers in the vectors of all code books together: about 61,000 in files of libvorbis.
const MOST_NUMBERS: u32 = 1 << 18;
/// The most channels that symphonia has places for.
const MOST_CHANNELS: u8 = 8;

/// Decodes the packets of one Vorbis stream.
pub struct VorbisDecoder {
    decoder: Box<dyn AudioDecoder>,
    spec: SignalSpec,
    decoded: Vec<i16>,
}

impl VorbisDecoder {
    /// A decoder for the stream that these headers introduce: the identification and the setup header,
    /// one behind the other, or all three in Xiph's lacing, as Matroska has them. `None` where they
    /// are none, or claim more than is decoded here.
    pub fn new(headers: &[u8]) -> Option<Self> {
        let (identification, setup) = split(headers)?;
        let fields: &[u8; IDENTIFICATION] = identification.first_chunk()?;
        let channels = fields[11];
        let sample_rate = u32::from_le_bytes([fields[12], fields[13], fields[14], fields[15]]);
        if !fields.starts_with(b"\x01vorbis")
            || !(1..=MOST_CHANNELS).contains(&channels)
            || sample_rate == 0
            || !are_code_books_bounded(setup)
        {
            return None;
        }
        let spec = SignalSpec { sample_rate, channels: channels.into() };
        let mut parameters = AudioCodecParameters::new();
        parameters
            .for_codec(CODEC_ID_VORBIS)
            .with_sample_rate(sample_rate)
            .with_channels(Channels::Discrete(channels.into()))
            .with_extra_data([fields, setup].concat().into());
        let decoder = get_codecs().make_audio_decoder(&parameters, &AudioDecoderOptions::default());
        Some(Self { decoder: decoder.ok()?, spec, decoded: Vec::new() })
    }
}

impl Decoder for VorbisDecoder {
    fn spec(&self) -> SignalSpec {
        self.spec
    }

    /// How long a packet is depends on the one before it: at most 8,192 frames. The first has none.
    fn frames_in(&self, _packet: &[u8]) -> Option<usize> {
        None
    }

    fn decode(&mut self, packet: &[u8], samples: &mut Vec<i16>) -> Result<(), Damaged> {
        let packet = PacketRef::new(0, Timestamp::ZERO, Duration::ZERO, packet);
        let sound = self.decoder.decode_ref(&packet).map_err(|_| Damaged)?;
        if sound.frames() > 0 {
            sound.copy_to_vec_interleaved(&mut self.decoded);
            samples.extend_from_slice(&self.decoded);
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.decoder.reset();
    }
}

/// The identification and the setup header.
fn split(headers: &[u8]) -> Option<(&[u8], &[u8])> {
    let [2, laced @ ..] = headers else { return headers.split_at_checked(IDENTIFICATION) };
    let mut rest = laced;
    let mut sizes = [0; 2];
    for size in &mut sizes {
        loop {
            let (&part, behind) = rest.split_first()?;
            rest = behind;
            *size += usize::from(part);
            if part < 255 {
                break;
            }
        }
    }
    let (identification, rest) = rest.split_at_checked(sizes[0])?;
    Some((identification, rest.get(sizes[1]..)?))
}

/// Walks over the code books of a setup header (3.2.1 and 4.2.4) without making room for them.
fn are_code_books_bounded(setup: &[u8]) -> bool {
    let Some(books) = setup.strip_prefix(b"\x05vorbis") else { return false };
    let mut bits = Bits::new(books, BitOrder::LeastSignificantFirst);
    let (mut entries, mut numbers) = (0, 0);
    (0..=bits.take(8)).all(|_| {
        let book = CodeBook::skip(&mut bits, MOST_ENTRIES - entries, MOST_NUMBERS - numbers);
        book.inspect(|book| {
            entries += book.entries;
            numbers += book.numbers;
        })
        .is_some()
    })
}

/// What a code book claims.
struct CodeBook {
    entries: u32,
    numbers: u32,
}

impl CodeBook {
    /// Passes over a book; nothing where it is broken, or larger than it may be.
    fn skip(bits: &mut Bits<'_>, most_entries: u32, most_numbers: u32) -> Option<Self> {
        if [bits.take(8), bits.take(8), bits.take(8)] != [0x42, 0x43, 0x56] {
            return None;
        }
        let dimensions = u32::from(bits.take(16));
        let entries = wide(bits, 24);
        if dimensions == 0 || entries > most_entries {
            return None;
        }
        if bits.take(1) == 1 {
            bits.take(5);
            let mut known = 0;
            while known < entries {
                let width = u32::BITS - (entries - known).leading_zeros();
                let count = wide(bits, width);
                // Past the end every length has no entry, and the book would never be full.
                if count == 0 && bits.is_at_end() {
                    return None;
                }
                known += count;
            }
        } else {
            let is_sparse = bits.take(1) == 1;
            for _ in 0..entries {
                if !is_sparse || bits.take(1) == 1 {
                    bits.take(5);
                }
            }
        }
        let (values, numbers) = match bits.take(4) {
            0 => return Some(Self { entries, numbers: 0 }),
            1 => (values_per_dimension(entries, dimensions), entries.checked_mul(dimensions)?),
            2 => (entries.checked_mul(dimensions)?, entries.checked_mul(dimensions)?),
            _ => return None,
        };
        if numbers > most_numbers {
            return None;
        }
        wide(bits, 32);
        wide(bits, 32);
        let width = bits.take(4) + 1;
        bits.take(1);
        for _ in 0..values {
            bits.take(width.into());
        }
        Some(Self { entries, numbers })
    }
}

/// A field of more than 16 bits.
fn wide(bits: &mut Bits<'_>, width: u32) -> u32 {
    let low = width.min(16);
    let value = if low == 0 { 0 } else { u32::from(bits.take(low)) };
    if width > low { value | u32::from(bits.take(width - low)) << low } else { value }
}

/// The most values whose combinations over all dimensions are no more than the entries (9.2.3).
fn values_per_dimension(entries: u32, dimensions: u32) -> u32 {
    let fits = |values: u32| values.checked_pow(dimensions).is_some_and(|all| all <= entries);
    (1..=entries).take_while(|&values| fits(values)).last().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A setup header of these fields, the least significant bits first.
    fn setup(fields: &[(u32, u32)]) -> Vec<u8> {
        let mut bits: Vec<u8> = Vec::new();
        for &(value, width) in fields {
            bits.extend((0..width).map(|at| (value >> at & 1) as u8));
        }
        let bytes =
            bits.chunks(8).map(|bits| bits.iter().rev().fold(0, |byte, bit| byte << 1 | bit));
        b"\x05vorbis".iter().copied().chain(bytes).collect()
    }

    /// An ordered book all of whose entries have one length.
    fn book(dimensions: u32, entries: u32, lookup: u32) -> Vec<(u32, u32)> {
        let width = u32::BITS - entries.leading_zeros();
        vec![
            (0x56_4342, 24),
            (dimensions, 16),
            (entries, 24),
            (1, 1),
            (12, 5),
            (entries, width),
            (lookup, 4),
            (0, 32),
            (0, 32),
            (0, 4),
            (0, 1),
        ]
    }

    #[test]
    fn a_book_of_a_few_bytes_that_claims_millions_of_entries_is_refused() {
        let of = |books: u32, book: Vec<(u32, u32)>| [vec![(books - 1, 8)], book].concat();
        assert!(are_code_books_bounded(&setup(&of(1, book(1, 4_096, 0)))));
        assert!(!are_code_books_bounded(&setup(&of(1, book(1, 1 << 20, 0)))));
        assert!(!are_code_books_bounded(&setup(&of(1, book(u16::MAX.into(), 4_096, 1)))));
        assert!(!are_code_books_bounded(&setup(&of(1, book(32, 1 << 14, 2)))));
        assert!(!are_code_books_bounded(&setup(&of(2, book(1, 4_096, 0)))), "half is missing");
        assert!(!are_code_books_bounded(b"\x05vorbis"));
        assert!(!are_code_books_bounded(b"\x03vorbis\0"));
    }

    #[test]
    fn books_are_bounded_together() {
        let without_vectors = |count: u32| {
            let book = &book(1, 8_192, 0)[..7];
            [&[(count - 1, 8)][..], &book.repeat(count as usize)].concat()
        };
        assert!(are_code_books_bounded(&setup(&without_vectors(4))));
        assert!(!are_code_books_bounded(&setup(&without_vectors(5))));
    }

    #[test]
    fn values_are_the_root_of_the_entries() {
        assert_eq!(values_per_dimension(6_561, 8), 3);
        assert_eq!(values_per_dimension(6_560, 8), 2);
        assert_eq!(values_per_dimension(7, 1), 7);
        assert_eq!(values_per_dimension(1, 40), 1);
        assert_eq!(values_per_dimension(0, 1), 0);
    }
}
