//! Local times of file names and CDRs. When the clocks go back, one local time is two times; when
//! they go forward, some local times are none.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// A time without a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local(pub DateTime);

/// A local time as a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The time.
    pub time: Timestamp,
    /// Whether another time has the same local time.
    pub is_ambiguous: bool,
}

impl Local {
    /// `20260305` and `151000`.
    pub(super) fn of_digits(date: &str, time: &str) -> Option<Self> {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if date.len() != 8 || time.len() != 6 || !digits(date) || !digits(time) {
            return None;
        }
        let number = |text: &str| text.parse::<i8>().ok();
        let year = date[..4].parse::<i16>().ok()?;
        let civil = DateTime::new(
            year,
            number(&date[4..6])?,
            number(&date[6..])?,
            number(&time[..2])?,
            number(&time[2..4])?,
            number(&time[4..])?,
            0,
        );
        civil.ok().map(Self)
    }

    /// The time. `near` decides between two (an epoch in a unique id); without it the first of them
    /// is taken. A time that the clocks skip is taken as if they had not gone forward yet.
    pub fn resolve(self, zone: &TimeZone, near: Option<Timestamp>) -> Option<Resolved> {
        let ambiguous = zone.to_ambiguous_timestamp(self.0);
        if !ambiguous.is_ambiguous() {
            return Some(Resolved { time: ambiguous.compatible().ok()?, is_ambiguous: false });
        }
        let is_fold = self.is_fold(zone);
        let (earlier, later) = (
            zone.to_ambiguous_timestamp(self.0).earlier().ok()?,
            zone.to_ambiguous_timestamp(self.0).later().ok()?,
        );
        let distance = |time: Timestamp, near: Timestamp| time.duration_since(near).abs();
        let time = match near {
            _ if !is_fold => ambiguous.compatible().ok()?,
            Some(near) if distance(later, near) < distance(earlier, near) => later,
            _ => earlier,
        };
        Some(Resolved { time, is_ambiguous: is_fold && near.is_none() })
    }

    fn is_fold(self, zone: &TimeZone) -> bool {
        matches!(
            zone.to_ambiguous_timestamp(self.0).offset(),
            jiff::tz::AmbiguousOffset::Fold { .. }
        )
    }
}
