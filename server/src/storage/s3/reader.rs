//! A finished object as something to read and seek in, for what decodes audio. Blocks its thread
//! while it asks the bucket; holds one piece of the object at a time.

use std::{
    fmt,
    io::{self, Read, Seek, SeekFrom},
};

use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt as _;
use object_store::path::Path;
use tokio::runtime::Handle;

use super::S3Storage;
use crate::model::ObjectKey;

/// The first piece after a jump: who looks for something jumps again.
const FIRST_PIECE: u64 = 256 << 10;
/// Pieces double up to this: who reads on needs few requests.
const LARGEST_PIECE: u64 = 4 << 20;

/// See the module.
pub struct S3Reader {
    storage: S3Storage,
    runtime: Handle,
    path: Path,
    len: u64,
    position: u64,
    /// Bytes that were fetched, and where they begin.
    piece: Bytes,
    piece_at: u64,
    next_piece: u64,
}

impl S3Storage {
    /// Opens a finished object. To be called, as its reader is, in a `spawn_blocking`.
    pub fn reader(&self, key: &ObjectKey) -> io::Result<S3Reader> {
        let runtime = Handle::current();
        Ok(S3Reader {
            len: runtime.block_on(self.length(key))?,
            runtime,
            storage: self.clone(),
            path: self.path(key),
            position: 0,
            piece: Bytes::new(),
            piece_at: 0,
            next_piece: FIRST_PIECE,
        })
    }
}

impl S3Reader {
    /// What is in memory from the position on.
    fn at_hand(&self) -> &[u8] {
        let skip = self.position.checked_sub(self.piece_at).and_then(|n| usize::try_from(n).ok());
        skip.and_then(|skip| self.piece.get(skip..)).unwrap_or_default()
    }

    fn fetch(&mut self) -> io::Result<()> {
        let reads_on =
            !self.piece.is_empty() && self.position == self.piece_at + self.piece.len() as u64;
        self.next_piece =
            if reads_on { (self.next_piece * 2).min(LARGEST_PIECE) } else { FIRST_PIECE };
        let range = self.position..self.len.min(self.position + self.next_piece);
        self.piece = Bytes::new(); // never two at a time
        let fetched = async {
            let coming = self.storage.read_path(self.path.clone(), range).await?;
            let gather = |mut all: BytesMut, bytes: Bytes| async move {
                all.extend_from_slice(&bytes);
                Ok(all)
            };
            coming.try_fold(BytesMut::new(), gather).await
        };
        self.piece = self.runtime.block_on(fetched)?.freeze();
        self.piece_at = self.position;
        Ok(())
    }
}

impl Read for S3Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.len || into.is_empty() {
            return Ok(0);
        }
        if self.at_hand().is_empty() {
            self.fetch()?;
        }
        let n = self.at_hand().read(into)?;
        self.position += n as u64;
        Ok(n)
    }
}

impl Seek for S3Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(from_start) => Some(from_start),
            SeekFrom::End(from_end) => self.len.checked_add_signed(from_end),
            SeekFrom::Current(on) => self.position.checked_add_signed(on),
        };
        // As a file: beyond the end is a place, before the start is none.
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

impl fmt::Debug for S3Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S3Reader({} at {} of {})", self.path, self.position, self.len)
    }
}
