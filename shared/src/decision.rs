//! The player's decision after an answer of the file route: one pure function.
//!
//! Of the server's own answers only 202 is retried. An answer from elsewhere (a network failure, a proxy's
//! error page) gets a few quick retries of another kind. Every other answer is final.

use std::{str::FromStr, time::Duration};

use crate::{ErrorCode, backoff::Backoff};

/// An answer to the file route, as far as the decision needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 200 or 206 with audio.
    Ready,
    /// 202: being prepared.
    Preparing {
        /// The `Retry-After` header.
        retry_after: Duration,
        /// Whether any worker is online.
        worker_online: bool,
    },
    /// A problem body of the server, known by its code.
    Problem(ErrorCode),
    /// Not the server's: no connection, or an answer made by a proxy.
    Foreign,
}

impl Answer {
    /// Reads a response. `is_html` says that its `Content-Type` is `text/html`, which ours never
    /// is; `error` is the problem body's `error`; `retry_after` the header in seconds;
    /// `workers_online` the field of a 202's body, unknown counting as online.
    pub fn from_response(
        status: u16,
        is_html: bool,
        error: Option<&str>,
        retry_after: Option<u64>,
        workers_online: Option<u64>,
    ) -> Self {
        match status {
            200 | 206 if !is_html => Self::Ready,
            202 if !is_html => Self::Preparing {
                retry_after: Duration::from_secs(retry_after.unwrap_or(2)),
                worker_online: workers_online != Some(0),
            },
            400..=599 => error
                .and_then(|code| ErrorCode::from_str(code).ok())
                .map_or(Self::Foreign, Self::Problem),
            _ => Self::Foreign,
        }
    }
}

/// How many requests were retried so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tries {
    /// Scheduled retries after a 202. Check now is not one.
    pub scheduled: u32,
    /// Consecutive retries after answers that were not the server's.
    pub foreign: u32,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Hand the URL to the audio element.
    Play,
    /// Request again after this delay.
    Retry(Duration),
    /// Send no further request, and show this error.
    Stop(ErrorType),
}

/// Why the player stopped. Each type has its own words, appearance and next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorType {
    /// The call has no recording URL.
    NotFound,
    /// No such call, or not a call id.
    UnknownCall,
    /// Deleted here, or gone at the provider.
    Deleted,
    /// No worker took or finished the job.
    WorkerOffline,
    /// Workers are fine, this recording keeps failing.
    RecordingFailed,
    /// All retries are used up, and it is still being prepared.
    TimedOut,
    /// The server can't be reached.
    Unreachable,
    /// Sign-in is needed.
    Unauthorized,
    /// A part of the server is down.
    ServerError,
    /// The recording holds no sound.
    Empty,
    /// The recording is stored in a format that no browser plays.
    NotPlayable,
    /// The call has no part of this number.
    NoSuchPart,
    /// The signed link is not valid.
    LinkInvalid,
    /// The signed link has expired.
    LinkExpired,
}

impl ErrorType {
    /// The word for it in markup (`data-error`) and tests.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::UnknownCall => "unknown_call",
            Self::Deleted => "deleted",
            Self::WorkerOffline => "worker_offline",
            Self::RecordingFailed => "recording_failed",
            Self::TimedOut => "timed_out",
            Self::Unreachable => "unreachable",
            Self::Unauthorized => "unauthorized",
            Self::ServerError => "server_error",
            Self::Empty => "empty_recording",
            Self::NotPlayable => "not_playable",
            Self::NoSuchPart => "no_such_part",
            Self::LinkInvalid => "link_invalid",
            Self::LinkExpired => "link_expired",
        }
    }
}

/// How the player retries.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// After a 202.
    pub backoff: Backoff,
    /// The delays after answers that are not the server's, one for each retry.
    pub foreign: [Duration; 3],
}

impl Default for Policy {
    fn default() -> Self {
        Self { backoff: Backoff::default(), foreign: [1, 2, 4].map(Duration::from_secs) }
    }
}

/// Decides. `waited` is how long the listener has waited since pressing play; `random` is uniform
/// in `0.0..=1.0`.
pub fn decide(
    answer: Answer,
    tries: Tries,
    waited: Duration,
    random: f64,
    policy: &Policy,
) -> Decision {
    match answer {
        Answer::Ready => Decision::Play,
        Answer::Preparing { retry_after, worker_online } => {
            match policy.backoff.delay(tries.scheduled, waited, retry_after, random) {
                Some(delay) => Decision::Retry(delay),
                None if worker_online => Decision::Stop(ErrorType::TimedOut),
                None => Decision::Stop(ErrorType::WorkerOffline),
            }
        }
        Answer::Problem(code) => Decision::Stop(stopped_by(code)),
        Answer::Foreign => usize::try_from(tries.foreign)
            .ok()
            .and_then(|n| policy.foreign.get(n))
            .map_or(Decision::Stop(ErrorType::Unreachable), |delay| Decision::Retry(*delay)),
    }
}

