//! What is heard in each kind of recording, and what is made of those that browsers do not play.

use audio::{AudioType, DecodeError, Facts};
use sha2::{Digest as _, Sha256};

use crate::made::{Wav, fixture, hear};

/// The lowest and the highest point of an outline's channel.
fn extremes(dat: &[u8], channel: usize) -> (i8, i8) {
    let channels = usize::from(dat[20]);
    let points = dat[24..].chunks_exact(2 * channels).map(|point| &point[2 * channel..]);
    points.fold((0, 0), |(low, high), point| {
        (low.min(point[0].cast_signed()), high.max(point[1].cast_signed()))
    })
}

#[test]
fn what_is_decoded_has_a_length_channels_and_an_outline() {
    for (name, seconds) in [
        ("tone.mp3", 0.5),
        ("tone.m4a", 0.64), // with the silence before and after it that AAC needs
        ("tone.aac", 0.64),
        ("tone.flac", 0.5),
        ("tone-flac.ogg", 0.5),
        ("tone-vorbis.ogg", 0.5),
        ("tone-mulaw.wav", 0.5),
        ("tone-alaw.wav", 0.5),
        ("tone-ima.wav", 0.5085), // blocks are always full
        ("tone-ms.wav", 0.506),
    ] {
        let heard = hear(&fixture(name)).unwrap().decoded;
        let facts = Facts { duration_seconds: Some(seconds), channels: Some(2) };
        assert_eq!(heard.facts, facts, "{name}");
        let dat = heard.peaks.unwrap();
        let [left, right] = [0, 1].map(|channel| extremes(&dat, channel));
        for ((low, high), loud) in [(left, 60..105), (right, 20..40)] {
            assert!(loud.contains(&high) && loud.contains(&-low), "{name}: {low}, {high}");
        }
    }
}

#[test]
fn what_browsers_do_not_play_becomes_the_pcm_that_ffmpeg_makes_of_it() {
    for (name, sha256) in [
        ("tone-mulaw.wav", "fa2360ccaaa8203d135f260cff4bcb8d8cb76016ea2efdd3b884aa52600ab733"),
        ("tone-alaw.wav", "792933649e827dc672eef68471e3dba47531e89593ecfd5a698e50ca7539888c"),
        ("tone-ima.wav", "81c82887e6999af87b319fdf58b4a2292d6a41603c18b3408ea18c30b02f148a"),
        ("tone-ms.wav", "f67f7d92f5623495ef6a012a87180be9a107ee4b645d53e2d63319d57d9f5a4a"),
    ] {
        let heard = hear(&fixture(name)).unwrap();
        assert_eq!(heard.decoded.kind, AudioType::Wav);
        let wav = heard.converted.unwrap();
        let pcm: String =
            Sha256::digest(&wav[44..]).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(pcm, sha256, "{name}");
        let again = hear(&wav).unwrap();
        assert!(again.converted.is_none(), "browsers play it");
        assert_eq!(again.decoded, heard.decoded);
    }
}

#[test]
fn what_browsers_play_is_served_as_it_came() {
    let pcm = Wav::PCM.file(&[0; 16_000]);
    for recording in [fixture("tone.mp3"), fixture("tone.m4a"), fixture("tone.flac"), pcm] {
        assert!(hear(&recording).unwrap().converted.is_none());
    }
}

#[test]
fn suns_files_become_wav() {
    let fields = [24, 0xffff_ffff, 1, 8_000, 1].map(u32::to_be_bytes).concat();
    let heard = hear(&[b".snd", &fields[..], &[0x80; 800]].concat()).unwrap();
    assert_eq!(heard.decoded.kind, AudioType::Wav);
    assert_eq!(heard.decoded.facts.duration_seconds, Some(0.1));
    let wav = heard.converted.unwrap();
    assert_eq!(wav[44..46], 32_124_i16.to_le_bytes(), "0x80 is the loudest of μ-law");
    assert_eq!(wav, Wav::PCM.file(&wav[44..]));
}

