//! What each target does, here once for the fuzzer and for the test that runs the corpus.

#![allow(dead_code, reason = "each target has one of them")]

use audio::codec::{
    AmrBand, AmrDecoder, BitOrder, Decoder, G722Decoder, G726Decoder, G726Rate, G729Decoder,
    GsmDecoder, GsmPacking, OkiDecoder, OpusDecoder, OpusHead, VorbisDecoder,
};

/// Takes what the fuzzer makes.
type Target = fn(&[u8]);

/// Every target by its name.
pub(crate) const ALL: [(&str, Target); 11] = [
    ("amr", amr),
    ("amr_wb", amr_wb),
    ("g722", g722),
    ("g726", g726),
    ("g729", g729),
    ("gsm", gsm),
    ("oki", oki),
    ("opus", opus),
    ("opus_surround", opus_surround),
    ("vorbis", vorbis),
    ("wav49", wav49),
];

pub(crate) fn amr(data: &[u8]) {
    feed(&mut AmrDecoder::new(AmrBand::Narrow), data);
}

pub(crate) fn amr_wb(data: &[u8]) {
    feed(&mut AmrDecoder::new(AmrBand::Wide), data);
}

pub(crate) fn g722(data: &[u8]) {
    feed(&mut G722Decoder::new(), data);
}

/// The first byte chooses the rate and the bit order.
pub(crate) fn g726(data: &[u8]) {
    let Some((choice, data)) = data.split_first() else { return };
    let rate = G726Rate::of_bits(2 + u16::from(choice & 3)).expect("2 to 5 bits");
    let order = match choice & 4 {
        0 => BitOrder::LeastSignificantFirst,
        _ => BitOrder::MostSignificantFirst,
    };
    feed(&mut G726Decoder::new(rate, order), data);
}

pub(crate) fn g729(data: &[u8]) {
    feed(&mut G729Decoder::new(), data);
}

pub(crate) fn gsm(data: &[u8]) {
    feed(&mut GsmDecoder::new(GsmPacking::Headless), data);
}

pub(crate) fn oki(data: &[u8]) {
    feed(&mut OkiDecoder::new(8_000), data);
}

/// The first byte chooses mono or stereo.
pub(crate) fn opus(data: &[u8]) {
    let Some((choice, data)) = data.split_first() else { return };
    let head = [b"OpusHead\x01", &[1 + (choice & 1), 0, 0, 0, 0, 0, 0, 0, 0, 0][..]].concat();
    feed(&mut OpusDecoder::new(OpusHead::read(&head).expect("a header")), data);
}

/// The first 29 bytes are the header.
pub(crate) fn opus_surround(data: &[u8]) {
    let Some((head, data)) = data.split_at_checked(29) else { return };
    if let Some(head) = OpusHead::read(head) {
        feed(&mut OpusDecoder::new(head), data);
    }
}

/// The headers stand behind two bytes that say their length.
pub(crate) fn vorbis(data: &[u8]) {
    let Some((length, data)) = data.split_first_chunk() else { return };
    let length = usize::from(u16::from_le_bytes(*length) & 0x3fff);
    let (headers, data) = data.split_at(length.min(data.len()));
    if let Some(mut decoder) = VorbisDecoder::new(headers) {
        feed(&mut decoder, data);
    }
}

pub(crate) fn wav49(data: &[u8]) {
    feed(&mut GsmDecoder::new(GsmPacking::Wav49), data);
}

/// No packet gives more frames.
const MOST_FRAMES: usize = 65_536;

/// Decodes `data` in packets, each behind two bytes that say its length, and holds the decoder to what
/// it promises.
fn feed(decoder: &mut dyn Decoder, mut data: &[u8]) {
    let channels = usize::from(decoder.spec().channels);
    let mut samples = Vec::new();
    while let Some((length, rest)) = data.split_first_chunk() {
        let length = usize::from(u16::from_le_bytes(*length) & 0x7ff);
        let (packet, rest) = rest.split_at(length.min(rest.len()));
        data = rest;
        samples.clear();
        let promised = decoder.frames_in(packet);
        match decoder.decode(packet, &mut samples) {
            Ok(()) => {
                let frames = samples.len() / channels;
                assert_eq!(frames * channels, samples.len());
                assert!(frames <= MOST_FRAMES);
                assert!(promised.is_none_or(|promised| promised == frames));
            }
            Err(_) => assert!(samples.is_empty()),
        }
    }
}
