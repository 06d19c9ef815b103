//! Speech codecs against other decoders of the same bytes: libgsm, ffmpeg, ITU-T's own program for
//! G.726 and opencore-amr (how, in the fixtures' README).

use std::fmt::Write as _;

use audio::codec::{
    AmrBand, AmrDecoder, BitOrder, Damaged, Decoder, G722Decoder, G726Decoder, G726Rate,
    G729Decoder, GsmDecoder, GsmPacking, OkiDecoder,
};
use sha2::{Digest as _, Sha256};

use crate::{decoders, fixture, samples, signal_to_noise};

fn hash(samples: impl IntoIterator<Item = i16>) -> String {
    let bytes: Vec<u8> = samples.into_iter().flat_map(i16::to_le_bytes).collect();
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn decoded(mut decoder: impl Decoder, stream: &[u8]) -> Vec<i16> {
    let expected = decoder.frames_in(stream).unwrap();
    let mut samples = Vec::new();
    decoder.decode(stream, &mut samples).unwrap();
    assert_eq!(samples.len(), expected, "the packet has as many frames as were promised");
    samples
}

/// What libgsm decodes, in both packings.
const GSM: &str = "54da0937b0a0bebf2befce145e5c3416834d7ce46b56604647fef0820b1dfb28";

#[test]
fn gsm_is_what_libgsm_decodes_in_both_packings() {
    for (packing, name) in [(GsmPacking::Headless, "voice.gsm"), (GsmPacking::Wav49, "voice.wav49")]
    {
        assert_eq!(hash(decoded(GsmDecoder::new(packing), &fixture(name))), GSM, "{name}");
    }
}

#[test]
fn a_gsm_frame_without_its_signature_is_silent_and_the_others_are_not() {
    let mut stream = fixture("voice.gsm");
    stream[33 * 7] &= 0xf;
    let samples = decoded(GsmDecoder::new(GsmPacking::Headless), &stream);
    assert!(samples[7 * 160..8 * 160].iter().all(|&sample| sample == 0));
    assert!(samples[8 * 160..9 * 160].iter().any(|&sample| sample != 0));

    let mut decoder = GsmDecoder::new(GsmPacking::Headless);
    let mut samples = vec![1];
    assert_eq!(decoder.decode(&[0; 66], &mut samples), Err(Damaged), "nothing of it is GSM");
    assert_eq!(decoder.decode(&stream[..65], &mut samples), Err(Damaged), "half a frame");
    assert_eq!(samples, [1]);
}

#[test]
fn g722_is_what_ffmpeg_decodes() {
    let samples = decoded(G722Decoder::new(), &fixture("voice.g722"));
    assert_eq!(hash(samples), "72d31eaf0b3b9cc34e87239373721186aca848f5157e384e864461da6f975de0");
}

#[test]
fn dialogic_adpcm_is_what_ffmpeg_decodes() {
    let samples = decoded(OkiDecoder::new(8_000), &fixture("voice.vox"));
    assert_eq!(hash(samples), "815086519836a5bd2971a2a55d9e1d6ceca1365d511650b7c2c1ea5d75007903");
}

#[test]
fn g726_is_what_the_itu_program_decodes_in_both_bit_orders() {
    for (rate, reference) in [
        (G726Rate::Kbit16, "498d93a9c439001fe85a3ff0068908a5be91a18b804d35dde46406b310219112"),
        (G726Rate::Kbit24, "c142b8e36db7ba3a082ab4ba88fc8187182aeaa5c678568e57f1e570c20ab539"),
        (G726Rate::Kbit32, "14ae858df9e0051150f3c6958baf63b38d1839deccee1e68343aa1ea5261d195"),
        (G726Rate::Kbit40, "faa91616f2762b563fee915e045eafc591aa01fb95efc8b02578550795418003"),
    ] {
        let bits = rate.bits();
        let stream = fixture(&format!("voice-{bits}.g726"));
        let decoder = G726Decoder::new(rate, BitOrder::LeastSignificantFirst);
        assert_eq!(hash(decoded(decoder, &stream)), reference, "{bits} bits");
        let decoder = G726Decoder::new(rate, BitOrder::MostSignificantFirst);
        assert_eq!(hash(decoded(decoder, &reordered(&stream, bits.into()))), reference);
    }
}

/// Codes packed from the least significant bit on, packed from the most significant one on.
fn reordered(stream: &[u8], width: usize) -> Vec<u8> {
    let bit = |at: usize| stream[at / 8] >> (at % 8) & 1;
    let codes = (0..stream.len() * 8 / width)
        .flat_map(|code| (0..width).rev().map(move |i| code * width + i));
    let bits: Vec<u8> = codes.map(bit).collect();
    bits.chunks(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit)).collect()
}

