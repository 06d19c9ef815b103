//! The texts of the API: the fields that each language fills in. `title` and `detail` of a problem, `message` of a 202.

#![expect(missing_docs, reason = "each word's name says where it stands")]

use std::borrow::Cow;

use shared::ErrorCode;

/// The words of the API.
pub struct ApiWords {
    /// The same for every occurrence of an error.
    pub title: fn(ErrorCode) -> &'static str,
    /// What happened this time.
    pub detail: fn(&Detail) -> Cow<'static, str>,
    /// Attempt 0 is the first run; then with the most that there may be.
    pub being_prepared: fn(u32, u32) -> String,
    /// `message` while the run waits for the provider.
    pub waiting_for_provider: &'static str,
}

/// What happened, before it is said. Particulars that come from elsewhere (a parser, the provider) are English in every
/// language, and stand after the sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    // The request
    NoCallSid,
    NoSuchAddress,
    NoSuchMethod,
    TokenNeeded,
    ForeignHost,
    ForeignOrigin,
    Proxied,
    NoLinkKey,
    /// The field and what is wrong with it.
    InvalidLink(String),
    QueryUnreadable,
    /// The states that there are.
    NoSuchState(String),
    SearchTooLong(usize),
    NoSuchPage,
    /// The most that there may be.
    BadLimit(u32),
    FormUnreadable,
    BodyNotJson,
    BodyTooLong,
    BodyCutOff,
    HeadUnreadable,
    HeadTooLong,
    RequestTooSlow,
    /// What the parser says.
    BodyMalformed(String),
    /// The field and what is wrong with it.
    InvalidCall(String),

    // The call
    CallNotFound,
    NoRecordingUrl,
    Deleted,
    Gone,
    DeletedForGood,
    AlreadyReady,
    WorkerNotResponding,
    /// Why the last run failed.
    RecordingFailed(String),
    NoPeaks,
    EmptyRecording,
    /// The format that is stored, in a few words.
    NotPlayable(String),
    /// How many parts the call has.
    NoSuchPart(usize),
    LinkInvalid,
    LinkExpired,
    OtherRecording,
    /// The recording's length in bytes.
    NoSuchBytes(u64),

    // The server
    TooManyConnections,
    DatabaseAway,
    StorageAway,
    Internal,
}
