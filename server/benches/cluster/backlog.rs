//! From pressing play to playable, behind recordings that nobody waits for, and behind listeners.

use std::time::Instant;

use crate::{
    harness::{Harness, calls, wav},
    percentile,
};

const DEPTHS: [usize; 3] = [10, 100, 1_000];
const LISTENERS: usize = 5;
const BYTES: usize = 64 * 1024;

pub(crate) async fn measure() {
    for depth in DEPTHS {
        let harness = Harness::new(&[]).await;
        let queued = calls("queued", depth);
        let listened = calls("listened", LISTENERS);
        harness.register(&queued, &wav(BYTES)).await;
        harness.register(&listened, &wav(BYTES)).await;
        let all = Instant::now();
        harness.prefetch(&queued).await;
        let mut times = Vec::new();
        for call in &listened {
            let began = Instant::now();
            harness.playable(call).await;
            times.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        println!("behind_prefetched_ms_{depth} {:.1}", percentile(&mut times, 50));
        harness.until_the_queue_is_empty().await;
        println!("all_prefetched_ms_{depth} {:.0}", all.elapsed().as_secs_f64() * 1000.0);

        let wanted = calls("wanted", depth);
        harness.register(&wanted, &wav(BYTES)).await;
        let began = Instant::now();
        futures_util::future::join_all(wanted.iter().map(|call| harness.playable(call))).await;
        println!("last_of_listeners_ms_{depth} {:.0}", began.elapsed().as_secs_f64() * 1000.0);
    }
}
