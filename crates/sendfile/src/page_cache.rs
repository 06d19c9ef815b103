//! Whether bytes of a file are in memory already, and bringing them there. A thread that serves
//! many listeners must not wait for a disk that one of them needs.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// Whether the bytes at `offset..offset + len` can, as far as their ends tell, be read without
/// waiting for the disk. True where the system cannot say: then the disk is waited for, as nginx's
/// `sendfile` does.
#[cfg(target_os = "linux")]
pub(super) fn is_warm(file: &File, offset: u64, len: usize) -> bool {
    use rustix::io::{Errno, ReadWriteFlags, preadv2};

    let is_warm_at = |at| {
        let mut byte = [0];
        let mut into = [io::IoSliceMut::new(&mut byte)];
        preadv2(file, &mut into, at, ReadWriteFlags::NOWAIT) != Err(Errno::AGAIN)
    };
    is_warm_at(offset) && is_warm_at(offset + (len.max(1) - 1) as u64)
}

/// Elsewhere nothing tells.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_warm(_file: &File, _offset: u64, _len: usize) -> bool {
    true
}

/// Brings the bytes into memory; blocks for as long as the disk takes. A file that ends earlier is
/// no error here: whoever sends it will notice.
pub(super) fn warm(file: &File, mut offset: u64, len: usize) -> io::Result<()> {
    let end = offset + len as u64;
    let mut into = vec![0; len.min(64 * 1024)];
    while offset < end {
        match file.read_at(&mut into, offset)? {
            0 => break,
            n => offset += n as u64,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn what_was_just_written_or_brought_in_is_warm() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&vec![1; 200_000]).unwrap();
        warm(&file, 10, 150_000).unwrap();
        assert!(is_warm(&file, 10, 150_000));
    }

    #[test]
    fn past_the_end_there_is_nothing_to_wait_for() {
        let file = tempfile::tempfile().unwrap();
        warm(&file, 0, 10).unwrap();
        assert!(is_warm(&file, 0, 10));
    }
}
