//! Requests that are slow, odd, too long or too many, and the end of the process, on real sockets.

use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::{
    program::{FOR_EVER, Program, header, json},
    stub::Reply,
};

/// A response, read from the wire.
struct Answer {
    status: u16,
    /// In lower case.
    head: String,
    body: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.head, String::from_utf8_lossy(&self.body))
    }
}

impl Answer {
    fn has(&self, line: &str) -> bool {
        self.head.contains(&format!("\r\n{line}\r\n"))
    }

    fn problem(&self) -> Value {
        assert!(self.has("content-type: application/problem+json"), "{self:?}");
        let problem: Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem["status"], self.status);
        assert!(problem["error"].is_string() && problem["detail"].is_string(), "{problem}");
        problem
    }
}

async fn connect(program: &Program) -> TcpStream {
    TcpStream::connect(program.url.strip_prefix("http://").unwrap()).await.unwrap()
}

/// Reads one response; of a stream without a length the head alone.
async fn read(stream: &mut TcpStream, has_body: bool) -> Answer {
    let mut read = Vec::new();
    let end = loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        assert_ne!(stream.read_buf(&mut read).await.unwrap(), 0, "closed without an answer");
    };
    let mut body = read.split_off(end);
    let head = String::from_utf8(read).unwrap().to_lowercase();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length = length.map_or(0, |length| length.parse().unwrap());
    while has_body && body.len() < length {
        assert_ne!(stream.read_buf(&mut body).await.unwrap(), 0, "cut off: {head}");
    }
    Answer { status, head, body }
}

async fn ask(program: &Program, request: &str) -> Answer {
    let mut stream = connect(program).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    let has_body = !request.starts_with("HEAD ");
    timeout(FOR_EVER, read(&mut stream, has_body)).await.unwrap()
}

/// The patterns of all routes: those that the router names, with the values that `shared` gives them.
fn routes() -> Vec<String> {
    let paths = include_str!("../../../shared/src/path.rs");
    let source = include_str!("../../src/http/router.rs");
    let mut routes = Vec::new();
    for line in paths.lines().filter_map(|line| line.strip_prefix("pub const ")) {
        let (name, rest) = line.split_once(": &str = \"").unwrap();
        let used = source.contains(&format!("route(path::{name}, "));
        let path = rest.trim_end_matches("\";");
        if used {
            routes.push(path.replace("{call_sid}", "CAodd").replace("{recording_id}", "rec_1"));
        }
    }
    assert!(routes.len() >= 17, "{routes:?}");
    assert_eq!(routes.len(), source.matches(".route(path::").count(), "one was not understood");
    routes
}

fn is_api(path: &str) -> bool {
    path.starts_with("/api/") || matches!(path, "/healthz" | "/readyz")
}

#[tokio::test]
async fn every_error_of_every_route_has_the_problem_body_whatever_the_query_is() {
    let program = Program::start(&[], &["--no-worker"]).await;
    let long = format!("?q={}", "x".repeat(3_000));
    let queries = [
        "",
        "?",
        "?download=1&download=1",
        "?part=1&part=1",
        "?limit=1&limit=2",
        "?limit=-1",
        "?%zz",
        "?%ff",
        "?limit=99999999999999999999",
        "?before=%00",
        "?before=x",
        "?state=ready&state=failed",
        "?state=%F0%9F%98%80",
        "?q=%c3%28",
        "?lang=xx&lang=yy",
        "?t=-1",
        "?=&&=",
        "?a[]=1",
        &long,
    ];
    let methods =
        ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "get"];
    let mut errors = 0;
    for route in routes() {
        for query in queries {
            for method in methods {
                let request = format!(
                    "{method} {route}{query} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
                );
                let answer = ask(&program, &request).await;
                assert_ne!(answer.status, 500, "{request}{answer:?}");
                if answer.status < 400 || !is_api(&route) {
                    continue;
                }
                errors += 1;
                if method == "HEAD" {
                    assert!(answer.has("content-type: application/problem+json"), "{request}");
                } else {
                    answer.problem();
                }
            }
        }
    }
    assert!(errors > 1_000, "{errors}");
}

#[tokio::test]
async fn a_path_that_can_not_be_read_has_the_problem_body() {
    let program = Program::start(&[], &["--no-worker"]).await;
    for route in routes().iter().filter(|route| route.contains("CAodd")) {
        for sid in ["%zz", "%ff", "%2e%2e", "..%2f", "%00", "a%20b", "\u{5d0}", ".x", "{}"] {
            let path = route.replace("CAodd", sid);
            let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
            let answer = ask(&program, &request).await;
            if is_api(&path) {
                assert!(matches!(answer.status, 400 | 404 | 405), "{path} {answer:?}");
                answer.problem();
            }
        }
    }
}

