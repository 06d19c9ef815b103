//! The body of an answer on its way into the sink: counted, limited, never held.

use std::{io, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use reqwest::Response;
use tokio::time::{error::Elapsed, timeout};

use super::{failure::grouped, opening::Opening, verdict::Verdict};

/// Where the bytes go.
#[async_trait]
pub trait Sink: Send {
    /// Forgets everything written so far: the recording comes again from its beginning.
    async fn restart(&mut self) -> io::Result<()>;

    /// Takes the next bytes, as they came from the network.
    async fn write(&mut self, bytes: Bytes) -> io::Result<()>;
}

/// Is told how far it is: bytes done, and of how many where the provider says so. Called often;
/// starts again at 0 with each try.
pub type Progress<'a> = &'a mut (dyn FnMut(u64, Option<u64>) + Send);

/// Why a try stopped without the whole recording.
pub(super) enum Stop {
    Verdict(Verdict),
    Sink(io::Error),
}

impl From<Verdict> for Stop {
    fn from(verdict: Verdict) -> Self {
        Self::Verdict(verdict)
    }
}

/// What the tries of one fetch share.
pub(super) struct Transfer<'a> {
    sink: &'a mut dyn Sink,
    progress: Progress<'a>,
    max_bytes: u64,
    done: u64,
    total: Option<u64>,
    /// The sink holds bytes of an earlier try.
    dirty: bool,
}

impl<'a> Transfer<'a> {
    pub(super) fn new(sink: &'a mut dyn Sink, progress: Progress<'a>, max_bytes: u64) -> Self {
        Self { sink, progress, max_bytes, done: 0, total: None, dirty: false }
    }

    /// Forgets how far an earlier try came.
    pub(super) fn begin(&mut self) {
        self.done = 0;
        self.total = None;
    }

    /// Streams the body into the sink; its length. Each piece must come within `idle`.
    pub(super) async fn receive(
        &mut self,
        mut response: Response,
        idle: Duration,
    ) -> Result<u64, Stop> {
        self.total = response.content_length();
        self.check_size(self.total.unwrap_or(0))?;
        if self.dirty {
            self.sink.restart().await.map_err(Stop::Sink)?;
            self.dirty = false;
        }
        (self.progress)(0, self.total);
        let mut opening = Opening::default();
        loop {
            let outcome = timeout(idle, response.chunk()).await;
            let Some(bytes) = self.piece(outcome)? else { break };
            if let Some(what) = opening.not_audio(&bytes) {
                return Err(
                    Verdict::rejected(format!("provider sent {what} instead of audio")).into()
                );
            }
            let done = self.done.saturating_add(bytes.len() as u64);
            self.check_size(done)?;
            self.dirty = true;
            self.sink.write(bytes).await.map_err(Stop::Sink)?;
            self.done = done;
            (self.progress)(done, self.total);
        }
        if self.done == 0 {
            return Err(Verdict::again("provider sent an empty recording").into());
        }
        if self.total.is_some_and(|total| total != self.done) {
            return Err(Verdict::again(format!("connection cut {}", self.so_far())).into());
        }
        Ok(self.done)
    }

    fn piece(
        &self,
        outcome: Result<reqwest::Result<Option<Bytes>>, Elapsed>,
    ) -> Result<Option<Bytes>, Verdict> {
        match outcome {
            Ok(Ok(piece)) => Ok(piece),
            Ok(Err(_)) => Err(Verdict::again(format!("connection cut {}", self.so_far()))),
            Err(_) => Err(Verdict::again(format!("provider fell silent {}", self.so_far()))),
        }
    }

    fn check_size(&self, bytes: u64) -> Result<(), Verdict> {
        if bytes > self.max_bytes {
            let most = grouped(self.max_bytes);
            return Err(Verdict::rejected(format!("the recording is larger than {most} bytes")));
        }
        Ok(())
    }

    /// How far the present try came, if it came to any bytes.
    pub(super) fn reached(&self) -> Option<String> {
        (self.done > 0).then(|| self.so_far())
    }

    fn so_far(&self) -> String {
        match self.total {
            Some(total) => format!("after {} of {} bytes", grouped(self.done), grouped(total)),
            None => format!("after {} bytes", grouped(self.done)),
        }
    }
}
