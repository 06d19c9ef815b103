//! A database that is older than the storage, or lost, and `tapedeck storage unknown`: on SQLite and
//! PostgreSQL, with files and in a bucket.

use std::{path::PathBuf, process::Output};

use reqwest::Method;
use serde_json::Value;

use crate::{
    postgres_server::Database,
    program::{Program, command},
    s3::S3,
    stub::Reply,
    wav::wav,
};

/// Short, so that an object counts as old after a few seconds.
const SETTINGS: [(&str, &str); 3] =
    [("TAPEDECK_JOB_TIMEOUT", "2s"), ("TAPEDECK_LEASE", "3s"), ("TAPEDECK_SWEEP_INTERVAL", "1s")];
const DATABASE: &str = "TAPEDECK_DATABASE_URL";

/// A program, and what it stands on.
struct Installation {
    program: Program,
    settings: Vec<(String, String)>,
    postgres: Option<Database>,
    _s3: Option<S3>,
}

/// A copy of the database.
enum Backup {
    /// Each file of an SQLite database: the write-ahead log holds the latest changes.
    Files(Vec<(PathBuf, Vec<u8>)>),
    Postgres(Database),
}

impl Installation {
    async fn start(postgres: Option<Database>, s3: Option<S3>) -> Self {
        let mut settings: Vec<_> =
            SETTINGS.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        if let Some(database) = &postgres {
            settings.push((DATABASE.to_owned(), database.url()));
        }
        if let Some(s3) = &s3 {
            settings.extend(s3.settings().map(|(name, value)| (name.to_owned(), value)));
        }
        let given: Vec<_> = settings.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let program = Program::serve(&given).await;
        Self { program, settings, postgres, _s3: s3 }
    }

    /// Registers calls, and fetches their recordings. From then on the provider has them no more.
    async fn record(&self, calls: &[&str]) {
        for call in calls {
            self.program.call(call, Reply::ok(&wav(1))).await;
        }
        for call in calls {
            assert_eq!(self.program.playable(call).await.status(), 200, "{call}");
            self.program.provider.serve(&format!("/{call}"), Reply::status(410));
        }
    }

    /// Stops the program, as a consistent backup of SQLite and PostgreSQL alike.
    async fn back_up(&mut self) -> Backup {
        assert_eq!(self.program.terminate(), Some(0));
        let backup = match &self.postgres {
            Some(database) => Backup::Postgres(database.copy().await),
            None => Backup::Files(
                self.files()
                    .into_iter()
                    .map(|file| (file.clone(), std::fs::read(file).unwrap()))
                    .collect(),
            ),
        };
        self.program.serve_again(&[]).await;
        backup
    }

    /// Stops the program, and puts this database in the place of its own.
    fn restore(&mut self, backup: Option<Backup>) {
        assert_eq!(self.program.terminate(), Some(0));
        if self.postgres.is_none() {
            for file in self.files() {
                std::fs::remove_file(file).unwrap();
            }
        }
        match backup {
            Some(Backup::Postgres(database)) => {
                self.set(DATABASE, &database.url());
                self.postgres = Some(database);
            }
            Some(Backup::Files(files)) => {
                for (file, bytes) in files {
                    std::fs::write(file, bytes).unwrap();
                }
            }
            None => {}
        }
    }

