//! "May I hear this call?": the recording itself, whole or in parts, or why not.

use std::{
    fs::File,
    io,
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use app::words::Detail;
use audio::AudioType;
use axum::{
    Extension,
    body::Body,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, Method, StatusCode};
use jiff::Timestamp;
use sendfile::{FileBody, Handoff, Peer};
use serde::Deserialize;
use shared::CallSid;
use tracing::warn;

use crate::{
    clock::elapsed,
    engine::{Availability, WaitResult},
    http::{
        error::{ApiError, Result},
        file::{Counted, Disposition, Outcome, Representation, StreamedBody, evaluate, respond},
        held_places::ClientAddress,
        progress::{add_applied, preparing},
        request::{Parameters, Sid, may_have_effect, preferred_wait},
        router::App,
    },
    model::ReadyRecording,
    storage::{Presence, S3Stream, Storage},
};

/// A recording whose object is missing is asked for once more, as if there had been none.
const MOST_LOSSES: usize = 2;

#[derive(Deserialize)]
pub(in crate::http) struct Options {
    download: Option<String>,
}

/// `GET` and `HEAD`.
pub(in crate::http) async fn get(
    State(app): State<Arc<App>>,
    Sid(call_sid): Sid,
    Parameters(options): Parameters<Options>,
    peer: Option<Extension<Peer>>,
    method: Method,
    headers: HeaderMap,
    handoff: Option<Extension<Handoff>>,
) -> Result<Response> {
    let asked = Asked {
        disposition: match options.download.as_deref() {
            Some("1" | "true") => Disposition::Attachment,
            _ => Disposition::Inline,
        },
        handoff: handoff.map(|Extension(handoff)| handoff),
        method: &method,
        headers: &headers,
    };
    let may_act = may_have_effect(&method, &headers);
    let mut wait = preferred_wait(&headers).filter(|_| may_act);
    // Without a place the request is answered at once, as if it had not asked to be held.
    let mut place = wait.and_then(|_| {
        let client = peer.and_then(|Extension(Peer(peer))| ClientAddress::of(peer, &headers));
        app.held.try_take(client)
    });
    wait = wait.filter(|_| place.is_some());
    for _ in 0..MOST_LOSSES {
        let patience = wait.take();
        let WaitResult { answer, was_held } = if may_act {
            hear(&app, &call_sid, patience).await.map_err(|error| error.about(&call_sid))?
        } else {
            let answer = app.service.peek(&call_sid).await;
            let answer = answer.map_err(|error| ApiError::from(error).about(&call_sid))?;
            WaitResult { answer: Arc::new(answer), was_held: false }
        };
        let held = patience.filter(|_| was_held);
        drop(place.take());
        let recording = match &*answer {
            Availability::Preparing(view) => {
                return Ok(preparing(view, app.service.policy(), held));
            }
            Availability::Final(answer) => {
                let error = ApiError::no_recording(answer, &call_sid, app.service.policy());
                return Ok(with_applied(error.into_response(), held));
            }
            Availability::Ready(recording) => recording,
        };
        match asked.send(&app, &call_sid, recording).await {
            Ok(response) => return Ok(with_applied(response?, held)),
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => {
                match app.storage.presence(&recording.key).await {
                    Presence::Present => {} // it is back, or another one took its place
                    Presence::Absent => {
                        let lost = app.service.lost(&call_sid, &recording.key).await;
                        lost.map_err(|error| ApiError::from(error).about(&call_sid))?;
                    }
                    Presence::Away(error) => {
                        return Err(ApiError::storage_unavailable(&call_sid, &error));
                    }
                }
            }
            Err(error) => return Err(ApiError::storage_unavailable(&call_sid, &error)),
        }
    }
    let missing = io::Error::from(io::ErrorKind::NotFound);
    Err(ApiError::storage_unavailable(&call_sid, &missing))
}

async fn hear(app: &App, call_sid: &CallSid, patience: Option<Duration>) -> Result<WaitResult> {
    Ok(match patience {
        Some(patience) => app.long_poll.wait(call_sid, patience).await?,
        None => WaitResult { answer: app.long_poll.ask(call_sid).await?, was_held: false },
    })
}

fn with_applied(mut response: Response, held: Option<Duration>) -> Response {
    if let Some(held) = held {
        add_applied(&mut response, held);
    }
    response
}

/// A request for a recording that is ready.
struct Asked<'a> {
    method: &'a Method,
    headers: &'a HeaderMap,
    disposition: Disposition,
    handoff: Option<Handoff>,
}