#[test]
fn what_nothing_here_decodes_is_served_as_it_came_without_an_outline() {
    let gsm = Wav { tag: 0x31, channels: 1, rate: 8_000, block: 65, bits: 0 }.file(&[0; 650]);
    let amr = [b"#!AMR\n".as_slice(), &[0; 320]].concat();
    for (recording, channels) in [
        (fixture("tone-opus.ogg"), Some(2)),
        (fixture("tone.webm"), None),
        (gsm, Some(1)),
        (amr, None),
    ] {
        let heard = hear(&recording).unwrap();
        assert_eq!(heard.decoded.facts.channels, channels);
        assert!(heard.converted.is_none() && heard.decoded.peaks.is_none());
    }
    // Where the container knows how long it is, so do we.
    for ogg in ["tone-opus.ogg", "tone-vorbis.ogg"] {
        let seconds = hear(&fixture(ogg)).unwrap().decoded.facts.duration_seconds.unwrap();
        assert!((0.5..0.51).contains(&seconds), "{ogg}: {seconds}");
    }
}

#[test]
fn a_recording_without_a_sound_is_one_of_no_length() {
    for (wav, is_converted) in [(Wav::PCM.file(b""), false), (Wav::MULAW.file(b""), true)] {
        let heard = hear(&wav).unwrap();
        let facts = Facts { duration_seconds: Some(0.0), channels: Some(1) };
        assert_eq!((heard.decoded.facts, heard.decoded.peaks), (facts, None));
        assert_eq!(heard.converted.is_some(), is_converted);
    }
}

#[test]
fn a_block_that_is_cut_off_is_heard_as_far_as_it_goes() {
    let ima = fixture("tone-ima.wav");
    let whole = hear(&ima).unwrap().converted.unwrap();
    let cut = hear(&ima[..ima.len() - 500]).unwrap().converted.unwrap();
    assert!(cut.len() > whole.len() - 2_100, "{} of {}", cut.len(), whole.len());
    assert_eq!(cut[44..], whole[44..cut.len()]);
    assert_eq!(u32::from_le_bytes(cut[40..44].try_into().unwrap()) as usize, cut.len() - 44);
}

#[test]
fn damage_costs_no_more_than_what_is_damaged() {
    let mut ima = fixture("tone-ima.wav");
    ima[2_048 + 60 + 2] = 0xff; // a step that is none, in the second block's head
    let heard = hear(&ima).unwrap();
    assert_eq!(heard.decoded.facts.duration_seconds, Some(0.5085), "silence in its place");
    let mut mp3 = fixture("tone.mp3");
    let middle = mp3.len() / 2;
    mp3[middle..middle + 40].fill(0);
    let seconds = hear(&mp3).unwrap().decoded.facts.duration_seconds.unwrap();
    assert!((0.3..=0.5).contains(&seconds), "{seconds}");
}

#[test]
fn what_has_no_sound_that_could_be_decoded_can_not_be_played() {
    let mp3 = [b"ID3\x04\0\0\0\0\0\x04....".as_slice(), &[0; 5_000]].concat();
    let flac = [b"fLaC".as_slice(), &[7; 5_000]].concat();
    let mp4 = [b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42".as_slice(), &[0xff; 500]].concat();
    let without_data = Wav::PCM.file(b"")[..36].to_vec();
    let many = Wav { channels: 65_535, ..Wav::PCM }.file(&[0; 500]);
    let timeless = Wav { rate: 0, ..Wav::MULAW }.file(&[0; 500]);
    for recording in [mp3, flac, mp4, without_data, many, timeless] {
        match hear(&recording) {
            Err(DecodeError::Unplayable(_)) => {}
            other => panic!("must be unplayable, not {:?}", other.map(|heard| heard.decoded)),
        }
    }
}
