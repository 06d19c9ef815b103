//! A model of the engine, checked exhaustively: from every state that can be reached, whoever keeps
//! asking gets a final answer within engine.md's bound, attempts are bounded, and no stale fence
//! publishes. It calls the program's own decisions. docs/reliability.md says what it leaves out.

#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in their helpers

mod rows;
mod state;
mod system;

use server::engine::rules::Policy;
use stateright::{Checker as _, Model as _};

use crate::{
    rows::TICK,
    system::{Mutant, Scope, System},
};

/// T is one tick, a lease one; C is the three minutes that it is at least. W is one tick more than
/// the listener's longest gap: who asks less often does not keep asking.
fn policy(max_attempts: u32, scope: Scope) -> Policy {
    let retry_window = TICK * (u32::from(scope.gap) + 1);
    Policy { job_timeout: TICK, max_attempts, retry_window, lease: TICK }
}

/// One after another, each that may make things difficult; those with very many states where there is
/// time (`TAPEDECK_TEST_MODEL=whole`, in a release build).
fn scopes() -> Vec<(u32, Scope)> {
    let alone = Scope { gap: 1, other: false, sleeper: false, operator: false };
    let mut scopes = vec![
        (1, alone),
        (2, alone),
        (1, Scope { gap: 2, ..alone }),
        (1, Scope { sleeper: true, ..alone }),
        (1, Scope { operator: true, ..alone }),
    ];
    if std::env::var_os("TAPEDECK_TEST_MODEL").is_some() {
        scopes.push((3, alone));
        scopes.push((1, Scope { other: true, ..alone }));
        scopes.push((1, Scope { sleeper: true, operator: true, gap: 2, ..alone }));
    }
    scopes
}

#[test]
fn whoever_keeps_asking_gets_a_final_answer_within_the_bound() {
    for (max_attempts, scope) in scopes() {
        let system = System::new(policy(max_attempts, scope), scope, Mutant::None);
        let checker = system.checker().threads(2).spawn_bfs().join();
        println!(
            "model: M = {max_attempts}, {scope:?}: {} states, {} of them different, depth {}",
            checker.state_count(),
            checker.unique_state_count(),
            checker.max_depth()
        );
        checker.assert_properties();
    }
}

#[test]
fn a_broken_rule_is_found_with_an_example() {
    let never = "nothing that must never happen";
    let bounded = "a final answer in bounded time";
    for (mutant, property) in [
        (Mutant::UnfencedPublication, never),
        (Mutant::HalfOpenAtWill, never),
        (Mutant::ClaimsTheTooOld, bounded),
        (Mutant::OldClocks, never),
        (Mutant::SweepResetsAttempts, bounded),
    ] {
        let sleeper = mutant == Mutant::UnfencedPublication;
        let scope = Scope { gap: 1, other: false, sleeper, operator: false };
        let system = System::new(policy(1, scope), scope, mutant);
        let checker = system.checker().threads(2).spawn_bfs().join();
        let example = checker.discovery(property);
        let example = example.unwrap_or_else(|| panic!("{mutant:?} was not found"));
        println!("model: {mutant:?} is found in {} steps", example.into_actions().len());
    }
}