#[tokio::test]
async fn heads_that_can_not_be_read_have_the_problem_body() {
    let program = Program::start(&[], &["--no-worker"]).await;
    // More than the limit and one read beyond it.
    let long = "x".repeat(100_000);
    for (request, status, error) in [
        ("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".to_owned(), 400, "bad_request"),
        ("GET /healthz HTTP/1.1\r\n\r\n".to_owned(), 400, "bad_request"),
        ("GET /healthz HTTP/1.1\r\nHost: a\r\nA B: c\r\n\r\n".to_owned(), 400, "bad_request"),
        (format!("GET /healthz HTTP/1.1\r\nHost: a\r\nA: {long}\r\n\r\n"), 431, "bad_request"),
    ] {
        let answer = ask(&program, &request).await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert_eq!(answer.problem()["error"], error);
        assert!(answer.has("x-content-type-options: nosniff"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_head_and_a_body_without_further_bytes_end_with_408_after_ten_seconds() {
    let program = Program::start(&[], &["--no-worker"]).await;
    let began = Instant::now();
    let put = "PUT /api/calls/CA1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
               Content-Length: 20\r\n\r\n{";
    let form = "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n";
    let answers = tokio::join!(
        ask(&program, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"),
        ask(&program, put),
        ask(&program, form),
    );
    for answer in [answers.0, answers.1, answers.2] {
        assert_eq!(answer.status, 408, "{answer:?}");
        assert_eq!(answer.problem()["error"], "request_timeout");
    }
    let waited = began.elapsed().as_secs();
    assert!((9..20).contains(&waited), "{waited} s");
}

#[tokio::test]
async fn every_answer_says_what_a_browser_may_do_with_it() {
    let program = Program::start(&[], &["--no-worker"]).await;
    let others = ["/nothing", "/pkg/nothing.js", "/tapedeck-player.js"].map(str::to_owned);
    for path in routes().into_iter().chain(others) {
        for method in ["GET", "PATCH"] {
            let request = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
            let answer = ask(&program, &request).await;
            let is_for_others = path.starts_with("/embed/") || path == "/tapedeck-player.js";
            let resource = if is_for_others { "cross-origin" } else { "same-origin" };
            assert!(answer.has("x-content-type-options: nosniff"), "{request}{answer:?}");
            assert!(answer.has("cross-origin-opener-policy: same-origin"), "{request}{answer:?}");
            let line = format!("cross-origin-resource-policy: {resource}");
            assert!(answer.has(&line), "{request}{answer:?}");
            assert!(answer.head.contains("\r\ncontent-security-policy: "), "{request}");
            assert!(answer.head.contains("\r\npermissions-policy: camera=()"), "{request}");
        }
    }
}

#[tokio::test]
async fn the_language_link_stays_on_this_site() {
    let program = Program::start(&[], &["--no-worker"]).await;
    for path in ["//evil.example/", "/\\evil.example/"] {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n");
        let answer = ask(&program, &request).await;
        let page = String::from_utf8(answer.body).unwrap();
        assert!(page.contains("href=\"/evil.example/?lang=he\""), "{page}");
    }
}

#[tokio::test]
async fn signing_in_leads_to_this_site_alone() {
    let token = "0123456789abcdef";
    let program = Program::serve(&[("TAPEDECK_ADMIN_TOKEN", token)]).await;
    for (next, leads_to) in [
        ("%2F.%2F%2Fevil.example", "/"),
        ("%2Fa%2F..%2F%2Fevil.example", "/"),
        ("%2Fcalls%2FCA1", "/calls/ca1"),
    ] {
        let form = format!("token={token}&next={next}");
        let request = format!(
            "POST /sign-in HTTP/1.1\r\nHost: localhost\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        let answer = ask(&program, &request).await;
        assert!(answer.has(&format!("location: {leads_to}")), "{next} {answer:?}");
    }
}

#[tokio::test]
async fn another_sites_page_makes_no_run() {
    let program = Program::start(&[], &["--no-worker"]).await;
    program.call("CA1", Reply::halting(b"")).await;
    for site in ["cross-site", "same-site"] {
        program.file("CA1", &[("Sec-Fetch-Site", site)]).await;
        assert_eq!(program.read("CA1").await["runs"].as_array().unwrap().len(), 0, "{site}");
    }
    program.file("CA1", &[("Sec-Fetch-Site", "same-origin")]).await;
    assert_eq!(program.read("CA1").await["runs"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn sigterm_fails_the_health_check_before_the_port_closes() {
    let mut program = Program::start(&[("TAPEDECK_DRAIN", "3s")], &["--no-worker"]).await;
    assert_eq!(program.get("/readyz", &[]).await.status(), 200);
    program.signal("TERM");
    program.logged("shutting down").await;
    let answer = program.get("/readyz", &[]).await;
    assert_eq!(answer.status(), 503);
    assert_eq!(json(answer).await["shutting_down"], true);
    assert_eq!(program.get("/api/calls", &[]).await.status(), 200, "requests are still answered");
    assert_eq!(program.wait(), Some(0));
}

#[tokio::test]
async fn one_client_holds_a_part_of_the_connections_alone() {
    // Four fifths of 12,500 connections, and a sixteenth of those.
    const MOST: usize = 625;
    // Behind a proxy a server needs a token.
    let token = "0123456789abcdef";
    let program = Program::start(&[("TAPEDECK_ADMIN_TOKEN", token)], &["--no-worker"]).await;
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", &*bearer)];
    let call =
        serde_json::json!({ "recording_url": program.provider.serve("/CA1", Reply::halting(b"")) });
    program.send(reqwest::Method::PUT, "/api/calls/CA1", &headers, Some(call)).await;
    let request = format!(
        "GET /api/recordings/file/CA1 HTTP/1.1\r\nHost: localhost\r\nPrefer: wait=30\r\n\
         Authorization: {bearer}\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n"
    );
    let began = Instant::now();
    let mut held = Vec::new();
    for _ in 0..=MOST {
        let mut stream = connect(&program).await;
        stream.write_all(request.as_bytes()).await.unwrap();
        held.push(stream);
    }
    // One of them is answered at once; which one, the server chooses.
    let (answered, ..) = futures_util::future::select_all(
        held.iter_mut().map(|stream| Box::pin(async { read(stream, true).await })),
    )
    .await;
    assert_eq!(answered.status, 202);
    assert!(!answered.head.contains("preference-applied"), "{answered:?}");
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
    let other = request.replace("203.0.113.9", "203.0.113.10");
    let mut stream = connect(&program).await;
    stream.write_all(other.replace("wait=30", "wait=1").as_bytes()).await.unwrap();
    assert!(read(&mut stream, true).await.head.contains("preference-applied: wait=1"));
}

#[tokio::test]
async fn ten_thousand_bodies_that_do_not_come_leave_the_health_check_alone() {
    const CONNECTIONS: u64 = 12_600;
    let limit = getrlimit(Resource::Nofile);
    let enough = limit.maximum.is_none_or(|most| most >= CONNECTIONS + 500);
    if !enough || setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).is_err() {
        eprintln!("skipped: {CONNECTIONS} files can't be open at once here (ulimit -Hn)");
        return;
    }
    let program = Program::start(&[], &["--no-worker"]).await;
    let head = "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n";
    let began = Instant::now();
    let mut hanging = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut stream = connect(&program).await;
        // A connection above the limit may be closed for a newer one.
        let _ = stream.write_all(head.as_bytes()).await;
        hanging.push(stream);
    }
    if began.elapsed() < Duration::from_secs(9) {
        let answer = ask(&program, "GET /api/calls HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        assert_eq!(answer.status, 503, "there is no place: {answer:?}");
        assert_eq!(answer.problem()["error"], "overloaded");
        assert!(answer.has("retry-after: 5"));
    }
    for path in ["/healthz", "/readyz"] {
        let asked = Instant::now();
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert_eq!(ask(&program, &request).await.status, 200);
        assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
    }
    let answer = timeout(FOR_EVER, read(&mut hanging[0], true)).await.unwrap();
    assert_eq!(answer.status, 408);
    drop(hanging);
    let calls = async {
        while program.get("/api/calls", &[]).await.status() != 200 {
            tokio::task::yield_now().await;
        }
    };
    timeout(FOR_EVER, calls).await.unwrap();
}

#[tokio::test]
async fn readiness_is_remembered_for_a_second() {
    let program = Program::start(&[], &["--no-worker"]).await;
    assert_eq!(program.get("/readyz", &[]).await.status(), 200);
    let storage = program.folder.path().join("data/recordings");
    std::fs::rename(&storage, program.folder.path().join("away")).unwrap();
    let began = Instant::now();
    let mut answers = 0;
    while program.get("/readyz", &[]).await.status() == 200 {
        answers += 1;
        assert!(began.elapsed() < FOR_EVER);
    }
    assert!(answers > 0, "the first answer holds for a moment");
    let answer = program.get("/readyz", &[]).await;
    assert_eq!(header(&answer, "content-type"), "application/json");
    assert_eq!(json(answer).await["storage"], "unavailable");
}
