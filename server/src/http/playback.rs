//! What the player of a page plays, with the waveform that the page is sent with. Has no effect on any run.

use std::{
    io::{self, Read as _},
    time::Duration,
};

use app::{Playback, words::Detail};
use audio::is_whole_dat;
use bytes::Bytes;
use http::Uri;
use shared::{CallSid, RecordingState, body::CallBody};
use tokio::task::spawn_blocking;

use super::{
    error::{ApiError, Result},
    router::App,
};
use crate::{
    access::{Grant, parameter},
    engine::Availability,
    model::ObjectKey,
    storage::{Presence, Storage},
};

/// More than any waveform has: those of sixteen channels have half of it.
const MOST_BYTES: u64 = 512 * 1024;
/// A recording that is not ready may turn out to be this long.
const UNKNOWN_LENGTH: Duration = Duration::from_hours(4);

/// `?part=` and `?t=` of a page's address, and the waveform where the recording is ready.
pub(in crate::http) async fn playback(
    app: &App,
    grant: &Grant,
    call: &CallBody,
    uri: &Uri,
) -> Result<Playback> {
    let part = parameter(uri, "part").and_then(|part| part.parse().ok()).unwrap_or(1);
    let parts = call.recordings.as_deref().unwrap_or_default();
    let recording = parts.iter().find(|recording| recording.part == Some(part));
    if recording.is_none() && part != 1 {
        return Err(ApiError::new(Detail::NoSuchPart(parts.len().max(1))).about(&call.call_sid));
    }
    let recording = recording.unwrap_or(&call.recording);
    let state = recording.state;
    let length = recording.duration_seconds;
    // A page without a waveform is better than none.
    let peaks = match state {
        RecordingState::Ready if part == 1 => peaks_of(app, &call.call_sid).await,
        _ => None,
    };
    let start = parameter(uri, "t").and_then(|at| at.parse().ok());
    Ok(Playback { part, start, query: playback_query(app, grant, part, length), peaks })
}

/// What opens the audio to a page that a link opened: a grant, which outlasts the link while a recording
/// plays.
fn playback_query(app: &App, grant: &Grant, part: u32, length: Option<f64>) -> String {
    let Grant::Link(link) = grant else { return String::new() };
    let Some(key) = app.access.links().key_of(link) else { return String::new() };
    let length = length.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    format!("grant={}", link.grant(part, length.unwrap_or(UNKNOWN_LENGTH), key))
}

async fn peaks_of(app: &App, call_sid: &CallSid) -> Option<Vec<u8>> {
    let Ok(Availability::Ready(recording)) = app.service.peek(call_sid).await else { return None };
    let dat = read_peaks(&app.storage, recording.peaks_key.as_ref()?).await.ok()??;
    Some(dat.to_vec())
}

/// The whole waveform; `None` where it is missing or damaged: it is written without waiting for the disk.
pub(in crate::http) async fn read_peaks(
    storage: &Storage,
    key: &ObjectKey,
) -> io::Result<Option<Bytes>> {
    let (opened, name) = (storage.clone(), key.clone());
    let reading = spawn_blocking(move || {
        let mut dat = Vec::new();
        opened.reader(&name)?.take(MOST_BYTES).read_to_end(&mut dat)?;
        io::Result::Ok(dat)
    });
    match reading.await.map_err(io::Error::other)? {
        Ok(dat) => Ok(Some(dat).filter(|dat| is_whole_dat(dat)).map(Bytes::from)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            match storage.presence(key).await {
                Presence::Away(error) => Err(error),
                Presence::Present | Presence::Absent => Ok(None),
            }
        }
        Err(error) => Err(error),
    }
}
