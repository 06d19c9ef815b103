//! A real S3 server for one test: `s3s-fs`, with signatures checked, on a free port and a folder of
//! its own, that can be paused, killed and started again.
//!
//! It is one small program that cargo builds in a minute, keeps objects as plain files that a test
//! can count and make old, and finds them again after a SIGKILL. moto, which pip has a little sooner,
//! keeps them in memory; MinIO and its like come neither from cargo nor from pip, npm or apt.

#![allow(dead_code)] // no test uses all of it

#[allow(clippy::duplicate_mod)] // each helper brings it
mod skip;

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use object_store::aws::AmazonS3ConfigKey;
use server::storage::{S3Options, S3Storage};

const URL: &str = "s3://calls/test";
const BUCKET: &str = "calls";
/// No bucket's name, so the server does not show it.
const HIDDEN: &str = ".hidden";
const PREFIX: &str = "test";
const KEY: (&str, &str) = ("tapedeck-test", "tapedeck-test-secret");

/// See the module. Ends with the test.
pub(crate) struct S3 {
    process: Child,
    port: u16,
    folder: tempfile::TempDir,
}

/// How a server can be out of reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Away {
    /// Nobody listens there.
    Gone,
    /// Takes connections, and answers nothing.
    Silent,
}

impl S3 {
    /// `None` where no `s3s-fs` is installed, unless `TAPEDECK_TEST_S3_SERVER` names one.
    pub(crate) fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(BUCKET)).unwrap();
        let (process, port) = launch(folder.path(), 0)?;
        Some(Self { process, port, folder })
    }

    /// Where it listens.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What the program needs to be told.
    pub(crate) fn settings(&self) -> [(&'static str, String); 4] {
        [
            ("TAPEDECK_STORAGE_URL", URL.to_owned()),
            ("AWS_ENDPOINT_URL", self.endpoint()),
            ("AWS_ACCESS_KEY_ID", KEY.0.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", KEY.1.to_owned()),
        ]
    }

    /// The storage in the bucket that there is.
    pub(crate) fn storage(&self) -> S3Storage {
        self.storage_at(URL, &[])
    }

    pub(crate) fn storage_at(&self, url: &str, more: &[(AmazonS3ConfigKey, &str)]) -> S3Storage {
        storage_at(&self.endpoint(), url, more)
    }

    /// What the bucket holds under the prefix, by name.
    pub(crate) fn objects(&self) -> Vec<String> {
        let root = self.folder.path().join(BUCKET).join(PREFIX);
        let mut files = Vec::new();
        collect(&root, &mut files);
        let name = |file: PathBuf| file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let mut names: Vec<_> = files.into_iter().map(name).collect();
        names.sort();
        names
    }

    /// Where an object's bytes are.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(BUCKET).join(PREFIX).join(name)
    }

    /// How many uploads were begun and neither finished nor given up, and the parts of all.
    pub(crate) fn unfinished(&self) -> usize {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with(".upload")).count()
    }

    /// Moves the bucket away.
    pub(crate) fn hide_bucket(&self) {
        fs::rename(self.folder.path().join(BUCKET), self.folder.path().join(HIDDEN)).unwrap();
    }

    /// Moves the bucket back.
    pub(crate) fn show_bucket(&self) {
        fs::rename(self.folder.path().join(HIDDEN), self.folder.path().join(BUCKET)).unwrap();
    }

    pub(crate) fn go_away(&mut self, how: Away) {
        match how {
            Away::Gone => self.kill(),
            Away::Silent => self.signal("-STOP"),
        }
    }

    pub(crate) fn come_back(&mut self, how: Away) {
        match how {
            Away::Gone => self.start_again(),
            Away::Silent => self.signal("-CONT"),
        }
    }

    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// On the same port, with the same objects.
    pub(crate) fn start_again(&mut self) {
        self.process = launch(self.folder.path(), self.port).expect("it was there before").0;
    }

    fn signal(&self, name: &str) {
        let process = self.process.id().to_string();
        assert!(Command::new("kill").args([name, &process]).status().unwrap().success());
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The storage at this URL, on the server at this endpoint.
pub(crate) fn storage_at(
    endpoint: &str,
    url: &str,
    more: &[(AmazonS3ConfigKey, &str)],
) -> S3Storage {
    let always = [
        (AmazonS3ConfigKey::Endpoint, endpoint),
        (AmazonS3ConfigKey::AccessKeyId, KEY.0),
        (AmazonS3ConfigKey::SecretAccessKey, KEY.1),
    ];
    let variables = always.iter().chain(more).map(|(key, value)| (*key, (*value).to_owned()));
    let options = S3Options { variables: variables.collect(), allow_http: true };
    S3Storage::open(&url.parse().unwrap(), &options).unwrap()
}

/// The server, and its port.
fn launch(root: &Path, port: u16) -> Option<(Child, u16)> {
    let named = std::env::var_os("TAPEDECK_TEST_S3_SERVER");
    let program = named.clone().unwrap_or_else(|| "s3s-fs".into());
    let started = Command::new(program)
        .args(["--host", "127.0.0.1", "--port", &port.to_string()])
        .args(["--access-key", KEY.0, "--secret-key", KEY.1])
        .arg(root)
        .env("RUST_LOG", "s3s_fs=info")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn();
    let mut process = match started {
        Ok(process) => process,
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            skip::report("s3s-fs");
            return None;
        }
        Err(error) => panic!("s3s-fs can't be started: {error}"),
    };
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
    let port = lines
        .find_map(|line| line.split("running at http://127.0.0.1:").nth(1)?.trim().parse().ok())
        .expect("s3s-fs says where it listens");
    // Nobody reads what else it says, and it must not wait for that.
    std::thread::spawn(move || lines.for_each(drop));
    Some((process, port))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}
