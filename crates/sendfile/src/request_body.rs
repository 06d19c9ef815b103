//! A request's body, which fails when it comes too slowly.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};

use super::LeastPace;

/// The body of a request.
#[derive(Debug)]
pub struct RequestBody {
    body: Incoming,
    pace: LeastPace,
    waiting: Option<Waiting>,
    bytes: u64,
}

/// Only a body that is not there at once is timed.
#[derive(Debug)]
struct Waiting {
    began: Instant,
    last: Instant,
    timer: Pin<Box<Sleep>>,
}

/// Why a request's body ended early.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// Slower than [`Limits::body_pace`](super::Limits::body_pace). RFC 9110, section 15.5.9: 408.
    #[error("the request's body came too slowly")]
    TooSlow,
    /// The peer closed or broke the connection, or its framing is wrong.
    #[error("the request's body was cut off")]
    CutOff(#[source] hyper::Error),
}

impl RequestBody {
    pub(super) fn new(body: Incoming, pace: LeastPace) -> Self {
        Self { body, pace, waiting: None, bytes: 0 }
    }

    fn poll_too_slow(&mut self, cx: &mut Context<'_>) -> Poll<BodyError> {
        let pace = self.pace;
        let waiting = self.waiting.get_or_insert_with(|| {
            let now = Instant::now();
            Waiting { began: now, last: now, timer: Box::pin(sleep_until(now + pace.idle)) }
        });
        let deadline = pace.deadline(waiting.began, waiting.last, self.bytes);
        if waiting.timer.deadline() != deadline {
            waiting.timer.as_mut().reset(deadline);
        }
        waiting.timer.as_mut().poll(cx).map(|()| BodyError::TooSlow)
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                self.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
                if let Some(waiting) = &mut self.waiting {
                    waiting.last = Instant::now();
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(BodyError::CutOff(error)))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => self.poll_too_slow(cx).map(|error| Some(Err(error))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
