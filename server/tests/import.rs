//! `tapedeck import`, on a real SQLite file.

#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in their helpers

use std::{
    fmt::Write as _,
    io::{self, Cursor, Read},
    path::PathBuf,
    sync::Arc,
};

use server::{
    cli::{ImportOutcome, import_file},
    clock::{Clock, SystemClock},
    engine::rules::Policy,
    import::{Format, ImportError, Input, Report, Summary, run},
    model::{CallFields, Direction},
    store::{CallQuery, Calls, Put, SqliteStore},
};
use shared::CallSid;
use sqlx::{Connection as _, SqliteConnection};

struct Bench {
    store: SqliteStore,
    folder: tempfile::TempDir,
}

/// What an import said.
#[derive(Default)]
struct Notes {
    bad_rows: Vec<String>,
    bytes: u64,
}

impl Report for Notes {
    fn bad_row(&mut self, line: u64, why: &str) {
        self.bad_rows.push(format!("line {line}: {why}"));
    }

    fn progress(&mut self, bytes: u64) {
        assert!(bytes >= self.bytes);
        self.bytes = bytes;
    }
}

async fn open() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let path = folder.path().join("tapedeck.db");
    let store = SqliteStore::open(&path, clock, Policy::default().lease_policy()).await.unwrap();
    Bench { store, folder }
}

fn sid(text: &str) -> CallSid {
    text.parse().unwrap()
}

fn counts(created: u64, replaced: u64, refused: u64) -> Summary {
    Summary { created, replaced, refused }
}

impl Bench {
    async fn read(
        &self,
        format: Option<Format>,
        source: impl Read + Send + 'static,
    ) -> (Result<Summary, ImportError>, Notes) {
        let mut notes = Notes::default();
        let input = Input::new("calls", None, source);
        (run(&self.store, input, format, &mut notes).await, notes)
    }

    async fn import(&self, text: impl AsRef<[u8]>) -> (Summary, Vec<String>) {
        let text = text.as_ref().to_vec();
        let length = text.len() as u64;
        let (summary, notes) = self.read(None, Cursor::new(text)).await;
        let summary = summary.unwrap();
        let rows = summary.kept() + summary.refused;
        assert!(rows == 0 || notes.bytes + 3 >= length, "the bar ends at the input's end");
        assert_eq!(summary.refused, notes.bad_rows.len() as u64);
        (summary, notes.bad_rows)
    }

    async fn refuse(&self, format: Option<Format>, text: impl AsRef<[u8]>) -> String {
        let (summary, notes) = self.read(format, Cursor::new(text.as_ref().to_vec())).await;
        assert!(notes.bad_rows.is_empty());
        assert_eq!(self.count().await, 0);
        summary.unwrap_err().to_string()
    }

    async fn fields(&self, call: &str) -> CallFields {
        self.store.call(&sid(call)).await.unwrap().unwrap().call.fields
    }

