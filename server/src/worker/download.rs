//! Fetches one run's recording into the storage and looks at what it got. Publishes nothing: what
//! it gives is whole, but not yet visible under its key.

use std::{convert::Infallible, io, time::Duration};

use fetch::{FetchError, Limits};
use tokio::{select, sync::watch, time::sleep};
use tracing::warn;

use super::{
    hashing_sink::{HashingSink, Received},
    job::Job,
};
use crate::{
    model::{Failure, FailureKind},
    store::{Downloaded, Write},
};

/// How far a download has come is written down no more often than this; a shorter one writes
/// nothing.
const REPORT_EVERY: Duration = Duration::from_secs(1);

/// Streams the recording into an upload, and makes sure that it is audio. Also returns its media type, as
/// the provider calls it.
pub(super) async fn download(job: &Job) -> Result<(Received, Option<String>), Failure> {
    let deps = &job.core.deps;
    let url = job.url.as_ref().ok_or_else(without_url)?;
    let upload = deps.storage.create(&job.key).await.map_err(|error| not_stored(job, &error))?;
    let mut sink = HashingSink::new(upload);
    let (reached, seen) = watch::channel(Downloaded::default());
    let mut counted = 0;
    let mut note = |done, total| {
        // A download that begins again begins at zero.
        job.core.metrics.downloaded(if done >= counted { done - counted } else { done });
        counted = done;
        reached.send_replace(Downloaded { done, total });
    };
    let limits = Limits::new(job.core.limits.max_recording_bytes, job.deadline);
    let fetched = select! {
        fetched = deps.provider.fetch(url.url(), &mut sink, limits, &mut note) => fetched,
        never = report(job, seen) => match never {},
    };
    let fetch::Fetched { media_type, .. } = fetched.map_err(|error| failure(job, error))?;
    let received = sink.finish();
    let head = &received.head[..received.head.len().min(audio::HEAD)];
    match audio::recognize(head, media_type.as_deref()) {
        Ok(_) => Ok((received, media_type)),
        Err(unrecognized) => Err(not_audio(unrecognized)),
    }
}

/// Writes down how far it is, beside the download and never in its way.
async fn report(job: &Job, mut seen: watch::Receiver<Downloaded>) -> Infallible {
    loop {
        sleep(REPORT_EVERY).await;
        if seen.has_changed().is_ok_and(|changed| !changed) {
            continue;
        }
        let downloaded = *seen.borrow_and_update();
        let written = job.core.deps.store.progress(job.run.id, job.run.fence, downloaded).await;
        if matches!(written, Ok(Write::Overtaken)) {
            job.stop_if_revoked().await;
        }
    }
}

fn failure(job: &Job, error: FetchError) -> Failure {
    match error {
        FetchError::Sink(error) => not_stored(job, &error),
        FetchError::Provider(failure) => {
            let kind = match failure.kind {
                // `NotYet` and `Wait` come only where the limits ask for them.
                fetch::FailureKind::Transient
                | fetch::FailureKind::NotYet
                | fetch::FailureKind::Wait(_) => FailureKind::Transient,
                fetch::FailureKind::Rejected | fetch::FailureKind::Expired => FailureKind::Rejected,
                fetch::FailureKind::Gone => FailureKind::Gone,
            };
            Failure::new(kind, failure.reason)
        }
    }
}

/// Our own storage is at fault; what exactly is for the operator alone.
pub(super) fn not_stored(job: &Job, error: &io::Error) -> Failure {
    let (call_sid, run) = (&job.run.call_sid, job.run.id);
    warn!(%call_sid, %run, %error, "cannot write to the storage");
    Failure::new(FailureKind::Transient, "the recording could not be stored")
}

fn without_url() -> Failure {
    let reason =
        "the recording URL of this call is not one that tapedeck accepts; register it again";
    Failure::new(FailureKind::Rejected, reason)
}

fn not_audio(unrecognized: audio::Unrecognized) -> Failure {
    let looks_like = unrecognized.looks_like();
    let reason = format!("provider sent something that is not audio (it looks like {looks_like})");
    Failure::new(FailureKind::Rejected, reason)
}
