//! What the log tells of a run: all of it under the run's id, and nothing that is secret.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    program::{Program, header},
    stub::Reply,
    wav::wav,
};

const JSON: (&str, &str) = ("TAPEDECK_LOG_FORMAT", "json");

/// The lines that name the run, parsed.
fn story(program: &Program, run: &str) -> Vec<Value> {
    program.lines(run).iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn messages(story: &[Value]) -> Vec<&str> {
    story.iter().map(|line| line["message"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn one_grep_for_a_runs_id_tells_its_story_from_the_request_to_the_worker() {
    let mut program = Program::serve(&[JSON]).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    let named = [("X-Request-Id", "night-shift.1"), ("Prefer", "wait=30")];
    let answer = program.file("CA1", &named).await;
    assert_eq!(header(&answer, "x-request-id"), "night-shift.1");
    assert_eq!(program.playable("CA1").await.status(), 200);
    program.logged("recording ready").await;
    let run = program.read("CA1").await["runs"][0]["id"].as_str().unwrap().to_owned();
    let story = story(&program, &run);
    assert_eq!(messages(&story), ["run made", "run claimed", "recording ready"]);
    assert!(story.iter().all(|line| line["call_sid"] == "CA1" && line["run"] == run.as_str()));
    let [made, claimed, ready] = &story[..] else { panic!("{story:?}") };
    assert_eq!((&made["span"]["id"], &made["why"]), (&"night-shift.1".into(), &"listener".into()));
    assert_eq!((&claimed["fence"], &claimed["worker"]), (&1.into(), &ready["worker"]));
    assert_eq!((&ready["bytes"], &ready["fence"]), (&wav(1).len().into(), &1.into()));
    assert!(ready["seconds"].as_f64().unwrap() > 0.0);
}

#[tokio::test]
async fn a_failure_says_its_kind_and_reason_and_no_line_holds_a_secret() {
    let auth = ("TAPEDECK_PROVIDER_AUTH", "127.0.0.1=me:hunter2");
    let log = ("TAPEDECK_LOG", "debug");
    let mut program = Program::serve(&[JSON, auth, log]).await;
    program.call("CA1", Reply::status(403)).await;
    let url = format!("{}/CA1", program.provider.address);
    let body = json!({ "recording_url": format!("http://{url}"), "from": "+15550100" });
    let put = program.send(Method::PUT, "/api/calls/CA1", &[], Some(body)).await;
    assert_eq!(put.status(), 200);
    assert_eq!(program.playable("CA1").await.status(), 500);
    program.logged("run failed").await;
    let run = program.read("CA1").await["runs"][0]["id"].as_str().unwrap().to_owned();
    let story = story(&program, &run);
    let failed = story.iter().find(|line| line["message"] == "run failed").unwrap();
    assert_eq!((&failed["level"], &failed["kind"]), (&"WARN".into(), &"rejected".into()));
    assert!(failed["reason"].as_str().unwrap().contains("403"));
    for secret in ["hunter2", url.as_str(), "+15550100"] {
        let lines = program.lines(secret);
        assert!(lines.is_empty(), "{lines:?}");
    }
}

#[tokio::test]
async fn a_request_without_an_id_gets_one_in_its_answer() {
    let mut program = Program::start(&[], &["--no-worker"]).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    let answer = program.file("CA1", &[("X-Request-Id", "two words")]).await;
    let id = header(&answer, "x-request-id").to_owned();
    assert_ne!(id, "two words");
    let line = program.logged("run made").await;
    assert!(line.contains(&id), "{line}");
}
