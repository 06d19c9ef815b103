//! The operator's commands, on the database of a server that may be gone.

use std::path::Path;

use serde_json::Value;

use crate::{
    program::{Program, command, json},
    stub::Reply,
    wav::wav,
};

/// What a command wrote, and its exit code.
struct Said {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn tapedeck(folder: &Path, arguments: &[&str]) -> Said {
    let output = command(folder, &[], arguments).output().unwrap();
    Said {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The one JSON object that the command wrote.
fn body(said: &Said) -> Value {
    assert_eq!((said.code, said.stdout.lines().count()), (Some(0), 1), "{}", said.stderr);
    serde_json::from_str(&said.stdout).unwrap()
}

fn names(body: &Value) -> Vec<&String> {
    body.as_object().unwrap().keys().collect()
}

/// A server whose calls all failed, and which is gone.
async fn after_failures(calls: &[&str]) -> Program {
    let mut program = Program::serve(&[]).await;
    for call in calls {
        program.call(call, Reply::ok(b"<html>no such recording</html>")).await;
        assert_eq!(program.playable(call).await.status(), 500);
    }
    assert_eq!(program.terminate(), Some(0));
    program
}

#[test]
fn there_must_be_a_database_and_none_is_made() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["queue"][..], &["runs", "CA1"], &["retry", "--failed"]] {
        let said = tapedeck(folder.path(), arguments);
        assert_eq!((said.code, said.stdout.as_str()), (Some(2), ""));
        assert!(said.stderr.contains("there is no database data/tapedeck.db"), "{}", said.stderr);
        assert_eq!(said.stderr.lines().count(), 1);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn the_queue_command_prints_the_body_of_the_api() {
    let program = Program::start(&[], &["--no-worker"]).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    program.file("CA1", &[]).await;
    let told = body(&tapedeck(program.folder.path(), &["queue", "--json"]));
    let api = json(program.get("/api/queue", &[]).await).await;
    assert_eq!(names(&told), names(&api));
    assert_eq!((&told["state"], &told["queued_wanted"]), (&"no_worker".into(), &1.into()));
    assert_eq!(told["workers"], Value::Array(Vec::new()), "a command is no worker");

    let said = tapedeck(program.folder.path(), &["queue"]);
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""));
    assert!(said.stdout.starts_with("NO WORKER IS LIVE."), "{}", said.stdout);
    assert!(said.stdout.contains("1 wanted, the oldest for "), "{}", said.stdout);
}

#[tokio::test]
async fn a_calls_runs_are_a_table_within_eighty_columns() {
    let program = after_failures(&["CA0123456789abcdef0123456789abcdef"]).await;
    let call = "CA0123456789abcdef0123456789abcdef";
    let said = tapedeck(program.folder.path(), &["runs", call]);
    let lines: Vec<_> = said.stdout.lines().collect();
    assert_eq!(lines[0], format!("{call} is failed"));
    assert!(lines[2].starts_with("RUN  "), "{lines:?}");
    assert!(lines[5].starts_with("  rejected: "), "{lines:?}");
    let queue = tapedeck(program.folder.path(), &["queue"]).stdout;
    for line in lines.iter().copied().chain(queue.lines()).filter(|line| !line.contains("rejected"))
    {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let told = body(&tapedeck(program.folder.path(), &["runs", call, "--json"]));
    assert_eq!(told["runs"][0]["failure"]["kind"], "rejected");
}

#[tokio::test]
async fn what_can_not_be_is_one_line_and_exit_code_1_or_2() {
    let mut program = Program::serve(&[]).await;
    program.call("ready", Reply::ok(&wav(1))).await;
    assert_eq!(program.playable("ready").await.status(), 200);
    program.terminate();
    for (arguments, code, says) in [
        (&["runs", "CA404"][..], 1, "no call CA404 is registered"),
        (&["runs", "CA404", "--json"], 1, "no call CA404 is registered"),
        (&["retry", "CA404"], 1, "no call CA404 is registered"),
        (&["retry", "ready"], 1, "is ready; there is nothing to retry"),
        (&["retry"], 2, "required"),
        (&["retry", "CA1", "--failed"], 2, "cannot be used with"),
        (&["runs", "../etc"], 2, "invalid value"),
    ] {
        let said = tapedeck(program.folder.path(), arguments);
        assert_eq!((said.code, said.stdout.as_str()), (Some(code), ""), "{arguments:?}");
        assert!(said.stderr.contains(says), "{}", said.stderr);
        assert!(code == 2 || said.stderr.lines().count() == 1, "{}", said.stderr);
    }
}

#[tokio::test]
async fn all_failed_calls_are_retried_behind_what_listeners_wait_for() {
    let program = after_failures(&["CA1", "CA2", "CA3"]).await;
    let folder = program.folder.path();
    let one = body(&tapedeck(folder, &["retry", "CA2", "--json"]));
    assert_eq!(
        (&one["call_sid"], &one["status"], &one["attempt"]),
        (&"CA2".into(), &"queued".into(), &0.into())
    );
    let all = body(&tapedeck(folder, &["retry", "--failed", "--json"]));
    assert_eq!((&all["retried"], &all["more"]), (&2.into(), &false.into()));
    let queue = body(&tapedeck(folder, &["queue", "--json"]));
    assert_eq!((&queue["queued"], &queue["queued_wanted"]), (&3.into(), &1.into()));
    let again = tapedeck(folder, &["retry", "--failed"]);
    assert_eq!((again.code, again.stdout.as_str()), (Some(0), "retried 0 calls\n"));
}

#[test]
fn config_check_shows_each_setting_with_its_place_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let config = "public_url = \"https://calls.example.com\"\njob_timeout = \"7m\"\nretry_window = \"20m\"\n\
                  admin_token = \"hunter2hunter2hunter2\"\n\n[[source]]\nname = \"main\"\nkind = \"twilio\"\n\
                  account = \"AC1\"\nauth_token = \"hunter2\"\n";
    std::fs::write(folder.path().join("tapedeck.toml"), config).unwrap();
    let check = |extra: &[(&str, &str)]| {
        let settings = [&[("TAPEDECK_CONFIG", "tapedeck.toml")], extra].concat();
        command(folder.path(), &settings, &["config", "check"]).output().unwrap()
    };
    let output = check(&[("TAPEDECK_JOB_TIMEOUT", "8m")]);
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let line = |name: &str| {
        let line = shown.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line("TAPEDECK_JOB_TIMEOUT"), "8m environment");
    assert_eq!(line("TAPEDECK_RETRY_WINDOW"), "20m tapedeck.toml:3:16");
    assert_eq!(line("TAPEDECK_ADMIN_TOKEN"), "(set) tapedeck.toml:4:15");
    assert_eq!(line("TAPEDECK_WORKER_CONCURRENCY"), "4 default");
    assert_eq!(line("main"), "twilio https://calls.example.com/hooks/main#rc=5&rp=all");
    assert!(!shown.contains("hunter2"), "{shown}");

    std::fs::write(folder.path().join("tapedeck.toml"), "job_timeout = \"soon\"\n").unwrap();
    let output = check(&[]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        error.starts_with("tapedeck: tapedeck.toml:1:15: job_timeout=\"soon\": is not"),
        "{error}"
    );
}
