//! What the server hands over to have a page rendered: plain data, no behaviour.

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
    /// The page of calls, as `GET /api/calls` answers it; `runs` are not looked at.
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
    /// The call, its `runs` filled in (none are shown as "nobody has asked for it yet").
    pub call: CallBody,
    /// `?t=`: where the player begins, in seconds from the start.
    pub start: Option<u32>,
}

/// The queue, for who runs the server.
#[derive(Clone, Debug)]
pub struct StatusPage {
    /// The queue, as `GET /api/queue` answers it; none where the database does not answer.
    pub queue: Option<QueueBody>,
}

/// The player alone, in a frame of another page. Nothing on it leads elsewhere.
#[derive(Clone, Debug)]
pub struct EmbedPage {
    /// The call to hear (its `runs` are not looked at), or why there is none.
    pub call: Result<CallBody, ProblemPage>,
    /// `?theme=`; none follows the browser's setting.
    pub theme: Option<Theme>,
    /// The sites that may frame it beside this one: origins with a space between, `*.` for what is
    /// below a host.
    pub origins: String,
    /// `?t=`: where the player begins, in seconds from the start.
    pub start: Option<u32>,
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

/// What is around every page.
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
    /// Whether to lead to the pages, and to offer to sign out.
    pub session: Session,
}

/// Who is looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Session {
    /// Somebody who may not see the pages.
    None,
    /// Whoever comes: this machine alone is served, or a program sent the token.
    NotNeeded,
    /// A browser session: a sign-out button is shown (`POST` to [`shared::path::SIGN_OUT`]).
    SignedIn,
}

/// Hrefs of the files that cargo-leptos builds, hashed names and all.
///
/// With `hash-files`, cargo-leptos names each file `/pkg/tapedeck.HASH.EXT`. Its content never changes
/// under a name, so it may be cached for ever; [`STATIC_FILES`] may not.
///
/// The pages hold no inline script and no inline style. They work under
/// `Content-Security-Policy: default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; base-uri 'none';
/// form-action 'self'; frame-ancestors 'none'; object-src 'none'` (`/embed` with other ancestors).
#[derive(Clone, Debug)]
pub struct Assets {
    /// `/pkg/tapedeck.HASH.js`: wasm-bindgen's glue, an ES module.
    pub script: String,
    /// `/pkg/tapedeck.HASH.wasm`.
    pub wasm: String,
    /// `/pkg/tapedeck.HASH.css`.
    pub style: String,
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
