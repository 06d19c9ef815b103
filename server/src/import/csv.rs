//! Calls from CSV with a header line. Reads with `csv_core`, because the `csv` crate holds a row
//! of any length in memory: a quotation mark left open would draw in the rest of the file.

use std::{
    io::{self, BufRead},
    str,
};

use csv_core::ReadRecordResult;
use serde_json::{Map, Value};

use super::{
    columns::columns,
    error::ReadError,
    lines::Lines,
    row::{LONGEST_ROW, Row, Rows, Said, call},
    summary::counted,
};

/// More cells than any header has; further ones are only counted.
const MOST_CELLS: usize = 64;

/// Reads rows from CSV.
pub(super) struct CsvRows<R> {
    source: Lines<R>,
    parser: csv_core::Reader,
    record: Record,
    columns: Vec<&'static str>,
}

impl<R: BufRead> CsvRows<R> {
    /// Reads the header line.
    pub(super) fn new(source: R) -> Result<Self, ReadError> {
        let mut rows = Self {
            source: Lines::new(source),
            parser: csv_core::Reader::new(),
            record: Record::new(),
            columns: Vec::new(),
        };
        let read = rows.read_record()?;
        let columns = match read {
            None => Err("it is empty; begin it with a header line such as call_sid,recording_url"
                .to_owned()),
            Some(_) if !rows.record.fits() => {
                Err("its first line is no header: it is far too long".to_owned())
            }
            Some(_) => columns(rows.record.cells()),
        };
        rows.columns = columns.map_err(ReadError::Refused)?;
        Ok(rows)
    }

    /// Reads one record; gives the line that it begins on.
    fn read_record(&mut self) -> io::Result<Option<u64>> {
        self.source.skip_line_ends()?;
        self.record.clear();
        let line = self.source.line();
        loop {
            let input = self.source.fill()?;
            let (text, ends) = self.record.room();
            let (result, read, written, ended) = self.parser.read_record(input, text, ends);
            self.source.consume(read);
            self.record.took(written, ended);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.record.text_is_full(),
                ReadRecordResult::OutputEndsFull => self.record.ends_are_full(),
                ReadRecordResult::Record => return Ok(Some(line)),
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    fn said(&self) -> Said {
        if self.record.is_too_long() {
            return Err("is longer than 64 KiB".to_owned());
        }
        let (found, wanted) = (self.record.count, self.columns.len());
        if found != wanted {
            let found = counted(found as u64, "cell");
            return Err(format!("has {found} where the header line has {wanted}"));
        }
        let mut named = Map::new();
        for (name, cell) in self.columns.iter().zip(self.record.cells()) {
            let Ok(text) = str::from_utf8(cell) else {
                return Err(format!("{name} is not UTF-8; save the file as UTF-8"));
            };
            // What is no number stays a text, and is refused as one.
            let number = || text.trim().parse::<u64>().ok().map(Value::from);
            let value = if *name == "duration_seconds" { number() } else { None };
            named.insert((*name).to_owned(), value.unwrap_or_else(|| text.into()));
        }
        call(named)
    }
}

impl<R: BufRead> Rows for CsvRows<R> {
    fn next(&mut self) -> io::Result<Option<Row>> {
        loop {
            let Some(line) = self.read_record()? else { return Ok(None) };
            if self.record.is_blank() && self.columns.len() > 1 {
                continue;
            }
            let last = self.source.line_of_last_byte();
            let reaches = || format!(" (it goes on to line {last}: is a \" left open?)");
            let hint = if last > line { reaches() } else { String::new() };
            let said = self.said().map_err(|why| why + &hint);
            return Ok(Some(Row { line, said }));
        }
    }

    fn line(&self) -> u64 {
        self.source.line()
    }

    fn bytes(&self) -> u64 {
        self.source.bytes()
    }
}

/// One record's cells, in room that does not grow.
struct Record {
    text: Vec<u8>,
    ends: [usize; MOST_CELLS],
    /// How much of `text` and of `ends` is used.
    used: (usize, usize),
    /// The cells in all, those that had no room too.
    count: usize,
    overflowed: bool,
}

impl Record {
    fn new() -> Self {
        // One byte more than fits tells that a row is too long.
        let text = vec![0; LONGEST_ROW + 1];
        Self { text, ends: [0; MOST_CELLS], used: (0, 0), count: 0, overflowed: false }
    }

    fn clear(&mut self) {
        (self.used, self.count, self.overflowed) = ((0, 0), 0, false);
    }

    fn room(&mut self) -> (&mut [u8], &mut [usize]) {
        (&mut self.text[self.used.0..], &mut self.ends[self.used.1..])
    }

    fn took(&mut self, text: usize, ends: usize) {
        self.used = (self.used.0 + text, self.used.1 + ends);
        self.count += ends;
    }

    /// From here on, what comes is written over what there was.
    fn text_is_full(&mut self) {
        self.used.0 = 0;
        self.overflowed = true;
    }

    fn ends_are_full(&mut self) {
        self.used.1 = 0;
    }

    /// Whether all of it is here.
    fn fits(&self) -> bool {
        !self.is_too_long() && self.count == self.used.1
    }

    fn is_too_long(&self) -> bool {
        self.overflowed || self.used.0 > LONGEST_ROW
    }

    fn cells(&self) -> impl Iterator<Item = &[u8]> {
        let ends = &self.ends[..self.used.1];
        let starts = [0].into_iter().chain(ends.iter().copied());
        starts.zip(ends).map(|(start, end)| &self.text[start..*end])
    }

    /// A line of blanks.
    fn is_blank(&self) -> bool {
        self.fits() && self.count == 1 && self.text[..self.used.0].trim_ascii().is_empty()
    }
}
