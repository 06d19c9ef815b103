//! `cargo xtask torture`: the test of this name at any size. A short run of it is part of the tests.

use crate::{
    checkout::{self, Checkout, Outcome},
    setup, stage,
};

/// As docs/reliability.md describes; a quarter of an hour.
const LONG: [(&str, u64); 4] =
    [("--seed", 1), ("--calls", 1000), ("--faults", 300), ("--seconds", 600)];

pub(crate) fn run(options: &[&str]) -> Outcome {
    let size = size(options)?;
    let checkout = Checkout::find()?;
    setup::for_tests(&checkout)?;
    let mut command = checkout.cargo();
    command.args(["test", "--test", "torture", "--", "--nocapture"]);
    command.envs(stage::real_parts()).env("TAPEDECK_TEST_TORTURE", size);
    checkout::run(&mut command)
}

/// The four numbers, in the order that the test reads them in.
fn size(options: &[&str]) -> Outcome<String> {
    let mut size = LONG;
    let (pairs, rest) = options.as_chunks::<2>();
    for [name, value] in pairs {
        let known = size.iter_mut().find(|(known, _)| known == name);
        let (_, number) = known.ok_or_else(|| format!("no option {name}; {USAGE}"))?;
        *number = value.parse().map_err(|_| format!("{name} {value}: not a number; {USAGE}"))?;
    }
    if let Some(name) = rest.first() {
        return Err(format!("{name} without a number; {USAGE}"));
    }
    Ok(size.map(|(_, number)| number.to_string()).join(" "))
}

const USAGE: &str = "the options are --seed N, --calls N, --faults N, --seconds N";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_change_what_they_name_and_others_are_refused() {
        assert_eq!(size(&[]).unwrap(), "1 1000 300 600");
        assert_eq!(size(&["--faults", "5", "--seed", "9"]).unwrap(), "9 1000 5 600");
        for bad in [&["--sed", "9"][..], &["--seed"], &["--seed", "x"]] {
            assert!(size(bad).unwrap_err().contains(USAGE));
        }
    }
}
