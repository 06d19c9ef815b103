//! Twilio's and SignalWire's `Recordings.json`
//! (<https://www.twilio.com/docs/voice/api/recording#read-multiple-recording-resources>).

use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use super::{InvalidPage, List, Listed, Page, day, entries};
use crate::sources::event::{CallFacts, CallRef, Progress, RecordingFacts, RecordingNews, values};

pub(super) fn first(list: &List, since: Timestamp) -> Url {
    let path = format!("/2010-04-01/Accounts/{}/Recordings.json", list.account);
    list.address(&path, &[("DateCreated>", &day(since)), ("PageSize", "1000")])
}

pub(super) fn read(list: &List, body: &[u8]) -> Result<Page, InvalidPage> {
    let json: Value = serde_json::from_slice(body).map_err(|_| InvalidPage::NotAList)?;
    let all = json.get("recordings").and_then(Value::as_array).ok_or(InvalidPage::NotAList)?;
    let (recordings, unreadable) = entries(all, |entry| listed(list, entry));
    let next = match json.get("next_page_uri").and_then(Value::as_str) {
        Some(uri) if !uri.is_empty() => Some(next(list, uri)?),
        _ => None,
    };
    Ok(Page { recordings, unreadable, next })
}

/// The path is the host's own, or below the API's own where that has one (SignalWire).
fn next(list: &List, uri: &str) -> Result<Url, InvalidPage> {
    let base = list.api.path().trim_end_matches('/');
    let is_below_base = base.is_empty() || uri.starts_with(base) || !uri.starts_with('/');
    let path = if is_below_base { uri.to_owned() } else { format!("{base}{uri}") };
    list.api.join(&path).map_err(|_| InvalidPage::NotAList)
}

fn listed(list: &List, entry: &Value) -> Option<Listed> {
    let id = values::get(entry, "sid")?;
    let call = values::first(entry, &["call_sid", "conference_sid"])?;
    let code = values::get(entry, "error_code").filter(|code| code != "0");
    let status = values::get(entry, "status");
    let is_deleted = status.as_deref() == Some("deleted");
    let progress = match status.as_deref() {
        Some("completed" | "deleted") => Progress::Completed,
        Some("absent") => Progress::Absent,
        Some("failed") => Progress::Failed(code.unwrap_or_default()),
        _ => Progress::InProgress,
    };
    let media = values::get(entry, "media_url").or_else(|| {
        let uri = values::get(entry, "uri")?;
        Some(next(list, uri.strip_suffix(".json").unwrap_or(&uri)).ok()?.into())
    });
    let url = values::url(media, list.media).ok()?;
    let has_media = progress == Progress::Completed && !is_deleted;
    let facts = RecordingFacts {
        progress: Some(progress),
        url: url.filter(|_| has_media),
        started_at: values::time(values::first(entry, &["start_time", "date_created"])),
        duration_seconds: values::seconds(values::get(entry, "duration")),
        channels: values::channels(values::get(entry, "channels")),
        track: values::get(entry, "track").and_then(|track| values::text(&track, 32)),
    };
    let account = values::get(entry, "account_sid").unwrap_or_default();
    let recording = RecordingNews { account, id, facts };
    Some(Listed { call: CallRef::of(&call), facts: CallFacts::default(), recording, is_deleted })
}
