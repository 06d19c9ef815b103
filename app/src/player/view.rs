//! The player's markup. The server renders every element, shown or hidden: the browser builds none, which keeps the
//! WebAssembly small and the layout still.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::needless_pass_by_value,
    reason = "`#[island]` writes items without documentation, and takes its props by value"
)]

use leptos::{ev, prelude::*};
use shared::path;

use super::{
    controls::controls,
    handle::PlayerHandle,
    keys::{self, Command, Focus},
    machine::Event,
    presentation,
    subject::{Mode, Subject},
    timeline::{Drawing, timeline},
    ui::{Copied, Step, Ui},
};
use crate::words::{Lang, PlayerWords};

/// The player of one call's recording.
#[island]
pub fn AudioPlayer(
    /// The recording.
    subject: Subject,
    /// The language of its words.
    lang: Lang,
) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    let handle = PlayerHandle::new(&subject, lang, &super::driver::BROWSER);
    #[cfg(feature = "hydrate")]
    super::driver::attach(handle);
    #[cfg(not(feature = "hydrate"))]
    let handle = PlayerHandle::new(&subject, lang, &super::handle::Browser::NONE);
    let drawing = Drawing::of(&subject);
    #[cfg(feature = "ssr")]
    if drawing.is_drawn() {
        handle.ui.update_untracked(|ui| ui.has_waveform = true);
    }
    let words = lang.player();
    let sign_in = SignIn::new(&subject);
    let Subject { call_sid, mode, .. } = subject;
    view! {
        <div
            class=if mode == Mode::Row { "player player--row" } else { "player" }
            node_ref=handle.root
            role="group"
            aria-label=format!("{} {call_sid}", words.player)
            data-player=call_sid.to_string()
            data-state=handle.show(presentation::state)
            data-error=handle.show(presentation::error)
            data-attempt=handle.show(presentation::attempt)
            on:keydown=move |event| key(handle, &event)
        >
            {toggle(handle)}
            <p class="player__headline" role="status">
                {handle.show(presentation::headline)}
            </p>
            {timeline(handle, words, drawing)}
            {controls(handle, words, mode)}
            {panel(handle, words, sign_in)}
        </div>
    }
}

/// The play button. Disabled it keeps the focus, by `aria-disabled`.
fn toggle(handle: PlayerHandle) -> impl IntoView {
    let label = |ui: &Ui| if ui.is_sounding() { ui.words.pause } else { ui.words.play };
    let is_dead = |ui: &Ui| (!ui.can_toggle()).then_some("true");
    view! {
        <button
            type="button"
            class="player__toggle"
            aria-label=handle.show(label)
            aria-disabled=handle.show(is_dead)
            on:click=move |_| handle.command(Command::Toggle)
        >
            <svg class="icon" width="24" height="24" aria-hidden="true" focusable="false">
                <use href=handle.show(presentation::icon)></use>
            </svg>
        </button>
    }
}

/// The sign-in page, and the way back from it.
struct SignIn {
    href: String,
    /// The sign-in page can't be framed: a frame opens a window.
    target: Option<&'static str>,
}

impl SignIn {
    fn new(subject: &Subject) -> Self {
        let next = match subject.mode {
            Mode::Row => path::CALLS_PAGE.to_owned(),
            Mode::Full | Mode::Embed => path::call_page(&subject.call_sid),
        };
        let target = (subject.mode == Mode::Embed).then_some("_blank");
        Self { href: format!("{}?next={next}", path::SIGN_IN), target }
    }
}

/// The explanation of a wait or a stop, and the next steps.
fn panel(handle: PlayerHandle, words: &'static PlayerWords, sign_in: SignIn) -> impl IntoView {
    view! {
        <div class="player__panel" hidden=handle.show(|ui| !ui.has_panel())>
            <p class="player__detail">{handle.show(presentation::detail)}</p>
            <p class="player__support" hidden=handle.show(|ui| !ui.offers(Step::Copy))>
                <bdi dir="ltr">{handle.show(|ui| ui.support.clone())}</bdi>
            </p>
            <progress
                class="player__progress"
                aria-label=words.progress
                max="100"
                value=handle.show(|ui| presentation::share(ui).map(|share| presentation::per_cent(share).to_string()))
                hidden=handle.show(|ui| ui.waiting().is_none())
            ></progress>
            <p class="player__wait">{handle.show(presentation::wait)}</p>
            <div class="player__steps">
                {step(handle, "check", words.check_now, |ui| !ui.offers(Step::CheckNow), Event::CheckNow)}
                {step(handle, "cancel", words.cancel, |ui| !ui.offers(Step::Cancel), Event::Cancel)}
                {step(handle, "again", words.try_again, |ui| !ui.offers(Step::TryAgain), Event::Play)}
                {step(handle, "wait", words.keep_waiting, |ui| !ui.offers(Step::KeepWaiting), Event::Play)}
                <button
                    type="button"
                    class="button"
                    hidden=handle.show(|ui| !ui.offers(Step::Copy))
                    on:click=move |_| handle.copy_support()
                >
                    {handle.show(|ui| if ui.copied == Some(Copied::Support) { ui.words.copied } else { ui.words.copy })}
                </button>
                <a
                    class="button button--main"
                    href=sign_in.href
                    target=sign_in.target
                    rel=sign_in.target.map(|_| "noopener")
                    hidden=handle.show(|ui| !ui.offers(Step::SignIn))
                >
                    {words.sign_in}
                </a>
                <a
                    class="button button--main"
                    href=handle.show(presentation::download)
                    download
                    hidden=handle.show(|ui| !ui.offers(Step::Download))
                >
                    {words.download}
                </a>
            </div>
        </div>
    }
}

/// A next step; scripts around the player use its `name`.
fn step(
    handle: PlayerHandle,
    name: &'static str,
    label: &'static str,
    is_hidden: fn(&Ui) -> bool,
    event: Event,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="button"
            data-step=name
            hidden=handle.show(is_hidden)
            on:click=move |_| handle.send(event.clone())
        >
            {label}
        </button>
    }
}

fn key(handle: PlayerHandle, event: &ev::KeyboardEvent) {
    if event.ctrl_key() || event.alt_key() || event.meta_key() {
        return;
    }
    let focus = match event_target::<leptos::web_sys::Element>(event) {
        target if target.has_attribute("data-volume") => Focus::Volume,
        target => match target.tag_name().as_str() {
            "INPUT" => Focus::Seek,
            "SELECT" => Focus::Choice,
            "BUTTON" | "A" => Focus::Pressable,
            _ => Focus::Other,
        },
    };
    let command = keys::command(&event.key(), &event.code(), focus)
        .filter(|command| handle.ui.with_untracked(|ui| ui.accepts(*command)));
    if let Some(command) = command {
        event.prevent_default();
        // A key that is held down moves on and on, but does not play and pause.
        if !event.repeat() || command.repeats() {
            handle.command(command);
        }
    }
}
