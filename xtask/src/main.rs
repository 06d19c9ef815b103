//! Set-up, tests and measurements.

fn main() {}
