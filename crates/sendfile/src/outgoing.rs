//! The outermost body of every response: checks and converts what the service's bodies yield.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::BoxError;
use super::handoff::Ledger;
use super::wire::Wire;

/// A body on its way to one connection. hyper drops it once it has queued the last frame.
#[derive(Debug)]
pub(super) struct Outgoing<B> {
    body: Origin<B>,
    ledger: Ledger,
}

#[derive(Debug)]
enum Origin<B> {
    Service(B),
    /// The listener's own error page.
    Page(Bytes),
}

impl<B> Outgoing<B> {
    pub(super) fn new(body: B, ledger: Ledger) -> Self {
        Self { body: Origin::Service(body), ledger }
    }

    pub(super) fn page(body: Bytes, ledger: Ledger) -> Self {
        Self { body: Origin::Page(body), ledger }
    }

    fn convert(&self, frame: Frame<Bytes>) -> io::Result<Frame<Wire>> {
        match frame.into_data() {
            Ok(bytes) => self.ledger.pair(bytes).map(Frame::data),
            Err(frame) => {
                self.ledger.nothing_placed()?;
                // Neither data nor trailers: http-body knows no third kind.
                frame.into_trailers().map(Frame::trailers).map_err(|_| io::ErrorKind::Other.into())
            }
        }
    }
}

impl<B> Drop for Outgoing<B> {
    fn drop(&mut self) {
        self.ledger.request_answered();
    }
}

impl<B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin> Body for Outgoing<B> {
    type Data = Wire;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Wire>, Self::Error>>> {
        let body = match &mut self.body {
            Origin::Service(body) => body,
            Origin::Page(bytes) if bytes.is_empty() => return Poll::Ready(None),
            Origin::Page(bytes) => {
                let page = Wire::Memory(std::mem::take(bytes));
                return Poll::Ready(Some(Ok(Frame::data(page))));
            }
        };
        match Pin::new(body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => Poll::Ready(Some(Ok(self.convert(frame)?))),
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => {
                self.ledger.nothing_placed()?;
                Poll::Ready(None)
            }
            Poll::Pending => {
                self.ledger.nothing_placed()?;
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.body {
            Origin::Service(body) => body.is_end_stream(),
            Origin::Page(bytes) => bytes.is_empty(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Origin::Service(body) => body.size_hint(),
            Origin::Page(bytes) => SizeHint::with_exact(bytes.len() as u64),
        }
    }
}
