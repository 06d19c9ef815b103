//! The site's icons: one sprite, written once into each page, used by `<use href="#i-…">`.
//! 24 by 24, strokes in the colour of the text.

/// The sprite. `i-` and the name of each symbol is its id.
pub(crate) const SPRITE: &str = concat!(
    r#"<svg class="sprite" width="0" height="0" aria-hidden="true" focusable="false">"#,
    r#"<symbol id="i-play" viewBox="0 0 24 24"><path d="M8 5.2v13.6a.8.8 0 0 0 1.2.7l10.9-6.8a.8.8 0 0 0 0-1.4L9.2 4.5A.8.8 0 0 0 8 5.2z" fill="currentColor" stroke="none"/></symbol>"#,
    r#"<symbol id="i-pause" viewBox="0 0 24 24"><path d="M7 5h3.2v14H7zM13.8 5H17v14h-3.2z" fill="currentColor" stroke="none"/></symbol>"#,
    r#"<symbol id="i-back" viewBox="0 0 24 24"><path d="M4.5 12a7.5 7.5 0 1 0 2.4-5.5M4.5 3.8v3.7h3.7"/><path d="M9.8 10.2v4.4M12.6 12.4c0-1.4.6-2.2 1.5-2.2s1.5.8 1.5 2.2-.6 2.2-1.5 2.2-1.5-.8-1.5-2.2z" stroke-width="1.4"/></symbol>"#,
    r#"<symbol id="i-forward" viewBox="0 0 24 24"><path d="M19.5 12a7.5 7.5 0 1 1-2.4-5.5M19.5 3.8v3.7h-3.7"/><path d="M9 10.2v4.4M11.8 12.4c0-1.4.6-2.2 1.5-2.2s1.5.8 1.5 2.2-.6 2.2-1.5 2.2-1.5-.8-1.5-2.2z" stroke-width="1.4"/></symbol>"#,
    r#"<symbol id="i-volume" viewBox="0 0 24 24"><path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11"/></symbol>"#,
    r#"<symbol id="i-muted" viewBox="0 0 24 24"><path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5"/></symbol>"#,
    r#"<symbol id="i-download" viewBox="0 0 24 24"><path d="M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 19.5h14"/></symbol>"#,
    r#"<symbol id="i-link" viewBox="0 0 24 24"><path d="M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1"/></symbol>"#,
    r#"<symbol id="i-repeat" viewBox="0 0 24 24"><path d="M5 11V9.5A3.5 3.5 0 0 1 8.5 6H19M16 3l3 3-3 3M19 13v1.5a3.5 3.5 0 0 1-3.5 3.5H5M8 21l-3-3 3-3"/></symbol>"#,
    r#"<symbol id="i-skip" viewBox="0 0 24 24"><path d="M3.5 9v6M7 6v12M10.5 10v4M13.5 12h1M17 8v8M20.5 10v4"/></symbol>"#,
    r#"<symbol id="i-keyboard" viewBox="0 0 24 24"><rect x="2.5" y="6" width="19" height="12" rx="2"/><path d="M6 10h.1M9 10h.1M12 10h.1M15 10h.1M18 10h.1M8 14h8"/></symbol>"#,
    r#"<symbol id="i-in" viewBox="0 0 24 24"><path d="M17.5 6.5L7 17M7 9v8h8"/></symbol>"#,
    r#"<symbol id="i-out" viewBox="0 0 24 24"><path d="M6.5 17.5L17 7M9 7h8v8"/></symbol>"#,
    r#"<symbol id="i-search" viewBox="0 0 24 24"><circle cx="10.5" cy="10.5" r="6"/><path d="M15 15l5 5"/></symbol>"#,
    r#"<symbol id="i-none" viewBox="0 0 24 24"><circle cx="12" cy="12" r="8.5"/><path d="M6 18L18 6"/></symbol>"#,
    r#"<symbol id="i-unknown" viewBox="0 0 24 24"><circle cx="12" cy="12" r="8.5"/><path d="M9.5 9.7a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.7"/><path d="M12 16.6v.1" stroke-width="2.2"/></symbol>"#,
    r#"<symbol id="i-bin" viewBox="0 0 24 24"><path d="M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.5 10.5v5.5M13.5 10.5v5.5"/></symbol>"#,
    r#"<symbol id="i-worker" viewBox="0 0 24 24"><rect x="4" y="6" width="16" height="12" rx="2.5"/><circle cx="9" cy="12" r="1.8"/><circle cx="15" cy="12" r="1.8"/><path d="M3.5 20.5l17-17" stroke-width="2"/></symbol>"#,
    r#"<symbol id="i-warning" viewBox="0 0 24 24"><path d="M12 4.2L21 19.5H3zM12 10v4.5"/><path d="M12 17v.1" stroke-width="2.2"/></symbol>"#,
    r#"<symbol id="i-clock" viewBox="0 0 24 24"><circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/></symbol>"#,
    r#"<symbol id="i-offline" viewBox="0 0 24 24"><path d="M4 10a12 12 0 0 1 16 0M7 13.5a7.5 7.5 0 0 1 10 0M10 17a3 3 0 0 1 4 0M4 4l16 16"/></symbol>"#,
    r#"<symbol id="i-lock" viewBox="0 0 24 24"><rect x="5.5" y="10.5" width="13" height="9" rx="2"/><path d="M8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5"/></symbol>"#,
    r#"<symbol id="i-check" viewBox="0 0 24 24"><path d="M5 12.5l4.5 4.5L19 7.5"/></symbol>"#,
    r#"<symbol id="i-chevron" viewBox="0 0 24 24"><path d="M9.5 6l6 6-6 6"/></symbol>"#,
    r#"</svg>"#
);
