//! The metrics' own listener, and the dashboard and alerts that go by it.

use std::{collections::BTreeSet, path::Path};

use reqwest::StatusCode;
use serde_json::Value;

use crate::{
    program::{Program, command, header},
    stub::Reply,
    wav::wav,
};

const SOMEWHERE: (&str, &str) = ("TAPEDECK_METRICS_ADDR", "127.0.0.1:0");

/// Where the metrics are.
async fn address(program: &mut Program) -> String {
    let line = program.logged("metrics at ").await;
    line.split("metrics at ").nth(1).unwrap().trim().to_owned()
}

async fn text(url: &str) -> String {
    reqwest::get(url).await.unwrap().text().await.unwrap()
}

/// The value of a series.
fn value(text: &str, series: &str) -> Option<f64> {
    let of = |line: &str| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok();
    text.lines().find_map(of)
}

/// Every name of a metric in `text` that begins as ours do.
fn names(text: &str) -> BTreeSet<&str> {
    let part = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    let ours = |word: &&str| word.starts_with("tapedeck_") || word.starts_with("process_");
    text.split(part).filter(ours).collect()
}

fn ops(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ops");
    std::fs::read_to_string(folder.join(file)).unwrap()
}

/// A program in which something is of everything: a recording that was played, one that failed,
/// one under way, and one that waits.
async fn busy() -> Program {
    let program = Program::serve(&[SOMEWHERE, ("TAPEDECK_WORKER_CONCURRENCY", "1")]).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    let played = program.playable("CA1").await;
    assert_eq!(played.bytes().await.unwrap(), wav(1));
    program.call("CA2", Reply::status(403)).await;
    assert_eq!(program.playable("CA2").await.status(), 500);
    program.call("CA3", Reply::halting(&wav(1))).await;
    program.file("CA3", &[]).await;
    program.provider.paused(1).await;
    program.call("CA4", Reply::ok(&wav(1))).await;
    program.file("CA4", &[("Prefer", "wait=1")]).await;
    program
}

#[tokio::test]
async fn it_counts_what_happens_by_route_and_outcome() {
    let mut program = busy().await;
    let url = address(&mut program).await;
    let answer = reqwest::get(&url).await.unwrap();
    assert_eq!(header(&answer, "content-type"), "text/plain; version=0.0.4");
    let text = answer.text().await.unwrap();
    for (series, expected) in [
        ("tapedeck_runs_ended_total{outcome=\"ready\"}", 1.0),
        ("tapedeck_runs_ended_total{outcome=\"rejected\"}", 1.0),
        ("tapedeck_runs_made_total{why=\"listener\"}", 4.0),
        ("tapedeck_runs_claimed_total", 3.0),
        ("tapedeck_queue_queued_runs{wanted=\"true\"}", 1.0),
        ("tapedeck_queue_running_runs", 1.0),
        ("tapedeck_queue_failures{kind=\"rejected\"}", 1.0),
        ("tapedeck_workers{state=\"live\"}", 1.0),
        ("tapedeck_worker_places", 1.0),
        ("tapedeck_database_up", 1.0),
        ("tapedeck_job_timeout_seconds", 300.0),
    ] {
        assert_eq!(value(&text, series), Some(expected), "{series}");
    }
    let file =
        "tapedeck_http_requests_total{method=\"GET\",route=\"/api/recordings/file/{call_sid}\"";
    assert_eq!(value(&text, &format!("{file},status=\"500\"}}")), Some(1.0));
    let length = f64::from(u32::try_from(wav(1).len()).unwrap());
    assert_eq!(value(&text, "tapedeck_served_bytes_total"), Some(length));
    let fetched = value(&text, "tapedeck_downloaded_bytes_total").unwrap();
    assert!(fetched >= length);
    assert!(!text.contains("CA1"), "no label names a call");
}

#[tokio::test]
async fn the_dashboard_and_the_alerts_go_by_metrics_that_there_are() {
    let mut program = busy().await;
    let text = text(&address(&mut program).await).await;
    let known = names(&text);
    let (dashboard, alerts) = (ops("grafana-dashboard.json"), ops("alerts.yaml"));
    let unknown: Vec<_> = names(&dashboard)
        .union(&names(&alerts))
        .filter(|name| !known.contains(*name))
        .copied()
        .collect();
    assert_eq!(unknown, Vec::<&str>::new());
    let shown = names(&dashboard);
    let is_shown = |name: &str| {
        let parts = ["", "_bucket"].map(|part| format!("{name}{part}"));
        parts.iter().any(|part| shown.contains(part.as_str()))
    };
    let families = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let missing: Vec<_> = families
        .filter_map(|line| line.split(' ').next())
        .filter(|name| name.starts_with("tapedeck_") && !is_shown(name))
        .collect();
    assert_eq!(missing, Vec::<&str>::new(), "the dashboard shows all there is");
}

#[test]
fn the_dashboard_is_json_with_a_data_source_to_choose() {
    let dashboard: Value = serde_json::from_str(&ops("grafana-dashboard.json")).unwrap();
    assert_eq!(dashboard["templating"]["list"][0]["type"], "datasource");
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len());
    for panel in panels.iter().filter(|panel| panel["type"] != "row") {
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{}", panel["title"]);
        assert!(!panel["targets"].as_array().unwrap().is_empty());
    }
}

#[test]
fn each_alert_says_what_it_means_and_where_to_read_what_to_do() {
    let alerts: Value = serde_norway::from_str(&ops("alerts.yaml")).unwrap();
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    let anchor = |line: &str| {
        let heading = line.trim_start_matches('#').trim().to_lowercase();
        heading.replace(' ', "-").replace(|c: char| !c.is_alphanumeric() && c != '-', "")
    };
    let anchors: Vec<_> = docs.lines().filter(|line| line.starts_with("##")).map(anchor).collect();
    let rules = alerts["groups"][0]["rules"].as_array().unwrap();
    assert!(rules.iter().any(|rule| rule["alert"] == "TapedeckQueueStandsStill"));
    assert!(rules.iter().any(|rule| rule["alert"] == "TapedeckNoLiveWorker"));
    for rule in rules {
        let name = rule["alert"].as_str().unwrap();
        let said = |what: &str| rule["annotations"][what].as_str().unwrap_or_default();
        assert!(!said("summary").is_empty() && !said("description").is_empty(), "{name}");
        assert!(rule["labels"]["severity"].is_string(), "{name}");
        let place = said("runbook").strip_prefix("docs/operations.md#").expect(name);
        assert!(anchors.iter().any(|anchor| anchor == place), "{name}: no {place} in {anchors:?}");
    }
}

#[tokio::test]
async fn there_is_nothing_else_on_that_listener_and_no_metrics_on_the_other() {
    let mut program = Program::start(&[SOMEWHERE], &["--no-worker"]).await;
    let url = address(&mut program).await;
    for path in ["/", "/api/queue", "/healthz"] {
        let answer = reqwest::get(url.replace("/metrics", path)).await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    }
    assert_eq!(program.get("/metrics", &[]).await.status(), 404);
}

#[test]
fn an_address_that_is_taken_is_one_line_and_exit_code_2() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for arguments in [&["serve"][..], &["worker"]] {
        let folder = tempfile::tempdir().unwrap();
        let settings = [("TAPEDECK_METRICS_ADDR", taken.as_str())];
        let output = command(folder.path(), &settings, arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), said.lines().count()), (Some(2), 1), "{said}");
        assert!(said.contains("can't listen there; choose another port"), "{said}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
