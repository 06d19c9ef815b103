//! The thread that reads the input and hands rows over in batches. Never touches the store.

use shared::CallSid;
use tokio::sync::mpsc;

use super::{
    error::ReadError,
    input::{Format, Input},
    row::Row,
};
use crate::{model::CallFields, store::PUTS_AT_ONCE};

/// Rows that follow one another in the file, as many as one transaction takes.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// The line that the first of the rows begins on, counted from 1.
    pub(super) first_line: u64,
    /// The good rows.
    pub(super) calls: Vec<(CallSid, CallFields)>,
    /// The line of each good row.
    pub(super) lines: Vec<u64>,
    /// The bad rows: line, and what is wrong.
    pub(super) refused: Vec<(u64, String)>,
    /// The bytes of the input up to the end of this batch.
    pub(super) bytes: u64,
}

impl Batch {
    fn rows(&self) -> usize {
        self.calls.len() + self.refused.len()
    }

    fn add(&mut self, Row { line, said }: Row) {
        if self.rows() == 0 {
            self.first_line = line;
        }
        match said {
            Ok(call) => {
                self.calls.push(call);
                self.lines.push(line);
            }
            Err(why) => self.refused.push((line, why)),
        }
    }
}

/// Reads to the end, or until the receiver of the batches is gone.
pub(super) fn read(
    input: Input,
    format: Option<Format>,
    batches: &mpsc::Sender<Batch>,
) -> Result<(), ReadError> {
    let mut rows = input.rows(format)?;
    loop {
        let mut batch = Batch::default();
        let end = loop {
            if batch.rows() == PUTS_AT_ONCE {
                break None;
            }
            match rows.next() {
                Ok(Some(row)) => batch.add(row),
                Ok(None) => break Some(Ok(())),
                // What was read before is kept all the same.
                Err(cause) => break Some(Err(ReadError::Io { line: rows.line(), cause })),
            }
        };
        batch.bytes = rows.bytes();
        let taken = batch.rows() == 0 || batches.blocking_send(batch).is_ok();
        match end {
            Some(end) => return end,
            None if !taken => return Ok(()),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use proptest::prelude::*;

    use super::*;

    /// Gives a few bytes at a time, as a pipe may.
    struct Dripping(Cursor<Vec<u8>>, usize);

    impl Read for Dripping {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let most = buffer.len().min(self.1);
            self.0.read(&mut buffer[..most])
        }
    }

    fn all(bytes: Vec<u8>, format: Format, at_a_time: usize) -> Vec<(u64, bool)> {
        let length = bytes.len() as u64;
        let input = Input::new("x", None, Dripping(Cursor::new(bytes), at_a_time));
        let mut rows = input.rows(Some(format)).unwrap();
        let mut seen = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            seen.push((row.line, row.said.is_ok()));
        }
        assert_eq!(rows.bytes(), length);
        seen
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_their_end_however_they_come(
            rows in prop::collection::vec(
                prop_oneof![
                    Just(b"CA1,x\n".to_vec()), Just(b"\"CA2\",\"a\r\nb\"\r\n".to_vec()),
                    Just(br#"{"call_sid":"CA3"}"#.to_vec()), prop::collection::vec(any::<u8>(), 0..9),
                ],
                0..20,
            ),
            at_a_time in 1_usize..9,
        ) {
            let rows = rows.concat();
            let csv = [b"call_sid,from\n".to_vec(), rows.clone()].concat();
            let seen = all(csv.clone(), Format::Csv, at_a_time);
            prop_assert!(seen.is_sorted_by(|a, b| a.0 < b.0 || csv.contains(&b'\r')), "{:?}", seen);
            prop_assert_eq!(seen, all(csv, Format::Csv, usize::MAX));
            let json = [b"{}\n".to_vec(), rows].concat();
            let seen = all(json.clone(), Format::JsonLines, at_a_time);
            prop_assert!(seen.is_sorted_by(|a, b| a.0 < b.0));
            prop_assert_eq!(seen, all(json, Format::JsonLines, usize::MAX));
        }
    }
}
