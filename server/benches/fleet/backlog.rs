//! From pressing play to playable, behind recordings that nobody waits for, and behind listeners.

use std::time::Instant;

use crate::{
    house::{House, calls, wav},
    percentile,
};

const DEPTHS: [usize; 3] = [10, 100, 1_000];
const LISTENERS: usize = 5;
const BYTES: usize = 64 * 1024;

pub(crate) async fn measure() {
    for depth in DEPTHS {
        let house = House::new(&[]).await;
        let queued = calls("queued", depth);
        let listened = calls("listened", LISTENERS);
        house.register(&queued, &wav(BYTES)).await;
        house.register(&listened, &wav(BYTES)).await;
        let all = Instant::now();
        house.prefetch(&queued).await;
        let mut times = Vec::new();
        for call in &listened {
            let began = Instant::now();
            house.playable(call).await;
            times.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        println!("behind_prefetched_ms_{depth} {:.1}", percentile(&mut times, 50));
        house.until_the_queue_is_empty().await;
        println!("all_prefetched_ms_{depth} {:.0}", all.elapsed().as_secs_f64() * 1000.0);

        let wanted = calls("wanted", depth);
        house.register(&wanted, &wav(BYTES)).await;
        let began = Instant::now();
        futures_util::future::join_all(wanted.iter().map(|call| house.playable(call))).await;
        println!("last_of_listeners_ms_{depth} {:.0}", began.elapsed().as_secs_f64() * 1000.0);
    }
}
