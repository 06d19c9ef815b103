//! s3s-fs, the S3 server that the tests have too, on a folder of the disk that is measured.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use super::tapedeck::{free_address, wait_until_listening};
use crate::checkout::Outcome;

const BUCKET: &str = "calls";
const PREFIX: &str = "bench";
const KEY: (&str, &str) = ("tapedeck-bench", "tapedeck-bench-secret");

pub(super) struct S3Server {
    child: Child,
    pub(super) address: SocketAddr,
}

/// Whose requests it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asker {
    /// Who signs with our key.
    Signed,
    /// Anybody: nginx signs nothing.
    Anybody,
}

impl S3Server {
    /// Serves the folder, and the bucket in it. Several may serve the same.
    pub(super) fn start(folder: &Path, asker: Asker) -> Outcome<Self> {
        let bucket = folder.join(BUCKET);
        fs::create_dir_all(&bucket).map_err(|why| format!("{}: {why}", bucket.display()))?;
        let address = free_address()?;
        let mut command = Command::new("s3s-fs");
        command.args(["--host", "127.0.0.1", "--port", &address.port().to_string()]);
        if asker == Asker::Signed {
            command.args(["--access-key", KEY.0, "--secret-key", KEY.1]);
        }
        let child = command
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|why| format!("s3s-fs could not be run: {why}"))?;
        let server = Self { child, address };
        wait_until_listening(address).map_err(|why| format!("s3s-fs: {why}"))?;
        Ok(server)
    }

    /// What tapedeck needs to be told.
    pub(super) fn settings(&self) -> [(&'static str, String); 4] {
        [
            ("TAPEDECK_STORAGE_URL", format!("s3://{BUCKET}/{PREFIX}")),
            ("AWS_ENDPOINT_URL", format!("http://{}", self.address)),
            ("AWS_ACCESS_KEY_ID", KEY.0.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", KEY.1.to_owned()),
        ]
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The path of the recording that tapedeck put there for this call: its only object, but for the
/// outline beside it.
pub(super) fn path_of(folder: &Path, call_sid: &str) -> Outcome<String> {
    let path = format!("{BUCKET}/{PREFIX}/{call_sid}");
    let entries = fs::read_dir(folder.join(&path)).map_err(|why| format!("{path}: {why}"))?;
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let object = names.into_iter().find(|name| !name.contains('.'));
    object.map(|name| format!("/{path}/{name}")).ok_or_else(|| format!("{path} is empty"))
}
