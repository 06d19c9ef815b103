//! Providers' lists of recordings, page by page: what each API's page says, and where the next one
//! is. Pure. Reading them over HTTP is [`reader`]'s.

mod bandwidth;
pub mod reader;
mod telnyx;
#[cfg(test)]
mod tests;
mod twilio;

use jiff::{Timestamp, tz::TimeZone};
use url::Url;

use super::event::{CallFacts, CallRef, Kind, Media, RecordingNews};

/// How far back a list is read beyond the watermark: providers list a recording only when it is
/// ready, which can be a day after it began.
pub const OVERLAP: std::time::Duration = std::time::Duration::from_secs(48 * 60 * 60);

/// A recording of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// Its call.
    pub call: CallRef,
    /// What the list says of the call.
    pub facts: CallFacts,
    /// The recording.
    pub recording: RecordingNews,
    /// Whether the provider has deleted it.
    pub is_deleted: bool,
}

/// A page of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// What it lists.
    pub recordings: Vec<Listed>,
    /// Entries that can't be read.
    pub unreadable: usize,
    /// Where the list goes on.
    pub next: Option<Url>,
}

/// Why a page is none. Quotes nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPage {
    /// Not the JSON of a list.
    #[error("the provider's answer is not a list of recordings")]
    NotAList,
    /// The next page is said to be at another host, which must not see the account's secret.
    #[error("the next page is said to be elsewhere than at the API")]
    Elsewhere,
}

/// Which list to read.
#[derive(Clone, Debug)]
pub struct List {
    kind: Kind,
    media: Media,
    api: Url,
    account: String,
}

impl List {
    /// `None` where the kind has no list, or the API's address is no base.
    pub fn new(kind: Kind, media: Media, api_url: &str, account: &str) -> Option<Self> {
        let has_list =
            matches!(kind, Kind::Twilio | Kind::SignalWire | Kind::Telnyx | Kind::Bandwidth);
        let api = Url::parse(api_url).ok().filter(|url| has_list && !url.cannot_be_a_base())?;
        Some(Self { kind, media, api, account: account.to_owned() })
    }

    /// The first page, of recordings since a time.
    pub fn first(&self, since: Timestamp) -> Url {
        match self.kind {
            Kind::Telnyx => telnyx::first(self, since),
            Kind::Bandwidth => bandwidth::first(self, since),
            _ => twilio::first(self, since),
        }
    }

    /// Reads a page. `here` is its own address, `link` its `Link` header.
    pub fn read(&self, here: &Url, body: &[u8], link: Option<&str>) -> Result<Page, InvalidPage> {
        let page = match self.kind {
            Kind::Telnyx => telnyx::read(self, here, body)?,
            Kind::Bandwidth => bandwidth::read(self, body, link)?,
            _ => twilio::read(self, body)?,
        };
        match &page.next {
            Some(next) if next.origin() != self.api.origin() => Err(InvalidPage::Elsewhere),
            _ => Ok(page),
        }
    }

    /// An address below the API's own, with parameters.
    fn address(&self, path: &str, parameters: &[(&str, &str)]) -> Url {
        let mut url = self.api.clone();
        url.set_path(&format!("{}{path}", self.api.path().trim_end_matches('/')));
        url.query_pairs_mut().clear().extend_pairs(parameters);
        url
    }
}

fn day(time: Timestamp) -> String {
    TimeZone::UTC.to_datetime(time).date().to_string()
}

/// Reads entries; one that can't be read is counted.
fn entries<'a>(
    all: &'a [serde_json::Value],
    read: impl Fn(&'a serde_json::Value) -> Option<Listed>,
) -> (Vec<Listed>, usize) {
    let recordings: Vec<Listed> = all.iter().filter_map(read).collect();
    let unreadable = all.len() - recordings.len();
    (recordings, unreadable)
}
