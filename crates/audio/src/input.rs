//! A recording's bytes as parsers and decoders may read them: not past their end, only so many at a
//! time, and not once the analysis is cancelled. Knows nothing of what is in them.

use std::{
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::CancelFlag;
use symphonia::core::io::MediaSource;

/// Bytes that may be read to open a file, and then for each packet. A parser keeps in memory only
/// what it has read, so this bounds its memory, whatever a file claims. A packet has some
/// kilobytes, the largest FLAC frame two megabytes.
const ALLOWANCE: u64 = 4 << 20;

/// Why a read was refused or failed.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The analysis was cancelled.
    Cancelled,
    /// More was read at a time than an honest file needs.
    TooMuch,
    /// The storage did not deliver.
    Storage(io::Error),
}

/// Counts what is read and keeps the first error; clones share one state.
#[derive(Clone, Debug)]
pub(crate) struct Guard(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    cancel: CancelFlag,
    left: AtomicU64,
    trouble: Mutex<Option<Trouble>>,
}

impl Guard {
    pub(crate) fn new(cancel: &CancelFlag) -> Self {
        Self(Arc::new(Inner {
            cancel: cancel.clone(),
            left: AtomicU64::new(ALLOWANCE),
            trouble: Mutex::new(None),
        }))
    }

    /// Allows as many bytes again, for the next packet.
    pub(crate) fn renew(&self) {
        self.0.left.store(ALLOWANCE, Ordering::Relaxed);
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.cancel.is_cancelled()
    }

    /// Takes the reason for which a read failed, if one did.
    pub(crate) fn trouble(&self) -> Option<Trouble> {
        self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// How much of `wanted` may be read.
    fn take(&self, wanted: usize) -> io::Result<usize> {
        if self.is_cancelled() {
            return Err(self.note(Trouble::Cancelled));
        }
        let left = self.0.left.load(Ordering::Relaxed);
        let taken = left.min(wanted as u64);
        if taken == 0 && wanted > 0 {
            return Err(self.note(Trouble::TooMuch));
        }
        self.0.left.store(left - taken, Ordering::Relaxed);
        Ok(usize::try_from(taken).unwrap_or(wanted)) // no more than `wanted`
    }

    /// Counts bytes as not read.
    fn give_back(&self, bytes: usize) {
        self.0.left.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn note(&self, trouble: Trouble) -> io::Error {
        *self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
        // Not "unexpected end": decoders take that for the end of a file.
        io::Error::other("reading was ended")
    }
}

/// The bytes of a recording.
pub(crate) struct Source<R> {
    /// A decoder wants to share it between threads, which a reader need not allow.
    inner: Mutex<R>,
    guard: Guard,
    /// Bytes of `inner`.
    whole: u64,
    /// Where the source begins and ends in `inner`.
    start: u64,
    end: u64,
    /// In `inner`, where it reads next.
    at: u64,
}

impl<R: Read + Seek> Source<R> {
    /// The first `len` bytes of `inner`, which stands at its beginning.
    pub(crate) fn new(inner: R, len: u64, guard: Guard) -> Self {
        Self { inner: Mutex::new(inner), guard, whole: len, start: 0, end: len, at: 0 }
    }

    /// How many bytes there are.
    pub(crate) fn len(&self) -> u64 {
        self.end - self.start
    }

    /// Narrows the source to these of its bytes, as far as they exist; positions then count from
    /// their start.
    pub(crate) fn narrow(&mut self, part: Range<u64>) -> io::Result<()> {
        self.start = part.start.min(self.whole);
        self.end = part.end.clamp(self.start, self.whole);
        self.seek(SeekFrom::Start(0)).map(drop)
    }

    /// Undoes [`Source::narrow`].
    pub(crate) fn widen(&mut self) -> io::Result<()> {
        self.narrow(0..self.whole)
    }

    /// Reads up to `most` bytes at a position: fewer where the source ends.
    pub(crate) fn read_at(&mut self, at: u64, most: usize) -> io::Result<Vec<u8>> {
        self.guard.renew();
        if at >= self.len() {
            return Ok(Vec::new());
        }
        self.seek(SeekFrom::Start(at))?;
        let mut bytes = Vec::new();
        self.by_ref().take(most as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn inner(&mut self) -> &mut R {
        self.inner.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Read + Seek> Read for Source<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let ahead = self.end.saturating_sub(self.at);
        let wanted = usize::try_from(ahead).map_or(into.len(), |ahead| ahead.min(into.len()));
        if wanted == 0 {
            return Ok(0);
        }
        let allowed = self.guard.take(wanted)?;
        match self.inner().read(&mut into[..allowed]) {
            Ok(read) => {
                self.guard.give_back(allowed - read);
                self.at += read as u64;
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => Err(self.guard.note(Trouble::Storage(error))),
        }
    }
}

impl<R: Read + Seek> Seek for Source<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(offset) => self.start.checked_add(offset),
            SeekFrom::Current(offset) => self.at.checked_add_signed(offset),
            SeekFrom::End(offset) => self.end.checked_add_signed(offset),
        };
        // Lengths that lie lead to places that are not there.
        let place = place.filter(|place| (self.start..=self.end).contains(place));
        let place = place.ok_or(io::ErrorKind::InvalidInput)?;
        match self.inner().seek(SeekFrom::Start(place)) {
            Ok(_) => {
                self.at = place;
                Ok(place - self.start)
            }
            Err(error) => Err(self.guard.note(Trouble::Storage(error))),
        }
    }
}

impl<R: Read + Seek + Send> MediaSource for &mut Source<R> {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.end.saturating_sub(self.start))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn source(cancel: &CancelFlag, len: usize) -> (Source<Cursor<Vec<u8>>>, Guard) {
        let guard = Guard::new(cancel);
        let bytes = Cursor::new(vec![7; len]);
        let mut source = Source::new(bytes, len as u64, guard.clone());
        source.narrow(10..u64::MAX).unwrap();
        (source, guard)
    }

    #[test]
    fn reads_and_seeks_end_where_the_recording_ends() {
        let (mut source, guard) = source(&CancelFlag::new(), 30);
        assert_eq!(source.len(), 20);
        assert_eq!(source.read(&mut [0; 100]).unwrap(), 20);
        assert_eq!(source.read(&mut [0; 100]).unwrap(), 0);
        for place in [SeekFrom::Start(21), SeekFrom::Current(1), SeekFrom::End(-21)] {
            source.seek(place).unwrap_err();
        }
        assert_eq!(source.seek(SeekFrom::End(-5)).unwrap(), 15);
        assert_eq!(source.read(&mut [0; 100]).unwrap(), 5);
        assert!(guard.trouble().is_none());
    }

    #[test]
    fn reads_fail_beyond_the_allowance() {
        let (mut source, guard) = source(&CancelFlag::new(), 9 << 20);
        let mut all = Vec::new();
        source.read_to_end(&mut all).unwrap_err();
        assert_eq!(all.len() as u64, ALLOWANCE);
        assert!(matches!(guard.trouble(), Some(Trouble::TooMuch)));
        guard.renew();
        assert_eq!(source.read(&mut [0; 100]).unwrap(), 100);
    }

    #[test]
    fn reads_fail_once_cancelled() {
        let cancel = CancelFlag::new();
        let (mut source, guard) = source(&cancel, 30);
        cancel.cancel();
        source.read(&mut [0; 1]).unwrap_err();
        assert!(matches!(guard.trouble(), Some(Trouble::Cancelled)));
    }
}
