//! Addresses of pages: the same page with another parameter.

/// The same address with a parameter set; the rest of its query stays.
pub(crate) fn with_parameter(here: &str, name: &str, value: &str) -> String {
    let (path, query) = here.split_once('?').unwrap_or((here, ""));
    let is_other = |pair: &&str| !pair.is_empty() && pair.split('=').next() != Some(name);
    let pair = format!("{name}={value}");
    let pairs: Vec<_> = query.split('&').filter(is_other).chain([pair.as_str()]).collect();
    format!("{path}?{}", pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_parameter_keeps_the_rest_of_the_address() {
        for (here, there) in [
            ("/", "/?lang=he"),
            ("/?lang=en", "/?lang=he"),
            ("/?q=a%20b&lang=en&state=ready", "/?q=a%20b&state=ready&lang=he"),
            ("/calls/CA1", "/calls/CA1?lang=he"),
            ("/calls/CA1?language=x", "/calls/CA1?language=x&lang=he"),
        ] {
            assert_eq!(with_parameter(here, "lang", "he"), there);
        }
    }
}
