//! What is measured in each kind of recording, and what is made of those that browsers do not play.

use audio::{AnalysisError, AudioType, Facts, Serving};
use sha2::{Digest as _, Sha256};

use crate::support::{Analyzed, Wav, analyze, analyze_as, fixture, to_wav};

/// The lowest and the highest point of a channel's waveform.
fn extremes(dat: &[u8], channel: usize) -> (i8, i8) {
    let channels = usize::from(dat[20]);
    let points = dat[24..].chunks_exact(2 * channels).map(|point| &point[2 * channel..]);
    points.fold((0, 0), |(low, high), point| {
        (low.min(point[0].cast_signed()), high.max(point[1].cast_signed()))
    })
}

fn facts(seconds: f64, channels: u16) -> Facts {
    Facts { duration_seconds: Some(seconds), channels: Some(channels), damage: None }
}

#[test]
fn a_recording_that_decodes_has_a_length_channels_and_a_waveform() {
    for (name, seconds) in [
        ("tone.mp3", 0.5),
        ("tone.m4a", 0.5),
        ("tone.aac", 0.64), // with the silence before and after it that AAC needs
        ("tone.flac", 0.5),
        ("tone-flac.ogg", 0.5),
        ("tone-vorbis.ogg", 0.5),
        ("tone-opus.ogg", 0.5),
        ("tone.webm", 0.5),
        ("tone-mulaw.wav", 0.5),
        ("tone-alaw.wav", 0.5),
        ("tone-ima.wav", 0.5085), // blocks are always full
        ("tone-ms.wav", 0.506),
        ("field/qt-last.mov", 0.5),
    ] {
        let Analyzed { analysis, .. } = analyze(&fixture(name)).unwrap();
        let found = analysis.facts.duration_seconds.unwrap();
        assert!((found - seconds).abs() < 0.005, "{name}: {found}");
        assert_eq!((analysis.facts.channels, analysis.facts.damage), (Some(2), None), "{name}");
        let dat = analysis.peaks.unwrap();
        let [left, right] = [0, 1].map(|channel| extremes(&dat, channel));
        for ((low, high), loud) in [(left, 40..105), (right, 20..45)] {
            assert!(loud.contains(&high) && loud.contains(&-low), "{name}: {low}, {high}");
        }
    }
}

#[test]
fn telephone_codecs_become_the_pcm_that_ffmpeg_makes_of_them() {
    for (name, sha256) in [
        ("tone-mulaw.wav", "fa2360ccaaa8203d135f260cff4bcb8d8cb76016ea2efdd3b884aa52600ab733"),
        ("tone-alaw.wav", "792933649e827dc672eef68471e3dba47531e89593ecfd5a698e50ca7539888c"),
        ("tone-ima.wav", "81c82887e6999af87b319fdf58b4a2292d6a41603c18b3408ea18c30b02f148a"),
        ("tone-ms.wav", "f67f7d92f5623495ef6a012a87180be9a107ee4b645d53e2d63319d57d9f5a4a"),
    ] {
        let Analyzed { analysis, output } = analyze(&fixture(name)).unwrap();
        assert_eq!(analysis.serving, Serving::Converted);
        let wav = output.unwrap();
        let digest = Sha256::digest(&wav[44..]);
        let pcm = digest.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        assert_eq!(pcm, sha256, "{name}");
        let again = analyze(&wav).unwrap();
        assert_eq!(again.analysis.serving, Serving::AsItCame(AudioType::Wav));
        assert_eq!((again.analysis.facts, again.analysis.peaks), (analysis.facts, analysis.peaks));
    }
}

#[test]
fn a_recording_that_browsers_play_exactly_is_served_as_it_came() {
    let pcm = Wav::PCM.file(&[0; 16_000]);
    let names = ["tone.m4a", "tone.flac", "tone-opus.ogg", "tone-vorbis.ogg", "tone.webm"];
    for recording in names.map(fixture).into_iter().chain([pcm]) {
        let Analyzed { analysis, output } = analyze(&recording).unwrap();
        assert!(matches!(analysis.serving, Serving::AsItCame(_)), "{:?}", analysis.format);
        assert_eq!(output, None);
    }
}

