//! Whether the first bytes of a body are those of a page rather than of audio. Pure.
//!
//! Reads a handful of bytes only; the caller finds out which kind of audio it is.

/// Collects the beginning of a body, however small the pieces are that it comes in.
#[derive(Debug, Default)]
pub(super) struct Opening {
    seen: Vec<u8>,
    /// What the media type names, where that is a page.
    declared: Option<&'static str>,
}

/// Enough for white space and a tag. The caller detects a page with more padding than that.
const ENOUGH: usize = 64;

impl Opening {
    /// Of a body whose media type names a page, if it does.
    pub(super) fn new(declared: Option<&'static str>) -> Self {
        Self { seen: Vec::new(), declared }
    }

    /// Takes the next bytes. Returns what the body is if it is not audio.
    pub(super) fn not_audio(&mut self, bytes: &[u8]) -> Option<&'static str> {
        let room = ENOUGH - self.seen.len();
        if room == 0 {
            return None;
        }
        self.seen.extend_from_slice(&bytes[..bytes.len().min(room)]);
        let is_enough = self.seen.len() == ENOUGH;
        what(&self.seen).or_else(|| if is_enough { self.at_end() } else { None })
    }

    /// What the body is if it ends here and is not audio: text that is declared to be a page.
    pub(super) fn at_end(&self) -> Option<&'static str> {
        self.declared.filter(|_| is_text(&self.seen))
    }
}

/// Whether there is nothing but text so far. Audio has other bytes near its beginning.
fn is_text(seen: &[u8]) -> bool {
    let is_cut = |error: &std::str::Utf8Error| error.error_len().is_none();
    let is_valid = str::from_utf8(seen).map_or_else(|error| is_cut(&error), |_| true);
    is_valid && seen.iter().all(|byte| !byte.is_ascii_control() || byte.is_ascii_whitespace())
}

/// No audio format begins with `<` or with a brace that opens JSON.
fn what(seen: &[u8]) -> Option<&'static str> {
    let seen = seen.strip_prefix(b"\xef\xbb\xbf").unwrap_or(seen).trim_ascii_start();
    let (first, rest) = seen.split_first()?;
    let next = rest.trim_ascii_start().first();
    match (first, rest.first(), next) {
        (b'<', Some(b'?'), _) => Some("XML"),
        (b'<', Some(letter), _) if letter.is_ascii_alphabetic() || *letter == b'!' => {
            Some("a web page")
        }
        (b'{', _, Some(b'"' | b'}')) | (b'[', _, Some(b'{' | b'"' | b'[' | b']')) => Some("JSON"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_distinguish_pages_from_audio() {
        for (body, expected) in [
            ("<!DOCTYPE html><html>", Some("a web page")),
            ("\u{feff}\r\n  <html>", Some("a web page")),
            ("<?xml version='1.0'?><Error/>", Some("XML")),
            ("<Error><Code>AccessDenied", Some("a web page")),
            ("{\"code\": 20404}", Some("JSON")),
            ("{\n  \"code\": 20404}", Some("JSON")),
            ("[{\"a\":1}]", Some("JSON")),
            ("RIFF....WAVEfmt ", None),
            ("ID3\u{4}", None),
            ("OggS", None),
            ("fLaC", None),
            ("#!AMR\n", None),
            ("{ not json", None),
            ("< 1", None),
            ("", None),
        ] {
            assert_eq!(Opening::default().not_audio(body.as_bytes()), expected, "{body:?}");
        }
    }

    #[test]
    fn pieces_of_one_byte_are_enough() {
        let mut opening = Opening::default();
        let told = b"  <html>".iter().find_map(|byte| opening.not_audio(&[*byte]));
        assert_eq!(told, Some("a web page"));
    }

    #[test]
    fn only_the_beginning_counts() {
        let mut opening = Opening::default();
        assert_eq!(opening.not_audio(&[0; ENOUGH]), None);
        assert_eq!(opening.not_audio(b"<html>"), None);
    }

    #[test]
    fn text_that_is_declared_to_be_a_page_is_one_and_audio_is_not() {
        let mut page = Opening::new(Some("a web page"));
        assert_eq!(page.not_audio(b"RI"), None, "more may come");
        assert_eq!(page.at_end(), Some("a web page"));
        assert_eq!(page.not_audio(b"FF\x24\0\0\0WAVEfmt "), None);
        assert_eq!(page.at_end(), None);
        let mut long = Opening::new(Some("JSON"));
        assert_eq!(long.not_audio(&[b'a'; ENOUGH]), Some("JSON"));
        assert_eq!(Opening::default().at_end(), None);
    }
}
