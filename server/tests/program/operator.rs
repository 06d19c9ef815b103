//! What an operator sees over HTTP: the queue, once and as it changes.

use serde_json::Value;

use crate::{
    postgres_server::Database,
    program::{FOR_EVER, Program, header, json},
    stub::Reply,
    wav::wav,
};

/// The events of a stream, one after the other.
pub(crate) struct Events {
    response: reqwest::Response,
    text: String,
}

impl Events {
    async fn follow(program: &Program) -> Self {
        let response = program.get("/api/queue/events", &[]).await;
        assert_eq!(header(&response, "x-accel-buffering"), "no");
        Self::of(response)
    }

    pub(crate) fn of(response: reqwest::Response) -> Self {
        assert_eq!(response.status(), 200);
        assert_eq!(header(&response, "content-type"), "text/event-stream");
        assert_eq!(header(&response, "cache-control"), "no-store");
        Self { response, text: String::new() }
    }

    /// The fields of the next event; `None` at the end.
    async fn next(&mut self) -> Option<Vec<(String, String)>> {
        while !self.text.contains("\n\n") {
            let chunk = self.response.chunk();
            let chunk = tokio::time::timeout(FOR_EVER, chunk).await.unwrap();
            self.text += std::str::from_utf8(&chunk.unwrap()?).unwrap();
        }
        let end = self.text.find("\n\n").unwrap();
        let event: String = self.text.drain(..end + 2).collect();
        let field = |line: &str| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_owned(), value.trim_start().to_owned())
        };
        Some(event.trim_end().lines().map(field).collect())
    }

    /// The body of the next event of this name that fits.
    pub(crate) async fn until(&mut self, name: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let found = async {
            loop {
                let fields = self.next().await.expect("not at the end");
                let field = |name| fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
                if field("event") == Some(name) {
                    let body = serde_json::from_str(field("data").unwrap()).unwrap();
                    if fits(&body) {
                        return body;
                    }
                }
            }
        };
        tokio::time::timeout(FOR_EVER, found).await.expect("such an event")
    }
}

#[tokio::test]
async fn the_queue_says_what_runs_for_whom_and_what_failed() {
    let program = Program::serve(&[]).await;
    program.call("CA1", Reply::halting(&wav(1))).await;
    program.file("CA1", &[]).await;
    program.provider.paused(1).await;
    program.call("CA2", Reply::ok(b"<html>no such recording</html>")).await;
    assert_eq!(program.playable("CA2").await.status(), 500);
    let runs = program.read("CA1").await["runs"].clone();
    let mut events = Events::follow(&program).await;
    let queue = events.until("queue", |queue| queue["failed"] == 1).await;
    assert_eq!((&queue["state"], &queue["running"]), (&"moving".into(), &1.into()));
    assert_eq!(
        (&queue["runs"][0]["call_sid"], &queue["runs"][0]["run"]),
        (&"CA1".into(), &runs[0]["id"])
    );
    assert_eq!(queue["runs"][0]["worker"], queue["workers"][0]["id"]);
    let failures = &queue["failures"][0];
    assert_eq!((&failures["kind"], &failures["call_sid"]), (&"rejected".into(), &"CA2".into()));
    let place = queue["workers"][0]["place"].as_str().unwrap();
    assert!(place.rsplit_once(':').is_some_and(|(_, pid)| pid.parse::<u32>().is_ok()), "{place}");
    let asked = json(program.get("/api/queue", &[]).await).await;
    assert_eq!(asked["runs"], queue["runs"]);
}

#[tokio::test]
async fn who_follows_the_queue_is_told_at_once_and_then_of_each_change() {
    let program = Program::start(&[], &["--no-worker"]).await;
    let mut events = Events::follow(&program).await;
    let first = events.next().await.unwrap();
    let names: Vec<_> = first.iter().map(|(name, _)| name.as_str()).collect();
    assert!(["event", "id", "data", "retry"].iter().all(|name| names.contains(name)), "{names:?}");
    let queue: Value =
        serde_json::from_str(&first.iter().find(|f| f.0 == "data").unwrap().1).unwrap();
    assert_eq!((&queue["state"], &queue["queued"]), (&"no_worker".into(), &0.into()));
    program.call("CA1", Reply::ok(&wav(1))).await;
    program.file("CA1", &[]).await;
    let queue = events.until("queue", |queue| queue["queued"] == 1).await;
    assert_eq!((&queue["queued_wanted"], &queue["state"]), (&1.into(), &"no_worker".into()));
}

#[tokio::test]
async fn who_follows_the_queue_is_let_go_at_the_end() {
    let mut program = Program::start(&[("TAPEDECK_SHUTDOWN_GRACE", "50s")], &[]).await;
    let mut events = Events::follow(&program).await;
    events.next().await.unwrap();
    assert_eq!(program.terminate(), Some(0));
    while events.next().await.is_some() {}
    assert!(program.lines("cut off").is_empty());
}

#[tokio::test]
async fn while_the_database_is_away_followers_are_told_so_and_stay() {
    let Some(database) = Database::create().await else { return };
    let url = database.url();
    let program = Program::start(&[("TAPEDECK_DATABASE_URL", &url)], &["--no-worker"]).await;
    let mut events = Events::follow(&program).await;
    events.until("queue", |_| true).await;
    drop(database); // its server ends with it
    let problem = events.until("problem", |_| true).await;
    assert_eq!(problem["error"], "database_unavailable");
    let comment = events.next().await.expect("not at the end");
    assert_eq!(comment, [(String::new(), "still so".to_owned())]);
}
