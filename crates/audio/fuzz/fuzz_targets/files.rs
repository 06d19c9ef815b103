//! Whole files: whatever the bytes and the media type, the analysis ends, and what it writes is
//! analyzed again to the same length.
#![no_main]

use std::io::Cursor;

use audio::{CancelFlag, Serving, analyze};
use libfuzzer_sys::fuzz_target;

const MEDIA_TYPES: [Option<&str>; 4] =
    [None, Some("audio/basic"), Some("audio/L16;rate=8000;channels=2"), Some("audio/G722")];

fuzz_target!(|data: &[u8]| {
    let Some((choice, file)) = data.split_last() else { return };
    let media_type = MEDIA_TYPES[usize::from(*choice) % MEDIA_TYPES.len()];
    let mut output = Vec::new();
    let cancel = CancelFlag::new();
    let analysis = analyze(Cursor::new(file), file.len() as u64, media_type, &cancel, &mut |piece| {
        output.extend(piece);
        Ok(())
    });
    let Ok(analysis) = analysis else { return };
    if analysis.serving == Serving::Converted {
        let again = analyze(Cursor::new(&output), output.len() as u64, None, &cancel, &mut |_| Ok(()));
        let again = again.expect("converted sound is a WAV");
        assert_eq!(again.facts.duration_seconds, analysis.facts.duration_seconds);
    }
});
