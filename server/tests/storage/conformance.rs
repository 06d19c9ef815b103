//! What holds of every storage.

use std::{
    collections::HashSet,
    io::{self, Read, Seek, SeekFrom},
};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use server::{
    model::ObjectKey,
    storage::{OpenError, Storage},
};
use tokio::task::spawn_blocking;

use crate::place::{Place, key, noise};

macro_rules! on_both {
    ($($name:ident)*) => {
        mod in_a_folder {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::Place::folder().unwrap()).await;
            })*
        }

        mod in_a_bucket {
            $(#[tokio::test]
            async fn $name() {
                if let Some(place) = super::Place::bucket() {
                    super::$name(place).await;
                }
            })*
        }
    };
}

on_both! {
    an_object_is_there_only_when_it_is_whole
    an_object_that_is_not_synced_is_there_at_once
    an_upload_of_several_parts_arrives_as_it_was_sent
    an_upload_that_starts_again_forgets_what_it_had
    an_abandoned_upload_leaves_nothing
    deleting_twice_is_no_error
    a_reader_reads_and_jumps_as_in_a_file
    a_reader_says_that_an_object_is_missing
    a_storage_that_belongs_to_another_database_is_refused
    of_many_that_claim_at_once_one_stands
    every_old_object_is_listed_once_in_batches_and_nothing_else
}

async fn read(storage: &Storage, key: &ObjectKey) -> io::Result<Vec<u8>> {
    let (storage, key) = (storage.clone(), key.clone());
    let read = move || {
        let mut all = Vec::new();
        storage.reader(&key)?.read_to_end(&mut all)?;
        Ok(all)
    };
    spawn_blocking(read).await.unwrap()
}

async fn an_object_is_there_only_when_it_is_whole(place: Place) {
    let key = key("CA1");
    let mut upload = place.storage.create(&key).await.unwrap();
    upload.write(Bytes::from_static(b"who")).await.unwrap();
    upload.write(Bytes::from_static(b"le")).await.unwrap();
    assert_eq!(place.names(), Vec::<String>::new());
    upload.finish().await.unwrap();
    assert_eq!(place.names(), [key.as_str()]);
    assert_eq!(read(&place.storage, &key).await.unwrap(), b"whole");
    assert_eq!(place.unfinished().await, 0);
}

async fn an_object_that_is_not_synced_is_there_at_once(place: Place) {
    let key = key("CA1").peaks();
    let mut upload = place.storage.create(&key).await.unwrap();
    upload.write(Bytes::from_static(b"outline")).await.unwrap();
    upload.finish_unsynced().await.unwrap();
    assert_eq!(read(&place.storage, &key).await.unwrap(), b"outline");
    assert_eq!(place.names(), [key.as_str()]);
}

async fn an_upload_of_several_parts_arrives_as_it_was_sent(place: Place) {
    // To the byte: one part of a bucket's, just more and just less, and several.
    for len in [8 << 20, (8 << 20) + 1, (16 << 20) - 1, 20_000_003] {
        let (key, bytes) = (key("CA1"), noise(len));
        place.keep(&key, &bytes).await;
        assert!(read(&place.storage, &key).await.unwrap() == bytes, "{len} bytes");
    }
    assert_eq!(place.unfinished().await, 0);
}

async fn an_upload_that_starts_again_forgets_what_it_had(place: Place) {
    let (short, long) = (key("CA1"), key("CA2"));
    for (key, before) in [(&short, 9), (&long, 30_000_000)] {
        let mut upload = place.storage.create(key).await.unwrap();
        upload.write(noise(before).into()).await.unwrap();
        upload.restart().await.unwrap();
        upload.write(Bytes::from_static(b"the whole")).await.unwrap();
        upload.finish().await.unwrap();
        assert_eq!(read(&place.storage, key).await.unwrap(), b"the whole");
    }
    assert_eq!(place.unfinished().await, 0);
}

async fn an_abandoned_upload_leaves_nothing(place: Place) {
    for len in [4, 30_000_000] {
        let mut upload = place.storage.create(&key("CA1")).await.unwrap();
        upload.write(noise(len).into()).await.unwrap();
        drop(upload);
        assert_eq!(place.unfinished().await, 0);
    }
    assert_eq!(place.names(), Vec::<String>::new());
}

