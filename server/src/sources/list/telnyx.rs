//! Telnyx' `/v2/recordings`
//! (<https://developers.telnyx.com/api-reference/call-recordings/list-all-call-recordings>). The
//! API counts pages; where it names the next one, that is taken.

use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use super::{InvalidPage, List, Listed, Page, entries};
use crate::sources::event::{
    CallFacts, CallRef, Media, Progress, RecordingFacts, RecordingNews, values,
};

pub(super) fn first(list: &List, since: Timestamp) -> Url {
    let since = since.to_string();
    let parameters =
        [("filter[created_at][gte]", since.as_str()), ("page[size]", "250"), ("page[number]", "1")];
    list.address("/v2/recordings", &parameters)
}

pub(super) fn read(list: &List, here: &Url, body: &[u8]) -> Result<Page, InvalidPage> {
    let json: Value = serde_json::from_slice(body).map_err(|_| InvalidPage::NotAList)?;
    let all = json.get("data").and_then(Value::as_array).ok_or(InvalidPage::NotAList)?;
    let (recordings, unreadable) = entries(all, listed);
    let meta = json.get("meta").unwrap_or(&Value::Null);
    let number = |name: &str| meta.get(name).and_then(Value::as_u64);
    let next = match (values::get(meta, "next"), number("page_number"), number("total_pages")) {
        (Some(next), _, _) => Some(list.api.join(&next).map_err(|_| InvalidPage::NotAList)?),
        (None, Some(page), Some(pages)) if page < pages && !all.is_empty() => {
            Some(numbered(here, page + 1))
        }
        _ => None,
    };
    Ok(Page { recordings, unreadable, next })
}

fn numbered(here: &Url, page: u64) -> Url {
    let mut url = here.clone();
    let pairs = here.query_pairs().into_owned();
    let others: Vec<(String, String)> = pairs.filter(|(name, _)| name != "page[number]").collect();
    url.query_pairs_mut()
        .clear()
        .extend_pairs(others)
        .append_pair("page[number]", &page.to_string());
    url
}

fn listed(entry: &Value) -> Option<Listed> {
    let id = values::get(entry, "id")?;
    let call = values::first(entry, &["call_session_id", "conference_id", "call_leg_id"])?;
    let urls = entry.get("download_urls").unwrap_or(&Value::Null);
    let url = values::url(values::first(urls, &["wav", "mp3"]), Media::AsIs).ok()?;
    let started_at = values::time(values::get(entry, "recording_started_at"));
    let ended_at = values::time(values::get(entry, "recording_ended_at"));
    let milliseconds = entry.get("duration_millis").and_then(Value::as_u64);
    let seconds = milliseconds.and_then(|all| u32::try_from((all + 500) / 1000).ok());
    let facts = RecordingFacts {
        progress: Some(if url.is_some() { Progress::Completed } else { Progress::InProgress }),
        url,
        started_at,
        duration_seconds: seconds.or_else(|| values::between(started_at, ended_at)),
        channels: values::channels(values::get(entry, "channels")),
        track: None,
    };
    let of_call = CallFacts {
        from: values::party(values::get(entry, "from")),
        to: values::party(values::get(entry, "to")),
        ..CallFacts::default()
    };
    let recording = RecordingNews { account: String::new(), id, facts };
    Some(Listed { call: CallRef::of(&call), facts: of_call, recording, is_deleted: false })
}
