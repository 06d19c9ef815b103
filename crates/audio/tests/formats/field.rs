//! Odd files as telephony systems leave them: what is made of each kind. The files are made here, so that
//! each fault can be seen in its place.

use audio::{AudioType, Serving};

use crate::support::{Wav, analyze, analyze_as};

/// Seconds of a frame of MPEG-2.5 layer III at 8 kHz.
const SPAN: f64 = 0.072;

/// A silent frame of MPEG-2.5 layer III, mono, at so many kbit/s.
fn mp3_frame(kbit: usize) -> Vec<u8> {
    const KBIT: [usize; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    let bitrate = KBIT.iter().position(|known| *known == kbit).unwrap();
    let mut frame = vec![0xff, 0xe3, u8::try_from(bitrate << 4 | 2 << 2).unwrap(), 0xc0];
    frame.resize(9 * kbit, 0);
    frame
}

/// A frame at 16 kHz.
fn mp3_frame_16k() -> Vec<u8> {
    let mut frame = vec![0xff, 0xf3, 2 << 4 | 2 << 2, 0xc0];
    frame.resize(72, 0);
    frame
}

/// A frame with a Xing head that claims so many frames and bytes.
fn xing(frames: u32, bytes: u32) -> Vec<u8> {
    let mut frame = mp3_frame(64);
    let head = [&b"Xing\0\0\0\x03"[..], &frames.to_be_bytes(), &bytes.to_be_bytes()].concat();
    frame[13..13 + head.len()].copy_from_slice(&head);
    frame
}

fn id3(body: &[u8], size: usize) -> Vec<u8> {
    let size = [21, 14, 7, 0].map(|shift| u8::try_from(size >> shift & 127).unwrap());
    [b"ID3\x03\0\0", &size[..], body].concat()
}

fn ape(is_head: bool) -> Vec<u8> {
    let flags: u32 = if is_head { 0xa000_0000 } else { 0x8000_0000 };
    let fields = [2_000, 32, 0, flags].map(u32::to_le_bytes).concat();
    [b"APETAGEX", &fields[..], &[0; 8]].concat()
}

/// Bytes that look random, without 0xff.
fn junk(count: usize) -> Vec<u8> {
    let mut state = 7_u32;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24).to_be_bytes()[3] & 0x7f
    })
    .take(count)
    .collect()
}

fn seconds(recording: &[u8]) -> f64 {
    analyze(recording).unwrap().seconds()
}

fn near(found: f64, expected: f64) -> bool {
    (found - expected).abs() < 0.005
}

#[test]
fn bytes_before_the_first_mp3_frame_are_left_out() {
    let frames = mp3_frame(16).repeat(100);
    let text = b"TALB\0\0\0\x19\0\0\x01\xff\xfea\0a\0a\0a\0a\0a\0a\0a\0a\0a\0a\0    ";
    let picture = [&b"\xff\xfb\x90\x64"[..], &[0; 296]].concat().repeat(1_000);
    for (what, before) in [
        ("zeros", vec![0; 1_152]),
        ("the rest of a frame", junk(90)),
        ("much junk", junk(60_000)),
        ("an APE tag", ape(true)),
        ("an ID3 tag that is too short", id3(text, text.len() - 4)),
        ("two ID3 tags", [id3(&[0; 300], 300), id3(&[0; 50], 50), vec![0; 3]].concat()),
        ("a picture that looks like frames", [id3(&picture, picture.len()), vec![0]].concat()),
    ] {
        let recording = [&before[..], &frames].concat();
        let analyzed = analyze(&recording).unwrap();
        assert_eq!(analyzed.analysis.serving, Serving::Rewritten(AudioType::Mpeg), "{what}");
        assert!(near(analyzed.seconds(), 100.0 * SPAN), "{what}: {}", analyzed.seconds());
        assert_eq!(analyzed.served(&recording), frames, "{what}");
    }
    let behind = [&frames[..], &ape(false), b"TAG", &[0; 125]].concat();
    assert_eq!(analyze(&behind).unwrap().served(&behind), frames);
    let whole = [id3(&[0; 300], 300), frames].concat();
    assert_eq!(analyze(&whole).unwrap().analysis.serving, Serving::AsItCame(AudioType::Mpeg));
}

#[test]
fn the_length_of_an_mp3_is_that_of_all_its_frames() {
    let varying = [mp3_frame(64).repeat(20), mp3_frame(8).repeat(400)].concat();
    let joined =
        [mp3_frame(16).repeat(100), id3(&[0; 40], 40), xing(100, 1), mp3_frame(16).repeat(50)];
    for (what, recording, frames) in [
        ("a varying bitrate without a head", varying.clone(), 420.0),
        ("a head that claims less", [xing(10, 5_000), varying.clone()].concat(), 420.0),
        ("a head that claims more", [xing(9_000, 900), varying].concat(), 420.0),
        ("joined files", joined.concat(), 150.0),
    ] {
        let analyzed = analyze(&recording).unwrap();
        assert!(near(analyzed.seconds(), frames * SPAN), "{what}: {}", analyzed.seconds());
        assert_eq!(analyzed.analysis.facts.damage, None, "{what}");
        assert_eq!(analyzed.analysis.serving, Serving::Rewritten(AudioType::Mpeg), "{what}");
        // Frames of one length: browsers find every position by the bitrate.
        let served = analyzed.served(&recording);
        let again = analyze(served).unwrap();
        assert_eq!(again.analysis.serving, Serving::AsItCame(AudioType::Mpeg), "{what}");
        assert!(near(again.seconds(), frames * SPAN), "{what}");
    }
}

