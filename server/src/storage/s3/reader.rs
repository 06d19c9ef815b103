//! Reads and seeks in a finished object, for decoders. Blocks its thread
//! during a request; holds one piece of the object at a time.

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

/// The first piece after a seek, since more seeks may follow.
const FIRST_PIECE: u64 = 256 << 10;
/// Pieces double up to this, so that sequential reads need few requests.
const LARGEST_PIECE: u64 = 4 << 20;

/// An object that can be read and sought in.
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
    /// Opens a finished object. Call it and use the reader within `spawn_blocking`.
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
    /// The bytes in memory from the position on.
    fn buffered(&self) -> &[u8] {
        let skip = self.position.checked_sub(self.piece_at).and_then(|n| usize::try_from(n).ok());
        skip.and_then(|skip| self.piece.get(skip..)).unwrap_or_default()
    }

    fn fetch(&mut self) -> io::Result<()> {
        let is_sequential =
            !self.piece.is_empty() && self.position == self.piece_at + self.piece.len() as u64;
        self.next_piece =
            if is_sequential { (self.next_piece * 2).min(LARGEST_PIECE) } else { FIRST_PIECE };
        let range = self.position..self.len.min(self.position + self.next_piece);
        self.piece = Bytes::new(); // never two at a time
        let fetched = async {
            let incoming = self.storage.read_path(self.path.clone(), range).await?;
            let gather = |mut all: BytesMut, bytes: Bytes| async move {
                all.extend_from_slice(&bytes);
                Ok(all)
            };
            incoming.try_fold(BytesMut::new(), gather).await
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
        if self.buffered().is_empty() {
            self.fetch()?;
        }
        let n = self.buffered().read(into)?;
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
        // As in a file: a position beyond the end is valid, one before the start is not.
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

impl fmt::Debug for S3Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S3Reader({} at {} of {})", self.path, self.position, self.len)
    }
}
