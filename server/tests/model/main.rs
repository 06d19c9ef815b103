//! A model of the engine, checked exhaustively: from every state that can be reached, whoever keeps
//! asking gets a final answer within engine.md's bound, attempts are bounded, and no stale fence
//! publishes. It calls the program's own decisions. docs/reliability.md says what it leaves out.

#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in their helpers

mod rows;
mod state;
mod system;

use std::time::Duration;

use server::engine::rules::Policy;
use stateright::{Checker as _, Model as _};

use crate::{
    rows::TICK,
    system::{Mutant, System},
};

/// T is one tick, W two, a lease one; C is the three minutes that it is at least.
fn policy(max_attempts: u32) -> Policy {
    Policy { job_timeout: TICK, max_attempts, retry_window: TICK * 2, lease: TICK }
}

#[test]
fn whoever_keeps_asking_gets_a_final_answer_within_the_bound() {
    for (max_attempts, gap) in [(1, 1), (2, 1)] {
        let system = System::new(policy(max_attempts), gap, Mutant::None);
        let checker = system.checker().threads(2).spawn_bfs().join();
        println!(
            "model: M = {max_attempts}, g = {gap} ticks: {} states, {} of them different, depth {}",
            checker.state_count(),
            checker.unique_state_count(),
            checker.max_depth()
        );
        checker.assert_properties();
    }
}

#[test]
fn a_broken_rule_is_found_with_an_example() {
    for (mutant, property) in [
        (Mutant::UnfencedPublication, "nothing that must never happen"),
        (Mutant::HalfOpenAtWill, "nothing that must never happen"),
        (Mutant::OldClocks, "a final answer in bounded time"),
        (Mutant::SweepResetsAttempts, "a final answer in bounded time"),
    ] {
        let system = System::new(policy(1), 1, mutant);
        let checker =
            system.checker().threads(2).timeout(Duration::from_secs(120)).spawn_bfs().join();
        let example = checker.discovery(property);
        let example = example.unwrap_or_else(|| panic!("{mutant:?} was not found"));
        println!("model: {mutant:?} is found in {} steps", example.into_actions().len());
    }
}
