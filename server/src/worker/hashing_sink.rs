//! Takes bytes on their way into the storage: hashes and counts them, and keeps the first ones to be
//! looked at. Never holds more than those.

use std::io;

use async_trait::async_trait;
use bytes::Bytes;
use fetch::Sink;
use sha2::{Digest, Sha256};
use tokio::join;

use crate::{model::Sha256Hex, storage::Upload};

/// How many of the first bytes are kept: of a short recording all, so that it can be decoded while
/// the disk is waited for.
const KEPT: usize = 4 * audio::HEAD;

/// See the module.
pub(super) struct HashingSink {
    upload: Upload,
    hash: Sha256,
    head: Vec<u8>,
    bytes: u64,
}

/// What was taken in.
pub(super) struct Received {
    pub(super) upload: Upload,
    pub(super) sha256: Sha256Hex,
    /// At least the first [`audio::HEAD`] bytes, or all there are.
    pub(super) head: Vec<u8>,
    pub(super) bytes: u64,
}

impl Received {
    /// Whether the head is all there is.
    pub(super) fn is_short(&self) -> bool {
        self.head.len() as u64 == self.bytes
    }
}

impl HashingSink {
    pub(super) fn new(upload: Upload) -> Self {
        Self { upload, hash: Sha256::new(), head: Vec::new(), bytes: 0 }
    }

    pub(super) fn finish(self) -> Received {
        let sha256 = Sha256Hex::from_digest(&self.hash.finalize());
        Received { upload: self.upload, sha256, head: self.head, bytes: self.bytes }
    }
}

#[async_trait]
impl Sink for HashingSink {
    async fn restart(&mut self) -> io::Result<()> {
        self.hash = Sha256::new();
        self.head.clear();
        self.bytes = 0;
        self.upload.restart().await
    }

    async fn write(&mut self, bytes: Bytes) -> io::Result<()> {
        let room = KEPT - self.head.len();
        self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.bytes += bytes.len() as u64;
        let Self { upload, hash, .. } = self;
        // The write is on its way on another thread while this one hashes.
        let (written, ()) = join!(upload.write(bytes.clone()), async { hash.update(&bytes) });
        written
    }
}
