//! One `[[source]]` of the file: a telephony system that sends callbacks. What is wrong is named by
//! its key, line and column; a secret is never shown.

use std::{collections::BTreeSet, fmt, ops::Range, path::PathBuf, time::Duration};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use webhook::{
    NamedKey, PublicKey, Rotating, Secret, StandardKey, TwilioKeys, Verifier, VonageKeys,
};

use super::file::{InvalidFile, Position, Text};
use crate::sources::event::{Kind, Media};

/// Reconciling more often than this only spends the provider's rate limit.
const SHORTEST_RECONCILE: Duration = Duration::from_secs(60);

/// A name that is safe in a path: 1 to 64 of `a-z 0-9 -`, beginning with a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceName(String);

impl SourceName {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where its callbacks go, below the public URL.
    pub fn path(&self) -> String {
        format!("/hooks/{}", self.0)
    }

    /// Parses a name.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fits =
            (1..=64).contains(&text.len()) && text.bytes().all(plain) && !text.starts_with('-');
        fits.then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A configured source.
#[derive(Clone, Debug)]
pub struct SourceSettings {
    /// Its name.
    pub name: SourceName,
    /// Whose callbacks it takes.
    pub kind: Kind,
    /// The team of its calls.
    pub team: Option<String>,
    /// The account, where its kind has one.
    pub account: Option<String>,
    /// How callbacks prove who sent them.
    pub verifier: Verifier,
    /// How media is asked for.
    pub media: Media,
    /// How its provider's list is read, and how often.
    pub reconcile: Option<Reconcile>,
    /// Where it stands in the file.
    pub at: Position,
}

/// How a provider's list of recordings is read.
#[derive(Clone, Debug)]
pub struct Reconcile {
    /// How often.
    pub every: Duration,
    /// The API's address, without a slash at its end.
    pub api_url: String,
    /// What opens it.
    pub door: Door,
}

/// What opens a provider's API.
#[derive(Clone, Debug)]
pub enum Door {
    /// HTTP Basic, `user:password`.
    Basic(Secret),
    /// A bearer token.
    Bearer(Secret),
}

/// Reads all of the file's sources.
pub(super) fn read(
    text: &str,
    tables: &[&Spanned<DeValue<'_>>],
) -> Result<Vec<SourceSettings>, InvalidFile> {
    let text = Text(text);
    let mut all: Vec<SourceSettings> = Vec::new();
    for table in tables {
        let DeValue::Table(keys) = table.get_ref() else {
            return Err(text.wrong(&table.span(), "write each source as [[source]]"));
        };
        let source = source(Entry::new(&text, keys, table.span()))?;
        if let Some(other) = all.iter().find(|other| other.name == source.name) {
            let why = format!("the name {} is taken by the source at {}", source.name, other.at);
            return Err(InvalidFile { at: source.at, why });
        }
        all.push(source);
    }
    Ok(all)
}

fn source(mut entry: Entry<'_>) -> Result<SourceSettings, InvalidFile> {
    let name = entry.required("name", "it becomes the address /hooks/NAME")?;
    let name = SourceName::parse(&name).ok_or_else(|| {
        entry.wrong("name", "is not 1 to 64 of a-z, 0-9 and -, beginning with a letter or digit")
    })?;
    let words = Kind::ALL.map(Kind::as_str).join(", ");
    let kind = entry.required("kind", &format!("one of {words}"))?;
    let kind = Kind::ALL
        .into_iter()
        .find(|known| known.as_str() == kind)
        .ok_or_else(|| entry.wrong("kind", format!("is none of {words}")))?;
    let team = entry.optional("team")?;
    let media = match entry.optional("media")?.as_deref() {
        None | Some("wav") => Media::Wav,
        Some("mp3") => Media::Mp3,
        Some("as-is") => Media::AsIs,
        Some(_) => return Err(entry.wrong("media", "is none of wav, mp3, as-is")),
    };
    let every = entry.optional("reconcile")?.map(|text| match humantime::parse_duration(&text) {
        Ok(every) if every >= SHORTEST_RECONCILE => Ok(every),
        Ok(_) => Err(entry.wrong("reconcile", "must be at least 1m")),
        Err(_) => Err(entry.wrong("reconcile", "is not a duration; write it as 15m or 1h")),
    });
    let every = every.transpose()?;
    let api_url = entry.optional("api_url")?.map(|url| url.trim_end_matches('/').to_owned());
    if api_url
        .as_ref()
        .is_some_and(|url| url.parse::<crate::recording_url::RecordingUrl>().is_err())
    {
        return Err(entry.wrong("api_url", "is not an http or https URL"));
    }
    let (verifier, account, list) = match kind {
        Kind::Twilio | Kind::SignalWire => twilio(&mut entry, kind)?,
        Kind::Telnyx => telnyx(&mut entry)?,
        Kind::Plivo => {
            let account = entry.optional("auth_id")?;
            let why = "Plivo signs callbacks with it";
            (Verifier::Plivo(entry.rotating("auth_token", why)?), account, None)
        }
        Kind::Vonage => vonage(&mut entry)?,
        Kind::Bandwidth => bandwidth(&mut entry)?,
        Kind::Standard => standard(&mut entry)?,
    };
    let reconcile = match (every, list) {
        (None, _) => None,
        (Some(every), Some((default_url, door))) => {
            let api_url = api_url.or(default_url).ok_or_else(|| {
                entry.missing("api_url", "such as https://SPACE.signalwire.com/api/laml")
            })?;
            Some(Reconcile { every, api_url, door })
        }
        (Some(_), None) => {
            let why = match kind {
                Kind::Telnyx => "needs api_key, or api_key_file",
                _ => "can't be done: this kind has no list of recordings to read; remove it",
            };
            return Err(entry.wrong("reconcile", why));
        }
    };
    entry.finish()?;
    Ok(SourceSettings { name, kind, team, account, verifier, media, reconcile, at: entry.at() })
}

/// The verifier, the account, and how the list is opened, with the API's usual address.
type OfKind = (Verifier, Option<String>, Option<(Option<String>, Door)>);

fn twilio(entry: &mut Entry<'_>, kind: Kind) -> Result<OfKind, InvalidFile> {
    let account = entry.required("account", "such as AC0123…")?;
    let tokens = entry.rotating("auth_token", "it signs callbacks and opens the media")?;
    let named = match entry.optional("webhook_key")? {
        Some(id) => {
            let secrets = entry.rotating("webhook_key_secret", "it signs callbacks")?;
            Some(NamedKey { id, secrets })
        }
        None => None,
    };
    let pair = [account.as_bytes(), b":", tokens.current().bytes()].concat();
    let usual = (kind == Kind::Twilio).then(|| "https://api.twilio.com".to_owned());
    let list = Some((usual, Door::Basic(Secret::new(pair))));
    Ok((Verifier::Twilio(TwilioKeys { tokens, named }), Some(account), list))
}

fn telnyx(entry: &mut Entry<'_>) -> Result<OfKind, InvalidFile> {
    let key = |entry: &mut Entry<'_>, name: &'static str| {
        let text = entry.optional(name)?;
        let parsed = text.map(|text| text.parse::<PublicKey>()).transpose();
        parsed.map_err(|why| entry.wrong(name, why.to_string()))
    };
    let current = key(entry, "public_key")?
        .ok_or_else(|| entry.missing("public_key", "copy it from Telnyx' portal"))?;
    let previous = key(entry, "public_key_previous")?;
    let door = entry.secret("api_key")?.map(Door::Bearer);
    let list = door.map(|door| (Some("https://api.telnyx.com".to_owned()), door));
    Ok((Verifier::Telnyx(Rotating::new(current, previous)), None, list))
}

fn vonage(entry: &mut Entry<'_>) -> Result<OfKind, InvalidFile> {
    let api_key = entry.optional("api_key")?;
    let application_id = entry.optional("application_id")?;
    let secrets = entry.rotating("signature_secret", "Vonage signs callbacks with it")?;
    // Opens the media: the provider's door for this source.
    entry.secret("private_key")?;
    let account = application_id.clone();
    Ok((Verifier::Vonage(VonageKeys { secrets, api_key, application_id }), account, None))
}

fn bandwidth(entry: &mut Entry<'_>) -> Result<OfKind, InvalidFile> {
    let account = entry.required("account", "the number of the account")?;
    let user = entry.required("user", "Bandwidth sends it with each callback")?;
    let passwords = entry.rotating("password", "Bandwidth sends it with each callback")?;
    let pair = |password: &Secret| Secret::new([user.as_bytes(), b":", password.bytes()].concat());
    let current = pair(passwords.current());
    let list = Some((Some("https://voice.bandwidth.com".to_owned()), Door::Basic(current)));
    Ok((Verifier::Basic(passwords.map(|password| pair(&password))), Some(account), list))
}

fn standard(entry: &mut Entry<'_>) -> Result<OfKind, InvalidFile> {
    let key = |entry: &mut Entry<'_>, name: &'static str| {
        let Some(secret) = entry.secret(name)? else { return Ok(None) };
        let text = String::from_utf8_lossy(secret.bytes()).into_owned();
        text.parse::<StandardKey>().map(Some).map_err(|why| entry.wrong(name, why.to_string()))
    };
    let current = match key(entry, "secret")? {
        Some(secret) => secret,
        None => key(entry, "public_key")?
            .ok_or_else(|| entry.missing("secret", "whsec_…; or public_key, whpk_…"))?,
    };
    let previous = match key(entry, "secret_previous")? {
        Some(secret) => Some(secret),
        None => key(entry, "public_key_previous")?,
    };
    Ok((Verifier::Standard(Rotating::new(current, previous)), None, None))
}

/// The keys of one table, and which of them were read.
struct Entry<'a> {
    text: &'a Text<'a>,
    keys: &'a DeTable<'a>,
    span: Range<usize>,
    known: BTreeSet<String>,
}

impl<'a> Entry<'a> {
    fn new(text: &'a Text<'a>, keys: &'a DeTable<'a>, span: Range<usize>) -> Self {
        Self { text, keys, span, known: BTreeSet::new() }
    }

