//! What the change of a recording's URL means: the same media under a fresh signature, or other
//! media. Pure.

use url::Url;

use crate::recording_url::RecordingUrl;

/// How two URLs of one recording differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlChange {
    /// Not at all.
    Same,
    /// In the signature alone: a running download goes on.
    Signature,
    /// In the media that they lead to.
    Media,
}

/// Compares two URLs. `same_recording`: source, account and the provider's id are the same, which
/// makes a `token` a signature too.
pub fn url_change(old: &RecordingUrl, new: &RecordingUrl, same_recording: bool) -> UrlChange {
    if old == new {
        return UrlChange::Same;
    }
    let same_place = place(old.url()) == place(new.url());
    let same_rest = unsigned(old.url(), same_recording) == unsigned(new.url(), same_recording);
    if same_place && same_rest { UrlChange::Signature } else { UrlChange::Media }
}

/// When a URL's signature ends, in seconds since 1970; `None` where it does not say.
pub fn expiry(url: &RecordingUrl) -> Option<i64> {
    let query: Vec<(String, String)> = url.url().query_pairs().into_owned().collect();
    let get = |wanted: &str| {
        query
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.as_str())
    };
    for (date, length) in [("X-Amz-Date", "X-Amz-Expires"), ("X-Goog-Date", "X-Goog-Expires")] {
        if let (Some(date), Some(length)) = (get(date), get(length)) {
            let date: jiff::civil::DateTime = date.trim_end_matches('Z').parse().ok()?;
            let date = jiff::tz::TimeZone::UTC.to_timestamp(date).ok()?.as_second();
            return Some(date.saturating_add(length.parse().ok()?));
        }
    }
    get("Expires")
        .and_then(|seconds| seconds.parse().ok())
        .or_else(|| Some(get("se")?.parse::<jiff::Timestamp>().ok()?.as_second()))
}

fn place(url: &Url) -> (&str, Option<&str>, Option<u16>, &str) {
    (url.scheme(), url.host_str(), url.port_or_known_default(), url.path())
}

/// The parameters that are not part of a signature, in order.
fn unsigned(url: &Url, same_recording: bool) -> Vec<(String, String)> {
    let all: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let has = |wanted: &str| all.iter().any(|(name, _)| name == wanted);
    let (azure, cloudfront) = (has("sig"), has("Signature"));
    let is_signature = |name: &str| match name {
        "se" | "st" | "sp" | "sv" => azure,
        "sig" | "Signature" => true,
        "Expires" | "Policy" | "Key-Pair-Id" => cloudfront,
        "token" => same_recording,
        other => other.starts_with("X-Amz-") || other.starts_with("X-Goog-"),
    };
    all.iter().filter(|(name, _)| !is_signature(name)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(old: &str, new: &str) -> UrlChange {
        let parsed = |rest: &str| format!("https://media.example.com/{rest}").parse().unwrap();
        url_change(&parsed(old), &parsed(new), false)
    }

    #[test]
    fn only_signatures_may_differ() {
        use UrlChange::{Media, Same, Signature};
        for (old, new, expected) in [
            ("a.wav", "a.wav", Same),
            (
                "a.wav?X-Amz-Date=1&X-Amz-Signature=2",
                "a.wav?X-Amz-Date=3&X-Amz-Signature=4",
                Signature,
            ),
            ("a.wav?X-Amz-Date=1&v=1", "a.wav?v=1&X-Goog-Signature=4", Signature),
            ("a.wav?v=1&w=2", "a.wav?w=2&v=1", Media),
            ("a.wav?sig=1&se=2&v=1", "a.wav?sig=3&se=4&v=1", Signature),
            ("a.wav?se=2", "a.wav?se=4", Media),
            (
                "a.wav?Signature=1&Expires=2&Key-Pair-Id=3",
                "a.wav?Signature=4&Expires=5&Key-Pair-Id=6",
                Signature,
            ),
            ("a.wav?Expires=2", "a.wav?Expires=5", Media),
            ("a.wav?token=1", "a.wav?token=2", Media),
            ("a.wav?X-Amz-Date=1", "b.wav?X-Amz-Date=1", Media),
            ("a.wav", "a.wav?sig=1", Signature),
        ] {
            assert_eq!(change(old, new), expected, "{old} {new}");
        }
        let url = |text: &str| text.parse::<RecordingUrl>().unwrap();
        let (one, two) = (url("https://a.b/c?token=1"), url("https://a.b/c?token=2"));
        assert_eq!(url_change(&one, &two, true), Signature);
        assert_eq!(url_change(&one, &url("https://a.b:8443/c?token=1"), true), Media);
        assert_eq!(url_change(&one, &url("http://a.b/c?token=1"), true), Media);
    }

    #[test]
    fn a_signature_says_when_it_ends() {
        let ends = |query: &str| expiry(&format!("https://a.b/c?{query}").parse().unwrap());
        assert_eq!(ends("X-Amz-Date=20260301T120000Z&X-Amz-Expires=600"), Some(1_772_367_000));
        assert_eq!(ends("Expires=1772366400&Signature=x"), Some(1_772_366_400));
        assert_eq!(ends("se=2026-03-01T12:00:00Z&sig=x"), Some(1_772_366_400));
        assert_eq!(ends("v=1"), None);
    }
}
