//! Durations, times and sizes as people read them.

use std::time::Duration;

use bytesize::ByteSize;
use jiff::Timestamp;

use crate::clock::elapsed;

/// The two largest units: `12s`, `4m 12s`, `3h 5m`, `2d 4h`.
pub(super) fn length(time: Duration) -> String {
    let seconds = time.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    if days > 0 {
        format!("{days}d {}h", hours % 24)
    } else if hours > 0 {
        format!("{hours}h {}m", minutes % 60)
    } else if minutes > 0 {
        format!("{minutes}m {}s", seconds % 60)
    } else {
        format!("{seconds}s")
    }
}

/// How long ago `then` was; a dash where there is no such time.
pub(super) fn since(then: Option<Timestamp>, now: Timestamp) -> String {
    then.map_or_else(|| "-".to_owned(), |then| length(elapsed(then, now)))
}

/// To the second, in UTC.
pub(super) fn time(time: Timestamp) -> String {
    format!("{:.0}", time.round(jiff::Unit::Second).unwrap_or(time))
}

/// How far a download is: `1.2 MiB of 3.4 MiB`.
pub(super) fn progress(done: u64, total: Option<u64>) -> String {
    let size = |bytes| ByteSize(bytes).display().iec().to_string();
    match total {
        Some(total) => format!("{} of {}", size(done), size(total)),
        None => size(done),
    }
}

/// `1 run`, `2 runs`.
pub(super) fn counted(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_said_in_its_two_largest_units() {
        for (seconds, says) in [
            (0, "0s"),
            (59, "59s"),
            (252, "4m 12s"),
            (3_600, "1h 0m"),
            (11_100, "3h 5m"),
            (187_200, "2d 4h"),
        ] {
            assert_eq!(length(Duration::from_secs(seconds)), says);
        }
    }

    #[test]
    fn a_time_is_in_utc_and_says_so() {
        assert_eq!(
            time(Timestamp::from_millisecond(1_750_000_000_400).unwrap()),
            "2025-06-15T15:06:40Z"
        );
    }
}