#[test]
fn a_rewritten_recording_is_served_as_it_came_the_next_time_and_measures_the_same() {
    let names = ["tone.aac", "field/qt-last.mov", "field/fragmented.m4a", "field/live.webm"];
    let mp3 = [&[0; 1_152][..], &fixture("tone.mp3")].concat();
    // Firefox does not know the padding of an encoder that is not LAME.
    let lavf = fixture("tone.mp3");
    let blank = [&b"\r\n"[..], &Wav::PCM.file(&[9; 1_600])].concat();
    for recording in names.map(fixture).into_iter().chain([mp3, lavf, blank]) {
        let first = analyze(&recording).unwrap();
        let (format, serving) = (first.analysis.format, first.analysis.serving);
        assert!(matches!(serving, Serving::Rewritten(_)), "{format}: {serving:?}");
        let second = analyze(first.served(&recording)).unwrap();
        let kind = second.analysis.served();
        assert_eq!(kind, first.analysis.served());
        assert_eq!(second.analysis.serving, Serving::AsItCame(kind.unwrap()));
        assert!((second.seconds() - first.seconds()).abs() < 0.01, "{format}");
        assert!(second.analysis.peaks == first.analysis.peaks, "{format}");
    }
}

#[test]
fn ogg_and_webm_have_a_wav_for_browsers_that_do_not_play_them() {
    for name in
        ["tone-opus.ogg", "tone-vorbis.ogg", "tone-flac.ogg", "tone.webm", "field/live.webm"]
    {
        let recording = fixture(name);
        let first = analyze(&recording).unwrap();
        assert!(first.analysis.wants_wav(), "{name}");
        let wav = analyze(&to_wav(&recording)).unwrap();
        assert_eq!(wav.analysis.served(), Some(AudioType::Wav));
        assert_eq!(wav.analysis.facts, first.analysis.facts, "{name}");
        assert_eq!(wav.analysis.peaks, first.analysis.peaks);
    }
    assert!(!analyze(&fixture("tone.mp3")).unwrap().analysis.wants_wav());
}

#[test]
fn suns_files_become_wav() {
    let fields = [24, 0xffff_ffff, 1, 8_000, 1].map(u32::to_be_bytes).concat();
    let Analyzed { analysis, output } =
        analyze(&[b".snd", &fields[..], &[0x80; 800]].concat()).unwrap();
    assert_eq!((analysis.serving, analysis.facts), (Serving::Converted, facts(0.1, 1)));
    let wav = output.unwrap();
    assert_eq!(wav[44..46], 32_124_i16.to_le_bytes(), "0x80 is the loudest of μ-law");
    assert_eq!(wav, Wav::PCM.file(&wav[44..]));
}

#[test]
fn a_media_type_decides_where_the_bytes_have_no_head() {
    let samples: Vec<u8> = (0..8_000_u32).map(|at| (at * 7 % 251) as u8).collect();
    for (media_type, seconds, channels) in [
        ("audio/basic", 1.0, 1),
        ("audio/PCMA;rate=16000", 0.5, 1),
        ("audio/L16;rate=8000;channels=2", 0.25, 2),
        ("audio/G722", 1.0, 1),
    ] {
        let Analyzed { analysis, .. } = analyze_as(&samples, Some(media_type)).unwrap();
        assert_eq!(analysis.facts, facts(seconds, channels), "{media_type}");
        assert_eq!(analysis.format.container, AudioType::Headless);
    }
    for media_type in [None, Some("application/octet-stream"), Some("audio/x-wav")] {
        let error = analyze_as(&samples, media_type).unwrap_err().to_string();
        assert!(error.contains("sound without a head"), "{error}");
    }
    // The bytes decide: a page is no sound, and a WAV is one.
    analyze_as(b"<html>Sorry</html>", Some("audio/basic")).unwrap_err();
    let wav = Wav::PCM.file(&[0; 1_600]);
    let Analyzed { analysis, .. } = analyze_as(&wav, Some("text/html")).unwrap();
    assert_eq!(analysis.serving, Serving::AsItCame(AudioType::Wav));
}

