//! Errors of the API and the pages: the only place that turns one into a status and a problem
//! body (RFC 9457). No body shows a path, a query, a provider URL or a credential.

use std::sync::Arc;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE},
};
use shared::{
    CallSid, ErrorCode,
    body::{PROBLEM_TYPE, Problem},
    message,
};
use tracing::error;

use super::file::Refused;
use crate::{
    engine::rules::{Final, Policy},
    model::Tombstone,
    store::StoreError,
};

/// What a handler answers when it can't do what it was asked to.
pub(super) type Result<T> = std::result::Result<T, ApiError>;

/// One error, on its way out. Boxed: it is rare, and large.
#[derive(Clone, Debug)]
pub(super) struct ApiError(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    code: ErrorCode,
    status: u16,
    detail: String,
    call_sid: Option<CallSid>,
    attempts: Option<(u32, u32)>,
    refused: Option<Refused>,
}

impl ApiError {
    /// An error of this kind; `detail` says what happened this time, for people.
    pub(super) fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            status: code.status(),
            detail: detail.into(),
            call_sid: None,
            attempts: None,
            refused: None,
        }))
    }

    /// Names the call asked for.
    #[must_use]
    pub(super) fn about(mut self, call_sid: &CallSid) -> Self {
        self.0.call_sid = Some(call_sid.clone());
        self
    }

    /// A recording that is not to be had.
    pub(super) fn no_recording(answer: &Final, call_sid: &CallSid, policy: &Policy) -> Self {
        let (code, detail, attempt) = match answer {
            Final::CallNotFound => {
                (ErrorCode::CallNotFound, "No call with this id is registered", None)
            }
            Final::NoRecordingUrl => {
                (ErrorCode::NoRecordingUrl, message::NO_RECORDING_URL_DETAIL, None)
            }
            Final::Deleted(Tombstone::Deleted) => {
                (ErrorCode::RecordingDeleted, "The recording was deleted", None)
            }
            Final::Deleted(Tombstone::Gone) => {
                (ErrorCode::RecordingDeleted, "The recording is gone at the provider", None)
            }
            Final::WorkerNotProcessing { attempt } => (
                ErrorCode::WorkerNotProcessingQueue,
                message::WORKER_NOT_RESPONDING,
                Some(*attempt),
            ),
            Final::RecordingFailed { attempt, reason } => {
                (ErrorCode::RecordingFailed, reason.as_str(), Some(*attempt))
            }
        };
        let mut error = Self::new(code, detail).about(call_sid);
        error.0.attempts = attempt.map(|attempt| (attempt, policy.max_attempts));
        error
    }

    /// A registration over a recording that was deleted here.
    pub(super) fn deleted_for_good(call_sid: &CallSid) -> Self {
        let detail = "The recording of this call was deleted; register it under another id";
        let mut error = Self::new(ErrorCode::RecordingDeleted, detail).about(call_sid);
        error.0.status = 409;
        error
    }

    /// A conditional or range request that was not met.
    pub(super) fn refused(refused: Refused, call_sid: &CallSid) -> Self {
        let code = match refused {
            Refused::PreconditionFailed => ErrorCode::PreconditionFailed,
            Refused::NotSatisfiable { .. } => ErrorCode::RangeNotSatisfiable,
        };
        let mut error = Self::new(code, refused.to_string()).about(call_sid);
        error.0.refused = Some(refused);
        error
    }

    /// The object storage does not answer.
    pub(super) fn storage_unavailable(call_sid: &CallSid, cause: &std::io::Error) -> Self {
        error!(%call_sid, %cause, "the storage does not answer");
        Self::new(ErrorCode::StorageUnavailable, "The storage of recordings does not answer")
            .about(call_sid)
    }

    /// A fault of ours. Its cause is for the log alone.
    pub(super) fn internal(cause: &dyn std::fmt::Display) -> Self {
        error!(%cause, "internal error");
        Self::new(ErrorCode::Internal, "Something went wrong here; the log says what")
    }

    /// Which error it is.
    pub(super) fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// The status that it is sent with.
    pub(super) fn status(&self) -> u16 {
        self.0.status
    }

    /// The call asked for, where there is one.
    pub(super) fn call_sid(&self) -> Option<&CallSid> {
        self.0.call_sid.as_ref()
    }
}

impl From<&StoreError> for ApiError {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Unavailable(cause) => {
                error!(%cause, "the database does not answer");
                Self::new(ErrorCode::DatabaseUnavailable, "The database does not answer")
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

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        let Inner { code, status, detail, call_sid, attempts, .. } = *error.0;
        Self {
            kind: format!("urn:tapedeck:problem:{code}"),
            title: code.title().to_owned(),
            status,
            detail,
            error: code.as_str().to_owned(),
            call_sid,
            attempt: attempts.map(|(attempt, _)| attempt),
            max_attempts: attempts.map(|(_, most)| most),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, refused) = (self.0.status, self.0.refused);
        let problem = Problem::from(self);
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_TYPE));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
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
