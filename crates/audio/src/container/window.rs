//! A window over a source that moves forward: parsers look at its bytes and take them, without a
//! seek for each.

use std::{
    io::{self, Read, Seek},
    ops::Range,
};

use crate::input::Source;

/// Bytes that are read at once.
const PIECE: usize = 128 * 1024;

/// See the module.
pub(crate) struct Window<'a, R> {
    source: &'a mut Source<R>,
    bytes: Vec<u8>,
    /// The first byte in `bytes` that was not taken.
    from: usize,
    /// Where `bytes[from]` is in the source.
    at: u64,
    end: u64,
}

impl<'a, R: Read + Seek> Window<'a, R> {
    /// A window over the source's bytes from `start` to `end`.
    pub(crate) fn new(source: &'a mut Source<R>, start: u64, end: u64) -> Self {
        let end = end.min(source.len());
        Self { source, bytes: Vec::new(), from: 0, at: start, end }
    }

    /// Makes sure that `ahead` bytes can be looked at, or all that are left.
    pub(crate) fn fill(&mut self, ahead: usize) -> io::Result<()> {
        if self.bytes.len() - self.from >= ahead {
            return Ok(());
        }
        self.bytes.drain(..self.from);
        self.from = 0;
        let next = self.at + self.bytes.len() as u64;
        let left = usize::try_from(self.end.saturating_sub(next)).unwrap_or(usize::MAX);
        let wanted = left.min(ahead.max(PIECE) - self.bytes.len());
        if wanted > 0 {
            self.bytes.extend(self.source.read_at(next, wanted)?);
        }
        Ok(())
    }

    /// Where the window begins, in the source.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// What can be looked at.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[self.from..]
    }

    /// Moves forward by so many bytes, whether they were read or not.
    pub(crate) fn skip(&mut self, bytes: u64) {
        self.at = self.at.saturating_add(bytes);
        match usize::try_from(bytes) {
            Ok(bytes) if bytes <= self.bytes.len() - self.from => self.from += bytes,
            _ => {
                self.bytes.clear();
                self.from = 0;
            }
        }
    }

    /// Moves forward by so many bytes that can be looked at, and returns them.
    pub(crate) fn take(&mut self, bytes: usize) -> &[u8] {
        let Range { start, end } = self.from..(self.from + bytes).min(self.bytes.len());
        self.from = end;
        self.at += (end - start) as u64;
        &self.bytes[start..end]
    }
}
