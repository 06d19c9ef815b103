//! `Content-Encoding`: names that are none, and gzip that was not requested.

use std::io::Write as _;

use super::*;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn coded(coding: &str, body: &[u8]) -> Reply {
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\nContent-Encoding: {coding}\nContent-Length: {length}");
    Reply::raw(&head, body)
}

#[tokio::test]
async fn names_that_are_no_codings_are_passed_over() {
    for coding in ["aws-chunked", "binary", "", "unknown", "identity", "gzip"] {
        let stub = Stub::start([coded(coding, AUDIO)]).await;
        assert_eq!(
            Fetch::from(&[&stub]).bytes(&stub.url("127.0.0.1", PATH)).await,
            AUDIO,
            "{coding}"
        );
    }
}

#[tokio::test]
async fn gzip_is_undone() {
    for coding in ["gzip", "x-gzip", "aws-chunked, gzip"] {
        let stub = Stub::start([coded(coding, &gzip(AUDIO))]).await;
        assert_eq!(
            Fetch::from(&[&stub]).bytes(&stub.url("127.0.0.1", PATH)).await,
            AUDIO,
            "{coding}"
        );
    }
}

#[tokio::test]
async fn gzip_counts_by_what_comes_out_of_it() {
    let stub = Stub::start([coded("gzip", &gzip(&vec![7; 2_000_000]))]).await;
    let failure = Fetch::from(&[&stub]).failure(&stub.url("127.0.0.1", PATH)).await;
    assert_eq!(failure.reason, "the recording is larger than 1,000,000 bytes");
    assert_eq!(failure.kind, FailureKind::Rejected);
}

#[tokio::test]
async fn gzip_that_was_cut_off_is_asked_for_again() {
    let packed = gzip(AUDIO);
    let half = Reply::raw(
        "HTTP/1.1 200 OK\nContent-Encoding: gzip\nConnection: close",
        &packed[..packed.len() - 5],
    );
    let stub = Stub::start([half, coded("gzip", &packed)]).await;
    assert_eq!(Fetch::from(&[&stub]).bytes(&stub.url("127.0.0.1", PATH)).await, AUDIO);
}

#[tokio::test]
async fn other_codings_are_refused() {
    for coding in ["br", "zstd", "deflate", "gzip, br"] {
        let stub = Stub::start([coded(coding, AUDIO)]).await;
        let failure = Fetch::from(&[&stub]).failure(&stub.url("127.0.0.1", PATH)).await;
        assert_eq!(failure.reason, "provider sent a compressed body though asked not to");
    }
}
