//! Whole processes on a real PostgreSQL and Redis: runs a second with real downloads beside RQ, a
//! listener behind a backlog, and ten thousand held requests. Prints a line a figure, `name value`;
//! `cargo xtask bench` makes a report of them.

#![allow(clippy::unwrap_used, missing_docs)] // a figure that can't be had ends the measurement

mod backlog;
mod downloads;
mod harness;
mod held;
#[path = "../../tests/support/postgres.rs"]
mod postgres_server;
#[path = "../../tests/support/redis.rs"]
mod redis_server;
#[path = "../../tests/support/stub.rs"]
mod stub;

#[tokio::main]
async fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    // `cargo bench --bench fleet -- downloads` measures that alone.
    let named: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let is_wanted = |part: &str| named.is_empty() || named.iter().any(|name| name == part);
    if is_wanted("downloads") {
        downloads::measure().await;
    }
    if is_wanted("backlog") {
        backlog::measure().await;
    }
    if is_wanted("held") {
        held::measure().await;
    }
}

/// The value that `percent` of all are not above (nearest rank).
fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() * percent).div_ceil(100).max(1) - 1]
}
