//! The file route where recordings are in a bucket.

use std::time::{Duration, Instant};

use reqwest::Method;

use crate::{
    program::{Program, header, json},
    s3::{Away, S3},
    stub::Reply,
    wav::wav,
};

/// A listener is told within a second or two, and a test machine is slow.
const SOON: Duration = Duration::from_secs(3);
const FILE: &str = "/api/recordings/file/CA1";

/// A program whose storage is this bucket.
async fn serve(s3: &S3) -> Program {
    let settings = s3.settings();
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Program::serve(&settings).await
}

#[tokio::test]
async fn a_recording_is_played_from_the_bucket_whole_and_in_parts() {
    let Some(s3) = S3::start() else { return };
    let program = serve(&s3).await;
    let sound = wav(4);
    let len = sound.len();
    program.call("CA1", Reply::ok(&sound)).await;

    let whole = program.playable("CA1").await;
    assert_eq!(
        (whole.status(), header(&whole, "content-type")),
        (200.try_into().unwrap(), "audio/wav")
    );
    assert_eq!(header(&whole, "content-length"), len.to_string());
    let tag = header(&whole, "etag").to_owned();
    assert_eq!(whole.bytes().await.unwrap(), sound);

    for (range, from, to) in [
        ("bytes=0-0", 0, 1),
        ("bytes=1000-1999", 1000, 2000),
        ("bytes=-1", len - 1, len),
        ("bytes=64000-", 64_000, len),
    ] {
        let part = program.file("CA1", &[("Range", range), ("If-Range", &tag)]).await;
        assert_eq!(part.status(), 206, "{range}");
        assert_eq!(header(&part, "content-range"), format!("bytes {from}-{}/{len}", to - 1));
        assert_eq!(part.bytes().await.unwrap(), &sound[from..to], "{range}");
    }
    let changed = program.file("CA1", &[("Range", "bytes=0-0"), ("If-Range", "\"old\"")]).await;
    assert_eq!((changed.status().as_u16(), changed.bytes().await.unwrap().len()), (200, len));
    let several = program.file("CA1", &[("Range", "bytes=0-0,5-5")]).await;
    assert_eq!((several.status().as_u16(), several.bytes().await.unwrap().len()), (200, len));
    for (name, value, status) in [
        ("If-None-Match", &*tag, 304),
        ("If-Match", "\"other\"", 412),
        ("Range", "bytes=99999999-", 416),
    ] {
        assert_eq!(program.file("CA1", &[(name, value)]).await.status(), status, "{name}");
    }
    let head = program.send(Method::HEAD, FILE, &[], None).await;
    assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, &*len.to_string()));

    let gone = program.send(Method::DELETE, FILE, &[], None).await;
    assert_eq!(gone.status(), 204);
    assert_eq!(s3.objects(), [".tapedeck-storage-id"]);
}

#[tokio::test]
async fn while_the_bucket_is_away_that_is_said_soon_and_all_goes_on_when_it_is_back() {
    let Some(mut s3) = S3::start() else { return };
    let program = serve(&s3).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    program.playable("CA1").await;
    for how in [Away::Gone, Away::Silent] {
        s3.go_away(how);
        for method in [Method::GET, Method::HEAD] {
            let began = Instant::now();
            let answer = program.send(method.clone(), FILE, &[], None).await;
            assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
            assert_eq!(answer.status(), 500);
            if method == Method::GET {
                assert_eq!(json(answer).await["error"], "storage_unavailable");
            }
        }
        assert_eq!(program.readiness(503).await["storage"], "unavailable");
        s3.come_back(how);
        assert_eq!(program.file("CA1", &[]).await.status(), 200);
        program.readiness(200).await;
    }
    assert_eq!(program.read("CA1").await["runs"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_recording_whose_object_is_missing_is_fetched_again() {
    let Some(s3) = S3::start() else { return };
    let program = serve(&s3).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    program.playable("CA1").await;
    let [_, object, _description, _peaks] = <[String; 4]>::try_from(s3.objects()).unwrap();
    std::fs::remove_file(s3.file(&object)).unwrap();
    assert_eq!(program.playable("CA1").await.status(), 200);
    assert_eq!(program.provider.asked("/CA1"), 2);
}

#[tokio::test]
async fn what_breaks_off_for_good_never_looks_whole() {
    let Some(mut s3) = S3::start() else { return };
    let program = serve(&s3).await;
    program.call("CA1", Reply::silence(100 << 20)).await;
    let mut answer = program.playable("CA1").await;
    assert_eq!(answer.status(), 200);
    answer.chunk().await.unwrap().unwrap();
    s3.kill();
    let end = loop {
        match answer.chunk().await {
            Ok(Some(_)) => {}
            end => break end,
        }
    };
    assert!(end.is_err(), "the connection is cut");
}

#[tokio::test]
async fn a_large_recording_passes_through_in_little_memory_and_a_slow_listener_costs_none() {
    let Some(s3) = S3::start() else { return };
    let program = serve(&s3).await;
    let length = 200 << 20;
    program.call("CA1", Reply::silence(length)).await;
    program.playable("CA1").await; // who leaves at once
    let mut slow = Vec::new();
    for _ in 0..20 {
        let mut answer = program.file("CA1", &[]).await;
        answer.chunk().await.unwrap().unwrap();
        slow.push(answer);
    }
    let mut answer = program.file("CA1", &[]).await;
    let mut got = 0;
    while let Some(chunk) = answer.chunk().await.unwrap() {
        got += chunk.len();
    }
    assert_eq!(got, length);
    let peak = program.peak_memory();
    assert!(peak < 150_000_000, "{peak} bytes");
}

#[tokio::test]
async fn a_foreign_bucket_is_refused_and_an_unreachable_one_is_one_line() {
    let Some(mut s3) = S3::start() else { return };
    let first = serve(&s3).await;
    for (is_up, says) in [(true, "belongs to another database"), (false, "AWS_ENDPOINT_URL")] {
        if !is_up {
            s3.kill();
        }
        let settings = s3.settings();
        let settings: Vec<_> = settings.iter().map(|(n, value)| (*n, value.as_str())).collect();
        let folder = tempfile::tempdir().unwrap();
        let output = crate::program::command(folder.path(), &settings, &[]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(says) && said.lines().count() == 1, "{said}");
    }
    drop(first);
}
