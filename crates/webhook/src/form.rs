//! `application/x-www-form-urlencoded`, read strictly: what two readers could understand in two
//! ways is refused, because signatures are made over the decoded text.

use url::form_urlencoded::byte_serialize;

/// Names and values in the order of the body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

/// Why a body is not a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidForm {
    /// A field without `=`. `a=b` and `a&b` would be the same text under a signature.
    #[error("the form has a field without =")]
    NoEquals,
    /// A `%` without two hexadecimal digits.
    #[error("the form has a % without two hexadecimal digits")]
    Percent,
    /// Bytes that are not UTF-8. Replaced, two bodies would have the same signature.
    #[error("the form is not UTF-8")]
    NotUtf8,
}

impl Fields {
    /// Reads a body or a query.
    pub fn parse(body: &[u8]) -> Result<Self, InvalidForm> {
        let body = body.trim_ascii();
        let pairs = body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
        pairs.map(pair).collect::<Result<_, _>>().map(Self)
    }

    /// The first value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All pairs, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sorted by name, then by value.
    pub(crate) fn sorted(&self) -> Vec<(&str, &str)> {
        let mut all: Vec<_> = self.iter().collect();
        all.sort_unstable();
        all
    }

    /// As a body again.
    pub fn encode(&self) -> String {
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let pairs =
            self.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        pairs.collect::<Vec<_>>().join("&")
    }
}

impl FromIterator<(String, String)> for Fields {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

fn pair(pair: &[u8]) -> Result<(String, String), InvalidForm> {
    let at = pair.iter().position(|byte| *byte == b'=').ok_or(InvalidForm::NoEquals)?;
    Ok((decoded(&pair[..at])?, decoded(&pair[at + 1..])?))
}

fn decoded(text: &[u8]) -> Result<String, InvalidForm> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(*rest.next()?).to_digit(16);
                let value = digit().zip(digit()).map(|(high, low)| high * 16 + low);
                value.and_then(|value| u8::try_from(value).ok()).ok_or(InvalidForm::Percent)?
            }
            other => *other,
        });
    }
    String::from_utf8(bytes).map_err(|_| InvalidForm::NotUtf8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ambiguous_bodies_are_refused() {
        assert_eq!(Fields::parse(b"a&b"), Err(InvalidForm::NoEquals));
        assert_eq!(Fields::parse(b"a=%2"), Err(InvalidForm::Percent));
        assert_eq!(Fields::parse(b"a=%zz"), Err(InvalidForm::Percent));
        assert_eq!(Fields::parse(b"a=%ff"), Err(InvalidForm::NotUtf8));
        let fields = Fields::parse(b"a=1+2&b=%D7%A9=&a=3&").unwrap();
        assert_eq!(fields.iter().collect::<Vec<_>>(), [("a", "1 2"), ("b", "ש="), ("a", "3")]);
        assert_eq!(fields.get("a"), Some("1 2"));
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_read_again(pairs in prop::collection::vec(("[^\0]{0,5}", "\\PC{0,9}"), 0..5)) {
            let fields: Fields = pairs.into_iter().collect();
            prop_assert_eq!(Fields::parse(fields.encode().as_bytes()), Ok(fields));
        }
    }
}
