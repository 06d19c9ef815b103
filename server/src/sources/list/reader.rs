//! Reads a provider's list from a watermark: every page, as each names the next, at a rate of its
//! own. Registers nothing; hands each page over.

use std::{collections::HashSet, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use url::Url;

use super::{InvalidPage, List, Listed, OVERLAP};
use crate::clock::earlier;

/// No account lists more; a list that never ends is one that repeats itself.
const MOST_PAGES: usize = 10_000;
/// How often a page is asked for before the reader gives up for this time.
const MOST_TRIES: u32 = 6;

/// The pace of a reader.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Between two requests.
    pub between: Duration,
    /// Before the second try of a page; it doubles with each.
    pub first_pause: Duration,
    /// No pause is longer, whatever the provider asks for.
    pub longest_pause: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            between: Duration::from_secs(1),
            first_pause: Duration::from_secs(2),
            longest_pause: Duration::from_secs(120),
        }
    }
}

/// An answer of the API.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<Duration>,
    /// `Link`.
    pub link: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Sends a request to the provider's API.
#[async_trait]
pub trait Api: Send + Sync {
    /// The answer, or why none came, in words without secrets.
    async fn get(&self, url: &Url) -> Result<Answer, String>;
    /// Waits before the next request.
    async fn pause(&self, time: Duration);
}

/// Takes what a list says.
#[async_trait]
pub trait Take: Send {
    /// Registers the recordings of a page; an error ends the reading.
    async fn take(&mut self, recordings: Vec<Listed>) -> Result<(), String>;
}

/// What a reading came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// Recordings of the list; those that two pages list count once.
    pub found: u64,
    /// Entries that can't be read.
    pub unreadable: u64,
    /// Pages.
    pub pages: usize,
}

/// Why a reading ended before the list did. The watermark stays where it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The provider refuses: a wrong secret, or a wrong account.
    #[error("the provider answered {0}: check the account and its secret")]
    Refused(u16),
    /// The provider can't answer now.
    #[error("the provider did not answer: {0}")]
    Away(String),
    /// A page is none.
    #[error(transparent)]
    Page(#[from] InvalidPage),
    /// The list does not end.
    #[error("the provider's list names a page twice")]
    Endless,
    /// What was read could not be registered.
    #[error("{0}")]
    Taking(String),
}

/// Reads the list of what was made since the watermark, and 48 hours before it. Calls `take` for
/// each page, with what no page before had.
pub async fn read(
    list: &List,
    api: &dyn Api,
    watermark: Timestamp,
    pace: Pace,
    take: &mut dyn Take,
) -> Result<Read, ReadError> {
    let mut read = Read::default();
    let mut seen = HashSet::new();
    let mut pages = HashSet::new();
    let mut next = Some(list.first(earlier(watermark, OVERLAP)));
    while let Some(url) = next {
        if !pages.insert(url.to_string()) || read.pages == MOST_PAGES {
            return Err(ReadError::Endless);
        }
        if read.pages > 0 {
            api.pause(pace.between).await;
        }
        let answer = ask(api, &url, pace).await?;
        let content = list.read(&url, &answer.body, answer.link.as_deref())?;
        let fresh = |listed: &Listed| {
            seen.insert((listed.recording.account.clone(), listed.recording.id.clone()))
        };
        let mut recordings = content.recordings;
        recordings.retain(fresh);
        read.found += recordings.len() as u64;
        read.unreadable += content.unreadable as u64;
        read.pages += 1;
        take.take(recordings).await.map_err(ReadError::Taking)?;
        next = content.next;
    }
    Ok(read)
}

/// One page, asked for again while the provider is busy or away.
async fn ask(api: &dyn Api, url: &Url, pace: Pace) -> Result<Answer, ReadError> {
    let mut pause = pace.first_pause;
    let mut why = String::new();
    for attempt in 0..MOST_TRIES {
        if attempt > 0 {
            api.pause(pause.min(pace.longest_pause)).await;
            pause *= 2;
        }
        match api.get(url).await {
            Ok(answer @ Answer { status: 200, .. }) => return Ok(answer),
            Ok(Answer { status: status @ (408 | 429 | 500..), retry_after, .. }) => {
                why = format!("it answered {status}");
                pause = pause.max(retry_after.unwrap_or_default());
            }
            Ok(Answer { status, .. }) => return Err(ReadError::Refused(status)),
            Err(error) => why = error,
        }
    }
    Err(ReadError::Away(why))
}
