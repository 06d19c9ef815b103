//! Bytes of a file as a response body: one chunk at a time, so that memory does not grow with the
//! file, and without blocking a runtime thread on a disk.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::task::{JoinHandle, spawn_blocking};

use super::handoff::{Handoff, Segment};
use super::page_cache::{is_warm, read_if_warm, warm};

/// Bytes in one frame of a body that is read: the memory that one connection costs.
const READ_LEN: usize = 256 * 1024;
/// A range up to this length is read where it is in memory, and leaves with the head in one call:
/// that costs less than the two calls that look for it and the one that sends it.
const SMALL_LEN: u64 = 16 * 1024;

/// Streams a range of an open file, which is read by position: many bodies share one handle.
///
/// A file that ends before the range is an error, which ends the connection, since the length was
/// promised.
///
/// With the [`Handoff`] of its connection the bytes never enter this process: the frames name them
/// and the kernel sends them. Without one (a test that calls a route directly, another listener, the
/// feature `kernel` turned off), the body reads them.
#[derive(Debug)]
pub struct FileBody {
    file: Arc<File>,
    left: Range<u64>,
    handoff: Option<Handoff>,
    /// The whole body is short enough to be read.
    is_small: bool,
    under_way: Option<UnderWay>,
}

/// What another thread does for the next frame.
#[derive(Debug)]
enum UnderWay {
    Reading(JoinHandle<io::Result<Bytes>>),
    Warming(JoinHandle<io::Result<()>>),
}

impl FileBody {
    /// The bytes in `range` of `file`, which must have them.
    pub fn new(file: Arc<File>, range: Range<u64>, handoff: Option<Handoff>) -> Self {
        let is_small = range.end.saturating_sub(range.start) <= SMALL_LEN;
        Self { file, left: range, handoff, is_small, under_way: None }
    }

    /// Length of the next frame, and how much is left after it.
    fn next_len(&self, most: usize) -> usize {
        usize::try_from(self.left.end - self.left.start).map_or(most, |left| left.min(most))
    }

    fn poll_handed_off(
        &mut self,
        cx: &mut Context<'_>,
        handoff: &Handoff,
    ) -> Poll<io::Result<Bytes>> {
        let segment = Segment {
            file: Arc::clone(&self.file),
            offset: self.left.start,
            len: self.next_len(Handoff::MAX_LEN),
        };
        if let Some(UnderWay::Warming(task)) = &mut self.under_way {
            ready!(poll_task(task, cx))?;
            self.under_way = None;
        } else if !is_warm(&segment.file, segment.offset, segment.len) {
            let segment = segment.clone();
            let task = spawn_blocking(move || warm(&segment.file, segment.offset, segment.len));
            return self.poll_again(UnderWay::Warming(task), cx);
        }
        self.left.start += segment.len as u64;
        Poll::Ready(handoff.place(segment))
    }

    fn poll_small(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        let len = self.next_len(READ_LEN);
        if self.under_way.is_none()
            && let Some(bytes) = read_if_warm(&self.file, self.left.start, len)
        {
            self.left.start = self.left.end;
            return Poll::Ready(Ok(bytes.into()));
        }
        self.poll_read(cx)
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        if let Some(UnderWay::Reading(task)) = &mut self.under_way {
            let bytes = ready!(poll_task(task, cx))?;
            self.under_way = None;
            self.left.start += bytes.len() as u64;
            return Poll::Ready(Ok(bytes));
        }
        let (file, offset) = (Arc::clone(&self.file), self.left.start);
        let len = self.next_len(READ_LEN);
        let task = spawn_blocking(move || read(&file, offset, len));
        self.poll_again(UnderWay::Reading(task), cx)
    }

    fn poll_again(&mut self, task: UnderWay, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        self.under_way = Some(task);
        self.poll_bytes(cx)
    }

    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        match self.handoff.clone() {
            Some(_) if self.is_small => self.poll_small(cx),
            Some(handoff) => self.poll_handed_off(cx, &handoff),
            None => self.poll_read(cx),
        }
    }
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        if this.left.is_empty() {
            return Poll::Ready(None);
        }
        let bytes = ready!(this.poll_bytes(cx));
        if bytes.is_err() {
            this.left.start = this.left.end;
        }
        Poll::Ready(Some(bytes.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.end - self.left.start)
    }
}

fn poll_task<T>(task: &mut JoinHandle<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
    Pin::new(task).poll(cx).map(|done| done.map_err(io::Error::other).flatten())
}

/// Up to `len` bytes at `offset`: at least one.
fn read(file: &File, offset: u64, len: usize) -> io::Result<Bytes> {
    let mut into = vec![0; len];
    let n = file.read_at(&mut into, offset)?;
    if n == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    into.truncate(n);
    Ok(into.into())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use http_body_util::BodyExt as _;

    use super::*;

    fn file(content: &[u8]) -> Arc<File> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        Arc::new(file)
    }

    fn patterned(len: usize) -> Vec<u8> {
        (1..=251).cycle().take(len).collect()
    }

    #[tokio::test]
    async fn every_byte_of_the_range_comes_in_order_and_in_bounded_frames() {
        let content = patterned(3 * READ_LEN + 17);
        let mut body = FileBody::new(self::file(&content), 5..content.len() as u64 - 3, None);
        let mut got = Vec::new();
        while let Some(frame) = body.frame().await {
            let bytes = frame.unwrap().into_data().unwrap();
            assert!(bytes.len() <= READ_LEN);
            got.extend_from_slice(&bytes);
        }
        assert_eq!(got, content[5..content.len() - 3]);
    }

    #[tokio::test]
    async fn an_empty_range_has_no_frame() {
        let mut body = FileBody::new(file(b"abc"), 0..0, None);
        assert!(body.is_end_stream());
        assert!(body.frame().await.is_none());
    }

    #[tokio::test]
    async fn a_file_that_ends_early_is_an_error_and_then_the_end() {
        let mut body = FileBody::new(file(b"abc"), 0..10, None);
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "abc");
        let error = body.frame().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert!(body.frame().await.is_none());
    }
}
