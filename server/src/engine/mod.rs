//! The engine.

pub mod rules;
