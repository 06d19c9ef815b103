//! A connection's socket as hyper sees it: writes memory, and sends files where the queue holds
//! their placeholders. Ends the connection of a peer that reads or sends too slowly, and gives errors
//! that hyper answers by itself a body.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::StatusCode;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::io::Interest;
use tokio::net::TcpStream;

use super::Options;
use super::error_page::{ErrorPages, made_by_hyper};
use super::handoff::{Ledger, Segment, broken, is_placeholder};
use super::head::{HeadTimer, TooSlow};
use super::stall::Stall;
use super::syscall::{send_before_more, send_file};

/// One TCP connection.
#[derive(Debug)]
pub(super) struct Socket {
    io: TokioIo<TcpStream>,
    ledger: Ledger,
    stall: Stall,
    head: HeadTimer,
    error_pages: ErrorPages,
    /// The peer's side has taken everything that was written.
    is_clean: bool,
    /// The rest of an error page.
    rest: Vec<u8>,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, ledger: Ledger, options: &Options) -> Self {
        let limits = &options.limits;
        Self {
            io: TokioIo::new(stream),
            ledger,
            stall: Stall::new(limits.write_timeout, limits.least_write),
            head: HeadTimer::new(limits.head_timeout, limits.idle_timeout),
            error_pages: options.error_pages,
            is_clean: true,
            rest: Vec::new(),
        }
    }

    fn poll_write_any(
        &mut self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let (segment, announced) = self.ledger.announced()?;
        if bufs.iter().filter(|buf| is_placeholder(buf)).count() != announced {
            return Poll::Ready(Err(broken("a placeholder was to be written as if it were data")));
        }
        let first = bufs.iter().position(|buf| is_placeholder(buf));
        match (first, segment) {
            (None, None) => Pin::new(&mut self.io).poll_write_vectored(cx, bufs),
            (Some(first), Some(segment)) if bufs[first].len() <= segment.len => {
                let segment = Segment { len: bufs[first].len(), ..segment };
                self.poll_send(cx, &bufs[..first], &segment)
            }
            _ => Poll::Ready(Err(broken("a placeholder is longer than what it stands for"))),
        }
    }

    /// Sends `before` and then from `segment`, as much as the socket takes.
    fn poll_send(
        &self,
        cx: &mut Context<'_>,
        before: &[IoSlice<'_>],
        segment: &Segment,
    ) -> Poll<io::Result<usize>> {
        let stream = self.io.inner();
        loop {
            ready!(stream.poll_write_ready(cx))?;
            match stream.try_io(Interest::WRITABLE, || send(stream, before, segment)) {
                Ok((memory, file)) => {
                    self.ledger.sent(file);
                    return Poll::Ready(Ok(memory + file));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    fn watch(
        &mut self,
        cx: &mut Context<'_>,
        offered: usize,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        self.is_clean = matches!(written, Poll::Ready(Ok(taken)) if taken == offered);
        match written {
            Poll::Ready(Ok(taken)) => self.stall.progressed(taken, self.is_clean),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.stall.check(cx)?,
        }
        written
    }

    /// Writes an error page in place of the bare error that hyper made; the number of bytes that hyper
    /// is to count as written.
    fn write_page(&mut self, bufs: &[IoSlice<'_>]) -> Option<usize> {
        let [head] = bufs else { return None };
        if self.ledger.requests().answering || !self.is_clean {
            return None;
        }
        let (status, date) = made_by_hyper(head)?;
        let page = (self.error_pages)(status).into_wire(status, date);
        let taken = self.io.inner().try_write(&page).ok()?;
        self.rest = page[taken..].to_vec();
        Some(head.len())
    }

    /// Answers a head that did not come to its end, where that disturbs no other response.
    fn write_timed_out(&mut self, outcome: TooSlow) -> io::Error {
        if outcome == TooSlow::Partial && self.is_clean {
            let status = StatusCode::REQUEST_TIMEOUT;
            let page = (self.error_pages)(status).into_wire(status, &http_date());
            // The connection ends here, whether or not the peer reads why.
            let _ = self.io.inner().try_write(&page);
        }
        io::ErrorKind::TimedOut.into()
    }

    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.rest.is_empty() {
            let taken = ready!(Pin::new(&mut self.io).poll_write(cx, &self.rest))?;
            self.rest.drain(..taken);
        }
        Poll::Ready(Ok(()))
    }
}

#[allow(clippy::disallowed_methods)] // a response has the time at which it was made
fn http_date() -> String {
    httpdate::fmt_http_date(std::time::SystemTime::now())
}

/// How many bytes went out of memory, and how many of the file.
fn send(
    stream: &TcpStream,
    before: &[IoSlice<'_>],
    segment: &Segment,
) -> io::Result<(usize, usize)> {
    let owed: usize = before.iter().map(|buf| buf.len()).sum();
    let memory = if owed == 0 { 0 } else { send_before_more(stream, before)? };
    if memory < owed {
        return Ok((memory, 0));
    }
    match send_file(stream, segment) {
        // The file is shorter than it was said to be. What was promised can't be kept.
        Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
        Ok(file) => Ok((memory, file)),
        Err(error) if memory > 0 && error.kind() == io::ErrorKind::WouldBlock => Ok((memory, 0)),
        Err(error) => Err(error),
    }
}

impl Read for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.io).poll_read(cx, buf) {
            Poll::Ready(read) => {
                this.head.heard(this.ledger.requests());
                Poll::Ready(read)
            }
            Poll::Pending => {
                let requests = this.ledger.requests();
                if this.is_clean && !requests.answering {
                    this.ledger.waits_for_request();
                }
                let outcome = ready!(this.head.poll_too_slow(cx, requests));
                Poll::Ready(Err(this.write_timed_out(outcome)))
            }
        }
    }
}

impl Write for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let Some(written) = self.write_page(bufs) {
            return Poll::Ready(Ok(written));
        }
        let written = self.poll_write_any(cx, bufs);
        self.watch(cx, bufs.iter().map(|buf| buf.len()).sum(), written)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_rest(cx))?;
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_rest(cx))?;
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
