//! The waveform of a recording that is ready, or why there is none. Has no effect on any run.

use std::{sync::Arc, time::UNIX_EPOCH};

use app::words::Detail;
use axum::{body::Body, extract::State, response::Response};
use http::{HeaderMap, Method};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use shared::CallSid;

use crate::{
    clock::elapsed,
    engine::Availability,
    http::{
        error::{ApiError, Result},
        file::{Disposition, Representation, evaluate, respond},
        playback::read_peaks,
        progress::preparing,
        request::Sid,
        router::App,
    },
    model::{ReadyRecording, Sha256Hex},
};

/// The format has no media type of its own.
const CONTENT_TYPE: &str = "application/octet-stream";

/// `GET` and `HEAD`.
pub(in crate::http) async fn get(
    State(app): State<Arc<App>>,
    Sid(call_sid): Sid,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    let answer = app.service.peek(&call_sid).await;
    match answer.map_err(|error| ApiError::from(error).about(&call_sid))? {
        Availability::Preparing(view) => Ok(preparing(&view, app.service.policy(), None)),
        Availability::Final(answer) => {
            Err(ApiError::no_recording(&answer, &call_sid, app.service.policy()))
        }
        Availability::Ready(recording) => {
            send(&app, &call_sid, &recording, &method, &headers).await
        }
    }
}

async fn send(
    app: &App,
    call_sid: &CallSid,
    recording: &ReadyRecording,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Response> {
    let dat = match &recording.peaks_key {
        Some(key) => read_peaks(&app.storage, key).await,
        None => Ok(None),
    };
    let dat = dat.map_err(|error| ApiError::storage_unavailable(call_sid, &error))?;
    let Some(dat) = dat else {
        return Err(ApiError::new(Detail::NoPeaks).about(call_sid));
    };
    let representation = Representation::new(
        Sha256Hex::from_digest(&Sha256::digest(&dat)).as_str(),
        UNIX_EPOCH + elapsed(Timestamp::UNIX_EPOCH, recording.published_at),
        dat.len() as u64,
        CONTENT_TYPE,
        &format!("{call_sid}.dat"),
    );
    let representation =
        representation.map_err(|error| ApiError::internal(&error).about(call_sid))?;
    let outcome = evaluate(method, headers, &representation);
    let response = respond(outcome, &representation, Disposition::Inline, |range| {
        let place = |at| usize::try_from(at).unwrap_or(dat.len()); // all of it is in memory
        Body::from(dat.slice(place(range.start)..place(range.end)))
    });
    response.map_err(|refused| ApiError::refused(refused, call_sid))
}
