//! Reads single variables, each by its kind.

use std::{collections::BTreeMap, ffi::OsString, fmt::Display, str::FromStr, time::Duration};

use super::error::{InvalidSetting, Value};

/// The variables, and the names that were read.
pub(super) struct Reader {
    variables: BTreeMap<String, OsString>,
    known: Vec<&'static str>,
}

type Result<T> = std::result::Result<T, InvalidSetting>;

impl Reader {
    pub(super) fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let named = |(name, value): (OsString, _)| Some((name.into_string().ok()?, value));
        Self { variables: variables.into_iter().filter_map(named).collect(), known: Vec::new() }
    }

    pub(super) fn is_set(&self, name: &str) -> bool {
        self.variables.contains_key(name)
    }

    /// Names that begin with `TAPEDECK_`, are no setting, and are not for the tests.
    pub(super) fn unknown(&self) -> Vec<String> {
        let ours =
            |name: &&String| name.starts_with("TAPEDECK_") && !name.starts_with("TAPEDECK_TEST_");
        let asked = |name: &&String| self.known.contains(&name.as_str());
        self.variables.keys().filter(|name| ours(name) && !asked(name)).cloned().collect()
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
        self.read(name, |text| Value::Shown(text.to_owned()), check)
    }

    /// The same for a secret: an error never shows its value.
    pub(super) fn secret<T>(
        &mut self,
        name: &'static str,
        check: impl FnOnce(&str) -> std::result::Result<T, String>,
    ) -> Result<Option<T>> {
        self.read(name, |_| Value::NotShown, check)
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
        Ok(read.unwrap_or(default))
    }

    /// A whole number, 1 or more.
    pub(super) fn count(&mut self, name: &'static str, default: u32) -> Result<u32> {
        let read = self.checked(name, |text| match text.parse::<u32>() {
            Ok(number) if number > 0 => Ok(number),
            _ => Err("is not a whole number of 1 or more".to_owned()),
        })?;
        Ok(read.unwrap_or(default))
    }

    /// A number of bytes, 1 or more.
    pub(super) fn size(&mut self, name: &'static str, default: u64) -> Result<u64> {
        let read = self.checked(name, |text| match text.parse::<bytesize::ByteSize>() {
            Ok(size) if size.as_u64() > 0 => Ok(size.as_u64()),
            _ => Err("is not a size; write it as 2GiB, 500MB or a number of bytes".to_owned()),
        })?;
        Ok(read.unwrap_or(default))
    }

    /// Yes or no; no if not set.
    pub(super) fn flag(&mut self, name: &'static str) -> Result<bool> {
        let read = self.checked(name, |text| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err("is neither true nor false".to_owned()),
        })?;
        Ok(read.unwrap_or(false))
    }

    fn read<T>(
        &mut self,
        name: &'static str,
        show: impl FnOnce(&str) -> Value,
        check: impl FnOnce(&str) -> std::result::Result<T, String>,
    ) -> Result<Option<T>> {
        self.known.push(name);
        let Some(value) = self.variables.get(name) else { return Ok(None) };
        let Some(text) = value.to_str() else {
            return Err(InvalidSetting::new(name, Value::NotShown, "is not UTF-8"));
        };
        match check(text) {
            Ok(read) => Ok(Some(read)),
            Err(advice) => Err(InvalidSetting::new(name, show(text), advice)),
        }
    }
}

/// A longer duration is a mistake, and arithmetic with times must not overflow.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);
