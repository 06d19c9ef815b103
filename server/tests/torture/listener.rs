//! A listener that keeps asking, as the contract says that one may: at whichever server answers,
//! after `Retry-After`, held where it likes. What it was told, and after how long.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::Client;
use tokio::time::sleep;

use crate::plan::Dice;

/// Which server is asked next.
#[derive(Clone)]
pub(crate) struct Servers {
    pub(crate) http: Client,
    pub(crate) urls: Arc<Vec<String>>,
}

/// The last word about a recording.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Told {
    Played,
    /// A status and its code.
    Refused(u16, String),
}

#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) told: Told,
    /// The bytes, where it played.
    pub(crate) body: Vec<u8>,
    pub(crate) after: Duration,
    /// Answers that a part of the server is down, and answers that did not come: asked again.
    pub(crate) outages: u32,
    pub(crate) unanswered: u32,
    /// The longest that one request took beyond what it was willing to wait.
    pub(crate) slowest: Duration,
}

/// Asks until there is a last word. `None`: there was none after `bound`.
pub(crate) async fn listen(
    servers: Servers,
    sid: String,
    mut dice: Dice,
    bound: Duration,
) -> Result<Heard, String> {
    let began = Instant::now();
    let (mut outages, mut unanswered, mut slowest) = (0, 0, Duration::ZERO);
    let mut last = String::new();
    while began.elapsed() < bound {
        let wait = *dice.pick(&[0, 1, 3, 10]);
        let url = dice.pick(&servers.urls);
        let mut request = servers
            .http
            .get(format!("{url}/api/recordings/file/{sid}"))
            .timeout(Duration::from_secs(wait + 6));
        if wait > 0 {
            request = request.header("Prefer", format!("wait={wait}"));
        }
        let asked = Instant::now();
        let Ok(answer) = request.send().await else {
            unanswered += 1;
            "no answer".clone_into(&mut last);
            sleep(dice.millis(100, 600)).await;
            continue;
        };
        let status = answer.status().as_u16();
        slowest = slowest.max(asked.elapsed().saturating_sub(Duration::from_secs(wait)));
        let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
        let retry_after = header("retry-after").and_then(|seconds| seconds.parse().ok());
        let was_held = header("preference-applied").is_some();
        let Ok(body) = answer.bytes().await else {
            unanswered += 1;
            "half an answer".clone_into(&mut last);
            continue;
        };
        let heard =
            |told, body| Heard { told, body, after: began.elapsed(), outages, unanswered, slowest };
        last = format!("{status} {}", String::from_utf8_lossy(&body[..body.len().min(400)]));
        match (status, code(&body).as_str()) {
            (200, _) => return Ok(heard(Told::Played, body.to_vec())),
            (202, _) if was_held => {}
            (202, _) => {
                let after: u64 = retry_after.ok_or("a 202 without Retry-After")?;
                sleep(Duration::from_secs(after) + dice.millis(0, 300)).await;
            }
            (500, "database_unavailable" | "storage_unavailable") => {
                outages += 1;
                sleep(dice.millis(200, 900)).await;
            }
            (
                404 | 500,
                code @ ("worker_not_processing_queue" | "recording_failed" | "recording_deleted"),
            ) => {
                return Ok(heard(Told::Refused(status, code.to_owned()), Vec::new()));
            }
            _ => return Err(format!("{sid} was told what nobody should be told: {last}")),
        }
    }
    Err(format!("{sid}: no last word after {} s; the last answer: {last}", bound.as_secs()))
}

fn code(body: &[u8]) -> String {
    let body: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    body.and_then(|body| Some(body.get("error")?.as_str()?.to_owned())).unwrap_or_default()
}
