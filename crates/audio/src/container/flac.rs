//! FLAC in its own container (RFC 9639). A recorder that wrote into a pipe does not say how long the
//! recording is: then the same frames are served behind a head that does.

use std::io::{Read, Seek};

use crate::{
    Analysis, AnalysisError, AudioType, Serving,
    input::{Guard, Source},
    output::Output,
    rewrite::Rewrite,
    symphonia_file,
};

/// Where the 36 bits are that say how many samples follow: behind `fLaC`, a block's head, and sizes.
const TOTAL: u64 = 4 + 4 + 13;

/// Analyzes a file that begins at `start`.
pub(crate) fn analyze<R: Read + Seek + Send>(
    start: u64,
    source: &mut Source<R>,
    guard: &Guard,
    output: Output<'_>,
) -> Result<Analysis, AnalysisError> {
    let head = source.read_at(start, 42).map_err(|_| AnalysisError::of(guard))?;
    let (mut analysis, frames) = symphonia_file::measure(AudioType::Flac, start, source, guard)?;
    if analysis.serving == Serving::Empty {
        return Ok(analysis);
    }
    let field = usize::try_from(TOTAL).unwrap_or_default();
    let Some(total) = head.get(field..field + 5) else { return Ok(analysis) };
    let claimed = total.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)) & 0xf_ffff_ffff;
    if claimed == frames && start == 0 {
        return Ok(analysis);
    }
    let mut bytes = [0; 5];
    bytes.copy_from_slice(&frames.to_be_bytes()[3..]);
    bytes[0] = total[0] & 0xf0 | bytes[0] & 15;
    let mut plan = Rewrite::default();
    let is_planned = plan.source(start..start + TOTAL);
    plan.bytes(bytes.to_vec());
    if is_planned && plan.source(start + TOTAL + 5..source.len()) {
        source.widen().map_err(|_| AnalysisError::of(guard))?;
        plan.write(source, guard, output)?;
        analysis.serving = Serving::Rewritten(AudioType::Flac);
    }
    if claimed > frames
        && let Some(seconds) = analysis.facts.duration_seconds
        && frames > 0
    {
        #[allow(clippy::cast_precision_loss)] // both have 36 bits
        let expected_seconds = seconds * claimed as f64 / frames as f64;
        analysis.facts.damage =
            Some(crate::Damage { expected_seconds, decoded_seconds: seconds, is_cut_off: true });
    }
    Ok(analysis)
}
