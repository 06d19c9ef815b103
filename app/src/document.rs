//! Renders a [`Page`] as a whole HTML document.

use leptos::prelude::*;
use shared::path;

use crate::{
    address::with_parameter,
    icons,
    page::{Assets, Chrome, EmbedPage, Page, Session},
    pages::{self, Content, Follows},
    player::key_sheet,
    words::Lang,
};

/// The inline script of pages with players. It makes Play, seeking and keys work for a ready recording until the
/// WebAssembly has started (`self.alive`), and records a press that needs the WebAssembly (`self.pressed`). Under 1 kB.
pub const FIRST_PRESS: &str = include_str!("first-press.js");

/// The whole document, doctype included, to be sent as `text/html; charset=utf-8`. Pure: the same
/// page gives the same text.
pub fn render(page: Page, chrome: &Chrome) -> String {
    let lang = chrome.lang;
    let content = match page {
        Page::Calls(page) => pages::calls(page, lang),
        Page::Call(page) => pages::call(*page, &chrome.here, lang),
        Page::Status(page) => pages::status(*page, lang),
        Page::SignIn(page) => pages::sign_in(page, lang),
        Page::Problem(page) => pages::problem(page, Some(chrome.here.as_str()), lang),
        Page::Embed(page) => return whole(|| bare(*page, chrome)),
    };
    whole(|| framed(content, chrome))
}

/// Renders within an owner, which holds the islands' signals.
fn whole<V: IntoView>(document: impl FnOnce() -> V) -> String {
    let html = Owner::new().with(|| document().to_html());
    format!("<!doctype html>{html}")
}

fn framed(content: Content, chrome: &Chrome) -> impl IntoView {
    let lang = chrome.lang;
    let words = lang.page();
    let Content { title, body, here, has_players, follows } = content;
    let has_access = chrome.session != Session::None;
    view! {
        <html lang=lang.code() dir=lang.dir()>
            <head>
                {head(&title, chrome)} {has_players.then(|| hydrate(&chrome.assets))}
                {follows.filter(|_| has_access).map(live_update)}
            </head>
            <body>
                <div hidden inner_html=icons::SPRITE></div>
                <a class="skip" href="#content">{words.skip_to_content}</a>
                <header class="top">
                    <a class="top__name" href=path::CALLS_PAGE>
                        <span class="top__reels" aria-hidden="true"></span>
                        <span translate="no">"tapedeck"</span>
                        <span class="top__tagline">{words.tagline}</span>
                    </a>
                    {has_access.then(|| site(here, lang))}
                    <nav class="top__nav" aria-label=words.language>
                        {switch(&chrome.here, lang)}
                    </nav>
                    {(chrome.session == Session::SignedIn)
                        .then(|| {
                            view! {
                                <form method="post" action=path::SIGN_OUT>
                                    <button class="button button--quiet">{words.sign_out}</button>
                                </form>
                            }
                        })}
                </header>
                <main id="content" tabindex="-1">{body()}</main>
                {has_players.then(|| key_sheet(lang))}
            </body>
        </html>
    }
}

/// The page for a frame of another site: the player, or why it can't be shown, without navigation.
fn bare(page: EmbedPage, chrome: &Chrome) -> impl IntoView {
    let lang = chrome.lang;
    let EmbedPage { call, theme, origins, playback } = page;
    let has_player = call.is_ok();
    let sid = match &call {
        Ok(call) => Some(&call.call_sid),
        Err(problem) => problem.call_sid.as_ref(),
    };
    let sid = sid.map(ToString::to_string);
    let error = call.as_ref().err().map(|problem| problem.code.as_str());
    let Content { title, body, .. } = pages::embed(call, playback, &chrome.here, lang);
    view! {
        <html class="embed" lang=lang.code() dir=lang.dir() data-theme=theme.map(crate::Theme::as_str)>
            <head>
                {head(&title, chrome)} {has_player.then(|| hydrate(&chrome.assets))}
                <script
                    type="module"
                    id="embed"
                    src="/embed.js"
                    data-call=sid
                    data-problem=error
                    data-origins=origins
                ></script>
            </head>
            <body>
                <div hidden inner_html=icons::SPRITE></div>
                <main>{body()}</main>
                {has_player.then(|| key_sheet(lang))}
            </body>
        </html>
    }
}

fn head(title: &str, chrome: &Chrome) -> impl IntoView + use<> {
    view! {
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="description" content=chrome.lang.page().description />
        <title>{format!("{title} · tapedeck")}</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        {style(&chrome.assets)}
    }
}

/// The style: within the page, so that the first paint waits for no request; linked where its text is not known.
fn style(assets: &Assets) -> AnyView {
    match &assets.inline_style {
        Some(text) => view! { <style inner_html=text.to_string()></style> }.into_any(),
        None => view! { <link rel="stylesheet" href=assets.style.clone() /> }.into_any(),
    }
}

/// The scripts of pages with players.
fn hydrate(assets: &Assets) -> impl IntoView + use<> {
    let (script, wasm) = (assets.script.clone(), assets.wasm.clone());
    view! {
        <script inner_html=FIRST_PRESS></script>
        <script
            type="module"
            r#async=true
            fetchpriority="low"
            id="hydrate"
            src="/hydrate.js"
            data-script=script
            data-wasm=wasm
        ></script>
    }
}

/// The script that updates a page's `data-live` elements.
fn live_update(follows: Follows) -> impl IntoView {
    let word = match follows {
        Follows::Runs => "runs",
        Follows::Time => "time",
    };
    view! {
        <script
            type="module"
            r#async=true
            fetchpriority="low"
            id="live-update"
            src="/live-update.js"
            data-events=path::QUEUE_EVENTS
            data-follows=word
        ></script>
    }
}

/// Links to the site's pages.
fn site(here: Option<&'static str>, lang: Lang) -> impl IntoView {
    let link = |to: &'static str, name: &'static str| {
        let current = (here == Some(to)).then_some("page");
        view! { <a class="button button--quiet" href=to aria-current=current>{name}</a> }
    };
    view! {
        <nav class="top__nav top__site" aria-label=lang.page().site>
            {link(path::CALLS_PAGE, lang.page().calls)}
            {link(path::STATUS_PAGE, lang.status().status)}
        </nav>
    }
}

/// Links to this page in the other languages.
fn switch(here: &str, current: Lang) -> impl IntoView {
    Lang::ALL
        .into_iter()
        .filter(|lang| *lang != current)
        .map(|lang| {
            view! {
                <a class="button button--quiet" href=with_parameter(here, "lang", lang.code()) lang=lang.code() hreflang=lang.code()>
                    {lang.name()}
                </a>
            }
        })
        .collect_view()
}