impl Asked<'_> {
    /// The answer; an error of the outer kind where the object can't be opened.
    async fn send(
        &self,
        app: &App,
        call_sid: &CallSid,
        recording: &ReadyRecording,
    ) -> io::Result<Result<Response>> {
        let kind = AudioType::of_content_type(&recording.content_type);
        let extension = kind.map_or("bin", AudioType::extension);
        let representation = Representation::new(
            recording.sha256.as_str(),
            UNIX_EPOCH + elapsed(Timestamp::UNIX_EPOCH, recording.published_at),
            recording.bytes,
            &recording.content_type,
            &format!("{call_sid}.{extension}"),
        );
        let representation = match representation {
            Ok(representation) => representation,
            Err(error) => return Ok(Err(ApiError::internal(&error).about(call_sid))),
        };
        let outcome = evaluate(self.method, self.headers, &representation);
        let source = self.open(app, recording, &outcome).await?;
        let counter = app.metrics.served_bytes();
        let response = respond(outcome, &representation, self.disposition, |range| match source {
            Opened::File(file) => {
                let body = FileBody::new(file, range, self.handoff.clone());
                Body::new(Counted::new(body, counter))
            }
            Opened::Stream(stream) => {
                let body = StreamedBody::new(stream, range.end - range.start);
                Body::new(Counted::new(body, counter))
            }
            Opened::Nothing => Body::empty(),
        });
        Ok(response.map_err(|refused| ApiError::refused(refused, call_sid)))
    }

    /// A file is opened whatever is asked for. A bucket is asked for the bytes that are sent, and
    /// for nothing more than the object's being there where none are; a refusal needs neither.
    async fn open(
        &self,
        app: &App,
        recording: &ReadyRecording,
        outcome: &Outcome,
    ) -> io::Result<Opened> {
        let key = &recording.key;
        let s3 = match &app.storage {
            Storage::Files(files) => {
                return app.files.open(&files.path(key)).await.map(Opened::File);
            }
            Storage::S3(s3) => s3,
        };
        let range = match outcome {
            Outcome::Full => 0..recording.bytes,
            Outcome::Part(range) => range.clone(),
            _ => return Ok(Opened::Nothing),
        };
        if self.method == Method::HEAD {
            // Not a HEAD: its 404 has no body that would tell a missing bucket from a lost object.
            return s3.read(key, 0..1).await.map(|_| Opened::Nothing);
        }
        s3.read(key, range).await.map(Opened::Stream)
    }
}

/// Where the bytes of an answer come from.
enum Opened {
    File(Arc<File>),
    Stream(S3Stream),
    Nothing,
}

/// `DELETE`: bytes, waveform, row and provider URL go for good.
pub(in crate::http) async fn delete(
    State(app): State<Arc<App>>,
    Sid(call_sid): Sid,
) -> Result<StatusCode> {
    let deleted = app.store.delete_recording(&call_sid).await;
    app.notifier.notify(&call_sid);
    let Some(key) = deleted.map_err(|error| ApiError::from(error).about(&call_sid))? else {
        return Err(ApiError::new(Detail::CallNotFound).about(&call_sid));
    };
    app.attempt_counter.clear(&call_sid).await;
    if let Some(key) = key {
        if let Storage::Files(files) = &app.storage {
            app.files.forget(&files.path(&key)).await;
        }
        for key in key.of_claim() {
            if let Err(error) = app.storage.delete(&key).await {
                // The row is gone, so the recording can't be played; the sweep removes the bytes.
                warn!(%call_sid, %key, %error, "a deleted recording's bytes are still there");
            }
        }
    }
    Ok(StatusCode::NO_CONTENT)
}