#[test]
fn a_g726_packet_may_end_within_eight_codes() {
    let decoder = G726Decoder::new(G726Rate::Kbit24, BitOrder::LeastSignificantFirst);
    assert_eq!(decoded(decoder, &[0x55; 4]).len(), 10, "32 bits have ten whole codes of three");
}

#[test]
fn g729_is_near_what_ffmpeg_decodes() {
    let samples_here = decoded(G729Decoder::new(), &fixture("voice.g729"));
    let every_17th: Vec<_> = samples_here.into_iter().step_by(17).collect();
    // ffmpeg has the main body's postfilter, this one Annex A's.
    let ratio = signal_to_noise(&every_17th, &samples(&fixture("voice.g729.every17.s16")));
    assert!(ratio > 20.0, "{ratio} dB");
}

#[test]
fn a_g729_packet_may_end_with_comfort_noise() {
    let speech = fixture("voice.g729");
    let packet = [&speech[..100], b"\x12\x34"].concat();
    assert_eq!(decoded(G729Decoder::new(), &packet).len(), 11 * 80);
    let mut samples = Vec::new();
    assert_eq!(G729Decoder::new().decode(&speech[..15], &mut samples), Err(Damaged));
    assert!(samples.is_empty());
}

/// The frames of a file (RFC 4867 5.1), decoded.
fn stored(band: AmrBand, mut file: &[u8]) -> Vec<i16> {
    let mut decoder = AmrDecoder::new(band);
    let mut samples = Vec::new();
    while let Some(&first) = file.first() {
        let (frame, rest) = file.split_at(band.frame_size(first).unwrap());
        let start = samples.len();
        decoder.decode(frame, &mut samples).unwrap();
        assert_eq!(Some(samples.len() - start), decoder.frames_in(frame));
        file = rest;
    }
    samples
}

#[test]
fn amr_is_what_opencore_decodes_in_every_mode() {
    let file = fixture("voice.amr");
    let samples = stored(AmrBand::Narrow, file.strip_prefix(b"#!AMR\n").unwrap());
    assert_eq!(hash(samples), "9774a7c6017fd7ba63759584bd72fbd9f1d762ef26d34823d11f965182c7f013");
}

#[test]
fn amr_wb_is_what_opencore_decodes_in_every_mode() {
    let file = fixture("voice-wb.amr");
    let samples = stored(AmrBand::Wide, file.strip_prefix(b"#!AMR-WB\n").unwrap());
    let fourteen_bits = samples.into_iter().map(|sample| sample & !3); // as opencore gives them
    assert_eq!(
        hash(fourteen_bits),
        "5137b2394c4a0992a389ab58a0875670eb459e050c647ca02958c9dd613f1ffe"
    );
}

#[test]
fn what_is_no_frame_of_amr_is_damaged() {
    let mut decoder = AmrDecoder::new(AmrBand::Narrow);
    let mut samples = Vec::new();
    for packet in [&b""[..], b"\x4c", b"\x3c\0\0"] {
        assert_eq!(decoder.decode(packet, &mut samples), Err(Damaged), "{packet:?}");
    }
    assert_eq!(AmrBand::Narrow.frame_size(9 << 3), None);
    assert_eq!(AmrBand::Narrow.frame_size(0x3c), Some(32));
    assert_eq!(AmrBand::Wide.frame_size(0x44), Some(61));
    assert!(samples.is_empty());
}

#[test]
fn after_a_reset_a_stream_decodes_as_it_did() {
    fn run(decoder: &mut dyn Decoder, packets: &[u8]) -> Vec<i16> {
        let mut samples = Vec::new();
        decoder.decode(packets, &mut samples).unwrap();
        samples
    }
    for (name, mut decoder) in decoders() {
        let Some(stream) = ["gsm", "g722", "g729"].iter().find(|codec| **codec == name) else {
            continue;
        };
        let packets = fixture(&format!("voice.{stream}"));
        let first = run(&mut *decoder, &packets);
        assert_ne!(run(&mut *decoder, &packets), first, "{name} remembers");
        decoder.reset();
        assert_eq!(run(&mut *decoder, &packets), first, "{name}");
    }
}