async fn deleting_twice_is_no_error(place: Place) {
    let (gone, kept) = (key("CA1"), key("CA1"));
    place.keep(&gone, b"a").await;
    place.keep(&kept, b"b").await;
    place.storage.delete(&gone).await.unwrap();
    place.storage.delete(&gone).await.unwrap();
    assert_eq!(place.names(), [kept.as_str()]);
}

async fn a_reader_reads_and_jumps_as_in_a_file(place: Place) {
    let (key, bytes) = (key("CA1"), noise(3_000_000));
    place.keep(&key, &bytes).await;
    let storage = place.storage.clone();
    let read = move || {
        let mut reader = storage.reader(&key).unwrap();
        let mut some = vec![0; 70_000];
        for (to, from) in [
            (SeekFrom::Start(0), 0),
            (SeekFrom::Current(5), 70_005),
            (SeekFrom::End(-70_000), 2_930_000),
            (SeekFrom::Current(-2_000_000), 1_000_000),
            (SeekFrom::Start(1_000_001), 1_000_001),
        ] {
            assert_eq!(reader.seek(to).unwrap(), from as u64);
            reader.read_exact(&mut some).unwrap();
            assert!(some == bytes[from..from + 70_000], "{to:?}");
        }
        // The last byte, the end, and beyond.
        assert_eq!(reader.seek(SeekFrom::End(-1)).unwrap(), 2_999_999);
        assert_eq!(reader.read(&mut some).unwrap(), 1);
        assert_eq!(reader.read(&mut some).unwrap(), 0);
        assert_eq!(reader.seek(SeekFrom::End(9)).unwrap(), 3_000_009);
        assert_eq!(reader.read(&mut some).unwrap(), 0);
        reader.seek(SeekFrom::Current(-3_000_010)).unwrap_err();
        reader.rewind().unwrap();
        let mut all = Vec::new();
        reader.read_to_end(&mut all).unwrap();
        assert!(all == bytes);
    };
    spawn_blocking(read).await.unwrap();
}

async fn a_reader_says_that_an_object_is_missing(place: Place) {
    let error = read(&place.storage, &key("CA1")).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}

async fn a_storage_that_belongs_to_another_database_is_refused(place: Place) {
    assert_eq!(place.storage.id().await.unwrap(), None);
    place.storage.check().await.unwrap_err();
    place.storage.assign_id("ours").await.unwrap();
    place.storage.assign_id("ours").await.unwrap();
    place.storage.check().await.unwrap();
    assert_eq!(place.storage.id().await.unwrap().as_deref(), Some("ours"));
    let error = place.storage.assign_id("theirs").await.unwrap_err();
    assert!(matches!(error, OpenError::Foreign { .. }));
    let error = error.to_string();
    assert!(error.contains("\"ours\"") && error.contains("\"theirs\""), "{error}");
    assert!(!error.contains('\n'), "{error}");
}

async fn of_many_that_claim_at_once_one_stands(place: Place) {
    let claim = async || place.storage.assign_id("ours").await;
    let (a, b, c) = tokio::join!(claim(), claim(), claim());
    assert!([a, b, c].iter().all(Result::is_ok));
}

async fn every_old_object_is_listed_once_in_batches_and_nothing_else(place: Place) {
    place.storage.assign_id("an id").await.unwrap();
    let mut old = HashSet::new();
    for n in 0..=256 {
        let key = key(&format!("CA{}", n % 7));
        place.keep(&key, b"").await;
        place.age(key.as_str());
        old.insert(key);
    }
    place.keep(&key("CA1"), b"new").await;
    for strange in ["CA1/notes.txt", "stray", ".hidden"] {
        place.litter(strange);
    }
    let before = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(60);
    let mut listing = place.storage.list_older_than(before);
    let mut batches = Vec::new();
    while let Some(batch) = listing.recv().await {
        batches.push(batch.unwrap());
    }
    assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [256, 1]);
    assert_eq!(batches.concat().into_iter().collect::<HashSet<_>>(), old);
}
