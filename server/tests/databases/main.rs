//! The store's and the engine's promises on real databases: SQLite and PostgreSQL, the engine with
//! Redis and without; and what only several processes on one PostgreSQL can show.

#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in their helpers

mod database;
mod many_at_once;
mod outages;
#[path = "../support/postgres.rs"]
mod postgres_server;
mod queue_summary;
mod recording_service;
#[path = "../support/redis.rs"]
mod redis_server;
mod store;
mod unknown_objects;

use std::time::Duration;

use server::{
    engine::rules::{Counter, Policy, Purpose, Step, ask},
    model::{CallFields, NewRun},
    store::Store,
};
use shared::CallSid;

/// Longer than any test takes.
const FOR_EVER: Duration = Duration::from_secs(60);

fn with_url(url: &str) -> CallFields {
    CallFields { recording_url: Some(url.parse().unwrap()), ..CallFields::default() }
}

async fn register(store: &dyn Store, call: &str) -> CallSid {
    let call = call.parse().unwrap();
    store.put_call(&call, &with_url("https://example.com/a.wav")).await.unwrap();
    call
}

/// What a request would make now.
async fn due(store: &dyn Store, call: &CallSid, purpose: Purpose) -> NewRun {
    let view = store.view(call).await.unwrap();
    match ask(&view, purpose, Counter::Read(None), &Policy::default()) {
        Step::Create(run) => run,
        other => panic!("must make a run, not {other:?}"),
    }
}

async fn request(store: &dyn Store, call: &CallSid, purpose: Purpose) {
    let run = due(store, call, purpose).await;
    assert!(store.create_run(call, &run, false).await.unwrap().is_some());
}
