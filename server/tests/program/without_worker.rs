//! No worker takes the job: the listener learns it in bounded time. With short times, on the
//! program's real clock: what the tests wait for is the program's next answer.

use std::time::Duration;

use crate::{
    program::{Program, json},
    redis_server::Redis,
    stub::Reply,
    wav::wav,
};

const SHORT: [(&str, &str); 2] = [("TAPEDECK_JOB_TIMEOUT", "1s"), ("TAPEDECK_RETRY_WINDOW", "10m")];

/// Asks, held by the server, until an answer is of this attempt or (on a slow machine) a later
/// one; which.
async fn ask_until_attempt(program: &Program, attempt: u64) -> u64 {
    let mut answer = program.file("CA1", &[]).await;
    loop {
        assert_eq!(answer.status(), 202);
        let told = json(answer).await["attempt"].as_u64().unwrap();
        if told >= attempt {
            return told;
        }
        answer = program.file("CA1", &[("Prefer", "wait=30")]).await;
    }
}

#[tokio::test]
async fn three_attempts_and_then_the_truth_and_no_more_runs() {
    let mut program = Program::start(&SHORT, &["--no-worker"]).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    let answer = program.playable("CA1").await;
    assert_eq!(answer.status(), 500);
    let problem = json(answer).await;
    assert_eq!(problem["error"], "worker_not_processing_queue");
    assert_eq!(
        problem["detail"],
        "Recording worker not responding. Please try again later or contact support."
    );
    assert_eq!((&problem["attempt"], &problem["max_attempts"]), (&3.into(), &3.into()));
    assert_eq!(program.file("CA1", &[]).await.status(), 500);
    assert_eq!(program.read("CA1").await["runs"].as_array().unwrap().len(), 4);

    program.logged("[FAIL_FAST] Worker").await;
    let lines = program.lines("[FAIL_FAST]");
    assert_eq!(lines.len(), 4, "{lines:?}");
    for (line, (level, text)) in lines.iter().zip([
        (" WARN ", "[FAIL_FAST] Retry attempt 1/3 call_sid=CA1"),
        (" WARN ", "[FAIL_FAST] Retry attempt 2/3 call_sid=CA1"),
        (" WARN ", "[FAIL_FAST] Retry attempt 3/3 call_sid=CA1"),
        (" ERROR ", "[FAIL_FAST] Worker not processing queue after 3 attempts call_sid=CA1"),
    ]) {
        assert!(line.contains(level) && line.ends_with(text), "{line}");
    }
}

#[tokio::test]
async fn redis_shows_the_attempts_and_forgets_them_when_the_recording_is_ready() {
    let Some(redis) = Redis::start() else { return };
    let url = redis.url();
    let settings = [&SHORT[..], &[("TAPEDECK_REDIS_URL", &url)]].concat();
    let mut program = Program::start(&settings, &["--no-worker"]).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    let attempt = ask_until_attempt(&program, 2).await;
    let key = "recording_retry_attempts:CA1";
    assert_eq!(redis.tell::<String>(&["GET", key]).await, attempt.to_string());
    let seconds = redis.tell::<i64>(&["TTL", key]).await;
    assert!((590..=600).contains(&seconds), "{seconds}");

    program.terminate_and_serve_again().await;
    assert_eq!(program.playable("CA1").await.status(), 200);
    program.logged("recording ready").await;
    assert_eq!(redis.tell::<Option<String>>(&["GET", key]).await, None);
}

#[tokio::test]
async fn everything_goes_on_while_redis_is_away() {
    let nowhere = ("TAPEDECK_REDIS_URL", "redis+unix:///nonexistent/redis.sock");
    let mut program = Program::start(&[SHORT[0], SHORT[1], nowhere], &["--no-worker"]).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    assert_eq!(program.playable("CA1").await.status(), 500);
    program.logged("[FAIL_FAST] Worker").await;
    assert_eq!(program.lines("[FAIL_FAST] Retry attempt").len(), 3);
    let ready = program.get("/readyz", &[]).await;
    assert_eq!(
        (ready.status().as_u16(), &json(ready).await["redis"]),
        (200, &"unavailable".into())
    );
}

#[tokio::test]
async fn a_worker_that_comes_back_is_not_waited_for() {
    let mut program = Program::start(&SHORT, &["--no-worker"]).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    assert_eq!(program.playable("CA1").await.status(), 500);
    program.terminate_and_serve_again().await;
    program.logged("worker started").await;
    // Its first look at the queue may still be on its way.
    let played = async {
        while program.playable("CA1").await.status() != 200 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), played).await.unwrap();
}
