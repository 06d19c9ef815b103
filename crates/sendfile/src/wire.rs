//! What hyper queues for a connection: memory, and parts of files that look to it like memory. Keeps
//! the [`Ledger`] informed; see [`handoff`](super::handoff) for why.

use std::io::IoSlice;

use bytes::{Buf, Bytes};

use super::handoff::{Ledger, Segment, placeholder};

/// One piece of an answer.
#[derive(Debug)]
pub(super) enum Wire {
    Memory(Bytes),
    File(FilePart),
}

/// Bytes of a file on their way; shows hyper a placeholder of the same length.
#[derive(Debug)]
pub(super) struct FilePart {
    left: Segment,
    ledger: Ledger,
}

impl FilePart {
    pub(super) fn new(segment: Segment, ledger: Ledger) -> Self {
        Self { left: segment, ledger }
    }
}

impl Buf for Wire {
    fn remaining(&self) -> usize {
        match self {
            Self::Memory(bytes) => bytes.remaining(),
            Self::File(part) => part.left.len,
        }
    }

    fn chunk(&self) -> &[u8] {
        match self {
            Self::Memory(bytes) => bytes.chunk(),
            Self::File(part) => placeholder(part.left.len),
        }
    }

    fn chunks_vectored<'a>(&'a self, into: &mut [IoSlice<'a>]) -> usize {
        let chunk = self.chunk();
        let Some(slot) = into.first_mut().filter(|_| !chunk.is_empty()) else { return 0 };
        if let Self::File(part) = self {
            part.ledger.announce(&part.left);
        }
        *slot = IoSlice::new(chunk);
        1
    }

    fn advance(&mut self, count: usize) {
        match self {
            Self::Memory(bytes) => bytes.advance(count),
            Self::File(part) => {
                assert!(count <= part.left.len, "hyper advances by what it was given at most");
                part.ledger.passed_over(count);
                part.left.offset += count as u64;
                part.left.len -= count;
            }
        }
    }
}