    fn at(&self) -> Position {
        self.text.position(&self.span)
    }

    fn find(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.keys.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }

    fn wrong(&self, key: &str, why: impl Into<String>) -> InvalidFile {
        let span = self.find(key).map_or_else(|| self.span.clone(), Spanned::span);
        self.text.wrong(&span, format!("{key} {}", why.into()))
    }

    fn missing(&self, key: &str, what: &str) -> InvalidFile {
        self.text.wrong(&self.span, format!("{key} is missing: {what}"))
    }

    fn optional(&mut self, key: &str) -> Result<Option<String>, InvalidFile> {
        self.known.insert(key.to_owned());
        let Some(value) = self.find(key) else { return Ok(None) };
        match value.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => Ok(Some(text.trim().to_owned())),
            DeValue::Integer(number) => Ok(Some(number.as_str().to_owned())),
            DeValue::String(_) => Err(self.wrong(key, "is empty")),
            _ => Err(self.wrong(key, "is not a text")),
        }
    }

    fn required(&mut self, key: &str, what: &str) -> Result<String, InvalidFile> {
        self.optional(key)?.ok_or_else(|| self.missing(key, what))
    }

    /// A secret in the file, in a file of its own (`…_file`), or in systemd's credentials.
    fn secret(&mut self, key: &str) -> Result<Option<Secret>, InvalidFile> {
        let file_key = format!("{key}_file");
        let path = self.optional(&file_key)?.map(PathBuf::from);
        match (self.optional(key)?, path) {
            (Some(_), Some(_)) => {
                Err(self.wrong(&file_key, format!("stands beside {key}; keep one")))
            }
            (Some(text), None) => Ok(Some(Secret::new(text))),
            (None, Some(path)) => super::credential::read(&path)
                .map(|text| Some(Secret::new(text)))
                .map_err(|why| self.wrong(&file_key, why)),
            (None, None) => Ok(None),
        }
    }

