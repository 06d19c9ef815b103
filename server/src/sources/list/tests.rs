//! Stubs of each list API, with pages that change while they are read.

use std::{collections::VecDeque, sync::Mutex, time::Duration};

use async_trait::async_trait;
use serde_json::json;
use url::Url;

use super::{
    List, Listed,
    reader::{Answer, Api, Pace, Read, ReadError, Take, read},
};
use crate::sources::event::{Kind, Media, Progress};

/// Answers that come one after the other, and what was asked.
#[derive(Default)]
struct Stub {
    answers: Mutex<VecDeque<Answer>>,
    asked: Mutex<Vec<Url>>,
    pauses: Mutex<Vec<Duration>>,
}

impl Stub {
    fn of(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: Mutex::new(answers.into_iter().collect()), ..Self::default() }
    }
}

#[async_trait]
impl Api for Stub {
    async fn get(&self, url: &Url) -> Result<Answer, String> {
        self.asked.lock().unwrap().push(url.clone());
        self.answers.lock().unwrap().pop_front().ok_or_else(|| "nothing more".to_owned())
    }

    async fn pause(&self, time: Duration) {
        self.pauses.lock().unwrap().push(time);
    }
}

#[derive(Default)]
struct Taken(Vec<Listed>);

#[async_trait]
impl Take for Taken {
    async fn take(&mut self, recordings: Vec<Listed>) -> Result<(), String> {
        self.0.extend(recordings);
        Ok(())
    }
}

fn answer(body: &serde_json::Value) -> Answer {
    Answer { status: 200, retry_after: None, link: None, body: body.to_string().into_bytes() }
}

fn busy(status: u16, retry_after: Option<u64>) -> Answer {
    let retry_after = retry_after.map(Duration::from_secs);
    Answer { status, retry_after, link: None, body: Vec::new() }
}

fn twilio(sid: &str, status: &str) -> serde_json::Value {
    json!({"sid": sid, "account_sid": "AC1", "call_sid": "CA1", "status": status, "duration": "12",
        "channels": 2, "start_time": "Thu, 05 Mar 2026 15:10:00 +0000", "error_code": null,
        "uri": format!("/2010-04-01/Accounts/AC1/Recordings/{sid}.json")})
}

fn page(entries: &[serde_json::Value], next: Option<&str>) -> Answer {
    answer(&json!({"recordings": entries, "next_page_uri": next}))
}

fn list(kind: Kind) -> List {
    List::new(kind, Media::Wav, "https://api.example.com", "AC1").unwrap()
}

async fn run(kind: Kind, stub: &Stub) -> (Result<Read, ReadError>, Vec<Listed>) {
    let mut taken = Taken::default();
    let watermark = "2026-03-05T00:00:00Z".parse().unwrap();
    let result = read(&list(kind), stub, watermark, Pace::default(), &mut taken).await;
    (result, taken.0)
}

#[tokio::test]
async fn a_list_is_read_from_48_hours_before_the_watermark_as_next_says() {
    let stub = Stub::of([
        // While it is read, a late entry moves RE2 to the next page too, and RE9 is deleted.
        page(
            &[twilio("RE1", "completed"), twilio("RE2", "completed")],
            Some("/2010-04-01/p?PageToken=a"),
        ),
        page(
            &[twilio("RE2", "completed"), twilio("RE3", "absent")],
            Some("/2010-04-01/p?PageToken=b"),
        ),
        page(&[twilio("RE9", "deleted"), json!({"sid": "no call"})], None),
    ]);
    let (result, taken) = run(Kind::Twilio, &stub).await;
    assert_eq!(result, Ok(Read { found: 4, unreadable: 1, pages: 3 }));
    let asked: Vec<String> = stub.asked.lock().unwrap().iter().map(Url::to_string).collect();
    assert_eq!(
        asked,
        [
            "https://api.example.com/2010-04-01/Accounts/AC1/Recordings.json?DateCreated%3E=2026-03-03&PageSize=1000",
            "https://api.example.com/2010-04-01/p?PageToken=a",
            "https://api.example.com/2010-04-01/p?PageToken=b",
        ]
    );
    let url =
        |listed: &Listed| listed.recording.facts.url.as_ref().map(|url| url.as_str().to_owned());
    let first = "https://api.example.com/2010-04-01/Accounts/AC1/Recordings/RE1.wav";
    assert_eq!(url(&taken[0]).as_deref(), Some(first));
    assert_eq!(taken[2].recording.facts.progress, Some(Progress::Absent));
    assert_eq!((url(&taken[3]), taken[3].is_deleted), (None, true));
}

