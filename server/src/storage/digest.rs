//! Reads a whole object and hashes it, to prove that its bytes are those of its description.

use std::io::{self, Read as _};

use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;

use super::Storage;
use crate::model::{ObjectKey, Sha256Hex};

/// Bytes read at a time.
const PIECE: usize = 256 << 10;

impl Storage {
    /// The length and the SHA-256 of a finished object.
    pub async fn digest(&self, key: &ObjectKey) -> io::Result<(u64, Sha256Hex)> {
        let (storage, key) = (self.clone(), key.clone());
        let digest = move || {
            let mut object = storage.reader(&key)?;
            let (mut hash, mut bytes, mut piece) = (Sha256::new(), 0, vec![0; PIECE]);
            loop {
                match object.read(&mut piece)? {
                    0 => return Ok((bytes, Sha256Hex::from_digest(&hash.finalize()))),
                    n => {
                        hash.update(&piece[..n]);
                        bytes += n as u64;
                    }
                }
            }
        };
        spawn_blocking(digest).await.map_err(io::Error::other)?
    }
}