#[test]
fn a_codec_that_nothing_decodes_is_stored_and_named() {
    let speech = Wav { tag: 0x42, channels: 1, rate: 8_000, block: 24, bits: 0 }.file(&[0; 650]);
    let Analyzed { analysis, output } = analyze(&speech).unwrap();
    assert_eq!((analysis.serving, output), (Serving::Stored, None));
    assert_eq!(analysis.format.to_string(), "G.723.1 in WAV");
    assert_eq!((analysis.served(), analysis.peaks), (None, None));
}

#[test]
fn a_head_without_a_sample_or_with_one_frame_is_empty() {
    let one_mp3 = fixture("tone.mp3")[..500].to_vec();
    let killed = Wav::PCM.file(b"")[..36].to_vec();
    let ogg = fixture("tone-opus.ogg")[..120].to_vec();
    for recording in
        [Wav::PCM.file(b""), Wav::MULAW.file(b""), Wav::PCM.file(&[1, 2]), killed, one_mp3, ogg]
    {
        let Analyzed { analysis, output } = analyze(&recording).unwrap();
        assert_eq!((analysis.serving, analysis.served()), (Serving::Empty, None), "{recording:x?}");
        assert_eq!((analysis.peaks, output), (None, None));
    }
}

#[test]
fn a_cut_off_recording_says_how_much_of_it_came() {
    let wav = Wav::PCM.file(&vec![1; 160_000]);
    let Analyzed { analysis, output } = analyze(&wav[..44 + 64_000]).unwrap();
    let damage = analysis.facts.damage.unwrap();
    assert_eq!((damage.expected_seconds, damage.decoded_seconds), (10.0, 4.0));
    assert!(damage.is_cut_off);
    assert_eq!(output.unwrap()[40..44], 64_000_u32.to_le_bytes(), "the head served is true");
}

#[test]
fn a_block_that_is_cut_off_is_decoded_as_far_as_it_goes() {
    let ima = fixture("tone-ima.wav");
    let whole = analyze(&ima).unwrap().output.unwrap();
    let cut = analyze(&ima[..ima.len() - 500]).unwrap().output.unwrap();
    assert!(cut.len() > whole.len() - 2_100, "{} of {}", cut.len(), whole.len());
    assert_eq!(cut[44..], whole[44..cut.len()]);
    assert_eq!(u32::from_le_bytes(cut[40..44].try_into().unwrap()) as usize, cut.len() - 44);
}

#[test]
fn damaged_parts_become_silence() {
    let mut ima = fixture("tone-ima.wav");
    ima[2_048 + 60 + 2] = 0xff; // a step that is none, in the second block's head
    let Analyzed { analysis, .. } = analyze(&ima).unwrap();
    assert_eq!(analysis.facts.duration_seconds, Some(0.5085));
    let damage = analysis.facts.damage.unwrap();
    assert!(!damage.is_cut_off && damage.decoded_seconds < 0.4, "{damage:?}");
    let mut mp3 = fixture("tone.mp3");
    let middle = mp3.len() / 2;
    mp3[middle..middle + 40].fill(0);
    let seconds = analyze(&mp3).unwrap().seconds();
    assert!((0.3..=0.5).contains(&seconds), "{seconds}");
}

#[test]
fn a_recording_without_sound_that_decodes_is_rejected() {
    let mp3 = [b"ID3\x04\0\0\0\0\0\x04....".as_slice(), &[0; 5_000]].concat();
    let flac = [b"fLaC".as_slice(), &[7; 5_000]].concat();
    let mp4 = [b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42".as_slice(), &[0xff; 500]].concat();
    let many = Wav { channels: 65_535, ..Wav::PCM }.file(&vec![0; 500_000]);
    let timeless = Wav { rate: 0, ..Wav::MULAW }.file(&[0; 500]);
    for recording in [mp3, flac, mp4, many, timeless] {
        match analyze(&recording) {
            Err(AnalysisError::Rejected(_)) => {}
            other => panic!("must be rejected, not {other:?}"),
        }
    }
}
