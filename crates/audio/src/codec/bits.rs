//! Reads fields of a few bits from bytes, in either of the two orders that codecs pack them in. Pure.

/// Which bit of a byte comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BitOrder {
    /// The most significant bit first, as ITU-T I.366.2 (AAL2) and ETSI pack.
    MostSignificantFirst,
    /// The least significant bit first, as RFC 3551 and Microsoft's WAVE formats pack.
    LeastSignificantFirst,
}

/// Fields of a packet, one after the other. Past the end every bit is zero.
#[derive(Clone, Debug)]
pub(super) struct Bits<'a> {
    bytes: std::slice::Iter<'a, u8>,
    order: BitOrder,
    held: u32,
    count: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8], order: BitOrder) -> Self {
        Self { bytes: bytes.iter(), order, held: 0, count: 0 }
    }

    /// The next field of 1 to 16 bits.
    pub(super) fn take(&mut self, width: u32) -> u16 {
        debug_assert!((1..=16).contains(&width), "a field has 1 to 16 bits");
        while self.count < width {
            let byte = u32::from(self.bytes.next().copied().unwrap_or(0));
            match self.order {
                BitOrder::MostSignificantFirst => self.held = self.held << 8 | byte,
                BitOrder::LeastSignificantFirst => self.held |= byte << self.count,
            }
            self.count += 8;
        }
        self.count -= width;
        let mask = (1 << width) - 1;
        let field = match self.order {
            BitOrder::MostSignificantFirst => self.held >> self.count & mask,
            BitOrder::LeastSignificantFirst => {
                let field = self.held & mask;
                self.held >>= width;
                field
            }
        };
        u16::try_from(field).unwrap_or(u16::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_cross_bytes_in_both_orders() {
        let bytes = [0b1101_0110, 0b0011_1010];
        let mut bits = Bits::new(&bytes, BitOrder::MostSignificantFirst);
        assert_eq!([4, 6, 5, 1].map(|width| bits.take(width)), [0b1101, 0b01_1000, 0b1_1101, 0]);
        let mut bits = Bits::new(&bytes, BitOrder::LeastSignificantFirst);
        assert_eq!([4, 6, 5, 1].map(|width| bits.take(width)), [0b0110, 0b10_1101, 0b0_1110, 0]);
    }

    #[test]
    fn past_the_end_every_bit_is_zero() {
        for order in [BitOrder::MostSignificantFirst, BitOrder::LeastSignificantFirst] {
            let mut bits = Bits::new(&[0xff], order);
            assert_eq!([8, 16, 3].map(|width| bits.take(width)), [0xff, 0, 0]);
        }
    }
}
