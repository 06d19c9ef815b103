//! The real program over HTTP: its process, on an SQLite file and a folder of its own, with a
//! provider on 127.0.0.1.

#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in their helpers

mod access;
mod behind_nginx;
mod bucket;
mod calls;
mod commands;
mod edges;
mod embed;
mod file_route;
mod languages;
mod links;
mod logs;
mod metrics;
mod mount;
mod on_postgres;
mod operator;
mod pages;
mod peaks;
#[path = "../support/postgres.rs"]
mod postgres_server;
mod program;
#[path = "../support/redis.rs"]
mod redis_server;
#[path = "../support/s3.rs"]
mod s3;
#[allow(clippy::duplicate_mod)] // the helpers of servers bring it too
#[path = "../support/skip.rs"]
mod skip;
mod starting;
#[path = "../support/stub.rs"]
mod stub;
mod unknown_objects;
mod unmounted;
mod wav;
mod without_worker;
