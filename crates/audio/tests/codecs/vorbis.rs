//! Vorbis against ffmpeg's decoder.

use audio::codec::{Decoder as _, VorbisDecoder};

use crate::{fixture, opus::packets, samples, signal_to_noise};

#[test]
fn vorbis_is_what_ffmpeg_decodes() {
    let (packets, end) = packets(&fixture("vorbis.ogg"));
    let headers = [&packets[0][..], &packets[2]].concat();
    let mut decoder = VorbisDecoder::new(&headers).unwrap();
    assert_eq!((decoder.spec().sample_rate, decoder.spec().channels), (22_050, 2));
    let mut sound = Vec::new();
    for packet in &packets[3..] {
        decoder.decode(packet, &mut sound).unwrap();
    }
    assert_eq!(end, 15_435, "seven tenths of a second");
    assert!(sound.len() >= end * 2);
    sound.truncate(end * 2);
    let every_17th: Vec<_> = sound.into_iter().step_by(17).collect();
    let reference = samples(&fixture("vorbis.every17.s16"));
    let ratio = signal_to_noise(&every_17th, &reference[..every_17th.len()]);
    assert!(ratio > 80.0, "{ratio} dB");
}

#[test]
fn headers_may_be_laced_as_matroska_has_them() {
    let (packets, _) = packets(&fixture("vorbis.ogg"));
    let [identification, comment, setup] = &packets[..3] else { panic!("three headers") };
    let mut laced = vec![2, 30];
    laced.extend(vec![255; comment.len() / 255]);
    laced.push(u8::try_from(comment.len() % 255).unwrap());
    laced.extend([&identification[..], comment, setup].concat());
    assert!(VorbisDecoder::new(&laced).is_some());
    for cut in [0, 1, 2, 3, 20, 40, laced.len() / 2] {
        assert!(VorbisDecoder::new(&laced[..cut]).is_none(), "{cut}");
    }
}
