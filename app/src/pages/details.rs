//! A list of names and values, without those that nobody knows.

use leptos::prelude::*;

/// Collects the rows of a `<dl>`.
pub(super) struct Details(Vec<AnyView>);

impl Details {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    /// A value of unknown script and direction, kept apart from its surroundings.
    pub(super) fn row(self, name: &'static str, value: Option<String>) -> Self {
        self.view(name, value.map(|value| view! { <bdi>{value}</bdi> }.into_any()))
    }

    pub(super) fn view(mut self, name: &'static str, value: Option<AnyView>) -> Self {
        if let Some(value) = value {
            let row = view! { <div><dt>{name}</dt><dd>{value}</dd></div> };
            self.0.push(row.into_any());
        }
        self
    }

    pub(super) fn finish(self) -> impl IntoView {
        view! { <dl class="details">{self.0}</dl> }
    }
}
