//! What bytes that are no audio look like, in a few words for people. Pure; never repeats them.

use crate::recognize::{TEXT, UNKNOWN, ZEROS};

/// How they begin, and what that is. Longer beginnings stand before shorter ones that they share.
const KNOWN: [(&[u8], &str); 14] = [
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
    (b"\xfd7zXZ\0", "xz"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"-----BEGIN", "a key or certificate"),
    (b"\0asm", "a program"),
];

/// What a recording that begins so looks like.
pub(crate) fn appearance(head: &[u8]) -> &'static str {
    let form = |riff: &[u8]| head.starts_with(b"RIFF") && head.get(8..12) == Some(riff);
    if let Some((_, what)) = KNOWN.iter().find(|(start, _)| head.starts_with(start)) {
        what
    } else if form(b"WEBP") {
        "an image"
    } else if form(b"AVI ") || head.get(4..8) == Some(b"ftyp") {
        "a video or image"
    } else if is_text(&head[..head.len().min(256)]) {
        TEXT
    } else if head.iter().all(|byte| *byte == 0) {
        ZEROS
    } else {
        UNKNOWN
    }
}

fn is_text(start: &[u8]) -> bool {
    let valid = match str::from_utf8(start) {
        Ok(text) => text,
        // Cut in the middle of a character.
        Err(error) if error.error_len().is_none() => {
            str::from_utf8(&start[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !valid.is_empty() && valid.chars().all(|c| !c.is_control() || c.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_people_would_call_it() {
        for (head, what) in [
            (&b"%PDF-1.7"[..], "a PDF"),
            (b"PK\x03\x04\x14", "a ZIP archive"),
            (b"RIFF\0\0\0\0WEBP", "an image"),
            (b"RIFF\0\0\0\0AVI ", "a video or image"),
            (b"\0\0\0\x18ftypheic", "a video or image"),
            (b"Access denied\r\n", "text"),
            ("Für später\u{2026}".as_bytes(), "text"),
            (b"caf\xc3", "text"),
            (&[0; 8], ZEROS),
            (b"\x01\x02\xfe", UNKNOWN),
        ] {
            assert_eq!(appearance(head), what, "{head:?}");
        }
    }
}
