//! What is read for people: lists and details.

use std::{fmt, str::FromStr};

use shared::RecordingState;

use crate::model::{Call, Run};

/// Which calls, from where on.
#[derive(Clone, Debug)]
pub struct CallQuery {
    /// Only those in this state.
    pub state: Option<RecordingState>,
    /// Only those whose id, caller or number called contains this text.
    pub search: Option<String>,
    /// Only those after this one in the list.
    pub before: Option<Cursor>,
    /// At most so many.
    pub limit: u32,
}

/// A place in the list of calls. As text: two numbers, opaque to callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The call's place in time, in microseconds.
    pub listed_at: i64,
    /// Breaks ties.
    pub seq: i64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.listed_at, self.seq)
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (listed_at, seq) = text.split_once('.').ok_or(())?;
        Ok(Self {
            listed_at: listed_at.parse().map_err(|_| ())?,
            seq: seq.parse().map_err(|_| ())?,
        })
    }
}

/// A recording in short.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordingSummary {
    /// See [`RecordingState`].
    pub state: RecordingState,
    /// What is there only when it is ready.
    pub ready: Option<crate::model::ReadyRecording>,
}

/// A call in the list.
#[derive(Clone, Debug)]
pub struct CallListed {
    /// The call.
    pub call: Call,
    /// Its recording.
    pub recording: RecordingSummary,
    /// Its place in the list.
    pub cursor: Cursor,
}

/// A call with all that is known of it.
#[derive(Clone, Debug)]
pub struct CallDetail {
    /// The call.
    pub call: Call,
    /// Its recording.
    pub recording: RecordingSummary,
    /// Its runs, oldest first.
    pub runs: Vec<Run>,
}

/// The state of a recording, from its row, the call's URL and its last run.
pub(super) fn state_of(row: Option<&str>, has_url: bool, last_run: Option<&str>) -> RecordingState {
    match row {
        Some("ready") => return RecordingState::Ready,
        Some("deleted") => return RecordingState::Deleted,
        Some("gone") => return RecordingState::Gone,
        _ => {}
    }
    match last_run {
        _ if !has_url => RecordingState::NoRecordingUrl,
        Some("queued") => RecordingState::Queued,
        Some("running") => RecordingState::Running,
        Some("failed") => RecordingState::Failed,
        _ => RecordingState::NotRequested,
    }
}

/// `text` as a LIKE pattern that finds it anywhere, its own wildcards escaped with `\`.
pub(super) fn contains_pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_a_round_trip_and_rubbish_is_refused() {
        let cursor = Cursor { listed_at: -5, seq: 7 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for bad in ["", ".", "1", "1.", "a.b", "1.2.3", "1;DROP"] {
            assert_eq!(bad.parse::<Cursor>(), Err(()), "{bad}");
        }
    }

    #[test]
    fn wildcards_in_a_search_are_plain_text() {
        assert_eq!(contains_pattern(r"5%_\"), r"%5\%\_\\%");
    }
}
