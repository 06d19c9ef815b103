//! The decoders of speech and music, each against another one's output of the same stream; and
//! bytes that no encoder wrote.

#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in their helpers

mod against_ffmpeg;
mod corpus;
mod hostile;
mod opus;
mod speech;
#[path = "../../fuzz/fuzz_targets/targets.rs"]
mod targets;
mod vorbis;

use audio::codec::{
    AmrBand, AmrDecoder, BitOrder, Decoder, G722Decoder, G726Decoder, G726Rate, G729Decoder,
    GsmDecoder, GsmPacking, OkiDecoder, OpusDecoder, OpusHead,
};

/// A fixture's bytes.
fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/codecs/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// 16-bit samples as files have them.
fn samples(bytes: &[u8]) -> Vec<i16> {
    bytes.as_chunks().0.iter().map(|sample| i16::from_le_bytes(*sample)).collect()
}

/// Every decoder, by name.
fn decoders() -> Vec<(&'static str, Box<dyn Decoder>)> {
    use BitOrder::{LeastSignificantFirst as Least, MostSignificantFirst as Most};
    let opus = |channels: u8, family: u8, mapping: &[u8]| {
        let head = [b"OpusHead\x01", &[channels, 0, 0, 0, 0, 0, 0, 0, 0, family][..], mapping];
        Box::new(OpusDecoder::new(OpusHead::read(&head.concat()).unwrap()))
    };
    let g726 = |rate, order| Box::new(G726Decoder::new(rate, order));
    vec![
        ("gsm", Box::new(GsmDecoder::new(GsmPacking::Headless))),
        ("wav49", Box::new(GsmDecoder::new(GsmPacking::Wav49))),
        ("g722", Box::new(G722Decoder::new())),
        ("g726-16", g726(G726Rate::Kbit16, Least)),
        ("g726-24", g726(G726Rate::Kbit24, Most)),
        ("g726-32", g726(G726Rate::Kbit32, Least)),
        ("g726-40", g726(G726Rate::Kbit40, Most)),
        ("g729", Box::new(G729Decoder::new())),
        ("amr", Box::new(AmrDecoder::new(AmrBand::Narrow))),
        ("amr-wb", Box::new(AmrDecoder::new(AmrBand::Wide))),
        ("oki", Box::new(OkiDecoder::new(8_000))),
        ("opus-mono", opus(1, 0, b"")),
        ("opus-stereo", opus(2, 0, b"")),
        ("opus-5.1", opus(6, 1, &[4, 2, 0, 4, 1, 2, 3, 5])),
    ]
}

/// By how much the samples are louder than how they differ, in dB.
fn signal_to_noise(samples: &[i16], reference: &[i16]) -> f64 {
    assert_eq!(samples.len(), reference.len());
    let energy = |values: &mut dyn Iterator<Item = f64>| values.map(|x| x * x).sum::<f64>();
    let signal = energy(&mut reference.iter().map(|&x| x.into()));
    let pairs = samples.iter().zip(reference);
    let noise = energy(&mut pairs.map(|(&a, &b)| f64::from(a) - f64::from(b)));
    10.0 * (signal / noise.max(f64::MIN_POSITIVE)).log10()
}