    fn set(&mut self, name: &str, value: &str) {
        self.program.set(name, value);
        self.settings.retain(|(other, _)| other != name);
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// The files of the SQLite database that exist.
    fn files(&self) -> Vec<PathBuf> {
        let folder = self.program.folder.path().join("data");
        let files = ["tapedeck.db", "tapedeck.db-wal", "tapedeck.db-shm"];
        files.iter().map(|name| folder.join(name)).filter(|file| file.exists()).collect()
    }

    /// `tapedeck storage unknown …`
    fn unknown(&self, arguments: &[&str]) -> Output {
        let settings: Vec<_> =
            self.settings.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let arguments = [&["storage", "unknown"], arguments].concat();
        command(self.program.folder.path(), &settings, &arguments).output().unwrap()
    }

    fn unknown_json(&self, arguments: &[&str]) -> Value {
        let output = self.unknown(&[arguments, &["--json"]].concat());
        let error = String::from_utf8_lossy(&output.stderr);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{error}"))
    }

    async fn assert_plays(&self, calls: &[&str]) {
        for call in calls {
            let answer = self.program.file(call, &[]).await;
            assert_eq!(answer.status(), 200, "{call}");
            assert_eq!(answer.bytes().await.unwrap(), wav(1), "{call}");
        }
    }
}

macro_rules! on_all {
    ($($test:ident)*) => {
        mod on_sqlite_and_files {
            $(#[tokio::test]
            async fn $test() {
                super::$test(super::Installation::start(None, None).await).await;
            })*
        }

        mod on_sqlite_and_a_bucket {
            $(#[tokio::test]
            async fn $test() {
                let Some(s3) = super::S3::start() else { return };
                super::$test(super::Installation::start(None, Some(s3)).await).await;
            })*
        }

        mod on_postgres_and_files {
            $(#[tokio::test]
            async fn $test() {
                let Some(database) = super::Database::create().await else { return };
                super::$test(super::Installation::start(Some(database), None).await).await;
            })*
        }

        mod on_postgres_and_a_bucket {
            $(#[tokio::test]
            async fn $test() {
                let Some(s3) = super::S3::start() else { return };
                let Some(database) = super::Database::create().await else { return };
                super::$test(super::Installation::start(Some(database), Some(s3)).await).await;
            })*
        }
    };
}

on_all! {
    a_restored_older_database_is_completed_from_the_storage
    a_lost_database_is_rebuilt_from_the_storage
}

async fn a_restored_older_database_is_completed_from_the_storage(mut it: Installation) {
    let (before, after) = (["CA1", "CA2"], ["CA3", "CA4", "CA5"]);
    it.record(&before).await;
    let backup = it.back_up().await;
    it.record(&after).await;
    it.restore(Some(backup));

    // The first sweep removes nothing.
    it.program.serve_again(&[]).await;
    it.program.logged("the storage holds objects that the database does not know").await;
    it.assert_plays(&before).await;
    let listed = it.unknown_json(&[]);
    assert_eq!(listed["total_objects"], 3);
    let mut calls: Vec<_> =
        listed["objects"].as_array().unwrap().iter().map(|one| one["call_sid"].clone()).collect();
    calls.sort_by_key(ToString::to_string);
    assert_eq!(calls, after);

    // Without a terminal nothing is removed that --yes was not said to.
    let refused = it.unknown(&["--remove"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--yes"));

    let adopted = it.unknown(&["--adopt", "--json"]);
    assert_eq!(adopted.status.code(), Some(0), "{}", String::from_utf8_lossy(&adopted.stderr));
    let body: Value = serde_json::from_slice(&adopted.stdout).unwrap();
    assert_eq!((&body["adopted"], &body["refused"]), (&3.into(), &Value::Array(Vec::new())));
    it.assert_plays(&[&before[..], &after].concat()).await;
    assert_eq!(it.unknown_json(&[])["total_objects"], 0);
}

async fn a_lost_database_is_rebuilt_from_the_storage(mut it: Installation) {
    let calls = ["CA1", "CA2", "CA3"];
    it.record(&calls).await;
    let deleted = it.program.send(Method::DELETE, "/api/recordings/file/CA2", &[], None).await;
    assert_eq!(deleted.status(), 204);
    let empty = match &it.postgres {
        Some(_) => Some(Backup::Postgres(Database::create().await.unwrap())),
        None => None,
    };
    it.restore(empty);

    // A database that is new by mistake gets nothing.
    let refused = it.unknown(&["--adopt"]);
    assert_eq!(refused.status.code(), Some(2), "{}", String::from_utf8_lossy(&refused.stderr));
    let body = it.unknown_json(&["--adopt", "--new-database"]);
    assert_eq!(body["adopted"], 2);
    it.program.serve_again(&[]).await;
    it.assert_plays(&["CA1", "CA3"]).await;
    assert_eq!(it.program.file("CA2", &[]).await.status(), 404);
}

#[tokio::test]
async fn an_object_is_refused_whose_bytes_are_not_those_of_its_description() {
    let mut it = Installation::start(None, None).await;
    it.record(&["CA1"]).await;
    it.restore(None);
    let folder = it.program.folder.path().join("data/recordings/CA1");
    let object = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
    let object = object.filter(|path| path.extension().is_none()).collect::<Vec<_>>().remove(0);
    let mut bytes = std::fs::read(&object).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&object, bytes).unwrap();

    let output = it.unknown(&["--adopt", "--new-database", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let body: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(body["adopted"], 0);
    assert_eq!(body["refused"][0]["reason"], "the bytes do not fit the description");

    let removed = it.unknown_json(&["--remove", "--yes"]);
    assert_eq!(removed["removed"], 1);
    assert!(!folder.exists(), "waveform and description went with the object");
}
