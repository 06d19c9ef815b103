//! An object that is put together from new bytes and parts of the source: the same sound data
//! under a new head. The plan is plain data; only [`Rewrite::write`] reads and writes.

use std::{
    io::{Read, Seek, SeekFrom},
    ops::Range,
};

use crate::{
    AnalysisError,
    input::{Guard, Source},
    output::{Output, PieceWriter},
};

/// The most parts that a plan may have: 16 MB of memory.
pub(crate) const MOST_PARTS: usize = 1 << 19;
/// Bytes that are copied at once.
const COPY: u64 = 64 * 1024;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Bytes(Vec<u8>),
    Source(Range<u64>),
}

/// The plan of a new object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rewrite {
    parts: Vec<Part>,
}

impl Rewrite {
    /// Adds new bytes.
    pub(crate) fn bytes(&mut self, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            self.parts.push(Part::Bytes(bytes));
        }
    }

    /// Adds bytes of the source; says whether the plan still has room.
    #[must_use]
    pub(crate) fn source(&mut self, range: Range<u64>) -> bool {
        if range.is_empty() {
            return true;
        }
        if let Some(Part::Source(last)) = self.parts.last_mut()
            && last.end == range.start
        {
            last.end = range.end;
            return true;
        }
        self.parts.push(Part::Source(range));
        self.parts.len() < MOST_PARTS
    }

    /// Adds another plan behind this one.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.parts.append(&mut other.parts);
    }

    /// Bytes of the new object.
    pub(crate) fn len(&self) -> u64 {
        let of = |part: &Part| match part {
            Part::Bytes(bytes) => bytes.len() as u64,
            Part::Source(range) => range.end - range.start,
        };
        self.parts.iter().map(of).sum()
    }

    /// Writes the object.
    pub(crate) fn write<R: Read + Seek>(
        &self,
        source: &mut Source<R>,
        guard: &Guard,
        output: Output<'_>,
    ) -> Result<(), AnalysisError> {
        let mut writer = PieceWriter::new(output);
        let mut copied = Vec::new();
        for part in &self.parts {
            match part {
                Part::Bytes(bytes) => writer.bytes(bytes)?,
                Part::Source(range) => {
                    let failed = |_| AnalysisError::of(guard);
                    guard.renew();
                    source.seek(SeekFrom::Start(range.start)).map_err(failed)?;
                    let mut left = range.end - range.start;
                    while left > 0 {
                        guard.renew();
                        copied.clear();
                        let read = source.by_ref().take(left.min(COPY)).read_to_end(&mut copied);
                        if read.map_err(failed)? == 0 {
                            return Err(AnalysisError::of(guard));
                        }
                        left -= copied.len() as u64;
                        writer.bytes(&copied)?;
                    }
                }
            }
        }
        writer.finish()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::CancelFlag;

    #[test]
    fn parts_of_the_source_that_touch_are_one_part() {
        let mut plan = Rewrite::default();
        plan.bytes(b"head".to_vec());
        assert!(plan.source(3..5) && plan.source(5..5) && plan.source(5..7) && plan.source(1..2));
        assert_eq!((plan.parts.len(), plan.len()), (3, 9));
        let guard = Guard::new(&CancelFlag::new());
        let mut source = Source::new(Cursor::new(b"0123456789"), 10, guard.clone());
        let mut written = Vec::new();
        plan.write(&mut source, &guard, &mut |piece| {
            written.extend(piece);
            Ok(())
        })
        .unwrap();
        assert_eq!(written, b"head34561");
    }
}
