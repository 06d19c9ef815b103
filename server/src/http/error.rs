//! Errors of the API and the pages. This is the only file that turns an error into a status and a
//! problem body (RFC 9457); the words come from `app`. No body shows a path, a query, a provider URL
//! or a credential.

use std::sync::Arc;

use app::{Lang, words::Detail};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header::WWW_AUTHENTICATE};
use shared::{
    CallSid, ErrorCode,
    body::{PROBLEM_TYPE, Problem},
};
use tracing::error;

use super::{file::Refused, language::localized};
use crate::{
    engine::rules::{Final, Policy},
    model::Tombstone,
    store::StoreError,
};

/// The result of a handler.
pub(super) type Result<T> = std::result::Result<T, ApiError>;

/// An error of the API. Boxed, because it is rare and large.
#[derive(Clone, Debug)]
pub(super) struct ApiError(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    code: ErrorCode,
    status: u16,
    detail: Detail,
    call_sid: Option<CallSid>,
    attempts: Option<(u32, u32)>,
    refused: Option<Refused>,
}

impl ApiError {
    /// An error; `detail` says what happened.
    pub(super) fn new(detail: Detail) -> Self {
        let code = code(&detail);
        let status = match detail {
            Detail::DeletedForGood => 409,
            _ => code.status(),
        };
        let (call_sid, attempts, refused) = (None, None, None);
        Self(Box::new(Inner { code, status, detail, call_sid, attempts, refused }))
    }

    /// Another status than the code's own.
    #[must_use]
    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = status.as_u16();
        self
    }

    /// Names the call asked for.
    #[must_use]
    pub(super) fn about(mut self, call_sid: &CallSid) -> Self {
        self.0.call_sid = Some(call_sid.clone());
        self
    }

    /// A recording that can't be served.
    pub(super) fn no_recording(answer: &Final, call_sid: &CallSid, policy: &Policy) -> Self {
        let (detail, attempt) = match answer {
            Final::CallNotFound => (Detail::CallNotFound, None),
            Final::NoRecordingUrl => (Detail::NoRecordingUrl, None),
            Final::Deleted(Tombstone::Deleted) => (Detail::Deleted, None),
            Final::Deleted(Tombstone::Gone) => (Detail::Gone, None),
            Final::WorkerNotProcessing { attempt } => (Detail::WorkerNotResponding, Some(*attempt)),
            Final::RecordingFailed { attempt, reason } => {
                (Detail::RecordingFailed(reason.clone()), Some(*attempt))
            }
        };
        let mut error = Self::new(detail).about(call_sid);
        error.0.attempts = attempt.map(|attempt| (attempt, policy.max_attempts));
        error
    }

    /// A conditional or range request that can't be met.
    pub(super) fn refused(refused: Refused, call_sid: &CallSid) -> Self {
        let detail = match refused {
            Refused::PreconditionFailed => Detail::OtherRecording,
            Refused::NotSatisfiable { len } => Detail::NoSuchBytes(len),
        };
        let mut error = Self::new(detail).about(call_sid);
        error.0.refused = Some(refused);
        error
    }

    /// The object storage does not answer.
    pub(super) fn storage_unavailable(call_sid: &CallSid, cause: &std::io::Error) -> Self {
        error!(%call_sid, %cause, "the storage does not answer");
        Self::new(Detail::StorageAway).about(call_sid)
    }

    /// A fault of the server. Its cause goes to the log alone.
    pub(super) fn internal(cause: &dyn std::fmt::Display) -> Self {
        error!(%cause, "internal error");
        Self::new(Detail::Internal)
    }

    /// Which error it is.
    pub(super) fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// What happened.
    pub(super) fn detail(&self) -> &Detail {
        &self.0.detail
    }

    /// The status that it is sent with.
    pub(super) fn status(&self) -> u16 {
        self.0.status
    }

    /// The call that the request names.
    pub(super) fn call_sid(&self) -> Option<&CallSid> {
        self.0.call_sid.as_ref()
    }

    /// Its body, in this language.
    pub(super) fn problem(self, lang: Lang) -> Problem {
        let Inner { code, status, detail, call_sid, attempts, .. } = *self.0;
        let words = lang.api();
        Problem {
            kind: format!("urn:tapedeck:problem:{code}"),
            title: (words.title)(code).to_owned(),
            status,
            detail: (words.detail)(&detail).into_owned(),
            error: code.as_str().to_owned(),
            call_sid,
            attempt: attempts.map(|(attempt, _)| attempt),
            max_attempts: attempts.map(|(_, most)| most),
        }
    }
}

