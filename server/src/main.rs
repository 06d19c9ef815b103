//! The `tapedeck` program: wires settings, stores, engine, worker and HTTP together.

fn main() {}
