//! `cargo xtask dependencies`: what `deny.toml` asks of the dependencies, checked by cargo-deny.
//!
//! Licences, sources and duplicates need no network. Advisories need `RustSec`'s database: the current one
//! where GitHub can be reached, else the copy beside this crate, whose date is printed. To renew the copy:
//!
//! ```sh
//! git clone --depth 1 https://github.com/RustSec/advisory-db && cd advisory-db
//! git update-ref refs/heads/main "$(git commit-tree -m "Snapshot of $(git log -1 --format='%H, %cs')" HEAD^{tree})"
//! git bundle create ../xtask/advisory-db.bundle HEAD main
//! ```

use std::{path::PathBuf, process::Command};

use crate::{
    checkout::{Checkout, Outcome, capture, run},
    setup,
};

const COPY: &str = "xtask/advisory-db.bundle";
const DATABASE: &str = "https://github.com/RustSec/advisory-db";

pub(crate) fn check() -> Outcome {
    let checkout = Checkout::find()?;
    setup::for_dependencies(&checkout)?;
    run(deny(&checkout).args(["check", "--hide-inclusion-graph", "bans", "licenses", "sources"]))?;
    let mut advisories = deny(&checkout);
    if capture(deny(&checkout).args(["fetch", "db"])).is_ok() {
        println!("advisories: RustSec's current database");
        // It was fetched a moment ago.
        advisories.args(["check", "--hide-inclusion-graph", "--disable-fetch", "advisories"]);
    } else {
        let subject = unpack(&checkout)?;
        println!("advisories: {DATABASE} can't be reached; {COPY} is used instead:\n  {subject}");
        advisories
            // An exception for a newer advisory is unknown to the copy.
            .args(["check", "--hide-inclusion-graph"])
            .args(["--allow", "unknown-advisory", "--allow", "advisory-not-detected", "advisories"])
            .env("TAPEDECK_ADVISORIES", folder(&checkout))
            // git clones the copy for the database's address.
            .env("GIT_CONFIG_COUNT", "2")
            .env("GIT_CONFIG_KEY_1", format!("url.{}.insteadOf", bundle(&checkout).display()))
            .env("GIT_CONFIG_VALUE_1", DATABASE);
    }
    run(&mut advisories)
}

/// `cargo deny` on the whole workspace, frontend included.
fn deny(checkout: &Checkout) -> Command {
    let mut command = checkout.cargo();
    command.args(["deny", "--locked", "--workspace", "--all-features"]);
    // cargo-deny makes a repository; git would explain how to name its branch.
    command.env("GIT_CONFIG_COUNT", "1");
    command.env("GIT_CONFIG_KEY_0", "init.defaultBranch").env("GIT_CONFIG_VALUE_0", "main");
    command
}

fn bundle(checkout: &Checkout) -> PathBuf {
    checkout.root.join(COPY)
}

fn folder(checkout: &Checkout) -> PathBuf {
    checkout.target().join("advisories")
}

/// Makes room for a fresh clone of the copy. Gives what its commit says: which state it is, and of when.
fn unpack(checkout: &Checkout) -> Outcome<String> {
    let _ = std::fs::remove_dir_all(folder(checkout));
    let probe = folder(checkout).join("copy.git");
    let mut git = checkout.command("git");
    run(git
        .args(["-c", "init.defaultBranch=main", "clone", "--quiet", "--bare"])
        .arg(bundle(checkout))
        .arg(&probe))?;
    capture(checkout.command("git").arg("-C").arg(&probe).args(["log", "-1", "--format=%s"]))
}
