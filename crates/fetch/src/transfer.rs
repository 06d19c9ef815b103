//! The body of a response on its way into the sink: decoded, counted, limited, never held.

use std::{io, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Version,
    header::{CONTENT_LENGTH, TRANSFER_ENCODING},
};
use reqwest::Response;
use tokio::time::{Instant, timeout_at};

use super::{
    Timing,
    coding::{BadGzip, Declared, Decoder, declared},
    failure::grouped,
    opening::Opening,
    resume::Resume,
    verdict::{self, Verdict},
};

/// Where the bytes go.
#[async_trait]
pub trait Sink: Send {
    /// Forgets everything written so far: the file comes again from its beginning.
    async fn restart(&mut self) -> io::Result<()>;

    /// Takes the next bytes.
    async fn write(&mut self, bytes: Bytes) -> io::Result<()>;
}

/// Called with the progress: bytes in the sink, and of how many where the provider says so. Called
/// often; goes back to 0 where a try begins anew.
pub type Progress<'a> = &'a mut (dyn FnMut(u64, Option<u64>) + Send);

/// What ended a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Its length or its last chunk: it is whole.
    Framed,
    /// The end of the connection, without a length (RFC 9112, section 6.3, the last rule): it may have
    /// been cut off, and nothing in the response tells.
    Closed,
}

/// Why a try stopped without the whole file.
pub(super) enum Stop {
    Verdict(Verdict),
    Sink(io::Error),
}

impl From<Verdict> for Stop {
    fn from(verdict: Verdict) -> Self {
        Self::Verdict(verdict)
    }
}

impl From<BadGzip> for Stop {
    fn from(BadGzip(error): BadGzip) -> Self {
        tracing::debug!(%error, "a compressed body is broken");
        Verdict::again("provider sent a broken compressed body").into()
    }
}

/// What the tries of one fetch share.
pub(super) struct Transfer<'a> {
    sink: &'a mut dyn Sink,
    progress: Progress<'a>,
    max_bytes: u64,
    timing: Timing,
    /// Bytes that the sink was given.
    done: u64,
    /// Bytes that the sink has taken: fewer while a write is under way.
    stored: u64,
    /// Of how many, where the provider says so.
    total: Option<u64>,
    /// How the download goes on from there.
    resume: Option<Resume>,
    opening: Opening,
    /// What the provider calls the file.
    media_type: Option<String>,
    /// Bytes that the present try added.
    gained: u64,
}

/// How a body is received.
struct Body {
    coding: Declared,
    /// Where the bytes on the wire end, counted from the beginning of the file.
    end: Option<u64>,
    is_framed: bool,
}

impl<'a> Transfer<'a> {
    pub(super) fn new(
        sink: &'a mut dyn Sink,
        progress: Progress<'a>,
        max_bytes: u64,
        timing: Timing,
    ) -> Self {
        let opening = Opening::default();
        let (done, stored, total, resume, gained) = (0, 0, None, None, 0);
        let media_type = None;
        Self {
            sink,
            progress,
            max_bytes,
            timing,
            done,
            stored,
            total,
            resume,
            opening,
            media_type,
            gained,
        }
    }

    /// A new try begins.
    pub(super) fn begin(&mut self) {
        self.gained = 0;
    }

    /// Whether the present try added bytes.
    pub(super) fn has_gained(&self) -> bool {
        self.gained > 0
    }

    /// What the provider calls the file.
    pub(super) fn media_type(&self) -> Option<&str> {
        self.media_type.as_deref()
    }

    /// Bytes in the sink.
    pub(super) fn stored(&self) -> u64 {
        self.stored
    }

    /// `Range` and `If-Range` of the next request, where the download can go on.
    pub(super) fn resumes(&self) -> Option<(HeaderValue, HeaderValue)> {
        let resume = self.resume.as_ref().filter(|_| self.done > 0)?;
        Some((Resume::range(self.done), resume.if_range()))
    }

    /// The next try begins with the first byte.
    pub(super) fn forget(&mut self) {
        self.resume = None;
    }

    /// Receives the whole file from a 200.
    pub(super) async fn receive(&mut self, response: Response) -> Result<Ending, Stop> {
        let headers = response.headers();
        let coding = declared(headers);
        if coding == Declared::Other {
            return Err(
                Verdict::rejected("provider sent a compressed body though asked not to").into()
            );
        }
        let length = response.content_length();
        self.check_size(length.unwrap_or(0))?;
        let is_framed = is_framed(headers, response.version());
        self.resume = Resume::of(headers);
        self.stored = 0;
        if self.done > 0 {
            self.sink.restart().await.map_err(Stop::Sink)?;
        }
        self.done = 0;
        let media_type = verdict::media_type(headers);
        self.opening = Opening::new(media_type.and_then(verdict::page));
        self.media_type = media_type.map(str::to_owned);
        self.total = length.filter(|_| coding == Declared::Plain);
        (self.progress)(0, self.total);
        self.stream(response, Body { coding, end: length, is_framed }).await
    }

