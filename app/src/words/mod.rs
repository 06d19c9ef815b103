//! Every word that a visitor reads, one file a language. A missing word does not compile.
//!
//! To add a language: a file like `en.rs`, and a line in each `match` below. The words of the pages and of the API are
//! used by the server alone, so that they cost the WebAssembly nothing; the player's are in both.

mod api;
mod en;
mod he;
mod page;
mod player;
mod status;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use api::{ApiWords, Detail};
pub use page::PageWords;
pub use player::{ErrorWords, KeyWords, PlayerWords};
pub use status::StatusWords;

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Hebrew.
    He,
}

impl Lang {
    /// Every language, in the order of the switch.
    pub const ALL: [Self; 2] = [Self::En, Self::He];

    /// The language tag (BCP 47), for `lang=`, `?lang=` and the cookie.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::He => "he",
        }
    }

    /// The direction of its script, for `dir=`.
    pub const fn dir(self) -> &'static str {
        match self {
            Self::En => "ltr",
            Self::He => "rtl",
        }
    }

    /// Its name in itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::He => "עברית",
        }
    }

    /// The language of a tag like `he` or `he-IL`; Hebrew's old code `iw` is known too.
    pub fn from_code(code: &str) -> Option<Self> {
        let primary = code.trim().split('-').next()?;
        Self::ALL
            .into_iter()
            .find(|lang| primary.eq_ignore_ascii_case(lang.code()))
            .or_else(|| primary.eq_ignore_ascii_case("iw").then_some(Self::He))
    }

    /// The best language for an `Accept-Language` header (RFC 9110, section 12.5.4). English where
    /// none fits.
    pub fn from_accept_language(header: &str) -> Self {
        let mut best = (Self::default(), 0.0);
        for item in header.split(',') {
            let mut parts = item.split(';');
            let Some(lang) = parts.next().and_then(Self::from_code) else { continue };
            let quality = parts
                .find_map(|part| part.trim().strip_prefix("q=")?.parse::<f32>().ok())
                .unwrap_or(1.0);
            if quality > best.1 {
                best = (lang, quality);
            }
        }
        best.0
    }

    /// The words of the pages.
    pub const fn page(self) -> &'static PageWords {
        match self {
            Self::En => &en::PAGE,
            Self::He => &he::PAGE,
        }
    }

    /// The words of the sheet of keys.
    pub const fn keys(self) -> &'static KeyWords {
        match self {
            Self::En => &en::KEYS,
            Self::He => &he::KEYS,
        }
    }

    /// The words of the player.
    pub const fn player(self) -> &'static PlayerWords {
        match self {
            Self::En => &en::PLAYER,
            Self::He => &he::PLAYER,
        }
    }

    /// The words of the page of the queue.
    pub const fn status(self) -> &'static StatusWords {
        match self {
            Self::En => &en::STATUS,
            Self::He => &he::STATUS,
        }
    }

    /// The words of the API.
    pub const fn api(self) -> &'static ApiWords {
        match self {
            Self::En => &en::API,
            Self::He => &he::API,
        }
    }
}
