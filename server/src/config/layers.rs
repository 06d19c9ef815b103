//! Where settings come from, the first that has one wins: the environment, a secret's file, the
//! configuration file, systemd's credentials, the working folder's `.env`. Remembers what was read,
//! for `tapedeck config check`.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    fmt, fs,
    path::{Path, PathBuf},
};

use super::{
    credential,
    error::{InvalidSetting, Value},
    file::{self, FileValue, Position},
    source::{self, SourceSettings},
};

/// No configuration file is larger.
const LARGEST_FILE: u64 = 1024 * 1024;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The environment.
    Environment,
    /// A file that a setting names.
    NamedFile(PathBuf),
    /// The configuration file.
    File(PathBuf, Position),
    /// systemd's credentials (`LoadCredential=`).
    Credential,
    /// The working folder's `.env`.
    DotEnv,
    /// Nowhere.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("environment"),
            Self::NamedFile(path) => write!(f, "{}", path.display()),
            Self::File(path, at) => write!(f, "{}:{at}", path.display()),
            Self::Credential => f.write_str("credential"),
            Self::DotEnv => f.write_str(".env"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A setting as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The environment's name.
    pub name: &'static str,
    /// Its value, masked where it is a secret; `None` where it is not set.
    pub shown: Option<String>,
    /// Where it came from.
    pub origin: Origin,
}

/// A value, and where it came from.
pub(super) struct Found {
    pub(super) text: OsString,
    pub(super) origin: Origin,
}

/// All places, read.
#[derive(Default)]
pub(super) struct Layers {
    environment: BTreeMap<String, OsString>,
    credentials: BTreeMap<String, OsString>,
    dot_env: BTreeMap<String, OsString>,
    path: PathBuf,
    file: BTreeMap<String, FileValue>,
    pub(super) sources: Vec<SourceSettings>,
}

fn named(variables: impl IntoIterator<Item = (OsString, OsString)>) -> BTreeMap<String, OsString> {
    variables
        .into_iter()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .collect()
}

impl Layers {
    /// Reads the configuration file that `TAPEDECK_CONFIG` names, if any.
    pub(super) fn read(
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        credentials: impl IntoIterator<Item = (OsString, OsString)>,
        dot_env: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, InvalidSetting> {
        let mut layers = Self {
            environment: named(environment),
            credentials: named(credentials),
            dot_env: named(dot_env),
            ..Self::default()
        };
        let Some(found) = layers.find("TAPEDECK_CONFIG", false)? else { return Ok(layers) };
        layers.path = PathBuf::from(found.text);
        let text = read_file(&layers.path)?;
        let wrong = |error: file::InvalidFile| {
            let place = format!("{}:{}", layers.path.display(), error.at);
            InvalidSetting::new(place, Value::NotShown, error.why)
        };
        let table = file::parse(&text).map_err(wrong)?;
        let parsed = file::settings(&text, table.get_ref()).map_err(wrong)?;
        let sources = source::read(&text, &parsed.sources).map_err(wrong)?;
        let file = parsed.values;
        Ok(Self { file, sources, ..layers })
    }

    pub(super) fn is_set(&self, name: &str) -> bool {
        [&self.environment, &self.credentials, &self.dot_env]
            .iter()
            .any(|all| all.contains_key(name))
    }

    /// The value of a setting.
    pub(super) fn find(
        &self,
        name: &str,
        is_secret: bool,
    ) -> Result<Option<Found>, InvalidSetting> {
        let file_name = format!("{name}_FILE");
        if let Some(text) = self.environment.get(name) {
            if is_secret && self.environment.contains_key(&file_name) {
                let why = format!("stands beside {file_name}; keep one of them");
                return Err(InvalidSetting::new(name, Value::NotShown, why));
            }
            return Ok(Some(Found { text: text.clone(), origin: Origin::Environment }));
        }
        if is_secret && let Some(path) = self.environment.get(&file_name) {
            return named_file(&file_name, Path::new(path)).map(Some);
        }
        if let Some(FileValue { text, at }) = self.file.get(name) {
            let origin = Origin::File(self.path.clone(), *at);
            return Ok(Some(Found { text: text.into(), origin }));
        }
        if is_secret && let Some(FileValue { text, at }) = self.file.get(&file_name) {
            let key = file::key(&file_name);
            let place = format!("{}:{at}: {key}", self.path.display());
            return named_file(&place, Path::new(text)).map(Some);
        }
        if let Some(text) = self.credentials.get(name) {
            return Ok(Some(Found { text: text.clone(), origin: Origin::Credential }));
        }
        let dotted = self.dot_env.get(name);
        Ok(dotted.map(|text| Found { text: text.clone(), origin: Origin::DotEnv }))
    }

    /// Names that look like settings and are none.
    pub(super) fn unknown(&self, known: &BTreeSet<String>) -> Vec<String> {
        let ours =
            |name: &&String| name.starts_with("TAPEDECK_") && !name.starts_with("TAPEDECK_TEST_");
        let variables = [&self.environment, &self.credentials, &self.dot_env];
        let variables: BTreeSet<&String> = variables.into_iter().flat_map(BTreeMap::keys).collect();
        let of_variables = variables.into_iter().filter(ours).filter(|name| !known.contains(*name));
        // A bucket's variables are read only where the storage is one.
        let is_unknown = |name: &str| !known.contains(name) && !name.starts_with("AWS_");
        let in_file = self.file.iter().filter(|(name, _)| is_unknown(name)).map(|(name, value)| {
            format!("{}:{}: {}", self.path.display(), value.at, file::key(name))
        });
        of_variables.cloned().chain(in_file).collect()
    }
}

/// How a setting is called in an error: by its variable, or by its place in the file.
pub(super) fn place(name: &str, origin: &Origin) -> String {
    match origin {
        Origin::File(path, at) => format!("{}:{at}: {}", path.display(), file::key(name)),
        _ => name.to_owned(),
    }
}

fn named_file(setting: &str, path: &Path) -> Result<Found, InvalidSetting> {
    let wrong = |why| InvalidSetting::new(setting, Value::Shown(path.display().to_string()), why);
    let text = credential::read(path).map_err(wrong)?;
    Ok(Found { text: text.into(), origin: Origin::NamedFile(path.to_owned()) })
}

fn read_file(path: &Path) -> Result<String, InvalidSetting> {
    let wrong = |why: String| {
        let shown = Value::Shown(path.display().to_string());
        InvalidSetting::new("TAPEDECK_CONFIG", shown, why)
    };
    let size = fs::metadata(path).map(|file| file.len());
    if size.is_ok_and(|size| size > LARGEST_FILE) {
        return Err(wrong("is larger than 1 MiB; name a TOML file".to_owned()));
    }
    fs::read_to_string(path).map_err(|why| wrong(format!("can't be read: {why}; name a TOML file")))
}

/// A value as it may be shown: without the password of a URL.
pub(super) fn masked(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end]
        .rsplit_once('@')
        .and_then(|(user, host)| Some((user.split_once(':')?.0, host)))
    {
        Some((user, host)) => format!("{scheme}://{user}:…@{host}{}", &rest[end..]),
        None => text.to_owned(),
    }
}
