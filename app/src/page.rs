//! The data from which pages are rendered.

use std::sync::Arc;

use shared::{
    CallSid, ErrorCode, RecordingState,
    body::{CallBody, CallsBody, QueueBody},
};

use crate::words::{Detail, Lang};

/// One page of the site, with all that stands on it.
#[derive(Clone, Debug)]
pub enum Page {
    /// `GET /`.
    Calls(CallsPage),
    /// `GET /calls/{call_sid}`. Boxed: it is much larger than the others.
    Call(Box<CallPage>),
    /// `GET /status`.
    Status(Box<StatusPage>),
    /// `GET /embed/{call_sid}`.
    Embed(Box<EmbedPage>),
    /// `GET /sign-in`, and the answer to a `POST` whose token was wrong.
    SignIn(SignInPage),
    /// Any page that can't be shown, whatever its route.
    Problem(ProblemPage),
}

/// The calls, newest first.
#[derive(Clone, Debug)]
pub struct CallsPage {
    /// The page of calls, as `GET /api/calls` answers it; `runs` are ignored.
    pub body: CallsBody,
    /// `?q=` as the visitor typed it; empty for none.
    pub q: String,
    /// `?state=`.
    pub state: Option<RecordingState>,
    /// Whether this is a later page (`?before=` was given).
    pub is_later: bool,
}

/// One call.
#[derive(Clone, Debug)]
pub struct CallPage {
    /// The call, with its `runs` and, where it has several, its `recordings`.
    pub call: CallBody,
    /// What the player plays.
    pub playback: Playback,
}

/// What the player of a page plays, and what it is sent with.
#[derive(Clone, Debug)]
pub struct Playback {
    /// `?part=`: the number of the recording within the call.
    pub part: u32,
    /// `?t=`: the start position in seconds.
    pub start: Option<u32>,
    /// Query pairs for every request of the recording's bytes and peaks, such as `token=…`; escaped, joined by
    /// `&`, empty for none.
    pub query: String,
    /// The recording's peaks (audiowaveform's `.dat`), to be drawn into the page.
    pub peaks: Option<Vec<u8>>,
}

impl Default for Playback {
    /// The first recording from its start, without a waveform.
    fn default() -> Self {
        Self { part: 1, start: None, query: String::new(), peaks: None }
    }
}

/// The queue, for operators.
#[derive(Clone, Debug)]
pub struct StatusPage {
    /// The queue, as `GET /api/queue` answers it; none where the database does not answer.
    pub queue: Option<QueueBody>,
}

/// The player alone, in a frame of another page. Nothing on it leads elsewhere.
#[derive(Clone, Debug)]
pub struct EmbedPage {
    /// The call, without its `runs`; or why it can't be shown.
    pub call: Result<CallBody, ProblemPage>,
    /// `?theme=`; none follows the browser's setting.
    pub theme: Option<Theme>,
    /// The sites that may frame it beside this one: origins with a space between, `*.` for what is
    /// below a host.
    pub origins: String,
    /// What the player plays.
    pub playback: Playback,
}

/// A colour scheme that a page asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// The word in `?theme=`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Light, Self::Dark].into_iter().find(|theme| theme.as_str() == word)
    }
}

/// The sign-in form. It sends `token` and `next` by `POST` to [`shared::path::SIGN_IN`],
/// `application/x-www-form-urlencoded`.
#[derive(Clone, Debug)]
pub struct SignInPage {
    /// Whether the token just sent was wrong.
    pub failed: bool,
    /// Where to go after, a path of this site; sent back as `next`.
    pub next: String,
}

/// A page in place of one that can't be shown.
#[derive(Clone, Debug)]
pub struct ProblemPage {
    /// The status that the page is sent with.
    pub status: u16,
    /// What went wrong. Its words come from here, in the visitor's language.
    pub code: ErrorCode,
    /// What exactly, where the visitor's request is the reason.
    pub detail: Option<Detail>,
    /// The call asked for, where there is one.
    pub call_sid: Option<CallSid>,
}

/// The frame around every page.
#[derive(Clone, Debug)]
pub struct Chrome {
    /// The built files.
    pub assets: Assets,
    /// The visitor's language: a `?lang=` in the address wins over the cookie, the cookie over
    /// `Accept-Language` ([`Lang::from_accept_language`]). The switch in the page's head is a link
    /// to the same address with `?lang=`; the server keeps the choice in a cookie.
    pub lang: Lang,
    /// Path and query of the page, as asked for.
    pub here: String,
    /// Whether to show the navigation and the sign-out button.
    pub session: Session,
}

/// The visitor's session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Session {
    /// A visitor without access to the pages.
    None,
    /// No session is needed: only this machine is served, or a program sent the token.
    NotNeeded,
    /// A browser session: a sign-out button is shown (`POST` to [`shared::path::SIGN_OUT`]).
    SignedIn,
}

/// Hrefs of the files that cargo-leptos builds, hashed names and all.
///
/// With `hash-files`, cargo-leptos names each file `/pkg/tapedeck.HASH.EXT`. Its content never changes
/// under a name, so it may be cached for ever; [`STATIC_FILES`] may not.
///
/// The pages hold one inline script ([`crate::FIRST_PRESS`]) and one inline style ([`Assets::inline_style`]), both
/// constants, to be allowed by their SHA-256. They work under `Content-Security-Policy: default-src 'self';
/// script-src 'self' 'wasm-unsafe-eval' 'sha256-…'; style-src 'self' 'sha256-…'; base-uri 'none'; form-action 'self';
/// frame-ancestors 'none'; object-src 'none'` (`/embed` with other ancestors).
#[derive(Clone, Debug)]
pub struct Assets {
    /// `/pkg/tapedeck.HASH.js`: wasm-bindgen's glue, an ES module.
    pub script: String,
    /// `/pkg/tapedeck.HASH.wasm`.
    pub wasm: String,
    /// `/pkg/tapedeck.HASH.css`.
    pub style: String,
    /// The text of that file, to be sent within each page; `None` links the file.
    pub inline_style: Option<Arc<str>>,
}

/// The files of `public/`, copied to the site's root under fixed names: to be revalidated by the
/// browser (`Cache-Control: no-cache`).
pub const STATIC_FILES: [&str; 7] = [
    "/hydrate.js",
    "/embed.js",
    "/favicon.svg",
    "/live-update.js",
    "/morph.js",
    "/tapedeck-player.js",
    "/times.js",
];