#[tokio::test]
async fn a_rate_limit_is_waited_out_and_a_refusal_is_final() {
    let stub = Stub::of([busy(429, Some(60)), busy(503, None), page(&[], None)]);
    assert_eq!(run(Kind::Twilio, &stub).await.0.unwrap().pages, 1);
    let pauses = [60, 120].map(Duration::from_secs);
    assert_eq!(*stub.pauses.lock().unwrap(), pauses);
    let (result, _) = run(Kind::Twilio, &Stub::of([busy(401, None)])).await;
    assert_eq!(result, Err(ReadError::Refused(401)));
    let away = std::iter::repeat_with(|| busy(500, None)).take(9);
    let (result, _) = run(Kind::Twilio, &Stub::of(away)).await;
    assert_eq!(result, Err(ReadError::Away("it answered 500".to_owned())));
}

#[tokio::test]
async fn a_list_that_goes_in_circles_or_elsewhere_is_left() {
    let circle = || page(&[twilio("RE1", "completed")], Some("/p?PageToken=a"));
    let (result, taken) = run(Kind::Twilio, &Stub::of([circle(), circle(), circle()])).await;
    assert_eq!((result, taken.len()), (Err(ReadError::Endless), 1));
    let stub = Stub::of([page(&[], Some("https://evil.example/steal"))]);
    let (result, _) = run(Kind::Twilio, &stub).await;
    assert!(matches!(result, Err(ReadError::Page(super::InvalidPage::Elsewhere))), "{result:?}");
}

#[tokio::test]
async fn telnyx_counts_pages() {
    let entry = |id: &str| {
        json!({"id": id, "call_session_id": "s-1", "call_leg_id": "l-1", "channels": "dual",
            "download_urls": {"mp3": "https://m.b/r.mp3", "wav": "https://m.b/r.wav?X-Amz-Date=20260305T151000Z"},
            "duration_millis": 60_500, "from": "+15550100", "to": "+15550200",
            "recording_started_at": "2026-03-05T15:10:00Z"})
    };
    let page = |number: u64, entries: &[serde_json::Value]| {
        answer(
            &json!({"data": entries, "meta": {"page_number": number, "total_pages": 2, "page_size": 250}}),
        )
    };
    let stub = Stub::of([page(1, &[entry("r-1")]), page(2, &[entry("r-1"), entry("r-2")])]);
    let (result, taken) = run(Kind::Telnyx, &stub).await;
    assert_eq!(result, Ok(Read { found: 2, unreadable: 0, pages: 2 }));
    assert_eq!(taken[0].recording.facts.duration_seconds, Some(61));
    assert_eq!(taken[0].facts.from.as_deref(), Some("+15550100"));
    let asked = stub.asked.lock().unwrap();
    assert!(
        asked[0]
            .query()
            .unwrap()
            .contains("filter%5Bcreated_at%5D%5Bgte%5D=2026-03-03T00%3A00%3A00Z")
    );
    assert!(asked[1].query().unwrap().ends_with("page%5Bnumber%5D=2"), "{}", asked[1]);
}

#[tokio::test]
async fn bandwidth_names_the_next_page_in_a_header() {
    let entry = json!({"recordingId": "r-1", "accountId": "55", "callId": "c-2", "parentCallId": "c-1",
        "mediaUrl": "https://m.b/media", "status": "complete", "duration": "PT13.67S", "direction": "inbound"});
    let mut first = answer(&json!([entry]));
    first.link = Some("<https://api.example.com/x?page=1>; rel=\"first\", <https://api.example.com/x?page=2>; rel=\"next\"".to_owned());
    let stub = Stub::of([first, answer(&json!([]))]);
    let (result, taken) = run(Kind::Bandwidth, &stub).await;
    assert_eq!(result.unwrap().pages, 2);
    assert_eq!(taken[0].call.call_sid.as_str(), "c-1");
    assert_eq!(stub.asked.lock().unwrap()[1].as_str(), "https://api.example.com/x?page=2");
}
