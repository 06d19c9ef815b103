//! Tests of a bucket alone: streamed ranges, and a server that is away.

use std::{
    io,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use object_store::aws::AmazonS3ConfigKey;
use server::storage::S3Storage;

use crate::{
    fixture::{key, noise},
    s3::{self, Away, S3},
    stub::{Reply, Stub},
};

/// A request fails within two seconds; a test machine is slow.
const SOON: Duration = Duration::from_secs(3);

async fn keep(storage: &S3Storage, bytes: &[u8]) -> server::model::ObjectKey {
    let key = key("CA1");
    let mut upload = storage.create(&key);
    upload.write(bytes).await.unwrap();
    upload.finish().await.unwrap();
    key
}

async fn all(stream: server::storage::S3Stream) -> io::Result<Vec<u8>> {
    let pieces: Vec<Bytes> = stream.try_collect().await?;
    Ok(pieces.concat())
}

#[tokio::test]
async fn a_range_is_exact_at_its_edges() {
    let Some(s3) = S3::start() else { return };
    let (storage, bytes) = (s3.storage(), noise(1_000_000));
    let key = keep(&storage, &bytes).await;
    assert_eq!(storage.length(&key).await.unwrap(), 1_000_000);
    for range in [0..1, 0..1_000_000, 1..2, 499_999..500_001, 999_999..1_000_000] {
        let got = all(storage.read(&key, range.clone()).await.unwrap()).await.unwrap();
        let at = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
        assert!(got == bytes[at], "{range:?}");
    }
    // A range beyond the object is an error, never a shorter stream.
    assert!(storage.read(&key, 999_999..1_000_001).await.is_err());
    assert!(storage.read(&key, 1_000_000..1_000_001).await.is_err());
}

#[tokio::test]
async fn requests_fail_soon_while_the_server_is_away_and_succeed_when_it_is_back() {
    let Some(mut s3) = S3::start() else { return };
    let storage = s3.storage();
    storage.assign_id("ours").await.unwrap();
    let key = keep(&storage, b"sound").await;
    for how in [Away::Gone, Away::Silent] {
        s3.go_away(how);
        let began = Instant::now();
        let (read, checked, length, deleted) = tokio::join!(
            storage.read(&key, 0..5),
            storage.check(),
            storage.length(&key),
            storage.delete(&key),
        );
        assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
        let errors = [read.err(), checked.err(), length.err(), deleted.err()];
        for error in errors.map(Option::unwrap) {
            assert_ne!(error.kind(), io::ErrorKind::NotFound);
            assert!(!error.to_string().contains('\n'), "{error}");
        }
        s3.come_back(how);
        storage.check().await.unwrap();
        if how == Away::Gone {
            assert_eq!(all(storage.read(&key, 0..5).await.unwrap()).await.unwrap(), b"sound");
        }
    }
}

#[tokio::test]
async fn a_missing_object_is_not_a_missing_bucket() {
    let Some(s3) = S3::start() else { return };
    let missing = s3.storage().read(&key("CA1"), 0..1).await.err().unwrap();
    assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    let nowhere = s3.storage_at("s3://another/test", &[]);
    let error = nowhere.delete(&key("CA1")).await.unwrap_err();
    assert_ne!(error.kind(), io::ErrorKind::NotFound);
    let mut listing = nowhere.list_written_before(jiff::Timestamp::UNIX_EPOCH);
    assert!(listing.recv().await.unwrap().is_err());
}

#[tokio::test]
async fn a_stream_resumes_at_the_next_byte_however_often_it_breaks_off() {
    let Some(mut s3) = S3::start() else { return };
    let (storage, bytes) = (s3.storage(), noise(60_000_000));
    let key = keep(&storage, &bytes).await;
    let mut stream = storage.read(&key, 0..60_000_000).await.unwrap();
    let mut got = Vec::new();
    // More often than the library itself goes on, and further than a connection's buffers reach.
    for so_far in (10_000_000..60_000_000).step_by(10_000_000) {
        s3.kill();
        s3.start_again();
        while got.len() < so_far {
            got.extend_from_slice(&stream.next().await.unwrap().unwrap());
        }
    }
    got.extend_from_slice(&all(stream).await.unwrap());
    assert!(got == bytes);
}

#[tokio::test]
async fn a_stream_whose_server_stays_away_ends_with_an_error() {
    let Some(mut s3) = S3::start() else { return };
    let storage = s3.storage();
    let key = keep(&storage, &noise(30_000_000)).await;
    let mut stream = storage.read(&key, 0..30_000_000).await.unwrap();
    stream.next().await.unwrap().unwrap();
    s3.kill();
    let began = Instant::now();
    let end = all(stream).await;
    assert!(end.is_err() && began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[tokio::test]
async fn dropping_a_stream_ends_its_request() {
    let (stub, key) = (Stub::start().await, key("CA1"));
    let storage = s3::storage_at(&format!("http://{}", stub.address), "s3://calls", &[]);
    stub.serve(&format!("/calls/{key}"), Reply::halting_part(b"sound"));
    let mut stream = storage.read(&key, 0..5).await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), "sou");
    drop(stream);
    stub.deserted(1).await;
}

#[tokio::test]
async fn an_upload_outlasts_a_short_outage() {
    let Some(mut s3) = S3::start() else { return };
    let (storage, bytes, key) = (s3.storage(), noise(40_000_000), key("CA1"));
    let mut upload = storage.create(&key);
    upload.write(&bytes[..20_000_000]).await.unwrap();
    s3.kill();
    let (rest, ()) = tokio::join!(
        async {
            upload.write(&bytes[20_000_000..]).await?;
            upload.finish().await
        },
        async {
            tokio::task::yield_now().await;
            s3.start_again();
        }
    );
    rest.unwrap();
    assert!(all(storage.read(&key, 0..40_000_000).await.unwrap()).await.unwrap() == bytes);
    assert_eq!(s3.unfinished(), 0);
}

#[tokio::test]
async fn a_small_upload_outlasts_a_short_outage_and_never_replaces() {
    let Some(mut s3) = S3::start() else { return };
    let (storage, key) = (s3.storage(), key("CA1"));
    let mut upload = storage.create(&key);
    upload.write(b"sound").await.unwrap();
    s3.kill();
    let (finished, ()) = tokio::join!(upload.finish(), async {
        tokio::task::yield_now().await;
        s3.start_again();
    });
    finished.unwrap();
    // As after an answer that was lost: the same bytes are there already.
    let mut again = storage.create(&key);
    again.write(b"sound").await.unwrap();
    again.finish().await.unwrap();
    let mut other = storage.create(&key);
    other.write(b"noise").await.unwrap();
    assert_eq!(other.finish().await.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(all(storage.read(&key, 0..5).await.unwrap()).await.unwrap(), b"sound");
}

#[tokio::test]
async fn a_server_without_conditional_puts_is_supported() {
    let Some(s3) = S3::start() else { return };
    let without = [(AmazonS3ConfigKey::ConditionalPut, "disabled")];
    let storage = s3.storage_at("s3://calls", &without);
    storage.assign_id("ours").await.unwrap();
    assert_eq!(storage.id().await.unwrap().as_deref(), Some("ours"));
    storage.assign_id("theirs").await.unwrap_err();
}