#[test]
fn a_rate_that_changes_in_the_middle_becomes_pcm() {
    let recording = [mp3_frame(16).repeat(100), mp3_frame_16k().repeat(30)].concat();
    let analyzed = analyze(&recording).unwrap();
    assert_eq!(analyzed.analysis.serving, Serving::Converted);
    assert!(near(analyzed.seconds(), 100.0 * SPAN + 30.0 * SPAN / 2.0), "{}", analyzed.seconds());
    let wav = analyzed.output.unwrap();
    assert_eq!(wav[24..28], 8_000_u32.to_le_bytes(), "most of it has this rate");
    assert!(near(seconds(&wav), analyzed.analysis.facts.duration_seconds.unwrap()));
}

#[test]
fn an_mp3_whose_head_promises_more_is_cut_off() {
    let whole = [xing(200, 200 * 144 + 576), mp3_frame(16).repeat(80)].concat();
    let damage = analyze(&whole).unwrap().analysis.facts.damage.unwrap();
    assert!(damage.is_cut_off && near(damage.expected_seconds, 200.0 * SPAN), "{damage:?}");
    assert!(near(damage.decoded_seconds, 80.0 * SPAN), "{damage:?}");
}

#[test]
fn an_mp3_in_a_wav_is_served_as_mp3() {
    let frames = mp3_frame(16).repeat(100);
    let wav = Wav { tag: 0x55, channels: 1, rate: 8_000, block: 1, bits: 0 }.file(&frames);
    let analyzed = analyze(&wav).unwrap();
    assert_eq!(analyzed.analysis.serving, Serving::Rewritten(AudioType::Mpeg));
    assert_eq!(analyzed.served(&wav), frames);
}

#[test]
fn telephone_codecs_have_the_length_of_their_frames() {
    let g726 = Wav { tag: 0x45, channels: 1, rate: 8_000, block: 1, bits: 4 };
    let g729 = Wav { tag: 0x83, channels: 1, rate: 8_000, block: 10, bits: 1 };
    let wav49 = Wav { tag: 0x31, channels: 1, rate: 8_000, block: 65, bits: 0 };
    let gsm = [[0xd2].as_slice(), &junk(32)].concat().repeat(200);
    let speech = [&b"#!AMR\n"[..], &[&[0x3c][..], &junk(31)].concat().repeat(200)].concat();
    let wide = [&b"#!AMR-WB\n"[..], &[&[0x14][..], &junk(32)].concat().repeat(200)].concat();
    for (recording, seconds, codec) in [
        (g726.file(&junk(16_000)), 4.0, "G.726 in WAV"),
        (g729.file(&junk(4_000)), 4.0, "G.729 in WAV"),
        (wav49.file(&junk(6_500)), 4.0, "GSM 6.10 in WAV"),
        (gsm, 4.0, "GSM 6.10 without a head"),
        (speech, 4.0, "AMR"),
        (wide, 4.0, "AMR-WB"),
    ] {
        let analyzed = analyze(&recording).unwrap();
        assert_eq!(analyzed.analysis.format.to_string(), codec);
        assert_eq!(analyzed.analysis.serving, Serving::Converted, "{codec}");
        assert!(near(analyzed.seconds(), seconds), "{codec}: {}", analyzed.seconds());
        assert!(near(self::seconds(&analyzed.output.unwrap()), seconds), "{codec}");
    }
}

#[test]
fn a_big_endian_wav_is_served_as_pcm() {
    let mut format = 1_u16.to_be_bytes().to_vec();
    format.extend([0, 1, 0, 0, 0x1f, 0x40, 0, 0, 0x3e, 0x80, 0, 2, 0, 16]);
    let body =
        [&b"WAVEfmt \0\0\0\x10"[..], &format, b"data\0\0\x3e\x80", &[1, 2].repeat(8_000)].concat();
    let size = u32::try_from(body.len()).unwrap().to_be_bytes();
    let analyzed = analyze(&[b"RIFX", &size[..], &body].concat()).unwrap();
    assert!(near(analyzed.seconds(), 1.0));
    let wav = analyzed.output.unwrap();
    assert_eq!(wav, Wav::PCM.file(&[2, 1].repeat(8_000)));
}

#[test]
fn a_page_with_sound_in_it_is_told_by_its_bytes() {
    let wav = Wav::PCM.file(&[9; 1_600]);
    let behind_a_blank_line = [&b"\r\n\r\n"[..], &wav].concat();
    for recording in [&wav, &behind_a_blank_line] {
        let analyzed = analyze_as(recording, Some("text/html; charset=utf-8")).unwrap();
        assert_eq!(analyzed.served(recording), wav);
    }
}

#[test]
fn headless_linear_samples_of_unknown_order_are_rejected() {
    let samples: Vec<u8> = (0..24_000_i32)
        .flat_map(|at| i16::try_from((at * 37 % 8_000) - 4_000).unwrap().to_le_bytes())
        .collect();
    let error = analyze_as(&samples, Some("application/octet-stream")).unwrap_err();
    assert_eq!(error.to_string(), "it looks like sound without a head, or unknown binary data");
}
