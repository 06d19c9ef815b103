//! Undoes gzip that was not requested, in steps small enough for a limit of the size to hold.

use std::io::{self, Write as _};

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;

/// So many compressed bytes are decoded at once: at most about 1,000 times as many come out.
const STEP: usize = 1024;

/// What a response says of its body's coding (RFC 9110, section 8.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declared {
    /// None, or a name that stands for none: the bytes are as they are.
    Plain,
    /// gzip, unless the bytes say otherwise.
    Gzip,
    /// Another one, or several.
    Other,
}

/// Reads `Content-Encoding`. Storage services keep what an uploader wrote there, so that names occur
/// which are no codings of the body.
pub(super) fn declared(headers: &HeaderMap) -> Declared {
    let lines = headers.get_all(CONTENT_ENCODING).iter();
    let lines = lines.map(|line| String::from_utf8_lossy(line.as_bytes()).to_ascii_lowercase());
    let lines: Vec<_> = lines.collect();
    let codings = lines.iter().flat_map(|line| line.split(',')).map(str::trim);
    let mut real = codings.filter(|name| {
        !matches!(*name, "" | "identity" | "binary" | "aws-chunked" | "unknown" | "none")
    });
    match (real.next(), real.next()) {
        (None, _) => Declared::Plain,
        (Some("gzip" | "x-gzip"), None) => Declared::Gzip,
        // A name that no coding has ever had is a mistake of the uploader.
        (Some(name), None) if !is_coding(name) => Declared::Plain,
        _ => Declared::Other,
    }
}

/// IANA's HTTP Content Coding Registry, without gzip.
fn is_coding(name: &str) -> bool {
    const CODINGS: [&str; 10] = [
        "aes128gcm",
        "br",
        "compress",
        "dcb",
        "dcz",
        "deflate",
        "exi",
        "pack200-gzip",
        "x-compress",
        "zstd",
    ];
    CODINGS.contains(&name)
}

/// Decodes a body as it comes.
pub(super) enum Decoder {
    Plain,
    /// gzip was declared, and the first two bytes are not known yet.
    Undecided(Vec<u8>),
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
}

impl Decoder {
    pub(super) fn new(declared: Declared) -> Self {
        match declared {
            Declared::Gzip => Self::Undecided(Vec::new()),
            Declared::Plain | Declared::Other => Self::Plain,
        }
    }

    /// Splits bytes into steps for [`decode`](Self::decode).
    pub(super) fn step(&self, bytes: &mut Bytes) -> Option<Bytes> {
        let len = match self {
            Self::Plain => bytes.len(),
            Self::Undecided(_) | Self::Gzip(_) => bytes.len().min(STEP),
        };
        (len > 0).then(|| bytes.split_to(len))
    }

    /// Decodes one step; what comes out may be empty.
    pub(super) fn decode(&mut self, step: Bytes) -> Result<Bytes, BadGzip> {
        match self {
            Self::Plain => Ok(step),
            Self::Undecided(seen) => {
                seen.extend_from_slice(&step);
                if seen.len() < 2 {
                    return Ok(Bytes::new());
                }
                let seen = Bytes::from(std::mem::take(seen));
                *self = if seen.starts_with(&[0x1f, 0x8b]) {
                    Self::Gzip(Box::new(MultiGzDecoder::new(Vec::new())))
                } else {
                    Self::Plain
                };
                self.decode(seen)
            }
            Self::Gzip(decoder) => {
                decoder.write_all(&step).map_err(BadGzip)?;
                Ok(std::mem::take(decoder.get_mut()).into())
            }
        }
    }

    /// The end of the body: what is still held, or why the coding is not at its end.
    pub(super) fn finish(self) -> Result<Bytes, BadGzip> {
        match self {
            Self::Plain => Ok(Bytes::new()),
            Self::Undecided(seen) => Ok(seen.into()),
            Self::Gzip(decoder) => decoder.finish().map(Bytes::from).map_err(BadGzip),
        }
    }
}

/// Not gzip, or not all of it.
#[derive(Debug)]
pub(super) struct BadGzip(pub(super) io::Error);

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn names_that_are_no_codings_of_the_body_are_passed_over() {
        for (value, expected) in [
            ("", Declared::Plain),
            ("identity", Declared::Plain),
            ("aws-chunked", Declared::Plain),
            ("binary", Declared::Plain),
            ("unknown", Declared::Plain),
            ("audio/wav", Declared::Plain),
            ("utf-8", Declared::Plain),
            ("gzip", Declared::Gzip),
            ("X-GZip", Declared::Gzip),
            ("aws-chunked,gzip", Declared::Gzip),
            ("gzip, gzip", Declared::Other),
            ("br", Declared::Other),
            ("zstd", Declared::Other),
            ("deflate", Declared::Other),
        ] {
            let field = (CONTENT_ENCODING, HeaderValue::from_static(value));
            assert_eq!(declared(&HeaderMap::from_iter([field])), expected, "{value}");
        }
        assert_eq!(declared(&HeaderMap::new()), Declared::Plain);
    }

    fn decoded(pieces: &[&[u8]]) -> Result<Vec<u8>, BadGzip> {
        let mut decoder = Decoder::new(Declared::Gzip);
        let mut all = Vec::new();
        for piece in pieces {
            let mut piece = Bytes::copy_from_slice(piece);
            while let Some(step) = decoder.step(&mut piece) {
                all.extend_from_slice(&decoder.decode(step)?);
            }
        }
        all.extend_from_slice(&decoder.finish()?);
        Ok(all)
    }

    #[test]
    fn gzip_is_undone_in_whatever_pieces_it_comes() {
        let content: Vec<u8> = (0..=255).cycle().take(100_000).collect();
        let packed = gzip(&content);
        assert_eq!(decoded(&[&packed]).unwrap(), content);
        let pieces: Vec<_> = packed.chunks(1).collect();
        assert_eq!(decoded(&pieces).unwrap(), content);
    }

    #[test]
    fn what_is_called_gzip_and_is_not_stays_as_it_is() {
        assert_eq!(decoded(&[b"R", b"IFF"]).unwrap(), b"RIFF");
        assert_eq!(decoded(&[b"R"]).unwrap(), b"R");
        assert_eq!(decoded(&[]).unwrap(), b"");
    }

    #[test]
    fn half_of_a_gzip_is_an_error() {
        let packed = gzip(&[7; 1_000]);
        assert!(decoded(&[&packed[..packed.len() - 4]]).is_err());
    }

    #[test]
    fn a_step_brings_little_more_than_a_megabyte() {
        let mut packed = Bytes::from(gzip(&vec![0; 50_000_000]));
        let mut decoder = Decoder::new(Declared::Gzip);
        let mut most = 0;
        while let Some(step) = decoder.step(&mut packed) {
            most = most.max(decoder.decode(step).unwrap().len());
        }
        assert!((1..1_200_000).contains(&most), "{most}");
    }
}
