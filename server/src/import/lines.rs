//! A stream whose lines are counted as editors count them, whatever ends them: `\n`, `\r\n` or
//! `\r`. (The CSV parser's own count knows `\n` alone, and lags between `\r` and `\n`.) Knows
//! nothing of cells.

use std::io::{self, BufRead};

/// See the module.
pub(super) struct Lines<R> {
    source: R,
    line: u64,
    bytes: u64,
    last: u8,
    ended: bool,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, line: 1, bytes: 0, last: 0, ended: false }
    }

    /// The line of the byte that comes next, counted from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// The bytes that are done.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What comes next; empty at the end, which is asked for once.
    pub(super) fn fill(&mut self) -> io::Result<&[u8]> {
        while !self.ended {
            match self.source.fill_buf() {
                Ok([]) => self.ended = true,
                Ok(_) => return self.source.fill_buf(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(&[])
    }

    /// The first `length` bytes of what came are done.
    pub(super) fn consume(&mut self, length: usize) {
        if length == 0 {
            return; // at the end, there is nothing to look at
        }
        let done = self.source.fill_buf().map_or(&[][..], |came| &came[..length]);
        for &byte in done {
            let begins = byte == b'\r' || (byte == b'\n' && self.last != b'\r');
            self.line += u64::from(begins);
            self.last = byte;
        }
        self.source.consume(length);
        self.bytes += length as u64;
    }

    /// Goes past empty lines, and past the `\n` of a `\r\n`.
    pub(super) fn skip_line_ends(&mut self) -> io::Result<()> {
        loop {
            let input = self.fill()?;
            let ends = input.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let all = ends == input.len();
            self.consume(ends);
            if ends == 0 || !all {
                return Ok(());
            }
        }
    }

    /// The line of the byte read last, even where it ends a line.
    pub(super) fn line_of_last_byte(&self) -> u64 {
        self.line - u64::from(matches!(self.last, b'\r' | b'\n'))
    }
}
