//! Ids that must not be mixed up.

use std::{fmt, str::FromStr};

use shared::CallSid;
use uuid::Uuid;

macro_rules! uuid_newtype {
    ($(#[doc = $doc:literal])+ $name:ident) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// A new one; later ones sort after earlier ones.
            #[allow(clippy::new_without_default)] // a default id would be a different one each time
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

uuid_newtype! {
    /// One run: one try at fetching and preparing a recording.
    RunId
}
uuid_newtype! {
    /// One worker process; a new one at each start.
    WorkerId
}

/// Grows with each claim of a run. A worker writes only where its fence still stands, so one that
/// was paused and lost its run can't publish (M. Kleppmann, "How to do distributed locking", 2016).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fence(pub i64);

/// What follows the claim in the key of the sound that was converted.
const CONVERTED: &str = ".pcm";
/// And in that of the waveform.
const PEAKS: &str = ".peaks";
/// And in that of the description of a claim's object.
const DESCRIPTION: &str = ".json";

/// Where a run's bytes are in the object storage: `{call}/{run}-{fence}` as the provider sent them,
/// `.pcm` behind it what was made of them where browsers do not play them, `.peaks` the waveform.
/// Each claim writes under keys of its own, so two workers can never write the same object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectKey {
    text: Box<str>,
    run: RunId,
    fence: Fence,
}

impl ObjectKey {
    /// The key for what one claim of a run gets from the provider.
    pub fn new(call_sid: &CallSid, run: RunId, fence: Fence) -> Self {
        Self { text: format!("{call_sid}/{run}-{}", fence.0).into(), run, fence }
    }

    /// The key of the same claim's converted sound.
    #[must_use]
    pub fn converted(&self) -> Self {
        self.with(CONVERTED)
    }

    /// The key of the same claim's waveform.
    #[must_use]
    pub fn peaks(&self) -> Self {
        self.with(PEAKS)
    }

    /// The key of the description of the same claim's object.
    #[must_use]
    pub fn description(&self) -> Self {
        self.with(DESCRIPTION)
    }

    /// Whether both keys are of the same claim.
    pub fn is_of_same_claim(&self, other: &Self) -> bool {
        claim(&self.text) == claim(&other.text)
    }

    /// Whether this is the key of a recording's bytes, as the provider sent them or converted.
    pub fn is_sound(&self) -> bool {
        !self.text.ends_with(PEAKS) && !self.text.ends_with(DESCRIPTION)
    }

    /// All that the same claim may write.
    pub fn of_claim(&self) -> [Self; 4] {
        [self.with(""), self.converted(), self.peaks(), self.description()]
    }

    fn with(&self, suffix: &str) -> Self {
        Self { text: format!("{}{suffix}", claim(&self.text)).into(), ..*self }
    }

    /// Reads a key that was made here; anything else is `None`, so that a key from the database or
    /// a listing can never point outside the storage.
    pub fn parse(text: &str) -> Option<Self> {
        let (call_sid, name) = claim(text).split_once('/')?;
        let (run, fence) = name.rsplit_once('-')?;
        call_sid.parse::<CallSid>().ok()?;
        let fence = Fence(fence.parse().ok()?);
        Some(Self { text: text.into(), run: run.parse().ok()?, fence })
    }

    /// The call that it was made for.
    pub fn call_sid(&self) -> &str {
        self.text.split_once('/').map_or("", |(call_sid, _)| call_sid)
    }

    /// The run that it was made for.
    pub fn run(&self) -> RunId {
        self.run
    }

    /// The claim that it was made for.
    pub fn fence(&self) -> Fence {
        self.fence
    }

    /// The key as text, with one slash between folder and name.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// The part of a key that names the claim.
fn claim(key: &str) -> &str {
    let suffixes = [CONVERTED, PEAKS, DESCRIPTION];
    suffixes.iter().find_map(|suffix| key.strip_suffix(suffix)).unwrap_or(key)
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_leads_back_to_its_run_and_nowhere_else() {
        let run = RunId::new();
        let key = ObjectKey::new(&"CA-1.x".parse().unwrap(), run, Fence(3));
        for key in key.of_claim() {
            let read = ObjectKey::parse(key.as_str()).unwrap();
            assert_eq!(read, key);
            assert_eq!((read.run(), read.fence(), read.call_sid()), (run, Fence(3), "CA-1.x"));
        }
        for bad in [
            "",
            "a",
            "a/b",
            "../x-1",
            "/etc/passwd",
            &format!("../{run}-1"),
            &format!("a/b/{run}-1"),
            &format!("a/{run}-1.pcm.peaks"),
            &format!("a/{run}-1.txt"),
        ] {
            assert_eq!(ObjectKey::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_one_claim_writes_leads_to_each_other() {
        let key = ObjectKey::new(&"CA1".parse().unwrap(), RunId::new(), Fence(3));
        assert_eq!(key.converted().as_str(), format!("{key}.pcm"));
        assert_eq!(key.converted().peaks().as_str(), format!("{key}.peaks"));
        assert_eq!(key.description().as_str(), format!("{key}.json"));
        let all = [key.clone(), key.converted(), key.peaks(), key.description()];
        assert_eq!(key.peaks().of_claim(), all);
        assert_eq!(all.map(|key| key.is_sound()), [true, true, false, false]);
    }
}
