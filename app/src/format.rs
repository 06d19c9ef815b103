//! Numbers as people read them: lengths of time, sizes, dates. No clock, no zone but UTC.

/// Whole seconds, cut off. What is not a number of seconds (an audio element's duration is NaN until known) is none.
pub(crate) fn whole_seconds(seconds: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and turns NaN into 0"
    )]
    let whole = seconds as u32;
    whole
}

/// A length of time as a clock shows it: `0:07`, `3:20`, `1:02:03`. Whole seconds, cut off.
pub(crate) fn clock(seconds: f64) -> String {
    let all = whole_seconds(seconds);
    let (hours, minutes, seconds) = (all / 3600, all / 60 % 60, all % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// A size: `512 B`, `84 kB`, `1.2 MB` (powers of 1,000, as `kB` means by the SI).
pub(crate) fn size(bytes: u64, units: &[&str; 4]) -> String {
    let mut tenths = bytes.saturating_mul(10);
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < units.len() {
        tenths /= 1000;
        unit += 1;
    }
    let (whole, tenth, unit_name) = (tenths / 10, tenths % 10, units[unit]);
    if whole >= 10 || unit == 0 || tenth == 0 {
        format!("{whole} {unit_name}")
    } else {
        format!("{whole}.{tenth} {unit_name}")
    }
}

/// An RFC 3339 time in UTC, taken apart.
#[cfg(any(feature = "ssr", test))]
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Instant {
    year: u16,
    /// 1 to 12.
    month: u8,
    day: u8,
    /// Seconds of that day, with their fraction.
    second: f64,
}

#[cfg(any(feature = "ssr", test))]
impl Instant {
    /// Reads `2026-07-01T14:03:09.25Z`. `None` for anything else, offsets included: the API
    /// writes UTC.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
        let mut date = date.splitn(3, '-');
        let (year, month, day) = (date.next()?, date.next()?, date.next()?);
        let mut time = time.splitn(3, ':');
        let hour: u32 = time.next()?.parse().ok()?;
        let minute: u32 = time.next()?.parse().ok()?;
        let second: f64 = time.next()?.parse().ok()?;
        let instant = Self {
            year: year.parse().ok()?,
            month: month.parse().ok()?,
            day: day.parse().ok()?,
            second: f64::from(hour * 3600 + minute * 60) + second,
        };
        (1..=12).contains(&instant.month).then_some(instant)
    }

    /// `1 Jul 2026, 14:03`, or with the seconds.
    pub(crate) fn text(self, months: &[&str; 12], with_seconds: bool) -> String {
        let Self { year, month, day, second } = self;
        let month = months[usize::from(month) - 1];
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "within a day, as parsed"
        )]
        let second = second as u32;
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        if with_seconds {
            format!("{day} {month} {year}, {hour:02}:{minute:02}:{second:02}")
        } else {
            format!("{day} {month} {year}, {hour:02}:{minute:02}")
        }
    }

    /// Seconds from `earlier` to `self`; 0 where it is not earlier.
    pub(crate) fn since(self, earlier: Self) -> f64 {
        let days = f64::from(self.days() - earlier.days());
        (days * 86_400.0 + self.second - earlier.second).max(0.0)
    }

    /// The same in whole seconds, cut off.
    #[cfg(feature = "ssr")]
    pub(crate) fn seconds_since(self, earlier: Self) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative, and within some thousand years"
        )]
        let whole = self.since(earlier) as u64;
        whole
    }

    /// Days since some day long ago in the proleptic Gregorian calendar. (H. Hinnant,
    /// "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`, without eras.)
    fn days(self) -> i32 {
        let (year, month) = if self.month > 2 {
            (i32::from(self.year), i32::from(self.month) - 3)
        } else {
            (i32::from(self.year) - 1, i32::from(self.month) + 9)
        };
        year * 365 + year / 4 - year / 100
            + year / 400
            + (153 * month + 2) / 5
            + i32::from(self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNITS: [&str; 4] = ["B", "kB", "MB", "GB"];

    #[test]
    fn a_clock_shows_hours_only_where_there_are_some() {
        for (seconds, text) in
            [(0.0, "0:00"), (7.9, "0:07"), (200.0, "3:20"), (3723.0, "1:02:03"), (f64::NAN, "0:00")]
        {
            assert_eq!(clock(seconds), text);
        }
    }

    #[test]
    fn a_size_has_two_digits_at_least() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1 kB"),
            (1250, "1.2 kB"),
            (84_321, "84 kB"),
            (1_260_000, "1.2 MB"),
            (5_000_000_000_000, "5000 GB"),
            (u64::MAX, "1844674407 GB"),
        ] {
            assert_eq!(size(bytes, &UNITS), text);
        }
    }

    #[test]
    fn the_time_between_two_instants_crosses_months_and_leap_days() {
        let between = |from, to| Instant::parse(to).unwrap().since(Instant::parse(from).unwrap());
        assert!((between("2026-07-01T14:03:09.25Z", "2026-07-01T14:03:10Z") - 0.75).abs() < 1e-9);
        assert!((between("2024-02-28T23:59:59Z", "2024-03-01T00:00:00Z") - 86_401.0).abs() < 1e-9);
        assert!((between("2025-12-31T00:00:00Z", "2026-01-01T00:00:00Z") - 86_400.0).abs() < 1e-9);
        assert!(between("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z").abs() < 1e-9);
    }

    #[test]
    fn a_date_is_written_out() {
        let months = crate::Lang::En.page().months;
        let instant = Instant::parse("2026-07-01T04:03:09.5Z").unwrap();
        assert_eq!(instant.text(&months, false), "1 Jul 2026, 04:03");
        assert_eq!(instant.text(&months, true), "1 Jul 2026, 04:03:09");
    }

    #[test]
    fn what_is_not_a_time_in_utc_is_refused() {
        for text in ["", "2026", "2026-07-01", "2026-13-01T00:00:00Z", "2026-07-01T04:03:09+02:00"]
        {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
    }
}
