//! Bytes that come from elsewhere as a response body: passed on as they come, no faster than the
//! listener takes them, and never as a short body that looks whole.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::stream::{BoxStream, Stream as _};
use http_body::{Body, Frame, SizeHint};

/// See the module. Dropped, as it is when the listener goes, it drops its stream.
pub struct StreamedBody {
    stream: BoxStream<'static, io::Result<Bytes>>,
    left: u64,
}

impl StreamedBody {
    /// The `len` bytes of the stream; another length is an error, which ends the connection.
    pub fn new(stream: BoxStream<'static, io::Result<Bytes>>, len: u64) -> Self {
        Self { stream, left: len }
    }

    fn count(&mut self, bytes: Bytes) -> io::Result<Bytes> {
        let len = bytes.len() as u64;
        self.left = self.left.checked_sub(len).ok_or(io::ErrorKind::InvalidData)?;
        Ok(bytes)
    }
}

impl Body for StreamedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        if this.left == 0 {
            return Poll::Ready(None);
        }
        let bytes = match ready!(Pin::new(&mut this.stream).poll_next(cx)) {
            Some(Ok(bytes)) => this.count(bytes),
            Some(Err(error)) => Err(error),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        };
        if bytes.is_err() {
            this.left = 0;
        }
        Poll::Ready(Some(bytes.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt as _, stream};
    use http_body_util::BodyExt as _;

    use super::*;

    /// A body of these pieces that was promised to be so long.
    fn body(pieces: &[&'static [u8]], len: u64) -> StreamedBody {
        let pieces: Vec<_> = pieces.iter().map(|piece| Ok(Bytes::from_static(piece))).collect();
        StreamedBody::new(stream::iter(pieces).boxed(), len)
    }

    #[tokio::test]
    async fn the_bytes_come_as_they_are_and_then_the_end() {
        let body = body(&[b"ab", b"", b"c"], 3);
        assert_eq!(body.size_hint().exact(), Some(3));
        assert_eq!(body.collect().await.unwrap().to_bytes(), "abc");
        assert!(self::body(&[], 0).is_end_stream());
    }

    #[tokio::test]
    async fn another_length_than_was_promised_is_an_error_and_then_the_end() {
        for (mut body, kind) in [
            (body(&[b"ab"], 3), io::ErrorKind::UnexpectedEof),
            (body(&[b"ab", b"cd"], 3), io::ErrorKind::InvalidData),
        ] {
            assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "ab");
            assert_eq!(body.frame().await.unwrap().unwrap_err().kind(), kind);
            assert!(body.frame().await.is_none());
        }
    }
}
