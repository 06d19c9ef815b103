//! Calls from JSON lines: one object a line, `call_sid` among its keys. A line that is too long
//! is read past, never held.

use std::io::{self, BufRead, Read as _};

use serde_json::Value;

use super::row::{LONGEST_ROW, Row, Rows, Said, call};

/// Reads rows from JSON lines.
pub(super) struct JsonLines<R> {
    source: R,
    text: Vec<u8>,
    line: u64,
    bytes: u64,
}

impl<R: BufRead> JsonLines<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, text: Vec::new(), line: 1, bytes: 0 }
    }

    /// Reads one line into `text`, and no more of it than the longest row and its line end.
    /// Gives false where it was longer.
    fn read_line(&mut self) -> io::Result<bool> {
        self.text.clear();
        let most = LONGEST_ROW as u64 + 2;
        let read = (&mut self.source).take(most).read_until(b'\n', &mut self.text)?;
        self.bytes += read as u64;
        let ended = self.text.last() == Some(&b'\n');
        if !ended && self.text.len() > LONGEST_ROW {
            self.bytes += self.source.skip_until(b'\n')? as u64;
            return Ok(false);
        }
        let line = self.text.strip_suffix(b"\n").unwrap_or(&self.text);
        Ok(line.strip_suffix(b"\r").unwrap_or(line).len() <= LONGEST_ROW)
    }
}

impl<R: BufRead> Rows for JsonLines<R> {
    fn next(&mut self) -> io::Result<Option<Row>> {
        loop {
            let fits = self.read_line()?;
            if self.text.is_empty() {
                return Ok(None);
            }
            let line = self.line;
            self.line += 1;
            if !fits {
                let why = "is longer than 64 KiB; write one call on each line";
                return Ok(Some(Row { line, said: Err(why.to_owned()) }));
            }
            if !self.text.trim_ascii().is_empty() {
                return Ok(Some(Row { line, said: parse(&self.text) }));
            }
        }
    }

    fn line(&self) -> u64 {
        self.line
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }
}

fn parse(text: &[u8]) -> Said {
    match serde_json::from_slice(text) {
        Ok(Value::Object(named)) => call(named),
        Ok(_) => Err("is not a JSON object; write one such as {\"call_sid\": …}".to_owned()),
        Err(error) => {
            // It says that it is in line 1, which is so for each of our lines.
            let what = error.to_string();
            let what = what.rsplit_once(" at line ").map_or(what.as_str(), |(what, _)| what);
            Err(format!("is not JSON: {what} at byte {}", error.column()))
        }
    }
}
