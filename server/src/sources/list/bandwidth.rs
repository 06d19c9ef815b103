//! Bandwidth's recordings of an account
//! (<https://dev.bandwidth.com/apis/voice-apis/voice/#operation/listAccountCallRecordings>). The
//! `Link` header names the next page (RFC 8288).

use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use super::{InvalidPage, List, Listed, Page, entries};
use crate::sources::event::{
    CallFacts, CallRef, Media, Progress, RecordingFacts, RecordingNews, values,
};

pub(super) fn first(list: &List, since: Timestamp) -> Url {
    let path = format!("/api/v2/accounts/{}/recordings", list.account);
    let since = since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    list.address(&path, &[("minStartTime", &since), ("pageSize", "1000")])
}

pub(super) fn read(list: &List, body: &[u8], link: Option<&str>) -> Result<Page, InvalidPage> {
    let json: Value = serde_json::from_slice(body).map_err(|_| InvalidPage::NotAList)?;
    let all = json.as_array().ok_or(InvalidPage::NotAList)?;
    let (recordings, unreadable) = entries(all, |entry| listed(list, entry));
    let next = link.and_then(next);
    let next = next.map(|next| list.api.join(next).map_err(|_| InvalidPage::NotAList));
    Ok(Page { recordings, unreadable, next: next.transpose()? })
}

/// The target of `rel="next"`.
fn next(link: &str) -> Option<&str> {
    link.split(',').find_map(|part| {
        let (target, parameters) = part.trim().strip_prefix('<')?.split_once('>')?;
        let is_next = |text: &str| matches!(text.trim(), "rel=next" | "rel=\"next\"");
        parameters.split(';').any(is_next).then_some(target)
    })
}

fn listed(list: &List, entry: &Value) -> Option<Listed> {
    let id = values::get(entry, "recordingId")?;
    let call = values::first(entry, &["parentCallId", "callId", "conferenceId"])?;
    let status = values::get(entry, "status");
    let is_deleted = status.as_deref() == Some("deleted");
    let url = values::url(values::get(entry, "mediaUrl"), Media::AsIs).ok()?;
    let progress = match (status.as_deref(), &url) {
        (Some("error" | "failed"), _) => Progress::Failed(String::new()),
        (Some("deleted"), _) | (_, Some(_)) => Progress::Completed,
        (_, None) => Progress::InProgress,
    };
    let started_at = values::time(values::get(entry, "startTime"));
    let ended_at = values::time(values::get(entry, "endTime"));
    let facts = RecordingFacts {
        url: url.filter(|_| progress == Progress::Completed && !is_deleted),
        progress: Some(progress),
        started_at,
        duration_seconds: values::seconds(values::get(entry, "duration"))
            .or_else(|| values::between(started_at, ended_at)),
        channels: values::channels(values::get(entry, "channels")),
        track: None,
    };
    let of_call = CallFacts {
        direction: values::direction(values::get(entry, "direction")),
        from: values::party(values::get(entry, "from")),
        to: values::party(values::get(entry, "to")),
        ..CallFacts::default()
    };
    let account = values::get(entry, "accountId").unwrap_or_else(|| list.account.clone());
    let recording = RecordingNews { account, id, facts };
    Some(Listed { call: CallRef::of(&call), facts: of_call, recording, is_deleted })
}
