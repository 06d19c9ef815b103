//! What a Vorbis setup header claims, bounded before symphonia makes room for it: a code book of a few
//! bytes may claim many thousands of entries.

use super::super::bits::{BitOrder, Bits};

/// Entries of all code books together: about 12,000 in files of libvorbis.
const MOST_ENTRIES: u32 = 1 << 15;
/// Bits of the longest code word.
const LONGEST_WORD: u16 = 32;
/// Numbers in the vectors of all code books together: about 61,000 in files of libvorbis.
const MOST_NUMBERS: u32 = 1 << 18;
/// Whether a setup header (4.2.4) claims no more than is decoded here, and no floor that a decoder
/// stumbles over. Walks over the beginning of the header without making room for what it claims.
pub(super) fn is_sound(setup: &[u8]) -> bool {
    let Some(books) = setup.strip_prefix(b"\x05vorbis") else { return false };
    let mut bits = Bits::new(books, BitOrder::LeastSignificantFirst);
    are_code_books_bounded(&mut bits) && are_floors_sound(&mut bits)
}

fn are_code_books_bounded(bits: &mut Bits<'_>) -> bool {
    let (mut entries, mut numbers) = (0, 0);
    (0..=bits.take(8)).all(|_| {
        let book = CodeBook::skip(bits, MOST_ENTRIES - entries, MOST_NUMBERS - numbers);
        book.inspect(|book| {
            entries += book.entries;
            numbers += book.numbers;
        })
        .is_some()
    })
}

/// Reads the floors (7.2.2), behind the time domain's placeholders. The points of a floor differ from
/// each other; of two at one place, symphonia divides by their distance. Floor 0 is refused: nothing
/// has written it since Vorbis' first version.
fn are_floors_sound(bits: &mut Bits<'_>) -> bool {
    for _ in 0..=bits.take(6) {
        if bits.take(16) != 0 {
            return false;
        }
    }
    (0..=bits.take(6)).all(|_| bits.take(16) == 1 && is_floor_sound(bits))
}

fn is_floor_sound(bits: &mut Bits<'_>) -> bool {
    let partitions: Vec<usize> = (0..bits.take(5)).map(|_| bits.take(4).into()).collect();
    let classes = partitions.iter().max().map_or(0, |most| most + 1);
    let mut dimensions = [0; 16];
    for dimension in &mut dimensions[..classes] {
        *dimension = bits.take(3) + 1;
        let subclasses = bits.take(2);
        let books = (1 << subclasses) + u16::from(subclasses > 0);
        for _ in 0..books {
            bits.take(8);
        }
    }
    bits.take(2);
    let width = u32::from(bits.take(4));
    let mut places = vec![0, 1_u32 << width];
    for class in partitions {
        places.extend((0..dimensions[class]).map(|_| wide(bits, width)));
    }
    places.sort_unstable();
    places.windows(2).all(|pair| pair[0] != pair[1])
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
            // The shortest code word; then how many have each length from there on.
            let shortest = bits.take(5) + 1;
            let mut known = 0;
            for _ in shortest..=LONGEST_WORD {
                if known < entries {
                    known += wide(bits, u32::BITS - (entries - known).leading_zeros());
                }
            }
            if known != entries {
                return None;
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

    /// Whether code books of these fields, the least significant bits first, are bounded.
    fn are_bounded(fields: &[(u32, u32)]) -> bool {
        are_code_books_bounded(&mut Bits::new(&bytes(fields), BitOrder::LeastSignificantFirst))
    }

    fn bytes(fields: &[(u32, u32)]) -> Vec<u8> {
        let mut bits: Vec<u8> = Vec::new();
        for &(value, width) in fields {
            bits.extend((0..width).map(|at| (value >> at & 1) as u8));
        }
        bits.chunks(8).map(|bits| bits.iter().rev().fold(0, |byte, bit| byte << 1 | bit)).collect()
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
        assert!(are_bounded(&of(1, book(1, 4_096, 0))));
        assert!(!are_bounded(&of(1, book(1, 1 << 20, 0))));
        assert!(!are_bounded(&of(1, book(u16::MAX.into(), 4_096, 1))));
        assert!(!are_bounded(&of(1, book(32, 1 << 14, 2))));
        assert!(!are_bounded(&of(2, book(1, 4_096, 0))), "half is missing");
        assert!(!is_sound(b"\x05vorbis"));
        assert!(!is_sound(b"\x03vorbis\0"));
    }

    #[test]
    fn a_book_whose_lengths_never_hold_all_entries_is_refused() {
        let book = [(0, 8), (0x56_4342, 24), (1, 16), (64, 24), (1, 1), (0, 5)];
        assert!(!are_bounded(&book), "past the end no length has an entry");
        let too_many = [&book[..], &[(65, 7)]].concat();
        assert!(!are_bounded(&too_many));
        let all = [&book[..], &[(60, 7), (4, 3), (0, 4)]].concat();
        assert!(are_bounded(&all));
    }

    #[test]
    fn books_are_bounded_together() {
        let without_vectors = |count: u32| {
            let book = &book(1, 8_192, 0)[..7];
            [&[(count - 1, 8)][..], &book.repeat(count as usize)].concat()
        };
        assert!(are_bounded(&without_vectors(4)));
        assert!(!are_bounded(&without_vectors(5)));
    }

    #[test]
    fn a_floor_with_two_points_at_one_place_is_refused() {
        let floors = |kind: u32, last: u32| {
            // One placeholder; one floor of one partition: two points, of 4 bits.
            [
                (0, 6),
                (0, 16),
                (0, 6),
                (kind, 16),
                (1, 5),
                (0, 4),
                (1, 3),
                (0, 2),
                (9, 8),
                (0, 2),
                (4, 4),
                (5, 4),
                (last, 4),
            ]
        };
        let are_sound = |fields: &[(u32, u32)]| {
            are_floors_sound(&mut Bits::new(&bytes(fields), BitOrder::LeastSignificantFirst))
        };
        assert!(are_sound(&floors(1, 7)));
        assert!(!are_sound(&floors(1, 5)), "twice 5");
        assert!(!are_sound(&floors(1, 0)), "0 is a point already");
        assert!(!are_sound(&floors(0, 7)), "floor 0");
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
