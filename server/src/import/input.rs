//! Where rows come from, and in which format they are written.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Cursor, Read},
    path::Path,
};

use super::{
    csv::CsvRows,
    error::{ImportError, ReadError},
    json_lines::JsonLines,
    row::Rows,
};

const BUFFER: usize = 64 * 1024;
/// Where the format is looked for: so many bytes from the beginning.
const HEAD: usize = 64 * 1024;
const UTF8_BOM: &[u8] = b"\xef\xbb\xbf";
const UTF16_BOMS: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated (RFC 4180), with a header line.
    Csv,
    /// One JSON object a line.
    JsonLines,
}

impl Format {
    /// As the file's extension has it; `None` where it says nothing.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            _ => None,
        }
    }
}

/// A file or a stream to import.
pub struct Input {
    name: String,
    size: Option<u64>,
    source: Box<dyn Read + Send>,
}

impl Input {
    /// From anything that can be read. `name` is for messages; `size` is in bytes, if known.
    pub fn new(name: &str, size: Option<u64>, source: impl Read + Send + 'static) -> Self {
        Self { name: name.to_owned(), size, source: Box::new(source) }
    }

    /// From a file, or from standard input where the path is `-`.
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        if path == Path::new("-") {
            return Ok(Self::new("standard input", None, io::stdin()));
        }
        let name = path.display().to_string();
        let open = || -> io::Result<_> {
            let file = File::open(path)?;
            let metadata = file.metadata()?;
            // A pipe's length is not to be believed.
            let size = metadata.is_file().then_some(metadata.len());
            Ok((file, size))
        };
        match open() {
            Ok((file, size)) => Ok(Self::new(&name, size, file)),
            Err(cause) => Err(ImportError::Unreadable { input: name, cause }),
        }
    }

    /// What it is called in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its size in bytes, if known.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// Its rows; without a format, its first character tells.
    pub(super) fn rows(self, format: Option<Format>) -> Result<Box<dyn Rows>, ReadError> {
        let mut source = BufReader::with_capacity(BUFFER, self.source);
        let mut head = Vec::new();
        source.by_ref().take(UTF8_BOM.len() as u64).read_to_end(&mut head)?;
        if UTF16_BOMS.iter().any(|bom| head.starts_with(bom)) {
            return Err(ReadError::Refused("it is UTF-16; save it as UTF-8".to_owned()));
        }
        if head == UTF8_BOM {
            head.clear();
        }
        let first = first_that_is_not_blank(&mut head, &mut source)?;
        let source = Cursor::new(head).chain(source);
        match (format, first) {
            (Some(Format::JsonLines) | None, Some(b'[')) => {
                let what = "it is a JSON array; write one object on each line, as jq -c '.[]' does";
                Err(ReadError::Refused(what.to_owned()))
            }
            (Some(Format::JsonLines), _) | (None, Some(b'{')) => {
                Ok(Box::new(JsonLines::new(source)))
            }
            (Some(Format::Csv) | None, _) => Ok(Box::new(CsvRows::new(source)?)),
        }
    }
}

/// Reads into `head` until there is something else than blanks and line ends.
fn first_that_is_not_blank(
    head: &mut Vec<u8>,
    source: &mut impl BufRead,
) -> io::Result<Option<u8>> {
    loop {
        if let Some(byte) = head.iter().find(|byte| !byte.is_ascii_whitespace()) {
            return Ok(Some(*byte));
        }
        if head.len() >= HEAD || source.by_ref().take(1).read_to_end(head)? == 0 {
            return Ok(None);
        }
    }
}
