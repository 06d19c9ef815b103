//! The outermost body of every answer: checks and converts what the router's bodies yield.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body as RouterBody;
use http_body::{Body, Frame, SizeHint};

use super::handoff::Ledger;
use super::wire::Wire;

/// A router's body on its way to one connection.
#[derive(Debug)]
pub(super) struct Outgoing {
    body: RouterBody,
    ledger: Ledger,
}

impl Outgoing {
    pub(super) fn new(body: RouterBody, ledger: Ledger) -> Self {
        Self { body, ledger }
    }

    fn convert(&self, frame: Frame<bytes::Bytes>) -> io::Result<Frame<Wire>> {
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

impl Body for Outgoing {
    type Data = Wire;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Wire>, Self::Error>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
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
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
