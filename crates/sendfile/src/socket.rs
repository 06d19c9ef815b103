//! A connection's socket as hyper sees it: writes memory, and sends files where the queue holds
//! their placeholders. Gives up on a peer that stops reading.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::io::Interest;
use tokio::net::TcpStream;

use super::handoff::{Ledger, Segment, broken, is_placeholder};
use super::stall::Stall;
use super::syscall::{send_before_more, send_file};

/// One TCP connection.
#[derive(Debug)]
pub(super) struct Socket {
    io: TokioIo<TcpStream>,
    ledger: Ledger,
    stall: Stall,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, ledger: Ledger, stall: Stall) -> Self {
        Self { io: TokioIo::new(stream), ledger, stall }
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
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(_)) => self.stall.progressed(),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.stall.check(cx)?,
        }
        written
    }
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
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
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
        let written = self.poll_write_any(cx, bufs);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