    /// Receives the rest of the file from a 206.
    pub(super) async fn go_on(&mut self, response: Response) -> Result<Ending, Stop> {
        let resume = self.resume.as_ref();
        let Some(rest) = resume.and_then(|resume| resume.rest(response.headers(), self.done))
        else {
            self.forget();
            return Err(Verdict::again("provider sent another part than was asked for").into());
        };
        if self.total.is_some_and(|total| total != rest.end) {
            self.forget();
            return Err(Verdict::again("provider changed the file's length").into());
        }
        self.check_size(rest.end)?;
        self.total = Some(rest.end);
        let is_framed = true; // `Content-Range` says where it ends
        let body = Body { coding: Declared::Plain, end: self.total, is_framed };
        self.stream(response, body).await
    }

    async fn stream(&mut self, mut response: Response, body: Body) -> Result<Ending, Stop> {
        let mut decoder = Decoder::new(body.coding);
        let (began, before) = (Instant::now(), self.done);
        let mut on_the_wire = before;
        loop {
            let slow = self.timing.slow(began, on_the_wire - before);
            let idle = Instant::now() + self.timing.idle;
            let mut bytes = match timeout_at(idle.min(slow), response.chunk()).await {
                Ok(Ok(Some(bytes))) => bytes,
                Ok(Ok(None)) => break,
                Ok(Err(_)) => return Err(self.cut()),
                Err(_) if slow < idle => return Err(self.too_slow()),
                Err(_) => {
                    let reason = format!("provider fell silent {}", self.so_far());
                    return Err(Verdict::again(reason).into());
                }
            };
            on_the_wire += bytes.len() as u64;
            while let Some(step) = decoder.step(&mut bytes) {
                self.take(decoder.decode(step)?).await?;
            }
        }
        self.take(decoder.finish()?).await?;
        if self.done == 0 {
            return Err(Verdict::again("provider sent an empty recording").into());
        }
        if let Some(what) = self.opening.at_end() {
            return Err(Verdict::rejected(format!("provider sent {what} instead of audio")).into());
        }
        if body.end.is_some_and(|end| end != on_the_wire) {
            return Err(self.cut());
        }
        Ok(if body.is_framed { Ending::Framed } else { Ending::Closed })
    }

    async fn take(&mut self, bytes: Bytes) -> Result<(), Stop> {
        if bytes.is_empty() {
            return Ok(());
        }
        if let Some(what) = self.opening.not_audio(&bytes) {
            return Err(Verdict::rejected(format!("provider sent {what} instead of audio")).into());
        }
        let len = bytes.len() as u64;
        let done = self.done.saturating_add(len);
        self.check_size(done)?;
        // Before the write: one that fails halfway has left something in the sink.
        self.done = done;
        self.gained += len;
        self.sink.write(bytes).await.map_err(Stop::Sink)?;
        self.stored = done;
        (self.progress)(done, self.total);
        Ok(())
    }

    fn cut(&self) -> Stop {
        Verdict::again(format!("connection cut {}", self.so_far())).into()
    }

    fn too_slow(&self) -> Stop {
        Verdict::TooSlow(format!("provider sent too slowly {}", self.so_far())).into()
    }

    fn check_size(&self, bytes: u64) -> Result<(), Verdict> {
        if bytes > self.max_bytes { Err(too_large(self.max_bytes)) } else { Ok(()) }
    }

    /// How far the present try has come, if it came to any bytes.
    pub(super) fn reached(&self) -> Option<String> {
        self.has_gained().then(|| self.so_far())
    }

    fn so_far(&self) -> String {
        match self.total {
            Some(total) => format!("after {} of {} bytes", grouped(self.done), grouped(total)),
            None => format!("after {} bytes", grouped(self.done)),
        }
    }
}

fn too_large(max_bytes: u64) -> Verdict {
    Verdict::rejected(format!("the recording is larger than {} bytes", grouped(max_bytes)))
}

/// Whether something other than the connection's end says where the body ends.
fn is_framed(headers: &HeaderMap, version: Version) -> bool {
    headers.contains_key(CONTENT_LENGTH)
        || headers.contains_key(TRANSFER_ENCODING)
        || version > Version::HTTP_11
}

impl Timing {
    /// When a body that began at `began` and has had `bytes` bytes is too slow.
    fn slow(&self, began: Instant, bytes: u64) -> Instant {
        let earned = bytes.saturating_mul(1_000) / self.least_bytes_per_second.max(1);
        let allowed = self.rate_grace.saturating_add(Duration::from_millis(earned));
        // No download lasts a year.
        began + allowed.min(Duration::from_hours(24 * 365))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_earns_its_share_of_time() {
        let timing = Timing {
            least_bytes_per_second: 1_000,
            rate_grace: Duration::from_secs(30),
            ..Timing::default()
        };
        let began = Instant::now();
        for (bytes, seconds) in [(0, 30), (999, 30), (10_000, 40), (1_000_000, 1_030)] {
            assert_eq!((timing.slow(began, bytes) - began).as_secs(), seconds, "{bytes}");
        }
        assert!(timing.slow(began, u64::MAX) > began);
    }
}
