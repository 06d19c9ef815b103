//! stub
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingUrl(String);
impl RecordingUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl std::str::FromStr for RecordingUrl {
    type Err = ();
    fn from_str(s: &str) -> Result<Self, ()> {
        Ok(Self(s.into()))
    }
}
