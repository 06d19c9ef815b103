//! A recording's bytes as a decoder may read them: no further than they go, only so many at a time,
//! and not when it has to stop. Knows nothing of what is in them.

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

/// Bytes that may be read to open a file, and then for each packet. Whatever a file claims, what is
/// kept of it in memory is made of bytes that were read: this bounds it. The index of a day of AAC
/// from a telephone is as large; a packet has some kilobytes, the largest FLAC frame two megabytes.
const ALLOWANCE: u64 = 4 << 20;

/// Why reading was ended from our side.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It was told to stop.
    Stopped,
    /// More was read at a time than an honest file needs.
    TooMuch,
    /// The storage did not deliver.
    Storage(io::Error),
}

/// Watches over what is read; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Guard(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    stop: CancelFlag,
    left: AtomicU64,
    trouble: Mutex<Option<Trouble>>,
}

impl Guard {
    pub(super) fn new(stop: &CancelFlag) -> Self {
        Self(Arc::new(Inner {
            stop: stop.clone(),
            left: AtomicU64::new(ALLOWANCE),
            trouble: Mutex::new(None),
        }))
    }

    /// What comes next may be as large again.
    pub(super) fn renew(&self) {
        self.0.left.store(ALLOWANCE, Ordering::Relaxed);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.0.stop.is_cancelled()
    }

    /// What came in between, if anything did.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// How much of `wanted` may be read.
    fn take(&self, wanted: usize) -> io::Result<usize> {
        if self.is_stopped() {
            return Err(self.note(Trouble::Stopped));
        }
        let left = self.0.left.load(Ordering::Relaxed);
        let taken = left.min(wanted as u64);
        if taken == 0 && wanted > 0 {
            return Err(self.note(Trouble::TooMuch));
        }
        self.0.left.store(left - taken, Ordering::Relaxed);
        Ok(usize::try_from(taken).unwrap_or(wanted)) // no more than `wanted`
    }

    fn note(&self, trouble: Trouble) -> io::Error {
        *self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
        // Not "unexpected end": decoders take that for the end of a file.
        io::Error::other("reading was ended")
    }
}

/// See the module.
pub(super) struct Source<R> {
    /// A decoder wants to share it between threads, which a reader need not allow.
    inner: Mutex<R>,
    guard: Guard,
    /// Where it begins and ends in `inner`.
    start: u64,
    end: u64,
    /// In `inner`, where it reads next.
    at: u64,
}

impl<R: Read + Seek> Source<R> {
    /// The first `len` bytes of `inner`, which stands at its beginning.
    pub(super) fn new(inner: R, len: u64, guard: Guard) -> Self {
        Self { inner: Mutex::new(inner), guard, start: 0, end: len, at: 0 }
    }

    /// These bytes of it alone, as far as they are there.
    pub(super) fn part(mut self, part: Range<u64>) -> io::Result<Self> {
        self.start = part.start.min(self.end);
        self.end = part.end.clamp(self.start, self.end);
        self.seek(SeekFrom::Start(0))?;
        Ok(self)
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

impl<R: Read + Seek + Send> MediaSource for Source<R> {
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

    fn source(stop: &CancelFlag, len: usize) -> (Source<Cursor<Vec<u8>>>, Guard) {
        let guard = Guard::new(stop);
        let bytes = Cursor::new(vec![7; len]);
        let source = Source::new(bytes, len as u64, guard.clone());
        (source.part(10..u64::MAX).unwrap(), guard)
    }

    #[test]
    fn it_goes_no_further_than_the_recording() {
        let (mut source, guard) = source(&CancelFlag::new(), 30);
        assert_eq!(source.byte_len(), Some(20));
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
    fn only_so_much_is_read_at_a_time() {
        let (mut source, guard) = source(&CancelFlag::new(), 9 << 20);
        let mut all = Vec::new();
        source.read_to_end(&mut all).unwrap_err();
        assert_eq!(all.len() as u64, ALLOWANCE);
        assert!(matches!(guard.trouble(), Some(Trouble::TooMuch)));
        guard.renew();
        assert_eq!(source.read(&mut [0; 100]).unwrap(), 100);
    }

    #[test]
    fn it_stops_when_it_is_told_to() {
        let stop = CancelFlag::new();
        let (mut source, guard) = source(&stop, 30);
        stop.cancel();
        source.read(&mut [0; 1]).unwrap_err();
        assert!(matches!(guard.trouble(), Some(Trouble::Stopped)));
    }
}