impl From<&StoreError> for ApiError {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Unavailable(cause) => {
                error!(%cause, "the database does not answer");
                Self::new(Detail::DatabaseAway)
            }
            StoreError::Fault(_) => Self::internal(error),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::from(&error)
    }
}

impl From<Arc<StoreError>> for ApiError {
    fn from(error: Arc<StoreError>) -> Self {
        Self::from(&*error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, refused) = (self.0.status, self.0.refused);
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = localized(status, PROBLEM_TYPE, |lang| self.problem(lang));
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            // RFC 9110, section 11.6.1: a 401 says how to authenticate.
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(refused) = refused {
            refused.add_headers(headers);
        }
        response
    }
}

/// The code of what happened.
fn code(detail: &Detail) -> ErrorCode {
    match detail {
        Detail::NoCallSid => ErrorCode::InvalidCallSid,
        Detail::NoSuchAddress => ErrorCode::NotFound,
        Detail::NoSuchMethod => ErrorCode::MethodNotAllowed,
        Detail::TokenNeeded => ErrorCode::Unauthorized,
        Detail::ForeignHost | Detail::ForeignOrigin | Detail::Proxied | Detail::NoLinkKey => {
            ErrorCode::Forbidden
        }
        Detail::QueryUnreadable
        | Detail::NoSuchState(_)
        | Detail::SearchTooLong(_)
        | Detail::NoSuchPage
        | Detail::BadLimit(_)
        | Detail::FormUnreadable
        | Detail::BodyCutOff
        | Detail::HeadUnreadable
        | Detail::HeadTooLong
        | Detail::BodyMalformed(_) => ErrorCode::BadRequest,
        Detail::RequestTooSlow => ErrorCode::RequestTimeout,
        Detail::TooManyConnections => ErrorCode::Overloaded,
        Detail::BodyNotJson => ErrorCode::UnsupportedMediaType,
        Detail::BodyTooLong => ErrorCode::TooLarge,
        Detail::InvalidCall(_) | Detail::InvalidLink(_) => ErrorCode::InvalidCall,
        Detail::CallNotFound => ErrorCode::CallNotFound,
        Detail::NoRecordingUrl => ErrorCode::NoRecordingUrl,
        Detail::Deleted | Detail::Gone | Detail::DeletedForGood => ErrorCode::RecordingDeleted,
        Detail::AlreadyReady => ErrorCode::AlreadyReady,
        Detail::WorkerNotResponding => ErrorCode::WorkerNotProcessingQueue,
        Detail::RecordingFailed(_) => ErrorCode::RecordingFailed,
        Detail::NoPeaks => ErrorCode::NoPeaks,
        Detail::EmptyRecording => ErrorCode::EmptyRecording,
        Detail::NotPlayable(_) => ErrorCode::NotPlayable,
        Detail::NoSuchPart(_) => ErrorCode::NoSuchPart,
        Detail::LinkInvalid => ErrorCode::LinkInvalid,
        Detail::LinkExpired => ErrorCode::LinkExpired,
        Detail::OtherRecording => ErrorCode::PreconditionFailed,
        Detail::NoSuchBytes(_) => ErrorCode::RangeNotSatisfiable,
        Detail::DatabaseAway => ErrorCode::DatabaseUnavailable,
        Detail::StorageAway => ErrorCode::StorageUnavailable,
        Detail::Internal => ErrorCode::Internal,
    }
}