    async fn count(&self) -> usize {
        let query = CallQuery { state: None, search: None, before: None, limit: 10_000 };
        self.store.list_calls(&query).await.unwrap().len()
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

fn whole_call() -> CallFields {
    CallFields {
        recording_url: Some("https://example.com/a.wav?x=1,2".parse().unwrap()),
        direction: Some(Direction::Outbound),
        from: Some("+15550100".into()),
        to: Some("Dana \"D\" Levi".into()),
        started_at: Some("2026-03-01T12:30:00Z".parse().unwrap()),
        duration_seconds: Some(42),
    }
}

#[tokio::test]
async fn a_call_is_read_from_csv_with_its_columns_in_any_order() {
    let bench = open().await;
    let csv = "\u{feff}duration_seconds,to,call_sid,recording_url,from,direction,started_at\r\n\
        42,\"Dana \"\"D\"\" Levi\",CA1,\"https://example.com/a.wav?x=1,2\",+15550100,outbound,\
        2026-03-01T14:30:00+02:00\r\n\
        ,, CA2 ,,,,\r\n";
    assert_eq!(bench.import(csv).await, (counts(2, 0, 0), vec![]));
    assert_eq!(bench.fields("CA1").await, whole_call());
    assert_eq!(bench.fields("CA2").await, CallFields::default());
}

#[tokio::test]
async fn a_call_is_read_from_json_lines() {
    let bench = open().await;
    let json = "\u{feff}\n  \r\n{\"call_sid\": \"CA1\", \
        \"recording_url\": \"https://example.com/a.wav?x=1,2\", \"direction\": \"outbound\", \
        \"from\": \"+15550100\", \"to\": \"Dana \\\"D\\\" Levi\", \
        \"started_at\": \"2026-03-01T12:30:00Z\", \"duration_seconds\": 42}\n\n\
        {\"call_sid\": \"CA2\", \"from\": null}";
    assert_eq!(bench.import(json).await, (counts(2, 0, 0), vec![]));
    assert_eq!(bench.fields("CA1").await, whole_call());
    assert_eq!(bench.fields("CA2").await, CallFields::default());
}

#[tokio::test]
async fn each_bad_row_of_a_csv_file_is_named_and_the_good_ones_are_kept() {
    let bench = open().await;
    let mut csv = b"call_sid,recording_url,started_at,duration_seconds\n\
        CA1,https://example.com/1,,\n\
        CA2,ftp://secret.example.com/2,,\n\
        CA3,,yesterday,\n\
        CA4,,,4.5\n\
        ,https://secret.example.com/5,,\n\
        .CA6,,,\n\
        CA7,\n\
        CA8,,,,https://secret.example.com/8\n"
        .to_vec();
    csv.extend(b"CA9,https://secret.example.com/\xff,,\nCA10,,,10\n");
    let (summary, bad) = bench.import(csv).await;
    assert_eq!(summary, counts(2, 0, 8));
    let says = [
        "line 3: recording_url begins with neither http:// nor https://",
        "line 4: started_at is not a time with its zone",
        "line 5: duration_seconds is not a whole number of seconds",
        "line 6: call_sid is missing",
        "line 7: call_sid is none: a call id is 1 to 64 of",
        "line 8: has 2 cells where the header line has 4",
        "line 9: has 5 cells where the header line has 4",
        "line 10: recording_url is not UTF-8; save the file as UTF-8",
    ];
    for (bad, says) in bad.iter().zip(says) {
        assert!(bad.starts_with(says) && !bad.contains("secret"), "{bad}");
    }
    assert_eq!(bench.fields("CA10").await.duration_seconds, Some(10));
}

#[tokio::test]
async fn each_bad_line_of_json_is_named_and_the_good_ones_are_kept() {
    let bench = open().await;
    let mut json = br#"{"call_sid": "CA1"}
{"call_sid": "CA2", "recording_url": "ftp://secret.example.com"}
{"call_sid": "CA3", "url": "https://secret.example.com"}
{"call_sid": 4}
{"from": "secret"}

["secret"]
{"call_sid": "CA8", "recording_url": "https://secret.example.com
{"call_sid": "CA9", "duration_seconds": "9"}
"#
    .to_vec();
    json.extend(b"{\"call_sid\": \"CA10\", \"from\": \"\xff\"}\n{\"call_sid\": \"CA11\"}");
    let (summary, bad) = bench.import(json).await;
    assert_eq!(summary, counts(2, 0, 8));
    let says = [
        "line 2: recording_url begins with neither http:// nor https://",
        "line 3: url is no field of a call; there is recording_url, direction",
        "line 4: call_sid is not a text",
        "line 5: call_sid is missing",
        "line 7: is not a JSON object; write one such as {\"call_sid\": …}",
        "line 8: is not JSON: control character (\\u0000-\\u001F) found while parsing a string at",
        "line 9: duration_seconds is not a whole number of seconds",
        "line 10: is not JSON: invalid unicode code point at byte 31",
    ];
    for (bad, says) in bad.iter().zip(says) {
        assert!(bad.starts_with(says) && !bad.contains("secret"), "{bad}");
    }
}

#[tokio::test]
async fn line_numbers_are_those_of_an_editor_whatever_ends_the_lines() {
    let bench = open().await;
    let csv = "call_sid,to\n\n\"CA1\",\"a\n\nb\"\n   \nCA2\n\n\nCA3\n";
    for end in ["\n", "\r\n", "\r"] {
        let (summary, bad) = bench.import(csv.replace('\n', end)).await;
        assert_eq!(summary, counts(0, 0, 3));
        let says = [
            "line 3: to holds a control character; remove line breaks and tabs \
             (it goes on to line 5: is a \" left open?)",
            "line 7: has 1 cell where the header line has 2",
            "line 10: has 1 cell where the header line has 2",
        ];
        assert_eq!(bad, says, "{end:?}");
    }
}

#[tokio::test]
async fn a_row_that_is_far_too_long_is_a_bad_row_and_reading_goes_on_after_it() {
    let bench = open().await;
    let long = "x".repeat(3_000_000);
    let csv = format!("call_sid,from\nCA1,a\nCA2,{long}\nCA3,a{}\nCA4,a\n", ",".repeat(1_000));
    let (summary, bad) = bench.import(csv).await;
    assert_eq!(summary, counts(2, 0, 2));
    let says =
        ["line 3: is longer than 64 KiB", "line 4: has 1002 cells where the header line has 2"];
    assert_eq!(bad, says);
    let json =
        format!("{{\"call_sid\":\"CA5\"}}\n{{\"from\":\"{long}\"}}\n{{\"call_sid\":\"CA6\"}}");
    let (summary, bad) = bench.import(json).await;
    assert_eq!(summary, counts(2, 0, 1));
    assert_eq!(bad, ["line 2: is longer than 64 KiB; write one call on each line"]);
}

#[tokio::test]
async fn a_row_of_exactly_64_kib_is_not_too_long() {
    let bench = open().await;
    for end in ["\n", "\r\n", ""] {
        let row =
            |length: usize| format!("{{\"call_sid\":\"CA1\"{}}}{end}", " ".repeat(length - 18));
        assert_eq!(row(65_536).len(), 65_536 + end.len());
        assert_eq!(bench.import(row(65_536)).await.0.refused, 0);
        assert_eq!(bench.import(row(65_537)).await.0.refused, 1);
        let csv = format!("call_sid,from\nCA1,{}", " ".repeat(65_533));
        assert_eq!(bench.import(format!("{csv}{end}")).await.0.refused, 0);
        assert_eq!(bench.import(format!("{csv} {end}")).await.0.refused, 1);
    }
}

#[tokio::test]
async fn a_quotation_mark_left_open_costs_the_rows_after_it_but_says_where_it_is() {
    let bench = open().await;
    let mut csv = "call_sid,from\nCA1,a\nCA2,\"a\n".to_owned();
    for row in 0..20_000 {
        writeln!(csv, "CB{row},a").unwrap();
    }
    let (summary, bad) = bench.import(csv).await;
    assert_eq!(summary, counts(1, 0, 1));
    let says = "line 3: is longer than 64 KiB (it goes on to line 20003: is a \" left open?)";
    assert_eq!(bad, [says]);
}

#[tokio::test]
async fn a_file_that_is_not_understood_is_refused_whole_and_told_what_would_do() {
    let bench = open().await;
    let (csv, json) = (Some(Format::Csv), Some(Format::JsonLines));
    for (format, text, says) in [
        (
            csv,
            "call_sid,url\nCA1,x",
            "its header line has an unknown column 2 (url); there is call_",
        ),
        (csv, "from,to\nx,y", "it has no column call_sid; add it to the header line"),
        (csv, "call_sid,to,to\nCA1,x,y", "the column to is there twice; remove one"),
        (None, "", "it is empty; begin it with a header line such as call_sid,recording_url"),
        (None, "\u{feff} \n \n", "its header line has an unknown column 1 without a name"),
        (None, "CA1,https://secret.example.com", "its header line has an unknown column 1 (CA1)"),
        (None, "[{\"call_sid\": \"CA1\"}]", "it is a JSON array; write one object on each line"),
        (json, "[\n{\"call_sid\": \"CA1\"}]", "it is a JSON array; write one object on each line"),
    ] {
        let error = bench.refuse(format, text).await;
        assert!(error.starts_with(&format!("cannot import calls: {says}")), "{error}");
        assert!(!error.contains("secret"));
    }
    let error = bench.refuse(None, b"\xff\xfec\0a\0").await;
    assert_eq!(error, "cannot import calls: it is UTF-16; save it as UTF-8");
    let long = format!("call_sid,{}", "x".repeat(100_000));
    let error = bench.refuse(None, long).await;
    assert_eq!(error, "cannot import calls: its first line is no header: it is far too long");
}

#[tokio::test]
async fn importing_a_file_twice_gives_the_same_calls() {
    let bench = open().await;
    let csv = "call_sid,from\nCA1,a\nCA2,b\nCA1,c\n";
    assert_eq!(bench.import(csv).await.0, counts(2, 1, 0));
    let first = bench.store.call(&sid("CA1")).await.unwrap().unwrap().call;
    assert_eq!(first.fields.from.as_deref(), Some("c"));
    assert_eq!(bench.import(csv).await.0, counts(0, 3, 0));
    assert_eq!(bench.store.call(&sid("CA1")).await.unwrap().unwrap().call, first);
    assert_eq!(bench.count().await, 2);
}

#[tokio::test]
async fn a_row_over_a_recording_that_was_deleted_here_is_named_in_its_place() {
    let bench = open().await;
    bench.import("call_sid,recording_url\nCA2,https://example.com/2\n").await;
    bench.store.delete_recording(&sid("CA2")).await.unwrap();
    let csv = "call_sid,recording_url\n.,\nCA2,https://secret.example.com/2\n.,\nCA3,\n";
    let (summary, bad) = bench.import(csv).await;
    assert_eq!(summary, counts(1, 0, 3));
    assert!(bad[0].starts_with("line 2: call_sid") && bad[2].starts_with("line 4: call_sid"));
    let says = "line 3: the recording of this call was deleted here, for good; remove the row";
    assert_eq!(bad[1], says);
    assert_eq!(bench.fields("CA2").await.recording_url, None);
}

#[tokio::test]
async fn when_the_database_fails_on_the_way_what_was_kept_is_said_and_again_is_safe() {
    let bench = open().await;
    let url = format!("sqlite://{}", bench.folder.path().join("tapedeck.db").display());
    let mut database = SqliteConnection::connect(&url).await.unwrap();
    let trigger = "CREATE TRIGGER broken BEFORE INSERT ON calls WHEN new.call_sid = 'CA1234'
                   BEGIN SELECT raise(ABORT, 'the disk is on fire'); END";
    sqlx::query(trigger).execute(&mut database).await.unwrap();
    let mut csv = "call_sid,from\n".to_owned();
    for row in 1..=3_000 {
        writeln!(csv, "CA{row},a").unwrap();
    }
    let (result, notes) = bench.read(None, Cursor::new(csv.clone())).await;
    let error = result.unwrap_err();
    assert!(matches!(error, ImportError::Database { line: 1_002, kept: 1_000, .. }), "{error}");
    let says = error.to_string();
    assert!(says.starts_with("importing calls stopped at line 1002: database: "), "{says}");
    let ends = "1000 rows before it were kept, and importing the whole again is safe";
    assert!(says.ends_with(ends), "{says}");
    assert!(notes.bytes > 0);
    assert_eq!(bench.count().await, 1_000);
    sqlx::query("DROP TRIGGER broken").execute(&mut database).await.unwrap();
    assert_eq!(bench.import(csv).await.0, counts(2_000, 1_000, 0));
}

#[tokio::test]
async fn when_reading_fails_on_the_way_the_rows_before_are_kept() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the cable is out"))
        }
    }
    for (text, line) in [
        ("call_sid\nCA1\nCA2\nCA", 4),
        ("{\"call_sid\":\"CA1\"}\n{\"call_sid\":\"CA2\"}\n{\"call", 3),
    ] {
        let bench = open().await;
        let (result, _) = bench.read(None, Cursor::new(text).chain(Failing)).await;
        let says = format!(
            "reading calls stopped at line {line}: the cable is out; \
             2 rows before it were kept, and importing the whole again is safe"
        );
        assert_eq!(result.unwrap_err().to_string(), says);
        assert_eq!(bench.count().await, 2);
    }
    let (result, _) = open().await.read(None, Failing).await;
    let says = "cannot read calls: the cable is out; \
                name a CSV or JSON lines file, or - for standard input";
    assert_eq!(result.unwrap_err().to_string(), says);
}

