//! The rules that every storage follows.

use std::{
    collections::HashSet,
    io::{self, Read, Seek, SeekFrom},
};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use server::{
    model::{Description, ObjectKey, Sha256Hex},
    storage::{OpenError, Presence, Storage},
};
use tokio::task::spawn_blocking;

use crate::fixture::{Fixture, key, noise};

macro_rules! on_both_backends {
    ($($name:ident)*) => {
        mod in_a_folder {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::Fixture::folder().unwrap()).await;
            })*
        }

        mod in_a_bucket {
            $(#[tokio::test]
            async fn $name() {
                if let Some(fixture) = super::Fixture::bucket() {
                    super::$name(fixture).await;
                }
            })*
        }
    };
}

on_both_backends! {
    an_object_is_there_only_when_it_is_whole
    an_object_that_is_not_synced_is_there_at_once
    an_upload_of_several_parts_arrives_as_it_was_sent
    an_upload_that_starts_again_forgets_what_it_had
    an_abandoned_upload_leaves_nothing
    deleting_twice_is_no_error
    a_reader_reads_and_jumps_as_in_a_file
    a_reader_reports_a_missing_object
    an_object_is_never_replaced
    an_object_is_absent_only_while_the_storage_carries_its_id
    nothing_is_written_removed_or_listed_while_the_storage_is_away
    an_objects_digest_is_that_of_its_bytes
    a_description_is_read_as_it_was_written
    a_damaged_description_is_reported_beside_its_object
    marks_of_erased_calls_are_written_once_and_listed
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

async fn an_object_is_there_only_when_it_is_whole(fixture: Fixture) {
    let key = key("CA1");
    let mut upload = fixture.storage.create(&key).await.unwrap();
    upload.write(Bytes::from_static(b"who")).await.unwrap();
    upload.write(Bytes::from_static(b"le")).await.unwrap();
    assert_eq!(fixture.names(), Vec::<String>::new());
    upload.finish().await.unwrap();
    assert_eq!(fixture.names(), [key.as_str()]);
    assert_eq!(read(&fixture.storage, &key).await.unwrap(), b"whole");
    assert_eq!(fixture.unfinished().await, 0);
}

async fn an_object_that_is_not_synced_is_there_at_once(fixture: Fixture) {
    let key = key("CA1").peaks();
    let mut upload = fixture.storage.create(&key).await.unwrap();
    upload.write(Bytes::from_static(b"outline")).await.unwrap();
    upload.finish_unsynced().await.unwrap();
    assert_eq!(read(&fixture.storage, &key).await.unwrap(), b"outline");
    assert_eq!(fixture.names(), [key.as_str()]);
}

async fn an_upload_of_several_parts_arrives_as_it_was_sent(fixture: Fixture) {
    // To the byte: one part of a bucket's, just more and just less, and several.
    for len in [8 << 20, (8 << 20) + 1, (16 << 20) - 1, 20_000_003] {
        let (key, bytes) = (key("CA1"), noise(len));
        fixture.keep(&key, &bytes).await;
        assert!(read(&fixture.storage, &key).await.unwrap() == bytes, "{len} bytes");
    }
    assert_eq!(fixture.unfinished().await, 0);
}

async fn an_upload_that_starts_again_forgets_what_it_had(fixture: Fixture) {
    let (short, long) = (key("CA1"), key("CA2"));
    for (key, before) in [(&short, 9), (&long, 30_000_000)] {
        let mut upload = fixture.storage.create(key).await.unwrap();
        upload.write(noise(before).into()).await.unwrap();
        upload.restart().await.unwrap();
        upload.write(Bytes::from_static(b"the whole")).await.unwrap();
        upload.finish().await.unwrap();
        assert_eq!(read(&fixture.storage, key).await.unwrap(), b"the whole");
    }
    assert_eq!(fixture.unfinished().await, 0);
}

async fn an_abandoned_upload_leaves_nothing(fixture: Fixture) {
    for len in [4, 30_000_000] {
        let mut upload = fixture.storage.create(&key("CA1")).await.unwrap();
        upload.write(noise(len).into()).await.unwrap();
        drop(upload);
        assert_eq!(fixture.unfinished().await, 0);
    }
    assert_eq!(fixture.names(), Vec::<String>::new());
}

async fn deleting_twice_is_no_error(fixture: Fixture) {
    let (gone, kept) = (key("CA1"), key("CA1"));
    fixture.keep(&gone, b"a").await;
    fixture.keep(&kept, b"b").await;
    fixture.storage.delete(&gone).await.unwrap();
    fixture.storage.delete(&gone).await.unwrap();
    assert_eq!(fixture.names(), [kept.as_str()]);
}

async fn a_reader_reads_and_jumps_as_in_a_file(fixture: Fixture) {
    let (key, bytes) = (key("CA1"), noise(3_000_000));
    fixture.keep(&key, &bytes).await;
    let storage = fixture.storage.clone();
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

async fn a_reader_reports_a_missing_object(fixture: Fixture) {
    let error = read(&fixture.storage, &key("CA1")).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}

async fn an_object_is_never_replaced(fixture: Fixture) {
    let (small, large) = (key("CA1"), key("CA2"));
    for (key, first) in [(&small, noise(4)), (&large, noise(20_000_000))] {
        fixture.keep(key, &first).await;
        let mut second = fixture.storage.create(key).await.unwrap();
        second.write(noise(first.len() + 1).into()).await.unwrap();
        let error = second.finish().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert!(read(&fixture.storage, key).await.unwrap() == first);
    }
    assert_eq!(fixture.unfinished().await, 0);
}

async fn an_object_is_absent_only_while_the_storage_carries_its_id(mut fixture: Fixture) {
    let (there, missing) = (key("CA1"), key("CA1"));
    fixture.storage.assign_id("ours").await.unwrap();
    fixture.keep(&there, b"sound").await;
    assert!(matches!(fixture.storage.presence(&there).await, Presence::Present));
    assert!(matches!(fixture.storage.presence(&missing).await, Presence::Absent));
    fixture.hide();
    for key in [&there, &missing] {
        let Presence::Away(error) = fixture.storage.presence(key).await else {
            panic!("a storage without its id says nothing about {key}");
        };
        assert!(!error.to_string().contains('\n'), "{error}");
    }
    fixture.storage.check().await.unwrap_err();
    fixture.show();
    assert!(matches!(fixture.storage.presence(&there).await, Presence::Present));
    fixture.storage.check().await.unwrap();
}

async fn nothing_is_written_removed_or_listed_while_the_storage_is_away(mut fixture: Fixture) {
    let (there, new) = (key("CA1"), key("CA2"));
    fixture.storage.assign_id("ours").await.unwrap();
    fixture.keep(&there, b"sound").await;
    fixture.hide();
    // The test server makes a missing bucket again for a small object; S3 answers 404 NoSuchBucket.
    if !fixture.is_bucket() {
        let write = async {
            let mut upload = fixture.storage.create(&new).await?;
            upload.write(Bytes::from_static(b"sound")).await?;
            upload.finish().await
        };
        write.await.unwrap_err();
        fixture.storage.mark_erased("abc", Bytes::new()).await.unwrap_err();
    }
    let removed = fixture.storage.delete(&there).await.unwrap_err();
    assert_ne!(removed.kind(), io::ErrorKind::NotFound);
    let mut listing = fixture.storage.list_written_before(Timestamp::MAX);
    listing.recv().await.unwrap().unwrap_err();
    fixture.show();
    assert_eq!(fixture.names(), [there.as_str()]);
    assert_eq!(read(&fixture.storage, &there).await.unwrap(), b"sound");
}

async fn an_objects_digest_is_that_of_its_bytes(fixture: Fixture) {
    let key = key("CA1");
    fixture.keep(&key, b"abc").await;
    // FIPS 180-2, appendix B.1.
    let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let (bytes, sha256) = fixture.storage.digest(&key).await.unwrap();
    assert_eq!((bytes, sha256.as_str()), (3, known));
    let (bytes, _) = {
        let long = crate::fixture::key("CA1");
        fixture.keep(&long, &noise(1_000_001)).await;
        fixture.storage.digest(&long).await.unwrap()
    };
    assert_eq!(bytes, 1_000_001);
}

fn description(key: &ObjectKey) -> Description {
    Description {
        key: key.converted(),
        call_sid: key.call_sid().parse().unwrap(),
        recording_id: Some("rec_1".to_owned()),
        part: 1,
        source: Some("main".to_owned()),
        account: None,
        provider_id: None,
        content_type: "audio/wav".to_owned(),
        bytes: 5,
        sha256: Sha256Hex::from_digest(&[1; 32]),
        source_sha256: Sha256Hex::from_digest(&[2; 32]),
        duration_seconds: Some(0.5),
        channels: Some(1),
        stored_at: Timestamp::UNIX_EPOCH,
    }
}

async fn a_description_is_read_as_it_was_written(fixture: Fixture) {
    let key = key("CA1");
    assert!(fixture.storage.description(&key).await.unwrap().is_none());
    let written = description(&key);
    fixture.storage.describe(&written).await.unwrap();
    for key in key.of_claim() {
        let read = fixture.storage.description(&key).await.unwrap().unwrap();
        assert_eq!(read.unwrap(), written);
    }
    let again = fixture.storage.describe(&Description { part: 2, ..written.clone() }).await;
    assert_eq!(again.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    fixture.storage.delete(&key.description()).await.unwrap();
    assert!(fixture.storage.description(&key).await.unwrap().is_none());
}

async fn a_damaged_description_is_reported_beside_its_object(fixture: Fixture) {
    let (cut, endless) = (key("CA1"), key("CA2"));
    fixture.keep(&cut.description(), br#"{"format": 1, "obj"#).await;
    fixture.keep(&endless.description(), &vec![b' '; 300_000]).await;
    for key in [cut, endless] {
        assert!(fixture.storage.description(&key).await.unwrap().unwrap().is_err());
    }
}

async fn marks_of_erased_calls_are_written_once_and_listed(fixture: Fixture) {
    let storage = &fixture.storage;
    storage.assign_id("ours").await.unwrap();
    assert_eq!(storage.erased_marks().await.unwrap(), Vec::<String>::new());
    storage.mark_erased("abc1", Bytes::from_static(b"until 2027")).await.unwrap();
    storage.mark_erased("abc1", Bytes::from_static(b"until 2028")).await.unwrap();
    storage.mark_erased("def2", Bytes::from_static(b"until 2027")).await.unwrap();
    let mut marks = storage.erased_marks().await.unwrap();
    marks.sort();
    assert_eq!(marks, ["abc1", "def2"]);
    assert_eq!(storage.erased_mark("abc1").await.unwrap().unwrap(), "until 2027");
    assert_eq!(storage.erased_mark("abc").await.unwrap(), None);
    storage.remove_erased_mark("abc1").await.unwrap();
    assert_eq!(storage.erased_marks().await.unwrap(), ["def2"]);
    for name in ["", "../def2", "ABC"] {
        let error = storage.mark_erased(name, Bytes::new()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{name}");
    }
    // A mark is no object.
    let mut listing = storage.list_written_before(Timestamp::MAX);
    assert!(listing.recv().await.is_none());
}

async fn a_storage_that_belongs_to_another_database_is_refused(fixture: Fixture) {
    assert_eq!(fixture.storage.id().await.unwrap(), None);
    fixture.storage.check().await.unwrap_err();
    fixture.storage.assign_id("ours").await.unwrap();
    fixture.storage.assign_id("ours").await.unwrap();
    fixture.storage.check().await.unwrap();
    assert_eq!(fixture.storage.id().await.unwrap().as_deref(), Some("ours"));
    let error = fixture.storage.assign_id("theirs").await.unwrap_err();
    assert!(matches!(error, OpenError::Foreign { .. }));
    let error = error.to_string();
    assert!(error.contains("\"ours\"") && error.contains("\"theirs\""), "{error}");
    assert!(!error.contains('\n'), "{error}");
}

async fn of_many_that_claim_at_once_one_stands(fixture: Fixture) {
    let claim = async || fixture.storage.assign_id("ours").await;
    let (a, b, c) = tokio::join!(claim(), claim(), claim());
    assert!([a, b, c].iter().all(Result::is_ok));
}

async fn every_old_object_is_listed_once_in_batches_and_nothing_else(fixture: Fixture) {
    fixture.storage.assign_id("an id").await.unwrap();
    let mut old = HashSet::new();
    for n in 0..=256 {
        let key = key(&format!("CA{}", n % 7));
        fixture.keep(&key, b"").await;
        fixture.age(key.as_str());
        old.insert(key);
    }
    fixture.keep(&key("CA1"), b"new").await;
    for strange in ["CA1/notes.txt", "stray", ".hidden"] {
        fixture.litter(strange);
    }
    let before = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(60);
    let mut listing = fixture.storage.list_written_before(before);
    let mut batches = Vec::new();
    while let Some(batch) = listing.recv().await {
        batches.push(batch.unwrap());
    }
    assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [256, 1]);
    let listed = batches.concat();
    assert!(listed.iter().all(|object| object.bytes == 0 && object.written_at < before));
    assert_eq!(listed.into_iter().map(|object| object.key).collect::<HashSet<_>>(), old);
}
