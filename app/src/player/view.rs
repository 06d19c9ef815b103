//! The player's markup. All parts are there from the start and are shown or hidden: nothing is built in the browser,
//! which is smaller, and nothing jumps.

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
    face,
    keys::{self, Command, Focus},
    machine::Event,
    remote::Remote,
    subject::{Mode, Subject},
    timeline::timeline,
    ui::{Copied, Step, Ui},
};
use crate::words::{Lang, PlayerWords};

/// The player of one call's recording.
#[island]
pub fn AudioPlayer(
    /// What it is about.
    subject: Subject,
    /// The language it speaks.
    lang: Lang,
) -> impl IntoView {
    let remote = Remote::new(&subject, lang);
    #[cfg(feature = "hydrate")]
    super::browser::attach(remote);
    let words = lang.player();
    let sign_in = SignIn::new(&subject);
    let Subject { call_sid, mode, .. } = subject;
    let file = path::file(&call_sid);
    let download = format!("{file}?download=1");
    view! {
        <div
            class=if mode == Mode::Row { "player player--row" } else { "player" }
            node_ref=remote.root
            role="group"
            aria-label=format!("{} {call_sid}", words.player)
            data-player=call_sid.to_string()
            data-state=remote.show(face::state)
            data-error=remote.show(face::error)
            data-attempt=remote.show(face::attempt)
            on:keydown=move |event| key(remote, &event)
        >
            {audio(remote)}
            {toggle(remote)}
            <p class="player__headline" role="status">
                {remote.show(face::headline)}
            </p>
            {timeline(remote, words)}
            {controls(remote, words, download.clone(), mode)}
            {panel(remote, words, download, sign_in)}
        </div>
    }
}

fn audio(remote: Remote) -> impl IntoView {
    view! {
        <audio
            node_ref=remote.audio
            preload="metadata"
            on:playing=move |_| remote.send(Event::Playing)
            on:waiting=move |_| remote.waits()
            on:pause=move |_| remote.send(Event::Paused)
            on:ended=move |_| remote.send(Event::Ended)
            on:error=move |_| remote.broke()
            on:timeupdate=move |_| remote.report()
            on:durationchange=move |_| remote.report()
            on:progress=move |_| remote.report()
            on:volumechange=move |_| remote.report()
        ></audio>
    }
}

/// The round button at the front. While there is nothing to press it keeps the focus, and says so.
fn toggle(remote: Remote) -> impl IntoView {
    let label = |ui: &Ui| if ui.is_sounding() { ui.words.pause } else { ui.words.play };
    let is_dead = |ui: &Ui| (!ui.can_toggle()).then_some("true");
    view! {
        <button
            type="button"
            class="player__toggle"
            aria-label=remote.show(label)
            aria-disabled=remote.show(is_dead)
            on:click=move |_| remote.command(Command::Toggle)
        >
            <svg class="icon" width="24" height="24" aria-hidden="true" focusable="false">
                <use href=remote.show(face::icon)></use>
            </svg>
        </button>
    }
}

/// Where one signs in, and from there back.
struct SignIn {
    href: String,
    /// In a frame the sign-in page may not be shown: a window of its own.
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

/// The wait, or why it stopped, and what to do about it.
fn panel(
    remote: Remote,
    words: &'static PlayerWords,
    download: String,
    sign_in: SignIn,
) -> impl IntoView {
    view! {
        <div class="player__panel" hidden=remote.show(|ui| !ui.has_panel())>
            <p class="player__detail">{remote.show(face::detail)}</p>
            <p class="player__support" hidden=remote.show(|ui| !ui.offers(Step::Copy))>
                <bdi dir="ltr">{remote.show(|ui| ui.support.clone())}</bdi>
            </p>
            <progress
                class="player__progress"
                aria-label=words.progress
                max="100"
                value=remote.show(|ui| face::share(ui).map(|share| face::per_cent(share).to_string()))
                hidden=remote.show(|ui| ui.waiting().is_none())
            ></progress>
            <p class="player__wait">{remote.show(face::wait)}</p>
            <div class="player__steps">
                {step(remote, "check", words.check_now, |ui| !ui.offers(Step::CheckNow), Event::CheckNow)}
                {step(remote, "cancel", words.cancel, |ui| !ui.offers(Step::Cancel), Event::Cancel)}
                {step(remote, "again", words.try_again, |ui| !ui.offers(Step::TryAgain), Event::Play)}
                {step(remote, "wait", words.keep_waiting, |ui| !ui.offers(Step::KeepWaiting), Event::Play)}
                <button
                    type="button"
                    class="button"
                    hidden=remote.show(|ui| !ui.offers(Step::Copy))
                    on:click=move |_| remote.copy_support()
                >
                    {remote.show(|ui| if ui.copied == Some(Copied::Support) { ui.words.copied } else { ui.words.copy })}
                </button>
                <a
                    class="button button--main"
                    href=sign_in.href
                    target=sign_in.target
                    rel=sign_in.target.map(|_| "noopener")
                    hidden=remote.show(|ui| !ui.offers(Step::SignIn))
                >
                    {words.sign_in}
                </a>
                <a
                    class="button button--main"
                    href=download
                    download
                    hidden=remote.show(|ui| !ui.offers(Step::Download))
                >
                    {words.download}
                </a>
            </div>
        </div>
    }
}

/// A step; `name` is for scripts around the player.
fn step(
    remote: Remote,
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
            hidden=remote.show(is_hidden)
            on:click=move |_| remote.send(event.clone())
        >
            {label}
        </button>
    }
}

fn key(remote: Remote, event: &ev::KeyboardEvent) {
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
        .filter(|command| remote.ui.with_untracked(|ui| ui.takes(*command)));
    if let Some(command) = command {
        event.prevent_default();
        // A key that is held down moves on and on, but does not play and pause.
        if !event.repeat() || command.repeats() {
            remote.command(command);
        }
    }
}
