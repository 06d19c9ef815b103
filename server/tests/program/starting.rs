//! How the program begins, and ends.

use crate::{
    program::{Program, command},
    stub::Reply,
    wav::wav,
};

#[test]
fn a_start_that_fails_is_one_line_and_exit_code_2() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (settings, says) in [
        (&[("TAPEDECK_JOB_TIMEOUT", "5x")][..], "TAPEDECK_JOB_TIMEOUT=\"5x\": is not a duration"),
        (&[("TAPEDECK_DATABASE_URL", "mysql://x")], "is no database that tapedeck knows"),
        (&[("TAPEDECK_DATABASE_URL", "sqlite:///proc/none/a.db")], "/proc/none/a.db can't be used"),
        (&[("TAPEDECK_STORAGE_URL", "file:///proc/none")], "cannot write to /proc/none"),
        (&[("LEPTOS_SITE_ADDR", &taken)], "can't listen there; choose another port"),
        (&[("LEPTOS_SITE_ADDR", "0.0.0.0:0")], "set TAPEDECK_ADMIN_TOKEN"),
        (&[("TAPEDECK_ADMIN_TOKEN", "short")], "TAPEDECK_ADMIN_TOKEN: is shorter than 16"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let output = command(folder.path(), settings, &[]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(says), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn a_bad_setting_is_reported_before_anything_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    command(folder.path(), &[("TAPEDECK_LEASE", "0s")], &[]).output().unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_file_dot_env_is_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".env"), "TAPEDECK_LEASE=never\n").unwrap();
    let output = command(folder.path(), &[], &[]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("TAPEDECK_LEASE=\"never\""), "{said}");
}

#[tokio::test]
async fn another_databases_storage_is_refused() {
    let program = Program::serve(&[]).await;
    let storage = format!("file://{}", program.folder.path().join("data/recordings").display());
    let folder = tempfile::tempdir().unwrap();
    let settings = [("TAPEDECK_STORAGE_URL", &*storage)];
    let output = command(folder.path(), &settings, &[]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("belongs to another database"), "{said}");
}

#[tokio::test]
async fn a_shutdown_requeues_running_work() {
    let mut program = Program::serve(&[("TAPEDECK_SHUTDOWN_GRACE", "100ms")]).await;
    program.call("CA1", Reply::halting(&wav(1))).await;
    program.file("CA1", &[]).await;
    program.provider.paused(1).await;
    assert_eq!(program.terminate(), Some(0));
    program.serve_again(&["--no-worker"]).await;
    let runs = program.read("CA1").await["runs"].clone();
    assert_eq!((&runs[0]["status"], &runs[0]["attempt"]), (&"queued".into(), &0.into()));
    assert_eq!(runs.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_gigabyte_passes_through_in_little_memory() {
    let program = Program::serve(&[]).await;
    let gigabyte = 1 << 30;
    program.call("CA1", Reply::silence(gigabyte)).await;
    let mut answer = program.playable("CA1").await;
    assert_eq!(answer.status(), 200);
    let mut length = 0;
    while let Some(chunk) = answer.chunk().await.unwrap() {
        length += chunk.len();
    }
    assert_eq!(length, gigabyte);
    let peak = program.peak_memory();
    assert!(peak < 100_000_000, "{peak} bytes");
}
