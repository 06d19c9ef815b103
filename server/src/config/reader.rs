//! Reads single variables, each by its kind.

use std::{collections::BTreeSet, fmt::Display, str::FromStr, time::Duration};

use super::{
    error::{InvalidSetting, Value},
    layers::{Layers, Origin, Recorded, masked, place},
};

/// The places of settings, and what was read.
pub(super) struct Reader {
    layers: Layers,
    known: BTreeSet<String>,
    records: Vec<Recorded>,
}

type Result<T> = std::result::Result<T, InvalidSetting>;

impl Reader {
    pub(super) fn new(layers: Layers) -> Self {
        let known = BTreeSet::from(["TAPEDECK_CONFIG".to_owned()]);
        Self { layers, known, records: Vec::new() }
    }

    pub(super) fn is_set(&self, name: &str) -> bool {
        self.layers.is_set(name)
    }

    /// Names that look like settings, are none, and are not for the tests.
    pub(super) fn unknown(&self) -> Vec<String> {
        self.layers.unknown(&self.known)
    }

    /// What was read, in the order of reading, and the sources of the file.
    pub(super) fn finish(self) -> (Vec<Recorded>, Layers) {
        (self.records, self.layers)
    }

    /// A setting that parses itself.
    pub(super) fn parse<T: FromStr<Err: Display>>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>> {
        self.checked(name, |text| text.parse::<T>().map_err(|error| error.to_string()))
    }

    /// A setting, with a check that says what would do.
    pub(super) fn checked<T>(
        &mut self,
        name: &'static str,
        check: impl FnOnce(&str) -> std::result::Result<T, String>,
    ) -> Result<Option<T>> {
        self.read(name, false, check)
    }

    /// The same for a secret: an error never shows its value.
    pub(super) fn secret<T>(
        &mut self,
        name: &'static str,
        check: impl FnOnce(&str) -> std::result::Result<T, String>,
    ) -> Result<Option<T>> {
        self.read(name, true, check)
    }

    /// A duration above zero.
    pub(super) fn duration(&mut self, name: &'static str, default: Duration) -> Result<Duration> {
        self.duration_from(name, Duration::ZERO, default)
    }

    /// A duration above zero, of at least `shortest`.
    pub(super) fn duration_from(
        &mut self,
        name: &'static str,
        shortest: Duration,
        default: Duration,
    ) -> Result<Duration> {
        let read = self.checked(name, |text| match humantime::parse_duration(text) {
            Ok(time) if time.is_zero() => Err("must be greater than zero".to_owned()),
            Ok(time) if time < shortest => {
                Err(format!("must be at least {}", humantime::format_duration(shortest)))
            }
            Ok(time) if time > LONGEST => Err("is longer than a year".to_owned()),
            Ok(time) => Ok(time),
            Err(_) => Err("is not a duration; write it as 5m, 90s or 250ms".to_owned()),
        })?;
        self.default_is(humantime::format_duration(default));
        Ok(read.unwrap_or(default))
    }

    /// Notes what a setting is that is not set.
    fn default_is(&mut self, default: impl Display) {
        if let Some(record) = self.records.last_mut().filter(|record| record.shown.is_none()) {
            record.shown = Some(default.to_string());
        }
    }

    /// A whole number, 1 or more.
    pub(super) fn count(&mut self, name: &'static str, default: u32) -> Result<u32> {
        let read = self.checked(name, |text| match text.parse::<u32>() {
            Ok(number) if number > 0 => Ok(number),
            _ => Err("is not a whole number of 1 or more".to_owned()),
        })?;
        self.default_is(default);
        Ok(read.unwrap_or(default))
    }

    /// A number of bytes, 1 or more.
    pub(super) fn size(&mut self, name: &'static str, default: u64) -> Result<u64> {
        let read = self.checked(name, |text| match text.parse::<bytesize::ByteSize>() {
            Ok(size) if size.as_u64() > 0 => Ok(size.as_u64()),
            _ => Err("is not a size; write it as 2GiB, 500MB or a number of bytes".to_owned()),
        })?;
        self.default_is(bytesize::ByteSize(default));
        Ok(read.unwrap_or(default))
    }

    /// Yes or no; no if not set.
    pub(super) fn flag(&mut self, name: &'static str) -> Result<bool> {
        let read = self.checked(name, |text| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err("is neither true nor false".to_owned()),
        })?;
        self.default_is(false);
        Ok(read.unwrap_or(false))
    }

    fn read<T>(
        &mut self,
        name: &'static str,
        is_secret: bool,
        check: impl FnOnce(&str) -> std::result::Result<T, String>,
    ) -> Result<Option<T>> {
        self.known.insert(name.to_owned());
        if is_secret {
            self.known.insert(format!("{name}_FILE"));
        }
        let Some(found) = self.layers.find(name, is_secret)? else {
            self.records.push(Recorded { name, shown: None, origin: Origin::Default });
            return Ok(None);
        };
        let place = place(name, &found.origin);
        let Some(text) = found.text.to_str() else {
            return Err(InvalidSetting::new(place, Value::NotShown, "is not UTF-8"));
        };
        let read = check(text).map_err(|advice| {
            let value = if is_secret { Value::NotShown } else { Value::Shown(masked(text)) };
            InvalidSetting::new(place, value, advice)
        })?;
        let shown = if is_secret { "(set)".to_owned() } else { masked(text) };
        self.records.push(Recorded { name, shown: Some(shown), origin: found.origin });
        Ok(Some(read))
    }
}

/// A longer duration is a mistake, and arithmetic with times must not overflow.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);
