//! The content of a page, before the document is built around it.

use leptos::prelude::AnyView;

/// The content of a page.
pub(crate) struct Content {
    /// The page's title, without the site's name.
    pub(crate) title: String,
    /// Renders what stands in `<main>`, within the document's reactive owner.
    pub(crate) body: Box<dyn FnOnce() -> AnyView>,
    /// The navigation link that is current.
    pub(crate) here: Option<&'static str>,
    /// Whether the page has players: only they need the WebAssembly.
    pub(crate) has_players: bool,
    /// When the page's `data-live` elements are updated.
    pub(crate) follows: Option<Follows>,
}

/// The changes that update a live page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Follows {
    /// Changes of runs.
    Runs,
    /// Every report of the queue: ages grow.
    Time,
}
