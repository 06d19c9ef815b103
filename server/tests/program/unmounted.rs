//! A storage whose volume is unmounted while the program runs, and mounted again.

use crate::{
    mount::Mount,
    program::{Program, json},
    stub::Reply,
    wav::wav,
};

#[tokio::test]
async fn a_recording_plays_again_after_its_volume_was_unmounted_for_a_while() {
    let (volume, at) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(mounted) = Mount::bind(volume.path(), at.path()) else { return };
    let storage = format!("file://{}", at.path().display());
    let program = Program::serve(&[("TAPEDECK_STORAGE_URL", &storage)]).await;
    let sound = wav(1);
    program.call("CA1", Reply::ok(&sound)).await;
    program.call("CA2", Reply::ok(&sound)).await;
    for call in ["CA1", "CA2"] {
        assert_eq!(program.playable(call).await.status(), 200);
    }
    // The program holds open files of what it served lately; a process that starts holds none.
    let mut program = program;
    program.terminate_and_serve_again().await;
    for call in ["CA1", "CA2"] {
        program.provider.serve(&format!("/{call}"), Reply::status(410));
    }
    drop(mounted);

    for call in ["CA1", "CA2", "CA1"] {
        let answer = program.file(call, &[]).await;
        assert_eq!(answer.status(), 500);
        assert_eq!(json(answer).await["error"], "storage_unavailable");
    }
    let ready = program.get("/readyz", &[]).await;
    assert_eq!(ready.status(), 503);
    assert_eq!(json(ready).await["storage"], "unavailable");

    let _mounted = Mount::bind(volume.path(), at.path());
    for call in ["CA1", "CA2"] {
        let answer = program.file(call, &[]).await;
        assert_eq!(answer.status(), 200, "{call}");
        assert_eq!(answer.bytes().await.unwrap(), sound);
        assert_eq!(program.read(call).await["runs"].as_array().unwrap().len(), 1);
    }
}
