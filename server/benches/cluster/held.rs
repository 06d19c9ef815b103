//! Ten thousand requests held by one server: what they cost in memory and in the database while
//! nothing happens, how soon one is answered after the end of its run while all the others are
//! held, and how soon all of them are when their runs end at once.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use server::clock::{Clock as _, SystemClock};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Semaphore,
    task::JoinSet,
    time::sleep,
};

use crate::{
    harness::{Harness, calls, file, halting, wav},
    percentile,
};

const HELD: usize = 9_900;
const CALLS: usize = 99;
const PROBES: usize = 50;
const BYTES: usize = 1_024;
/// Listeners who connect at the same moment.
const AT_ONCE: usize = 500;
/// Longer than the lag after which everybody looks for changes again.
const SETTLING: Duration = Duration::from_secs(7);
const QUIET: Duration = Duration::from_secs(8);

pub(crate) async fn measure() {
    let mut harness = Harness::new(&["--no-worker"]).await;
    let held = calls("held", CALLS);
    harness.register(&held, &halting(BYTES)).await;
    let before = harness.server_memory();

    let gate = Arc::new(Semaphore::new(AT_ONCE));
    let mut listeners = JoinSet::new();
    for n in 0..HELD {
        listeners.spawn(listen(harness.address.clone(), held[n % CALLS].clone(), gate.clone()));
    }
    while gate.available_permits() < AT_ONCE || harness.number(WANTED).await < as_number(CALLS) {
        sleep(Duration::from_millis(50)).await;
    }
    sleep(SETTLING).await;
    println!("held_bytes_each {:.0}", (harness.server_memory() - before) / as_number(HELD));

    let (began, transactions) = (Instant::now(), harness.number(TRANSACTIONS).await);
    sleep(QUIET).await;
    let transactions = harness.number(TRANSACTIONS).await - transactions;
    println!("held_transactions_a_second {:.1}", transactions / began.elapsed().as_secs_f64());

    // With room for all of them, so that each stands half-way until it may go on.
    harness.start_with(&["worker"], &[("TAPEDECK_WORKER_CONCURRENCY", "128")]);
    harness.provider.paused(CALLS).await;
    let mut alone = Vec::new();
    for probe in calls("probe", PROBES) {
        harness.register(std::slice::from_ref(&probe), &wav(BYTES)).await;
        let (call, at) = listen(harness.address.clone(), probe, gate.clone()).await;
        alone.push((at - harness.finished_at(&call).await) * 1000.0);
    }
    harness.provider.go_on();
    let answered = listeners.join_all().await;
    let mut together = Vec::new();
    for call in &held {
        let finished = harness.finished_at(call).await;
        let of_call = answered.iter().filter(|(answered, _)| answered == call);
        together.extend(of_call.map(|(_, at)| (at - finished) * 1000.0));
    }
    for (name, times) in [("one", &mut alone), ("all", &mut together)] {
        for percent in [50, 99] {
            println!("wake_{name}_ms_p{percent} {:.1}", percentile(times, percent));
        }
    }
}

fn as_number(count: usize) -> f64 {
    u32::try_from(count).unwrap().into()
}

const WANTED: &str = "SELECT count(*)::float8 FROM recording_runs WHERE wanted_at IS NOT NULL";
const TRANSACTIONS: &str = "SELECT (xact_commit + xact_rollback)::float8 FROM pg_stat_database
    WHERE datname = current_database()";

/// When the head of the 200 came, in seconds since 1970.
async fn listen(address: String, call: String, gate: Arc<Semaphore>) -> (String, f64) {
    let entry = gate.acquire().await.unwrap();
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let request =
        format!("GET {} HTTP/1.1\r\nHost: {address}\r\nPrefer: wait=30\r\n\r\n", file(&call));
    stream.write_all(request.as_bytes()).await.unwrap();
    sleep(Duration::from_millis(20)).await;
    drop(entry);
    let mut head = [0; 12];
    stream.read_exact(&mut head).await.unwrap();
    let now = SystemClock.now().as_duration().as_secs_f64();
    assert_eq!(&head[9..], b"200", "held until it was ready");
    (call, now)
}
