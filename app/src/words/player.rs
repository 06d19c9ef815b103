//! The texts of the player: the fields that each language fills in.

#![expect(missing_docs, reason = "each word's name says where it stands")]

/// The text that explains why the player has stopped.
pub struct ErrorWords {
    /// The message, in one line.
    pub headline: &'static str,
    /// What to make of it, and what to do next.
    pub advice: &'static str,
}

/// The words of the player. Functions where a number belongs in the sentence.
pub struct PlayerWords {
    /// The accessible name of the whole player.
    pub player: &'static str,
    /// Buttons and sliders.
    pub play: &'static str,
    pub pause: &'static str,
    pub back: &'static str,
    pub forward: &'static str,
    pub seek: &'static str,
    pub speed: &'static str,
    pub volume: &'static str,
    pub mute: &'static str,
    pub unmute: &'static str,
    pub download: &'static str,
    pub check_now: &'static str,
    pub cancel: &'static str,
    pub try_again: &'static str,
    pub keep_waiting: &'static str,
    pub sign_in: &'static str,
    pub copy: &'static str,
    pub copied: &'static str,
    /// Playback options.
    pub skip_silence: &'static str,
    /// The button that sets the start of what is repeated, then its end (`0:12`), then clears it.
    pub repeat: &'static str,
    pub repeat_to: fn(&str) -> String,
    pub repeated: fn(&str, &str) -> String,
    pub copy_link: &'static str,
    pub keys: &'static str,
    /// The two sides of a call, and playing one of them only.
    pub agent: &'static str,
    pub customer: &'static str,
    pub solo: &'static str,

    /// `1:05 of 3:20`, the seek slider's value as spoken.
    pub position: fn(&str, &str) -> String,

    /// The states without an error.
    pub idle: &'static str,
    pub checking: &'static str,
    pub preparing: &'static str,
    pub preparing_again: fn(u32, u32) -> String,
    pub trouble: &'static str,
    pub loading: &'static str,
    pub ready: &'static str,
    pub tap_to_play: &'static str,
    pub playing: &'static str,
    pub paused: &'static str,

    /// The wait: elapsed time, progress, the next request.
    pub waited: fn(&str) -> String,
    pub still_waiting: fn(u64) -> String,
    pub next_check: fn(u64) -> String,
    pub checking_now: &'static str,
    pub fetched: fn(&str) -> String,
    pub fetched_of: fn(&str, &str) -> String,
    pub progress: &'static str,
    pub next_in_line: &'static str,
    pub ahead: fn(u64) -> String,
    pub being_fetched: &'static str,
    pub no_worker: &'static str,
    /// The provider does not have the recording yet: the headline, and what to make of it.
    pub waiting_for_provider: &'static str,
    pub waiting_for_provider_advice: &'static str,

    /// The final states without a recording.
    pub not_found: ErrorWords,
    pub unknown_call: ErrorWords,
    pub deleted: ErrorWords,
    pub worker_offline: ErrorWords,
    pub recording_failed: ErrorWords,
    /// Its message has the seconds in it.
    pub timed_out: fn(u64) -> String,
    pub timed_out_advice: &'static str,
    pub unreachable: ErrorWords,
    pub unauthorized: ErrorWords,
    pub server_error: ErrorWords,
    pub unplayable: ErrorWords,
    pub empty_recording: ErrorWords,
    pub not_playable: ErrorWords,
    pub no_such_part: ErrorWords,
    pub link_invalid: ErrorWords,
    pub link_expired: ErrorWords,
    /// Sizes: `1.2 MB`. The numbers come in bytes.
    pub size_units: [&'static str; 4],
}

/// The sheet of keys. Read on the server alone.
pub struct KeyWords {
    pub title: &'static str,
    /// What the keys do, in the sheet's order.
    pub rows: [&'static str; 9],
    pub note: &'static str,
    pub close: &'static str,
}