#[tokio::test]
async fn the_command_tells_whether_all_rows_were_taken() {
    let bench = open().await;
    let good = bench.file("good.csv", "call_sid\nCA1\n");
    assert_eq!(import_file(&bench.store, &good).await.unwrap(), ImportOutcome::AllKept);
    let some = bench.file("some.ndjson", "{\"call_sid\":\"CA2\"}\n{}\n");
    assert_eq!(import_file(&bench.store, &some).await.unwrap(), ImportOutcome::SomeRefused);
    let sniffed = bench.file("calls.txt", " \n{\"call_sid\":\"CA3\"}\n");
    assert_eq!(import_file(&bench.store, &sniffed).await.unwrap(), ImportOutcome::AllKept);
    assert_eq!(bench.count().await, 3);
}

#[tokio::test]
async fn the_extension_goes_before_the_first_character() {
    let bench = open().await;
    let csv = bench.file("calls.CSV", "{\"call_sid\":\"CA1\"}\n");
    let error = import_file(&bench.store, &csv).await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot import {}: its header", csv.display())), "{error}");
    let json = bench.file("calls.jsonl", "call_sid\nCA1\n");
    assert_eq!(import_file(&bench.store, &json).await.unwrap(), ImportOutcome::SomeRefused);
    assert_eq!(bench.count().await, 0);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_named_with_what_would_do() {
    let bench = open().await;
    for path in [bench.folder.path().join("none.csv"), bench.folder.path().to_owned()] {
        let error = import_file(&bench.store, &path).await.unwrap_err().to_string();
        let says = format!("cannot read {}: ", path.display());
        let would_do = "; name a CSV or JSON lines file, or - for standard input";
        assert!(error.starts_with(&says) && error.ends_with(would_do), "{error}");
    }
}

#[tokio::test]
async fn calls_put_at_once_are_put_in_order() {
    let bench = open().await;
    let with_url = |call: &str, url: &str| {
        let recording_url = Some(url.parse().unwrap());
        (sid(call), CallFields { recording_url, ..CallFields::default() })
    };
    let calls = [
        with_url("CA1", "https://example.com/a"),
        with_url("CA2", "https://example.com/a"),
        with_url("CA1", "https://example.com/b"),
    ];
    let puts = bench.store.put_calls(&calls).await.unwrap();
    assert_eq!(puts, [Put::Created, Put::Created, Put::Replaced]);
    assert_eq!(bench.fields("CA1").await, calls[2].1);
    let version = bench.store.call(&sid("CA1")).await.unwrap().unwrap().call.url_version;
    let untouched = bench.store.call(&sid("CA2")).await.unwrap().unwrap().call.url_version;
    assert_eq!(version, untouched + 1);
    assert_eq!(bench.store.put_calls(&[]).await.unwrap(), []);
}
