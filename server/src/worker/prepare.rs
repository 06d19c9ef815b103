//! From a recording that was fetched to one that can be played: has it decoded on a thread that may
//! block, and stores what comes of it. Publishes nothing, and decides nothing about the run.

use std::io::Cursor;

use audio::{Analysis, AnalysisError, AudioType, CancelFlag, Facts, Serving};
use bytes::Bytes;
use fetch::Sink as _;
use tokio::{
    sync::mpsc,
    task::{JoinError, spawn_blocking},
    time::timeout_at,
};
use tracing::{error, warn};

use super::{
    download::not_stored,
    hashing_sink::{HashingSink, Received},
    job::{End, Job},
};
use crate::model::{Failure, FailureKind, ObjectKey, Sha256Hex};

/// Converted pieces that wait to be written; a decoder that is faster waits for the disk.
const PIECES: usize = 4;

/// What the provider sent.
pub(super) struct Source {
    pub(super) bytes: u64,
    pub(super) sha256: Sha256Hex,
    /// What the provider calls it: decides where the bytes have no head.
    pub(super) media_type: Option<String>,
}

/// Where it is decoded from.
pub(super) enum Sound {
    /// All of it, in memory.
    Kept(Vec<u8>),
    /// Under the job's key.
    Stored,
}

/// What was made of it.
pub(super) struct Decoded {
    analysis: Analysis,
    converted: Option<Received>,
}

/// What is durably stored and can be published.
pub(super) struct Playable {
    pub(super) key: ObjectKey,
    pub(super) kind: AudioType,
    pub(super) facts: Facts,
    pub(super) bytes: u64,
    pub(super) sha256: Sha256Hex,
    pub(super) source_sha256: Sha256Hex,
    pub(super) peaks_key: Option<ObjectKey>,
}

/// Decodes until the job's deadline, or until nobody waits for it any more. What browsers do not
/// play is converted into an upload on the way.
pub(super) async fn decode(job: &Job, source: &Source, sound: Sound) -> Result<Decoded, Failure> {
    let stop = CancelFlag::new();
    // However this ends, the thread does not go on.
    let _stop_at_end = stop.cancel_on_drop();
    let (pieces, mut made) = mpsc::channel::<Bytes>(PIECES);
    let (len, media_type) = (source.bytes, source.media_type.clone());
    let (storage, key) = (job.core.deps.storage.clone(), job.key.clone());
    let decoding = spawn_blocking(move || {
        let mut give = |piece: Vec<u8>| {
            let given = pieces.blocking_send(piece.into());
            given.map_err(|_| std::io::ErrorKind::BrokenPipe.into())
        };
        let media_type = media_type.as_deref();
        match sound {
            Sound::Kept(bytes) => {
                audio::analyze(Cursor::new(bytes), len, media_type, &stop, &mut give)
            }
            Sound::Stored => {
                let file = storage.reader(&key).map_err(AnalysisError::Storage)?;
                audio::analyze(file, len, media_type, &stop, &mut give)
            }
        }
    });
    let all = async {
        let mut converted = None;
        while let Some(piece) = made.recv().await {
            let sink = match &mut converted {
                Some(sink) => sink,
                none => none.insert(begin(job).await?),
            };
            sink.write(piece).await.map_err(|error| not_stored(job, &error))?;
        }
        match decoding.await {
            Ok(Ok(analysis)) => {
                Ok(Decoded { analysis, converted: converted.map(HashingSink::finish) })
            }
            Ok(Err(error)) => Err(failure(job, &error)),
            Err(error) => Err(panicked(job, &error)),
        }
    };
    timeout_at(job.deadline, all).await.unwrap_or_else(|_| {
        let reason = "the run's time was up while the recording was decoded";
        Err(Failure::new(FailureKind::Transient, reason))
    })
}

async fn begin(job: &Job) -> Result<HashingSink, Failure> {
    let upload = job.core.deps.storage.create(&job.key.converted()).await;
    upload.map(HashingSink::new).map_err(|error| not_stored(job, &error))
}

/// Makes durable what is served in place of the source, and the waveform visible.
pub(super) async fn store_outputs(
    job: &Job,
    source: Source,
    made: Decoded,
) -> Result<Playable, End> {
    let Decoded { analysis, converted } = made;
    let kind = analysis.served().ok_or_else(|| End::Failed(not_served(&analysis)))?;
    let (key, bytes, sha256) = match converted {
        Some(Received { upload, sha256, bytes, .. }) => {
            job.finish(upload).await?;
            (job.key.converted(), bytes, sha256)
        }
        None => (job.key.clone(), source.bytes, source.sha256.clone()),
    };
    let peaks_key = match analysis.peaks {
        Some(dat) => store_waveform(job, dat).await,
        None => None,
    };
    let facts = analysis.facts;
    Ok(Playable { key, kind, facts, bytes, sha256, source_sha256: source.sha256, peaks_key })
}

/// A recording without a waveform is better than none, so errors are only logged. The disk is not
/// synced: where a power cut takes a waveform, its route says that there is none.
async fn store_waveform(job: &Job, dat: Vec<u8>) -> Option<ObjectKey> {
    let key = job.key.peaks();
    let placed = async {
        let mut upload = job.core.deps.storage.create(&key).await?;
        upload.write(dat.into()).await?;
        upload.finish_unsynced().await
    };
    match job.in_time(placed).await {
        Ok(()) => Some(key),
        Err(error) => {
            warn!(%key, %error, "cannot store a waveform");
            None
        }
    }
}

/// What came can't be published.
fn not_served(analysis: &Analysis) -> Failure {
    let reason = match analysis.serving {
        Serving::Empty => "Nothing was recorded.".to_owned(),
        _ => format!("provider sent {}, which no browser plays", analysis.format),
    };
    Failure::new(FailureKind::Rejected, reason)
}

fn failure(job: &Job, error: &AnalysisError) -> Failure {
    match error {
        AnalysisError::Rejected(reason) => Failure::new(FailureKind::Rejected, reason),
        AnalysisError::Storage(error) => {
            let (call_sid, run) = (&job.run.call_sid, job.run.id);
            warn!(%call_sid, %run, %error, "cannot read from the storage");
            Failure::new(FailureKind::Transient, "the recording could not be read again")
        }
        // Then its receiver is gone, and so is whoever would read this.
        AnalysisError::Output(_) | AnalysisError::Cancelled => {
            Failure::new(FailureKind::Transient, "decoding was stopped")
        }
    }
}

/// The same bytes would bring the decoder down again.
fn panicked(job: &Job, error: &JoinError) -> Failure {
    error!(call_sid = %job.run.call_sid, run = %job.run.id, %error, "a decoder panicked");
    Failure::new(FailureKind::Rejected, "the recording could not be decoded")
}
