//! Whether bytes of a file are in memory already, and bringing them there. A thread that serves
//! many connections must not wait for a disk that one of them needs.

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

/// The bytes at `offset..offset + len`, if all of them are in memory.
#[cfg(target_os = "linux")]
pub(super) fn read_if_warm(file: &File, offset: u64, len: usize) -> Option<Vec<u8>> {
    use rustix::io::{ReadWriteFlags, preadv2};

    let mut bytes = vec![0; len];
    let mut into = [io::IoSliceMut::new(&mut bytes)];
    let read = preadv2(file, &mut into, offset, ReadWriteFlags::NOWAIT).ok()?;
    (read == len).then_some(bytes)
}

/// Elsewhere nothing tells.
#[cfg(not(target_os = "linux"))]
pub(super) fn read_if_warm(_file: &File, _offset: u64, _len: usize) -> Option<Vec<u8>> {
    None
}

/// Brings the bytes into memory; blocks for as long as the disk takes. A file that ends earlier is
/// no error here: sending it fails.
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
    fn what_is_warm_is_read_whole_or_not_at_all() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"0123456789").unwrap();
        warm(&file, 0, 10).unwrap();
        if cfg!(target_os = "linux") {
            assert_eq!(read_if_warm(&file, 3, 4).as_deref(), Some(&b"3456"[..]));
        }
        assert_eq!(read_if_warm(&file, 3, 8), None, "the file ends earlier");
    }

    #[test]
    fn past_the_end_there_is_nothing_to_wait_for() {
        let file = tempfile::tempfile().unwrap();
        warm(&file, 0, 10).unwrap();
        assert!(is_warm(&file, 0, 10));
    }
}
