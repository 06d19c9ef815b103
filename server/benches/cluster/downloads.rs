//! Runs a second with real downloads of 1 kB by two workers, and the same by RQ on the same Redis:
//! its default workers, which fork for each job, and its `SimpleWorker`, which does not.

use std::process::{Command, Stdio};

use crate::{
    harness::{Harness, calls, wav},
    stub::Stub,
};

const RUNS: usize = 2_000;
const BYTES: usize = 1_024;
const WORKERS: usize = 2;
const RQ: &str = include_str!("rq.py");

pub(crate) async fn measure() {
    let mut harness = Harness::new(&["--no-worker"]).await;
    let calls = calls("run", RUNS);
    harness.register(&calls, &wav(BYTES)).await;
    harness.prefetch(&calls).await;
    for _ in 0..WORKERS {
        harness.start(&["worker"]);
    }
    harness.until_the_queue_is_empty().await;
    let rate = harness.number(
        "SELECT count(*) / ((max(finished_at) - min(started_at)) / 1e6)::float8
         FROM recording_runs WHERE status = 'ready'",
    );
    println!("downloads_a_second_tapedeck {:.0}", rate.await);
    for (worker, jobs) in [("Worker", 300), ("SimpleWorker", 1_000)] {
        for job in ["download", "nothing"] {
            let rate = rq(&harness.redis.url(), &harness.provider, worker, job, jobs);
            println!("{job}s_a_second_rq_{worker} {rate:.0}");
        }
    }
}

/// Runs the script beside this file; `TAPEDECK_BENCH_RQ` is where Python finds RQ.
fn rq(redis: &str, provider: &Stub, worker: &str, job: &str, jobs: usize) -> f64 {
    let url = provider.serve("/rq", wav(BYTES));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rq_bench.py"), RQ).unwrap();
    let output = Command::new("python3")
        .arg("rq_bench.py")
        .args([redis.trim_start_matches("redis+"), worker, job, &jobs.to_string(), &url])
        .arg(WORKERS.to_string())
        .current_dir(folder.path())
        .env("PYTHONPATH", std::env::var("TAPEDECK_BENCH_RQ").unwrap_or_default())
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "RQ could not be measured");
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}