fn stopped_by(code: ErrorCode) -> ErrorType {
    match code {
        ErrorCode::NoRecordingUrl => ErrorType::NotFound,
        ErrorCode::CallNotFound | ErrorCode::InvalidCallSid => ErrorType::UnknownCall,
        ErrorCode::RecordingDeleted | ErrorCode::RecordingGone => ErrorType::Deleted,
        ErrorCode::EmptyRecording => ErrorType::Empty,
        ErrorCode::NotPlayable => ErrorType::NotPlayable,
        ErrorCode::NoSuchPart => ErrorType::NoSuchPart,
        ErrorCode::LinkInvalid => ErrorType::LinkInvalid,
        ErrorCode::LinkExpired => ErrorType::LinkExpired,
        ErrorCode::Unauthorized => ErrorType::Unauthorized,
        ErrorCode::WorkerNotProcessingQueue => ErrorType::WorkerOffline,
        ErrorCode::RecordingFailed => ErrorType::RecordingFailed,
        _ => ErrorType::ServerError,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decide_first(answer: Answer) -> Decision {
        decide(answer, Tries::default(), Duration::ZERO, 0.5, &Policy::default())
    }

    fn any_response()
    -> impl Strategy<Value = (u16, bool, Option<&'static str>, Option<u64>, Option<u64>)> {
        let error = prop::option::of(prop::sample::select(
            ErrorCode::ALL.iter().map(|code| code.as_str()).chain(["made_up"]).collect::<Vec<_>>(),
        ));
        let number = || prop::option::of(0u64..100);
        (100u16..600, any::<bool>(), error, number(), number())
    }

    proptest! {
        /// Of the server's answers only 202 is retried; foreign answers end after three retries.
        #[test]
        fn nothing_but_202_is_retried(
            (status, is_html, error, retry_after, workers) in any_response(),
            scheduled in 0u32..20,
            foreign in 0u32..6,
            random in 0.0f64..=1.0,
        ) {
            let answer = Answer::from_response(status, is_html, error, retry_after, workers);
            let tries = Tries { scheduled, foreign };
            let decision = decide(answer, tries, Duration::from_secs(10), random, &Policy::default());
            if let Decision::Retry(after) = decision {
                match answer {
                    Answer::Preparing { retry_after, .. } => {
                        prop_assert_eq!(status, 202);
                        prop_assert!(scheduled < 12);
                        prop_assert!(after >= retry_after);
                    }
                    Answer::Foreign => prop_assert!(foreign < 3),
                    other => prop_assert!(false, "{other:?} must not be retried"),
                }
            }
            if status == 206 && !is_html {
                prop_assert_eq!(decision, Decision::Play);
            }
        }
    }

    #[test]
    fn every_problem_stops_at_once() {
        for code in ErrorCode::ALL {
            let answer =
                Answer::from_response(code.status(), false, Some(code.as_str()), Some(1), None);
            assert_eq!(answer, Answer::Problem(*code));
            assert!(matches!(decide_first(answer), Decision::Stop(_)), "{code}");
        }
    }

    #[test]
    fn each_final_answer_has_its_own_error_type() {
        let stop = |code| decide_first(Answer::Problem(code));
        assert_eq!(stop(ErrorCode::NoRecordingUrl), Decision::Stop(ErrorType::NotFound));
        assert_eq!(
            stop(ErrorCode::WorkerNotProcessingQueue),
            Decision::Stop(ErrorType::WorkerOffline)
        );
        assert_eq!(stop(ErrorCode::RecordingFailed), Decision::Stop(ErrorType::RecordingFailed));
        assert_eq!(stop(ErrorCode::DatabaseUnavailable), Decision::Stop(ErrorType::ServerError));
        assert_eq!(stop(ErrorCode::EmptyRecording), Decision::Stop(ErrorType::Empty));
        assert_eq!(stop(ErrorCode::NotPlayable), Decision::Stop(ErrorType::NotPlayable));
        assert_eq!(stop(ErrorCode::NoSuchPart), Decision::Stop(ErrorType::NoSuchPart));
        assert_eq!(stop(ErrorCode::LinkInvalid), Decision::Stop(ErrorType::LinkInvalid));
        assert_eq!(stop(ErrorCode::LinkExpired), Decision::Stop(ErrorType::LinkExpired));
        assert_eq!(stop(ErrorCode::RecordingGone), Decision::Stop(ErrorType::Deleted));
    }

    #[test]
    fn a_proxys_error_is_not_ours() {
        assert_eq!(Answer::from_response(502, true, None, None, None), Answer::Foreign);
        assert_eq!(Answer::from_response(500, false, None, None, None), Answer::Foreign);
        assert_eq!(Answer::from_response(404, true, None, None, None), Answer::Foreign);
        assert_eq!(Answer::from_response(200, true, None, None, None), Answer::Foreign);
    }

    #[test]
    fn used_up_retries_blame_the_worker_only_if_none_is_online() {
        let used_up = Tries { scheduled: 12, foreign: 0 };
        let ask = |worker_online| {
            let answer = Answer::Preparing { retry_after: Duration::from_secs(2), worker_online };
            decide(answer, used_up, Duration::from_secs(190), 0.0, &Policy::default())
        };
        assert_eq!(ask(true), Decision::Stop(ErrorType::TimedOut));
        assert_eq!(ask(false), Decision::Stop(ErrorType::WorkerOffline));
    }
}
