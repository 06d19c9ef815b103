//! Opus against libopus: each of its modes, mono and stereo, short frames and long ones.

use audio::codec::{Damaged, Decoder, OpusDecoder, OpusHead};

use crate::{fixture, samples, signal_to_noise};

/// The packets of an Ogg file with one stream (RFC 3533 6), and the last page's granule position.
pub(crate) fn packets(mut file: &[u8]) -> (Vec<Vec<u8>>, usize) {
    let (mut packets, mut packet, mut end) = (Vec::new(), Vec::new(), 0);
    while let Some(page) = file.strip_prefix(b"OggS") {
        end = usize::try_from(u64::from_le_bytes(page[2..10].try_into().unwrap())).unwrap();
        let (table, mut data) = page[23..].split_at(page[22].into());
        for &size in table {
            let (part, rest) = data.split_at(size.into());
            packet.extend_from_slice(part);
            data = rest;
            if size < 255 {
                packets.push(std::mem::take(&mut packet));
            }
        }
        file = data;
    }
    (packets, end)
}

/// All of a file, its beginning and end trimmed as RFC 7845 4 says.
pub(crate) fn decoded(file: &[u8]) -> (OpusHead, Vec<i16>) {
    let (packets, end) = packets(file);
    let head = OpusHead::read(&packets[0]).unwrap();
    let mut decoder = OpusDecoder::new(head);
    let mut samples = Vec::new();
    for packet in &packets[2..] {
        let start = samples.len();
        decoder.decode(packet, &mut samples).unwrap();
        let frames = (samples.len() - start) / usize::from(head.channels);
        assert_eq!(Some(frames), decoder.frames_in(packet));
    }
    let channels = usize::from(head.channels);
    samples.truncate(end * channels);
    samples.drain(..usize::from(head.pre_skip) * channels);
    (head, samples)
}

#[test]
fn every_mode_is_what_libopus_decodes() {
    for (name, channels) in [
        ("silk", 1),
        ("silk-60ms-stereo", 2),
        ("hybrid", 1),
        ("hybrid-stereo-10ms", 2),
        ("celt", 1),
        ("celt-stereo-2.5ms", 2),
        ("celt-stereo-40ms", 2),
    ] {
        let (head, decoded) = decoded(&fixture(&format!("opus-{name}.ogg")));
        assert_eq!(usize::from(head.channels), channels, "{name}");
        assert_eq!(decoded.len(), 33_600 * channels, "{name}: seven tenths of a second");
        let every_17th: Vec<_> = decoded.into_iter().step_by(17).collect();
        let reference = samples(&fixture(&format!("opus-{name}.every17.s16")));
        let ratio = signal_to_noise(&every_17th, &reference);
        assert!(ratio > 85.0, "{name}: {ratio} dB");
    }
}

#[test]
fn the_output_gain_is_applied() {
    let mut file = fixture("opus-celt.ogg");
    let (_, plain) = decoded(&file);
    let at = file.windows(8).position(|bytes| bytes == b"OpusHead").unwrap() + 16;
    file[at..at + 2].copy_from_slice(&(-1_541_i16).to_le_bytes()); // half: -6.02 dB
    let (head, soft) = decoded(&file);
    assert_eq!(head.output_gain, -1_541);
    for (plain, soft) in plain.iter().zip(soft).filter(|(plain, _)| plain.abs_diff(0) < 32_767) {
        assert!((f64::from(*plain) / 2.0 - f64::from(soft)).abs() < 3.0);
    }
}

#[test]
fn a_header_that_maps_channels_in_its_own_way_is_refused() {
    let header = |channels: u8, family: u8, mapping: &[u8]| {
        [b"OpusHead\x01", &[channels, 56, 1, 0, 0, 0, 0, 0, 0, family][..], mapping].concat()
    };
    let read = |header: Vec<u8>| OpusHead::read(&header).map(|head| (head.channels, head.pre_skip));
    assert_eq!(read(header(2, 0, b"")), Some((2, 312)));
    assert_eq!(read(header(6, 1, &[4, 2, 0, 4, 1, 2, 3, 5])), Some((6, 312)));
    for refused in [
        header(0, 0, b""),
        header(3, 0, b""),
        header(9, 1, &[9, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]),
        header(6, 1, &[4, 2, 0, 1, 2, 3, 4, 5]),
        header(6, 1, &[4, 2, 0, 4]),
        header(2, 255, &[2, 0, 0, 1]),
        b"OpusTags".to_vec(),
        b"OpusHead\x10\x02\0\0\0\0\0\0\0\0\0".to_vec(),
    ] {
        assert_eq!(read(refused.clone()), None, "{refused:?}");
    }
}

#[test]
fn what_is_no_packet_is_damaged() {
    let (packets, _) = packets(&fixture("opus-celt.ogg"));
    let mut decoder = OpusDecoder::new(OpusHead::read(&packets[0]).unwrap());
    let mut samples = vec![7];
    // Empty; no frame; 60 ms 3 times; two frames of which the first is longer than the packet.
    for packet in [&b""[..], b"\x03", b"\x03\0", b"\x1b\x03\0", b"\x02\x20\0"] {
        assert_eq!(decoder.decode(packet, &mut samples), Err(Damaged), "{packet:?}");
    }
    assert_eq!(samples, [7]);
    decoder.decode(&packets[2], &mut samples).unwrap();
    assert_eq!(samples.len(), 1 + decoder.frames_in(&packets[2]).unwrap());
}
