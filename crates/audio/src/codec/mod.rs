//! Decoders of speech and music codecs. Each is pure: packets in, 16-bit samples out, a fixed
//! amount of memory, no I/O, no allocation but the output's. A decoder knows no container: who
//! calls it cuts the stream into packets.
//!
//! A decoder accepts any bytes. What it can't decode it reports as [`Damaged`]; the caller puts
//! silence in the packet's place and goes on with the next one.

mod amr;
mod bits;
mod g722;
mod g726;
mod g729;
mod gsm;
mod oki;
mod opus;
mod vorbis;

pub use self::{
    amr::{AmrBand, AmrDecoder},
    bits::BitOrder,
    g722::G722Decoder,
    g726::{G726Decoder, G726Rate},
    g729::G729Decoder,
    gsm::{GsmDecoder, GsmPacking},
    oki::OkiDecoder,
    opus::{OpusDecoder, OpusHead},
    vorbis::VorbisDecoder,
};

/// The shape of decoded sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SignalSpec {
    /// Frames a second, in Hz.
    pub sample_rate: u32,
    /// Samples in a frame.
    pub channels: u16,
}

/// A packet that can't be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a packet is damaged")]
pub struct Damaged;

/// The packets of a codec that all have one size: GSM has 33 bytes for 160 frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketSize {
    /// Bytes in a packet.
    pub bytes: usize,
    /// Frames that a packet decodes to.
    pub frames: usize,
}

/// Decodes the packets of one stream, in their order.
pub trait Decoder: Send {
    /// What comes out: the same from the first packet to the last.
    fn spec(&self) -> SignalSpec;

    /// The size of every packet, where the codec has one size. The caller may then pass several
    /// whole packets to one [`Decoder::decode`].
    fn packet_size(&self) -> Option<PacketSize> {
        None
    }

    /// How many frames [`Decoder::decode`] would give for this packet, without decoding it: never
    /// more than 65,536 for one packet. `None` where only decoding tells.
    fn frames_in(&self, packet: &[u8]) -> Option<usize> {
        let size = self.packet_size()?;
        Some(packet.len() / size.bytes * size.frames)
    }

    /// Decodes a packet and appends its frames to `samples`, one sample of each channel in turn.
    /// Full scale is -32,768 to 32,767; a decoder that computes in floats clamps and rounds.
    ///
    /// After an error `samples` holds what it held before, and the next packet can be decoded.
    fn decode(&mut self, packet: &[u8], samples: &mut Vec<i16>) -> Result<(), Damaged>;

    /// Forgets the past, as before the first packet.
    fn reset(&mut self);
}
