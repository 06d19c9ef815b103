//! The two calls that the standard library lacks, by rustix; elsewhere than on Linux, their plain
//! equivalents, so that the rest need not know.

use std::io::{self, IoSlice};
use std::os::unix::fs::FileExt as _;

use tokio::net::TcpStream;

use super::handoff::Segment;

/// Bytes copied at once where the kernel can't send the file itself.
const COPY_LEN: usize = 64 * 1024;

/// Writes what precedes a file, telling the kernel that more follows: without `MSG_MORE` the
/// headers would travel as a packet of their own, since `TCP_NODELAY` is set.
#[cfg(target_os = "linux")]
pub(super) fn send_before_more(stream: &TcpStream, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
    use rustix::net::{SendAncillaryBuffer, SendFlags, sendmsg};

    let flags = SendFlags::MORE | SendFlags::NOSIGNAL;
    Ok(sendmsg(stream, bufs, &mut SendAncillaryBuffer::default(), flags)?)
}

/// Writes what precedes a file.
#[cfg(not(target_os = "linux"))]
pub(super) fn send_before_more(stream: &TcpStream, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
    stream.try_write_vectored(bufs)
}

/// Sends from a file as much as the socket takes now; 0 if the file ends before the segment.
#[cfg(target_os = "linux")]
pub(super) fn send_file(stream: &TcpStream, segment: &Segment) -> io::Result<usize> {
    use rustix::io::Errno;

    let mut offset = segment.offset;
    match rustix::fs::sendfile(stream, &segment.file, Some(&mut offset), segment.len) {
        // Some network and FUSE file systems can't.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => copy(stream, segment),
        sent => Ok(sent?),
    }
}

/// Sends from a file as much as the socket takes now; 0 if the file ends before the segment.
#[cfg(not(target_os = "linux"))]
pub(super) fn send_file(stream: &TcpStream, segment: &Segment) -> io::Result<usize> {
    copy(stream, segment)
}

fn copy(stream: &TcpStream, segment: &Segment) -> io::Result<usize> {
    let mut bytes = vec![0; segment.len.min(COPY_LEN)];
    let read = segment.file.read_at(&mut bytes, segment.offset)?;
    // `try_write` asks tokio whether the socket is ready, as our caller did a moment ago.
    if read == 0 { Ok(0) } else { stream.try_write(&bytes[..read]) }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::sync::Arc;

    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpListener;

    use super::*;

    /// What `send` sends of a file of ten digits, from the third on.
    async fn received(send: fn(&TcpStream, &Segment) -> io::Result<usize>, len: usize) -> Vec<u8> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (ours, theirs) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (ours, mut theirs) = (ours.unwrap(), theirs.unwrap().0);
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"0123456789").unwrap();
        ours.writable().await.unwrap();
        let count = send(&ours, &Segment { file: Arc::new(file), offset: 3, len }).unwrap();
        drop(ours);
        let mut got = Vec::new();
        theirs.read_to_end(&mut got).await.unwrap();
        assert_eq!(got.len(), count);
        got
    }

    #[tokio::test]
    async fn copying_sends_the_same_as_the_kernel_does() {
        for send in [send_file, copy] {
            assert_eq!(received(send, 4).await, b"3456");
            assert_eq!(received(send, 100).await, b"3456789", "no more than there is");
        }
    }
}