    fn rotating(&mut self, key: &str, what: &str) -> Result<Rotating<Secret>, InvalidFile> {
        let current = self
            .secret(key)?
            .ok_or_else(|| self.missing(key, &format!("{what}; also as {key}_file")))?;
        Ok(Rotating::new(current, self.secret(&format!("{key}_previous"))?))
    }

    /// No key may be there that nobody read: it is a slip of the pen.
    fn finish(&self) -> Result<(), InvalidFile> {
        let unknown = self.keys.keys().find(|key| !self.known.contains(key.get_ref().as_ref()));
        let Some(key) = unknown else { return Ok(()) };
        let all =
            self.known.iter().filter(|key| !key.ends_with("_file") && !key.ends_with("_previous"));
        let all = all.cloned().collect::<Vec<_>>().join(", ");
        let name: String = key.get_ref().chars().take(40).flat_map(char::escape_debug).collect();
        Err(self
            .text
            .wrong(&key.span(), format!("{name} is no key of this source; there is {all}")))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::config::file;

    fn read_all(text: &str) -> Result<Vec<SourceSettings>, String> {
        let table = file::parse(text).unwrap();
        let parsed = file::settings(text, table.get_ref()).unwrap();
        read(text, &parsed.sources).map_err(|error| error.to_string())
    }

    const TWILIO: &str = "[[source]]\nname = \"main\"\nkind = \"twilio\"\naccount = \"AC1\"\nauth_token = \"hunter2\"\n";

    #[test]
    fn five_lines_are_a_source() {
        let all = read_all(&format!("{TWILIO}team = \"support\"\nreconcile = \"15m\"\n")).unwrap();
        let [source] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!((source.name.path().as_str(), source.kind), ("/hooks/main", Kind::Twilio));
        let reconcile = source.reconcile.as_ref().unwrap();
        assert_eq!(reconcile.api_url, "https://api.twilio.com");
        assert!(matches!(&reconcile.door, Door::Basic(pair) if pair.bytes() == b"AC1:hunter2"));
        assert!(!format!("{all:?}").contains("hunter2"));
    }

    #[test]
    fn every_kind_is_read() {
        let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        let whole = [
            ("signalwire", "account = \"p-1\"\nauth_token = \"x\"".to_owned()),
            ("telnyx", format!("public_key = \"{key}\"\napi_key = \"k\"\nreconcile = \"1h\"")),
            (
                "plivo",
                "auth_id = \"MA1\"\nauth_token = \"x\"\nauth_token_previous = \"y\"".to_owned(),
            ),
            (
                "vonage",
                "api_key = \"k\"\nsignature_secret = \"x\"\napplication_id = \"a\"".to_owned(),
            ),
            (
                "bandwidth",
                "account = 55\nuser = \"u\"\npassword = \"p\"\nreconcile = \"1h\"".to_owned(),
            ),
            ("standard", "secret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"".to_owned()),
            ("standard", format!("public_key = \"whpk_{key}\"")),
        ];
        for (kind, keys) in whole {
            let text = format!("[[source]]\nname = \"a\"\nkind = \"{kind}\"\n{keys}\n");
            let all = read_all(&text).unwrap_or_else(|why| panic!("{kind}: {why}"));
            assert_eq!(all[0].kind.as_str(), kind);
        }
    }

    #[test]
    fn secrets_come_from_files_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "hunter2\n").unwrap();
        let in_file =
            TWILIO.replace("auth_token = \"hunter2\"", &format!("auth_token_file = {path:?}"));
        let all = read_all(&in_file).unwrap();
        let Verifier::Twilio(keys) = &all[0].verifier else { panic!() };
        assert_eq!(keys.tokens.current().bytes(), b"hunter2");
        let both = format!("{in_file}auth_token = \"x\"\n");
        assert_eq!(
            read_all(&both).unwrap_err(),
            "5:19: auth_token_file stands beside auth_token; keep one"
        );
        let missing = TWILIO.replace("auth_token = \"hunter2\"", "auth_token_file = \"/nowhere\"");
        assert!(
            read_all(&missing).unwrap_err().starts_with("5:19: auth_token_file can't be read: ")
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place_and_without_secrets() {
        for (from, to, error) in [
            ("name = \"main\"\n", "", "1:1: name is missing"),
            ("\"main\"", "\"Main\"", "2:8: name is not 1 to 64 of"),
            ("\"twilio\"", "\"skype\"", "3:8: kind is none of twilio, signalwire, telnyx"),
            ("account = \"AC1\"\n", "", "1:1: account is missing"),
            ("auth_token", "auth_tokn", "1:1: auth_token is missing"),
            (
                "account",
                "acount = \"x\"\naccount",
                "4:1: acount is no key of this source; there is account, ",
            ),
            ("\"hunter2\"", "[\"hunter2\"]", "5:14: auth_token is not a text"),
            ("account", "reconcile = \"10s\"\naccount", "4:13: reconcile must be at least 1m"),
            ("account", "reconcile = \"soon\"\naccount", "4:13: reconcile is not a duration"),
            ("account", "media = \"ogg\"\naccount", "4:9: media is none of wav, mp3, as-is"),
        ] {
            let said = read_all(&TWILIO.replacen(from, to, 1)).unwrap_err();
            assert!(said.starts_with(error) && !said.contains("hunter2"), "{to}: {said}");
        }
        let twice = read_all(&format!("{TWILIO}{TWILIO}")).unwrap_err();
        assert_eq!(twice, "6:1: the name main is taken by the source at 1:1");
        let none = "[[source]]\nname = \"v\"\nkind = \"vonage\"\nsignature_secret = \"x\"\nreconcile = \"1h\"\n";
        assert!(read_all(none).unwrap_err().starts_with("5:13: reconcile can't be done"));
    }
}
